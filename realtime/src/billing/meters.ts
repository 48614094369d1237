/**
 * Meters: one for each session, beside the session's own state. Every function works inside the caller's transaction, so
 * that state and meter change together. A meter is locked before any account (LED-12).
 */

import { sql } from 'kysely';
import type { Executor, Ledger } from '../ledger/ledger.ts';
import { READER_SHARE } from '../ledger/split.ts';
import {
  activeAt,
  type Means,
  minutesLeft,
  minutesToGiveBack,
  nextAtMs,
  owedMinutes,
  whatStops,
} from './rules.ts';
import { type Charged, chargeDue } from './tick.ts';

/** A minute's idempotency key. */
export const minuteKey = (sessionId: string, minute: number) => `session:${sessionId}:minute:${minute}`;

/** The fewest minutes that have to be affordable at the start. */
const MINUTES_TO_START = 3;

export interface NewMeter {
  session_id: string;
  client: string;
  reader: string;
  rate_cents: number;
  maximum_minutes: number;
  share?: number;
}

export interface Meter {
  session_id: string;
  wallet_id: number;
  rate_cents: number;
  share: number;
  maximum_minutes: number;
  paid_minutes: number;
  active_ms: number;
  running_since_ms: number | null;
  running: boolean;
  stop_reason: string | null;
  stopped_at_ms: number | null;
  finalised: boolean;
}

export interface TooLittle {
  ok: false;
  code: 'insufficient_balance';
  needed_cents: number;
  available_cents: number;
}

export type Started =
  | { ok: true; minutes_left: number }
  | TooLittle
  | {
      ok: false;
      code:
        | 'spending_limit'
        | 'already_running'
        | 'meter_stopped'
        | 'own_session'
        | 'bad_rate'
        | 'bad_maximum';
    };

export interface Finalised {
  active_ms: number;
  charged_minutes: number;
  owed_minutes: number;
  /** Minutes given back now, the last first. */
  given_back: number[];
  /** Minutes owed that were never paid, because the money had run out before a late tick. */
  missing_minutes: number;
}

const UNIQUE_VIOLATION = '23505';

/** Locks and reads a meter. Throws when there is none: sessions and meters are made together. */
export async function lockMeter(db: Executor, sessionId: string): Promise<Meter> {
  const { rows } = await sql<Record<string, string | number | boolean | null>>`
    select * from meters where session_id = ${sessionId} for no key update`.execute(db);
  const row = rows[0];
  if (!row) throw new Error(`session ${sessionId} has no meter`);
  const ms = (value: unknown) => (value === null ? null : Number(value));
  return {
    ...(row as unknown as Meter),
    wallet_id: Number(row['wallet_id']),
    active_ms: Number(row['active_ms']),
    running_since_ms: ms(row['running_since_ms']),
    stopped_at_ms: ms(row['stopped_at_ms']),
  };
}

/** Makes a session's meter, not running. Refuses rate, maximum or people that can't be. */
export async function createMeter(
  db: Executor,
  ledger: Ledger,
  meter: NewMeter,
): Promise<{ ok: true } | { ok: false; code: 'own_session' | 'bad_rate' | 'bad_maximum' }> {
  if (meter.client === meter.reader) return { ok: false, code: 'own_session' };
  if (!Number.isInteger(meter.rate_cents) || meter.rate_cents < 1 || meter.rate_cents > 10_000)
    return { ok: false, code: 'bad_rate' };
  if (
    !Number.isInteger(meter.maximum_minutes) ||
    meter.maximum_minutes < 1 ||
    meter.maximum_minutes > 100_000
  )
    return { ok: false, code: 'bad_maximum' };
  const inside = ledger.within(db);
  const wallet = await inside.open(`wallet:${meter.client}`);
  const earnings = await inside.open(`earnings:${meter.reader}`);
  await sql`
    insert into meters (session_id, wallet_id, earnings_id, rate_cents, share, maximum_minutes, budget_id)
    values (${meter.session_id}, ${wallet}, ${earnings}, ${meter.rate_cents}, ${meter.share ?? READER_SHARE}, ${meter.maximum_minutes},
      (select id from budgets where key = ${`session:${meter.session_id}`}))`.execute(db);
  // W8: the client's own maximum for a session, when there is one.
  await sql`select billing_cap_session(${meter.session_id}::uuid, ${ledger.now()}::timestamptz)`.execute(db);
  return { ok: true };
}

