/**
 * What others are told of sessions and readers, and in which room. Each says what has changed; the private rest is read by
 * whoever may. What has moved is kept in the transaction that moves it, so that a page that was away misses nothing.
 */

import type { RoomMessage } from '../../contract/socket.ts';
import type { Executor } from '../ledger/ledger.ts';
import type { Session } from './session.ts';

export interface Said {
  room: string;
  body: RoomMessage;
  urgent?: boolean;
}

/** Keeps messages as the last thing in a transaction; `announce` tells the nodes once that is committed. */
export type Say = (tx: Executor, said: Said[]) => Promise<{ announce(): void }>;

export const sessionRoom = (id: string) => `session:${id}`;
export const personRoom = (id: string) => `person:${id}`;
export const presenceRoom = (readerId: string) => `presence:${readerId}`;

/** A session that has moved: in its room, and to both people wherever their pages are. */
export function saidOf(session: Session): Said[] {
  const { id, version, state, client_id, reader_person_id } = session;
  const body: RoomMessage = { type: 'session', session_id: id, version, state };
  return [sessionRoom(id), personRoom(client_id), personRoom(reader_person_id)].map((room) => ({
    room,
    body,
    urgent: true,
  }));
}
