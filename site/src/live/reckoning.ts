/** What a page says of time and money in a session, from what realtime has told it. Pure; milliseconds and cents. */

import type { SessionView } from 'realtime/contract';

const minuteMs = 60_000;

/** Time together so far. `now` is by the server's clock. */
export const activeMs = ({ active_ms, running_since_ms }: SessionView, now: number): number =>
  running_since_ms === null ? active_ms : active_ms + Math.max(0, now - running_since_ms);

/** How long the money, the limits and the agreed maximum last, for the client; null for whoever isn't told. */
export function leftMs(view: SessionView, now: number): number | null {
  if (view.minutes_left === null) return null;
  return Math.max(0, (view.paid_minutes + view.minutes_left) * minuteMs - activeMs(view, now));
}

/** What ends the session first. */
export type Bound = 'maximum' | 'money' | 'limit';

export function boundOf({
  maximum_minutes,
  paid_minutes,
  minutes_left,
  balance_cents,
  rate_cents,
}: SessionView): Bound | null {
  if (minutes_left === null || balance_cents === null) return null;
  if (minutes_left === maximum_minutes - paid_minutes) return 'maximum';
  return minutes_left === Math.floor(balance_cents / rate_cents) ? 'money' : 'limit';
}

/** The warning that is due (W9): 3, 2 or 1 for so many minutes left or fewer, or none. */
export function warningOf(view: SessionView, now: number): 1 | 2 | 3 | null {
  const left = leftMs(view, now);
  if (left === null || left > 3 * minuteMs) return null;
  return left > 2 * minuteMs ? 3 : left > minuteMs ? 2 : 1;
}

/** What the reader has of so many minutes: 70 %, rounded over the whole as the ledger does it. */
export const earnedCents = (minutes: number, rate_cents: number): number =>
  Math.floor((minutes * rate_cents * 7_000 + 5_000) / 10_000);

/** How much of the present minute has passed, from 0 to 1. */
export const partOfMinute = (active: number): number => (active % minuteMs) / minuteMs;

/** “4:05”, “1:04:05”. */
export function clockOf(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}
