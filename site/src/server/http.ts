import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Identity } from '../identity/identity.ts';
import type { Outbox } from '../identity/outbox.ts';
import { signInHref } from '../identity/return-to.ts';
import type { Visitor } from '../identity/sessions.ts';
import type { Status } from '../status.ts';
import { createForwarded } from './address.ts';
import type { Environment } from './environment.ts';
import { isPreview, permissionsPolicy, securityHeaders } from './headers.ts';
import { type Logger, logKept } from './logger.ts';
import { isOurOwn } from './origin.ts';
import { type Pages, pageOf, send, webRequest } from './pages.ts';
import { type Asking, createPagesCache, keptUrl } from './pages-cache.ts';
import { type Problem, problemBody, problems, problemType } from './problem.ts';
import type { RateLimits } from './rate-limits.ts';
import { readRawHead } from './raw-head.ts';
import { requestId } from './request-id.ts';
import { type Access, bodyLimitBytes, type Method, type Route, reading, refusal, routeOf } from './routes.ts';

type Next = () => void;
type StaticFiles = (request: IncomingMessage, response: ServerResponse, next: Next) => void;

export interface ServerParts {
  environment: Environment;
  log: Logger;
  status: Status;
  files: StaticFiles;
  pages: Pages;
  isStopping: () => boolean;
  /** What pages are given besides what belongs to one request. */
  services: Services;
  rateLimits: RateLimits;
  isDatabaseThere: () => Promise<boolean>;
  /** Calls back whenever something that pages show may have changed. */
  onChange: (listener: () => void) => void;
}

/** What belongs to one request. */
type OfRequest = 'request_id' | 'log' | 'adult' | 'visitor' | 'address' | 'target' | 'refusal' | 'starting';
type Services = Omit<App.Locals, OfRequest> & { identity: Identity; outbox: Outbox };

const mostIgnoredBytes = 48 * 1024 * 1024;
const nobody: Visitor = { state: 'nobody' };
const nothing: Route = { access: { GET: 'anyone' } };

