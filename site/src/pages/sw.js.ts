import type { APIRoute } from 'astro';
import worker from '../scripts/service-worker.js?raw';

/** The service worker. It fetches in its own name, so it has a policy of its own. */
export const GET: APIRoute = () =>
  new Response(worker, {
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': "default-src 'none'; connect-src 'self'",
    },
  });
