// The other side of `pnpm bench site`, in a process of its own: so many connections kept alive, each of which asks again as
// soon as it is answered. It looks at no more of an answer than where it ends, so that the server is what is measured.
import { connect } from 'node:net';
import { quantile } from '../../bench/figures.ts';

export interface Load {
  port: number;
  path: string;
  connections: number;
  seconds: number;
  headers: Record<string, string>;
}

export interface Loaded {
  per_second: number;
  p50_ms: number;
  p99_ms: number;
  /** Answers that were not 200. */
  wrong: number;
}

const endOfHead = Buffer.from('\r\n\r\n');
const endOfChunks = Buffer.from('0\r\n\r\n');

/** Asks until the time is over and gives what was seen. */
async function load({ port, path, connections, seconds, headers }: Load): Promise<Loaded> {
  const lines = Object.entries({ host: `localhost:${port}`, ...headers }).map((pair) => pair.join(': '));
  const question = Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  const took: number[] = [];
  let wrong = 0;
  const began = performance.now();
  const end = began + seconds * 1_000;

  const one = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      let asked = 0;
      let head: Buffer = Buffer.alloc(0);
      /** Bytes to come; nothing while the head is read, endless when the answer comes in chunks. */
      let left: number | undefined;
      const ask = () => {
        asked = performance.now();
        head = Buffer.alloc(0);
        left = undefined;
        socket.write(question);
      };
      socket.on('connect', ask);
      socket.on('error', reject);
      socket.on('data', (chunk: Buffer) => {
        if (left !== undefined) left -= chunk.length;
        else {
          head = head.length ? Buffer.concat([head, chunk]) : chunk;
          const at = head.indexOf(endOfHead);
          if (at < 0) return;
          const text = head.toString('latin1', 0, at);
          if (!text.startsWith('HTTP/1.1 200 ')) wrong += 1;
          const length = /\ncontent-length: (\d+)/i.exec(text)?.[1];
          left =
            length === undefined
              ? Number.POSITIVE_INFINITY
              : Number(length) - (head.length - at - endOfHead.length);
        }
        const isWhole =
          left === Number.POSITIVE_INFINITY ? chunk.subarray(-5).equals(endOfChunks) : left <= 0;
        if (!isWhole) return;
        const now = performance.now();
        took.push(now - asked);
        if (now < end) return ask();
        socket.destroy();
        resolve();
      });
    });

  await Promise.all(Array.from({ length: connections }, one));
  const elapsed = (performance.now() - began) / 1_000;
  return {
    per_second: took.length / elapsed,
    p50_ms: quantile(took, 0.5),
    p99_ms: quantile(took, 0.99),
    wrong,
  };
}

process.on('message', async (given: Load) => process.send?.(await load(given)));
process.on('disconnect', () => process.exit());
