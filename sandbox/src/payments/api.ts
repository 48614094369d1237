/** The door of the API: who asks, what they ask for, once for each idempotency key. */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type pg from 'pg';
import { errorFields, type Log } from '../log.ts';
import { isLockTimeout, transaction } from './database.ts';
import { ApiError, badParameter } from './errors.ts';
import { API_VERSION } from './events.ts';
import { expand } from './expand.ts';
import { type Form, parseForm } from './form.ts';
import { newId } from './ids.ts';
import { list, readParams, text } from './params.ts';
import { findRoute, type Route } from './routes.ts';
import type { Settings, Work } from './work.ts';

const MOST_BODY_BYTES = 1024 * 1024;
const LONGEST_KEY = 255;
/** How long an idempotency key is remembered; Stripe's own time. */
export const KEY_LIFE = '24 hours';

interface Answer {
  status: number;
  body: unknown;
  /** The first request with the same idempotency key. */
  replayed?: string;
}

export interface Api {
  pool: pg.Pool;
  settings: Settings;
  secretKey: string;
  log: Log;
  routes: Route[];
  /** Called after every request that may have written events. */
  onWrite: () => void;
}

/** Answers a handler for everything under `/v1` and `/sandbox`. */
export function createApi({ pool, settings, secretKey, log, routes, onWrite }: Api) {
  return async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = newId('req', 14);
    const key = header(request, 'idempotency-key');
    const version = header(request, 'stripe-version') ?? API_VERSION;
    response.setHeader('request-id', requestId);
    response.setHeader('stripe-version', version);
    if (key) response.setHeader('idempotency-key', key);

    let answer: Answer;
    try {
      checkKey(request, secretKey);
      checkVersion(version);
      answer = await run(request, requestId, key);
    } catch (error) {
      answer = toAnswer(error, (unknown) =>
        log.error('request failed', { request_id: requestId, ...errorFields(unknown) }),
      );
    }
    if (answer.status === 401) response.setHeader('www-authenticate', 'Bearer realm="Stripe"');
    if (answer.replayed) {
      response.setHeader('idempotent-replayed', 'true');
      response.setHeader('original-request', answer.replayed);
    }
    // A body that was not read to its end is still coming: this connection can't be used again.
    if (answer.status === 413) response.setHeader('connection', 'close');
    response.writeHead(answer.status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : `${JSON.stringify(answer.body, null, 2)}\n`);
    if (request.method !== 'GET') onWrite();
  };

  async function run(request: IncomingMessage, requestId: string, key: string | undefined): Promise<Answer> {
    const { method = 'GET', url = '/' } = request;
    const [path = '/', query = ''] = url.split('?', 2);
    const found = findRoute(routes, method, path);
    const { expand: expandGiven, ...params } = parseForm(method === 'GET' ? query : await readBody(request));
    const paths = expandGiven === undefined ? [] : readExpand(expandGiven);
    const usedKey = method === 'POST' ? key : undefined;

    return transaction(pool, async (db) => {
      const work: Work = {
        db,
        now: Math.floor(Date.now() / 1_000),
        request: { id: requestId, idempotency_key: usedKey ?? null },
        settings,
      };
      const act = async () => {
        const result = await found.route.act(work, params, found.ids);
        if (result instanceof ApiError) return { status: result.status, body: { error: result.body } };
        // What is answered is written by now: it may be filled without reaching the store.
        await expand(work, result, paths);
        return { status: 200, body: result };
      };
      return usedKey ? once(work, usedKey, path, { ...params, expand: paths }, act) : act();
    });
  }
}

