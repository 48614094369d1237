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
  unreadable_form: {
    status: 400,
    code: 'unreadable_form',
    title: 'That form can’t be read',
    detail: 'It didn’t arrive as a form does. Go back and send it again.',
  },
  sign_in_lost: {
    status: 400,
    code: 'sign_in_lost',
    title: 'That sign-in can’t be finished here',
    detail:
      'It took too long, was finished already, or was begun in another browser. Sign in again from here.',
  },
  sign_in_declined: {
    status: 403,
    code: 'sign_in_declined',
    title: 'You haven’t signed in',
    detail: 'The sign-in was called off on the way. Nothing has changed; sign in whenever you like.',
  },
  sign_in_refused: {
    status: 403,
    code: 'sign_in_refused',
    title: 'That sign-in was not accepted',
    detail:
      'What came back from the sign-in service didn’t fit what we had asked for. Sign in again from here.',
  },
  not_signed_in: {
    status: 401,
    code: 'not_signed_in',
    title: 'This is for people who are signed in',
    detail: 'Sign in and try again.',
  },
  role_not_allowed: {
    status: 403,
    code: 'role_not_allowed',
    title: 'This isn’t your part of the house',
    detail: 'Your account has no key to this page. Everything that is yours is on your dashboard.',
  },
  account_suspended: {
    status: 403,
    code: 'account_suspended',
    title: 'Your account is suspended',
    detail:
      'You can look around, but not use your account for now. You have been told why by mail; answer that mail if you think it is a mistake.',
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
  not_json: {
    status: 415,
    code: 'not_json',
    title: 'That is no JSON',
    detail: 'This takes JSON only (Content-Type: application/json).',
  },
  too_many_requests: {
    status: 429,
    code: 'too_many_requests',
    title: 'That was a lot at once',
    detail:
      'To keep everybody’s accounts safe we take only so much in a short time. Wait a minute and try again.',
  },
  identity_unavailable: {
    status: 503,
    code: 'identity_unavailable',
    title: 'Signing in isn’t possible just now',
    detail:
      'The service that says who is who isn’t answering. It should be back shortly; your account and your money are safe. Try again in a minute.',
  },
  sessions_unavailable: {
    status: 503,
    code: 'sessions_unavailable',
    title: 'We can’t look up your account just now',
    detail: 'Our memory of who is signed in isn’t answering. You are still signed in: try again in a minute.',
  },
  payments_unavailable: {
    status: 503,
    code: 'payments_unavailable',
    title: 'Payments can’t be looked up just now',
    detail: 'What was paid is safe and will be in the wallet by itself. Try again in a few seconds.',
  },
  drawing_busy: {
    status: 503,
    code: 'drawing_busy',
    title: 'Too many pictures are being drawn just now',
    detail: 'Ask for this one again in some seconds.',
  },
  cms_unavailable: {
    status: 503,
    code: 'cms_unavailable',
    title: 'That can’t be read just now',
    detail: 'The part that keeps our texts isn’t answering. Try again in half a minute.',
  },
  not_kept: {
    status: 422,
    code: 'not_kept',
    title: 'That couldn’t be kept',
    detail: 'The reader may not be there any more. Go back and try again in a moment.',
  },
  internal: {
    status: 500,
    code: 'internal',
    title: 'Something went wrong on our side',
    detail: 'It has been noted under the number of this request. Try again in a moment.',
  },
  realtime_unavailable: {
    status: 503,
    code: 'realtime_unavailable',
    title: 'The live part isn’t answering',
    detail: 'It may be starting. Try again in a few seconds.',
  },
} as const satisfies Record<string, Problem>;