/** What a session's client can spend at `nowMs`, under the wallet's lock. */
export async function meansOf(db: Executor, meter: Meter, nowMs: number): Promise<Means> {
  const { rows } = await sql<{ balance: string; allowance: string | null }>`
    select balance, allowance from billing_means(${meter.session_id}::uuid, ${new Date(nowMs)}::timestamptz)`.execute(
    db,
  );
  return {
    rate_cents: meter.rate_cents,
    maximum_minutes: meter.maximum_minutes,
    balance_cents: Number(rows[0]?.balance ?? 0),
    allowance_cents: rows[0]?.allowance == null ? null : Number(rows[0].allowance),
  };
}

/** BIL-10: why a first minute can't begin, or null when it can. */
export function whyNotStart(means: Means): TooLittle | { ok: false; code: 'spending_limit' } | null {
  const needed = MINUTES_TO_START * means.rate_cents;
  if (means.balance_cents < needed)
    return {
      ok: false,
      code: 'insufficient_balance',
      needed_cents: needed,
      available_cents: means.balance_cents,
    };
  return whatStops(means, 0) === null ? null : { ok: false, code: 'spending_limit' };
}

/**
 * Starts or resumes the clock at `nowMs`. The first time it wants the money of three minutes and no limit that would stop
 * minute 1 (BIL-10); after a pause the rest of the paid minute is there already.
 */
export async function startMeter(db: Executor, sessionId: string, nowMs: number): Promise<Started> {
  const meter = await lockMeter(db, sessionId);
  if (meter.running) return { ok: false, code: 'already_running' };
  if (meter.stop_reason !== null) return { ok: false, code: 'meter_stopped' };
  const means = await meansOf(db, meter, nowMs);
  const refused = meter.paid_minutes === 0 ? whyNotStart(means) : null;
  if (refused) return refused;
  // The index decides who is first; a savepoint keeps the caller's transaction when it isn't us.
  await sql`savepoint meter_start`.execute(db);
  try {
    await sql`
      update meters set running = true, running_since_ms = ${nowMs}, next_at_ms = ${nextAtMs(meter.active_ms, nowMs, meter.paid_minutes)}
      where session_id = ${sessionId}`.execute(db);
  } catch (error) {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
    // One of the two is in another session.
    await sql`rollback to savepoint meter_start`.execute(db);
    return { ok: false, code: 'already_running' };
  }
  await sql`release savepoint meter_start`.execute(db);
  return { ok: true, minutes_left: minutesLeft(means, meter.paid_minutes) };
}

export interface Halted {
  /** Set when the money ended first: the meter is stopped, as of that due time. */
  stop_reason: string | null;
  charged: Charged | undefined;
  active_ms: number;
}

/**
 * Charges what is due at `noticedMs` and halts the clock there, or earlier: `activeUntilMs` is the earlier of the two last
 * heartbeats, when a loss is noticed late (rewind). What was charged beyond is settled when finalising.
 */
async function halt(
  db: Executor,
  sessionId: string,
  noticedMs: number,
  activeUntilMs: number,
): Promise<Halted> {
  const before = await lockMeter(db, sessionId);
  if (!before.running)
    return { stop_reason: before.stop_reason, charged: undefined, active_ms: before.active_ms };
  // What is due at the true end: nothing is charged for time that we already know was not active.
  const charged = await chargeDue(db, sessionId, Math.min(noticedMs, activeUntilMs));
  const meter = await lockMeter(db, sessionId);
  if (!meter.running) return { stop_reason: meter.stop_reason, charged, active_ms: meter.active_ms };
  const active = activeAt(meter, Math.min(noticedMs, activeUntilMs));
  await sql`
    update meters set running = false, active_ms = ${active}, running_since_ms = null, next_at_ms = null
    where session_id = ${sessionId}`.execute(db);
  return { stop_reason: null, charged, active_ms: active };
}

