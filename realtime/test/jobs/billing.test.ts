/** Billing with its wake-up lost, doubled and late, and with its server restarted under it. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog as sandboxLog } from '../../../sandbox/src/log.ts';
import { startCluster } from '../../../sandbox/src/postgres/cluster.ts';
import { startBillingLoop } from '../../src/billing/loop.ts';
import { createMeter, startMeter } from '../../src/billing/meters.ts';
import { openDatabase, type Tables } from '../../src/database.ts';
import { migrateJobs, startJobs } from '../../src/jobs/jobs.ts';
import { createLedger } from '../../src/ledger/ledger.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { createLog } from '../../src/log.ts';
import { migrate, readMigrations } from '../../src/migrate.ts';
import { createMetrics } from '../../src/operations/metrics.ts';
import { query } from '../support/cluster.ts';
import { createMoney, type Money } from '../support/money.ts';
import { freePort } from '../support/process.ts';

const log = createLog('silent');
const HOUR = 3_600_000;

let money: Money;
beforeAll(async () => {
  money = await createMoney();
});
afterAll(() => money.close());

const charged = (db: Kysely<Tables>) =>
  sql<{ n: string }>`select count(*) as n from transfers where kind = 'minute'`
    .execute(db)
    .then(({ rows }) => Number(rows[0]?.n));

test('BIL-15: a job that is doubled or late charges each minute once; one that is lost is made up for by the timer', async () => {
  const session = await money.session({ client: await money.person(100_000), reader: await money.person() });
  await session.start(0);
  const metrics = createMetrics();
  const told: number[] = [];
  // No turn by the timer within this test, until the timer is what is tested.
  const loop = startBillingLoop({
    db: money.db,
    clock: money.clock,
    log,
    metrics,
    tell: async (charges) => {
      told.push(...charges.map(({ minutes }) => minutes));
    },
    everyMs: HOUR,
  });
  await loop.wake();
  money.clock.set(money.at(10));
  await Promise.all([loop.wake(), loop.wake(), loop.wake()]);
  await loop.wake();
  expect(await charged(money.db)).toBe(1);
  // Three minutes late: all that are due come at once.
  money.clock.set(money.at(185));
  await loop.wake();
  expect(await charged(money.db)).toBe(4);
  await loop.stop();
  expect(told).toEqual([1, 3]);
  expect(await metrics.registry.getSingleMetric('billing_charged_minutes_total')?.get()).toMatchObject({
    values: [{ value: 4 }],
  });

  // Nobody wakes this one.
  money.clock.set(money.at(241));
  const alone = startBillingLoop({
    db: money.db,
    clock: money.clock,
    log,
    metrics,
    tell: async () => {
      throw new Error('nobody listens');
    },
    everyMs: 50,
  });
  await expect.poll(() => charged(money.db)).toBe(5);
  money.clock.set(money.at(301));
  await expect.poll(() => charged(money.db)).toBe(6);
  await alone.stop();
  expect(await metrics.registry.getSingleMetric('billing_errors_total')?.get()).toMatchObject({
    values: expect.arrayContaining([{ value: 2, labels: { what: 'told' } }]),
  });
});

test('BIL-15: Postgres restarts, and billing and its wake-up go on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'soulseer-jobs-'));
  const port = await freePort();
  const start = () =>
    startCluster({
      host: '127.0.0.1',
      port,
      dataDir: join(folder, 'postgres'),
      password: 'test',
      log: sandboxLog('test', 'silent'),
      onDeath: () => undefined,
    });
  let cluster = await start();
  const url = (role: string, name = 'realtime') => `postgres://${role}:test@127.0.0.1:${port}/${name}`;
  await query(url('postgres', 'postgres'), `create role owner login password 'test'`);
  await query(url('postgres', 'postgres'), `create role runner login password 'test'`);
  await query(url('postgres', 'postgres'), 'create database realtime owner owner');
  await query(url('postgres'), 'grant usage on schema public to runner');
  await migrate({ ownerUrl: url('owner'), runningRole: 'runner', migrations: await readMigrations() });
  await migrateJobs({ ownerUrl: url('owner'), runningRole: 'runner' });

  const db = openDatabase(url('runner'), log);
  let now = Date.UTC(2026, 10, 18, 12);
  const clock = { now: () => now };
  const ledger = createLedger({ db, clock });
  const [client, reader] = ['0197c3a0-0000-7000-8000-00000000000a', '0197c3a0-0000-7000-8000-00000000000b'];
  await ledger.open(`wallet:${client}`);
  await ledger.post({
    kind: 'top_up',
    key: 'top-up',
    legs: [
      { account: 'card_clearing', amount_cents: -10_000 },
      { account: `wallet:${client}`, amount_cents: 10_000 },
    ],
  });
  const session_id = '0197c3a0-0000-7000-8000-00000000000c';
  await db.transaction().execute(async (tx) => {
    await createMeter(tx, ledger, { session_id, client, reader, rate_cents: 399, maximum_minutes: 60 });
    await startMeter(tx, session_id, now);
  });

  let woken = 0;
  const loop = startBillingLoop({
    db,
    clock,
    log,
    metrics: createMetrics(),
    tell: async () => undefined,
    everyMs: HOUR,
  });
  const jobs = startJobs({
    databaseUrl: url('runner'),
    log,
    wake: {
      billing: {
        everyMs: 200,
        work: async () => {
          woken += 1;
          await loop.wake();
        },
      },
    },
  });
  now += 10_000;
  await expect.poll(() => charged(db)).toBe(1);

  await cluster.stop();
  now += 60_000;
  // Whatever is asked meanwhile fails, and nothing of ours ends by it.
  await loop.wake();
  cluster = await start();
  const then = woken;
  await expect.poll(() => charged(db), { timeout: 30_000 }).toBe(2);
  await expect.poll(() => woken, { timeout: 30_000 }).toBeGreaterThan(then);
  expect((await verifyLedger(db)).findings).toEqual([]);

  await jobs.stop();
  await loop.stop();
  await db.destroy();
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
}, 120_000);
