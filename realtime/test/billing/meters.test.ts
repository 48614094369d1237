import { afterAll, beforeAll, expect, test } from 'vitest';
import { catchUp, startBillingLoop } from '../../src/billing/loop.ts';
import { createMeter, raiseMaximum, startMeter } from '../../src/billing/meters.ts';
import { type Charged, tick } from '../../src/billing/tick.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { createLog } from '../../src/log.ts';
import { createMetrics } from '../../src/operations/metrics.ts';
import { createMoney, type Money } from '../support/money.ts';

let money: Money;
beforeAll(async () => {
  money = await createMoney();
});
afterAll(() => money.close());

const wallet = (person: string) => money.ledger.balance(`wallet:${person}`);
const open = async (cents = 100_000, more: { rate?: number; maximum?: number } = {}) => {
  const client = await money.person(cents);
  const reader = await money.person();
  return { client, reader, session: await money.session({ client, reader, ...more }) };
};

test('BIL-1: a meter changes with the caller’s transaction, or not at all', async () => {
  const { client, session } = await open();
  await expect(
    money.db.transaction().execute(async (tx) => {
      expect(await startMeter(tx, session.id, money.at(0))).toMatchObject({ ok: true });
      throw new Error('the session could not be stored');
    }),
  ).rejects.toThrow('could not be stored');
  expect(await session.tick(500)).toBeUndefined();
  expect(await wallet(client)).toBe(100_000);
});

test('BIL-6: pausing and ending charge what is due at the active end, and no more', async () => {
  const { client, session } = await open();
  await session.start(0);
  expect(await session.pause(190)).toMatchObject({ charged: { minutes: 4 }, active_ms: 190_000 });
  await session.start(1_000);
  expect(await session.stop(1_060, 'client', 1_050)).toMatchObject({
    charged: undefined,
    active_ms: 240_000,
  });
  expect(await session.finalise()).toMatchObject({ charged_minutes: 4, owed_minutes: 4 });
  expect(await wallet(client)).toBe(100_000 - 4 * 399);
});

test('BIL-8: a spending pause ends a running session with its paid minute', async () => {
  const { client, session } = await open();
  await session.start(0);
  await session.tick(70);
  await money.ledger.setPause({ account: `wallet:${client}`, on: true });
  expect(await session.tick(100)).toBeUndefined();
  expect(await session.tick(121)).toMatchObject({
    minutes: 0,
    stop_reason: 'spending_limit',
    stopped_at_ms: money.at(120),
  });
});

test('BIL-8: a session’s own budget stops it, and gifts in it count too', async () => {
  const [client, reader] = [await money.person(100_000), await money.person()];
  const id = crypto.randomUUID();
  const key = `session:${id}`;
  money.clock.set(money.at(0));
  await money.ledger.setBudget({ account: `wallet:${client}`, key, limit_cents: 399 * 3, time_zone: 'UTC' });
  await money.db.transaction().execute(async (tx) => {
    await createMeter(tx, money.ledger, {
      session_id: id,
      client,
      reader,
      rate_cents: 399,
      maximum_minutes: 100,
    });
    expect(await startMeter(tx, id, money.at(0))).toEqual({ ok: true, minutes_left: 3 });
  });
  money.clock.set(money.at(15));
  expect(await tick(money.db, money.clock)).toMatchObject([{ minutes: 1, minutes_left: 2 }]);
  await money.ledger.post({
    kind: 'tip',
    key: `tip:${id}`,
    budgets: [`${client}:day`, `${client}:week`, key],
    legs: [
      { account: `wallet:${client}`, amount_cents: -399 },
      { account: `earnings:${reader}`, amount_cents: 279 },
      { account: 'revenue', amount_cents: 120 },
    ],
  });
  money.clock.set(money.at(200));
  expect(await tick(money.db, money.clock)).toMatchObject([
    { minutes: 1, stop_reason: 'spending_limit', stopped_at_ms: money.at(120) },
  ]);
});

