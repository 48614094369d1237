import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { ClientMessage, ServerMessage } from 'realtime/contract';
import { CLOSE_CODES } from 'realtime/contract/socket-protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { closedBy, pauseBefore } from '../../src/live/back-off.ts';
import { createSocket, type Network, type RoomListener, type Socket } from '../../src/live/socket.ts';

// The page's socket against a real WebSocket server that speaks the contract, over real connections.

const person_id = '3f0c2a52-7a2b-4c9c-9a51-0a8d7c3b1f10';
const room = 'session:5b0c2a52-7a2b-4c9c-9a51-0a8d7c3b1f10';

interface Line {
  protocols: string[];
  got: ClientMessage[];
  say(...messages: ServerMessage[]): void;
  close(code: number): void;
  cut(): void;
}

interface Server {
  url: string;
  lines: Line[];
  /** Whether it answers a `join` by itself, and what it has to replay. */
  answers: boolean;
  replay: ServerMessage[];
  stop(): Promise<void>;
}

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function startServer(): Promise<Server> {
  const websockets = new WebSocketServer({ port: 0, handleProtocols: () => 'soulseer.1' });
  await once(websockets, 'listening');
  const server: Server = {
    url: `ws://127.0.0.1:${(websockets.address() as AddressInfo).port}/socket`,
    lines: [],
    answers: true,
    replay: [],
    async stop() {
      for (const client of websockets.clients) client.terminate();
      await new Promise((resolve) => websockets.close(resolve));
    },
  };
  websockets.on('connection', (ws: WebSocket, request) => {
    const line: Line = {
      protocols: (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim()),
      got: [],
      say: (...messages) => ws.send(JSON.stringify(messages)),
      close: (code) => ws.close(code),
      cut: () => ws.terminate(),
    };
    server.lines.push(line);
    ws.on('message', (data) => {
      const message = JSON.parse(String(data)) as ClientMessage;
      line.got.push(message);
      if (!server.answers) return;
      if (message.type === 'ping') line.say({ type: 'pong', server_time_ms: 1 });
      if (message.type === 'join')
        line.say(
          {
            type: 'joined',
            room: message.room,
            seq: message.after ?? 4,
            resumed: message.after !== undefined,
          },
          ...(message.after === undefined ? [] : server.replay),
        );
    });
    line.say({ type: 'hello', connection_id: person_id, person_id, role: 'client', server_time_ms: 1 });
  });
  open.push(() => server.stop());
  return server;
}

/** A clock of the test's own for what is done every few seconds. */
function handTicker() {
  const works = new Set<() => void>();
  return {
    ticker: (_everyMs: number, work: () => void) => {
      works.add(work);
      return () => works.delete(work);
    },
    tick: () => {
      for (const work of works) work();
    },
    works,
  };
}

function connect(server: Server, more: Partial<Parameters<typeof createSocket>[0]> = {}) {
  const tickets: string[] = [];
  const hand = handTicker();
  const time = { now: 1_000_000 };
  const socket: Socket = createSocket({
    url: server.url,
    ticket: async () => {
      tickets.push(`t${tickets.length + 1}`);
      return { ok: true, ticket: tickets.at(-1) ?? '' };
    },
    ticker: hand.ticker,
    now: () => time.now,
    random: () => 0,
    ...more,
  });
  open.push(() => socket.close());
  return { socket, tickets, time, ...hand };
}

function listen() {
  const heard: string[] = [];
  const listener: RoomListener = {
    message: (body) => heard.push(body.type === 'chat' ? body.text : body.type),
    joined: (resumed) => heard.push(resumed ? 'resumed' : 'joined'),
    refused: (code, id) => heard.push(`${code} ${id ?? ''}`.trim()),
  };
  return { heard, listener };
}

const chat = (text: string, seq?: number): ServerMessage => ({
  type: 'message',
  room,
  ...(seq === undefined ? {} : { seq }),
  at_ms: 5,
  body: { type: 'chat', id: person_id, from_person_id: person_id, text },
});
const until = (check: () => void) => vi.waitFor(check, { timeout: 8_000, interval: 10 });
const last = ({ lines }: Server): Line => {
  const line = lines.at(-1);
  if (!line) throw new Error('nobody has connected');
  return line;
};

