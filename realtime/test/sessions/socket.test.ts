/** What goes over the socket of a session: who hears what, what is refused, and what is told after a tick. */

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ClientMessage, RoomMessage, ServerMessage } from '../../contract/socket.ts';
import { catchUp } from '../../src/billing/loop.ts';
import { topUp } from '../../src/ledger/cards.ts';
import { registerSessionRooms } from '../../src/sessions/socket.ts';
import { createServer, type SignedIn, type TestServer } from '../support/server.ts';
import { openSocket, type TestSocket } from '../support/sockets.ts';

let server: TestServer;
let port: number;
let start = 0;
const open: TestSocket[] = [];

beforeAll(async () => {
  server = await createServer();
  registerSessionRooms(server.hub, server.sessions);
  port = Number(new URL(await server.app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(() => server.close());
beforeEach(() => {
  start = server.clock.now() + 600_000;
  server.clock.set(start);
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.ws.terminate();
});

const now = (seconds: number) => server.clock.set(start + Math.round(seconds * 1_000));

async function connect(who: SignedIn): Promise<TestSocket> {
  const { ticket } = await server.tickets.issue(who.person_id);
  const socket = await openSocket(port, ticket);
  open.push(socket);
  return socket;
}

async function give(who: SignedIn, cents: number): Promise<void> {
  const event = { person: who.person_id, id: randomUUID(), amount_cents: cents };
  const done = await server.db.transaction().execute((tx) => topUp(tx, server.ledger, event));
  expect(done.ok).toBe(true);
}

async function reader(): Promise<SignedIn & { reader_id: string }> {
  const who = await server.signIn({ role: 'reader' });
  const reader_id = randomUUID();
  const put = await server.directory.putReader({
    reader_id,
    version: 1,
    person_id: who.person_id,
    slug: reader_id,
    name: 'Luna',
    published: true,
    time_zone: 'Europe/London',
    rates: { video_cents: 399, voice_cents: null, chat_cents: null },
  });
  expect(put.ok).toBe(true);
  await server.sessions.readers.say(who.person_id, 'online');
  return { ...who, reader_id };
}

/** A session that waits, with a client of so many cents. */
async function waiting({ cents = 50_000, maximum = 60 } = {}) {
  const [c, r] = [await server.signIn(), await reader()];
  await give(c, cents);
  const made = await server.sessions.sessions.create(
    c.person_id,
    { reader_id: r.reader_id, modality: 'video', maximum_minutes: maximum, queue_if_busy: false },
    null,
  );
  if (!made.ok) throw new Error(made.refused.code);
  const { id } = made.session;
  return { c, r, id, room: `session:${id}` };
}

/** One that is active, both of its people with a socket in its room. */
async function active(options: Parameters<typeof waiting>[0] = {}) {
  const one = await waiting(options);
  for (const who of [one.c, one.r]) await server.sessions.sessions.join(one.id, who.person_id);
  const [client, other] = [await connect(one.c), await connect(one.r)];
  for (const socket of [client, other]) await socket.join(one.room);
  return { ...one, client, other };
}

/** Both beat until then, and what a tick charges is told. */
async function pass({ id, c, r }: { id: string; c: SignedIn; r: SignedIn }, seconds: number) {
  for (let at = (server.clock.now() - start) / 1_000; at < seconds; ) {
    at = Math.min(seconds, at + 10);
    now(at);
    for (const who of [c, r]) await server.sessions.sessions.heartbeat(id, who.person_id);
    await server.sessions.afterTick((await catchUp(server.db, server.clock)).charged);
  }
}

const bodies = <Type extends RoomMessage['type']>(socket: TestSocket, type: Type) =>
  socket.got.flatMap((one) =>
    one.type === 'message' && one.body.type === type ? [one.body] : [],
  ) as Extract<RoomMessage, { type: Type }>[];
const errors = (socket: TestSocket) =>
  socket.got.filter((one): one is Extract<ServerMessage, { type: 'error' }> => one.type === 'error');
/** All that was said to a socket before this has come. */
async function settled(socket: TestSocket): Promise<void> {
  // What isn't urgent waits for its window.
  await new Promise((resolve) => setTimeout(resolve, 120));
  const id = randomUUID();
  socket.send({ type: 'ping', id });
  await socket.hears({ type: 'pong', id });
}
async function refused(socket: TestSocket, message: ClientMessage): Promise<string> {
  const id = message.id ?? randomUUID();
  socket.send({ ...message, id });
  const error = (await socket.hears({ type: 'error', id })) as Extract<ServerMessage, { type: 'error' }>;
  return error.code;
}

const signal = { kind: 'description', description: { type: 'offer', sdp: 'v=0' } } as const;

describe('who may be in a session’s room', () => {
  test('SOC-6 SES-15: its two people; strangers, staff and ids that are none are refused, and hear nothing', async () => {
    const one = await active();
    const strangers = [await server.signIn(), await reader(), await server.signIn({ role: 'admin' })];
    for (const who of strangers) {
      const socket = await connect(who);
      for (const room of [one.room, `session:${randomUUID()}`, 'session:nothing', 'session:1'])
        expect(await refused(socket, { type: 'join', room })).toBe('not_allowed');
      for (const message of [
        { type: 'heartbeat', room: one.room },
        { type: 'chat', room: one.room, id: randomUUID(), text: 'let me in' },
        { type: 'typing', room: one.room },
        { type: 'signal', room: one.room, signal },
      ] as const)
        expect(await refused(socket, message)).toBe('not_in_room');
      one.client.send({ type: 'chat', room: one.room, id: randomUUID(), text: 'private' });
      await settled(one.client);
      await settled(socket);
      expect(socket.got.filter(({ type }) => type === 'message')).toEqual([]);
    }
    expect((await server.sessions.room.read(one.id, one.c.person_id, 0, 100)).ok).toBe(true);
    expect(bodies(one.other, 'chat').map(({ text }) => text)).toEqual(['private', 'private', 'private']);
  });
});

describe('what is said there', () => {
  test('SES-6: a beat over the socket is a beat; after the end it is refused with a code', async () => {
    const one = await active();
    for (const seconds of [10, 20, 30]) {
      now(seconds);
      for (const socket of [one.client, one.other]) {
        socket.send({ type: 'heartbeat', room: one.room });
        await settled(socket);
      }
      await server.sessions.sweep();
    }
    expect((await server.sessions.sessions.read(one.id))?.state).toBe('active');
    await server.sessions.sessions.end(one.id, one.c.person_id);
    expect(await refused(one.client, { type: 'heartbeat', room: one.room })).toBe('session_ended');
    expect(await refused(one.other, { type: 'signal', room: one.room, signal })).toBe('session_ended');
    expect(
      await refused(one.client, { type: 'chat', room: one.room, id: randomUUID(), text: 'too late' }),
    ).toBe('session_ended');
  });

  test('SES-9: once the grace is over nothing is said there, whoever has noticed', async () => {
    for (const type of ['signal', 'chat'] as const) {
      const one = await active();
      await server.sessions.sessions.leave(one.id, one.c.person_id);
      server.clock.set(server.clock.now() + 300_000);
      const said =
        type === 'signal'
          ? ({ type, signal } as const)
          : ({ type, id: randomUUID(), text: 'hello' } as const);
      expect(await refused(one.other, { ...said, room: one.room })).toBe('session_ended');
      expect(await server.sessions.sessions.read(one.id)).toMatchObject({ end_reason: 'grace_expired' });
    }
  });

  test('SOC-6 S11: an id in capitals is no other room: what is written by it over HTTP is heard, and nobody joins it', async () => {
    const one = await active();
    const text = 'by hand';
    const written = await server.app.inject({
      method: 'POST',
      url: `/api/sessions/${one.id.toUpperCase()}/messages`,
      headers: one.c.headers,
      payload: { key: randomUUID(), text },
    });
    expect(written.statusCode).toBe(200);
    await settled(one.other);
    expect(bodies(one.other, 'chat')).toMatchObject([{ text }]);
    const room = `session:${one.id.toUpperCase()}`;
    expect(await refused(one.client, { type: 'join', room })).toBe('not_allowed');
  });

  test('S11 SOC-7: a text is numbered and kept once for each id; both hear it, also who comes back later', async () => {
    const one = await active();
    const id = randomUUID();
    for (let time = 0; time < 3; time += 1)
      one.client.send({ type: 'chat', room: one.room, id, text: 'Hello 🙂' });
    expect(await refused(one.client, { type: 'chat', room: one.room, id, text: 'other' })).toBe('key_reused');
    one.other.send({ type: 'chat', room: one.room, id, text: 'Good evening' });
    await one.client.hears({
      type: 'message',
      body: { type: 'chat', id, from_person_id: one.r.person_id, text: 'Good evening' },
    });
    for (const socket of [one.client, one.other])
      expect(bodies(socket, 'chat').map(({ from_person_id, text }) => [from_person_id, text])).toEqual([
        [one.c.person_id, 'Hello 🙂'],
        [one.r.person_id, 'Good evening'],
      ]);
    const back = await connect(one.c);
    await back.join(one.room, 0);
    expect(bodies(back, 'chat')).toHaveLength(2);
    const kept = await server.sessions.room.read(one.id, one.r.person_id, 0, 100);
    expect(kept.ok && kept.value.map(({ text }) => text)).toEqual(['Hello 🙂', 'Good evening']);
  });

  test('S9: typing and signals reach the other alone, at once, without a number, and are not kept', async () => {
    const one = await active();
    one.client.send({ type: 'typing', room: one.room });
    one.client.send({ type: 'signal', room: one.room, signal, entered_ms: 7 });
    await one.other.hears({
      type: 'message',
      body: { type: 'signal', from_person_id: one.c.person_id, signal, entered_ms: 7 },
    });
    await settled(one.client);
    await settled(one.other);
    expect([bodies(one.client, 'typing'), bodies(one.client, 'signal')]).toEqual([[], []]);
    const heard = one.other.said(one.room).filter(({ body }) => body.type !== 'session');
    expect(heard.map(({ body, seq }) => [body.type, seq])).toEqual([
      ['typing', undefined],
      ['signal', undefined],
    ]);
    const back = await connect(one.r);
    await back.join(one.room, 0);
    await settled(back);
    expect([bodies(back, 'typing'), bodies(back, 'signal')]).toEqual([[], []]);
  });

  test('SOC-5: a signal or text that is too large, or none, is malformed', async () => {
    const one = await active();
    for (const bad of [
      {
        type: 'signal',
        room: one.room,
        signal: { ...signal, description: { type: 'offer', sdp: 'x'.repeat(24_001) } },
      },
      { type: 'signal', room: one.room, signal: { kind: 'candidate', candidate: { candidate: 7 } } },
      { type: 'chat', room: one.room, id: randomUUID(), text: 'x'.repeat(2_001) },
      { type: 'heartbeat', room: one.room, at_ms: 1 },
    ])
      one.client.ws.send(JSON.stringify(bad));
    await settled(one.client);
    expect(errors(one.client).map(({ code }) => code)).toEqual(Array(4).fill('malformed'));
    await settled(one.other);
    expect(one.other.said(one.room).filter(({ body }) => body.type !== 'session')).toEqual([]);
  });
});

describe('what has moved', () => {
  test('S1 SOC-8: each move is told to both, in the room and wherever their pages are, in order; who was away hears it later', async () => {
    const one = await waiting();
    const [client, other] = [await connect(one.c), await connect(one.r)];
    await client.join(`person:${one.c.person_id}`, 0);
    await other.join(`person:${one.r.person_id}`, 0);
    const { sessions } = server.sessions;
    for (const who of [one.c, one.r]) await sessions.join(one.id, who.person_id);
    await client.join(one.room, 0);
    await sessions.leave(one.id, one.r.person_id);
    await sessions.end(one.id, one.c.person_id);
    const states = ['waiting', 'waiting', 'active', 'paused', 'ended', 'finalized'];
    const heard = (socket: TestSocket, room: string) =>
      socket.said(room).map(({ body }) => (body.type === 'session' ? body.state : body.type));
    await expect.poll(() => heard(client, `person:${one.c.person_id}`)).toEqual(states);
    await expect.poll(() => heard(other, `person:${one.r.person_id}`)).toEqual(states);
    await expect.poll(() => heard(client, one.room)).toEqual(states);
    const versions = bodies(other, 'session').map(({ version }) => version);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    // The reader's page comes into the room only now.
    await other.join(one.room, 3);
    await expect.poll(() => heard(other, one.room)).toEqual(states.slice(3));
  });

  test('SES-12 D1: who is online, busy or offline is told to whoever looks, once for each change', async () => {
    const one = await waiting();
    const looking = await connect(await server.signIn());
    await looking.join(`presence:${one.r.reader_id}`);
    const { sessions, readers } = server.sessions;
    await sessions.cancel(one.id, one.c.person_id);
    await readers.say(one.r.person_id, 'offline');
    await readers.say(one.r.person_id, 'offline');
    await expect
      .poll(() => bodies(looking, 'presence').map(({ status }) => status))
      .toEqual(['online', 'offline']);
  });

  test('SES-13 S3: whose turn it is in line is told to that person alone, and kept while away', async () => {
    const one = await waiting();
    const next = await server.signIn();
    const { sessions, readers } = server.sessions;
    expect((await readers.getInLine(next.person_id, one.r.reader_id, 'video')).ok).toBe(true);
    await sessions.cancel(one.id, one.c.person_id);
    const late = await connect(next);
    await late.join(`person:${next.person_id}`, 0);
    expect(bodies(late, 'queue_turn')).toEqual([
      { type: 'queue_turn', reader_id: one.r.reader_id, until_ms: start + 120_000 },
    ]);
    await readers.say(one.r.person_id, 'offline');
    await expect.poll(() => bodies(late, 'queue_closed')).toHaveLength(1);
  });
});

describe('after a tick', () => {
  const lows = (socket: TestSocket) => bodies(socket, 'low').map(({ minutes }) => minutes);
  const warned = async ({ id, c }: { id: string; c: SignedIn }) =>
    (await server.sessions.views.one(id, { person_id: c.person_id }))?.warned;

  test('W9 SES-15: both are told what is paid, the client alone how long the money lasts; nobody else anything', async () => {
    const one = await active();
    const stranger = await connect(await server.signIn());
    await stranger.join(`presence:${one.r.reader_id}`);
    await pass(one, 61);
    const meter = (minutes: number, minutes_left: number | null) => ({
      type: 'meter',
      session_id: one.id,
      paid_minutes: minutes,
      paid_cents: minutes * 399,
      minutes_left,
    });
    await expect.poll(() => bodies(one.client, 'meter')).toEqual([meter(1, 59), meter(2, 58)]);
    await expect.poll(() => bodies(one.other, 'meter')).toEqual([meter(1, null), meter(2, null)]);
    await settled(stranger);
    expect(stranger.got.filter(({ type }) => type === 'message')).toEqual([]);
    expect(await warned(one)).toBeUndefined();
  });

  test.each([
    ['money', { cents: 5 * 399 + 100 }],
    ['the agreed maximum', { maximum: 5 }],
    ['a limit', { limit: 5 * 399 + 1 }],
  ] as const)(
    'W9 SES-18: three, two and one minute left by %s: told once each, to the client alone, kept for a reload',
    async (by, more) => {
      const one = await active('limit' in more ? {} : more);
      if ('limit' in more)
        await server.ledger.setBudget({
          account: `wallet:${one.c.person_id}`,
          key: `${one.c.person_id}:day`,
          limit_cents: more.limit,
          time_zone: 'UTC',
        });
      await pass(one, 125);
      await settled(one.client);
      // Minutes 1 to 3 are paid, 4 and 5 can be.
      expect(lows(one.client)).toEqual([3]);
      expect(await warned(one)).toEqual({ minutes: 3, at_ms: start + 125_000 });
      // Another node, or the same again.
      const twice = { session_id: one.id, minutes: 1, paid_minutes: 3, wallet_cents: 0, minutes_left: 2 };
      await server.sessions.afterTick([{ ...twice, stop_reason: null, stopped_at_ms: null, late_ms: 0 }]);
      await pass(one, 245);
      await expect.poll(() => lows(one.client)).toEqual([3, 2, 1]);
      expect((await warned(one))?.minutes).toBe(1);
      expect(
        (await server.sessions.views.one(one.id, { person_id: one.r.person_id }))?.warned,
      ).toBeUndefined();
      await pass(one, 301);
      const session = await server.sessions.sessions.read(one.id);
      const reasons = {
        money: 'out_of_money',
        'the agreed maximum': 'agreed_maximum',
        'a limit': 'spending_limit',
      };
      expect(session).toMatchObject({
        state: 'finalized',
        end_reason: reasons[by],
        ended_ms: start + 300_000,
      });
      const body = { type: 'session', session_id: one.id, version: session?.version, state: 'finalized' };
      for (const socket of [one.client, one.other]) await socket.hears({ type: 'message', body });
      expect(await warned(one)).toBeUndefined();
      await settled(one.other);
      expect(lows(one.other)).toEqual([]);
      expect(lows(one.client)).toEqual([3, 2, 1]);
    },
  );

  test('W9 SES-18: money that comes takes the warning back, and the next crossing is told anew', async () => {
    const one = await active({ cents: 3 * 399 });
    await pass(one, 65);
    await expect.poll(() => lows(one.client)).toEqual([3, 2]);
    await give(one.c, 2 * 399);
    expect(await warned(one)).toBeUndefined();
    await pass(one, 185);
    await expect.poll(() => lows(one.client)).toEqual([3, 2, 3, 2]);
    // A loss in between changes nothing; what was charged at it counts.
    await server.sessions.sessions.leave(one.id, one.r.person_id);
    expect((await warned(one))?.minutes).toBe(2);
    await settled(one.client);
    expect(lows(one.client)).toHaveLength(4);
  });

  test('SES-18: a minute that a pause itself charges is noted too, and told by the move', async () => {
    const one = await active({ cents: 3 * 399 });
    await pass(one, 60);
    now(62);
    await server.sessions.sessions.leave(one.id, one.c.person_id);
    expect(await warned(one)).toEqual({ minutes: 2, at_ms: start + 62_000 });
    await one.client.hears({
      type: 'message',
      body: { type: 'session', session_id: one.id, version: 5, state: 'paused' },
    });
  });
});
