/**
 * Readers' presence and the line for a busy one (S3). A reader says online, away or offline, which holds for a while and has to
 * be said again, so that a dead tab goes offline by itself; busy is whoever has a seat in a session, or whose next client
 * has the turn.
 */

import { sql } from 'kysely';
import type { QueuePlace, ReaderStatus } from '../../contract/session.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import type { Executor } from '../ledger/ledger.ts';
import { estimateWait } from './estimate.ts';

/** Hidden tabs are woken once a minute, so what a reader said has to hold for longer. */
export const WISH_HOLDS_MS = 90_000;
/** How long the reader is kept free for the next in line. */
export const TURN_MS = 120_000;
const MOST_IN_LINE = 50;
const MOST_PLACES = 5;

export type Wish = 'online' | 'away' | 'offline';

/** What is told to people; on which topic, the bus decides. */
export interface ReaderNews {
  presence(reader_id: string, status: ReaderStatus): Promise<void>;
  turn(client_id: string, news: { reader_id: string; until_ms: number }): Promise<void>;
  queueClosed(client_id: string, news: { reader_id: string }): Promise<void>;
  /** These have come from away or offline: who is free again after a session was there all the time. */
  cameOnline(reader_ids: string[]): Promise<void>;
}

export type QueueRefusal = {
  code:
    | 'reader_not_found'
    | 'reader_free'
    | 'reader_offline'
    | 'queue_full'
    | 'too_many_places'
    | 'own_session';
};

export type Readers = ReturnType<typeof createReaders>;

/** Of a reader's row `w` in reader_presence, at a time. */
const statusAt = (nowMs: number) => sql<ReaderStatus>`
  case when exists (select from session_seats t where t.person_id = w.reader_person_id and t.side = 'reader') then 'busy'
    when w.until_ms <= ${nowMs} or w.wish = 'offline' then 'offline'
    when exists (select from session_seats t where t.person_id = w.reader_person_id) then 'busy'
    when w.wish = 'away' then 'away'
    when exists (select from reader_queue q where q.reader_person_id = w.reader_person_id and q.turn_until_ms > ${nowMs}) then 'busy'
    else 'online' end`;

