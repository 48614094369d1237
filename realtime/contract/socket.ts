/**
 * What goes over the socket, `wss://…/socket`. Times are milliseconds since 1970.
 *
 * A browser offers two subprotocols: SOCKET_VERSION, and `ticket.` with a ticket of `POST /api/socket-tickets`. The ticket
 * goes there since that is the one header that a browser lets a page set: an address ends in logs, histories and traces.
 * It is good for one connection and 30 seconds, so each connection begins with a new one.
 *
 * A client sends one `clientMessage` a frame. The server sends lists: a frame is a `serverFrame`, in order.
 */

import { z } from 'zod';
import { role } from './directory.ts';
import { text } from './text.ts';

export * from './socket-protocol.ts';

export const socketTicket = z
  .object({
    ticket: z.string(),
    expires_at_ms: z.int(),
  })
  .meta({ id: 'SocketTicket' });
export type SocketTicket = z.infer<typeof socketTicket>;

export const signOut = z
  .object({
    person_id: z.uuid(),
    at_ms: z.int().min(0).describe('when it was: sockets whose ticket is older are closed'),
  })
  .meta({ id: 'SignOut' });
export type SignOut = z.infer<typeof signOut>;

/** `session:{id}`, `person:{person_id}`, `presence:{reader_id}` … */
const room = z.string().regex(/^[a-z]{1,20}:[A-Za-z0-9-]{1,64}$/, 'must be a room');
/** The caller's own, to tell answers apart. */
const id = z.string().regex(/^[A-Za-z0-9-]{1,36}$/, 'must be an id');

/** What two peers tell each other to connect. */
const signal = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('description'),
    description: z.strictObject({
      type: z.enum(['offer', 'answer', 'pranswer', 'rollback']),
      sdp: z.string().max(24_000),
    }),
  }),
  z.strictObject({
    kind: z.literal('candidate'),
    /** Null says that there are no more. */
    candidate: z
      .strictObject({
        candidate: z.string().max(1_000),
        sdpMid: z.string().max(64).nullable(),
        sdpMLineIndex: z.int().min(0).max(255).nullable(),
        usernameFragment: z.string().max(256).nullish(),
      })
      .nullable(),
  }),
]);
export type Signal = z.infer<typeof signal>;

export const clientMessage = z.discriminatedUnion('type', [
  /**
   * Enter a room. With `after`, the number of the last message that was seen, all since then come first, none missing and
   * none twice; where that can't be (`resumed: false`) the page reads the state of things anew.
   */
  z.strictObject({
    type: z.literal('join'),
    room,
    after: z.int().min(0).optional(),
    id: id.optional(),
  }),
  z.strictObject({ type: z.literal('leave'), room, id: id.optional() }),
  z.strictObject({ type: z.literal('ping'), id: id.optional() }),
  /** “I am here”, every few seconds while in a session's room. */
  z.strictObject({ type: z.literal('heartbeat'), room, id: id.optional() }),
  /** The id makes it safe to say again: a text is kept once for each id. */
  z.strictObject({ type: z.literal('chat'), room, id: z.uuid(), text: z.string().trim().pipe(text(2_000)) }),
  z.strictObject({ type: z.literal('typing'), room, id: id.optional() }),
  z.strictObject({
    type: z.literal('signal'),
    room,
    id: id.optional(),
    signal,
    /** When the page that says it came into the room, by the server's clock: of two pages of one person the later one stays. */
    entered_ms: z.int().min(0).optional(),
  }),
]);
export type ClientMessage = z.infer<typeof clientMessage>;

/** What is said in rooms. Whoever knows less than it tells reads the whole over HTTP. */
export const roomMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('chat'), id: z.uuid(), from_person_id: z.uuid(), text: z.string() }),
  z.object({ type: z.literal('typing'), from_person_id: z.uuid() }),
  z.object({
    type: z.literal('signal'),
    from_person_id: z.uuid(),
    signal,
    entered_ms: z.int().optional(),
  }),
  /** A session is in another state than before. */
  z.object({ type: z.literal('session'), session_id: z.uuid(), version: z.int(), state: z.string() }),
  /** What a session has cost and how long the money lasts. */
  z.object({
    type: z.literal('meter'),
    session_id: z.uuid(),
    paid_minutes: z.int(),
    paid_cents: z.int(),
    /** How long the money lasts, for the client; null for the reader. */
    minutes_left: z.int().nullable(),
  }),
  /** W9: so many minutes until the session ends, the one that runs included. To the client, once for each crossing. */
  z.object({ type: z.literal('low'), session_id: z.uuid(), minutes: z.int().min(1).max(3) }),
  /** What the card or the shop has done to somebody's own wallet: what there is now. */
  z.object({ type: z.literal('wallet'), balance_cents: z.int(), debt_cents: z.int() }),
  z.object({
    type: z.literal('presence'),
    reader_id: z.string(),
    status: z.enum(['online', 'busy', 'away', 'offline']),
  }),
  /** In line for a reader who is free now: start a session before `until_ms`. */
  z.object({ type: z.literal('queue_turn'), reader_id: z.string(), until_ms: z.int() }),
  /** A place in line is over: the reader has gone, or the turn was not taken. */
  z.object({ type: z.literal('queue_closed'), reader_id: z.string() }),
  /** D3: a favourite of theirs came online, and they wished to know. */
  z.object({
    type: z.literal('favourite_online'),
    reader_id: z.string(),
    name: z.string(),
    slug: z.string(),
  }),
]);
export type RoomMessage = z.infer<typeof roomMessage>;

/** Why a message was refused. What a room's own rules refuse has codes of its own beside these. */
export const SOCKET_ERRORS = [
  'malformed',
  'unknown_room',
  'not_allowed',
  'not_in_room',
  'not_supported',
  'too_many_rooms',
  'too_many_messages',
  'internal_error',
] as const;

export const serverMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    connection_id: z.uuid(),
    person_id: z.uuid(),
    role,
    server_time_ms: z.int(),
  }),
  z.object({
    type: z.literal('joined'),
    room: z.string(),
    /** The room's next numbered message has the number after this. */
    seq: z.int(),
    /** Whether nothing was missed since `after`; false also when no `after` was given. */
    resumed: z.boolean(),
    id: z.string().optional(),
  }),
  /** Left, or sent out by the room's rules. */
  z.object({ type: z.literal('left'), room: z.string(), id: z.string().optional() }),
  z.object({ type: z.literal('pong'), server_time_ms: z.int(), id: z.string().optional() }),
  z.object({
    type: z.literal('message'),
    room: z.string(),
    /** Numbers of a room have no gap; what is only for now (typing, signals) has none. */
    seq: z.int().optional(),
    at_ms: z.int(),
    body: roomMessage,
  }),
  z.object({
    type: z.literal('error'),
    code: z.string(),
    title: z.string(),
    room: z.string().optional(),
    id: z.string().optional(),
  }),
]);
export type ServerMessage = z.infer<typeof serverMessage>;
export const serverFrame = z.array(serverMessage).min(1);
