import type { APIRoute } from 'astro';
import { problemResponse, problems } from '../../../server/problem.ts';

const headers = { 'cache-control': 'no-store' };

/** How a top-up of one's own stands now, for the page that waits for it. */
export const GET: APIRoute = async ({ params, locals }) => {
  const { visitor, topUps, request_id } = locals;
  if (visitor.state !== 'somebody') return problemResponse(problems.not_signed_in, request_id);
  const answer = await topUps.one(visitor, params.id ?? '', request_id);
  if (answer.ok) return Response.json({ state: answer.value.state }, { headers });
  if (answer.refused.status === 404) return problemResponse(problems.not_found, request_id);
  return problemResponse(problems.payments_unavailable, request_id, { 'retry-after': '5' });
};
