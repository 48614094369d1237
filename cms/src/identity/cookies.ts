/** The admin's two cookies. On https their names bind them to this very host. */
export type Cookies = {
  session: string;
  attempt: string;
  read: (headers: Headers, name: string) => string | undefined;
  /** Sets a cookie; without a value it takes it away. */
  set: (name: string, value: string | null, maxAgeSeconds?: number) => string;
};

export function createCookies(cmsUrl: string): Cookies {
  const secure = cmsUrl.startsWith('https:');
  const name = (rest: string) => `${secure ? '__Host-' : ''}soulseer-cms${rest}`;
  return {
    session: name(''),
    attempt: name('-signing-in'),
    read(headers, wanted) {
      for (const pair of (headers.get('cookie') ?? '').split(';')) {
        const at = pair.indexOf('=');
        if (pair.slice(0, at).trim() === wanted) return pair.slice(at + 1).trim() || undefined;
      }
      return undefined;
    },
    set: (wanted, value, maxAgeSeconds) =>
      [
        `${wanted}=${value ?? ''}`,
        'Path=/',
        'HttpOnly',
        'SameSite=Lax',
        ...(secure ? ['Secure'] : []),
        ...(value === null ? ['Max-Age=0'] : maxAgeSeconds === undefined ? [] : [`Max-Age=${maxAgeSeconds}`]),
      ].join('; '),
  };
}
