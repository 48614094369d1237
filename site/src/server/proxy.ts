import { bodyLimitBytes } from './limits.ts';
import { problemResponse, problems } from './problem.ts';

/** What realtime answers under /api. What isn't named here isn't passed on. */
const prefixes = ['/api/time', '/api/reports'];

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
}

/** Passes a request on to realtime and its answer back, as a stream. Whatever goes wrong is a problem in JSON. */
export async function passOn(request: Request, { realtimeUrl, requestId }: ProxyTarget): Promise<Response> {
  const url = new URL(request.url);
  const path = url.pathname.replace(/\/+$/, '');
  if (disguised.test(path) || !prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))) {
    return problemResponse(problems.not_found, requestId);
  }

  const body = await readBody(request);
  if (body === null) return problemResponse(problems.body_too_large, requestId, { connection: 'close' });

  const headers = new Headers({ 'x-request-id': requestId, 'accept-encoding': 'identity' });
  for (const name of passedOn) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }

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
    return new Response(answer.body, { status: answer.status, headers: kept });
  } catch {
    return problemResponse(problems.realtime_unavailable, requestId, { 'retry-after': '5' });
  } finally {
    clearTimeout(late);
  }
}

/** The whole body, or null when it is larger than any route takes. It is small, so it need not be streamed. */
async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > bodyLimitBytes) return null;
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
