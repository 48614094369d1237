/** Joins that are held in the middle, and lines that take little: a hub of its own, on connections that are made up. */

import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { KyselyPlugin } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type RoomMessage, type ServerMessage, serverFrame } from '../../contract/socket.ts';
import { createLog } from '../../src/log.ts';
import { type Connection, MOST_BUFFERED } from '../../src/sockets/connection.ts';
import { createHub, type Hub } from '../../src/sockets/hub.ts';
import { MOST_REPLAYED_BYTES } from '../../src/sockets/messages.ts';
import { query } from '../support/cluster.ts';
import { textsIn } from '../support/frames.ts';
import { createServer, type SignedIn, type TestServer } from '../support/server.ts';
import { createNode, type TestNode } from '../support/socket-node.ts';

let server: TestServer;
let node: TestNode;
let hub: Hub;
let people: SignedIn[];
let room: string;
/** What the hub has read waits here before it gets it. */
let held: Promise<void> | undefined;
let reads = 0;
/** The same for what the room's owner has answered. */
let answering: Promise<void> | undefined;

const gate: KyselyPlugin = {
  transformQuery: ({ node: query }) => query,
  async transformResult({ result }) {
    reads += 1;
    await held;
    return result;
  },
};

/** Holds what the hub reads from now on, until it is let go; `read` waits until something is held. */
function hold() {
  const { promise, resolve } = Promise.withResolvers<void>();
  held = promise;
  const before = reads;
  return {
    read: () => expect.poll(() => reads, { interval: 1 }).toBeGreaterThan(before),
    letGo() {
      held = undefined;
      resolve();
    },
  };
}

interface Line {
  connection: Connection;
  got: ServerMessage[];
  join: (to: string, after?: number) => Promise<void>;
  seqs: () => (number | undefined)[];
  joined: () => Extract<ServerMessage, { type: 'joined' }>[];
}

/** A line that takes so many bytes, and then no more. */
function createLine(who = people[0], takes = Number.POSITIVE_INFINITY): Line {
  const got: ServerMessage[] = [];
  let written = 0;
  const socket = {
    get writableLength() {
      return Math.max(0, written - takes);
    },
    write(frames: Buffer) {
      written += frames.length;
      got.push(...textsIn(frames).flatMap((text) => serverFrame.parse(JSON.parse(text))));
      return true;
    },
  };
  const ws = {
    OPEN: WebSocket.OPEN,
    readyState: WebSocket.OPEN,
    close: () => undefined,
    terminate: () => undefined,
  };
  const connection = {
    id: randomUUID(),
    person: { person_id: who?.person_id ?? '', role: 'client' },
    issued_at_ms: server.clock.now(),
    rooms: new Set(),
    closed: undefined,
    ws: ws as unknown as WebSocket,
    socket: socket as unknown as Socket,
  } as unknown as Connection;
  hub.enter(connection);
  return {
    connection,
    got,
    join: (to, after) =>
      hub.handle(connection, { type: 'join', room: to, ...(after === undefined ? {} : { after }) }),
    seqs: () => got.flatMap((message) => (message.type === 'message' ? [message.seq] : [])),
    joined: () => got.filter((message) => message.type === 'joined'),
  };
}

/** Keeps messages, and answers what tells of them. */
async function keep(to: string, ...texts: string[]): Promise<() => void> {
  const bodies = texts.map(
    (text): RoomMessage => ({ type: 'chat', id: randomUUID(), from_person_id: randomUUID(), text }),
  );
  const appended = await node.db.transaction().execute((trx) =>
    hub.append(
      trx,
      bodies.map((body) => ({ room: to, body })),
    ),
  );
  return appended.announce;
}
const times = (count: number, text: string) => Array.from({ length: count }, () => text);
const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, n) => n + from);

beforeAll(async () => {
  server = await createServer();
  node = await createNode({ databaseUrl: server.database.url, clock: server.clock });
  hub = createHub({
    db: node.db.withPlugin(gate),
    bus: node.bus,
    clock: server.clock,
    log: createLog('silent'),
  });
  hub.rooms('session', {
    async authorise() {
      await answering;
      return true;
    },
  });
  people = [await server.signIn(), await server.signIn()];
});
afterAll(async () => {
  hub.close();
  await node.close();
  await server.close();
});
beforeEach(() => {
  room = `session:${randomUUID()}`;
});
const lines: Line[] = [];
const line = (...given: Parameters<typeof createLine>) => {
  const made = createLine(...given);
  lines.push(made);
  return made;
};
afterEach(() => {
  held = undefined;
  answering = undefined;
  for (const { connection } of lines.splice(0)) hub.gone(connection);
});

