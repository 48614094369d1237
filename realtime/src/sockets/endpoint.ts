/** Where sockets come in: the handshake and its refusals, limits, the reading of messages, and whether anybody is still there. */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';
import type { Logger } from 'pino';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Problem } from '../../contract/http.ts';
import { clientMessage, MOST_SOCKET_BYTES, SOCKET_VERSION, TICKET_PREFIX } from '../../contract/socket.ts';
import type { Clock } from '../clock.ts';
import { type Connection, close, tell } from './connection.ts';
import type { Hub } from './hub.ts';
import type { SocketMetrics } from './metrics.ts';
import type { Redeemed, Tickets } from './tickets.ts';

export const SOCKET_PATH = '/socket';

export interface SocketLimits {
  /** Open sockets of one person on one node; the oldest makes room. */
  of_person: number;
  /** Open sockets from one address on one node; a whole house or school may share one. */
  of_address: number;
  /** Handshakes from one address in ten seconds. */
  handshakes: number;
  /** Messages that a socket may send at once, and then each second. */
  burst: number;
  per_second: number;
  /** Malformed messages, and messages beyond the rate, that a socket is forgiven. */
  malformed: number;
  flooded: number;
  /** How often each socket is asked whether it lives, in milliseconds. */
  ping_ms: number;
}

const LIMITS: SocketLimits = {
  of_person: 10,
  of_address: 200,
  handshakes: 100,
  burst: 60,
  per_second: 20,
  malformed: 5,
  flooded: 100,
  ping_ms: 20_000,
};
const HANDSHAKES_WINDOW_MS = 10_000;
/** Sockets are asked in turns, so that thousands are not written to at once. */
const TURNS = 10;
/** Messages of one socket that may wait for those before. */
const MOST_WORKING = 50;

export interface Endpoint {
  /** Closes every socket with 1012, and answers when they are gone. */
  close(): Promise<void>;
}

