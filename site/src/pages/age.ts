import type { APIRoute } from 'astro';
import { ownPath } from '../server/own-path.ts';
import { text } from '../wallet/form.ts';

/** Keeps that somebody is 18 or older, and leads back to the page that asked. */
export const POST: APIRoute = async ({ locals, request }) => {
  const form = await request.formData().catch(() => null);
  const back = form ? text(form, 'back') : '';
  return new Response(null, {
    status: 303,
    headers: {
      location: ownPath(back) ?? '/',
      'set-cookie': locals.age.answered,
      'cache-control': 'no-store',
    },
  });
};