describe('what is replayed', () => {
  /** What the system’s buffers take of a frame when the reader takes nothing. */
  const KERNEL = 87 * 1024;
  const person = () => `person:${people[0]?.person_id}`;

  test('SOC-8: is never what closes the line for being slow: too much is read over HTTP', async () => {
    await keep(room, ...times(160, 'x'.repeat(2_000)));
    const mine = line(people[0], KERNEL);
    await mine.join(room, 0);
    await mine.join(person());
    expect(mine.connection.closed).toBeUndefined();
    expect(mine.joined()).toMatchObject([{ room, seq: 160, resumed: false }, { room: person() }]);
    expect(mine.seqs()).toEqual([]);
  });

  test('SOC-8: is measured in bytes, as it goes out', async () => {
    expect(MOST_REPLAYED_BYTES).toBeLessThanOrEqual(MOST_BUFFERED / 2);
    const [short, wide, many] = [0, 1, 2].map(() => `session:${randomUUID()}`) as [string, string, string];
    const fits = Math.floor(MOST_REPLAYED_BYTES / 6_300);
    await keep(short, ...times(fits, '月'.repeat(2_000)));
    await keep(wide, ...times(fits + 2, '月'.repeat(2_000)));
    // Little in each, but each has a head of its own.
    await keep(many, ...times(500, 'x'.repeat(40)));
    const mine = line();
    for (const name of [short, wide, many]) await mine.join(name, 0);
    expect(mine.joined().map(({ resumed }) => resumed)).toEqual([true, false, false]);
    expect(mine.seqs()).toEqual(upTo(fits));
  });

  test('SOC-8: is measured over all that was read, when more is said meanwhile', async () => {
    await keep(room, ...times(50, 'x'.repeat(2_000)));
    const [steady, mine] = [line(people[1]), line()];
    await steady.join(room);
    const holding = hold();
    const joining = mine.join(room, 0);
    await holding.read();
    (await keep(room, ...times(50, 'x'.repeat(2_000))))();
    holding.letGo();
    await joining;
    expect(mine.joined()).toMatchObject([{ seq: 100, resumed: false }]);
    (await keep(room, 'on it goes'))();
    await expect.poll(mine.seqs).toEqual([101]);
  });

  test('SOC-8: is measured together with what waits unread, as from the other rooms', async () => {
    const names = upTo(4).map(() => `session:${randomUUID()}`);
    for (const name of names) await keep(name, ...times(50, 'x'.repeat(2_000)));
    const mine = line(people[0], 0);
    for (const name of names) await mine.join(name, 0);
    await mine.join(person());
    expect(mine.connection.closed).toBeUndefined();
    expect(mine.joined().map(({ resumed }) => resumed)).toEqual([true, false, false, false, false]);
  });

  test('SOC-8: a member whose node has missed too much is told, and not flooded', async () => {
    const mine = line(people[0], KERNEL);
    await mine.join(room);
    await keep(room, ...times(160, 'x'.repeat(2_000)));
    await hub.sweep();
    await expect.poll(() => mine.joined().length).toBe(2);
    expect(mine.joined()[1]).toMatchObject({ seq: 160, resumed: false });
    (await keep(room, 'on it goes'))();
    await expect.poll(mine.seqs).toEqual([161]);
    expect(mine.connection.closed).toBeUndefined();
  });
});

describe('sent out while joining', () => {
  const refused = (mine: Line) => {
    expect(mine.got.at(-1)).toMatchObject({ type: 'error', code: 'not_allowed', room });
    expect(mine.joined().length).toBe(0);
    expect(mine.connection.rooms.has(room)).toBe(false);
  };

  test('SOC-6: while the owner is asked', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    answering = promise;
    const [mine, other] = [line(), line(people[1])];
    const joining = [mine.join(room), other.join(room)];
    hub.expel(room, people[0]?.person_id ?? '');
    resolve();
    await Promise.all(joining);
    refused(mine);
    expect(other.joined().length).toBe(1);
  });

  test.each([undefined, 0])(
    'SOC-6: while the number or what was missed (after %s) is read',
    async (after) => {
      await keep(room, 'one');
      const steady = line(people[1]);
      if (after !== undefined) await steady.join(room);
      const holding = hold();
      const mine = line();
      const joining = mine.join(room, after);
      await holding.read();
      hub.expel(room, people[0]?.person_id ?? '');
      holding.letGo();
      await joining;
      refused(mine);
      (await keep(room, 'two'))();
      hub.send(room, { type: 'typing', from_person_id: randomUUID() });
      expect(mine.seqs()).toEqual([]);
      // It is for the join under way alone: whoever is let in again gets in.
      await mine.join(room);
      expect(mine.joined().length).toBe(1);
    },
  );

  test('SOC-6: who was in the room already and joins again', async () => {
    const mine = line();
    await mine.join(room);
    const holding = hold();
    const joining = mine.join(room, 0);
    await holding.read();
    hub.expel(room, people[0]?.person_id ?? '');
    holding.letGo();
    await joining;
    expect(mine.got.slice(1)).toMatchObject([
      { type: 'left', room },
      { type: 'error', code: 'not_allowed', room },
    ]);
    expect(mine.connection.rooms.size).toBe(0);
  });
});

