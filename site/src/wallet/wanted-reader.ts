import type { AstroCookies } from 'astro';

// Whoever lacks money for a reading is led to the wallet, from there to the payment page, and is to find back to the reader. The
// cookie says nothing but whose page that was, is sent to the wallet alone, and ends after an hour.
const name = 'soulseer-reader';
const marks = { path: '/wallet', httpOnly: true, sameSite: 'lax' } as const;
const slug = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Where the wallet is, for somebody who comes from a reader's page. */
export const walletFrom = (reader: string): string => `/wallet?reader=${encodeURIComponent(reader)}`;

/** The slug of the reader from whose page somebody came, by the address or as it was kept before; kept for an hour. */
export function wantedReader(url: URL, cookies: AstroCookies): string | undefined {
  const given = url.searchParams.get('reader');
  const wanted = given ?? cookies.get(name)?.value;
  if (!wanted || wanted.length > 120 || !slug.test(wanted)) return undefined;
  if (given) cookies.set(name, given, { ...marks, secure: url.protocol === 'https:', maxAge: 3_600 });
  return wanted;
}
