/** The socket's constants, without the schemas: a page that speaks it loads nothing else. */

/** The version of everything in socket.ts, offered and answered as subprotocol. A change that an old client can't live with is a new one. */
export const SOCKET_VERSION = 'soulseer.1';
export const TICKET_PREFIX = 'ticket.';

/** Largest frame that a client may send, in bytes; a larger one closes the socket with 1009. */
export const MOST_SOCKET_BYTES = 32 * 1024;

/** Why the server closes a socket, and whether the page may connect again by itself (with a new ticket, after a random pause). */
export const CLOSE_CODES = {
  /** The server failed. */
  internal_error: { code: 1011, again: true },
  /** A frame of more than MOST_SOCKET_BYTES. */
  too_large: { code: 1009, again: false },
  /** The server stops or starts anew. */
  restarting: { code: 1012, again: true },
  /** Malformed or unknown messages, again and again. */
  malformed: { code: 4400, again: false },
  signed_out: { code: 4401, again: false },
  suspended: { code: 4403, again: false },
  /** Messages were not read as fast as they came. */
  too_slow: { code: 4408, again: true },
  /** The same person opened more sockets than one may have; the oldest goes. */
  replaced: { code: 4410, again: false },
  /** The person's role is another now. */
  person_changed: { code: 4412, again: true },
  /** More messages than one may send, again and again. */
  too_many_messages: { code: 4429, again: true },
} as const;
export type CloseReason = keyof typeof CLOSE_CODES;
