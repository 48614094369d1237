/** The sessions' parts put together, for main.ts and for tests alike. */

import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { RoomMessage } from '../../contract/socket.ts';
import type { Audit } from '../audit/audit.ts';
import type { Charged } from '../billing/tick.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { FavouriteNotices } from '../notices/favourites.ts';
import type { Signer } from '../receipts/sign.ts';
import { storeReceipt } from '../receipts/store.ts';
import type { MediaTokens } from '../tokens/media.ts';
import { personRoom, presenceRoom, type Say, sessionRoom } from './announce.ts';
import { createReaders } from './readers.ts';
import { createRoom } from './room.ts';
import { createSessions } from './sessions.ts';
import { createSweep } from './sweep.ts';
import { createViews } from './view.ts';

export interface SessionModuleParts {
  db: Database;
  clock: Clock;
  log: Logger;
  ledger: Ledger;
  audit: Pick<Audit, 'record'>;
  tokens: MediaTokens;
  /** Signs receipts. */
  signer: Signer;
  /** Keeps messages in a transaction. */
  say: Say;
  /** D3: told to who wished it. */
  favourites: Pick<FavouriteNotices, 'online'>;
  /** Says something for now only. */
  send: (room: string, body: RoomMessage, options?: { urgent?: boolean; to_person_id?: string }) => void;
}

export type SessionModule = ReturnType<typeof createSessionModule>;

export function createSessionModule(parts: SessionModuleParts) {
  const { db, clock, log, ledger, audit, tokens, signer, say, send, favourites } = parts;
  /** Kept for a person whose page is away. */
  async function keepFor(person_id: string, body: RoomMessage): Promise<void> {
    const said = await db
      .transaction()
      .execute((tx) => say(tx, [{ room: personRoom(person_id), body, urgent: true }]));
    said.announce();
  }
  const readers = createReaders({
    db,
    clock,
    news: {
      presence: async (reader_id, status) =>
        send(presenceRoom(reader_id), { type: 'presence', reader_id, status }),
      turn: (client_id, of) => keepFor(client_id, { type: 'queue_turn', ...of }),
      queueClosed: (client_id, of) => keepFor(client_id, { type: 'queue_closed', ...of }),
      // Nobody's coming online fails because of who wished to know.
      cameOnline: (ids) =>
        favourites
          .online(ids)
          .catch((error: unknown) => log.error({ err: error }, 'favourites could not be told')),
    },
  });
  const sessions = createSessions({
    db,
    clock,
    ledger,
    log,
    audit,
    storeReceipt: async (tx, sessionId, presence) => {
      await storeReceipt(tx, { sessionId, presence, signer, nowMs: clock.now() });
    },
    say,
    moved: async () => {
      await readers.refresh();
    },
  });

  /** What a tick has charged: who ran out of money ends, and each is told what is theirs to know (W9). */
  async function afterTick(charged: Charged[]): Promise<void> {
    const { terms, lows } = await sessions.afterTick(charged);
    for (const { session_id, paid_minutes, minutes_left } of charged) {
      const session = terms.get(session_id);
      if (!session) continue;
      const body = {
        type: 'meter' as const,
        session_id,
        paid_minutes,
        paid_cents: paid_minutes * session.rate_cents,
      };
      const room = sessionRoom(session_id);
      // How long the money lasts is the client's to know.
      send(room, { ...body, minutes_left }, { urgent: true, to_person_id: session.client_id });
      send(room, { ...body, minutes_left: null }, { urgent: true, to_person_id: session.reader_person_id });
    }
    for (const { session_id, minutes } of lows) {
      const to_person_id = terms.get(session_id)?.client_id;
      if (to_person_id)
        send(sessionRoom(session_id), { type: 'low', session_id, minutes }, { urgent: true, to_person_id });
    }
  }

  /** SES-11 SES-12: at once where the directory tells it; the sweep does the same. */
  async function personChanged({ person_id }: { person_id: string }): Promise<void> {
    const { rows } = await sql<{ session_id: string }>`
      select session_id from session_seats where person_id = ${person_id}`.execute(db);
    for (const { session_id } of rows) await sessions.tend(session_id);
    await readers.personChanged(person_id);
  }

  return {
    personChanged,
    clock,
    tokens,
    sessions,
    readers,
    room: createRoom({ db, clock, say, current: sessions.current }),
    views: createViews({ db, clock }),
    sweep: createSweep({ db, clock, log, sessions, readers }),
    afterTick,
  };
}
