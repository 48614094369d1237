/** A node dies with a hundred sessions on it: everybody goes on at another one, and nobody pays for the time between. */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionView } from '../../contract/session.ts';
import { owedMinutes } from '../../src/billing/rules.ts';
import { topUp } from '../../src/ledger/cards.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { makeReceiptKey } from '../../src/receipts/keys.ts';
import { freePort, type Running, runProgram } from '../support/process.ts';
import { createServer, SECRETS, type SignedIn, type TestServer } from '../support/server.ts';
import { ORIGIN } from '../support/socket-node.ts';
import { openSocket, type TestSocket } from '../support/sockets.ts';

const PAIRS = 100;
const RATE = 399;
const MONEY = 50_000;

interface Node {
  port: number;
  program: Running;
}

interface Attendee {
  who: SignedIn;
  /** Each comes from an address of their own, or the limits would take all for one. */
  address: string;
  socket?: TestSocket;
  beating?: NodeJS.Timeout;
  /** When they last said that they are there, and nothing was wrong with it. */
  beatAt: number;
}

interface Pair {
  id: string;
  client: Attendee;
  reader: Attendee;
  startedAt: number;
  /** How long the clock stood still, as far as the two can tell: from the last heartbeat to the moment that both were back. */
  gap: number;
}

let server: TestServer;
let receiptKeys: string;
const nodes: Node[] = [];
const pairs: Pair[] = [];

/** The world of the test is in the present, as the processes are. */
const present = () => server.clock.set(Date.now());

async function startNode(): Promise<Node> {
  const port = await freePort();
  const program = runProgram(['src/main.ts'], {
    SOULSEER_ENV: 'development',
    PORT: String(port),
    DATABASE_URL: server.database.url,
    SITE_URL: ORIGIN,
    CMS_URL: server.cms.url,
    OIDC_ISSUER: server.issuer.issuer,
    OIDC_AUDIENCE: 'https://api.soulseer.test',
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'SoulSeer <hello@soulseer.test>',
    SERVICE_KEY_CMS_TO_REALTIME: SECRETS.cms,
    SERVICE_KEY_COMMERCE_TO_REALTIME: SECRETS.commerce,
    SERVICE_KEY_SITE_TO_REALTIME: SECRETS.site,
    SERVICE_KEY_REALTIME_TO_CMS: SECRETS.realtime,
    RECEIPT_KEYS: receiptKeys,
  });
  const node = { port, program };
  nodes.push(node);
  await program.says('Server listening');
  return node;
}

