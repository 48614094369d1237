/**
 * Readers' presence and the line for a busy one (S3). A reader says online, away or offline, which holds for a while and has to
 * be said again, so that a dead tab goes offline by itself; busy is whoever has a seat in a session, or for whom somebody
 * in line comes next.
 */

import { type RawBuilder, sql } from 'kysely';
import type { QueuePlace, ReaderStatus } from '../../contract/session.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import type { Executor } from '../ledger/ledger.ts';
import { estimateWait } from './estimate.ts';

/** Hidden tabs are woken once a minute, so what a reader said has to hold for longer. */
export const WISH_HOLDS_MS = 90_000;
/** How long the reader is kept free for the next in line. */
export const TURN_MS = 120_000;
/** Places in the line for one reader. */
export const MOST_IN_LINE = 200;
/** Lines that one client may be in. */
const MOST_PLACES = 5;
/** What the advisory locks are about. Whoever takes both takes the line first. */
const LINE_LOCK = 1;
const PLACES_LOCK = 2;

export type Wish = 'online' | 'away' | 'offline';

/** What is told to people; on which topic, the bus decides. */
export interface ReaderNews {
  presence(reader_id: string, status: ReaderStatus): Promise<void>;
  turn(client_id: string, news: { reader_id: string; until_ms: number }): Promise<void>;
  /** Their place is over: the line was closed, or the turn was not taken. */
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

type Column = RawBuilder<unknown>;

/** The one condition for whoever takes clients: published, a reader still, and not suspended. */
export const mayRead = (personId: Column) => sql<boolean>`
  exists (select from readers mr join people mp on mp.person_id = mr.person_id
    where mr.person_id = ${personId} and mr.published and mp.status = 'active' and mp.role = 'reader')`;

export const isSeated = (personId: Column) => sql<boolean>`
  exists (select from session_seats st where st.person_id = ${personId})`;
const isReading = (personId: Column) => sql<boolean>`
  exists (select from session_seats st where st.person_id = ${personId} and st.side = 'reader')`;
const isSuspended = (personId: Column) => sql<boolean>`
  exists (select from people sp where sp.person_id = ${personId} and sp.status <> 'active')`;

/**
 * The client for whom a free reader is kept: who has the turn, or else the first in line. Passed over are those who could not
 * come now, and turns that have run out.
 */
export const nextInLine = (readerPersonId: Column, nowMs: number) => sql<string | null>`
  (select nq.client_id from reader_queue nq
    where nq.reader_person_id = ${readerPersonId} and (nq.turn_until_ms is null or nq.turn_until_ms > ${nowMs})
      and not ${isSeated(sql`nq.client_id`)} and not ${isSuspended(sql`nq.client_id`)}
    order by nq.turn_until_ms is null, nq.number limit 1)`;

/** Of a reader's row `w` in reader_presence, at a time. */
const statusAt = (nowMs: number) => sql<ReaderStatus>`
  case when not ${mayRead(sql`w.reader_person_id`)} then 'offline'
    when ${isReading(sql`w.reader_person_id`)} then 'busy'
    when w.until_ms <= ${nowMs} or w.wish = 'offline' then 'offline'
    when ${isSeated(sql`w.reader_person_id`)} then 'busy'
    when w.wish = 'away' then 'away'
    when ${nextInLine(sql`w.reader_person_id`, nowMs)} is not null then 'busy'
    else 'online' end`;

/** Whether a client can come now to the reader of the row `w`. */
const isFree = (nowMs: number) => sql<boolean>`
  (w.wish = 'online' and w.until_ms > ${nowMs} and ${mayRead(sql`w.reader_person_id`)} and not ${isSeated(sql`w.reader_person_id`)})`;

/**
 * Holds a reader's line still until the transaction ends, so that who takes the seat, who has the turn and who gets in line
 * are decided one after the other. Taken before any other lock.
 */
export async function lockLine(tx: Executor, readerPersonId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LINE_LOCK}::integer, hashtext(${readerPersonId}))`.execute(tx);
}

/** The same for all the places of a client. */
async function lockPlaces(tx: Executor, clientId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${PLACES_LOCK}::integer, hashtext(${clientId}))`.execute(tx);
}

