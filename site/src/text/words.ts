import type { Role } from 'realtime/contract';
import type { Modality, Rates } from '../cms/views.ts';

const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const languages = new Intl.DisplayNames(['en-GB'], { type: 'language', fallback: 'code' });
const regions = new Intl.DisplayNames(['en-GB'], { type: 'region', fallback: 'code' });
const days = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});
const series = new Intl.ListFormat('en-GB', { type: 'conjunction' });

/** Ways to meet. Not in `readers.ts`, whose schemas would come along into every page's script. */
export const modalityWords: Record<Modality, string> = { video: 'Video', voice: 'Voice', chat: 'Chat' };

/** “$3.99” of 399. */
export const money = (cents: number): string => dollars.format(cents / 100);

/** “Portuguese” of `pt`; a tag that can't be one is given back as it is. */
export function languageName(tag: string): string {
  try {
    return languages.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** “Portugal” of `PT`. */
export function countryName(code: string): string {
  try {
    return regions.of(code) ?? code;
  } catch {
    return code;
  }
}

/** “12 November 2026” of an ISO 8601 instant, by UTC. */
export const day = (iso: string): string => days.format(new Date(iso));

/** “a, b and c”. */
export const listed = (words: string[]): string => series.format(words);

/** “1 reader”, “24 readers”. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** The least that a minute costs, in cents, or null when nothing is offered. */
export function lowestRate(rates: Rates): number | null {
  const prices = Object.values(rates);
  return prices.length > 0 ? Math.min(...prices) : null;
}

/** The time of day in a place, “21:14”. */
export const timeIn = (timeZone: string, instant: Date): string =>
  new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }).format(
    instant,
  );

/** The place that a time zone is named after, “New York” of `America/New_York`. */
export const placeOf = (timeZone: string): string =>
  (timeZone.split('/').at(-1) ?? timeZone).replaceAll('_', ' ');

/** What a role is called. */
export const roleWords: Record<Role, string> = { client: 'Client', reader: 'Reader', admin: 'Staff' };

const characters = new Intl.Segmenter('en-GB');

/** The letter that stands for a name. */
export function firstLetter(name: string): string {
  const [first] = characters.segment(name.trim());
  return first?.segment.toLocaleUpperCase('en-GB') ?? '·';
}

/** What somebody is called to their face: the first word of their name. */
export const firstName = (name: string): string => name.trim().split(/\s+/)[0] || name;
