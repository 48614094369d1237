// pnpm bench sockets: the same messages at the same pace to rooms of several sizes, over our sockets (with the bus on
// Postgres), over a plain loop of `ws` sends and over socket.io. The server and the clients have a core each. Most clients
// count bytes; some, spread among them, parse everything and prove that nothing is lost or out of order. Two more meanwhile
// say urgent things to each other. These and those are processes of their own on the clients’ core, since people have machines
// of their own: what is measured isn't the line of thousands in the process that counts. Then 10 000 idle connections are held.
// The whole takes less than ten minutes on a quiet machine; `--short` about one.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect as connectLine, type Socket } from 'node:net';
import { setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Registry } from 'prom-client';
import { Server as SocketIo } from 'socket.io';
import { WebSocket, WebSocketServer } from 'ws';
import { ask, hasTaskset } from '../../bench/children.ts';
import { quantile, rounded, show, spread } from '../../bench/figures.ts';
import { writeTable } from '../../bench/table.ts';
import { SOCKET_VERSION } from '../contract/socket.ts';
import { systemClock } from '../src/clock.ts';
import { openDatabase } from '../src/database.ts';
import { createLog } from '../src/log.ts';
import { createBus } from '../src/sockets/bus.ts';
import { openEndpoint } from '../src/sockets/endpoint.ts';
import { createHub } from '../src/sockets/hub.ts';
import { createSocketMetrics } from '../src/sockets/metrics.ts';
import { createTickets } from '../src/sockets/tickets.ts';
import { createBench } from './support.ts';

const SHORT = process.argv.includes('--short');
const { values: options } = parseArgs({
  options: {
    /** While one works on it: what is promised, once. */
    short: { type: 'boolean', default: false },
    // Members × messages a second.
    rooms: {
      type: 'string',
      default: SHORT ? '2x100,2000x100' : '2x20,2x100,500x20,500x100,2000x20,2000x100,5000x20',
    },
    // The room for which something is promised gets one more.
    rounds: { type: 'string', default: SHORT ? '1' : '2' },
    seconds: { type: 'string', default: SHORT ? '3' : '6' },
    idle: { type: 'string', default: SHORT ? '2000' : '10000' },
    role: { type: 'string' },
    kind: { type: 'string', default: 'ours' },
    database: { type: 'string', default: '' },
  },
});

type Kind = 'ours' | 'ws' | 'socketio';
const KINDS: Kind[] = ['ours', 'ws', 'socketio'];
const ORIGIN = 'https://soulseer.bench';
const BIG = 'bench:big';
const TWO = 'bench:two';
/** Clients that parse, in a large room. */
const LISTENERS = 40;
/** The pace of urgent messages, a second. */
const URGENT = 20;
/** A contender that is later than this with its last message can't keep up. */
const LATE_MS = 1_000;
/**
 * Before what is measured, and without a pause: compiled and warm, and after silence TCP acknowledges the next 16 segments
 * one by one.
 */
const WARM_SECONDS = 3;
/** The room for which something is promised. */
const PROMISED = '2000x100';
/** For the last message of a contender that can't keep up. */
const DRAINED_WITHIN_MS = 60_000;

/** Milliseconds on one clock for all processes of the machine. */
const clockMs = () => performance.timeOrigin + performance.now();

// --- what the processes say to each other ------------------------------------------------------------------------------

interface Offer {
  per_second: number;
  seconds: number;
  /** An urgent one a second to all meanwhile; only ours knows the difference. */
  gifts: boolean;
}
interface Offered {
  /** With those of the warm-up. */
  offered: number;
  measured: number;
  /** When what is measured began, and the whole ended. */
  measured_from_ms: number;
  ended_ms: number;
}
interface Connect {
  port: number;
  members: number;
  /** Or they count bytes. */
  parsing: boolean;
  room: string;
}
/** When it was sent, and how much later it was heard. */
interface Latency {
  sent_ms: number;
  late_ms: number;
}
interface Heard {
  messages: number;
  wrong: number;
  ordinary: Latency[];
  /** To a room of two, and to the large room. */
  urgent: Latency[];
  gifts: Latency[];
  /** The fewest and the most bytes that one of the counting clients has. */
  least: number;
  most: number;
  listener_bytes: number;
  last_ms: number;
  /** Counting clients whose line still stands. */
  held: number;
}

