/** One open socket: what is known of it, how it is written to, how it ends. Functions over data, since there are thousands. */

import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { CLOSE_CODES, type CloseReason, type ServerMessage } from '../../contract/socket.ts';
import { textFrame } from './frame.ts';
import type { SocketPerson } from './tickets.ts';

/**
 * What may wait for one slow reader, in bytes. The bytes of a frame for many are shared. What is replayed when somebody comes
 * back is measured by it: MOST_REPLAYED_BYTES in messages.ts.
 */
export const MOST_BUFFERED = 256 * 1024;
/** For the close frame to be read; then the line is cut. */
const CLOSE_WITHIN_MS = 2_000;

export interface Connection {
  readonly id: string;
  readonly person: SocketPerson;
  /** When its ticket was issued: an older sign-out doesn't mean it. */
  readonly issued_at_ms: number;
  readonly address: string;
  readonly ws: WebSocket;
  readonly socket: Socket;
  readonly rooms: Set<string>;
  /** Why it was closed from here. */
  closed: CloseReason | undefined;
  /** Something came in since it was last asked. */
  alive: boolean;
  /** The last of its messages that is still being worked on, and how many are. */
  work: Promise<void> | undefined;
  working: number;
  tokens: number;
  refilled_at_ms: number;
  malformed: number;
  flooded: number;
}

/**
 * Writes a whole frame to the line below the WebSocket. Without compression `ws` writes whole frames as well, so none ever
 * lands within another.
 */
export function write(connection: Connection, frame: Buffer): void {
  if (connection.closed !== undefined || connection.ws.readyState !== WebSocket.OPEN) return;
  if (connection.socket.writableLength > MOST_BUFFERED) close(connection, 'too_slow');
  else connection.socket.write(frame);
}

export function tell(connection: Connection, ...messages: ServerMessage[]): void {
  write(connection, textFrame(JSON.stringify(messages)));
}

export function close(connection: Connection, reason: CloseReason): void {
  if (connection.closed !== undefined) return;
  connection.closed = reason;
  connection.ws.close(CLOSE_CODES[reason].code, reason);
  setTimeout(() => connection.ws.terminate(), CLOSE_WITHIN_MS).unref();
}
