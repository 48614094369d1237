import type { APIContext } from 'astro';
import { refuse } from '../cms/or-starting.ts';
import type { Problem } from '../server/problem.ts';
import type { Asking, Onward } from './identity.ts';

/** What belongs to the request that a page or endpoint answers. */
export const askingOf = ({ request, locals }: Pick<APIContext, 'request' | 'locals'>): Asking => ({
  cookie: request.headers.get('cookie') ?? undefined,
  address: locals.address,
  request_id: locals.request_id,
});

/** Leads the browser on, or shows why not. */
export function respond(context: APIContext, result: Onward | Problem): Promise<Response> | Response {
  if ('code' in result) return refuse(context, result);
  const headers = new Headers({ location: result.location, 'cache-control': 'private, no-store' });
  for (const cookie of result.cookies) headers.append('set-cookie', cookie);
  return new Response(null, { status: 303, headers });
}
