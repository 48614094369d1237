/**
 * Rooms: who is in them, what is said in them, over all nodes. A node follows each room that has members here by the number
 * of its last message (the cursor): what comes over the bus goes out when it is the next one, and is read from the database
 * when one is missing. All members here are at the cursor, so one frame serves them all.
 */

import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Role } from '../../contract/directory.ts';
import type {
  ClientMessage,
  CloseReason,
  RoomMessage,
  ServerMessage,
  SOCKET_ERRORS,
} from '../../contract/socket.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import { PERSON_TOPIC, type PersonChanged } from '../directory/directory.ts';
import type { Bus } from './bus.ts';
import { type Connection, close, tell, write } from './connection.ts';
import { type Audience, createAudience, flush, say } from './fan-out.ts';
import { textFrame } from './frame.ts';
import { canReplay, createMessages, type StoredMessage, textOf } from './messages.ts';
import type { SocketPerson } from './tickets.ts';

const MOST_ROOMS = 20;
const MOST_BODY_BYTES = 64 * 1024;
/** Times that a join reads what came meanwhile, before it gives up being whole. */
const MOST_READS = 20;

/** Who says something in a room. */
export interface Sender {
  connection_id: string;
  person: SocketPerson;
}

/** Why a message is refused, as its sender is told. */
export interface SocketRefusal {
  code: string;
  title: string;
}

type ToRoom = Exclude<ClientMessage, { type: 'join' | 'leave' | 'ping' }>;

/** What the module that owns a kind of rooms says about them. `id` is what follows the colon in a room's name. */
export interface RoomRules {
  /** Whether somebody may be in the room. Asked at each join. */
  authorise(id: string, person: SocketPerson): boolean | Promise<boolean>;
  /** What is done with what clients say there; a kind of message without a handler is refused. */
  on?: {
    [Type in ToRoom['type']]?: (
      id: string,
      from: Sender,
      message: Extract<ToRoom, { type: Type }>,
    ) => Promise<SocketRefusal | undefined> | SocketRefusal | undefined;
  };
}

export interface SendOptions {
  /** At once, not with others after a moment: gifts, money, signalling. */
  urgent?: boolean;
  /** To this person's sockets in the room alone. */
  to_person_id?: string;
  /** To all but this one. */
  except_connection_id?: string;
}

export interface Appended {
  /** Tells the nodes, once it is committed. Never throws: what the bus loses the sweep finds. */
  announce(): void;
}

export interface Hub {
  /** Says whose rooms `{kind}:…` are. Once for each kind, before the server listens. */
  rooms(kind: string, rules: RoomRules): void;
  /** For now only: nobody who is away hears of it. */
  send(room: string, body: RoomMessage, options?: SendOptions): void;
  /**
   * Keeps messages in the caller's transaction, as the last thing it does: other writers of the room wait until it ends.
   * Call `announce` once it is committed.
   */
  append(trx: Database, messages: { room: string; body: RoomMessage; urgent?: boolean }[]): Promise<Appended>;
  /** Takes a person out of a room, on all nodes, those sockets too that are joining it at that moment. */
  expel(room: string, person_id: string): void;
  /** Closes a person's sockets on all nodes: all of them, or those whose ticket is not younger than `issued_until_ms`. */
  closePerson(person_id: string, reason: CloseReason, issued_until_ms?: number): void;

  /** For the endpoint. */
  enter(connection: Connection): void;
  gone(connection: Connection): void;
  handle(connection: Connection, message: Exclude<ClientMessage, { type: 'ping' }>): Promise<void>;
  /** How many sockets a person has here, the oldest first. */
  socketsOf(person_id: string): Iterable<Connection>;
  /** Finds what the bus has lost: messages, suspensions, sign-outs. Answers how much it was. */
  sweep(): Promise<number>;
  /** Deletes old messages and answers how many. */
  sweepMessages(): Promise<number>;
  close(): void;
}

interface Room extends Audience {
  readonly name: string;
  /** The number of the last message that members here have; undefined until it is known. */
  cursor: number | undefined;
  /** The highest number heard of. */
  heard: number;
  catching: Promise<void> | undefined;
  /** Joins under way. */
  joining: Set<Joining>;
}

