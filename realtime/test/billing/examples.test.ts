/** The fourteen examples of the rules, by number, at 399 cents a minute unless said otherwise. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMoney, type Money } from '../support/money.ts';

let money: Money;
beforeAll(async () => {
  money = await createMoney();
});
afterAll(() => money.close());

const wallet = (person: string) => money.ledger.balance(`wallet:${person}`);
const earnings = (person: string) => money.ledger.balance(`earnings:${person}`);

async function pair(cents = 100_000, options: { rate?: number; maximum?: number } = {}) {
  const client = await money.person(cents);
  const reader = await money.person();
  const session = await money.session({ client, reader, ...options });
  return { client, reader, session };
}

test('BIL-2 example 1: active 125 s, ended by the client: three minutes, reader 838, platform 359', async () => {
  const { client, reader, session } = await pair();
  const revenue = await money.ledger.balance('revenue');
  await session.start(0);
  expect(await session.tick(9.999)).toBeUndefined();
  expect(await session.tick(10)).toMatchObject({ minutes: 1, paid_minutes: 1, wallet_cents: 99_601 });
  expect(await session.tick(60)).toBeUndefined();
  expect(await session.tick(60.001)).toMatchObject({ minutes: 1, paid_minutes: 2 });
  expect(await session.tick(120.5)).toMatchObject({ minutes: 1, paid_minutes: 3 });
  await session.stop(125);
  expect(await session.finalise()).toMatchObject({
    active_ms: 125_000,
    charged_minutes: 3,
    owed_minutes: 3,
    given_back: [],
    missing_minutes: 0,
  });
  expect(await wallet(client)).toBe(100_000 - 1_197);
  expect(await earnings(reader)).toBe(838);
  expect((await money.ledger.balance('revenue')) - revenue).toBe(359);
  const parts = await money.query<{ amount: number }>(
    `select e.amount from entries e join accounts a on a.id = e.account_id where a.name = $1 order by e.version`,
    [`earnings:${reader}`],
  );
  expect(parts.map(({ amount }) => amount)).toEqual([279, 280, 279]);
});

test('BIL-2 example 2: active 8 s, connection lost, grace runs out: nothing', async () => {
  const { client, session } = await pair();
  await session.start(0);
  await session.pause(20, 8);
  await session.stop(320, 'grace_expired');
  expect(await session.finalise()).toMatchObject({ charged_minutes: 0, owed_minutes: 0 });
  expect(await wallet(client)).toBe(100_000);
});

test('BIL-3 example 3: active exactly 10 s: one minute', async () => {
  const { client, session } = await pair();
  await session.start(0);
  await session.stop(10);
  expect(await session.finalise()).toMatchObject({ charged_minutes: 1, owed_minutes: 1 });
  expect(await wallet(client)).toBe(100_000 - 399);
});

test('BIL-4 example 4: leaves at 90 s, back after two minutes, ended at active time 120.000 s: the end wins', async () => {
  const { client, session } = await pair();
  await session.start(0);
  await session.pause(90);
  await session.start(210);
  expect(await session.tick(240)).toBeUndefined();
  await session.stop(240);
  expect(await session.finalise()).toMatchObject({ active_ms: 120_000, charged_minutes: 2, owed_minutes: 2 });
  expect(await wallet(client)).toBe(100_000 - 798);
});

test('BIL-11 example 5: a loss noticed late: minute 3 is given back', async () => {
  const { client, reader, session } = await pair();
  await session.start(0);
  await session.tick(120.001);
  await session.pause(133, 118);
  await session.stop(433, 'grace_expired');
  expect(await session.finalise()).toMatchObject({
    active_ms: 118_000,
    charged_minutes: 2,
    owed_minutes: 2,
    given_back: [3],
  });
  expect(await wallet(client)).toBe(100_000 - 798);
  expect(await earnings(reader)).toBe(559);
});

test('BIL-5 example 6: as 5, but back in time: what was paid is used first', async () => {
  const { client, session } = await pair();
  await session.start(0);
  await session.tick(120.001);
  await session.pause(133, 118);
  await session.start(200);
  // Active 118 s at 200 s, so minute 4 is due at active 180 s.
  expect(await session.tick(262)).toBeUndefined();
  expect(await session.tick(262.001)).toMatchObject({ paid_minutes: 4 });
  await session.stop(267);
  expect(await session.finalise()).toMatchObject({ active_ms: 185_000, charged_minutes: 4, owed_minutes: 4 });
  expect(await wallet(client)).toBe(100_000 - 1_596);
});

test('BIL-8 example 7: wallet 1300: ends at 180 s, out_of_money', async () => {
  const { client, session } = await pair(1_300);
  await session.start(0);
  expect(await session.tick(130)).toMatchObject({ paid_minutes: 3, minutes_left: 0 });
  expect(await session.tick(190)).toMatchObject({
    minutes: 0,
    stop_reason: 'out_of_money',
    stopped_at_ms: money.at(180),
  });
  expect(await session.finalise()).toMatchObject({
    active_ms: 180_000,
    charged_minutes: 3,
    owed_minutes: 3,
    missing_minutes: 0,
  });
  expect(await wallet(client)).toBe(103);
});

test('BIL-10 example 8: wallet 1000: not started, insufficient_balance', async () => {
  const { session } = await pair(1_000);
  expect(await session.start(0)).toEqual({
    ok: false,
    code: 'insufficient_balance',
    needed_cents: 1_197,
    available_cents: 1_000,
  });
});

test('BIL-6 example 9: tick asleep from 61 s to 200 s: charges all that are due, with the times at which they were due', async () => {
  const { client, session } = await pair();
  await session.start(0);
  await session.tick(10);
  await session.tick(61);
  expect(await session.tick(200)).toMatchObject({ minutes: 2, paid_minutes: 4 });
  await session.stop(200);
  expect(await session.finalise()).toMatchObject({ charged_minutes: 4, owed_minutes: 4 });
  expect(await wallet(client)).toBe(100_000 - 1_596);
  const due = await money.query<{ effective_at: Date; created_at: Date }>(
    `select effective_at, created_at from transfers where key like $1 order by id`,
    [`session:${session.id}:%`],
  );
  expect(due.map(({ effective_at }) => (effective_at.getTime() - money.at(0)) / 1_000)).toEqual([
    10, 60, 120, 180,
  ]);
  expect(due.map(({ created_at }) => (created_at.getTime() - money.at(0)) / 1_000)).toEqual([
    10, 61, 200, 200,
  ]);
});

test('BIL-5 example 10: all nodes dead from 100 s for 40 s: active time goes on from 100 s', async () => {
  const { session } = await pair();
  await session.start(0);
  await session.tick(70);
  await session.pause(140, 100);
  await session.start(150);
  expect(await session.tick(170)).toBeUndefined();
  expect(await session.tick(170.001)).toMatchObject({ paid_minutes: 3 });
});

test('BIL-8 example 11: day limit 2000, 1500 used: #1 is paid, ends at 60 s, spending_limit', async () => {
  const { client, reader, session } = await pair();
  money.clock.set(money.at(0));
  await money.ledger.setBudget({
    account: `wallet:${client}`,
    key: `${client}:day`,
    limit_cents: 2_000,
    time_zone: 'Europe/London',
  });
  const gift = await money.ledger.post({
    kind: 'gift',
    key: `gift:${client}`,
    budgets: [`${client}:day`, `${client}:week`],
    legs: [
      { account: `wallet:${client}`, amount_cents: -1_500 },
      { account: `earnings:${reader}`, amount_cents: 1_050 },
      { account: 'revenue', amount_cents: 450 },
    ],
  });
  expect(gift.ok).toBe(true);
  expect(await session.start(0)).toEqual({ ok: true, minutes_left: 1 });
  expect(await session.tick(10)).toMatchObject({ minutes: 1, minutes_left: 0 });
  expect(await session.tick(61)).toMatchObject({
    minutes: 0,
    stop_reason: 'spending_limit',
    stopped_at_ms: money.at(60),
  });
  expect(await session.finalise()).toMatchObject({ active_ms: 60_000, charged_minutes: 1, owed_minutes: 1 });
  expect(await wallet(client)).toBe(100_000 - 1_899);
});

test('BIL-8 example 12: maximum 10 minutes, not raised: ends at 600 s, agreed_maximum', async () => {
  const { session } = await pair(100_000, { maximum: 10 });
  await session.start(0);
  expect(await session.tick(700)).toMatchObject({
    minutes: 10,
    stop_reason: 'agreed_maximum',
    stopped_at_ms: money.at(600),
  });
  expect(await session.finalise()).toMatchObject({ charged_minutes: 10, owed_minutes: 10 });
});

test('BIL-7 example 13: rate 1, three minutes: reader 1 + 0 + 1, platform 1', async () => {
  const { reader, session } = await pair(100, { rate: 1 });
  await session.start(0);
  await session.tick(121);
  await session.stop(170);
  expect(await session.finalise()).toMatchObject({ charged_minutes: 3 });
  const parts = await money.query<{ amount: number }>(
    `select e.amount from entries e join accounts a on a.id = e.account_id where a.name = $1 order by e.version`,
    [`earnings:${reader}`],
  );
  expect(parts.map(({ amount }) => amount)).toEqual([1, 0, 1]);
});

test('LED-6 example 14: staff give back example 1 whole, reader already paid out', async () => {
  const { client, reader, session } = await pair();
  await session.start(0);
  await session.stop(125);
  await session.finalise();
  const payout = await money.ledger.post({
    kind: 'payout',
    key: `payout:${reader}`,
    legs: [
      { account: `earnings:${reader}`, amount_cents: -838 },
      { account: 'payouts', amount_cents: 838 },
    ],
  });
  expect(payout.ok).toBe(true);
  const [before, revenue] = [await wallet(client), await money.ledger.balance('revenue')];
  const back = await money.ledger.post(
    ...[3, 2, 1].map((minute) => ({
      kind: 'reversal' as const,
      key: `staff:${session.id}:${minute}`,
      reverses: `session:${session.id}:minute:${minute}`,
    })),
  );
  expect(back.ok).toBe(true);
  expect((await wallet(client)) - before).toBe(1_197);
  expect(await earnings(reader)).toBe(-838);
  expect((await money.ledger.balance('revenue')) - revenue).toBe(-359);
  // Below zero by a reversal only: nothing more can be paid out, and the next earnings pay it back.
  const more = await money.ledger.post({
    kind: 'payout',
    key: `payout:${reader}:2`,
    legs: [
      { account: `earnings:${reader}`, amount_cents: -1 },
      { account: 'payouts', amount_cents: 1 },
    ],
  });
  expect(more).toMatchObject({ ok: false, refused: { code: 'insufficient_balance' } });
});
