/**
 * The sweep: finds by a few set-based queries what is overdue, and does it. A plain timer under an advisory lock; nothing
 * depends on it running once or on time, since each act on a session does first what is overdue.
 */

import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import type { Executor } from '../ledger/ledger.ts';
import { isOverdue } from './overdue.ts';
import type { Readers } from './readers.ts';
import { ABSENT_MS } from './session.ts';
import type { Sessions } from './sessions.ts';

/** Sessions done at a time in a turn; the next turn is a second away. */
const BATCH = 500;
const AT_ONCE = 4;

export interface SweepParts {
  db: Database;
  clock: Clock;
  log: Logger;
  sessions: Sessions;
  readers: Readers;
}

/** One turn, if no other node is at it. Answers how much was done. */
export function createSweep({ db, clock, log, sessions, readers }: SweepParts): () => Promise<number> {
  async function each(ids: string[], work: (id: string) => Promise<unknown>): Promise<number> {
    const waiting = [...ids];
    let done = 0;
    const worker = async () => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
        try {
          if (await work(id)) done += 1;
        } catch (error) {
          // One that can't be done keeps no other from it.
          log.error({ session_id: id, err: error }, 'could not do what is overdue');
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return done;
  }

  /** Rule 2: after more than 15 s in which no node swept, none ran. Deadlines move on by that. */
  async function afterOutage(nowMs: number): Promise<void> {
    await db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ ran_ms: string }>`select ran_ms from session_sweeps for update`.execute(
        tx,
      );
      const ranMs = rows[0] ? Number(rows[0].ran_ms) : nowMs;
      if (nowMs - ranMs > ABSENT_MS) {
        log.warn({ silent_ms: nowMs - ranMs }, 'no node ran; deadlines are moved on');
        const { rows: open } = await sql<{ id: string }>`
          select id from sessions where state in ('waiting', 'paused', 'reconnecting') and id in (select session_id from session_seats) order by id`.execute(
          tx,
        );
        await sessions.shiftDeadlines(
          tx,
          open.map(({ id }) => id),
          ranMs,
          nowMs,
        );
        await readers.shift(tx, ranMs, nowMs);
      }
      await sql`
        insert into session_sweeps (one, ran_ms) values (true, ${nowMs})
        on conflict (one) do update set ran_ms = greatest(session_sweeps.ran_ms, excluded.ran_ms)`.execute(
        tx,
      );
    });
  }

  async function overdue(nowMs: number): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`
      select s.id from sessions s
      where s.id in (select session_id from session_seats) and ${isOverdue(nowMs)}
      order by s.id limit ${BATCH}`.execute(db);
    return rows.map(({ id }) => id);
  }

  async function ended(): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`
      select id from sessions where state = 'ended' order by ended_ms limit ${BATCH}`.execute(db);
    return rows.map(({ id }) => id);
  }

  return () =>
    underLock(db, 'sessions.sweep', async () => {
      await afterOutage(clock.now());
      const tended = await each(await overdue(clock.now()), sessions.tend);
      const finalised = await each(await ended(), sessions.finalise);
      return tended + finalised + (await readers.refresh());
    });
}

/** The lock is the connection's, so a killed node lets go of it. */
async function underLock(db: Database, name: string, work: () => Promise<number>): Promise<number> {
  return db.connection().execute(async (connection: Executor) => {
    const { rows } = await sql<{ mine: boolean }>`
      select pg_try_advisory_lock(hashtext(${name})) as mine`.execute(connection);
    if (!rows[0]?.mine) return 0;
    try {
      return await work();
    } finally {
      await sql`select pg_advisory_unlock(hashtext(${name}))`.execute(connection);
    }
  });
}
