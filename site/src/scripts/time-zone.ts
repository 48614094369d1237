import { zoneCookie } from '../text/times.ts';

/** The browser's own time zone, which the server is told for the pages to come. */
export const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const told = `${zoneCookie}=${encodeURIComponent(ownZone)}`;
if (!document.cookie.split('; ').includes(told)) {
  const secure = location.protocol === 'https:' ? '; secure' : '';
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is not in every browser yet.
  document.cookie = `${told}; path=/; max-age=31536000; samesite=lax${secure}`;
}
