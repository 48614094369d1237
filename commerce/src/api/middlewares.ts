import {
  defineMiddlewares,
  errorHandler,
  type MedusaErrorHandlerFunction,
  type MedusaNextFunction,
  type MedusaRequest,
  type MedusaResponse,
} from '@medusajs/framework/http';
import { z } from 'zod';
import { sendProblem } from '../http/problem';

// The framework types its handler by one version of Express's types and its parameters by another.
const handleMedusaError = errorHandler() as unknown as MedusaErrorHandlerFunction;
/** How body-parser marks what it throws. */
const bodyError = z.object({ type: z.string(), status: z.number() });

const bodyProblems: Record<string, { code: string; detail: string }> = {
  'entity.too.large': { code: 'body_too_large', detail: 'The body of the request is larger than 1 MiB.' },
  'entity.parse.failed': { code: 'invalid_json', detail: 'The body of the request is not valid JSON.' },
};

/** Medusa's own handler, but for bodies that could not be read: those get an answer that says so plainly. */
function handleError(
  error: unknown,
  request: MedusaRequest,
  response: MedusaResponse,
  next: MedusaNextFunction,
): void | Promise<void> {
  const thrown = bodyError.safeParse(error).data;
  const problem = thrown && bodyProblems[thrown.type];
  if (thrown && problem) return sendProblem(response, thrown.status, problem.code, problem.detail);
  return handleMedusaError(error, request, response, next);
}

export default defineMiddlewares({
  routes: [{ matcher: '/*', bodyParser: { sizeLimit: '1mb' } }],
  errorHandler: handleError,
});