function answer(handlers: Record<string, (given: never) => unknown>): void {
  process.on('message', async (question: { do: string }) => {
    const handler = handlers[question.do];
    process.send?.((await handler?.(question as never)) ?? { ok: true });
  });
  process.on('disconnect', () => process.exit());
}

// --- the server --------------------------------------------------------------------------------------------------------

interface Contender {
  say: (room: string, body: Body, urgent: boolean) => void;
}
interface Body {
  type: 'chat';
  id: string;
  from_person_id: string;
  text: string;
}

async function contender(kind: Kind, server: Server, database: string): Promise<Contender> {
  if (kind === 'ours') {
    const log = createLog('error');
    const db = openDatabase(database, log);
    const bus = createBus({ databaseUrl: database, log });
    await bus.connected();
    const hub = createHub({ db, bus, clock: systemClock, log });
    hub.rooms('bench', {
      authorise: () => true,
      on: {
        // As signals are passed on.
        chat(id, from, { id: message, text }) {
          const said: Body = { type: 'chat', id: message, from_person_id: from.person.person_id, text };
          hub.send(`bench:${id}`, said, { urgent: true });
          return undefined;
        },
      },
    });
    openEndpoint({
      server,
      hub,
      // What a ticket costs is no part of this.
      tickets: {
        ...createTickets({ db, clock: systemClock }),
        redeem: async () => ({
          ok: true,
          person: { person_id: randomUUID(), role: 'client', display_name: 'Robin' },
          issued_at_ms: Date.now(),
        }),
      },
      clock: systemClock,
      log,
      metrics: createSocketMetrics(new Registry()),
      origin: ORIGIN,
      isProxy: () => false,
      // Pings would make one client’s bytes more than another’s.
      limits: { of_address: 20_000, handshakes: 1_000_000, ping_ms: 3_600_000 },
    });
    return { say: (room, body, urgent) => hub.send(room, body, { urgent }) };
  }
  if (kind === 'ws') {
    const rooms = new Map<string, Set<WebSocket>>();
    new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (ws, request) => {
      const room = new URL(request.url ?? '', 'http://bench').searchParams.get('room') ?? '';
      const members = rooms.get(room) ?? new Set();
      rooms.set(room, members.add(ws));
      ws.on('close', () => members.delete(ws));
      ws.send('"joined"');
    });
    return {
      say(room, body) {
        const text = JSON.stringify(body);
        for (const ws of rooms.get(room) ?? []) ws.send(text);
      },
    };
  }
  const io = new SocketIo(server, { transports: ['websocket'], pingInterval: 3_600_000, serveClient: false });
  io.on('connection', async (socket) => {
    await socket.join(String(socket.handshake.query['room']));
    socket.emit('joined');
  });
  return { say: (room, body) => io.to(room).emit('message', body) };
}

async function serve(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const server = createServer((_request, response) => response.end());
  const { say } = await contender(options.kind as Kind, server, options.database);
  await new Promise<void>((resolve) =>
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve),
  );
  const { port } = server.address() as { port: number };

  const from_person_id = randomUUID();
  const body = (tag: string, n: number, sent_ms: number): Body => ({
    type: 'chat',
    id: randomUUID(),
    from_person_id,
    text: `${tag} ${n} ${sent_ms} `.padEnd(120, 'x'),
  });
  let began = process.cpuUsage();
  answer({
    port: () => ({ port }),
    async offer({ per_second, seconds, gifts: withGifts }: Offer): Promise<Offered> {
      const start = clockMs();
      const end = start + (WARM_SECONDS + seconds) * 1_000;
      const total = per_second * (WARM_SECONDS + seconds);
      let [offered, gifts] = [0, 0];
      // As the others’ turns let it, and counted from when it was due.
      const give = (n: number) => {
        say(BIG, body('g', n, start + n * 1_000), true);
        gifts += 1;
      };
      if (withGifts) for (let n = 0; n < WARM_SECONDS + seconds; n += 1) setTimeout(give, n * 1_000, n);
      let measured: { from_ms: number; before: number } | undefined;
      while (offered < total) {
        const elapsed = (Math.min(clockMs(), end) - start) / 1_000;
        if (!measured && elapsed >= WARM_SECONDS) {
          measured = { from_ms: clockMs(), before: offered + gifts };
          began = process.cpuUsage();
        }
        for (; offered < elapsed * per_second; offered += 1) say(BIG, body('n', offered, clockMs()), false);
        await pause(1_000 / per_second);
      }
      if (!measured) throw new Error('it was over before it was warm');
      return {
        offered: offered + gifts,
        measured: offered + gifts - measured.before,
        measured_from_ms: measured.from_ms,
        ended_ms: clockMs(),
      };
    },
    cpu: () => {
      const { user, system } = process.cpuUsage(began);
      return { cpu_us: user + system };
    },
    memory: () => {
      collect();
      collect();
      return { rss: process.memoryUsage().rss };
    },
  });
}

