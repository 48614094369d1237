import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../src/database/database.ts';
import { createRateLimits } from '../src/server/rate-limits.ts';
import { createDatabase } from './helpers/database.ts';
import { startRedis } from './helpers/redis.ts';

const silent = pino({ level: 'silent' });
/** What `change` allows an account in a minute, and what it allows an address. */
const perAccount = 240;
const perAddress = 600;

/** So many nodes over one store, each as `services.ts` makes it. */
async function nodes(count: number, redisUrl?: string) {
  const database = await createDatabase();
  const all = Array.from({ length: count }, () => {
    const db = openDatabase(database.url, silent);
    return { db, limits: createRateLimits({ db, redisUrl, log: silent }) };
  });
  return {
    nodes: all.map(({ limits }) => limits),
    async [Symbol.asyncDispose]() {
      for (const { db, limits } of all) {
        await limits.stop();
        await db.end();
      }
      await database[Symbol.asyncDispose]();
    },
  };
}

const somebody = (address = '192.0.2.1') => ({ address, person_id: randomUUID() });

/** Asks `times` times, in turn at each node, and counts how many were let pass. */
async function passed(
  limits: { take: (what: 'change', who: ReturnType<typeof somebody>) => Promise<number | null> }[],
  who: ReturnType<typeof somebody>,
  times: number,
  atOnce = 10,
): Promise<number> {
  let through = 0;
  // Some at once, and no more than a busy store answers in good time: a node that gets no answer counts for itself.
  for (let begun = 0; begun < times; begun += atOnce) {
    const waits = await Promise.all(
      Array.from({ length: Math.min(atOnce, times - begun) }, async (_, index) =>
        limits[index % limits.length]?.take('change', who),
      ),
    );
    through += waits.filter((wait) => wait === null).length;
  }
  return through;
}

describe.each(['Redis', 'Postgres'])('O3: limits counted in %s', (store) => {
  it('are one count for two nodes, by account and by address, and say when to come again', async () => {
    await using redis = store === 'Redis' ? await startRedis() : undefined;
    await using site = await nodes(2, redis?.url);
    // Once connected, it counts there alone: until then a node counts for itself.
    if (redis) {
      const early = somebody('198.51.100.1');
      await expect.poll(async () => isShared(site.nodes, early.address)).toBe(true);
    }
    const one = somebody();
    expect(await passed(site.nodes, one, perAccount + 40)).toBe(perAccount);
    const wait = await site.nodes[1]?.take('change', one);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    // Another account at that address is stopped by the address, another account elsewhere is not.
    const used = perAccount + 41;
    const neighbours = [somebody(), somebody(), somebody()];
    let more = 0;
    for (const neighbour of neighbours) more += await passed(site.nodes, neighbour, 150);
    expect(more).toBe(perAddress - used);
    expect(await site.nodes[0]?.take('change', somebody('192.0.2.2'))).toBeNull();
  });
});

/** Whether what one node counts is seen by the other: used up at the first, refused at the second. */
async function isShared(
  [first, second]: Awaited<ReturnType<typeof nodes>>['nodes'],
  address: string,
): Promise<boolean> {
  const who = somebody(address);
  for (let index = 0; index < perAccount; index += 1) await first?.take('change', who);
  return (await second?.take('change', who)) !== null;
}

describe('O3: without the Redis that counts', () => {
  it.each(['silent', 'gone'] as const)(
    'each node counts for itself while it is %s, nobody waits long, and the count is one again after',
    async (how) => {
      await using redis = await startRedis();
      await using site = await nodes(2, redis.url);
      await expect.poll(() => isShared(site.nodes, '198.51.100.1')).toBe(true);

      if (how === 'silent') redis.freeze(true);
      else await redis.kill();
      const who = somebody('198.51.100.2');
      const began = performance.now();
      expect(await site.nodes[0]?.take('change', who)).toBeNull();
      // Half a second for each of the two counts at most; the rest is for a busy machine.
      expect(performance.now() - began).toBeLessThan(5_000);
      for (const node of site.nodes) {
        const other = somebody('198.51.100.3');
        expect(await passed([node], other, perAccount + 10, perAccount + 10)).toBe(perAccount);
      }

      if (how === 'silent') redis.freeze(false);
      else await redis.start();
      await expect.poll(() => isShared(site.nodes, '198.51.100.4')).toBe(true);
    },
  );
});
