/** What was said in rooms, numbered and kept for a day, so that whoever was away can catch up. */

import { sql } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import { MOST_BUFFERED } from './connection.ts';

export const MESSAGES_KEPT_MS = 24 * 60 * 60_000;
/** A room's number is remembered longer than its messages, or it would begin anew under somebody's eyes. */
const ROOMS_KEPT_MS = 30 * 24 * 60 * 60_000;
/** Whoever missed more reads the state of things anew. */
export const MOST_REPLAYED = 500;
/**
 * As it goes out, in one frame. Well below what may wait for a slow reader: one who is sent more and closed for it asks for
 * the same again, and would never get in.
 */
export const MOST_REPLAYED_BYTES = MOST_BUFFERED / 2;

export interface StoredMessage {
  room: string;
  seq: number;
  at_ms: number;
  /** The message as JSON. */
  body: string;
}

export interface Since {
  /** Every message after the number asked for, in order; empty when `whole` is false. */
  messages: StoredMessage[];
  /** False when some of them are gone, or too many. */
  whole: boolean;
  /** The number of the room's last message, nought where there was none. */
  last: number;
}

export interface Messages {
  /** Numbers and keeps messages in the caller's transaction; a room's numbers are its until that ends. */
  append(db: Database, given: { room: string; body: string }[]): Promise<StoredMessage[]>;
  since(room: string, seq: number): Promise<Since>;
  /** The number of the last message of each room that has any. */
  lastSeqs(rooms: string[]): Promise<Map<string, number>>;
  /** Deletes what is too old, and answers how many messages. */
  sweep(): Promise<number>;
}

/** A `message` of the contract, its body put in as it is. */
export function textOf({ room, seq, at_ms, body }: Omit<StoredMessage, 'seq'> & { seq?: number }): string {
  const number = seq === undefined ? '' : `"seq":${seq},`;
  return `{"type":"message","room":"${room}",${number}"at_ms":${at_ms},"body":${body}}`;
}

/** Whether messages are few and short enough to be said at once to somebody for whom so many bytes wait already. */
export function canReplay(texts: string[], waiting = 0): boolean {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), waiting);
  return texts.length <= MOST_REPLAYED && bytes <= MOST_REPLAYED_BYTES;
}

export function createMessages({ db, clock }: { db: Database; clock: Clock }): Messages {
  return {
    async append(trx, given) {
      const now = clock.now();
      const stored: StoredMessage[] = [];
      // In one order, so that two transactions never wait for each other.
      for (const room of [...new Set(given.map((one) => one.room))].sort()) {
        const bodies = given.filter((one) => one.room === room).map(({ body }) => body);
        const { rows } = await sql<{ last_seq: string }>`
          WITH numbered AS (
            INSERT INTO socket_rooms AS r (room, last_seq, used_at_ms) VALUES (${room}, ${bodies.length}, ${now})
            ON CONFLICT (room) DO UPDATE SET last_seq = r.last_seq + excluded.last_seq, used_at_ms = excluded.used_at_ms
            RETURNING last_seq
          ), kept AS (
            INSERT INTO socket_messages (room, seq, at_ms, body)
            SELECT ${room}, numbered.last_seq - ${bodies.length}::bigint + given.n, ${now}, given.body
            FROM numbered, unnest(${bodies}::text[]) WITH ORDINALITY AS given (body, n)
          )
          SELECT last_seq FROM numbered`.execute(trx);
        const first = Number(rows[0]?.last_seq) - bodies.length + 1;
        for (const [index, body] of bodies.entries())
          stored.push({ room, seq: first + index, at_ms: now, body });
      }
      return stored;
    },
    async since(room, seq) {
      const { rows } = await sql<{ last_seq: string; seq: string | null; at_ms: string; body: string }>`
        SELECT r.last_seq, m.seq, m.at_ms, m.body
        FROM socket_rooms r LEFT JOIN LATERAL (
          SELECT seq, at_ms, body FROM socket_messages WHERE room = r.room AND seq > ${seq} ORDER BY seq LIMIT ${MOST_REPLAYED + 1}
        ) m ON true
        WHERE r.room = ${room} ORDER BY m.seq`.execute(db);
      const last = Number(rows[0]?.last_seq ?? 0);
      const messages = rows
        .filter((row) => row.seq !== null)
        .map((row) => ({ room, seq: Number(row.seq), at_ms: Number(row.at_ms), body: row.body }));
      const whole = last === seq + messages.length && canReplay(messages.map(textOf));
      return { messages: whole ? messages : [], whole, last };
    },
    async lastSeqs(rooms) {
      const { rows } = await sql<{ room: string; last_seq: string }>`
        SELECT room, last_seq FROM socket_rooms WHERE room = ANY (${rooms}::text[])`.execute(db);
      return new Map(rows.map((row) => [row.room, Number(row.last_seq)]));
    },
    async sweep() {
      const now = clock.now();
      const { numAffectedRows } =
        await sql`DELETE FROM socket_messages WHERE at_ms < ${now - MESSAGES_KEPT_MS}`.execute(db);
      await sql`DELETE FROM socket_rooms WHERE used_at_ms < ${now - ROOMS_KEPT_MS}`.execute(db);
      return Number(numAffectedRows ?? 0);
    },
  };
}
