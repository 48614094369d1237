/**
 * A page's one socket to realtime: it connects again by itself, comes back into its rooms where it left them, and says
 * “I am here” in those where that counts. Rooms and messages: `realtime/contract/socket.ts`.
 */

import type { ClientMessage, RoomMessage, ServerMessage } from 'realtime/contract';
import { type CloseReason, SOCKET_VERSION, TICKET_PREFIX } from 'realtime/contract/socket-protocol';
import { closedBy, pauseBefore } from './back-off.ts';
import { createStore, type Store } from './store.ts';
import { plainTicker, type Ticker } from './ticker.ts';

/** A ticket, or why there is none and whether to ask again. */
export type TicketAnswer = { ok: true; ticket: string } | { ok: false; code: string; again: boolean };

export type SocketStatus =
  | { state: 'connecting' }
  | { state: 'open'; person_id: string }
  /** It will connect again by itself. */
  | { state: 'lost'; since_ms: number }
  /** It won't. */
  | { state: 'closed'; reason: CloseReason | string };

export interface RoomListener {
  message?(body: RoomMessage, at_ms: number): void;
  /** In the room, or in it again. Unless `resumed`, something may have been missed: read the state of things anew. */
  joined?(resumed: boolean): void;
  /** What was said was refused, or the room itself; `id` is the message's. */
  refused?(code: string, id: string | undefined): void;
}

export interface RoomOptions {
  /** Say “I am here” every few seconds. */
  heartbeat?: boolean;
}

export type Said = Extract<ClientMessage, { type: 'chat' | 'typing' | 'signal' }>;

export interface Socket {
  status: Store<SocketStatus>;
  /** Enters a room and stays in it over lost connections; gives the way out. */
  join(room: string, listener: RoomListener, options?: RoomOptions): () => void;
  /** Says something in a room; false when that can't be now. */
  say(message: Said): boolean;
  /** Tries at once where it waits before another try. */
  hurry(): void;
  close(): void;
}

/** Whether there is a network at all, as far as a browser knows. */
export interface Network {
  isOnline(): boolean;
  changed(listener: () => void): () => void;
}

export interface SocketOptions {
  url: string;
  ticket(): Promise<TicketAnswer>;
  network?: Network;
  ticker?: Ticker;
  now?: () => number;
  random?: () => number;
}

/** Every how many milliseconds it says “I am here” and looks whether the line is still there. */
const beatMs = 5_000;
/** Nothing heard for so long after a ping: the line is dead, though nobody has said so. */
const silentMs = 12_000;
/** No `hello` within this. */
const openWithinMs = 10_000;
/** A line that holds for so long is a good one: when it is lost, the first try comes at once. */
const steadyMs = 10_000;
/** Why a room stays closed to this connection; after any other refusal it is entered again. */
const barring: readonly string[] = ['unknown_room', 'not_allowed', 'too_many_rooms'];

const always: Network = { isOnline: () => true, changed: () => () => {} };

interface Room {
  listeners: Map<RoomListener, RoomOptions>;
  /** The number of the last message that was heard. */
  seq: number | undefined;
  /** On the present connection. */
  isIn: boolean;
  isBarred: boolean;
  /** When it was last asked to be let in. */
  askedAt: number;
}

