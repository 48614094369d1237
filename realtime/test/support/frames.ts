/** What is in one or more WebSocket frames, one after the other, as a server sends them (RFC 6455, section 5.2). */
export function textsIn(frames: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < frames.length; ) {
    const short = frames.readUInt8(at + 1);
    let [head, length] = [2, short];
    if (short === 126) [head, length] = [4, frames.readUInt16BE(at + 2)];
    if (short === 127) [head, length] = [10, Number(frames.readBigUInt64BE(at + 2))];
    texts.push(frames.toString('utf8', at + head, at + head + length));
    at += head + length;
  }
  return texts;
}
