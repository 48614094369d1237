import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RoomMessage } from '../../contract/socket.ts';
import type { RoomRules } from '../../src/sockets/hub.ts';
import { MESSAGES_KEPT_MS, MOST_REPLAYED } from '../../src/sockets/messages.ts';
import type { SocketPerson } from '../../src/sockets/tickets.ts';
import { adminUrl, query } from '../support/cluster.ts';
import { DEEP } from '../support/depth.ts';
import { startRedis } from '../support/redis.ts';
import { createServer, type SignedIn, type TestServer } from '../support/server.ts';
import { createNode, type TestNode } from '../support/socket-node.ts';
import { openSocket, type TestSocket } from '../support/sockets.ts';

let server: TestServer;
let a: TestNode;
let b: TestNode;
let people: SignedIn[];
const open: TestSocket[] = [];
let room: string;

/** A session's room is for these two; what they say is numbered, as sessions do it. */
const members = new Set<string>();
function rules(node: () => TestNode): RoomRules {
  return {
    authorise: (_id, person: SocketPerson) => members.has(person.person_id),
    on: {
      async chat(id, from, { id: message_id, text }) {
        if (text === 'a bad word') return { code: 'not_that', title: 'Say that in other words' };
        if (text === 'break') throw new Error('a handler that fails');
        await say(node(), `session:${id}`, {
          type: 'chat',
          id: message_id,
          from_person_id: from.person.person_id,
          text,
        });
        return undefined;
      },
      typing(id, from) {
        node().hub.send(
          `session:${id}`,
          { type: 'typing', from_person_id: from.person.person_id },
          { except_connection_id: from.connection_id },
        );
        return undefined;
      },
    },
  };
}

async function say(node: TestNode, to: string, ...bodies: RoomMessage[]): Promise<void> {
  const appended = await node.db.transaction().execute((trx) =>
    node.hub.append(
      trx,
      bodies.map((body) => ({ room: to, body })),
    ),
  );
  appended.announce();
}
const chat = (text: string, from = people[0]?.person_id ?? ''): RoomMessage => ({
  type: 'chat',
  id: randomUUID(),
  from_person_id: from,
  text,
});
const texts = (socket: TestSocket, of = room) =>
  socket.said(of).map(({ body }) => (body.type === 'chat' ? body.text : body.type));
const seqs = (socket: TestSocket, of = room) => socket.said(of).map(({ seq }) => seq);
const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, n) => n + from);

async function connect(node: TestNode, who = people[0]): Promise<TestSocket> {
  const { ticket } = await node.tickets.issue(who?.person_id ?? '');
  const socket = await openSocket(node.port, ticket);
  open.push(socket);
  return socket;
}

beforeAll(async () => {
  server = await createServer();
  const options = { databaseUrl: server.database.url, clock: server.clock };
  [a, b] = [await createNode(options), await createNode(options)];
  for (const node of [a, b])
    node.hub.rooms(
      'session',
      rules(() => node),
    );
  people = await Promise.all([server.signIn(), server.signIn({ role: 'reader' }), server.signIn()]);
  for (const { person_id } of people.slice(0, 2)) members.add(person_id);
});
afterAll(async () => {
  await a.close();
  await b.close();
  await server.close();
});
beforeEach(() => {
  room = `session:${randomUUID()}`;
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.ws.terminate();
});

