/** A request as the front passes it on, and what is answered to it. */
import type { HeaderList } from '../front/messages.ts';

export interface Asked {
  id: string;
  /** As it came: may be any word. */
  method: string;
  /** Path and query as they were sent. */
  target: string;
  headers: Headers;
  /** The other end of the connection. */
  peer: string | undefined;
  /** What it brings, read as it is wanted. */
  body: AsyncIterable<Uint8Array>;
  /** Says when whoever asked has gone. */
  signal: AbortSignal;
}

export interface Answer {
  status: number;
  headers: HeaderList;
  body: Uint8Array | ReadableStream<Uint8Array> | null;
}

/** What a page says. HTML goes out whole; whatever else there is may be long, and goes out as it comes. */
export async function answerOf(page: Response): Promise<Answer> {
  const headers = [...page.headers].flat();
  const isHtml = page.headers.get('content-type')?.startsWith('text/html');
  return {
    status: page.status,
    headers,
    body: page.body && isHtml ? new Uint8Array(await page.arrayBuffer()) : page.body,
  };
}
