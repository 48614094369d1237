import type { APIRoute } from 'astro';
import { problemResponse } from '../server/problem.ts';
import { programNames, statusQuery } from '../status.ts';

const headers = { 'cache-control': 'no-store' };

/** Which of the programs behind the site are ready: all of them, or the one asked for. */
export const GET: APIRoute = async ({ url, locals }) => {
  const { status, request_id } = locals;
  const query = statusQuery.safeParse(Object.fromEntries(url.searchParams));
  if (!query.success) {
    const detail = `“of” is to be one of: ${programNames.join(', ')}. Leave it out to hear about all.`;
    return problemResponse({ status: 400, code: 'bad_query', title: 'Unknown program', detail }, request_id);
  }
  const { of } = query.data;
  return Response.json(of ? await status.of(of, request_id) : await status.all(request_id), { headers });
};