export function createReaders({ db, clock, news }: { db: Database; clock: Clock; news: ReaderNews }) {
  /** Of published readers with an account that may read, all or some. */
  async function statuses(
    readerIds: string[] | null = null,
  ): Promise<{ reader_id: string; status: ReaderStatus }[]> {
    const nowMs = clock.now();
    const { rows } = await sql<{ reader_id: string; status: ReaderStatus | null }>`
      select r.reader_id, case when w.reader_person_id is not null then ${statusAt(nowMs)} end as status
      from readers r left join reader_presence w on w.reader_person_id = r.person_id
      where ${mayRead(sql`r.person_id`)} and (${readerIds}::text[] is null or r.reader_id = any (${readerIds}::text[]))
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
    await takeTurnsBack(nowMs);
    const over = await endPlaces(nowMs);
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
    for (const { client_id, reader_id } of over) await news.queueClosed(client_id, { reader_id });
    for (const { client_id, reader_id, until_ms } of given)
      await news.turn(client_id, { reader_id, until_ms });
    for (const { reader_id, told } of changed) await news.presence(reader_id, told);
    const came = changed.filter(({ before, told }) => told === 'online' && before !== 'busy');
    if (came.length > 0) await news.cameOnline(came.map(({ reader_id }) => reader_id));
    return over.length + given.length + changed.length;
  }

  /** A turn that can't be taken, since one of the two can't come, is none; the place in line stays. Before any turn is over. */
  async function takeTurnsBack(nowMs: number): Promise<void> {
    await sql`
      update reader_queue q set turn_until_ms = null from reader_presence w
      where w.reader_person_id = q.reader_person_id and q.turn_until_ms is not null
        and (not ${isFree(nowMs)} or ${isSeated(sql`q.client_id`)})`.execute(db);
  }

  /** A place is over with a turn that was not taken, with the reader's going, and with an account's suspension. */
  async function endPlaces(nowMs: number): Promise<{ client_id: string; reader_id: string }[]> {
    const { rows } = await sql<{ client_id: string; reader_id: string }>`
      with over as (
        delete from reader_queue q using reader_presence w
        where w.reader_person_id = q.reader_person_id and (
          q.turn_until_ms <= ${nowMs} or ${isSuspended(sql`q.client_id`)} or not ${mayRead(sql`q.reader_person_id`)}
          or ((w.until_ms <= ${nowMs} or w.wish = 'offline') and not ${isSeated(sql`q.reader_person_id`)}))
        returning q.client_id, q.reader_person_id
      )
      select o.client_id, r.reader_id from over o join readers r on r.person_id = o.reader_person_id`.execute(
      db,
    );
    return rows;
  }

  /** The next in each line whose reader is free gets the turn. */
  async function giveTurns(
    nowMs: number,
  ): Promise<{ client_id: string; reader_id: string; until_ms: number }[]> {
    const { rows } = await sql<{ reader_person_id: string; reader_id: string }>`
      select r.person_id as reader_person_id, r.reader_id from reader_presence w join readers r on r.person_id = w.reader_person_id
      where ${isFree(nowMs)} and ${nextInLine(sql`w.reader_person_id`, nowMs)} is not null
        and not exists (select from reader_queue o where o.reader_person_id = w.reader_person_id and o.turn_until_ms is not null)
      order by r.reader_id`.execute(db);
    const given = [];
    for (const { reader_person_id, reader_id } of rows) {
      const turn = await giveTurn(reader_person_id);
      if (turn) given.push({ ...turn, reader_id });
    }
    return given;
  }

  /** Looks again with the line held still: others may have given the turn, or taken the seat, meanwhile. */
  async function giveTurn(
    readerPersonId: string,
  ): Promise<{ client_id: string; until_ms: number } | undefined> {
    return db.transaction().execute(async (tx) => {
      await lockLine(tx, readerPersonId);
      const nowMs = clock.now();
      const { rows } = await sql<{ client_id: string }>`
        update reader_queue q set turn_until_ms = ${nowMs + TURN_MS} from reader_presence w
        where w.reader_person_id = ${readerPersonId} and ${isFree(nowMs)} and q.reader_person_id = w.reader_person_id
          and q.client_id = ${nextInLine(sql`w.reader_person_id`, nowMs)} and q.turn_until_ms is null
          and not exists (select from reader_queue o where o.reader_person_id = w.reader_person_id and o.turn_until_ms is not null)
        returning q.client_id`.execute(tx);
      return rows[0] && { client_id: rows[0].client_id, until_ms: nowMs + TURN_MS };
    });
  }

  /** A client's places in all lines, or in one. How long a reader is away, or sits as a client with another, nobody knows. */
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
      foreseeable: boolean;
    }>`
      select r.reader_id, q.modality, q.joined_ms, q.turn_until_ms,
        w.wish = 'online' and (${isReading(sql`w.reader_person_id`)} or ${isFree(nowMs)}) as foreseeable,
        (select count(*) from reader_queue o where o.reader_person_id = q.reader_person_id and o.number <= q.number) as place,
        (select s.created_ms from sessions s where s.reader_person_id = q.reader_person_id and s.state not in ('created', 'ended', 'finalized')) as began_ms,
        (select array_agg(l.ms) from (
          select s.ended_ms - s.created_ms as ms from sessions s
          where s.reader_person_id = q.reader_person_id and s.state = 'finalized' and (s.summary ->> 'active_ms')::bigint > 0
          order by s.created_ms desc limit 50) l) as lengths
      from reader_queue q join readers r on r.person_id = q.reader_person_id
      join reader_presence w on w.reader_person_id = q.reader_person_id
      where q.client_id = ${clientId} and (${readerId}::text is null or r.reader_id = ${readerId})
        and (q.turn_until_ms is null or q.turn_until_ms > ${nowMs}) order by q.number`.execute(db);
    return rows.map((row) => {
      const place = Number(row.place);
      const elapsed = row.began_ms === null ? null : nowMs - Number(row.began_ms);
      const turn = row.turn_until_ms === null ? null : Number(row.turn_until_ms);
      const lengths = (row.lengths ?? []).map(Number);
      return {
        reader_id: row.reader_id,
        modality: row.modality,
        place,
        joined_ms: Number(row.joined_ms),
        estimate_ms: turn !== null ? 0 : row.foreseeable ? estimateWait(lengths, elapsed, place - 1) : null,
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
      from readers r left join reader_presence w on w.reader_person_id = r.person_id
      where r.reader_id = ${readerId} and ${mayRead(sql`r.person_id`)}`.execute(db);
    const [reader] = rows;
    if (!reader) return refuse('reader_not_found');
    if (reader.person_id === clientId) return refuse('own_session');
    if (!busy && reader.status === 'online') return refuse('reader_free');
    if (reader.status !== 'busy' && !(busy && reader.status === 'online')) return refuse('reader_offline');
    const full = await takePlace(reader.person_id, clientId, modality);
    if (full) return refuse(full);
    const [place] = await places(clientId, readerId);
    return place ? { ok: true, place } : refuse('reader_offline');
  }

  /** Counts and adds with both held still, so that no limit is passed by many who come at once. */
  async function takePlace(
    readerPersonId: string,
    clientId: string,
    modality: QueuePlace['modality'],
  ): Promise<'queue_full' | 'too_many_places' | null> {
    return db.transaction().execute(async (tx) => {
      await lockLine(tx, readerPersonId);
      await lockPlaces(tx, clientId);
      const nowMs = clock.now();
      // A turn of one's own that has run out is no place any more.
      await sql`
        delete from reader_queue where reader_person_id = ${readerPersonId} and client_id = ${clientId} and turn_until_ms <= ${nowMs}`.execute(
        tx,
      );
      const { rows } = await sql<{ line: string; mine: string; here: boolean }>`
        select count(*) filter (where reader_person_id = ${readerPersonId}) as line, count(*) filter (where client_id = ${clientId}) as mine,
          coalesce(bool_or(reader_person_id = ${readerPersonId} and client_id = ${clientId}), false) as here
        from reader_queue where reader_person_id = ${readerPersonId} or client_id = ${clientId}`.execute(tx);
      const [counted] = rows;
      if (!counted || counted.here) return null;
      if (Number(counted.mine) >= MOST_PLACES) return 'too_many_places';
      if (Number(counted.line) >= MOST_IN_LINE) return 'queue_full';
      await sql`
        insert into reader_queue (reader_person_id, client_id, modality, joined_ms)
        values (${readerPersonId}, ${clientId}, ${modality}, ${nowMs})`.execute(tx);
      return null;
    });
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

    /** A suspended reader's line is closed and a suspended client is out of line at once. */
    async personChanged(personId: string): Promise<void> {
      const { rows } = await sql`
        select from reader_presence where reader_person_id = ${personId}
        union all select from reader_queue where client_id = ${personId} limit 1`.execute(db);
      if (rows.length > 0) await refresh();
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
