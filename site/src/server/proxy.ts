import { problemResponse, problems } from './problem.ts';

/** What realtime answers to anybody alike. */
const forAll = ['/api/time', '/api/reports', '/.well-known/receipt-keys.json'];

/** What realtime answers to somebody: the access token goes along. What is in neither list isn't passed on. */
const forPeople = [
  '/api/me',
  '/api/sessions',
  '/api/wallet',
  '/api/earnings',
  '/api/readers',
  '/api/queue',
  '/api/socket-tickets',
  '/api/livestream',
  '/api/admin',
];

const isUnder = (prefixes: readonly string[], path: string): boolean =>
  prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
const pathOf = (request: Request): string => new URL(request.url).pathname.replace(/\/+$/, '');

/** Whether it matters who asks. */
export const isOfPerson = (request: Request): boolean => isUnder(forPeople, pathOf(request));

/** A slash, a backslash or two dots in disguise: whoever decodes them might end outside of the prefix. */
const disguised = /%2f|%5c|%2e%2e/i;

/** How long realtime may take until its answer begins. */
const timeoutMs = 10_000;

/** What goes along. Cookies don't: they are the site's own. */
const passedOn = [
  'accept',
  'accept-language',
  'content-type',
  'idempotency-key',
  'if-none-match',
  'last-event-id',
  'user-agent',
  'x-forwarded-for',
];

/** What doesn't come back: what belongs to one connection (RFC 9110, 7.6.1), and what the site decides itself. */
const keptBack = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-security-policy',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'server',
  'set-cookie',
  'strict-transport-security',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-powered-by',
  'x-request-id',
]);

export interface ProxyTarget {
  realtimeUrl: string;
  requestId: string;
  /** Of whoever asks. */
  accessToken?: string;
}

/** Passes a request on to realtime and its answer back, as a stream. Whatever goes wrong is a problem in JSON. */
export async function passOn(
  request: Request,
  { realtimeUrl, requestId, accessToken }: ProxyTarget,
): Promise<Response> {
  const url = new URL(request.url);
  const path = pathOf(request);
  if (disguised.test(path) || !isUnder([...forAll, ...forPeople], path)) {
    return problemResponse(problems.not_found, requestId);
  }

  // No larger than a route takes (answers.ts), so that it need not be streamed.
  const body = await request.arrayBuffer();

  const headers = new Headers({ 'x-request-id': requestId, 'accept-encoding': 'identity' });
  for (const name of passedOn) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  if (accessToken) headers.set('authorization', `Bearer ${accessToken}`);

  // The clock stops when the answer has begun: a stream may last.
  const abort = new AbortController();
  const late = setTimeout(() => abort.abort(new Error('realtime took too long')), timeoutMs);
  const gone = () => abort.abort(request.signal.reason);
  request.signal.addEventListener('abort', gone, { once: true });
  try {
    const answer = await fetch(`${realtimeUrl}${path}${url.search}`, {
      method: request.method,
      headers,
      body: body.byteLength > 0 ? body : null,
      redirect: 'manual',
      signal: abort.signal,
    });
    const kept = new Headers();
    for (const [name, value] of answer.headers) if (!keptBack.has(name)) kept.set(name, value);
    // What is one person's is nobody else's, and no cache's.
    if (accessToken) kept.set('cache-control', 'no-store');
    return new Response(answer.body, { status: answer.status, headers: kept });
  } catch {
    return problemResponse(problems.realtime_unavailable, requestId, { 'retry-after': '5' });
  } finally {
    clearTimeout(late);
  }
}
