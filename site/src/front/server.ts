import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createCookies } from '../identity/cookies.ts';
import { createAge } from '../server/age.ts';
import { createHeadersOf } from '../server/headers.ts';
import { type Lines, type Logger, logKept } from '../server/logger.ts';
import { requestId } from '../server/request-id.ts';
import { reading } from '../server/routes.ts';
import { createCartCookie } from '../shop/cart-cookie.ts';
import type { Kept } from './kept.ts';
import type { FrontOptions } from './messages.ts';
import type { Passing } from './passing.ts';
import { readRawHead } from './raw-head.ts';
import { normalised, pathOf } from './target.ts';

type StaticFiles = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

export interface FrontParts {
  environment: FrontOptions['environment'];
  log: Logger;
  lines: Lines;
  files: StaticFiles;
  passing: Passing;
  kept: { adults: Kept; others: Kept };
}

/** The site's HTTP server, not yet listening: a kept page, a file, or passed on to the pages' thread, in this order. */
export function createHttpServer({ environment, log, lines, files, passing, kept }: FrontParts): Server {
  const cookies = createCookies(environment.SITE_URL);
  const cartCookie = createCartCookie(environment.SITE_URL);
  const age = createAge(environment.SITE_URL);
  const headersOf = createHeadersOf(environment);
  const isNobodys = (cookie: string | undefined) =>
    cookie === undefined || !(cookies.isSessionIn(cookie) || cartCookie.isIn(cookie));

  const server = createServer((request, response) => {
    const target = request.url ?? '/';
    const path = pathOf(target);
    const method = request.method ?? 'GET';
    const { request_id, cookie, accept_encoding, if_none_match, has_body } = readRawHead(request.rawHeaders);
    const id = requestId(request_id);
    const reads = reading.includes(method);

    // A kept page goes out ahead of everything that such a request doesn't need. It was kept under this very address by the
    // pages' thread, so all that is asked there of the address has been.
    if (reads && !has_body && isNobodys(cookie)) {
      const asking = { method, accept_encoding, if_none_match, response };
      if ((age.isAdult(cookie) ? kept.adults : kept.others).answer(target, asking, id)) {
        logKept(log, lines, { request_id: id, method, path, status: response.statusCode });
        return;
      }
    }

    const started = performance.now();
    response.once('close', () => {
      log.info(
        {
          request_id: id,
          method,
          path,
          status: response.statusCode,
          duration_ms: Math.round((performance.now() - started) * 10) / 10,
          ...(response.writableFinished ? {} : { aborted: true }),
        },
        'request',
      );
    });
    response.setHeader('X-Request-Id', id);
    for (const [name, value] of Object.entries(headersOf(path))) response.setHeader(name, value);

    const pass = () => passing.pass(id, request, response);
    if (reads && normalised(target) !== undefined) files(request, response, pass);
    else pass();
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  return server;
}

/**
 * Stops taking requests and waits for those in flight.
 *
 * @param patienceMs after which connections still open are cut.
 */
export async function stopServer(server: Server, patienceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection kept alive is idle only after the answer that it is waiting for.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