export function createReaders({ db, clock, news }: { db: Database; clock: Clock; news: ReaderNews }) {
  /** Of published readers with an account that may read, all or some. */
  async function statuses(
    readerIds: string[] | null = null,
  ): Promise<{ reader_id: string; status: ReaderStatus }[]> {
    const nowMs = clock.now();
    const { rows } = await sql<{ reader_id: string; status: ReaderStatus | null }>`
      select r.reader_id, case when w.reader_person_id is not null then ${statusAt(nowMs)} end as status
      from readers r join people p on p.person_id = r.person_id and p.status = 'active' and p.role = 'reader'
      left join reader_presence w on w.reader_person_id = r.person_id
      where r.published and (${readerIds}::text[] is null or r.reader_id = any (${readerIds}::text[]))
      order by r.reader_id limit 1000`.execute(db);
    return rows.map(({ reader_id, status }) => ({ reader_id, status: status ?? 'offline' }));
  }

  async function own(personId: string) {
    const nowMs = clock.now();
    const { rows } = await sql<{ wish: Wish; until_ms: string; status: ReaderStatus; line: string }>`
      select w.wish, w.until_ms, ${statusAt(nowMs)} as status,
        (select count(*) from reader_queue q where q.reader_person_id = w.reader_person_id) as line
      from reader_presence w where w.reader_person_id = ${personId}`.execute(db);
    const [row] = rows;
    if (!row)
      return { status: 'offline' as const, wish: 'offline' as const, until_ms: nowMs, queue_length: 0 };
    return {
      status: row.status,
      wish: row.wish,
      until_ms: Number(row.until_ms),
      queue_length: Number(row.line),
    };
  }

  /** Gives the turn on, closes lines of readers who have gone, and tells each change of status once. Answers how many. */
  async function refresh(): Promise<number> {
    const nowMs = clock.now();
    const { rows: closed } = await sql<{ client_id: string; reader_id: string }>`
      with gone as (
        delete from reader_queue q using reader_presence w
        where w.reader_person_id = q.reader_person_id and (w.until_ms <= ${nowMs} or w.wish = 'offline')
          and not exists (select from session_seats t where t.person_id = q.reader_person_id)
        returning q.client_id, q.reader_person_id
      )
      select g.client_id, r.reader_id from gone g join readers r on r.person_id = g.reader_person_id`.execute(
      db,
    );
    // A turn that was not taken is over; whoever had it may get in line again.
    await sql`delete from reader_queue where turn_until_ms <= ${nowMs}`.execute(db);
    const given = await giveTurns(nowMs);
    const { rows: changed } = await sql<{ reader_id: string; before: ReaderStatus; told: ReaderStatus }>`
      with now as (
        select w.reader_person_id as id, w.told as before, ${statusAt(nowMs)} as status from reader_presence w
      ), changed as (
        update reader_presence w set told = n.status from now n where n.id = w.reader_person_id and w.told <> n.status
        returning w.reader_person_id, n.before, w.told
      )
      select r.reader_id, c.before, c.told from changed c join readers r on r.person_id = c.reader_person_id`.execute(
      db,
    );
    for (const { client_id, reader_id } of closed) await news.queueClosed(client_id, { reader_id });
    for (const { client_id, reader_id } of given)
      await news.turn(client_id, { reader_id, until_ms: nowMs + TURN_MS });
    for (const { reader_id, told } of changed) await news.presence(reader_id, told);
    const came = changed.filter(({ before, told }) => told === 'online' && before !== 'busy');
    if (came.length > 0) await news.cameOnline(came.map(({ reader_id }) => reader_id));
    return closed.length + given.length + changed.length;
  }

  /** The first in each line whose reader is free gets the turn; who sits in a session is passed over for now. */
  async function giveTurns(nowMs: number): Promise<{ client_id: string; reader_id: string }[]> {
    try {
      const { rows } = await sql<{ client_id: string; reader_id: string }>`
        with firsts as (
          select distinct on (q.reader_person_id) q.reader_person_id, q.client_id
          from reader_queue q join reader_presence w on w.reader_person_id = q.reader_person_id
          where w.wish = 'online' and w.until_ms > ${nowMs}
            and not exists (select from session_seats t where t.person_id in (q.reader_person_id, q.client_id))
            and not exists (select from reader_queue o where o.reader_person_id = q.reader_person_id and o.turn_until_ms is not null)
          order by q.reader_person_id, q.number
        ), given as (
          update reader_queue q set turn_until_ms = ${nowMs + TURN_MS} from firsts f
          where q.reader_person_id = f.reader_person_id and q.client_id = f.client_id
          returning q.client_id, q.reader_person_id
        )
        select g.client_id, r.reader_id from given g join readers r on r.person_id = g.reader_person_id`.execute(
        db,
      );
      return rows;
    } catch (error) {
      // Another node gave a turn of the same line at the same moment: the index lets one through.
      if ((error as { constraint?: string }).constraint === 'reader_queue_turn') return [];
      throw error;
    }
  }

  /** A client's places in all lines, or in one. */
  async function places(clientId: string, readerId: string | null = null): Promise<QueuePlace[]> {
    const nowMs = clock.now();
    const { rows } = await sql<{
      reader_id: string;
      modality: QueuePlace['modality'];
      place: string;
      joined_ms: string;
      turn_until_ms: string | null;
      began_ms: string | null;
      lengths: string[] | null;
    }>`
      select r.reader_id, q.modality, q.joined_ms, case when q.turn_until_ms > ${nowMs} then q.turn_until_ms end as turn_until_ms,
        (select count(*) from reader_queue o where o.reader_person_id = q.reader_person_id and o.number <= q.number) as place,
        (select s.created_ms from sessions s where s.reader_person_id = q.reader_person_id and s.state not in ('created', 'ended', 'finalized')) as began_ms,
        (select array_agg(l.ms) from (
          select s.ended_ms - s.created_ms as ms from sessions s
          where s.reader_person_id = q.reader_person_id and s.state = 'finalized' and (s.summary ->> 'active_ms')::bigint > 0
          order by s.created_ms desc limit 50) l) as lengths
      from reader_queue q join readers r on r.person_id = q.reader_person_id
      where q.client_id = ${clientId} and (${readerId}::text is null or r.reader_id = ${readerId}) order by q.number`.execute(
      db,
    );
    return rows.map((row) => {
      const place = Number(row.place);
      const elapsed = row.began_ms === null ? null : nowMs - Number(row.began_ms);
      const turn = row.turn_until_ms === null ? null : Number(row.turn_until_ms);
      return {
        reader_id: row.reader_id,
        modality: row.modality,
        place,
        joined_ms: Number(row.joined_ms),
        estimate_ms: turn !== null ? 0 : estimateWait((row.lengths ?? []).map(Number), elapsed, place - 1),
        turn_until_ms: turn,
      };
    });
  }

  /** Gets in line, once: who is in it already keeps the place. `busy` says that the caller has just been refused. */
  async function getInLine(
    clientId: string,
    readerId: string,
    modality: QueuePlace['modality'],
    busy = false,
  ): Promise<{ ok: true; place: QueuePlace } | { ok: false; refused: QueueRefusal }> {
    const refuse = (code: QueueRefusal['code']) => ({ ok: false as const, refused: { code } });
    const [known] = await places(clientId, readerId);
    if (known) return { ok: true, place: known };
    const { rows } = await sql<{ person_id: string; status: ReaderStatus | null }>`
      select r.person_id, case when w.reader_person_id is not null then ${statusAt(clock.now())} end as status
      from readers r join people p on p.person_id = r.person_id and p.status = 'active' and p.role = 'reader'
      left join reader_presence w on w.reader_person_id = r.person_id
      where r.reader_id = ${readerId} and r.published`.execute(db);
    const [reader] = rows;
    if (!reader) return refuse('reader_not_found');
    if (reader.person_id === clientId) return refuse('own_session');
    if (!busy && reader.status === 'online') return refuse('reader_free');
    if (reader.status !== 'busy' && !(busy && reader.status === 'online')) return refuse('reader_offline');
    const { rows: added } = await sql`
      insert into reader_queue (reader_person_id, client_id, modality, joined_ms)
      select ${reader.person_id}, ${clientId}, ${modality}, ${clock.now()}
      where (select count(*) from reader_queue where reader_person_id = ${reader.person_id}) < ${MOST_IN_LINE}
        and (select count(*) from reader_queue where client_id = ${clientId}) < ${MOST_PLACES}
      on conflict (reader_person_id, client_id) do nothing returning 1`.execute(db);
    const [place] = await places(clientId, readerId);
    if (place) return { ok: true, place };
    if (added.length > 0) return refuse('reader_offline');
    const { rows: mine } = await sql`select from reader_queue where client_id = ${clientId}`.execute(db);
    return refuse(mine.length >= MOST_PLACES ? 'too_many_places' : 'queue_full');
  }

  return {
    statuses,
    own,
    refresh,
    places,
    getInLine,

    /** Says online, away or offline, which holds for `WISH_HOLDS_MS`. */
    async say(personId: string, wish: Wish) {
      const nowMs = clock.now();
      await sql`
        insert into reader_presence (reader_person_id, wish, since_ms, until_ms) values (${personId}, ${wish}, ${nowMs}, ${nowMs + WISH_HOLDS_MS})
        on conflict (reader_person_id) do update set until_ms = excluded.until_ms, wish = excluded.wish,
          since_ms = case when reader_presence.wish = excluded.wish then reader_presence.since_ms else excluded.since_ms end`.execute(
        db,
      );
      await refresh();
      return own(personId);
    },

    async leaveLine(clientId: string, readerId: string): Promise<void> {
      await sql`
        delete from reader_queue q using readers r
        where r.person_id = q.reader_person_id and r.reader_id = ${readerId} and q.client_id = ${clientId}`.execute(
        db,
      );
      await refresh();
    },

    /** Time in which no node ran takes nobody offline. In the caller's transaction. */
    async shift(tx: Executor, lastMs: number, nowMs: number): Promise<void> {
      await sql`update reader_presence set until_ms = until_ms + ${nowMs - lastMs} where until_ms > ${lastMs}`.execute(
        tx,
      );
      await sql`update reader_queue set turn_until_ms = turn_until_ms + ${nowMs - lastMs} where turn_until_ms > ${lastMs}`.execute(
        tx,
      );
    },
  };
}
