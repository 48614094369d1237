import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import compression from 'compression';
import type { Status } from '../status.ts';
import type { Environment } from './environment.ts';
import { securityHeaders } from './headers.ts';
import { bodyLimitBytes } from './limits.ts';
import type { Logger } from './logger.ts';
import { isOurOwn } from './origin.ts';
import { type Problem, problemBody, problems, problemType } from './problem.ts';
import { requestId } from './request-id.ts';

type Next = () => void;
type StaticFiles = (request: IncomingMessage, response: ServerResponse, next: Next) => void;
/** Astro's handler in `middleware` mode: with `next`, an address without a page is left to us. */
export type PageHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next: Next | undefined,
  locals: App.Locals,
) => void | Promise<void>;

export interface ServerParts {
  environment: Environment;
  log: Logger;
  status: Status;
  files: StaticFiles;
  pages: PageHandler;
  isStopping: () => boolean;
  /** What pages are given besides what belongs to one request. */
  services: Omit<App.Locals, 'request_id' | 'log' | 'refusal' | 'starting'>;
}

/** What pages and files take. */
const reading = ['GET', 'HEAD'];
/** What realtime takes under /api. */
const calling = [...reading, 'POST'];

/** The site's HTTP server, not yet listening. */
export function createHttpServer(parts: ServerParts): Server {
  const { environment, log, status, files, pages, services, isStopping } = parts;
  const site = new URL(environment.SITE_URL);
  const headers = Object.entries(securityHeaders(environment));
  // Files were compressed when they were built; JSON of /api comes as realtime sends it.
  const compress = compression({
    filter: (_, response) => /^text\/html/.test(String(response.getHeader('content-type'))),
  });

  const server = createServer((request, response) => {
    const started = performance.now();
    const id = requestId(request.headers['x-request-id']);
    const path = request.url?.split('?', 1)[0] ?? '/';
    const method = request.method ?? 'GET';
    const requestLog = log.child({ request_id: id });

    request.headers['x-request-id'] = id;
    // As a proxy does: each adds whom it heard it from, so that the next one can tell how far to believe it.
    request.headers['x-forwarded-for'] = [request.headers['x-forwarded-for'], request.socket.remoteAddress]
      .filter(Boolean)
      .join(', ');
    response.setHeader('X-Request-Id', id);
    for (const [name, value] of headers) response.setHeader(name, value);
    response.once('close', () => {
      requestLog.info(
        {
          method,
          path,
          status: response.statusCode,
          duration_ms: Math.round((performance.now() - started) * 10) / 10,
          ...(response.writableFinished ? {} : { aborted: true }),
        },
        'request',
      );
    });

    const render = (refusal?: Problem) => {
      // Pages see the public address, whatever a proxy or a visitor wrote here.
      request.headers['x-forwarded-host'] = site.host;
      request.headers['x-forwarded-proto'] = site.protocol.slice(0, -1);
      delete request.headers['x-forwarded-port'];
      const locals: App.Locals = { ...services, request_id: id, log: requestLog, refusal };
      const noPage = () => {
        request.url = '/404';
        void pages(request, response, undefined, locals);
      };
      compress(request as never, response as never, () => void pages(request, response, noPage, locals));
    };

    const refuse = (problem: Problem) => {
      if (problem.status === 413) response.setHeader('Connection', 'close');
      if (path.startsWith('/api/') || !request.headers.accept?.includes('text/html')) {
        response.writeHead(problem.status, { 'Content-Type': problemType, 'Cache-Control': 'no-store' });
        return response.end(problemBody(problem, id));
      }
      request.method = 'GET';
      request.url = '/refused';
      return render(problem);
    };

    const methods = path.startsWith('/api/') ? calling : reading;
    if (!methods.includes(method)) {
      response.setHeader('Allow', methods.join(', '));
      return refuse(problems.method_not_allowed);
    }
    if (path === '/health') return json(response, 200, { status: 'ok' });
    if (path === '/ready') return void answerReady(response, status, isStopping, id);
    if (!isReadable(request.url)) return refuse(problems.bad_address);
    if (Number(request.headers['content-length'] ?? 0) > bodyLimitBytes)
      return refuse(problems.body_too_large);
    if (!reading.includes(method) && !isReport(path, request.headers['content-type'])) {
      const ours = isOurOwn((name) => request.headers[name] as string | undefined, site.origin);
      if (!ours) return refuse(problems.cross_site_request);
    }
    files(request, response, () => render());
  });

  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  return server;
}

/**
 * A browser's reports carry nobody's authority and may come without an origin. Only in the types of a report:
 * what a form of another site can send is refused here, before Astro does it in its own words.
 */
function isReport(path: string, type = ''): boolean {
  return (
    /^\/api\/reports\/*$/.test(path) &&
    /^application\/(reports\+json|csp-report|json)(;\s*charset=[\w-]+)?$/i.test(type)
  );
}

async function answerReady(
  response: ServerResponse,
  status: Status,
  isStopping: () => boolean,
  id: string,
): Promise<void> {
  // The site serves as soon as it listens: what is still starting is shown, and doesn't hold it back.
  const { cms, commerce, realtime } = await status.all(id);
  const word = (state: string) => (state === 'ready' ? 'ok' : state);
  const checks = {
    pages: 'ok',
    cms: word(cms.state),
    commerce: word(commerce.state),
    realtime: word(realtime.state),
  };
  if (isStopping())
    return json(response, 503, { status: 'not_ready', checks: { ...checks, pages: 'stopping' } });
  json(response, 200, { status: 'ready', checks });
}

function json(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
  });
  response.end(JSON.stringify(body));
}

function isReadable(url: string | undefined): boolean {
  if (!url?.startsWith('/')) return false;
  try {
    decodeURI(url.split('?', 1)[0] as string);
    return URL.canParse(url, 'http://site');
  } catch {
    return false;
  }
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
