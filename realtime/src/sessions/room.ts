/** What is written in the room, kept for both, and each one's own note (S11). Strangers are told that there is no session. */

import { sql } from 'kysely';
import type { SessionMessage } from '../../contract/session.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import { type Say, sessionRoom } from './announce.ts';
import { isOpen, type Session, sideOf } from './session.ts';
import { lockSession, readSession } from './store.ts';

type Answer<T> = { ok: true; value: T } | { ok: false; code: 'not_found' | 'session_ended' | 'key_reused' };

export interface RoomParts {
  db: Database;
  clock: Clock;
  say: Say;
  /** The session as it is by the clock. */
  current: (id: string) => Promise<Session | undefined>;
}

export function createRoom({ db, clock, say, current }: RoomParts) {
  const toMessage = (row: Omit<SessionMessage, 'at_ms'> & { at_ms: string }): SessionMessage => ({
    ...row,
    at_ms: Number(row.at_ms),
  });

  /** The part that `personId` has in it, or nothing. */
  async function partOf(id: string, personId: string) {
    const session = await readSession(db, id);
    const side = session && sideOf(session, personId);
    return session && side ? { session, side } : undefined;
  }

  return {
    /** Writes into the room while it is open. The same key and text again is the same message. */
    async write(id: string, personId: string, key: string, text: string): Promise<Answer<SessionMessage>> {
      // A room whose time is over takes no word, whether or not anybody has noticed yet.
      await current(id);
      const written = await db.transaction().execute(async (tx) => {
        // The session's lock also gives messages their numbers without a gap.
        const session = await lockSession(tx, id);
        const side = session && sideOf(session, personId);
        if (!session || !side) return { ok: false as const, code: 'not_found' as const };
        const { rows: before } = await sql<Omit<SessionMessage, 'at_ms'> & { at_ms: string }>`
          select number, side, key, at_ms, text from session_messages
          where session_id = ${id} and side = ${side} and key = ${key}`.execute(tx);
        if (before[0])
          return before[0].text === text
            ? { ok: true as const, value: toMessage(before[0]), said: null }
            : { ok: false as const, code: 'key_reused' as const };
        if (!isOpen(session.state)) return { ok: false as const, code: 'session_ended' as const };
        const { rows } = await sql<Omit<SessionMessage, 'at_ms'> & { at_ms: string }>`
          insert into session_messages (session_id, number, side, key, at_ms, text)
          select ${id}, coalesce(max(number), 0) + 1, ${side}, ${key}, ${clock.now()}, ${text} from session_messages where session_id = ${id}
          returning number, side, key, at_ms, text`.execute(tx);
        const [row] = rows;
        if (!row) throw new Error(`a message of session ${id} was not written`);
        const body = { type: 'chat' as const, id: key, from_person_id: personId, text };
        return {
          ok: true as const,
          value: toMessage(row),
          said: await say(tx, [{ room: sessionRoom(id), body }]),
        };
      });
      if (!written.ok) return written;
      written.said?.announce();
      return { ok: true, value: written.value };
    },

    /** At most `limit` messages after number `after`, in order. */
    async read(
      id: string,
      personId: string,
      after: number,
      limit: number,
    ): Promise<Answer<SessionMessage[]>> {
      if (!(await partOf(id, personId))) return { ok: false, code: 'not_found' };
      const { rows } = await sql<Omit<SessionMessage, 'at_ms'> & { at_ms: string }>`
        select number, side, key, at_ms, text from session_messages
        where session_id = ${id} and number > ${after} order by number limit ${limit}`.execute(db);
      return { ok: true, value: rows.map(toMessage) };
    },

    async readNote(
      id: string,
      personId: string,
    ): Promise<Answer<{ text: string; updated_ms: number | null }>> {
      if (!(await partOf(id, personId))) return { ok: false, code: 'not_found' };
      const { rows } = await sql<{ text: string; updated_ms: string }>`
        select text, updated_ms from session_notes where session_id = ${id} and writer_id = ${personId}`.execute(
        db,
      );
      const [row] = rows;
      return {
        ok: true,
        value: row ? { text: row.text, updated_ms: Number(row.updated_ms) } : { text: '', updated_ms: null },
      };
    },

    /** Replaces the note; an empty text takes it away. */
    async writeNote(
      id: string,
      personId: string,
      text: string,
    ): Promise<Answer<{ text: string; updated_ms: number | null }>> {
      if (!(await partOf(id, personId))) return { ok: false, code: 'not_found' };
      const nowMs = clock.now();
      if (text === '') {
        await sql`delete from session_notes where session_id = ${id} and writer_id = ${personId}`.execute(db);
        return { ok: true, value: { text, updated_ms: null } };
      }
      await sql`
        insert into session_notes (session_id, writer_id, text, updated_ms) values (${id}, ${personId}, ${text}, ${nowMs})
        on conflict (session_id, writer_id) do update set text = excluded.text, updated_ms = excluded.updated_ms`.execute(
        db,
      );
      return { ok: true, value: { text, updated_ms: nowMs } };
    },
  };
}