export function createSocket({
  url,
  ticket,
  network = always,
  ticker = plainTicker,
  now = Date.now,
  random = Math.random,
}: SocketOptions): Socket {
  const status = createStore<{ now: SocketStatus }>({ now: { state: 'connecting' } });
  const rooms = new Map<string, Room>();
  let line: WebSocket | undefined;
  /** Counts connections, so that what belongs to one before is told apart. */
  let tries = 0;
  let failed = 0;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let heardAt = 0;
  let openedAt: number | undefined;
  let beatAt = now();
  let ended = false;

  const tell = (next: SocketStatus) => status.set({ now: next });
  const send = (message: ClientMessage) => {
    if (line?.readyState === WebSocket.OPEN) line.send(JSON.stringify(message));
  };
  const isOpen = () => status.get().now.state === 'open';

  async function connect(): Promise<void> {
    clearTimeout(waiting);
    waiting = undefined;
    if (ended || line || !network.isOnline()) return;
    const mine = ++tries;
    const answer = await ticket().catch(() => ({ ok: false as const, code: 'unavailable', again: true }));
    if (ended || mine !== tries) return;
    if (!answer.ok) {
      if (answer.again) later();
      else end(answer.code);
      return;
    }
    const socket = new WebSocket(url, [SOCKET_VERSION, `${TICKET_PREFIX}${answer.ticket}`]);
    line = socket;
    const opening = setTimeout(() => drop(socket), openWithinMs);
    socket.addEventListener('message', ({ data }) => {
      if (line !== socket) return;
      heardAt = now();
      for (const message of JSON.parse(String(data)) as ServerMessage[]) {
        if (message.type === 'hello') clearTimeout(opening);
        heard(message);
      }
    });
    socket.addEventListener('close', ({ code }) => {
      clearTimeout(opening);
      if (line === socket) lost(code);
    });
  }

  function lost(code: number): void {
    line = undefined;
    if (openedAt !== undefined && now() - openedAt >= steadyMs) failed = 0;
    openedAt = undefined;
    for (const room of rooms.values()) {
      room.isIn = false;
      room.isBarred = false;
    }
    const { reason, again } = closedBy(code);
    if (again) later();
    else end(reason);
  }

  /** Lets go of a line without waiting for the other end to say so. */
  function drop(socket: WebSocket): void {
    if (line !== socket) return;
    lost(1006);
    socket.close();
  }

  function later(): void {
    if (ended) return;
    if (status.get().now.state !== 'lost') tell({ state: 'lost', since_ms: now() });
    // Once there is a network again, that is told.
    if (!network.isOnline()) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => void connect(), pauseBefore(failed, random()));
    failed += 1;
  }

  function end(reason: string): void {
    if (ended) return;
    ended = true;
    clearTimeout(waiting);
    stopBeats();
    stopWatching();
    tell({ state: 'closed', reason });
  }

  function heard(message: ServerMessage): void {
    switch (message.type) {
      case 'hello':
        openedAt = now();
        tell({ state: 'open', person_id: message.person_id });
        for (const [name, room] of rooms) enter(name, room);
        return;
      case 'joined': {
        const room = rooms.get(message.room);
        if (!room) return;
        room.isIn = true;
        // What was missed follows, numbered after this; otherwise what comes next is.
        room.seq = message.seq;
        beat(message.room, room);
        for (const listener of [...room.listeners.keys()]) listener.joined?.(message.resumed);
        return;
      }
      case 'left': {
        const room = rooms.get(message.room);
        if (room) room.isIn = false;
        return;
      }
      case 'message': {
        const room = rooms.get(message.room);
        if (!room) return;
        if (message.seq !== undefined) {
          if (room.seq !== undefined && message.seq <= room.seq) return;
          room.seq = message.seq;
        }
        for (const listener of [...room.listeners.keys()]) listener.message?.(message.body, message.at_ms);
        return;
      }
      case 'error': {
        const room = message.room === undefined ? undefined : rooms.get(message.room);
        if (!room) return;
        if (!room.isIn && barring.includes(message.code)) room.isBarred = true;
        for (const listener of [...room.listeners.keys()]) listener.refused?.(message.code, message.id);
        return;
      }
      case 'pong':
        return;
    }
  }

  function enter(name: string, room: Room): void {
    room.askedAt = now();
    send({ type: 'join', room: name, ...(room.seq === undefined ? {} : { after: room.seq }) });
  }

  /** Where a join was refused for now, or one was sent out, it is asked again: it costs a beat. */
  function enterAgain(name: string, room: Room): void {
    if (!room.isIn && !room.isBarred && now() - room.askedAt >= beatMs) enter(name, room);
  }

  function beat(name: string, room: Room): void {
    if (room.isIn && [...room.listeners.values()].some(({ heartbeat }) => heartbeat))
      send({ type: 'heartbeat', room: name });
  }

  const stopBeats = ticker(beatMs, () => {
    const at = now();
    const slept = at - beatAt > 4 * beatMs;
    beatAt = at;
    const socket = line;
    if (!socket) {
      if (slept) hurry();
      return;
    }
    if (!isOpen()) return;
    // A machine that slept can't know what has become of its line.
    if (slept || at - heardAt > silentMs) return drop(socket);
    for (const [name, room] of rooms) {
      enterAgain(name, room);
      beat(name, room);
    }
    send({ type: 'ping' });
  });

  const stopWatching = network.changed(() => {
    const socket = line;
    if (network.isOnline()) hurry();
    else if (socket) drop(socket);
  });

  function hurry(): void {
    if (ended || line) return;
    failed = 0;
    void connect();
  }

  void connect();

  return {
    status: { get: () => status.get().now, subscribe: status.subscribe },
    join(name, listener, options = {}) {
      let room = rooms.get(name);
      if (!room) {
        room = { listeners: new Map(), seq: undefined, isIn: false, isBarred: false, askedAt: 0 };
        rooms.set(name, room);
        if (isOpen()) enter(name, room);
      }
      room.listeners.set(listener, options);
      if (room.isIn) {
        beat(name, room);
        listener.joined?.(false);
      }
      return () => {
        if (!room.listeners.delete(listener) || room.listeners.size > 0) return;
        rooms.delete(name);
        // Also when the join is still under way: what one says is heard in order.
        if (isOpen()) send({ type: 'leave', room: name });
      };
    },
    say(message) {
      if (!isOpen() || !rooms.get(message.room)?.isIn) return false;
      send(message);
      return true;
    },
    hurry,
    close() {
      const socket = line;
      end('done');
      line = undefined;
      socket?.close();
    },
  };
}
