import { problem } from '../api/problem.ts';

export function tooMany(waitSeconds: number): Response {
  const response = problem(
    429,
    'too_many_requests',
    `That was too often. Try again in ${waitSeconds} seconds.`,
  );
  response.headers.set('retry-after', String(waitSeconds));
  return response;
}
