import type { Earnings } from 'realtime/contract';

export interface Bar {
  /** The day or the Monday of the week, “2026-11-23”. */
  date: string;
  cents: number;
  minutes: number;
}

const dayMs = 86_400_000;
const utc = (date: string): number => Date.parse(`${date}T00:00:00Z`);
const written = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** The Monday of a day's week. */
export function mondayOf(date: string): string {
  const weekday = (new Date(utc(date)).getUTCDay() + 6) % 7;
  return written(utc(date) - weekday * dayMs);
}

/** The last `count` weeks up to the one that `today` is in, the oldest first; those without earnings are there with nothing. */
export function weeksUpTo(rows: Earnings['rows'], today: string, count: number): Bar[] {
  const last = utc(mondayOf(today));
  return Array.from({ length: count }, (_, index) => {
    const date = written(last - (count - 1 - index) * 7 * dayMs);
    const row = rows.find(({ starts_on }) => starts_on === date);
    return { date, cents: row?.total_cents ?? 0, minutes: row?.minutes ?? 0 };
  });
}

/** A round sum at or above the highest bar, for the top of a plot, in cents. */
export function topOf(bars: Bar[]): number {
  const most = Math.max(100, ...bars.map(({ cents }) => cents));
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 3, 4, 6, 8, 10].find((step) => step * power >= most) ?? 10) * power;
}
