import {
  getPayload,
  handleEndpoints,
  type Payload,
  type PayloadRequest,
  type SanitizedConfig,
} from 'payload';
import { partsOf } from '../config.ts';
import { databaseOf } from '../database/sql.ts';
import type { Denial } from '../identity/identity.ts';
import { addressOf } from '../protection/address.ts';
import { auditRefusal } from '../protection/audit.ts';
import { isForeignChange } from '../protection/origin.ts';
import { readBody } from './body.ts';
import { describeProblem, problem } from './problem.ts';
import { queryProblems } from './query.ts';

const CODES: Record<number, string> = {
  400: 'invalid_request',
  401: 'not_signed_in',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'body_too_large',
  429: 'too_many_requests',
};

/** Payload's REST API behind our own door: sizes, queries and JSON are checked before, errors are told in our way after. */
export function createApiHandler(config: Promise<SanitizedConfig> | SanitizedConfig) {
  return async (request: Request): Promise<Response> => {
    const { environment, identity } = partsOf(await config);
    const { cookies } = identity;
    if (isForeignChange(request, cookies.read(request.headers, cookies.session), environment.CMS_URL))
      return problem(403, 'foreign_origin', 'This request doesn’t come from a page of ours.');
    const body = await readBody(request);
    if (body === 'too_large')
      return problem(413, 'body_too_large', 'The body of this request is larger than is accepted here.');

    const type = request.headers.get('content-type') ?? '';
    if (body?.byteLength && type.startsWith('application/json') && !isJson(body)) {
      return problem(400, 'invalid_json', 'The body of this request is not JSON.');
    }
    // The admin sends long queries as a form; they are queries all the same.
    const overridden =
      request.headers.has('x-payload-http-method-override') || request.headers.has('x-http-method-override');
    const asForm = overridden && body && type.startsWith('application/x-www-form-urlencoded');
    const errors = queryProblems(asForm ? new TextDecoder().decode(body) : new URL(request.url).search);
    if (errors.length > 0) {
      return problem(
        400,
        'invalid_query',
        `The query is not right: ${errors.map(({ path, message }) => `${path} ${message}`).join('; ')}.`,
        errors,
      );
    }

    // Payload would call a database that can't be reached at the start a fault of ours; it is a matter of waiting.
    let payload: Payload;
    try {
      payload = await getPayload({ config });
    } catch {
      return problem(503, 'not_ready', 'The CMS can’t reach its database. Try again in a moment.');
    }

    const forwarded = new Request(request.url, {
      method: request.method,
      headers: request.headers,
      ...(body && { body }),
      signal: request.signal,
    });
    // Whoever shows a token that is not good is told so, rather than taken for nobody.
    const known = await identity.byToken(payload, forwarded.headers);
    if (known && !known.ok) {
      const { code, status, person_id } = known.denial;
      // That the issuer is away is nobody's refusal.
      if (status !== 503)
        await auditRefusal(databaseOf(payload), {
          action: 'cms.request',
          reason: code,
          subject: `${request.method} ${new URL(request.url).pathname}`.slice(0, 200),
          actor_person_id: person_id ?? null,
          address: addressOf(request.headers),
        });
      return refuse(known.denial);
    }
    const response = await handleEndpoints({ config, request: forwarded });
    if (response.status === 403) {
      // Payload writes what it finds out about the asker on the request itself.
      const { user } = forwarded as PayloadRequest;
      if (user)
        await auditRefusal(databaseOf(payload), {
          action: 'cms.request',
          reason: 'forbidden',
          subject: `${request.method} ${new URL(request.url).pathname}`.slice(0, 200),
          actor_person_id: user.person_id,
          address: addressOf(request.headers),
        });
    }
    return tellProblem(response);
  };
}

function refuse({ status, code, detail }: Denial): Response {
  const response = problem(status, code, detail);
  if (status === 401) response.headers.set('www-authenticate', 'Bearer error="invalid_token"');
  return response;
}

function isJson(body: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return true;
  } catch {
    return false;
  }
}

/**
 * Gives Payload's errors the members of a problem (RFC 9457). They keep `errors` and the plain JSON content type,
 * by which Payload's admin and SDK know them.
 */
async function tellProblem(response: Response): Promise<Response> {
  if (response.status < 400 || !response.headers.get('content-type')?.startsWith('application/json'))
    return response;
  const told = (await response.json().catch(() => ({}))) as {
    message?: string;
    errors?: { message?: string; data?: unknown }[];
  };
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  const unknownRoute = response.status === 404 && told.message?.startsWith('Route not found');
  if (unknownRoute) {
    headers.set('content-type', 'application/problem+json');
    return new Response(JSON.stringify(describeProblem(404, 'not_found', 'There is no such route.')), {
      status: 404,
      headers,
    });
  }
  const detail = told.errors?.[0]?.message ?? told.message ?? 'Something went wrong.';
  const described = describeProblem(
    response.status,
    codeOf(told.errors?.[0]?.data) ?? CODES[response.status] ?? 'error',
    detail,
  );
  return new Response(JSON.stringify({ ...described, ...told }), { status: response.status, headers });
}

/** The stable code that one of our own hooks gave with its error. */
function codeOf(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !('code' in data)) return undefined;
  return typeof data.code === 'string' ? data.code : undefined;
}