async function ask<Answer = SessionView>(
  node: Node,
  { who, address }: Attendee,
  path: string,
  method = 'POST',
  body?: unknown,
): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${node.port}${path}`, {
    method,
    headers: {
      ...who.headers,
      'x-forwarded-for': address,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** Into the session's room at this node, from the last message seen on; heartbeats from then on. */
async function connect(node: Node, someone: Attendee, id: string, after?: number): Promise<void> {
  const { ticket } = await ask<{ ticket: string }>(node, someone, '/api/socket-tickets');
  const socket = await openSocket(node.port, ticket, { headers: { 'x-forwarded-for': someone.address } });
  someone.socket = socket;
  const joined = await socket.join(`session:${id}`, after);
  if (after !== undefined) expect(joined.resumed).toBe(true);
  const beat = () => {
    const now = Date.now();
    socket.ws.send(JSON.stringify({ type: 'heartbeat', room: `session:${id}` }), (error) => {
      if (!error) someone.beatAt = now;
    });
  };
  beat();
  someone.beating = setInterval(beat, 4_000);
}

const lastSeen = (someone: Attendee, id: string) =>
  Math.max(0, ...(someone.socket?.said(`session:${id}`) ?? []).map(({ seq }) => seq ?? 0));

/** Sets all to work, ten at a time. */
async function each<Item>(
  items: Item[],
  work: (item: Item, index: number) => Promise<unknown>,
): Promise<void> {
  const waiting = [...items.entries()];
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await work(next[1], next[0]);
    }),
  );
}

async function count(what: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ n: string }>`select count(*) as n from ${what}`.execute(server.db);
  return Number(rows[0]?.n);
}

async function write(node: Node, someone: Attendee, id: string, text: string): Promise<void> {
  await ask(node, someone, `/api/sessions/${id}/messages`, 'POST', { key: randomUUID(), text });
}

const texts = (someone: Attendee, id: string) =>
  (someone.socket?.said(`session:${id}`) ?? []).flatMap(({ body }) =>
    body.type === 'chat' ? [body.text] : [],
  );

beforeAll(async () => {
  server = await createServer();
  present();
  receiptKeys = JSON.stringify([await makeReceiptKey('test')]);
});
afterAll(async () => {
  for (const { client, reader } of pairs) {
    for (const { beating, socket } of [client, reader]) {
      clearInterval(beating);
      socket?.ws.terminate();
    }
  }
  for (const { program } of nodes) {
    program.child.kill('SIGTERM');
    await program.exited;
  }
  await server.close();
});

test(`S5, SOC-8: a node is killed with ${PAIRS} sessions on it; all go on at another, nothing lost, nothing paid between`, async () => {
  const [first, second] = [await startNode(), await startNode()];
  await each(Array.from({ length: PAIRS }), async (_, index) => {
    present();
    const client = { who: await server.signIn(), address: `192.0.2.${index}`, beatAt: 0 };
    const reader = {
      who: await server.signIn({ role: 'reader' }),
      address: `198.51.100.${index}`,
      beatAt: 0,
    };
    const event = { person: client.who.person_id, id: randomUUID(), amount_cents: MONEY };
    expect(await server.db.transaction().execute((tx) => topUp(tx, server.ledger, event))).toMatchObject({
      ok: true,
    });
    const reader_id = randomUUID();
    await server.directory.putReader({
      reader_id,
      version: 1,
      person_id: reader.who.person_id,
      slug: reader_id,
      name: 'Luna',
      published: true,
      time_zone: 'Europe/London',
      rates: { video_cents: RATE, voice_cents: null, chat_cents: null },
    });
    await ask(first, reader, '/api/readers/me/presence', 'PUT', { status: 'online' });
    const { id } = await ask(first, client, '/api/sessions', 'POST', {
      reader_id,
      modality: 'video',
      maximum_minutes: 60,
    });
    await ask(first, reader, `/api/sessions/${id}/accept`);
    await ask(first, client, `/api/sessions/${id}/join`);
    const { running_since_ms } = await ask(first, reader, `/api/sessions/${id}/join`);
    pairs.push({ id, client, reader, startedAt: running_since_ms ?? 0, gap: 0 });
    await connect(first, client, id);
    await connect(first, reader, id);
    await write(first, reader, id, 'before');
  });
  const first50 = pairs.slice(0, PAIRS / 2);
  const others = pairs.slice(PAIRS / 2);
  await expect.poll(() => count(sql`sessions where state = 'active'`)).toBe(PAIRS);
  // Everybody's first minute is paid.
  await expect.poll(() => count(sql`meters where paid_minutes >= 1`), { timeout: 30_000 }).toBe(PAIRS);
  for (const { id, client } of pairs) expect(texts(client, id)).toEqual(['before']);

  const gone = pairs
    .flatMap(({ client, reader }) => [client, reader])
    .flatMap(({ socket }) => (socket ? [socket.closed] : []));
  expect(gone).toHaveLength(2 * PAIRS);
  first.program.child.kill('SIGKILL');
  await once(first.program.child, 'exit');
  await Promise.all(gone);
  for (const { client, reader } of pairs) for (const { beating } of [client, reader]) clearInterval(beating);

  // Half of them are back before anybody missed them: the reader first, who writes what the client hasn't heard yet.
  await each(first50, async ({ id, client, reader }) => {
    const [clientSaw, readerSaw] = [lastSeen(client, id), lastSeen(reader, id)];
    await connect(second, reader, id, readerSaw);
    await write(second, reader, id, 'between');
    await connect(second, client, id, clientSaw);
    await expect.poll(() => texts(client, id)).toEqual(['between']);
  });
  // The others sleep until the second node has missed them.
  await expect
    .poll(() => count(sql`sessions where state = 'paused'`), { timeout: 40_000 })
    .toBe(others.length);
  await each(others, async (pair) => {
    const { id, client, reader } = pair;
    const lastBeat = Math.min(client.beatAt, reader.beatAt);
    const [clientSaw, readerSaw] = [lastSeen(client, id), lastSeen(reader, id)];
    await ask(second, client, `/api/sessions/${id}/reconnect`);
    const back = await ask(second, reader, `/api/sessions/${id}/reconnect`);
    expect(back).toMatchObject({ state: 'active', pauses: 1 });
    pair.gap = (back.running_since_ms ?? 0) - lastBeat;
    await connect(second, reader, id, readerSaw);
    await write(second, reader, id, 'between');
    await connect(second, client, id, clientSaw);
    await expect.poll(() => texts(client, id)).toEqual(['between']);
  });
  // None of those who were back at once has been paused.
  for (const { id, client } of first50)
    expect(await ask(second, client, `/api/sessions/${id}`, 'GET')).toMatchObject({
      state: 'active',
      pauses: 0,
    });

  await pause(2_000);
  await each(pairs, async (pair) => {
    const { id, client, reader, startedAt, gap } = pair;
    for (const { beating } of [client, reader]) clearInterval(beating);
    await ask(second, client, `/api/sessions/${id}/end`);
    const look = () => ask(second, client, `/api/sessions/${id}`, 'GET');
    await expect.poll(async () => (await look()).state, { timeout: 20_000, interval: 200 }).toBe('finalized');
    const { summary, end, balance_cents } = await look();
    if (!summary || !end) throw new Error('not finalised');
    const owed = owedMinutes(summary.active_ms);
    expect(summary).toMatchObject({ owed_minutes: owed, charged_minutes: owed, missing_minutes: 0 });
    // To the second on which the last heartbeat was heard; never more than the two were there.
    expect(summary.active_ms).toBeLessThanOrEqual(end.at_ms - startedAt - gap + 1_000);
    expect(summary.active_ms).toBeGreaterThan(end.at_ms - startedAt - gap - 6_000);
    expect(balance_cents).toBe(MONEY - owed * RATE);
  });
  expect((await verifyLedger(server.db)).findings).toEqual([]);
}, 240_000);
