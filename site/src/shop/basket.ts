import type { AstroGlobal } from 'astro';
import type { Answer, Refused } from '../calls.ts';
import type { Session } from '../identity/sessions.ts';
import type { Cart } from './shop.ts';

type Context = Pick<AstroGlobal, 'locals' | 'cookies'>;

/** Who looks at the shop: somebody who is signed in, or a guest. */
export const shopper = ({ locals: { visitor } }: Context): Session | undefined =>
  visitor.state === 'somebody' ? visitor : undefined;

/**
 * The visitor's cart; nothing when there is none. What somebody chose before they signed in becomes theirs here, and the
 * cookie tells what there is from then on.
 */
export async function basketOf(
  context: Context,
): Promise<{ cart: Cart | undefined; refused: Refused | undefined }> {
  const { shop, cartCookie, request_id } = context.locals;
  const kept = cartCookie.read(context.cookies);
  const session = shopper(context);
  let answer: Answer<Cart>;
  if (session)
    answer = kept ? await shop.claim(session, kept.id, request_id) : await shop.ownCart(session, request_id);
  else if (kept) answer = await shop.cart(undefined, kept.id, request_id);
  else return { cart: undefined, refused: undefined };
  if (answer.ok) {
    cartCookie.write(context.cookies, answer.value);
    return { cart: answer.value, refused: undefined };
  }
  if (answer.refused.status !== 404) return { cart: undefined, refused: answer.refused };
  if (kept) cartCookie.clear(context.cookies);
  return { cart: undefined, refused: undefined };
}
