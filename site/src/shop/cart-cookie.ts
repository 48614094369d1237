import type { AstroCookies } from 'astro';
import type { Cart } from './shop.ts';

/** Which cart a browser has, and how many things are in it: so that no page has to ask for the number in its head. */
export interface CartCookie {
  read(cookies: AstroCookies): { id: string; count: number } | undefined;
  /** Whether a request's `Cookie` header brings one: its pages are nobody else's. */
  isIn(header: string | undefined): boolean;
  write(cookies: AstroCookies, cart: Cart): void;
  clear(cookies: AstroCookies): void;
}

const monthSeconds = 30 * 24 * 60 * 60;

/** Named and marked as the session's is (identity/cookies.ts). */
export function createCartCookie(siteUrl: string): CartCookie {
  const { protocol, hostname } = new URL(siteUrl);
  const plain = protocol === 'http:' && hostname === 'localhost';
  const name = plain ? 'soulseer-cart' : '__Host-soulseer-cart';
  const marks = { path: '/', httpOnly: true, sameSite: 'lax', secure: !plain } as const;
  return {
    isIn: (header = '') => header.split(';').some((pair) => pair.trim().startsWith(`${name}=`)),
    read(cookies) {
      const [, id, count] =
        /^(cart_[A-Za-z0-9]{1,60})\.(\d{1,4})$/.exec(cookies.get(name)?.value ?? '') ?? [];
      return id && count ? { id, count: Number(count) } : undefined;
    },
    write(cookies, cart) {
      const count = cart.items.reduce((sum, { quantity }) => sum + quantity, 0);
      cookies.set(name, `${cart.id}.${count}`, { ...marks, maxAge: monthSeconds });
    },
    clear: (cookies) => cookies.delete(name, marks),
  };
}
