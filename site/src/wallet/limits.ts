import type { WalletLimitsRequest } from 'realtime/contract';
import { zoneOf } from '../text/times.ts';
import { readAmount, text } from './form.ts';

/** The limits that a form sets, one at a time: so that what was not touched stays as it is, raises that wait among it. */
export const limitNames = ['day', 'week', 'session'] as const;
export type LimitName = (typeof limitNames)[number];

/** How long a pause can be chosen to last, in days; `open` until it is taken back. */
export const pauseDays = { day: 1, week: 7, month: 30 } as const;

/** The most that can be set, in cents. */
const mostCents = 999_999_999;
const dayMs = 86_400_000;

export type LimitsForm =
  | { ok: true; what: LimitName | 'pause'; change: WalletLimitsRequest }
  /** What was typed is no limit. */
  | { ok: false; what: LimitName; typed: string }
  | { ok: false; what: null };

/** Reads one of the forms of the limits' page. */
export function readLimitsForm(form: FormData, nowMs: number): LimitsForm {
  const what = text(form, 'set');
  const time_zone = zoneOf(text(form, 'time_zone'));
  if (what === 'pause') {
    const length = text(form, 'pause');
    if (length === 'off') return { ok: true, what, change: { time_zone, pause: { on: false } } };
    if (length === 'open') return { ok: true, what, change: { time_zone, pause: { on: true } } };
    if (!Object.hasOwn(pauseDays, length)) return { ok: false, what: null };
    const days = pauseDays[length as keyof typeof pauseDays];
    return { ok: true, what, change: { time_zone, pause: { on: true, until_ms: nowMs + days * dayMs } } };
  }
  const name = limitNames.find((one) => one === what);
  if (!name) return { ok: false, what: null };
  if (text(form, 'remove') !== '')
    return { ok: true, what: name, change: { time_zone, [`${name}_cents`]: null } };
  const typed = text(form, 'amount');
  const cents = readAmount(typed);
  return cents === undefined || cents > mostCents
    ? { ok: false, what: name, typed }
    : { ok: true, what: name, change: { time_zone, [`${name}_cents`]: cents } };
}
