/** The wake-up on a real Postgres and a real Redis. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startJobs } from '../../src/jobs/jobs.ts';
import { createLog } from '../../src/log.ts';
import { adminUrl, query } from '../support/cluster.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { startRedis } from '../support/redis.ts';

let database: TestDatabase;
let redis: Awaited<ReturnType<typeof startRedis>>;
const log = createLog('silent');
beforeAll(async () => {
  database = await createDatabase();
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
  await database.drop();
});

describe.each(['Postgres', 'Redis'])('on %s', (kind) => {
  const start = (work: () => Promise<void>) =>
    startJobs({
      databaseUrl: database.url,
      redisUrl: kind === 'Redis' ? redis.url : undefined,
      log,
      wake: { billing: { everyMs: 200, work } },
    });

  test('BIL-15: wakes again and again, also where two nodes ask for it', async () => {
    let [one, two] = [0, 0];
    const jobs = [
      start(async () => {
        one += 1;
      }),
      start(async () => {
        two += 1;
      }),
    ];
    await expect.poll(() => one + two).toBeGreaterThan(5);
    await Promise.all(jobs.map((job) => job.stop()));
    const then = one + two;
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(one + two).toBe(then);
  });

  test('BIL-15: goes on after work that failed', async () => {
    let calls = 0;
    const jobs = start(async () => {
      calls += 1;
      throw new Error('no');
    });
    await expect.poll(() => calls).toBeGreaterThan(2);
    await jobs.stop();
  });
});

test('BIL-15: a server that is not there is no reason to fail, or to wait for at the end', async () => {
  const lines: string[] = [];
  const jobs = startJobs({
    databaseUrl: 'postgres://nobody:nothing@127.0.0.1:1/none',
    log: createLog('info', { write: (line) => lines.push(line) }),
    wake: { billing: { everyMs: 200, work: async () => undefined } },
  });
  await expect.poll(() => lines.join('')).toContain('timers go on without them');
  await jobs.stop();
});

test('BIL-15: a server that refuses at first holds nothing up, and is asked again', async () => {
  const lines: string[] = [];
  let calls = 0;
  const allow = (yes: boolean) =>
    query(adminUrl(), `ALTER DATABASE ${database.name} ALLOW_CONNECTIONS ${yes}`);
  await allow(false);
  const jobs = startJobs({
    databaseUrl: database.url,
    log: createLog('info', { write: (line) => lines.push(line) }),
    wake: {
      billing: {
        everyMs: 200,
        work: async () => {
          calls += 1;
        },
      },
    },
  });
  // Timers come in turn meanwhile.
  await expect.poll(() => lines.join('')).toContain('timers go on without them');
  await new Promise((resolve) => setTimeout(resolve, 500));
  await allow(true);
  await expect.poll(() => calls, { timeout: 15_000 }).toBeGreaterThan(2);
  await jobs.stop();
});
