import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { type Bus, createBus, MOST_BUS_MESSAGE } from '../../src/sockets/bus.ts';
import { adminUrl, query } from '../support/cluster.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { startRedis } from '../support/redis.ts';

interface Kind {
  start: () => Promise<void>;
  stop: () => Promise<void>;
  open: () => Bus;
  /** Cuts every connection of every node. */
  cut: () => Promise<void>;
  connections: () => Promise<number>;
}

const lines: string[] = [];
const log = createLog('info', { write: (line) => lines.push(line) });

function postgres(): Kind {
  let database: TestDatabase;
  const backends = (what: string) =>
    query<{ count: number }>(
      adminUrl(),
      `SELECT count(${what})::int FROM pg_stat_activity WHERE datname = '${database.name}' AND application_name = 'realtime bus'`,
    );
  return {
    start: async () => {
      database = await createDatabase();
    },
    stop: () => database.drop(),
    open: () => createBus({ databaseUrl: database.url, log }),
    cut: async () => {
      await backends('pg_terminate_backend(pid)');
    },
    connections: async () => (await backends('*'))[0]?.count ?? 0,
  };
}

function redis(): Kind {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let admin: Redis;
  const theirs = async () =>
    String(await admin.client('LIST'))
      .split('\n')
      .filter((line) => line.includes('name=realtime'));
  return {
    start: async () => {
      server = await startRedis();
      admin = new Redis(server.url);
    },
    stop: async () => {
      admin.disconnect();
      await server.stop();
    },
    open: () =>
      createBus({ databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing', redisUrl: server.url, log }),
    cut: async () => {
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    },
    connections: async () => (await theirs()).length,
  };
}

describe.each([
  ['Postgres', postgres],
  ['Redis', redis],
])('the bus over %s', (_name, make) => {
  const kind = make();
  const open: Bus[] = [];
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  afterEach(async () => {
    await Promise.all(open.splice(0).map((bus) => bus.close()));
    await expect.poll(() => kind.connections()).toBe(0);
  });

  async function nodes(): Promise<[Bus, Bus, Bus]> {
    const made: [Bus, Bus, Bus] = [kind.open(), kind.open(), kind.open()];
    open.push(...made);
    await Promise.all(made.map((bus) => bus.connected()));
    return made;
  }
  function collect(bus: Bus, topic: string): unknown[] {
    const got: unknown[] = [];
    bus.subscribe(topic, (message) => got.push(message));
    return got;
  }

  test('SOC-1: what one node publishes every node gets once, this one at once; other topics’ subscribers don’t', async () => {
    const [a, b, c] = await nodes();
    const got = [collect(a, 'person'), collect(b, 'person'), collect(c, 'person')];
    const other = collect(b, 'rooms');
    const message = { person_id: 'x', text: 'Zoë 🌙 \u2028 "quoted" \\ \0', nested: [1, null, { a: true }] };
    const publishing = a.publish('person', message);
    expect(got[0]).toEqual([message]);
    await publishing;
    await expect.poll(() => [got[1]?.length, got[2]?.length]).toEqual([1, 1]);
    expect([got[1], got[2]]).toEqual([[message], [message]]);
    await b.publish('rooms', 'last');
    expect(got[0]).toHaveLength(1);
    expect(other).toEqual(['last']);
  });

  test('SOC-1: a node’s messages come in its order, equal ones each, also when several nodes publish at once', async () => {
    const [a, b, c] = await nodes();
    const got = collect(c, 'order') as { from: string; n: number }[];
    const numbers = Array.from({ length: 2_000 }, (_, n) => n);
    await Promise.all(
      numbers.flatMap((n) => [a.publish('order', { from: 'a', n }), b.publish('order', { from: 'b', n })]),
    );
    await expect.poll(() => got.length).toBe(4_000);
    for (const from of ['a', 'b'])
      expect(got.filter((one) => one.from === from).map(({ n }) => n)).toEqual(numbers);
    const same = collect(c, 'same');
    await Promise.all(Array.from({ length: 50 }, () => a.publish('same', 'equal')));
    for (let n = 0; n < 5; n += 1) await a.publish('same', 'equal');
    await expect.poll(() => same.length).toBe(55);
  });

  test('SOC-1: large messages arrive whole, cut anywhere; too large ones are refused and reach nobody', async () => {
    const [a, b] = await nodes();
    const mine = collect(a, 'large');
    const got = collect(b, 'large') as string[];
    const large = ['x'.repeat(7_899), '🌙é'.repeat(30_000), 'y'.repeat(MOST_BUS_MESSAGE - 12)];
    await Promise.all(large.map((text) => a.publish('large', text)));
    await expect.poll(() => got.length).toBe(3);
    expect(got.every((text, index) => text === large[index])).toBe(true);
    await expect(a.publish('large', 'z'.repeat(MOST_BUS_MESSAGE))).rejects.toThrow(/too large for the bus/);
    await a.publish('large', 'after');
    await expect.poll(() => got.length).toBe(4);
    expect(mine).toHaveLength(4);
  });

  test('SOC-1: a subscriber that throws is logged and harms nobody; one that left hears nothing more', async () => {
    lines.length = 0;
    const [a, b] = await nodes();
    a.subscribe('person', () => {
      throw new Error('a careless subscriber');
    });
    const leave = b.subscribe('person', () => {
      throw new Error('another careless subscriber');
    });
    const [mine, got] = [collect(a, 'person'), collect(b, 'person')];
    await a.publish('person', 1);
    await expect.poll(() => [mine.length, got.length]).toEqual([1, 1]);
    expect(lines.filter((line) => line.includes('careless subscriber'))).toHaveLength(2);
    leave?.();
    lines.length = 0;
    await b.publish('person', 2);
    expect(lines.join()).not.toContain('another careless');
  });

  test('SOC-2: after a lost connection a node listens again by itself and says that it may have missed something', async () => {
    const [a, b] = await nodes();
    let restored = 0;
    b.onRestored(() => (restored += 1));
    const [mine, got] = [collect(a, 'person'), collect(b, 'person')];
    await kind.cut();
    // Whether it says so or not, this process's own subscribers are told.
    await a.publish('person', 'while away').catch(() => undefined);
    expect(mine).toEqual(['while away']);
    await expect.poll(() => restored).toBe(1);
    await expect
      .poll(async () => {
        await a.publish('person', 'back').catch(() => undefined);
        return got.includes('back');
      })
      .toBe(true);
  });

  test('SOC-1: closing sends what was published before, and takes no more', async () => {
    const [a, b] = await nodes();
    const got = collect(b, 'person');
    const published = Promise.all(Array.from({ length: 100 }, (_, n) => a.publish('person', n)));
    await a.close();
    await published;
    await expect.poll(() => got.length).toBe(100);
    await expect(a.publish('person', 'late')).rejects.toThrow('the bus is closed');
  });
});

test('SOC-2: a backend that isn’t there yet keeps nobody from starting, and publishing tells its own subscribers', async () => {
  const away = [
    createBus({ databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing', log }),
    createBus({ databaseUrl: '', redisUrl: 'redis://127.0.0.1:1', log }),
  ];
  for (const bus of away) {
    const got: unknown[] = [];
    bus.subscribe('person', (message) => got.push(message));
    await expect(bus.publish('person', 1)).rejects.toThrow();
    expect(got).toEqual([1]);
    await bus.close();
  }
});