describe('a room', () => {
  test('SOC-6: is for whom its owner lets in; strangers, other rooms and unknown ones are refused with a code', async () => {
    const stranger = await connect(a, people[2]);
    stranger.send({ type: 'join', room, id: '1' });
    expect(await stranger.hears({ type: 'error', id: '1' })).toMatchObject({ code: 'not_allowed', room });
    stranger.send({ type: 'join', room: 'vault:1', id: '2' });
    expect(await stranger.hears({ type: 'error', id: '2' })).toMatchObject({ code: 'unknown_room' });
    stranger.send({ type: 'join', room: `person:${people[0]?.person_id}`, id: '3' });
    expect(await stranger.hears({ type: 'error', id: '3' })).toMatchObject({ code: 'not_allowed' });
    stranger.send({ type: 'chat', room, id: randomUUID(), text: 'let me in' });
    expect(await stranger.hears({ type: 'error', code: 'not_in_room' })).toMatchObject({ room });
    await stranger.join(`person:${people[2]?.person_id}`);
    await say(a, room, chat('among us'));
    const member = await connect(a);
    await member.join(room, 0);
    await member.hears({ type: 'message', room });
    expect(stranger.said(room)).toEqual([]);
  });

  test('SOC-6: hears what is said on any node, the sender included; who leaves or is sent out hears no more', async () => {
    const [client, reader] = [await connect(a), await connect(b, people[1])];
    await client.join(room);
    await reader.join(room);
    const id = randomUUID();
    client.send({ type: 'chat', room, id, text: 'Hello 🌙' });
    const body = { type: 'chat', id, from_person_id: people[0]?.person_id, text: 'Hello 🌙' };
    expect(await client.hears({ type: 'message', room })).toMatchObject({
      seq: 1,
      at_ms: server.clock.now(),
      body,
    });
    expect(await reader.hears({ type: 'message', room })).toMatchObject({ seq: 1, body });
    client.send({ type: 'leave', room, id: 'l' });
    await client.hears({ type: 'left', room, id: 'l' });
    a.hub.expel(room, people[1]?.person_id ?? '');
    await reader.hears({ type: 'left', room });
    await say(a, room, chat('alone'));
    await say(b, room, chat('alone'));
    client.send({ type: 'leave', room, id: 'again' });
    await client.hears({ type: 'error', code: 'not_in_room', id: 'again' });
    expect([seqs(client), seqs(reader)]).toEqual([[1], [1]]);
  });

  test('SOC-6: what its owner refuses, does not take or fails at comes back as an error, and nothing is said', async () => {
    const client = await connect(a);
    await client.join(room);
    const [bad, broken] = [randomUUID(), randomUUID()];
    client.send({ type: 'chat', room, id: bad, text: 'a bad word' });
    expect(await client.hears({ type: 'error', id: bad })).toMatchObject({
      code: 'not_that',
      title: 'Say that in other words',
    });
    client.send({ type: 'chat', room, id: broken, text: 'break' });
    expect(await client.hears({ type: 'error', id: broken })).toMatchObject({ code: 'internal_error' });
    expect(JSON.stringify(client.got)).not.toContain('a handler that fails');
    client.send({ type: 'heartbeat', room, id: 'h' });
    expect(await client.hears({ type: 'error', id: 'h' })).toMatchObject({ code: 'not_supported' });
    expect(client.said(room)).toEqual([]);
    expect(() => a.hub.rooms('session', { authorise: () => true })).toThrow(/have an owner already/);
  });

  test('SOC-6: what is only for now is not numbered, kept, or sent to whom it isn’t for', async () => {
    const [client, second, reader] = [await connect(a), await connect(b), await connect(b, people[1])];
    for (const socket of [client, second, reader]) await socket.join(room);
    client.send({ type: 'typing', room });
    expect(await reader.hears({ type: 'message', room })).not.toHaveProperty('seq');
    await second.hears({ type: 'message', room });
    const signal: RoomMessage = {
      type: 'signal',
      from_person_id: people[0]?.person_id ?? '',
      signal: { kind: 'candidate', candidate: null },
    };
    a.hub.send(room, signal, { urgent: true, to_person_id: people[1]?.person_id ?? '' });
    await expect.poll(() => reader.said(room).length).toBe(2);
    await say(a, room, chat('numbered'));
    await client.hears({ type: 'message', room, seq: 1 });
    await second.hears({ type: 'message', room, seq: 1 });
    expect(texts(client)).toEqual(['numbered']);
    expect(texts(second)).toEqual(['typing', 'numbered']);
    const late = await connect(a, people[1]);
    expect(await late.join(room, 0)).toMatchObject({ seq: 0, resumed: true });
    await late.hears({ type: 'message', room });
    expect(texts(late)).toEqual(['numbered']);
  });

  test('SOC-13: a text that can’t be kept is malformed, as over HTTP; so is an empty or a long one', async () => {
    const client = await connect(a);
    await client.join(room);
    const before = a.lines().length;
    const bad = ['a\0b', 'half \ud83c', '\udf19 half', ' \n ', 'x'.repeat(2_001)];
    for (const text of bad) client.send({ type: 'chat', room, id: randomUUID(), text });
    client.send({ type: 'chat', room, id: randomUUID(), text: ` ${'🌙'.repeat(1_000)}\n` });
    await client.hears({ type: 'message', room, seq: 1 });
    expect(texts(client)).toEqual(['🌙'.repeat(1_000)]);
    const errors = client.got.filter((message) => message.type === 'error');
    expect(errors.map(({ code }) => code)).toEqual(bad.map(() => 'malformed'));
    expect(a.lines().slice(before)).toEqual([]);
    client.send({ type: 'chat', room, id: randomUUID(), text: '\0' });
    expect(await client.closed).toMatchObject({ code: 4400 });
  });

  test('SOC-5: one socket is in 20 rooms at most', async () => {
    const client = await connect(a);
    for (let n = 0; n < 20; n += 1) await client.join(`session:${n}`);
    client.send({ type: 'join', room, id: 'one-more' });
    await client.hears({ type: 'error', code: 'too_many_rooms', id: 'one-more' });
    client.send({ type: 'leave', room: 'session:3' });
    await client.join(room);
  });
});