// --- the clients -------------------------------------------------------------------------------------------------------

const path = (kind: Kind, room: string) =>
  kind === 'ours'
    ? '/socket'
    : kind === 'ws'
      ? `/?room=${room}`
      : `/socket.io/?EIO=4&transport=websocket&room=${room}`;

/** What a client says once it is connected. */
const greeting = (kind: Kind, room: string) =>
  kind === 'ours' ? (room ? JSON.stringify({ type: 'join', room }) : '') : kind === 'ws' ? '' : '40';
const isIn = (kind: Kind, room: string) => (kind === 'ours' && !room ? 'hello' : 'joined');

/** A text as a client's frame: masked, with a mask that changes nothing. */
function masked(text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

async function listen(): Promise<void> {
  const kind = options.kind as Kind;
  const lines: { socket: Socket; bytes: number }[] = [];
  const listeners: { ws: WebSocket; bytes: number; next: Record<string, number> }[] = [];
  const heard: Heard = {
    messages: 0,
    wrong: 0,
    ordinary: [],
    urgent: [],
    gifts: [],
    least: 0,
    most: 0,
    listener_bytes: 0,
    last_ms: 0,
    held: 0,
  };

  function hear(listener: (typeof listeners)[number], body: Body): void {
    const [tag = '', number, sent] = body.text.split(' ', 3);
    const [n, sent_ms] = [Number(number), Number(sent)];
    if (n !== (listener.next[tag] ?? 0)) heard.wrong += 1;
    listener.next[tag] = n + 1;
    heard.last_ms = clockMs();
    heard.messages += 1;
    const latencies = tag === 'n' ? heard.ordinary : tag === 'u' ? heard.urgent : heard.gifts;
    latencies.push({ sent_ms, late_ms: heard.last_ms - sent_ms });
  }

  /** Parses everything. */
  function listener(port: number, room: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const ws = new WebSocket(
        `ws://127.0.0.1:${port}${path(kind, room)}`,
        kind === 'ours' ? [SOCKET_VERSION, 'ticket.bench'] : [],
        { origin: ORIGIN, perMessageDeflate: false },
      );
      const mine = { ws, bytes: 0, next: {} };
      ws.on('error', reject);
      ws.on('open', () => {
        const text = greeting(kind, room);
        if (text) ws.send(text);
      });
      let ready = false;
      ws.on('message', (data: Buffer) => {
        const text = data.toString();
        if (!ready) {
          if (!text.includes(isIn(kind, room))) return;
          ready = true;
          listeners.push(mine);
          resolve();
          return;
        }
        // With its head, as the counting clients see it.
        mine.bytes += data.length + (data.length < 126 ? 2 : data.length < 65_536 ? 4 : 10);
        if (kind === 'ours')
          for (const message of JSON.parse(text) as { body: Body }[]) hear(mine, message.body);
        else if (kind === 'ws') hear(mine, JSON.parse(text) as Body);
        else if (text.startsWith('42')) hear(mine, (JSON.parse(text.slice(2)) as [string, Body])[1]);
      });
    });
  }

  /** Only counts, so that the clients' core is not what is measured. */
  function line(port: number, room: string, n: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connectLine({ port, host: '127.0.0.1', localAddress: `127.0.0.${2 + (n % 8)}` });
      const mine = { socket, bytes: 0 };
      let text = '';
      let greeted = false;
      const onHead = (data: Buffer) => {
        text += data.toString('latin1');
        if (!greeted && text.includes('\r\n\r\n')) {
          greeted = true;
          if (!text.includes(' 101 ')) return reject(new Error(text));
          const words = greeting(kind, room);
          if (words) socket.write(masked(words));
        }
        if (!text.includes(isIn(kind, room))) return;
        text = '';
        socket.off('data', onHead);
        socket.on('data', (more: Buffer) => {
          mine.bytes += more.length;
        });
        lines.push(mine);
        resolve();
      };
      socket.on('error', reject);
      socket.on('data', onHead);
      socket.write(
        [
          `GET ${path(kind, room)} HTTP/1.1`,
          'host: bench',
          'connection: Upgrade',
          'upgrade: websocket',
          'sec-websocket-version: 13',
          'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
          `origin: ${ORIGIN}`,
          ...(kind === 'ours' ? [`sec-websocket-protocol: ${SOCKET_VERSION}, ticket.bench`] : []),
          '',
          '',
        ].join('\r\n'),
      );
    });
  }

  answer({
    async connect({ port, members, parsing, room }: Connect) {
      const work = Array.from({ length: members }, (_, n) => n);
      await Promise.all(
        Array.from({ length: 64 }, async () => {
          for (let n = work.shift(); n !== undefined; n = work.shift())
            await (parsing ? listener(port, room) : line(port, room, n));
        }),
      );
    },
    /** One of them says something urgent so many times a second. */
    async speak({ seconds }: { seconds: number }) {
      const [first] = listeners;
      const began = clockMs();
      for (let n = 0; n < (WARM_SECONDS + seconds) * URGENT; n += 1) {
        await pause(Math.max(0, began + (n * 1_000) / URGENT - clockMs()));
        const text = `u ${n} ${clockMs()} `.padEnd(120, 'x');
        first?.ws.send(JSON.stringify({ type: 'chat', room: TWO, id: randomUUID(), text }));
      }
    },
    report(): Heard {
      const bytes = lines.map((one) => one.bytes);
      return {
        ...heard,
        held: lines.filter(({ socket }) => !socket.destroyed).length,
        least: bytes.reduce((least, one) => Math.min(least, one), Number.MAX_SAFE_INTEGER),
        most: bytes.reduce((most, one) => Math.max(most, one), 0),
        listener_bytes: Math.min(
          ...listeners.filter(({ next }) => next['n'] !== undefined).map((one) => one.bytes),
        ),
      };
    },
  });
}

