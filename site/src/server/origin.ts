/**
 * Whether a request may change something: it has to say that it comes from our own pages. A browser always says
 * so on such requests (`Origin`, `Sec-Fetch-Site`), and a page elsewhere can't forge either.
 */
export function isOurOwn(
  header: (name: 'origin' | 'sec-fetch-site') => string | null | undefined,
  siteUrl: string,
): boolean {
  const origin = header('origin');
  const site = header('sec-fetch-site');
  if (origin) return origin === siteUrl && (!site || site === 'same-origin');
  return site === 'same-origin';
}