test('BIL-8: of several late minutes those are charged that can be', async () => {
  const { session } = await open(399 * 4 + 50);
  await session.start(0);
  expect(await session.tick(900)).toMatchObject({
    minutes: 4,
    wallet_cents: 50,
    stop_reason: 'out_of_money',
    stopped_at_ms: money.at(240),
  });
});

test('BIL-10: who can not start', async () => {
  const { client, session } = await open(5_000);
  await session.start(0);
  const second = await money.session({ client, reader: await money.person() });
  expect(await second.start(0)).toEqual({ ok: false, code: 'already_running' });
  expect(await session.start(0)).toEqual({ ok: false, code: 'already_running' });
  await session.stop(5);
  expect(await session.start(6)).toEqual({ ok: false, code: 'meter_stopped' });
  expect(await second.start(6)).toMatchObject({ ok: true });
  await second.stop(7);
  const person = await money.person(5_000);
  await expect(money.session({ client: person, reader: person })).rejects.toThrow('own_session');
  await expect(money.session({ client: person, reader: client, rate: 1.5 })).rejects.toThrow('bad_rate');
  await expect(money.session({ client: person, reader: client, maximum: 0 })).rejects.toThrow('bad_maximum');
  const limited = await open();
  await money.ledger.setBudget({
    account: `wallet:${limited.client}`,
    key: `${limited.client}:week`,
    limit_cents: 398,
    time_zone: 'UTC',
  });
  expect(await limited.session.start(0)).toEqual({ ok: false, code: 'spending_limit' });
});

test('BIL-11: what staff gave back before stays so, and finalising again changes nothing', async () => {
  const { client, session } = await open();
  await session.start(0);
  await session.tick(130);
  await session.stop(133, 'client', 50);
  await money.ledger.post({
    kind: 'reversal',
    key: `staff:${session.id}`,
    reverses: `session:${session.id}:minute:3`,
  });
  const first = await session.finalise();
  expect(first).toMatchObject({ charged_minutes: 1, owed_minutes: 1, given_back: [3, 2] });
  expect(await session.finalise()).toEqual(first);
  expect(await wallet(client)).toBe(100_000 - 399);
});

test('BIL-12: ten ticks at once charge each minute once', async () => {
  const sessions = await Promise.all(Array.from({ length: 12 }, () => open()));
  for (const { session } of sessions) await session.start(0);
  money.clock.set(money.at(190));
  const told = (await Promise.all(Array.from({ length: 10 }, () => tick(money.db, money.clock, 5)))).flat();
  await tick(money.db, money.clock);
  expect(new Set(told.map(({ session_id }) => session_id)).size).toBe(told.length);
  for (const { client, session } of sessions) {
    expect(await wallet(client)).toBe(100_000 - 4 * 399);
    await session.stop(190);
  }
});

test('BIL-12: a meter that another transaction holds is left for the next tick', async () => {
  const { client, session } = await open();
  await session.start(0);
  await money.db.transaction().execute(async (tx) => {
    await raiseMaximum(tx, session.id, 2_000);
    expect(await session.tick(30)).toBeUndefined();
  });
  expect(await session.tick(30)).toMatchObject({ minutes: 1 });
  await session.stop(30);
  expect(await wallet(client)).toBe(100_000 - 399);
});

test('BIL-12: a budget window that ends under a running session is moved on by the tick', async () => {
  const { client, session } = await open();
  money.clock.set(money.at(0));
  await money.ledger.setBudget({
    account: `wallet:${client}`,
    key: `${client}:day`,
    limit_cents: 399 * 2,
    time_zone: 'UTC',
  });
  const midnight = 12 * 3_600;
  await session.start(midnight - 65);
  expect(await session.tick(midnight - 1)).toMatchObject({ paid_minutes: 2, minutes_left: 0 });
  expect(await session.tick(midnight + 60)).toMatchObject({ minutes: 1, paid_minutes: 3, stop_reason: null });
  await session.stop(midnight + 60);
});

