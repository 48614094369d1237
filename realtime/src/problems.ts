/** Every error of ours as RFC 9457 has it; what went wrong inside stays inside. */

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { Problem } from '../contract/http.ts';

type Told = Pick<Problem, 'code' | 'title'> & Partial<Pick<Problem, 'detail' | 'errors'>>;

/** Sends a problem; `instance` is the path without its query. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  told: Told,
): FastifyReply {
  const problem: Problem = { type: 'about:blank', status, instance: pathOf(request), ...told };
  // A string, so that no route's response schema is asked about it.
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .serializer((payload: unknown) => String(payload))
    .send(JSON.stringify(problem));
}

/** What is told of an id that the address and the body don't agree about. */
export const wrongId = (field: string): Told => ({
  code: 'invalid_request',
  title: 'The request is not as it should be',
  detail: `${field}: is another in the address than in the body`,
  errors: [{ field, message: 'is another in the address than in the body' }],
});

export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}

const NAMED: Record<string, [status: number, told: Told]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [
    413,
    { code: 'body_too_large', title: 'The body is larger than this route takes' },
  ],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, { code: 'invalid_json', title: 'The body is not valid JSON' }],
  FST_ERR_CTP_EMPTY_JSON_BODY: [
    400,
    { code: 'invalid_json', title: 'The body is empty where JSON was announced' },
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    415,
    { code: 'unsupported_media_type', title: 'This route does not take that type of content' },
  ],
  FST_ERR_BAD_URL: [400, { code: 'invalid_url', title: 'The address can’t be decoded' }],
  FST_ERR_MAX_PARAM_LENGTH: [414, { code: 'url_too_long', title: 'The address is too long' }],
};

/** Fastify's error handler. An error that nobody expected is logged whole and told as `internal_error`. */
export function handleError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const where = error.validationContext ?? 'request';
    const errors = error.validation.map(({ instancePath, message = 'is wrong' }) => ({
      field: instancePath.replace(/^\//, '').replaceAll('/', '.') || where,
      message,
    }));
    return sendProblem(request, reply, 400, {
      code: 'invalid_request',
      title: 'The request is not as it should be',
      detail: errors.map(({ field, message }) => `${field}: ${message}`).join('; '),
      errors,
    });
  }
  const named = NAMED[error.code];
  if (named) return sendProblem(request, reply, ...named);
  if (error.statusCode === 429)
    return sendProblem(request, reply, 429, {
      code: 'too_many_requests',
      title: 'Too many requests, try again later',
    });
  // The parser's own: JSON with a forbidden key such as __proto__.
  if (error instanceof SyntaxError && error.statusCode === 400)
    return sendProblem(request, reply, ...(NAMED.FST_ERR_CTP_INVALID_JSON_BODY as [number, Told]));
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return sendProblem(request, reply, error.statusCode, {
      code: 'invalid_request',
      title: 'The request is not as it should be',
    });
  }
  request.log.error({ err: error }, 'request failed');
  return sendProblem(request, reply, 500, { code: 'internal_error', title: 'Something went wrong here' });
}
