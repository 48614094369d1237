/** One thing that is wrong, as `application/problem+json` (RFC 9457) tells it. */
export interface Problem {
  status: number;
  /** Stable, snake_case: programs decide by it. */
  code: string;
  title: string;
  /** For people: what happened and what to do next. */
  detail: string;
}

export const problemType = 'application/problem+json; charset=utf-8';

/** The body of a problem. `instance` is the request's id, to be found in the logs. */
export function problemBody(problem: Problem, requestId?: string): string {
  const { status, code, title, detail } = problem;
  return JSON.stringify({
    type: 'about:blank',
    title,
    status,
    detail,
    code,
    instance: requestId && `urn:request:${requestId}`,
  });
}

/** A problem as a web response. */
export function problemResponse(
  problem: Problem,
  requestId?: string,
  headers: Record<string, string> = {},
): Response {
  return new Response(problemBody(problem, requestId), {
    status: problem.status,
    headers: { 'content-type': problemType, 'cache-control': 'no-store', ...headers },
  });
}

export const problems = {
  bad_address: {
    status: 400,
    code: 'bad_address',
    title: 'That address can’t be read',
    detail:
      'The address holds characters that don’t belong together. Check it, or begin again from the home page.',
  },
  cross_site_request: {
    status: 403,
    code: 'cross_site_request',
    title: 'That came from another site',
    detail: 'For your safety, changes are only taken from our own pages. Open the page here and try again.',
  },
  not_found: {
    status: 404,
    code: 'not_found',
    title: 'There is nothing here',
    detail: 'No such address exists.',
  },
  method_not_allowed: {
    status: 405,
    code: 'method_not_allowed',
    title: 'That can’t be done here',
    detail: 'The address doesn’t take that kind of request. Open it in the ordinary way.',
  },
  body_too_large: {
    status: 413,
    code: 'body_too_large',
    title: 'That is too much at once',
    detail: 'At most 1 MiB (1,048,576 bytes) can be sent. Send less and try again.',
  },
  realtime_unavailable: {
    status: 503,
    code: 'realtime_unavailable',
    title: 'The live part isn’t answering',
    detail: 'It may be starting. Try again in a few seconds.',
  },
} as const satisfies Record<string, Problem>;
