/** Sessions as rows. A state is written only over the one that was read: `where state = $from and version = $v`. */

import { sql } from 'kysely';
import type { Executor } from '../ledger/ledger.ts';
import {
  type Body,
  type By,
  deadlineOf,
  type EventType,
  type Session,
  type Side,
  type State,
  type Terms,
} from './session.ts';

/** Who made a move, and why; kept with it. */
export interface Stamp {
  event: EventType;
  by: By;
  person_id?: string | undefined;
  why?: string | undefined;
}

/** Somebody moved the session since it was read. */
export class SessionConflict extends Error {
  override name = 'SessionConflict';
}

export interface SessionRow {
  [column: string]: unknown;
  id: string;
  state: State;
  version: number;
}

const ms = (value: unknown) => Number(value);

/** The union out of a row. The database's own check has seen to it that the state's fields are there. */
export function fromRow(row: SessionRow): Session {
  const terms: Terms = {
    id: row.id,
    version: row.version,
    client_id: row['client_id'] as string,
    reader_person_id: row['reader_person_id'] as string,
    reader_id: row['reader_id'] as string,
    modality: row['modality'] as Terms['modality'],
    rate_cents: row['rate_cents'] as number,
    channel: row['channel'] as string,
    created_ms: ms(row['created_ms']),
  };
  return { ...terms, ...bodyFrom(row) };
}

function bodyFrom(row: SessionRow): Body {
  const inside = () => ({ client: row['client_in'] as boolean, reader: row['reader_in'] as boolean });
  const graces = () => ({ pauses: row['pauses'] as number, grace_used_ms: ms(row['grace_used_ms']) });
  const pause = () => ({
    ...graces(),
    paused_ms: ms(row['paused_ms']),
    grace_ends_ms: ms(row['grace_ends_ms']),
    pause_side: row['pause_side'] as Side,
    pause_cause: row['pause_cause'] as 'left' | 'lost',
  });
  const end = () => ({
    ended_ms: ms(row['ended_ms']),
    end_reason: row['end_reason'] as never,
    ended_by: row['ended_by'] as By,
  });
  switch (row.state) {
    case 'created':
      return { state: 'created' };
    case 'waiting':
      return {
        state: 'waiting',
        asked_ms: ms(row['asked_ms']),
        deadline_ms: ms(row['deadline_ms']),
        accepted_ms: row['accepted_ms'] === null ? null : ms(row['accepted_ms']),
        in: inside(),
      };
    case 'active':
      return { state: 'active', since_ms: ms(row['since_ms']), ...graces() };
    case 'paused':
      return { state: 'paused', ...pause() };
    case 'reconnecting':
      return {
        state: 'reconnecting',
        since_ms: ms(row['since_ms']),
        deadline_ms: ms(row['deadline_ms']),
        in: inside(),
        ...pause(),
      };
    case 'ended':
      return { state: 'ended', ...end() };
    case 'finalized':
      return { state: 'finalized', ...end(), finalized_ms: ms(row['finalized_ms']) };
  }
}

export async function readSession(db: Executor, id: string): Promise<Session | undefined> {
  const { rows } = await sql<SessionRow>`select * from sessions where id = ${id}`.execute(db);
  return rows[0] && fromRow(rows[0]);
}

/** Reads a session and keeps others from moving it until the transaction ends. */
export async function lockSession(tx: Executor, id: string): Promise<Session | undefined> {
  const { rows } = await sql<SessionRow>`select * from sessions where id = ${id} for no key update`.execute(
    tx,
  );
  return rows[0] && fromRow(rows[0]);
}

export async function insertSession(
  tx: Executor,
  terms: Omit<Terms, 'version'> & { request_key: string | null; request_hash: string | null },
  stamp: { person_id: string },
): Promise<Session> {
  const { rows } = await sql<SessionRow>`
    insert into sessions (id, client_id, reader_person_id, reader_id, modality, rate_cents, channel, created_ms,
      request_key, request_hash, moved_ms, moved_by, moved_person_id)
    values (${terms.id}, ${terms.client_id}, ${terms.reader_person_id}, ${terms.reader_id}, ${terms.modality}, ${terms.rate_cents},
      ${terms.channel}, ${terms.created_ms}, ${terms.request_key}, ${terms.request_hash}, ${terms.created_ms}, 'client', ${stamp.person_id})
    returning *`.execute(tx);
  return fromRow(rows[0] as SessionRow);
}