/** The site's HTTP server, not yet listening. */
export function createHttpServer(parts: ServerParts): Server {
  const { environment, log, files, pages, services, rateLimits } = parts;
  const site = new URL(environment.SITE_URL);
  /** What every answer at a path says. */
  const everywhere = securityHeaders(environment);
  const headersOf = (path: string): Record<string, string> => {
    const headers: Record<string, string> = { ...everywhere, 'Permissions-Policy': permissionsPolicy(path) };
    // Who may frame it says its policy, by name.
    if (isPreview(path)) delete headers['X-Frame-Options'];
    return headers;
  };
  const forwarded = createForwarded(environment.TRUSTED_PROXIES);

  /** Pages for nobody in particular, written apart from any request: with the question of age, or without it. */
  const keptPages = (adult: boolean) =>
    createPagesCache({
      headersOf,
      async render(url, asker) {
        const locals: App.Locals = {
          ...services,
          ...asker,
          adult,
          visitor: nobody,
          address: '',
          target: url,
          refusal: undefined,
        };
        // Not through a request of Node's that isn't one: whatever has another form slows all that Node does with the real ones.
        const request = new Request(`${site.origin}${url}`, { headers: { accept: 'text/html' } });
        const answer = await pageOf(pages, request, locals);
        return {
          status: answer.status,
          headers: Object.fromEntries(answer.headers),
          body: Buffer.from(await answer.arrayBuffer()),
        };
      },
    });
  const ofAdults = keptPages(true);
  const ofOthers = keptPages(false);
  const keptFor = (cookie: string | undefined) => (services.age.isAdult(cookie) ? ofAdults : ofOthers);
  parts.onChange(ofAdults.forget);
  parts.onChange(ofOthers.forget);

  const isNobodys = (cookie: string | undefined) =>
    cookie === undefined || !(services.identity.isBrought(cookie) || services.cartCookie.isIn(cookie));

  const server = createServer((request, response) => {
    const target = request.url ?? '/';
    const query = target.indexOf('?');
    const path = query < 0 ? target : target.slice(0, query);
    const method = request.method ?? 'GET';
    const { request_id, cookie, accept_encoding, if_none_match, has_body } = readRawHead(request.rawHeaders);
    const id = requestId(request_id);
    const asking = { method, accept_encoding, if_none_match, response };

    // A kept page goes out ahead of everything that such a request doesn't need. It was kept under this very address by the
    // long way below, so all that is asked there of the address has been.
    if (
      reading.includes(method) &&
      isNobodys(cookie) &&
      !has_body &&
      keptFor(cookie).answerAtOnce(target, asking, id)
    ) {
      logKept(log, { request_id: id, method, path, status: response.statusCode });
      return;
    }
    const started = performance.now();

    const requestLog = log.child({ request_id: id });
    const { address, chain } = forwarded(request.socket.remoteAddress, request.headers['x-forwarded-for']);

    request.headers['x-request-id'] = id;
    request.headers['x-forwarded-for'] = chain;
    response.setHeader('X-Request-Id', id);
    for (const [name, value] of Object.entries(headersOf(path))) response.setHeader(name, value);
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

    const answer = { request, response, id, target, path, method, asking, address, requestLog };
    handle(answer).catch((error: unknown) => {
      requestLog.error({ err: error }, 'request failed');
      if (response.headersSent) response.destroy();
      else json(response, 500, { status: 500, code: 'internal', title: 'Something went wrong on our side' });
    });
  });

  interface Answer {
    request: IncomingMessage;
    response: ServerResponse;
    id: string;
    target: string;
    path: string;
    method: string;
    asking: Asking;
    address: string;
    requestLog: Logger;
  }

  async function handle(answer: Answer): Promise<void> {
    const { request, response, id, target, path, method, asking, address, requestLog } = answer;
    const bodyLength = Number(request.headers['content-length'] ?? 0);
    let visitor = nobody;

    /** A page that says what it says whatever was asked is read, not sent to. */
    const render = async (page: string, { as = 'GET', refusal }: { as?: string; refusal?: Problem } = {}) => {
      const adult = services.age.isAdult(request.headers.cookie);
      const ofRequest = { request_id: id, log: requestLog, adult, visitor, address, target, refusal };
      let isTooLarge = false;
      const asked = webRequest(request, response, {
        url: new URL(`${site.origin}${page}`),
        method: as,
        mostBytes,
        tooLarge: () => {
          isTooLarge = true;
        },
      });
      const said = await pageOf(pages, asked, { ...services, ...ofRequest });
      if (!isTooLarge) return send(said, response);
      request.resume();
      return refuse(problems.body_too_large);
    };

    const found = routeOf(normalised(target) ?? path);
    const route = found?.route ?? nothing;
    const mostBytes = route.bodyBytes ?? bodyLimitBytes;
    const asJson = route.json || path.startsWith('/api/') || path.startsWith('/service/');

    const refuse = async (problem: Problem, more: Record<string, string> = {}) => {
      // What is only a little too large is read to its end, so that a browser shows the answer and no broken connection.
      if (problem.status === 413 && bodyLength > mostIgnoredBytes) response.setHeader('Connection', 'close');
      for (const [name, value] of Object.entries(more)) response.setHeader(name, value);
      if (visitor.state === 'somebody' && problem.status === 403) note(visitor, problem.code, found?.pattern);
      if (asJson || !request.headers.accept?.includes('text/html')) {
        response.writeHead(problem.status, { 'Content-Type': problemType, 'Cache-Control': 'no-store' });
        response.end(problemBody(problem, id));
        return;
      }
      await render('/refused', { refusal: problem });
    };
    const note = (by: Visitor & { state: 'somebody' }, reason: string, subject: string | null = null) =>
      services.outbox.audit({
        action: 'refusal',
        outcome: 'refused',
        actor_person_id: by.person.person_id,
        subject,
        reason,
        address,
      });

    const access = accessOf(route, method);
    if (!access) {
      response.setHeader('Allow', allowed(route).join(', '));
      return refuse(problems.method_not_allowed);
    }
    if (path === '/health') return json(response, 200, { status: 'ok' });
    if (path === '/ready') return answerReady(parts, response, id);
    const url = normalised(target);
    if (url === undefined) return refuse(problems.bad_address);
    if (bodyLength > mostBytes) return refuse(problems.body_too_large);

    const changes = !reading.includes(method);
    const signed = typeof access === 'object' && 'service' in access;
    if (signed && !/^application\/json\b/.test(request.headers['content-type'] ?? ''))
      return refuse(problems.not_json);
    const report = changes && isReport(path, request.headers['content-type']);
    const ours = isOurOwn((name) => request.headers[name] as string | undefined, site.origin);
    if (!changes && (await isFile(files, request, response))) return;

    visitor = signed || report ? nobody : await services.identity.visitor(request.headers.cookie);
    if (changes && !signed && !report && !ours) return refuse(problems.cross_site_request);
    if (!found) return render('/404');

    const refused = refusal(access, visitor);
    if (refused === problems.not_signed_in && !changes && !asJson) {
      response.writeHead(303, { Location: signInHref(target), 'Cache-Control': 'private, no-store' });
      response.end();
      return;
    }
    if (refused) return refuse(refused);

    const limits = [
      ...(route.limit && (changes || route.limit === 'sign_in') ? [route.limit] : []),
      ...(changes && !signed && !report ? (['change'] as const) : []),
    ];
    const person_id = visitor.state === 'somebody' ? visitor.person.person_id : null;
    for (const limit of limits) {
      const wait = await rateLimits.take(limit, { address, person_id });
      if (wait !== null) return refuse(problems.too_many_requests, { 'Retry-After': String(wait) });
    }
    // Both ways of looking at an address see the same one.
    const search = target.includes('?') ? target.slice(target.indexOf('?')) : '';
    const nobodys = visitor.state === 'nobody' && !services.cartCookie.isIn(request.headers.cookie);
    const kept = route.kept && !changes && nobodys && keptUrl(url, search, route.kept);
    if (kept)
      return keptFor(request.headers.cookie).answer(kept, asking, { request_id: id, log: requestLog });
    return render(url + search, { as: method });
  }

  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  return server;
}

