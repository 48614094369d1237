export type Problem = {
  type: 'about:blank';
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: { path: string; message: string }[];
};

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported content type',
  422: 'Not right yet',
  429: 'Too many requests',
  500: 'Something went wrong',
  503: 'Not ready',
};

/** What an error says about itself (RFC 9457). `code` is stable, for programs; `detail` is for people. */
export function describeProblem(
  status: number,
  code: string,
  detail: string,
  errors?: Problem['errors'],
): Problem {
  return {
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    detail,
    code,
    ...(errors && { errors }),
  };
}

/** The same as a response. */
export function problem(status: number, code: string, detail: string, errors?: Problem['errors']): Response {
  return new Response(JSON.stringify(describeProblem(status, code, detail, errors)), {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
}
