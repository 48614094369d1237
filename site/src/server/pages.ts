/** Between Node's requests and Astro's pages, which take a web request and give a web response. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { BaseApp } from 'astro/app';
import { reading } from './routes.ts';

/** What Astro built of the pages. */
export type Pages = Pick<BaseApp, 'match' | 'render'>;

/** What the page at the request's address says, or the page that says there is none. */
export function pageOf(pages: Pages, request: Request, locals: App.Locals): Promise<Response> {
  const there = pages.match(request) ? request : new Request(new URL('/404', request.url), request);
  return pages.render(there, { addCookieHeader: true, locals });
}

/**
 * A request as pages see it: at the public address, with its headers and, unless it only reads, what it brings. Beyond
 * `mostBytes` that breaks off and `tooLarge` is called. Its signal says when whoever asked has gone.
 */
export function webRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { url, method, mostBytes, tooLarge }: { url: URL; method: string; mostBytes: number; tooLarge: () => void },
): Request {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const headers = new Headers();
  for (const [name, value = []] of Object.entries(request.headers))
    for (const one of [value].flat()) headers.append(name, one);
  const brought = reading.includes(method)
    ? {}
    : { body: upTo(mostBytes, request, tooLarge), duplex: 'half' };
  return new Request(url, { method, headers, signal: gone.signal, ...brought } as RequestInit);
}

async function* upTo(
  mostBytes: number,
  request: IncomingMessage,
  tooLarge: () => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  // The connection stays, so that an answer can still be given.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) {
      tooLarge();
      throw new Error(`more than ${mostBytes} bytes came`);
    }
    yield chunk;
  }
}

/** Sends what a page says. HTML goes out whole; whatever else there is may be long, and goes out as it comes. */
export async function send(page: Response, response: ServerResponse): Promise<void> {
  response.statusCode = page.status;
  for (const [name, value] of page.headers) if (name !== 'set-cookie') response.setHeader(name, value);
  const cookies = page.headers.getSetCookie();
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  if (!page.body || page.headers.get('content-type')?.startsWith('text/html')) {
    response.end(Buffer.from(await page.arrayBuffer()));
    return;
  }
  await pipeline(Readable.fromWeb(page.body as ReadableStream), response).catch((error: unknown) => {
    // Whoever asked has gone: nobody is left to be told.
    if ((error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}