test('BIL-12 LED-8: ticks amid gifts, top-ups and pauses of the same people leave every chain whole', async () => {
  const pairs = await Promise.all(Array.from({ length: 10 }, () => open(1_000_000)));
  for (const { session } of pairs) await session.start(0);
  let ticking = true;
  const noise = pairs.map(async ({ client, reader }, index) => {
    for (let i = 0; ticking; i += 1) {
      const other = pairs[(index + i) % pairs.length]?.reader ?? reader;
      const result = await money.ledger.post({
        kind: 'gift',
        key: `noise:${client}:${i}`,
        budgets: [`${client}:day`, `${client}:week`],
        legs: [
          { account: `wallet:${client}`, amount_cents: -10 },
          { account: `earnings:${other}`, amount_cents: 7 },
          { account: 'revenue', amount_cents: 3 },
        ],
      });
      expect(result.ok).toBe(true);
    }
  });
  for (let seconds = 10; seconds <= 1_200; seconds += 30) {
    money.clock.set(money.at(seconds));
    await Promise.all([tick(money.db, money.clock, 6), tick(money.db, money.clock, 6)]);
  }
  ticking = false;
  await Promise.all(noise);
  await tick(money.db, money.clock);
  for (const { session } of pairs) {
    await session.stop(1_200);
    expect(await session.finalise()).toMatchObject({ charged_minutes: 20, owed_minutes: 20, given_back: [] });
  }
  expect((await verifyLedger(money.db)).findings).toEqual([]);
});

test('LED-12: tips and ticks against the budgets of the same sessions never wait for each other in a circle', async () => {
  const deadlocks = async () => {
    await money.as('superuser', 'select pg_stat_force_next_flush()');
    const [row] = await money.as(
      'superuser',
      'select deadlocks from pg_stat_database where datname = current_database()',
    );
    return Number(row?.['deadlocks']);
  };
  const before = await deadlocks();
  const sessions = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const [client, reader] = [await money.person(1_000_000), await money.person()];
      const id = crypto.randomUUID();
      await money.ledger.setBudget({
        account: `wallet:${client}`,
        key: `session:${id}`,
        limit_cents: 500_000,
        time_zone: 'UTC',
      });
      money.clock.set(money.at(0));
      await money.db.transaction().execute(async (tx) => {
        await createMeter(tx, money.ledger, {
          session_id: id,
          client,
          reader,
          rate_cents: 100,
          maximum_minutes: 500,
        });
        await startMeter(tx, id, money.at(0));
      });
      return { client, reader, id };
    }),
  );
  let ticking = true;
  let tips = 0;
  const noise = sessions.map(async ({ client, reader, id }) => {
    for (let i = 0; ticking; i += 1) {
      const key = `tip:${id}:${i}`;
      const result = await money.ledger.post({
        kind: 'tip',
        key,
        budgets: [`${client}:day`, `${client}:week`, `session:${id}`],
        legs: [
          { account: `wallet:${client}`, amount_cents: -10 },
          { account: `earnings:${reader}`, amount_cents: 10 },
        ],
      });
      expect(result.ok).toBe(true);
      if (i % 3 === 0) await money.ledger.post({ kind: 'reversal', key: `back:${key}`, reverses: key });
      else tips += 10;
    }
  });
  for (let seconds = 10; seconds <= 900; seconds += 30) {
    money.clock.set(money.at(seconds));
    await Promise.all([tick(money.db, money.clock), tick(money.db, money.clock)]);
  }
  ticking = false;
  await Promise.all(noise);
  await tick(money.db, money.clock);
  expect(await deadlocks()).toBe(before);
  const [used] = await money.query<{ sum: string }>(
    `select sum(used_cents) from budgets where not whole_account and limit_cents = 500000`,
  );
  // 880 s are 15 minutes begun.
  expect(Number(used?.sum)).toBe(tips + sessions.length * 15 * 100);
  for (const { id } of sessions)
    await money.as(
      'superuser',
      `update meters set running = false, running_since_ms = null, next_at_ms = null where session_id = '${id}'`,
    );
});

