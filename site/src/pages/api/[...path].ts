import type { APIRoute } from 'astro';
import { passOn } from '../../server/proxy.ts';

/** Everything under /api belongs to realtime. */
export const ALL: APIRoute = ({ request, locals }) =>
  passOn(request, { realtimeUrl: locals.environment.REALTIME_URL, requestId: locals.request_id });
