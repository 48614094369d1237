const SAFE = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Whether a request changes something, comes with the admin's cookie, and is not from a page of ours. A browser says where from:
 * `Origin`, or at least `Sec-Fetch-Site`; whoever says neither is no browser that shows our pages.
 */
export function isForeignChange(request: Request, cookie: string | undefined, ours: string): boolean {
  if (cookie === undefined || SAFE.includes(request.method)) return false;
  const origin = request.headers.get('origin');
  if (origin !== null) return origin !== ours;
  return request.headers.get('sec-fetch-site') !== 'same-origin';
}
