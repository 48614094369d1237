import type { HeaderList } from '../front/messages.ts';
import { normalised, pathOf } from '../front/target.ts';
import type { Identity } from '../identity/identity.ts';
import type { Outbox } from '../identity/outbox.ts';
import { signInHref } from '../identity/return-to.ts';
import type { Visitor } from '../identity/sessions.ts';
import type { Status } from '../status.ts';
import { createForwarded } from './address.ts';
import { type Answer, type Asked, answerOf } from './answer.ts';
import type { Environment } from './environment.ts';
import type { Front } from './front.ts';
import { createHeadersOf } from './headers.ts';
import type { Logger } from './logger.ts';
import { isOurOwn } from './origin.ts';
import { type Pages, pageOf, webRequest } from './pages.ts';
import { type Asking, createPagesCache, keptUrl } from './pages-cache.ts';
import { type Problem, problemBody, problems, problemType } from './problem.ts';
import type { RateLimits } from './rate-limits.ts';
import { type Access, bodyLimitBytes, type Method, type Route, reading, refusal, routeOf } from './routes.ts';

export interface AnswerParts {
  environment: Environment;
  log: Logger;
  status: Status;
  pages: Pages;
  isStopping: () => boolean;
  /** What pages are given besides what belongs to one request. */
  services: Services;
  rateLimits: RateLimits;
  isDatabaseThere: () => Promise<boolean>;
  /** Calls back whenever something that pages show may have changed. */
  onChange: (listener: () => void) => void;
  /** What the front is told of pages that it may give by itself. */
  front: Pick<Front, 'tell'>;
}

/** What belongs to one request. */
type OfRequest = 'request_id' | 'log' | 'adult' | 'visitor' | 'address' | 'target' | 'refusal' | 'starting';
type Services = Omit<App.Locals, OfRequest> & { identity: Identity; outbox: Outbox };

const mostIgnoredBytes = 48 * 1024 * 1024;
const nobody: Visitor = { state: 'nobody' };
const nothing: Route = { access: { GET: 'anyone' } };

