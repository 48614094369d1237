/** The rules of time and minutes. Pure, and in whole numbers: milliseconds and minutes. The tick says the same in SQL. */

const FIRST_MINUTE_MS = 10_000;
const MINUTE_MS = 60_000;

/** BIL-2: minutes owed for so much active time: none under 10 s, otherwise every minute begun. */
export function owedMinutes(activeMs: number): number {
  return activeMs < FIRST_MINUTE_MS ? 0 : Math.ceil(activeMs / MINUTE_MS);
}

/** BIL-3: the active time at which minute `k` (from 1) is due. */
export function dueActiveMs(k: number): number {
  return k === 1 ? FIRST_MINUTE_MS : (k - 1) * MINUTE_MS;
}

/** BIL-4: the first millisecond of active time at which minute `k` is charged: at 60 s sharp an end still wins. */
export function chargeActiveMs(k: number): number {
  return k === 1 ? FIRST_MINUTE_MS : (k - 1) * MINUTE_MS + 1;
}

/** When a session's clock has run, as its meter keeps it. */
export interface MeterTime {
  active_ms: number;
  running_since_ms: number | null;
}

/** Active time at `nowMs`. A clock that was set back doesn't take any away. */
export function activeAt({ active_ms, running_since_ms }: MeterTime, nowMs: number): number {
  return running_since_ms === null ? active_ms : active_ms + Math.max(0, nowMs - running_since_ms);
}

/** The moment at which the next minute is to be charged, when `paid` are paid and the clock runs since `sinceMs`. */
export function nextAtMs(activeMs: number, sinceMs: number, paid: number): number {
  return sinceMs + chargeActiveMs(paid + 1) - activeMs;
}

/** What stops a minute, the first that applies. */
export type StopReason = 'agreed_maximum' | 'spending_limit' | 'out_of_money';

export interface Means {
  rate_cents: number;
  maximum_minutes: number;
  /** Available in the wallet. */
  balance_cents: number;
  /** Left of the narrowest limit; null: no limit. */
  allowance_cents: number | null;
}

/** BIL-9: minutes that can be paid from now on, when `paid` are. */
export function minutesLeft(means: Means, paid: number): number {
  const byMoney = Math.floor(means.balance_cents / means.rate_cents);
  const byLimit =
    means.allowance_cents === null ? byMoney : Math.floor(means.allowance_cents / means.rate_cents);
  return Math.max(0, Math.min(means.maximum_minutes - paid, byMoney, byLimit));
}

/** BIL-8: why minute `paid + 1` can't be paid, or null when it can. */
export function whatStops(means: Means, paid: number): StopReason | null {
  if (paid >= means.maximum_minutes) return 'agreed_maximum';
  if (means.allowance_cents !== null && means.allowance_cents < means.rate_cents) return 'spending_limit';
  return means.balance_cents < means.rate_cents ? 'out_of_money' : null;
}

/** BIL-11: the minutes to give back when `paid` were charged for `activeMs`, the last first. */
export function minutesToGiveBack(paid: number, activeMs: number): number[] {
  const owed = owedMinutes(activeMs);
  return Array.from({ length: Math.max(0, paid - owed) }, (_, index) => paid - index);
}
