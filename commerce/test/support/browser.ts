import { expect } from 'vitest';
import type { Shop } from './shop';

let browsers = 0;

/** A browser as far as it matters here: it keeps the cookie, and follows nothing by itself. */
export function openBrowser(shop: Shop) {
  let cookie = '';
  // As its proxy would say; so many sign-ins from one address would be refused.
  const address = `2001:db8::${(++browsers).toString(16)}`;
  return {
    cookie: () => cookie,
    forget: () => (cookie = ''),
    async go(path: string, options: RequestInit = {}): Promise<Response> {
      const url = path.startsWith('http') ? path : `${shop.origin}${path}`;
      const own = url.startsWith(shop.origin);
      const headers = {
        'x-forwarded-for': address,
        ...(own && cookie ? { cookie } : {}),
        ...(options.headers as object),
      };
      const answer = await fetch(url, { redirect: 'manual', ...options, headers });
      const set = answer.headers.get('set-cookie');
      if (own && set) cookie = set.split(';')[0] ?? '';
      return answer;
    },
    /** Signs in as `visitor`; answers where it ends. */
    async signIn(subject: string, wrong: Record<string, unknown> = {}): Promise<string | null> {
      shop.issuer.setVisitor({ sub: subject }, wrong);
      const asked = await this.go('/auth/staff/sign-in');
      const back = await this.go(asked.headers.get('location') ?? '');
      const done = await this.go(back.headers.get('location') ?? '');
      expect(done.status).toBe(303);
      return done.headers.get('location');
    },
    admin(path = '/admin/users/me') {
      return this.go(path);
    },
  };
}

export type Browser = ReturnType<typeof openBrowser>;