/** Pauses at `nowMs`, or as of `activeUntilMs` before it. */
export function pauseMeter(
  db: Executor,
  sessionId: string,
  nowMs: number,
  activeUntilMs = nowMs,
): Promise<Halted> {
  return halt(db, sessionId, nowMs, activeUntilMs);
}

/** Ends the meter for good: as pause, and it can't be started again. The first reason stays. */
export async function stopMeter(
  db: Executor,
  sessionId: string,
  nowMs: number,
  reason: string,
  activeUntilMs = nowMs,
): Promise<Halted> {
  const halted = await halt(db, sessionId, nowMs, activeUntilMs);
  if (halted.stop_reason !== null) return halted;
  await sql`update meters set stop_reason = ${reason}, stopped_at_ms = ${Math.min(nowMs, activeUntilMs)} where session_id = ${sessionId}`.execute(
    db,
  );
  return { ...halted, stop_reason: reason };
}

/**
 * Sets the active time of a stopped meter back: the money ended, but one of the two had been lost before that and nobody had
 * noticed. Finalising gives back what was charged beyond.
 */
export async function rewindMeter(db: Executor, sessionId: string, activeMs: number): Promise<void> {
  await sql`
    update meters set active_ms = least(active_ms, ${activeMs}) where session_id = ${sessionId} and not running and not finalised`.execute(
    db,
  );
}

/** Raises the agreed maximum by the client's consent, before it is reached. False when it is too late or no raise. */
export async function raiseMaximum(
  db: Executor,
  sessionId: string,
  maximumMinutes: number,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update meters set maximum_minutes = ${maximumMinutes}
    where session_id = ${sessionId} and stop_reason is null and maximum_minutes < ${maximumMinutes} and ${maximumMinutes} <= 100000`.execute(
    db,
  );
  return numAffectedRows === 1n;
}

/** BIL-11: brings charged to owed, giving back the last minutes first. May be called again: it answers the same. */
export async function finalise(db: Executor, ledger: Ledger, sessionId: string): Promise<Finalised> {
  const meter = await lockMeter(db, sessionId);
  if (meter.stop_reason === null) throw new Error(`session ${sessionId} has not ended`);
  const minutes = minutesToGiveBack(meter.paid_minutes, meter.active_ms);
  if (!meter.finalised) {
    const reversed = await reversedKeys(
      db,
      minutes.map((minute) => minuteKey(sessionId, minute)),
    );
    const result = await ledger.within(db).post(
      ...minutes
        .filter((minute) => !reversed.has(minuteKey(sessionId, minute)))
        .map((minute) => ({
          kind: 'reversal' as const,
          key: `${minuteKey(sessionId, minute)}:given-back`,
          reverses: minuteKey(sessionId, minute),
        })),
    );
    if (!result.ok) throw new Error(`could not give back: ${result.refused.code} ${result.refused.subject}`);
    await sql`update meters set finalised = true where session_id = ${sessionId}`.execute(db);
  }
  const owed = owedMinutes(meter.active_ms);
  return {
    active_ms: meter.active_ms,
    charged_minutes: meter.paid_minutes - minutes.length,
    owed_minutes: owed,
    given_back: minutes,
    missing_minutes: Math.max(0, owed - meter.paid_minutes),
  };
}

/** Which of these transfers were taken back already: staff may have been faster. */
async function reversedKeys(db: Executor, keys: string[]): Promise<Set<string>> {
  const { rows } = await sql<{ key: string }>`
    select t.key from transfers t join transfers r on r.reverses = t.id where t.key = any (${keys}::text[])`.execute(
    db,
  );
  return new Set(rows.map(({ key }) => key));
}