/** Writes the move. Throws `SessionConflict` when the session is no longer as it was read. */
export async function storeMove(
  tx: Executor,
  from: Session,
  to: Session,
  nowMs: number,
  stamp: Stamp,
  summary: unknown = null,
): Promise<Session> {
  const it: Partial<Record<string, unknown>> = { ...to };
  const of = (name: string) => it[name] ?? null;
  const inside = 'in' in to ? to.in : null;
  // The pause's own end is in grace_ends_ms.
  const deadline = to.state === 'paused' ? null : deadlineOf(to);
  const { rows } = await sql<SessionRow>`
    update sessions set version = ${from.version + 1}, state = ${to.state}, asked_ms = ${of('asked_ms')}, accepted_ms = ${of('accepted_ms')},
      client_in = ${inside?.client ?? null}, reader_in = ${inside?.reader ?? null}, deadline_ms = ${deadline},
      since_ms = ${of('since_ms')}, paused_ms = ${of('paused_ms')}, grace_ends_ms = ${of('grace_ends_ms')},
      pause_side = ${of('pause_side')}, pause_cause = ${of('pause_cause')}, pauses = ${of('pauses')}, grace_used_ms = ${of('grace_used_ms')},
      ended_ms = ${of('ended_ms')}, end_reason = ${of('end_reason')}, ended_by = ${of('ended_by')}, finalized_ms = ${of('finalized_ms')},
      summary = ${summary === null ? null : JSON.stringify(summary)}::jsonb,
      moved_ms = ${nowMs}, moved_event = ${stamp.event}, moved_by = ${stamp.by}, moved_person_id = ${stamp.person_id ?? null},
      moved_why = ${stamp.why ?? null}
    where id = ${from.id} and state = ${from.state} and version = ${from.version}
    returning *`.execute(tx);
  if (!rows[0]) throw new SessionConflict(`session ${from.id} has moved since it was read`);
  return fromRow(rows[0]);
}

export type Seen = Record<Side, { seen_ms: number; here: boolean } | undefined>;

export async function readSeen(tx: Executor, id: string): Promise<Seen> {
  const { rows } = await sql<{ side: Side; seen_ms: string; here: boolean }>`
    select side, seen_ms, here from session_presence where session_id = ${id}`.execute(tx);
  const of = (side: Side) => {
    const row = rows.find((one) => one.side === side);
    return row && { seen_ms: Number(row.seen_ms), here: row.here };
  };
  return { client: of('client'), reader: of('reader') };
}

/** Somebody is in the room now: never back in time, when two nodes' clocks differ. */
export async function noteSeen(tx: Executor, id: string, side: Side, nowMs: number): Promise<void> {
  await sql`
    insert into session_presence (session_id, side, seen_ms, here) values (${id}, ${side}, ${nowMs}, true)
    on conflict (session_id, side) do update set here = true, seen_ms = greatest(session_presence.seen_ms, excluded.seen_ms)`.execute(
    tx,
  );
}

/** Somebody who may have left the room was heard of. */
export async function noteHeard(tx: Executor, id: string, side: Side, nowMs: number): Promise<void> {
  await sql`
    update session_presence set seen_ms = greatest(seen_ms, ${nowMs}) where session_id = ${id} and side = ${side}`.execute(
    tx,
  );
}

/** Somebody has left the room of their own will, and was there until now. Whoever is lost just isn't heard. */
export async function noteGone(tx: Executor, id: string, side: Side, nowMs: number): Promise<void> {
  await sql`
    update session_presence set here = false, seen_ms = greatest(seen_ms, ${nowMs}) where session_id = ${id} and side = ${side}`.execute(
    tx,
  );
}
