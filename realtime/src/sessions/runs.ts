/**
 * Runs: the stretches in which a session's clock ran, and until when each of the two was there. They say what a receipt
 * tells of each minute (S8).
 */

import { sql } from 'kysely';
import type { Executor } from '../ledger/ledger.ts';
import type { Presence } from '../receipts/receipt.ts';
import type { Side } from './session.ts';

const MINUTE_MS = 60_000;

export interface Run {
  from_ms: number;
  /** Active time when it began. */
  active_before_ms: number;
  client_until_ms: number;
  reader_until_ms: number;
}

export async function beginRun(
  tx: Executor,
  sessionId: string,
  fromMs: number,
  activeBeforeMs: number,
): Promise<void> {
  await sql`
    insert into session_runs (session_id, number, from_ms, active_before_ms)
    select ${sessionId}, coalesce(max(number), 0) + 1, ${fromMs}, ${activeBeforeMs} from session_runs where session_id = ${sessionId}`.execute(
    tx,
  );
}

/** The run that the clock is in, or nothing. */
export async function openRun(
  tx: Executor,
  sessionId: string,
): Promise<Pick<Run, 'from_ms' | 'active_before_ms'> | undefined> {
  const { rows } = await sql<{ from_ms: string; active_before_ms: string }>`
    select from_ms, active_before_ms from session_runs where session_id = ${sessionId} and until_ms is null`.execute(
    tx,
  );
  return rows[0] && { from_ms: Number(rows[0].from_ms), active_before_ms: Number(rows[0].active_before_ms) };
}

/** Closes the run that is open, if there is one. */
export async function closeRun(
  tx: Executor,
  sessionId: string,
  untilMs: number,
  until: Record<Side, number>,
): Promise<void> {
  await sql`
    update session_runs set until_ms = greatest(from_ms, ${untilMs}), client_until_ms = greatest(from_ms, ${until.client}),
      reader_until_ms = greatest(from_ms, ${until.reader})
    where session_id = ${sessionId} and until_ms is null`.execute(tx);
}

/**
 * One of the two was gone before the last run was closed: it ends at `lastMs`. Answers the active time at that, or null when
 * it had ended by then.
 */
export async function shortenLastRun(
  tx: Executor,
  sessionId: string,
  side: Side,
  lastMs: number,
): Promise<number | null> {
  const { rows } = await sql<{ active_ms: string }>`
    update session_runs set until_ms = greatest(from_ms, ${lastMs}),
      client_until_ms = case ${side} when 'client' then greatest(from_ms, ${lastMs}) else client_until_ms end,
      reader_until_ms = case ${side} when 'reader' then greatest(from_ms, ${lastMs}) else reader_until_ms end
    where session_id = ${sessionId} and until_ms > ${lastMs} and until_ms > from_ms
      and number = (select max(number) from session_runs where session_id = ${sessionId})
    returning active_before_ms + until_ms - from_ms as active_ms`.execute(tx);
  return rows[0] ? Number(rows[0].active_ms) : null;
}

export async function readRuns(db: Executor, sessionId: string): Promise<Run[]> {
  const { rows } = await sql<Record<keyof Run, string>>`
    select from_ms, active_before_ms, client_until_ms, reader_until_ms from session_runs
    where session_id = ${sessionId} and until_ms is not null order by number`.execute(db);
  return rows.map((row) => ({
    from_ms: Number(row.from_ms),
    active_before_ms: Number(row.active_before_ms),
    client_until_ms: Number(row.client_until_ms),
    reader_until_ms: Number(row.reader_until_ms),
  }));
}

/** How long each was there in a minute of active time, over all runs that had a part of it; at most the minute. */
export function presenceIn(runs: Run[]): Presence {
  return (minute) => {
    const length = (side: Side) => {
      let total = 0;
      for (const run of runs) {
        // Where this minute lies by the clock, had the run gone on through it.
        const begin = run.from_ms + (minute - 1) * MINUTE_MS - run.active_before_ms;
        const from = Math.max(run.from_ms, begin);
        total += Math.max(0, Math.min(begin + MINUTE_MS, run[`${side}_until_ms`]) - from);
      }
      return Math.min(MINUTE_MS, total);
    };
    return { client_ms: length('client'), reader_ms: length('reader') };
  };
}