describe('the page’s socket', () => {
  it('SOC-3: offers the version and a ticket, a new one for each connection', async () => {
    const server = await startServer();
    const { socket, tickets } = connect(server);
    await until(() => expect(socket.status.get()).toEqual({ state: 'open', person_id }));
    expect(last(server).protocols).toEqual(['soulseer.1', 'ticket.t1']);
    last(server).cut();
    await until(() => expect(server.lines).toHaveLength(2));
    expect(last(server).protocols).toEqual(['soulseer.1', 'ticket.t2']);
    expect(tickets).toEqual(['t1', 't2']);
  });

  it('SOC-8: comes back into its rooms after the last number it heard, and hears nothing twice', async () => {
    const server = await startServer();
    const { socket } = connect(server);
    const { heard, listener } = listen();
    socket.join(room, listener);
    await until(() => expect(heard).toEqual(['joined']));
    last(server).say(chat('five', 5), chat('six', 6), chat('six', 6), chat('only for now'));
    await until(() => expect(heard).toEqual(['joined', 'five', 'six', 'only for now']));
    server.replay = [chat('six', 6), chat('seven', 7)];
    last(server).cut();
    await until(() => expect(heard.slice(4)).toEqual(['resumed', 'seven']));
    expect(last(server).got).toContainEqual({ type: 'join', room, after: 6 });
  });

  it('says when something may have been missed, so that the page reads the state of things anew', async () => {
    const server = await startServer();
    const { socket } = connect(server);
    const { heard, listener } = listen();
    socket.join(room, listener);
    await until(() => expect(heard).toEqual(['joined']));
    last(server).say({ type: 'joined', room, seq: 90, resumed: false }, chat('old', 12), chat('new', 91));
    await until(() => expect(heard).toEqual(['joined', 'joined', 'new']));
  });

  it('SES-6: says “I am here” at once and every few seconds, only where that was asked and while it is in', async () => {
    const server = await startServer();
    const { socket, tick } = connect(server);
    const beats = () => last(server).got.filter(({ type }) => type === 'heartbeat');
    const out = socket.join(room, {}, { heartbeat: true });
    socket.join('person:x', {});
    await until(() => expect(beats()).toEqual([{ type: 'heartbeat', room }]));
    tick();
    await until(() => expect(beats()).toHaveLength(2));
    out();
    tick();
    await until(() => expect(last(server).got).toContainEqual({ type: 'leave', room }));
    expect(beats()).toHaveLength(2);
  });

  it('goes on with a second listener of a room when the first leaves, without leaving the room', async () => {
    const server = await startServer();
    const { socket, tick } = connect(server);
    const first = listen();
    const second = listen();
    const out = socket.join(room, first.listener);
    await until(() => expect(first.heard).toEqual(['joined']));
    socket.join(room, second.listener, { heartbeat: true });
    out();
    last(server).say(chat('five', 5));
    await until(() => expect(second.heard).toEqual(['joined', 'five']));
    tick();
    expect(first.heard).toEqual(['joined']);
    expect(last(server).got.filter(({ type }) => type === 'leave' || type === 'join')).toHaveLength(1);
  });

  it('lets go of a line that is silent, though nobody has closed it', async () => {
    const server = await startServer();
    const { socket, tick, time } = connect(server);
    await until(() => expect(socket.status.get().state).toBe('open'));
    server.answers = false;
    time.now += 5_000;
    tick();
    expect(socket.status.get().state).toBe('open');
    time.now += 9_000;
    tick();
    expect(socket.status.get().state).toBe('lost');
    await until(() => expect(server.lines).toHaveLength(2));
    await until(() => expect(socket.status.get().state).toBe('open'));
  });

  it('trusts no line after a sleep', async () => {
    const server = await startServer();
    const { socket, tick, time } = connect(server);
    await until(() => expect(socket.status.get().state).toBe('open'));
    time.now += 3_600_000;
    tick();
    expect(socket.status.get()).toEqual({ state: 'lost', since_ms: time.now });
    await until(() => expect(socket.status.get().state).toBe('open'));
  });

  it.each(Object.entries(CLOSE_CODES))('does as the close code says: %s', async (reason, { code, again }) => {
    const server = await startServer();
    const { socket, works } = connect(server);
    await until(() => expect(socket.status.get().state).toBe('open'));
    last(server).close(code);
    if (again) {
      await until(() => expect(server.lines).toHaveLength(2));
      await until(() => expect(socket.status.get().state).toBe('open'));
    } else {
      await until(() => expect(socket.status.get()).toEqual({ state: 'closed', reason }));
      expect(server.lines).toHaveLength(1);
      expect(works.size).toBe(0);
    }
  });

  it('stops when it gets no ticket for good, and goes on asking while it may yet', async () => {
    const server = await startServer();
    const refused = connect(server, {
      ticket: async () => ({ ok: false, code: 'not_signed_in', again: false }),
    });
    await until(() =>
      expect(refused.socket.status.get()).toEqual({ state: 'closed', reason: 'not_signed_in' }),
    );
    let asked = 0;
    const later = connect(server, {
      ticket: async () => {
        asked += 1;
        if (asked === 2) throw new Error('no network');
        return asked < 4 ? { ok: false, code: 'unavailable', again: true } : { ok: true, ticket: 'x' };
      },
    });
    await until(() => expect(later.socket.status.get().state).toBe('open'));
    expect(asked).toBe(4);
  });

  it('waits for a network, and is back as soon as there is one', async () => {
    const server = await startServer();
    let isOnline = true;
    const told = new Set<() => void>();
    const network: Network = {
      isOnline: () => isOnline,
      changed(listener) {
        told.add(listener);
        return () => told.delete(listener);
      },
    };
    const turn = (online: boolean) => {
      isOnline = online;
      for (const tell of told) tell();
    };
    const { socket, tickets } = connect(server, { network });
    await until(() => expect(socket.status.get().state).toBe('open'));
    turn(false);
    expect(socket.status.get().state).toBe('lost');
    expect(socket.say({ type: 'typing', room })).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(tickets).toHaveLength(1);
    turn(true);
    await until(() => expect(socket.status.get().state).toBe('open'));
    socket.close();
    expect(told.size).toBe(0);
  });

  it('hands refusals to the room that they are of, and says nothing where it isn’t in', async () => {
    const server = await startServer();
    const { socket } = connect(server);
    const { heard, listener } = listen();
    expect(socket.say({ type: 'typing', room })).toBe(false);
    socket.join(room, listener);
    await until(() => expect(heard).toEqual(['joined']));
    last(server).say(
      { type: 'error', code: 'session_ended', title: 'x', room, id: person_id },
      { type: 'error', code: 'malformed', title: 'x' },
      { type: 'left', room },
    );
    await until(() => expect(heard).toEqual(['joined', `session_ended ${person_id}`]));
    await until(() => expect(socket.say({ type: 'typing', room })).toBe(false));
  });

  const joins = (server: Server) => last(server).got.filter(({ type }) => type === 'join').length;

  it('asks again for a room that was refused for now or that it was sent out of, not for one that isn’t for it', async () => {
    const server = await startServer();
    server.answers = false;
    const { socket, tick, time } = connect(server);
    const { heard, listener } = listen();
    socket.join(room, listener);
    await until(() => expect(joins(server)).toBe(1));
    const beat = () => {
      time.now += 5_000;
      last(server).say({ type: 'pong', server_time_ms: 1 });
    };
    last(server).say({ type: 'error', code: 'internal_error', title: 'x', room });
    await until(() => expect(heard).toEqual(['internal_error']));
    // Not before a beat is over.
    tick();
    beat();
    tick();
    await until(() => expect(joins(server)).toBe(2));
    server.answers = true;
    beat();
    tick();
    await until(() => expect(heard).toEqual(['internal_error', 'joined']));
    last(server).say({ type: 'left', room });
    await until(() => expect(socket.say({ type: 'typing', room })).toBe(false));
    beat();
    tick();
    await until(() => expect(heard).toEqual(['internal_error', 'joined', 'resumed']));
    last(server).say({ type: 'left', room }, { type: 'error', code: 'not_allowed', title: 'x', room });
    await until(() => expect(heard.at(-1)).toBe('not_allowed'));
    for (let n = 0; n < 2; n += 1) {
      beat();
      tick();
    }
    await until(() => expect(last(server).got.filter(({ type }) => type === 'ping')).toHaveLength(6));
    expect(joins(server)).toBe(4);
  });

  it('leaves a room that it has only asked for', async () => {
    const server = await startServer();
    server.answers = false;
    const { socket } = connect(server);
    await until(() => expect(socket.status.get().state).toBe('open'));
    socket.join(room, {})();
    await until(() =>
      expect(
        last(server)
          .got.filter(({ type }) => type !== 'ping')
          .map(({ type }) => type),
      ).toEqual(['join', 'leave']),
    );
  });

  it('takes its time when one line after another is closed, and none when a good one is lost', async () => {
    const server = await startServer();
    const { socket, time } = connect(server);
    const stop = socket.status.subscribe(() => {
      if (socket.status.get().state === 'open') last(server).close(CLOSE_CODES.too_slow.code);
    });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    stop();
    expect(server.lines.length).toBeGreaterThan(1);
    expect(server.lines.length).toBeLessThan(5);
    await until(() => expect(socket.status.get().state).toBe('open'));
    const before = server.lines.length;
    time.now += 10_000;
    last(server).close(CLOSE_CODES.too_slow.code);
    await vi.waitFor(() => expect(server.lines).toHaveLength(before + 1), { timeout: 400, interval: 10 });
  });
});

describe('the pause before another try', () => {
  it('is short at first, grows, has an end, and differs from page to page', () => {
    expect(pauseBefore(0, 1)).toBeLessThanOrEqual(500);
    expect([1, 2, 3, 4].map((failed) => pauseBefore(failed, 1))).toEqual([1_000, 2_000, 4_000, 8_000]);
    for (let failed = 5; failed < 2_000; failed += 1) expect(pauseBefore(failed, 1)).toBe(10_000);
    expect(pauseBefore(3, 0)).toBe(2_000);
  });

  it('knows every code of the contract, and takes any other for a loss', () => {
    for (const [reason, { code, again }] of Object.entries(CLOSE_CODES))
      expect(closedBy(code)).toEqual({ reason, again });
    for (const code of [1000, 1001, 1005, 1006, 4999])
      expect(closedBy(code)).toEqual({ reason: 'lost', again: true });
  });
});