describe('numbers', () => {
  test('SOC-7: are without gap or double when many write at once, and everybody hears them in order', async () => {
    const [client, reader] = [await connect(a), await connect(b, people[1])];
    await client.join(room);
    await reader.join(room);
    const WRITES = DEEP ? 1_000 : 150;
    const kept: string[] = [];
    await Promise.all(
      upTo(WRITES).map(async (n) => {
        const node = n % 2 ? a : b;
        // Some take long, some fail: a number is nobody's until it is committed.
        const failing = n % 7 === 0;
        try {
          const appended = await node.db.transaction().execute(async (trx) => {
            const made = await node.hub.append(trx, [{ room, body: chat(`${n}`) }]);
            if (failing) throw new Error('rolled back');
            return made;
          });
          kept.push(`${n}`);
          // Announced late and out of order, some never: then the sweep finds them.
          if (n % 5 !== 0) setTimeout(() => appended.announce(), Math.random() * 50);
        } catch (error) {
          if (!failing) throw error;
        }
      }),
    );
    const count = kept.length;
    await expect
      .poll(async () => {
        await a.hub.sweep();
        await b.hub.sweep();
        return [client.said(room).length, reader.said(room).length];
      })
      .toEqual([count, count]);
    expect(seqs(client)).toEqual(upTo(count));
    expect(seqs(reader)).toEqual(upTo(count));
    expect(texts(reader)).toEqual(texts(client));
    expect(texts(client).sort()).toEqual(kept.sort());
  });

  test('SOC-7: one transaction may write to several rooms, as others do in another order, and all of it is said together', async () => {
    const others = upTo(5).map((n) => `session:${n}-${randomUUID()}`);
    await Promise.all(
      upTo(20).map(async (n) => {
        const node = n % 2 ? a : b;
        const order = n % 2 ? others : others.toReversed();
        const appended = await node.db.transaction().execute((trx) =>
          node.hub.append(
            trx,
            [...order, ...order].map((to) => ({ room: to, body: chat(`${n}`) })),
          ),
        );
        appended.announce();
      }),
    );
    const client = await connect(a);
    for (const other of others) {
      await client.join(other, 0);
      expect(seqs(client, other)).toEqual(upTo(40));
      const pairs = texts(client, other);
      for (let n = 0; n < 40; n += 2) expect(pairs[n]).toBe(pairs[n + 1]);
    }
  });
});

