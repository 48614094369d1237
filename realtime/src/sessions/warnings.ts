/** W9: the client is told when three, two and one minute are left, by money, limits or maximum, once for each crossing. */

import { sql } from 'kysely';
import type { Charged } from '../billing/tick.ts';
import type { Executor } from '../ledger/ledger.ts';

/** From so many minutes on, the one that runs included. */
const FIRST_WARNING = 3;

export interface Low {
  session_id: string;
  /** Minutes until the session ends, the one that has just been paid included. */
  minutes: number;
}

/**
 * Notes the warnings that these charges bring, and answers those that are new. A crossing is known by the minute with whose end
 * the session will end: when money has come, or a limit has gone, that is another one and all is told anew. So however often
 * this is done, and on however many nodes, each is new once.
 */
export async function noteLow(db: Executor, charged: Charged[], nowMs: number): Promise<Low[]> {
  const low = charged.filter(
    ({ minutes, minutes_left, stop_reason }) =>
      minutes > 0 && stop_reason === null && minutes_left < FIRST_WARNING,
  );
  if (low.length === 0) return [];
  const { rows } = await sql<Low>`
    insert into session_warnings (session_id, until_minute, minutes, at_ms)
    select id, until_minute, minutes, ${nowMs}
    from unnest(${low.map(({ session_id }) => session_id)}::uuid[],
      ${low.map(({ paid_minutes, minutes_left }) => paid_minutes + minutes_left)}::integer[],
      ${low.map(({ minutes_left }) => minutes_left + 1)}::integer[]) as low (id, until_minute, minutes)
    on conflict do nothing returning session_id, minutes`.execute(db);
  return rows;
}
