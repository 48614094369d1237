import type { APIRoute } from 'astro';
import { passOn } from '../../server/proxy.ts';

/** The keys by which anybody can check a receipt: realtime's. */
export const GET: APIRoute = ({ request, locals }) =>
  passOn(request, { realtimeUrl: locals.environment.REALTIME_URL, requestId: locals.request_id });
