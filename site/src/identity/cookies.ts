/** How this site's cookies are named and marked. */
export interface Cookies {
  /** The session's. */
  session: string;
  /** Whether a `Cookie` header brings a session, be it good or not. */
  isSessionIn(header: string): boolean;
  /** One for each sign-in that is under way in this browser: so tabs don't disturb each other. */
  signIn(state: string): string;
  isSignIn(name: string): boolean;
  /** A `Set-Cookie` value: to this site only, not to be read by scripts. */
  set(name: string, value: string, maxAgeSeconds: number): string;
  clear(name: string): string;
}

/**
 * Everywhere `__Host-` and `Secure`: no other host, no other path, no plain http can set or read them. The one exception
 * is plain http on localhost, where no browser is promised to keep such a cookie: there they are `soulseer` and
 * `soulseer-in-…`, without `Secure`.
 */
export function createCookies(siteUrl: string): Cookies {
  const { protocol, hostname } = new URL(siteUrl);
  const plain = protocol === 'http:' && hostname === 'localhost';
  const session = plain ? 'soulseer' : '__Host-soulseer';
  const marks = `Path=/; HttpOnly; SameSite=Lax${plain ? '' : '; Secure'}`;
  return {
    session,
    isSessionIn: (header) => Boolean(readCookies(header).get(session)),
    signIn: (state) => `${session}-in-${state.slice(0, 12)}`,
    isSignIn: (name) => name.startsWith(`${session}-in-`),
    set: (name, value, maxAgeSeconds) => `${name}=${value}; Max-Age=${maxAgeSeconds}; ${marks}`,
    clear: (name) => `${name}=; Max-Age=0; ${marks}`,
  };
}

/** The cookies of a `Cookie` header. Of a name that comes twice the first counts. */
export function readCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at < 0) continue;
    const name = pair.slice(0, at).trim();
    if (!cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim());
  }
  return cookies;
}
