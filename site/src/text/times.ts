// Times of day and days as whoever looks at them lives through them.

/** The cookie by which a browser tells its time zone: no secret, and good for nothing else. */
export const zoneCookie = 'soulseer_zone';

/** A time zone by its IANA name, or UTC when that is none. */
export function zoneOf(name: string | undefined): string {
  if (!name || name.length > 64) return 'UTC';
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
}

/** How each kind of time is written. Pages and the script that corrects them use the same. */
export const timeFormats = {
  moment: {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  },
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;
export type TimeFormat = keyof typeof timeFormats;

/** “24 Nov 2026, 10:16” of milliseconds since 1970. */
export const timeText = (ms: number, timeZone: string, format: TimeFormat = 'moment'): string =>
  new Intl.DateTimeFormat('en-GB', { ...timeFormats[format], timeZone }).format(ms);

const dayMs = 86_400_000;

/** The day of a moment there, as “2026-11-24”. */
export const dateIn = (ms: number, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    ms,
  );

/** When a day begins there, in milliseconds since 1970; nothing when there is no such day. */
export function startOfDay(date: string, timeZone: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return undefined;
  const utc = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(utc) || new Date(utc).toISOString().slice(0, 10) !== date) return undefined;
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  /** How far its clocks are ahead of UTC then. */
  const ahead = (ms: number): number => {
    const part = Object.fromEntries(parts.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1_000) * 1_000;
  };
  // Twice, since clocks may be changed between the guess and the day's beginning.
  let at = utc - ahead(utc);
  at = utc - ahead(at);
  // Where clocks skip midnight, the day begins with the first moment that is there.
  while (dateIn(at, timeZone) < date) at += dayMs / 48;
  return at;
}

/** The day after, as “2026-11-25”. */
export const nextDate = (date: string): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + dayMs).toISOString().slice(0, 10);
