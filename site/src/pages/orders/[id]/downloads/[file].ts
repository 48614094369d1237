import type { APIRoute } from 'astro';
import { signInHref } from '../../../../identity/return-to.ts';

/** Leads to a file of an order of one's own, by a link of five minutes; or back to the order, which says why not. */
export const GET: APIRoute = async ({ params, locals, redirect }) => {
  const { visitor, shop, request_id } = locals;
  const order = `/orders/${encodeURIComponent(params.id ?? '')}`;
  if (visitor.state !== 'somebody') return redirect(signInHref(order), 303);
  const answer = await shop.download(visitor, params.id ?? '', params.file ?? '', request_id);
  if (answer.ok) return redirect(answer.value.url, 303);
  const why = { download_limit: 'limit', download_taken_back: 'taken-back' }[answer.refused.code];
  return redirect(`${order}?download=${why ?? 'failed'}`, 303);
};