// --- the race ----------------------------------------------------------------------------------------------------------

/** A process of this file on a core of its own. */
function start(role: 'server' | 'clients', kind: Kind, database: string): ChildProcess {
  const args = [import.meta.filename, '--role', role, '--kind', kind, '--database', database];
  const [command, all] = hasTaskset
    ? ['taskset', ['-c', role === 'server' ? '0' : '1', process.execPath, ...args]]
    : [process.execPath, args];
  const child = spawn(command, all, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.once('exit', (code) => {
    if (code) throw new Error(`the ${role} of ${kind} ended with ${code}`);
  });
  return child;
}

interface Group {
  server: ChildProcess;
  port: number;
  /** A process for clients. */
  clients: () => ChildProcess;
  stop: () => Promise<void>;
}

async function group(kind: Kind, database: string): Promise<Group> {
  const server = start('server', kind, database);
  const all = [server];
  const { port } = await ask<{ port: number }>(server, { do: 'port' });
  return {
    server,
    port,
    clients() {
      all.unshift(start('clients', kind, database));
      return all[0] as ChildProcess;
    },
    async stop() {
      const ended = all.map((child) => once(child, 'exit'));
      for (const child of all) child.disconnect();
      await Promise.all(ended);
    },
  };
}

interface Measured {
  cpu_us_a_delivery: number;
  p50: number;
  p99: number;
  urgent_p99: number;
  gifts_p99: number;
  keeps_up: boolean;
}

async function measure(kind: Kind, members: number, per_second: number, database: string): Promise<Measured> {
  const { server, port, clients, stop } = await group(kind, database);
  const seconds = Number(options.seconds);
  const listeners = Math.min(members, LISTENERS);
  const [counting, ears] = [clients(), clients()];
  // People who listen have machines of their own, and don't wait for those who count.
  setPriority(counting.pid ?? 0, 10);
  // One that parses after each so many that count: a loop reaches the first of a room before the last.
  for (let n = 0; n < listeners; n += 1) {
    const lines = Math.floor(((n + 1) * members) / listeners) - Math.floor((n * members) / listeners) - 1;
    await ask(counting, { do: 'connect', port, members: lines, parsing: false, room: BIG });
    await ask(ears, { do: 'connect', port, members: 1, parsing: true, room: BIG });
  }
  const withTwo = kind === 'ours' && members >= 500;
  const two = withTwo ? clients() : undefined;
  if (two) await ask(two, { do: 'connect', port, members: 2, parsing: true, room: TWO });
  const [{ offered, measured, measured_from_ms, ended_ms }] = await Promise.all([
    ask<Offered>(server, { do: 'offer', per_second, seconds, gifts: withTwo }),
    two ? ask(two, { do: 'speak', seconds }) : undefined,
  ]);
  let heard = await ask<Heard>(ears, { do: 'report' });
  while (heard.messages < offered * listeners && clockMs() - ended_ms < DRAINED_WITHIN_MS) {
    await pause(200);
    heard = await ask<Heard>(ears, { do: 'report' });
  }
  const { cpu_us } = await ask<{ cpu_us: number }>(server, { do: 'cpu' });
  await pause(300);
  heard = await ask<Heard>(ears, { do: 'report' });
  const counted = await ask<Heard>(counting, { do: 'report' });
  const between = two ? await ask<Heard>(two, { do: 'report' }) : undefined;
  await stop();
  const spoken = (WARM_SECONDS + seconds) * URGENT;
  if (between && between.messages !== 2 * spoken)
    throw new Error(`${between.messages} of ${2 * spoken} urgent messages were heard`);
  const wrong = heard.wrong + (between?.wrong ?? 0);
  if (wrong > 0) throw new Error(`${kind}: ${wrong} messages lost or out of order`);
  if (heard.messages !== offered * listeners)
    throw new Error(`${kind}: ${heard.messages} of ${offered * listeners} messages were heard`);
  if (members > listeners && (counted.least !== counted.most || counted.least !== heard.listener_bytes))
    throw new Error(
      `${kind}: clients have ${counted.least} to ${counted.most} bytes, those that parse ${heard.listener_bytes}`,
    );
  const late = (latencies: Latency[]) =>
    latencies.filter(({ sent_ms }) => sent_ms >= measured_from_ms).map(({ late_ms }) => late_ms);
  return {
    cpu_us_a_delivery: cpu_us / (measured * members),
    p50: quantile(late(heard.ordinary), 0.5),
    p99: quantile(late(heard.ordinary), 0.99),
    urgent_p99: quantile(late(between?.urgent ?? []), 0.99),
    gifts_p99: quantile(late(heard.gifts), 0.99),
    keeps_up: ended_ms - measured_from_ms < seconds * 1_000 + LATE_MS && heard.last_ms - ended_ms < LATE_MS,
  };
}

/** Kilobytes of the server's memory for each of so many idle connections. */
async function idle(kind: Kind, count: number, database: string): Promise<number> {
  const { server, port, clients: more, stop } = await group(kind, database);
  const clients = more();
  // What the first connections bring with them, once and for all.
  await ask(clients, {
    do: 'connect',
    port,
    members: 200,
    parsing: false,
    room: kind === 'ours' ? '' : 'idle',
  });
  const before = await ask<{ rss: number }>(server, { do: 'memory' });
  await ask(clients, {
    do: 'connect',
    port,
    members: count,
    parsing: false,
    room: kind === 'ours' ? '' : 'idle',
  });
  await pause(1_000);
  const after = await ask<{ rss: number }>(server, { do: 'memory' });
  const { held } = await ask<Heard>(clients, { do: 'report' });
  await stop();
  if (held !== count + 200) throw new Error(`${kind}: ${held} of ${count + 200} connections were held`);
  return (after.rss - before.rss) / 1_024 / count;
}

/** Each side holds a file for each connection. Node itself asks for as many as it may have. */
function checkFiles(): void {
  const wanted = Math.max(
    Number(options.idle),
    ...options.rooms.split(',').map((config) => Number(config.split('x')[0])),
  );
  const limits = existsSync('/proc/self/limits') ? readFileSync('/proc/self/limits', 'utf8') : '';
  const most = Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  if (most < wanted + 500)
    throw new Error(
      `${wanted} connections need ${wanted + 500} open files, and ${most} are allowed (ulimit -Hn)`,
    );
}

async function main(): Promise<void> {
  checkFiles();
  const bench = await createBench('sockets');
  const NAMES: Record<Kind, string> = { ours: 'ours', ws: 'plain ws', socketio: 'socket.io' };
  const rows = [
    [
      'members × messages a second',
      ...['µs of processor a delivery', 'p50, p99 ms'].flatMap((what) =>
        KINDS.map((kind) => `${NAMES[kind]}: ${what}`),
      ),
      'ws ÷ ours',
      'socket.io ÷ ours',
      'urgent between two meanwhile: p99 ms',
      'a gift to all of them: p99 ms',
    ],
  ];
  const ratios: Record<string, number> = {};
  const figures: Record<string, number> = {};
  for (const config of options.rooms.split(',').filter(Boolean)) {
    const [members = 0, per_second = 0] = config.split('x').map(Number);
    const results: Record<Kind, Measured[]> = { ours: [], ws: [], socketio: [] };
    const rounds = Number(options.rounds) + (config === PROMISED && !SHORT ? 1 : 0);
    for (let round = 0; round < rounds; round += 1) {
      for (const kind of KINDS.toSorted(() => Math.random() - 0.5))
        results[kind].push(await measure(kind, members, per_second, bench.url));
      process.stderr.write(
        `${config} round ${round + 1}: ${KINDS.map((kind) => `${kind} ${results[kind].at(-1)?.cpu_us_a_delivery.toFixed(2)} µs p99 ${results[kind].at(-1)?.p99.toFixed(0)} ms`).join(', ')}; urgent p99 ${results.ours.at(-1)?.urgent_p99.toFixed(1)} ms, gifts ${results.ours.at(-1)?.gifts_p99.toFixed(1)} ms\n`,
      );
    }
    const of = (kind: Kind, what: Exclude<keyof Measured, 'keeps_up'>) =>
      spread(results[kind].map((one) => one[what]));
    const versus = (kind: Kind) =>
      spread(
        results[kind].map(
          (one, n) => one.cpu_us_a_delivery / (results.ours[n]?.cpu_us_a_delivery ?? Number.NaN),
        ),
      );
    const mark = (kind: Kind) => (results[kind].every(({ keeps_up }) => keeps_up) ? '' : ' — can’t keep up');
    rows.push([
      `${members} × ${per_second}`,
      ...KINDS.map((kind) => show(of(kind, 'cpu_us_a_delivery'))),
      ...KINDS.map(
        (kind) => `${of(kind, 'p50').median.toFixed(1)}, ${of(kind, 'p99').median.toFixed(1)}${mark(kind)}`,
      ),
      show(versus('ws')),
      show(versus('socketio')),
      members >= 500 ? show(of('ours', 'urgent_p99'), 1) : '',
      members >= 500 ? show(of('ours', 'gifts_p99'), 1) : '',
    ]);
    const suffix = config === PROMISED ? '' : `_${config}`;
    ratios[`ws_vs_ours_cpu${suffix}`] = rounded(versus('ws').median);
    ratios[`socketio_vs_ours_cpu${suffix}`] = rounded(versus('socketio').median);
    figures[`cpu_us_a_delivery${suffix}`] = rounded(of('ours', 'cpu_us_a_delivery').median);
    figures[`p99_ms${suffix}`] = rounded(of('ours', 'p99').median);
    if (members < 500) continue;
    figures[`urgent_p99_ms${suffix}`] = rounded(of('ours', 'urgent_p99').median);
    figures[`gifts_p99_ms${suffix}`] = rounded(of('ours', 'gifts_p99').median);
  }
  if (rows.length > 1) writeTable('sockets', 'Sockets: what a room hears', rows);

  const connections = Number(options.idle);
  const memory = [['idle connections held', ...KINDS.map((kind) => `${NAMES[kind]}: KB each`)]];
  const each: string[] = [];
  for (const kind of connections > 0 ? KINDS : []) {
    const kilobytes = await idle(kind, connections, bench.url);
    each.push(kilobytes.toFixed(1));
    figures[`idle_kb${kind === 'ours' ? '' : `_${kind}`}`] = rounded(kilobytes);
  }
  if (connections > 0) {
    figures['idle_connections'] = connections;
    writeTable('sockets-idle', 'Sockets: idle connections', [...memory, [String(connections), ...each]]);
  }
  await bench.drop();
  console.log(JSON.stringify({ bench: 'sockets', ratios, figures }));
}

if (options.role === 'server') await serve();
else if (options.role === 'clients') await listen();
else await main();