/** What answers every request that the front passes on. */
export function createAnswers(parts: AnswerParts): (asked: Asked) => Promise<Answer> {
  const { environment, log, pages, services, rateLimits, front } = parts;
  const site = new URL(environment.SITE_URL);
  const headersOf = createHeadersOf(environment);
  const forwarded = createForwarded(environment.TRUSTED_PROXIES);

  /** Pages for nobody in particular, written apart from any request: with the question of age, or without it. */
  const keptPages = (adult: boolean) =>
    createPagesCache({
      headersOf,
      publish: (page) => front.tell({ say: 'keep', page: { adult, ...page } }),
      drop: (url) => front.tell({ say: 'drop', adult, url }),
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
  parts.onChange(() => {
    ofAdults.forget();
    ofOthers.forget();
    front.tell({ say: 'forget' });
  });

  return async (asked) => {
    const { id, target, method, headers } = asked;
    const requestLog = log.child({ request_id: id });
    const { address, chain } = forwarded(asked.peer, headers.get('x-forwarded-for') ?? undefined);
    headers.set('x-request-id', id);
    headers.set('x-forwarded-for', chain);
    try {
      return await answer({ ...asked, address, requestLog });
    } catch (error) {
      if (!asked.signal.aborted) requestLog.error({ err: error, method, target }, 'request failed');
      return problemAnswer(problems.internal, id);
    }
  };

  async function answer(asked: Asked & { address: string; requestLog: Logger }): Promise<Answer> {
    const { id, target, method, headers, address, requestLog } = asked;
    const path = pathOf(target);
    const cookie = headers.get('cookie') ?? undefined;
    const adult = services.age.isAdult(cookie);
    const bodyLength = Number(headers.get('content-length') ?? 0);
    let visitor = nobody;

    /** A page that says what it says whatever was asked is read, not sent to. */
    const render = async (
      page: string,
      { as = 'GET', refusal }: { as?: string; refusal?: Problem } = {},
    ): Promise<Answer> => {
      let isTooLarge = false;
      const request = webRequest(asked, {
        url: new URL(`${site.origin}${page}`),
        method: as,
        mostBytes,
        tooLarge: () => {
          isTooLarge = true;
        },
      });
      const ofRequest = { request_id: id, log: requestLog, adult, visitor, address, target, refusal };
      const said = await pageOf(pages, request, { ...services, ...ofRequest });
      return isTooLarge ? refuse(problems.body_too_large) : answerOf(said);
    };

    const found = routeOf(normalised(target) ?? path);
    const route = found?.route ?? nothing;
    const mostBytes = route.bodyBytes ?? bodyLimitBytes;
    const asJson = route.json || path.startsWith('/api/') || path.startsWith('/service/');

    const refuse = async (problem: Problem, more: string[] = []): Promise<Answer> => {
      // What is only a little too large is read to its end, so that a browser shows the answer and no broken connection.
      const closes = problem.status === 413 && bodyLength > mostIgnoredBytes ? ['connection', 'close'] : [];
      if (visitor.state === 'somebody' && problem.status === 403) note(visitor, problem.code, found?.pattern);
      const said =
        asJson || !headers.get('accept')?.includes('text/html')
          ? problemAnswer(problem, id)
          : await render('/refused', { refusal: problem });
      return { ...said, headers: replaced(said.headers, [...closes, ...more]) };
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
    if (!access) return refuse(problems.method_not_allowed, ['allow', allowed(route).join(', ')]);
    if (path === '/health') return json(200, { status: 'ok' });
    if (path === '/ready') return ready(parts, id);
    const url = normalised(target);
    if (url === undefined) return refuse(problems.bad_address);
    if (bodyLength > mostBytes) return refuse(problems.body_too_large);

    const changes = !reading.includes(method);
    const type = headers.get('content-type') ?? '';
    const signed = typeof access === 'object' && 'service' in access;
    if (signed && !/^application\/json\b/.test(type)) return refuse(problems.not_json);
    const report = changes && isReport(path, type);
    const ours = isOurOwn((name) => headers.get(name) ?? undefined, site.origin);

    visitor = signed || report ? nobody : await services.identity.visitor(cookie);
    if (changes && !signed && !report && !ours) return refuse(problems.cross_site_request);
    if (!found) return render('/404');

    const refused = refusal(access, visitor);
    if (refused === problems.not_signed_in && !changes && !asJson)
      return {
        status: 303,
        headers: ['location', signInHref(target), 'cache-control', 'private, no-store'],
        body: null,
      };
    if (refused) return refuse(refused);

    const limits = [
      ...(route.limit && (changes || route.limit === 'sign_in') ? [route.limit] : []),
      ...(changes && !signed && !report ? (['change'] as const) : []),
    ];
    const person_id = visitor.state === 'somebody' ? visitor.person.person_id : null;
    for (const limit of limits) {
      const wait = await rateLimits.take(limit, { address, person_id });
      if (wait !== null) return refuse(problems.too_many_requests, ['retry-after', String(wait)]);
    }
    // Both ways of looking at an address see the same one.
    const search = target.slice(path.length);
    const nobodys = visitor.state === 'nobody' && !services.cartCookie.isIn(cookie);
    const kept = route.kept && !changes && nobodys && keptUrl(url, search, route.kept);
    if (!kept) return render(url + search, { as: method });
    const asking: Asking = {
      accept_encoding: headers.get('accept-encoding') ?? undefined,
      if_none_match: headers.get('if-none-match') ?? undefined,
    };
    return (adult ? ofAdults : ofOthers).answer(kept, asking, { request_id: id, log: requestLog });
  }
}

/** Headers with others in the place of those of the same names. */
function replaced(headers: HeaderList, others: HeaderList): HeaderList {
  const names = new Set(others.filter((_, at) => at % 2 === 0));
  const left = headers.filter((_, at) => !names.has(headers[at - (at % 2)] as string));
  return [...left, ...others];
}

/** What a route says of a method; who may look may also ask for the head alone. */
const accessOf = (route: Route, method: string): Access | undefined =>
  route.access[(method === 'HEAD' ? 'GET' : method) as Method];

const allowed = (route: Route): string[] =>
  Object.keys(route.access).flatMap((method) => (method === 'GET' ? reading : [method]));

/**
 * A browser's reports carry nobody's authority and may come without an origin. Only in the types of a report:
 * what a form of another site can send is refused here, before Astro does it in its own words.
 */
function isReport(path: string, type: string): boolean {
  return (
    /^\/api\/reports\/*$/.test(path) &&
    /^application\/(reports\+json|csp-report|json)(;\s*charset=[\w-]+)?$/i.test(type)
  );
}

async function ready(parts: AnswerParts, id: string): Promise<Answer> {
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
  return parts.isStopping()
    ? json(503, { status: 'not_ready', checks: { ...checks, pages: 'stopping' } })
    : json(200, { status: 'ready', checks });
}

const problemAnswer = (problem: Problem, id: string): Answer => ({
  status: problem.status,
  headers: ['content-type', problemType, 'cache-control', 'no-store'],
  body: Buffer.from(problemBody(problem, id)),
});

const json = (status: number, body: unknown): Answer => ({
  status,
  headers: ['content-type', 'application/json; charset=utf-8', 'cache-control', 'no-store'],
  body: Buffer.from(JSON.stringify(body)),
});