export function openEndpoint({
  server,
  hub,
  tickets,
  clock,
  log,
  metrics,
  origin,
  isProxy,
  limits: given = {},
}: {
  server: Server;
  hub: Hub;
  tickets: Tickets;
  clock: Clock;
  log: Logger;
  metrics: SocketMetrics;
  /** The only page that may connect. */
  origin: string;
  /** Whether an address is a proxy of ours, whose word about the client's address is believed. */
  isProxy: (address: string) => boolean;
  limits?: Partial<SocketLimits>;
}): Endpoint {
  const limits = { ...LIMITS, ...given };
  const connections = new Map<WebSocket, Connection>();
  const turns: Set<Connection>[] = Array.from({ length: TURNS }, () => new Set());
  /** Sockets of each address, those that are still at the handshake included. */
  const addresses = new Map<string, number>();
  let handshakes = new Map<string, number>();
  let handshakesUntil = 0;
  let opened = 0;
  let closing: Promise<void> | undefined;

  const websockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Costs memory for each socket, and frames for many could no longer be made once.
    perMessageDeflate: false,
    maxPayload: MOST_SOCKET_BYTES,
    handleProtocols: () => SOCKET_VERSION,
  });

  const upgrade = (request: IncomingMessage, stream: Socket, head: Buffer) => {
    stream.on('error', ignore);
    const refused = refusal(request);
    if (refused) refuse(stream, refused);
    else void admit(request, stream, head);
  };
  server.on('upgrade', upgrade);

  const turning = setInterval(askNext, limits.ping_ms / TURNS);
  turning.unref();

  /** What can be refused without asking the database. */
  function refusal(request: IncomingMessage): Refusal | undefined {
    if (request.url?.split('?', 1)[0]?.replace(/\/$/, '') !== SOCKET_PATH) return REFUSALS.not_found;
    if (closing) return REFUSALS.stopping;
    if (request.headers.origin !== origin) return REFUSALS.origin_not_allowed;
    const protocols = protocolsOf(request);
    if (!protocols.includes(SOCKET_VERSION)) return REFUSALS.unsupported_version;
    if (ticketOf(protocols) === undefined) return REFUSALS.ticket_missing;
    const address = proxyAddr(request, isProxy);
    if (clock.now() >= handshakesUntil) {
      handshakes = new Map();
      handshakesUntil = clock.now() + HANDSHAKES_WINDOW_MS;
    }
    const tries = (handshakes.get(address) ?? 0) + 1;
    handshakes.set(address, tries);
    if (tries > limits.handshakes || (addresses.get(address) ?? 0) >= limits.of_address)
      return REFUSALS.too_many_sockets;
    return undefined;
  }

  async function admit(request: IncomingMessage, stream: Socket, head: Buffer): Promise<void> {
    const address = proxyAddr(request, isProxy);
    addresses.set(address, (addresses.get(address) ?? 0) + 1);
    stream.once('close', () => {
      const left = (addresses.get(address) ?? 1) - 1;
      if (left > 0) addresses.set(address, left);
      else addresses.delete(address);
    });
    let redeemed: Redeemed;
    try {
      redeemed = await tickets.redeem(ticketOf(protocolsOf(request)) ?? '');
    } catch (error) {
      log.error({ err: error }, 'a ticket could not be looked up');
      return refuse(stream, REFUSALS.unavailable);
    }
    if (!redeemed.ok) return refuse(stream, REFUSALS[redeemed.code]);
    if (closing) return refuse(stream, REFUSALS.stopping);
    if (stream.destroyed) return;
    websockets.handleUpgrade(request, stream, head, (ws) => accept(ws, stream, address, redeemed));
  }

  function accept(
    ws: WebSocket,
    socket: Socket,
    address: string,
    { person, issued_at_ms }: Extract<Redeemed, { ok: true }>,
  ): void {
    const connection: Connection = {
      id: randomUUID(),
      person,
      issued_at_ms,
      address,
      ws,
      socket,
      rooms: new Set(),
      closed: undefined,
      alive: true,
      work: undefined,
      working: 0,
      tokens: limits.burst,
      refilled_at_ms: clock.now(),
      malformed: 0,
      flooded: 0,
    };
    connections.set(ws, connection);
    turns[opened % TURNS]?.add(connection);
    opened += 1;
    metrics.open.set(connections.size);
    ws.on('message', onMessage);
    ws.on('pong', onPong);
    ws.on('close', onClose);
    ws.on('error', onError);

    hub.enter(connection);
    const mine = [...hub.socketsOf(person.person_id)];
    for (const oldest of mine.slice(0, Math.max(0, mine.length - limits.of_person)))
      close(oldest, 'replaced');
    tell(connection, {
      type: 'hello',
      connection_id: connection.id,
      person_id: person.person_id,
      role: person.role,
      server_time_ms: clock.now(),
    });
  }

  // One function for all sockets: `ws` calls each with the socket as `this`.
  function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
    const connection = connections.get(this);
    if (connection && connection.closed === undefined) received(connection, data, isBinary);
  }
  function onPong(this: WebSocket): void {
    const connection = connections.get(this);
    if (connection) connection.alive = true;
  }
  function onClose(this: WebSocket, code: number): void {
    const connection = connections.get(this);
    if (!connection) return;
    connections.delete(this);
    for (const turn of turns) turn.delete(connection);
    hub.gone(connection);
    metrics.open.set(connections.size);
    metrics.closed.inc({ reason: connection.closed ?? (code === 1009 ? 'too_large' : 'client') });
    const line = { person_id: connection.person.person_id, code, reason: connection.closed };
    if (BLAMED.has(connection.closed ?? '') || code === 1009)
      log.info({ ...line, address: connection.address }, 'a socket was closed');
    else log.debug(line, 'a socket was closed');
  }

  function received(connection: Connection, data: RawData, isBinary: boolean): void {
    connection.alive = true;
    if (!takeToken(connection) || connection.working >= MOST_WORKING) {
      connection.flooded += 1;
      metrics.refused.inc({ code: 'too_many_messages' });
      if (connection.flooded > limits.flooded) close(connection, 'too_many_messages');
      // Said once for each time that it begins, or the answers would be a flood of their own.
      else if (connection.flooded % limits.burst === 1)
        error(connection, 'too_many_messages', 'Slow down: messages are being left out');
      return;
    }
    const message = isBinary ? undefined : parse(data);
    if (!message) {
      connection.malformed += 1;
      metrics.refused.inc({ code: 'malformed' });
      if (connection.malformed > limits.malformed) close(connection, 'malformed');
      else error(connection, 'malformed', 'That is no message that is known here');
      return;
    }
    metrics.received.inc({ type: message.type });
    if (message.type === 'ping') {
      tell(connection, {
        type: 'pong',
        server_time_ms: clock.now(),
        ...(message.id === undefined ? {} : { id: message.id }),
      });
      return;
    }
    // One after another, in the order in which they came.
    connection.working += 1;
    const before = connection.work ?? Promise.resolve();
    const work = before
      .then(() => (connection.closed === undefined ? hub.handle(connection, message) : undefined))
      .finally(() => {
        connection.working -= 1;
        if (connection.work === work) connection.work = undefined;
      });
    connection.work = work;
  }

  function takeToken(connection: Connection): boolean {
    const now = clock.now();
    const refill = (Math.max(0, now - connection.refilled_at_ms) * limits.per_second) / 1_000;
    connection.tokens = Math.min(limits.burst, connection.tokens + refill);
    connection.refilled_at_ms = now;
    if (connection.tokens < 1) return false;
    connection.tokens -= 1;
    return true;
  }

  /** Asks a tenth of the sockets whether they live; those that have given no sign since they were asked last are cut off. */
  let turn = 0;
  function askNext(): void {
    turn = (turn + 1) % TURNS;
    for (const connection of turns[turn] ?? []) {
      if (!connection.alive) {
        connection.ws.terminate();
        continue;
      }
      connection.alive = false;
      if (connection.ws.readyState === connection.ws.OPEN) connection.ws.ping();
    }
  }

  async function closeAll(): Promise<void> {
    clearInterval(turning);
    server.off('upgrade', upgrade);
    // Whoever still comes is refused rather than left waiting.
    server.on('upgrade', (_request: IncomingMessage, stream: Socket) => {
      stream.on('error', ignore);
      refuse(stream, REFUSALS.stopping);
    });
    const gone = [...connections.values()].map(
      ({ socket }) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
    );
    for (const connection of connections.values()) close(connection, 'restarting');
    await Promise.all(gone);
    websockets.close();
  }

  return {
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}