interface Joining {
  readonly connection: Connection;
  /** Sent out since it began: what the room's owner said before counts no more. */
  expelled: boolean;
}

/** What somebody who comes back has missed, as far as it has been read. */
interface Replay {
  messages: StoredMessage[];
  /** The number up to which it has been read. */
  reached: number;
}

/** What goes over the bus: the message as JSON, its number when it has one. */
interface RoomSaid extends SendOptions {
  room: string;
  at_ms: number;
  seq?: number;
  body: string;
}
interface PersonClosed {
  person_id: string;
  reason: CloseReason;
  issued_until_ms?: number;
}
const ROOM_TOPIC = 'sockets.room';
const EXPEL_TOPIC = 'sockets.expel';
const CLOSE_TOPIC = 'sockets.close';

const TITLES: Record<Exclude<(typeof SOCKET_ERRORS)[number], 'malformed' | 'too_many_messages'>, string> = {
  unknown_room: 'There is no such room',
  not_allowed: 'This room is not for you',
  not_in_room: 'Enter the room first',
  not_supported: 'That can’t be said in this room',
  too_many_rooms: `One socket can be in ${MOST_ROOMS} rooms`,
  internal_error: 'Something went wrong here, try again',
};

export function createHub({
  db,
  bus,
  clock,
  log,
}: {
  db: Database;
  bus: Bus;
  clock: Clock;
  log: Logger;
}): Hub {
  const messages = createMessages({ db, clock });
  const kinds = new Map<string, RoomRules>();
  const rooms = new Map<string, Room>();
  const people = new Map<string, Set<Connection>>();

  const ends = [
    bus.subscribe(ROOM_TOPIC, (message) => heard(message as RoomSaid)),
    bus.subscribe(EXPEL_TOPIC, (message) => {
      const { room, person_id } = message as { room: string; person_id: string };
      for (const joining of rooms.get(room)?.joining ?? [])
        if (joining.connection.person.person_id === person_id) joining.expelled = true;
      for (const connection of people.get(person_id) ?? []) leave(connection, room, {});
    }),
    bus.subscribe(CLOSE_TOPIC, (message) => closeHere(message as PersonClosed)),
    bus.subscribe(PERSON_TOPIC, (message) => {
      const { person_id, role, status } = message as PersonChanged;
      judge(person_id, role, status);
    }),
    bus.onRestored(() => {
      sweep().catch((error: unknown) => log.warn({ err: error }, 'sockets could not be swept'));
    }),
  ];

  function publish(topic: string, message: unknown): void {
    bus.publish(topic, message).catch((error: unknown) => {
      log.warn({ topic, error: String(error) }, 'the other nodes could not be told');
    });
  }

  /** By what the directory says now. */
  function judge(person_id: string, role: Role, status: 'active' | 'suspended'): void {
    for (const connection of people.get(person_id) ?? []) {
      if (status !== 'active') close(connection, 'suspended');
      else if (connection.person.role !== role) close(connection, 'person_changed');
    }
  }

  function closeHere({ person_id, reason, issued_until_ms }: PersonClosed): void {
    for (const connection of people.get(person_id) ?? [])
      if (issued_until_ms === undefined || connection.issued_at_ms <= issued_until_ms)
        close(connection, reason);
  }

  function heard(said: RoomSaid): void {
    const room = rooms.get(said.room);
    if (!room) return;
    if (said.seq === undefined) sayForNow(room, said);
    else if (room.cursor !== undefined && said.seq === room.cursor + 1) {
      room.cursor = said.seq;
      say(room, textOf(said), said.urgent === true);
    } else if (room.cursor === undefined || said.seq > room.cursor) {
      room.heard = Math.max(room.heard, said.seq);
      catchUp(room);
    }
  }

  function sayForNow(room: Room, said: RoomSaid): void {
    const { to_person_id, except_connection_id } = said;
    if (to_person_id === undefined && except_connection_id === undefined) {
      say(room, textOf(said), said.urgent === true);
      return;
    }
    // Not for all: by itself, and after what waits for all.
    if (said.urgent) flush(room);
    const frame = textFrame(`[${textOf(said)}]`);
    for (const member of room.members)
      if (
        member.id !== except_connection_id &&
        (to_person_id === undefined || member.person.person_id === to_person_id)
      )
        write(member, frame);
  }

  /** Reads what is missing between the cursor and what was heard of, and goes on from there. */
  function catchUp(room: Room): void {
    if (room.cursor === undefined || room.catching) return;
    room.catching = readMissing(room)
      .catch((error: unknown) => log.warn({ err: error, room: room.name }, 'a room could not catch up'))
      .finally(() => {
        room.catching = undefined;
      });
  }

  async function readMissing(room: Room): Promise<void> {
    while (room.cursor !== undefined && room.heard > room.cursor) {
      const { cursor: from, heard: wanted } = room;
      const { messages: missing, whole, last } = await messages.since(room.name, from);
      if (last < from) {
        // The room was silent for so long that its number was forgotten, and counts from one again.
        room.heard = last;
        skipTo(room, 0);
        continue;
      }
      if (whole) advance(room, missing);
      else if (room.heard > room.cursor) skipTo(room, Math.max(room.cursor, last));
      // Heard of what the database doesn't have: nothing that was committed. Wait for the next word. What was heard of while
      // we read may be newer than what we read.
      if (last < wanted && room.heard === wanted) room.heard = room.cursor;
    }
  }

  /** Goes on after this number, and has the members here read the state of things anew. */
  function skipTo(room: Room, seq: number): void {
    room.cursor = seq;
    flush(room);
    const text: ServerMessage = { type: 'joined', room: room.name, seq, resumed: false };
    say(room, JSON.stringify(text), true);
  }

  /** Says those that members here don't have yet. */
  function advance(room: Room, stored: StoredMessage[]): void {
    for (const message of stored) {
      if (room.cursor === undefined || message.seq <= room.cursor) continue;
      room.cursor = message.seq;
      say(room, textOf(message), false);
    }
  }

  function follow(name: string): Room {
    let room = rooms.get(name);
    if (!room) {
      room = {
        ...createAudience(),
        name,
        cursor: undefined,
        heard: 0,
        catching: undefined,
        joining: new Set(),
      };
      rooms.set(name, room);
    }
    return room;
  }

  function forget(room: Room): void {
    if (room.members.size > 0 || room.joining.size > 0) return;
    clearTimeout(room.timer);
    rooms.delete(room.name);
  }

  function leave(connection: Connection, name: string, { id }: { id?: string | undefined }): void {
    if (!connection.rooms.delete(name)) return;
    const room = rooms.get(name);
    if (room) {
      // What was said while it was there is still its to hear.
      flush(room);
      room.members.delete(connection);
      forget(room);
    }
    tell(connection, { type: 'left', room: name, ...withId(id) });
  }

  async function join(
    connection: Connection,
    message: Extract<ClientMessage, { type: 'join' }>,
  ): Promise<Refused | undefined> {
    const { room: name, after } = message;
    const [kind, roomId] = partsOf(name);
    const rules = kinds.get(kind);
    if (!rules) return 'unknown_room';
    if (!connection.rooms.has(name) && connection.rooms.size >= MOST_ROOMS) return 'too_many_rooms';
    const room = follow(name);
    const joining: Joining = { connection, expelled: false };
    room.joining.add(joining);
    try {
      if (!(await rules.authorise(roomId, connection.person))) {
        leave(connection, name, {});
        return 'not_allowed';
      }
      const cursor = room.cursor ?? (await findCursor(room));
      let replay: Replay | undefined =
        after === undefined ? undefined : { messages: [], reached: Math.min(after, cursor) };
      // What is said while we read has to be read as well, so how far it reaches is looked at where nothing waits any more.
      for (let reads = 0; replay && (reads === 0 || isBehind(replay, room)); reads += 1)
        replay = reads < MOST_READS ? await readOn(room, replay) : undefined;
      if (joining.expelled) return 'not_allowed';
      letIn(connection, room, replay, message);
    } finally {
      room.joining.delete(joining);
      forget(room);
    }
    return undefined;
  }

  async function findCursor(room: Room): Promise<number> {
    const last = (await messages.lastSeqs([room.name])).get(room.name) ?? 0;
    room.cursor ??= last;
    catchUp(room);
    return room.cursor;
  }

  /** Reads what comes after, or answers nothing when it is not to be had whole. */
  async function readOn(room: Room, { messages: before, reached }: Replay): Promise<Replay | undefined> {
    const { messages: more, whole } = await messages.since(room.name, reached);
    return whole ? { messages: [...before, ...more], reached: more.at(-1)?.seq ?? reached } : undefined;
  }

  /** Nothing in here waits, so nothing comes between the replay and what is said next. */
  function letIn(
    connection: Connection,
    room: Room,
    replay: Replay | undefined,
    { after = 0, id }: { after?: number | undefined; id?: string | undefined },
  ): void {
    if (connection.closed !== undefined || connection.ws.readyState !== connection.ws.OPEN) return;
    if (replay) advance(room, replay.messages);
    flush(room);
    const missed = (replay?.messages ?? []).filter(({ seq }) => seq > after).map(textOf);
    // Each read was little enough, all of them together may not be; nor all rooms that somebody comes back to at once.
    const resumed =
      replay !== undefined && replay.reached >= after && canReplay(missed, connection.socket.writableLength);
    const joined: ServerMessage = {
      type: 'joined',
      room: room.name,
      seq: resumed ? after : (room.cursor ?? 0),
      resumed,
      ...withId(id),
    };
    const texts = [JSON.stringify(joined), ...(resumed ? missed : [])];
    write(connection, textFrame(`[${texts.join(',')}]`));
    connection.rooms.add(room.name);
    room.members.add(connection);
  }

  async function deliver(connection: Connection, message: ToRoom): Promise<Refused | undefined> {
    if (!connection.rooms.has(message.room)) return 'not_in_room';
    const [kind, id] = partsOf(message.room);
    const handler = kinds.get(kind)?.on?.[message.type] as
      | ((
          id: string,
          from: Sender,
          message: ToRoom,
        ) => Promise<SocketRefusal | undefined> | SocketRefusal | undefined)
      | undefined;
    if (!handler) return 'not_supported';
    return handler(id, { connection_id: connection.id, person: connection.person }, message);
  }

  async function sweep(): Promise<number> {
    return (await sweepPeople()) + (await sweepRooms());
  }

  /** Suspended, of another role, or signed out since, and nobody told us: one question about everybody who is here. */
  async function sweepPeople(): Promise<number> {
    if (people.size === 0) return 0;
    const here = [...people].map(([person_id, connections]) => ({
      person_id,
      roles: [...new Set([...connections].map(({ person }) => person.role))],
      issued_at_ms: Math.min(...[...connections].map(({ issued_at_ms }) => issued_at_ms)),
    }));
    const { rows } = await sql<{
      person_id: string;
      role: Role;
      status: 'active' | 'suspended';
      signed_out_ms: string | null;
    }>`
      SELECT p.person_id, p.role, p.status, s.at_ms AS signed_out_ms
      FROM unnest(${here.map((one) => one.person_id)}::uuid[], ${here.map((one) => one.roles.join())}::text[],
        ${here.map((one) => one.issued_at_ms)}::bigint[]) AS here (person_id, roles, issued_at_ms)
      JOIN people p USING (person_id) LEFT JOIN socket_sign_outs s USING (person_id)
      WHERE p.status <> 'active' OR p.role <> here.roles OR s.at_ms >= here.issued_at_ms`.execute(db);
    for (const { person_id, role, status, signed_out_ms } of rows) {
      judge(person_id, role, status);
      if (signed_out_ms !== null)
        closeHere({ person_id, reason: 'signed_out', issued_until_ms: Number(signed_out_ms) });
    }
    return rows.length;
  }

  async function sweepRooms(): Promise<number> {
    const followed = [...rooms.values()]
      .filter(({ members }) => members.size > 0)
      .map((room) => ({ room, cursor: room.cursor ?? 0 }));
    if (followed.length === 0) return 0;
    const lasts = await messages.lastSeqs(followed.map(({ room }) => room.name));
    let behind = 0;
    for (const { room, cursor } of followed) {
      const last = lasts.get(room.name) ?? 0;
      // Fewer than there were before we asked: it counts from one again, which reading on finds out.
      const wanted = last < cursor ? (room.cursor ?? 0) + 1 : last;
      if (room.cursor === undefined || wanted <= room.cursor) continue;
      behind += 1;
      room.heard = Math.max(room.heard, wanted);
      catchUp(room);
    }
    return behind;
  }

  const hub: Hub = {
    rooms(kind, rules) {
      if (kinds.has(kind)) throw new Error(`the rooms ${kind}:… have an owner already`);
      kinds.set(kind, rules);
    },
    send(room, body, options = {}) {
      publish(ROOM_TOPIC, { room, at_ms: clock.now(), body: jsonOf(body), ...options } satisfies RoomSaid);
    },
    async append(trx, given) {
      const urgent = new Set(given.filter((one) => one.urgent).map(({ room }) => room));
      const stored = await messages.append(
        trx,
        given.map(({ room, body }) => ({ room, body: jsonOf(body) })),
      );
      return {
        announce() {
          for (const message of stored)
            publish(ROOM_TOPIC, { ...message, urgent: urgent.has(message.room) } satisfies RoomSaid);
        },
      };
    },
    expel: (room, person_id) => publish(EXPEL_TOPIC, { room, person_id }),
    closePerson: (person_id, reason, issued_until_ms) =>
      publish(CLOSE_TOPIC, {
        person_id,
        reason,
        ...(issued_until_ms === undefined ? {} : { issued_until_ms }),
      } satisfies PersonClosed),

    enter(connection) {
      const { person_id } = connection.person;
      const set = people.get(person_id);
      if (set) set.add(connection);
      else people.set(person_id, new Set([connection]));
    },
    gone(connection) {
      for (const name of connection.rooms) {
        const room = rooms.get(name);
        room?.members.delete(connection);
        if (room) forget(room);
      }
      connection.rooms.clear();
      const set = people.get(connection.person.person_id);
      set?.delete(connection);
      if (set?.size === 0) people.delete(connection.person.person_id);
    },
    async handle(connection, message) {
      let refused: Refused | undefined;
      try {
        if (message.type === 'leave') {
          if (connection.rooms.has(message.room)) leave(connection, message.room, message);
          else refused = 'not_in_room';
        } else
          refused = await (message.type === 'join'
            ? join(connection, message)
            : deliver(connection, message));
      } catch (error) {
        log.error({ err: error, type: message.type, room: message.room }, 'a socket’s message failed');
        refused = 'internal_error';
      }
      if (refused === undefined) return;
      const { code, title } =
        typeof refused === 'string' ? { code: refused, title: TITLES[refused] } : refused;
      tell(connection, { type: 'error', code, title, room: message.room, ...withId(message.id) });
    },
    socketsOf: (person_id) => people.get(person_id) ?? [],
    sweep,
    sweepMessages: messages.sweep,
    close() {
      for (const end of ends) end();
      for (const room of rooms.values()) flush(room);
    },
  };

  // Everybody has a room of their own.
  hub.rooms('person', { authorise: (id, { person_id }) => id === person_id });
  return hub;
}

type Refused = keyof typeof TITLES | SocketRefusal;

const isBehind = ({ reached }: Replay, { cursor = 0 }: Room) => reached < cursor;

const withId = (id: string | undefined) => (id === undefined ? {} : { id });

function partsOf(room: string): [kind: string, id: string] {
  const colon = room.indexOf(':');
  return [room.slice(0, colon), room.slice(colon + 1)];
}

function jsonOf(body: RoomMessage): string {
  const json = JSON.stringify(body);
  if (Buffer.byteLength(json) > MOST_BODY_BYTES)
    throw new Error(`a room’s message of ${json.length} characters is too large`);
  return json;
}