test('LED-3: who runs can not change what a meter charges, nor begin one as paid or between the wrong accounts', async () => {
  const { client, reader, session } = await open();
  for (const change of [
    'paid_minutes = 5',
    'rate_cents = 1',
    'share = 10000',
    'wallet_id = 1',
    'earnings_id = 1',
  ]) {
    await expect(
      money.query(`update meters set ${change} where session_id = '${session.id}'`),
    ).rejects.toThrow('permission denied');
  }
  await expect(money.query('delete from meters')).rejects.toThrow('permission denied');
  const insert = (wallet: string, earnings: string, paid = 0) =>
    money.query(`insert into meters (session_id, wallet_id, earnings_id, rate_cents, share, maximum_minutes, paid_minutes)
      select gen_random_uuid(), w.id, e.id, 1, 7000, 10, ${paid} from accounts w, accounts e where w.name = '${wallet}' and e.name = '${earnings}'`);
  await expect(insert(`wallet:${client}`, `earnings:${client}`)).rejects.toThrow('another person');
  await expect(insert('promotions', `earnings:${reader}`)).rejects.toThrow('between a wallet');
  await expect(insert(`wallet:${client}`, 'revenue:0')).rejects.toThrow('between a wallet');
  await expect(insert(`wallet:${client}`, `earnings:${reader}`, 3)).rejects.toThrow('nothing paid');
});

test('BIL-13: one meter that the database refuses does not keep the others from being charged', async () => {
  const [bad, good] = [await open(), await open()];
  await bad.session.start(0);
  await good.session.start(0);
  // A minute that stands in the ledger already, as after a restore that went wrong.
  await money.as(
    'superuser',
    `insert into transfers (created_at, effective_at, kind, key) values (now(), now(), 'minute', 'session:${bad.session.id}:minute:1')`,
  );
  money.clock.set(money.at(20));
  const caught = await catchUp(money.db, money.clock);
  expect(caught.charged.map(({ session_id }) => session_id)).toEqual([good.session.id]);
  expect(caught.stuck).toMatchObject([
    { session_id: bad.session.id, error: expect.stringContaining('duplicate key') },
  ]);
  await good.session.stop(20);
  await money.as(
    'superuser',
    `update meters set running = false, running_since_ms = null, next_at_ms = null where session_id = '${bad.session.id}'`,
  );
});

test('BIL-14: a maximum can be raised until it has stopped the session', async () => {
  const { session } = await open(100_000, { maximum: 2 });
  const raise = (minutes: number) =>
    money.db.transaction().execute((tx) => raiseMaximum(tx, session.id, minutes));
  await session.start(0);
  expect(await raise(2)).toBe(false);
  expect(await session.tick(100)).toMatchObject({ paid_minutes: 2, minutes_left: 0 });
  expect(await raise(3)).toBe(true);
  expect(await session.tick(150)).toMatchObject({ paid_minutes: 3, stop_reason: null });
  expect(await session.tick(181)).toMatchObject({ minutes: 0, stop_reason: 'agreed_maximum' });
  expect(await raise(9)).toBe(false);
});

test('BIL-12: two loops side by side charge on time, each minute once, and stop when asked', async () => {
  const { client, session } = await open();
  await session.start(0);
  money.clock.set(money.at(65));
  const told: Charged[] = [];
  const log = createLog('silent', { write: () => undefined });
  const loops = [1, 2].map(() =>
    startBillingLoop({
      db: money.db,
      clock: money.clock,
      log,
      metrics: createMetrics(),
      tell: async (charged) => {
        told.push(...charged);
      },
      everyMs: 20,
    }),
  );
  await expect.poll(() => told.filter(({ session_id }) => session_id === session.id).length).toBe(1);
  for (const loop of loops) await loop.stop();
  expect(await wallet(client)).toBe(100_000 - 798);
  await session.stop(65);
});