describe('what is said while somebody joins', () => {
  test('SOC-8: is heard, at whichever moment it is said', async () => {
    for (let turns = 0; turns < 25; turns += 1) {
      const name = `session:${randomUUID()}`;
      await keep(name, 'one');
      const [steady, mine] = [line(people[1]), line()];
      await steady.join(name);
      const holding = hold();
      const joining = mine.join(name, 0);
      await holding.read();
      const announce = await keep(name, 'two');
      holding.letGo();
      for (let n = 0; n < turns; n += 1) await Promise.resolve();
      announce();
      await joining;
      await expect.poll(mine.seqs, { message: `after ${turns} turns` }).toEqual([1, 2]);
      await expect.poll(steady.seqs).toEqual([2]);
      expect(mine.joined()).toMatchObject([{ seq: 0, resumed: true }]);
    }
  });

  test('SOC-8: members of a node that has heard less than who comes in miss nothing', async () => {
    const [steady, mine] = [line(people[1]), line()];
    await steady.join(room);
    // No word of it came here, but to the node where somebody was before.
    await keep(room, 'one', 'two', 'three');
    await mine.join(room, 2);
    await expect.poll(steady.seqs).toEqual([1, 2, 3]);
    expect(mine.joined()).toMatchObject([{ seq: 2, resumed: true }]);
    expect(mine.seqs()).toEqual([3]);
    const again = line();
    await again.join(room, 4);
    expect(again.joined()).toMatchObject([{ seq: 3, resumed: false }]);
  });

  test('SOC-7: what is heard of while a room catches up isn’t taken for what never was', async () => {
    const mine = line();
    await mine.join(room, 0);
    await keep(room, 'one');
    const announce = await keep(room, 'two');
    const holding = hold();
    announce();
    await holding.read();
    await keep(room, 'three');
    (await keep(room, 'four'))();
    holding.letGo();
    await expect.poll(mine.seqs).toEqual([1, 2, 3, 4]);
  });
});

describe('a room whose number was forgotten under its members', () => {
  const forget = () =>
    query(
      server.database.ownerUrl,
      `WITH gone AS (DELETE FROM socket_messages WHERE room = $1) DELETE FROM socket_rooms WHERE room = $1`,
      [room],
    );

  test('SOC-8: is heard again from one, after they were told to read anew', async () => {
    const mine = line();
    await mine.join(room);
    (await keep(room, 'one', 'two', 'three'))();
    await expect.poll(mine.seqs).toEqual([1, 2, 3]);
    await forget();
    (await keep(room, 'anew'))();
    expect(await hub.sweep()).toBe(1);
    await expect.poll(mine.seqs).toEqual([1, 2, 3, 1]);
    (await keep(room, 'and on'))();
    await expect.poll(mine.seqs).toEqual([1, 2, 3, 1, 2]);
    expect(mine.joined().slice(1)).toMatchObject([{ seq: 0, resumed: false }]);
    expect(await hub.sweep()).toBe(0);
  });

  test('SOC-8: is not asked about without end, though more was heard of', async () => {
    const mine = line();
    (await keep(room, 'one', 'two', 'three'))();
    await mine.join(room);
    await forget();
    const before = reads;
    const said = { room, seq: 9, at_ms: server.clock.now(), body: '{}' };
    await node.bus.publish('sockets.room', said);
    await expect.poll(() => mine.joined().length).toBeGreaterThan(1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(reads - before).toBeLessThan(5);
    expect(mine.joined().slice(1)).toMatchObject([{ seq: 0, resumed: false }]);
    (await keep(room, 'anew'))();
    await expect.poll(mine.seqs).toEqual([1]);
  });
});
