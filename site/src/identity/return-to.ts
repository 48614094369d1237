/** Where to go after a sign-in: a path of our own, or the dashboard. Nothing that a browser could read as another site's. */
export function returnPath(given: string | null, siteUrl: string): string {
  const fallback = '/dashboard';
  if (!given?.startsWith('/') || given.length > 600 || /[\\\p{Cc}]/u.test(given)) return fallback;
  const url = URL.parse(given, siteUrl);
  if (url?.origin !== siteUrl || url.pathname.startsWith('//')) return fallback;
  // These would sign in again, or out.
  if (/^\/auth(\/|$)/.test(url.pathname)) return fallback;
  return `${url.pathname}${url.search}${url.hash}`;
}

/** The address that signs in and leads back to `path`. */
export const signInHref = (path: string): string => `/auth/sign-in?return_to=${encodeURIComponent(path)}`;
