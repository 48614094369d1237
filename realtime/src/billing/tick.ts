/** The tick: charges every minute that is due, in one statement (`billing_tick`), and says what to tell whom. */

import { sql } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Executor } from '../ledger/ledger.ts';
import type { StopReason } from './rules.ts';

export interface Charged {
  session_id: string;
  /** Minutes charged now; 0 when the session was stopped for want of them. */
  minutes: number;
  /** Minutes charged in all. */
  paid_minutes: number;
  wallet_cents: number;
  minutes_left: number;
  stop_reason: StopReason | null;
  /** The due time of the minute that could not be paid. */
  stopped_at_ms: number | null;
  /** How long ago the first of these minutes could have been charged. */
  late_ms: number;
}

/** Meters in one transaction at most. More would hold their locks for longer and be no faster for each. */
const MOST_IN_A_BATCH = 10_000;
/** Fewer are not worth a statement of their own. */
const LEAST_IN_A_BATCH = 250;

/** So many meters in one tick that `lanes` of them side by side share what is due. */
export const batchFor = (due: number, lanes: number) =>
  Math.min(MOST_IN_A_BATCH, Math.max(LEAST_IN_A_BATCH, Math.ceil(due / lanes)));

/** How many meters are due. */
export async function countDue(db: Executor, clock: Clock): Promise<number> {
  const { rows } = await sql<{ n: string }>`
    select count(*) as n from meters where running and next_at_ms <= ${clock.now()}::bigint`.execute(db);
  return Number(rows[0]?.n);
}

interface Row {
  session: string;
  minutes: number;
  paid: number;
  balance: string;
  minutes_left: number;
  reason: StopReason | null;
  stopped: string | null;
  late_ms: string;
}

const fromRow = (row: Row): Charged => ({
  session_id: row.session,
  minutes: row.minutes,
  paid_minutes: row.paid,
  wallet_cents: Number(row.balance),
  minutes_left: row.minutes_left,
  stop_reason: row.reason,
  stopped_at_ms: row.stopped === null ? null : Number(row.stopped),
  late_ms: Number(row.late_ms),
});

/** Charges at most `batch` meters that are due at the clock's time. Any number of nodes may call it at once. */
export async function tick(db: Executor, clock: Clock, batch = MOST_IN_A_BATCH): Promise<Charged[]> {
  const { rows } =
    await sql<Row>`select * from billing_tick(${clock.now()}::bigint, ${batch}::integer)`.execute(db);
  return rows.map(fromRow);
}

/** Charges what one session owes at `nowMs`, inside the caller's transaction: before it pauses or ends. */
export async function chargeDue(
  db: Executor,
  sessionId: string,
  nowMs: number,
): Promise<Charged | undefined> {
  const { rows } =
    await sql<Row>`select * from billing_tick(${nowMs}::bigint, 1, ${sessionId}::uuid)`.execute(db);
  return rows[0] && fromRow(rows[0]);
}