/** What a route says of a method; who may look may also ask for the head alone. */
const accessOf = (route: Route, method: string): Access | undefined =>
  route.access[(method === 'HEAD' ? 'GET' : method) as Method];

const allowed = (route: Route): string[] =>
  Object.keys(route.access).flatMap((method) => (method === 'GET' ? reading : [method]));

/** Whether the request was for a file, which is answered then. */
function isFile(files: StaticFiles, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    response.once('close', () => resolve(true));
    files(request, response, () => resolve(false));
  });
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

async function answerReady(parts: ServerParts, response: ServerResponse, id: string): Promise<void> {
  // The site serves as soon as it listens: what is still starting is shown, and doesn't hold it back.
  const [{ cms, commerce, realtime }, database] = await Promise.all([
    parts.status.all(id),
    parts.isDatabaseThere(),
  ]);
  const word = (state: string) => (state === 'ready' ? 'ok' : state);
  const checks = {
    pages: 'ok',
    database: database ? 'ok' : 'down',
    cms: word(cms.state),
    commerce: word(commerce.state),
    realtime: word(realtime.state),
  };
  if (parts.isStopping())
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

/** The path of a target as pages see it, dots resolved; nothing when it can't be read. */
function normalised(target: string): string | undefined {
  if (!target.startsWith('/')) return undefined;
  try {
    decodeURI(target.split('?', 1)[0] as string);
    // Two slashes at the start would name a host.
    return new URL(target.replace(/^\/+/, '/'), 'http://site').pathname;
  } catch {
    return undefined;
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