/** Closed for what they did, which somebody may want to know of. */
const BLAMED = new Set(['malformed', 'too_many_messages', 'too_slow', 'replaced']);

interface Refusal {
  status: number;
  code: string;
  title: string;
}
const REFUSALS = {
  not_found: { status: 404, code: 'not_found', title: 'There is nothing here' },
  stopping: { status: 503, code: 'stopping', title: 'This server is stopping, try again' },
  unavailable: { status: 503, code: 'unavailable', title: 'Tickets can’t be looked up now, try again' },
  origin_not_allowed: { status: 403, code: 'origin_not_allowed', title: 'Not from that page' },
  unsupported_version: {
    status: 400,
    code: 'unsupported_version',
    title: `Offer the subprotocol ${SOCKET_VERSION}`,
  },
  ticket_missing: {
    status: 401,
    code: 'ticket_missing',
    title: 'Get a ticket and offer it as a subprotocol',
  },
  ticket_refused: {
    status: 401,
    code: 'ticket_refused',
    title: 'The ticket was used, has ended or is none: get a new one',
  },
  account_suspended: { status: 403, code: 'account_suspended', title: 'This account is suspended' },
  too_many_sockets: { status: 429, code: 'too_many_sockets', title: 'Too many connections from there' },
} as const satisfies Record<string, Refusal>;

/** Before the handshake there is only HTTP. */
function refuse(stream: Socket, { status, code, title }: Refusal): void {
  const problem: Problem = { type: 'about:blank', title, status, code, instance: SOCKET_PATH };
  const body = JSON.stringify(problem);
  stream.end(
    [
      `HTTP/1.1 ${status} ${code}`,
      'connection: close',
      'cache-control: no-store',
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
    () => stream.destroy(),
  );
}

function protocolsOf({ headers }: IncomingMessage): string[] {
  return (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
}

function ticketOf(protocols: string[]): string | undefined {
  return protocols.find((one) => one.startsWith(TICKET_PREFIX))?.slice(TICKET_PREFIX.length);
}

function parse(data: RawData) {
  try {
    return clientMessage.safeParse(JSON.parse(String(data))).data;
  } catch {
    return undefined;
  }
}

function error(connection: Connection, code: 'malformed' | 'too_many_messages', title: string): void {
  tell(connection, { type: 'error', code, title });
}

function ignore(): void {
  // An error of a line is followed by its close.
}
/** `ws` says what the client did wrong, and closes by itself. */
function onError(): void {}