describe('resuming', () => {
  test('SOC-8: gives what was missed, in order and once, whatever is being said meanwhile', async () => {
    const ROUNDS = DEEP ? 60 : 12;
    let saying = true;
    let said = 0;
    const speaking = Promise.all(
      [a, b].map(async (node) => {
        while (saying) {
          said += 1;
          await say(node, room, chat(`${said}`));
        }
      }),
    );
    const steady = await connect(b, people[1]);
    await steady.join(room, 0);
    const heard: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const socket = await connect(round % 2 ? a : b);
      const after = heard.at(-1) ?? 0;
      expect(await socket.join(room, after)).toMatchObject({ seq: after, resumed: true });
      await expect.poll(() => socket.said(room).length, { interval: 5 }).toBeGreaterThan(5);
      // Cut in the middle of whatever comes.
      socket.ws.terminate();
      await socket.closed;
      for (const seq of seqs(socket)) heard.push(seq ?? 0);
    }
    saying = false;
    await speaking;
    expect(heard).toEqual(upTo(heard.length));
    await expect.poll(() => steady.said(room).length).toBe(said);
    expect(seqs(steady)).toEqual(upTo(said));
  });

  test('SOC-8: says when it can’t be whole: too much, too old, or a number that was never given', async () => {
    await say(a, room, ...upTo(MOST_REPLAYED + 1).map((n) => chat(`${n}`)));
    const client = await connect(a);
    expect(await client.join(room, 0)).toMatchObject({ seq: MOST_REPLAYED + 1, resumed: false });
    expect(await client.join(room, 1)).toMatchObject({ seq: 1, resumed: true });
    await expect.poll(() => client.said(room).length).toBe(MOST_REPLAYED);
    expect(await client.join(room, MOST_REPLAYED + 2)).toMatchObject({ resumed: false });
    expect(await client.join(room)).toMatchObject({ seq: MOST_REPLAYED + 1, resumed: false });

    server.clock.set(server.clock.now() + MESSAGES_KEPT_MS);
    await say(a, room, chat('today'));
    server.clock.set(server.clock.now() + 1);
    expect(await a.hub.sweepMessages()).toBeGreaterThanOrEqual(MOST_REPLAYED + 1);
    expect(await client.join(room, 400)).toMatchObject({ seq: MOST_REPLAYED + 2, resumed: false });
    expect(await client.join(room, MOST_REPLAYED + 1)).toMatchObject({ resumed: true });
    await say(a, room, chat('the numbers go on'));
    await client.hears({ type: 'message', room, seq: MOST_REPLAYED + 3 });
    const large = await connect(b);
    const other = `session:${randomUUID()}`;
    await say(b, other, ...upTo(40).map(() => chat('x'.repeat(15_000))));
    expect(await large.join(other, 0)).toMatchObject({ seq: 40, resumed: false });
  });

  test('SOC-8: a node whose bus was cut reads what it missed, and goes on without a double', async () => {
    const [client, reader] = [await connect(a), await connect(b, people[1])];
    await client.join(room);
    await reader.join(room);
    await query(
      adminUrl(),
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = '${server.database.name}' AND application_name = 'realtime bus'`,
    );
    await say(a, room, ...upTo(30).map((n) => chat(`${n}`)));
    await expect.poll(() => reader.said(room).length).toBe(30);
    await Promise.all([a.bus.connected(), b.bus.connected()]);
    await say(b, room, chat('31'));
    await expect
      .poll(async () => {
        await a.hub.sweep();
        await b.hub.sweep();
        return [client.said(room).length, reader.said(room).length];
      })
      .toEqual([31, 31]);
    expect([seqs(client), seqs(reader)]).toEqual([upTo(31), upTo(31)]);
  });
});

test('SOC-6 SOC-7: it is the same over Redis', async () => {
  const redis = await startRedis();
  const options = { databaseUrl: server.database.url, redisUrl: redis.url, clock: server.clock };
  const nodes = [await createNode(options), await createNode(options)] as const;
  for (const node of nodes)
    node.hub.rooms(
      'session',
      rules(() => node),
    );
  const [client, reader] = [await connect(nodes[0]), await connect(nodes[1], people[1])];
  await client.join(room);
  await reader.join(room);
  await Promise.all(upTo(100).map((n) => say(nodes[n % 2 ? 0 : 1], room, chat(`${n}`))));
  await expect.poll(() => [client.said(room).length, reader.said(room).length]).toEqual([100, 100]);
  expect([seqs(client), seqs(reader)]).toEqual([upTo(100), upTo(100)]);
  client.send({ type: 'typing', room });
  await expect.poll(() => reader.said(room).length).toBe(101);
  await Promise.all(nodes.map((node) => node.close()));
  await redis.stop();
});

test('SOC-9: what is said within 50 ms goes in one frame; what is urgent at once, after what waits', async () => {
  const client = await connect(a);
  await client.join(room);
  const before = client.frames();
  for (let n = 0; n < 20; n += 1) a.hub.send(room, { type: 'typing', from_person_id: randomUUID() });
  await expect.poll(() => client.said(room).length).toBe(20);
  expect(client.frames() - before).toBe(1);
  a.hub.send(room, { type: 'typing', from_person_id: randomUUID() });
  const began = performance.now();
  a.hub.send(
    room,
    { type: 'meter', session_id: randomUUID(), paid_minutes: 1, paid_cents: 399, minutes_left: 7 },
    { urgent: true },
  );
  await expect.poll(() => client.said(room).length, { interval: 1 }).toBe(22);
  expect(client.frames() - before).toBe(2);
  expect(texts(client).slice(-2)).toEqual(['typing', 'meter']);
  expect(performance.now() - began).toBeLessThan(5_000);
});
