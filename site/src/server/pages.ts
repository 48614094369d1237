/** Between requests and Astro's pages, which take a web request and give a web response. */
import type { BaseApp } from 'astro/app';
import type { Asked } from './answer.ts';
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
  { headers, body, signal }: Asked,
  { url, method, mostBytes, tooLarge }: { url: URL; method: string; mostBytes: number; tooLarge: () => void },
): Request {
  const brought = reading.includes(method) ? {} : { body: upTo(mostBytes, body, tooLarge), duplex: 'half' };
  return new Request(url, { method, headers, signal, ...brought } as RequestInit);
}

async function* upTo(
  mostBytes: number,
  body: AsyncIterable<Uint8Array>,
  tooLarge: () => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) {
      tooLarge();
      throw new Error(`more than ${mostBytes} bytes came`);
    }
    yield chunk;
  }
}