/** Stripe's idempotency: https://docs.stripe.com/api/idempotent_requests */
async function once(
  { db, request }: Work,
  key: string,
  path: string,
  params: unknown,
  act: () => Promise<Answer>,
): Promise<Answer> {
  if (key.length > LONGEST_KEY) {
    throw badParameter(`Idempotency keys can be at most ${LONGEST_KEY} characters long.`);
  }
  const { rows: locks } = await db.query<{ got: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended('payments.idempotency ' || $1, 0)) AS got`,
    [key],
  );
  if (!locks[0]?.got) {
    throw new ApiError(
      409,
      {
        type: 'idempotency_error',
        code: 'idempotency_key_in_use',
        message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}.`,
      },
      false,
    );
  }

  const fingerprint = createHash('sha256').update(canonical(params)).digest('hex');
  const { rows } = await db.query<{
    path: string;
    fingerprint: string;
    request_id: string;
    status: number;
    body: unknown;
  }>(
    `SELECT path, fingerprint, request_id, status, body FROM payments.idempotency
     WHERE key = $1 AND created_at > now() - interval '${KEY_LIFE}'`,
    [key],
  );
  const [kept] = rows;
  if (kept && (kept.path !== path || kept.fingerprint !== fingerprint)) {
    throw new ApiError(
      400,
      {
        type: 'idempotency_error',
        message:
          kept.path === path
            ? `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`
            : `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${path}' vs '${kept.path}'). Try using a key other than '${key}' if you meant to execute a different request.`,
      },
      false,
    );
  }
  if (kept) return { status: kept.status, body: kept.body, replayed: kept.request_id };

  await db.query('SAVEPOINT act');
  let answer: Answer;
  try {
    answer = await act();
  } catch (error) {
    if (!(error instanceof ApiError) || !error.kept) throw error;
    await db.query('ROLLBACK TO SAVEPOINT act');
    answer = { status: error.status, body: { error: error.body } };
  }
  await db.query(
    `INSERT INTO payments.idempotency (key, path, fingerprint, request_id, status, body)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (key) DO UPDATE SET path = excluded.path, fingerprint = excluded.fingerprint,
       request_id = excluded.request_id, status = excluded.status, body = excluded.body, created_at = now()`,
    [key, path, fingerprint, request.id, answer.status, JSON.stringify(answer.body)],
  );
  return answer;
}

/** The same text for the same parameters, in whatever order they came. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}

const expandParam = list(text);

function readExpand(given: string | Form): string[] {
  return readParams(expandParam, given);
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function checkKey(request: IncomingMessage, secretKey: string): void {
  const given = header(request, 'authorization') ?? '';
  const bearer = /^Bearer +(\S+)$/i.exec(given)?.[1];
  const basic = /^Basic +(\S+)$/i.exec(given)?.[1];
  const key = bearer ?? (basic ? Buffer.from(basic, 'base64').toString('utf8').split(':', 1)[0] : undefined);
  if (!key) {
    throw unauthorised(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    );
  }
  const [one, other] = [key, secretKey].map((part) => createHash('sha256').update(part).digest());
  if (!one || !other || !timingSafeEqual(one, other)) {
    throw unauthorised(`Invalid API Key provided: ${masked(key)}`);
  }
}

function unauthorised(message: string): ApiError {
  return new ApiError(401, { type: 'invalid_request_error', message }, false);
}

/** As Stripe shows a key that it refuses: never whole. */
function masked(key: string): string {
  return key.length <= 12
    ? '*'.repeat(key.length)
    : `${key.slice(0, 4)}${'*'.repeat(key.length - 8)}${key.slice(-4)}`;
}

function checkVersion(version: string): void {
  if (!/^\d{4}-\d{2}-\d{2}(\.[a-z_]+)?$/.test(version)) {
    throw badParameter(`Invalid Stripe API version: ${version}`);
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const type = header(request, 'content-type');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) {
      throw new ApiError(413, { type: 'invalid_request_error', message: 'The request is too large.' }, false);
    }
    chunks.push(chunk);
  }
  if (size > 0 && !type?.startsWith('application/x-www-form-urlencoded')) {
    throw badParameter(
      `Invalid request: the content type must be application/x-www-form-urlencoded, not ${type ?? 'none'}.`,
    );
  }
  return Buffer.concat(chunks).toString('utf8');
}

function toAnswer(error: unknown, onUnknown: (error: unknown) => void): Answer {
  if (error instanceof ApiError) return { status: error.status, body: { error: error.body } };
  if (isLockTimeout(error)) {
    return {
      status: 429,
      body: {
        error: {
          type: 'invalid_request_error',
          code: 'lock_timeout',
          message:
            'This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If you see this error intermittently, retry the request.',
        },
      },
    };
  }
  onUnknown(error);
  return {
    status: 500,
    body: { error: { type: 'api_error', message: 'An error occurred in the payments sandbox.' } },
  };
}
