import { STATUS_CODES } from 'node:http';
import type { RequestHandler } from 'express';
import { z } from 'zod';

/** An answer that says what went wrong (RFC 9457), with a stable snake_case `code`. */
interface Problem {
  type: 'about:blank';
  title: string;
  status: number;
  detail: string;
  code: string;
  instance: string;
  /** The detail once more: Medusa's admin and its client library look for it under this name. */
  message: string;
  /** Amounts that a person needs to see, such as `refundable_cents`. */
  [figure: `${string}_cents`]: number;
}

const codes: Record<number, string> = { 401: 'unauthorized', 404: 'not_found', 413: 'body_too_large' };

/** What is needed of an Express response; Medusa's types and ours come from two versions of Express's. */
interface Answer {
  status(code: number): { json(body: unknown): unknown };
}

/** Sends a problem; `detail` is for people. */
export function sendProblem(
  response: Answer,
  status: number,
  code: string,
  detail: string,
  figures: Record<string, number> = {},
): void {
  response.status(status).json({ code, detail, figures });
}

const medusaError = z.object({
  code: z.string().optional(),
  type: z.string().optional(),
  detail: z.string().optional(),
  message: z.string().optional(),
  figures: z.record(z.string().endsWith('_cents'), z.number()).optional(),
});

function toProblem(status: number, body: unknown, path: string): Problem {
  const given = medusaError.safeParse(body).data ?? {};
  const title = STATUS_CODES[status] ?? 'Error';
  const detail = given.detail ?? given.message ?? title;
  const code =
    // Our own refusals come with a detail, Medusa's with a message.
    (given.detail === undefined ? undefined : given.code) ??
    codes[status] ??
    given.type ??
    given.code ??
    (status < 500 ? 'invalid_request' : 'internal_error');
  return {
    ...given.figures,
    type: 'about:blank',
    title,
    status,
    detail,
    code,
    instance: path,
    message: detail,
  };
}

/**
 * Turns every JSON answer with a status of 400 or above into a problem. Medusa refuses in many places of its own,
 * past its error handler too, in a form of its own; here they all come by.
 */
export const problems: RequestHandler = (request, response, next) => {
  const path = request.path;
  const json = response.json.bind(response);
  response.json = (body: unknown) => {
    if (response.statusCode < 400) return json(body);
    response.setHeader('content-type', 'application/problem+json');
    return json(toProblem(response.statusCode, body, path));
  };
  next();
};

/** Answers 404. */
export const notFound: RequestHandler = (request, response) => {
  sendProblem(
    response,
    404,
    'not_found',
    `There is nothing at ${request.method} ${request.baseUrl}${request.path}.`,
  );
};
