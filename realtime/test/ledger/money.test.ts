/** Money of the shop, as commerce tells it over HTTP: docs/service-calls.md. */

import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signRequest } from '../../contract/signature.ts';
import { budgetKeys } from '../../src/ledger/ledger.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { createServer, NOW, SECRETS, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await createServer();
});
afterAll(async () => {
  expect((await verifyLedger(server.db)).findings).toEqual([]);
  await server.close();
});

const HOUR = 3_600_000;
type Answer = [status: number, body: Record<string, unknown>];

async function call(method: 'PUT' | 'GET' | 'POST', url: string, body?: unknown): Promise<Answer> {
  const response = await server.app.inject(
    server.signed('commerce', { method, url: `/service/${url}`, body }),
  );
  return [response.statusCode, response.json() as Record<string, unknown>];
}
const put = (url: string, body?: unknown) => call('PUT', url, body);
const codeOf = ([status, body]: Answer) => (status === 200 ? 'ok' : `${status} ${body['code']}`);
const standing = async (payment: string) => (await call('GET', `payments/${payment}`))[1];
const orderStanding = async (hold: string) => (await call('GET', `holds/${hold}`))[1];
const money = async (person: string) => (await call('GET', `wallets/${person}`))[1];

/** A person with a captured top-up. */
async function paid(cents: number): Promise<{ person_id: string; payment_id: string }> {
  const [person_id, payment_id] = [randomUUID(), `pi_${randomUUID()}`];
  expect(codeOf(await put(`payments/${payment_id}`, { person_id, amount_cents: cents }))).toBe('ok');
  return { person_id, payment_id };
}
/** Spends from a wallet, to the platform. */
const spend = (person: string, cents: number, key: string = randomUUID()) =>
  server.ledger.post({
    kind: 'purchase',
    key,
    budgets: budgetKeys(person),
    legs: [
      { account: `wallet:${person}`, amount_cents: -cents },
      { account: 'revenue', amount_cents: cents },
    ],
  });
const ends_at_ms = NOW + HOUR;

describe('who and what may call', () => {
  test('LED-28: a replayed nonce, another program’s key and a changed body are refused, and nothing moves', async () => {
    const person_id = randomUUID();
    const url = `/service/payments/pi_${randomUUID()}`;
    const body = { person_id, amount_cents: 500 };
    const signed = server.signed('commerce', { method: 'PUT', url, body });
    expect((await server.app.inject(signed)).statusCode).toBe(200);
    const again = await server.app.inject(signed);
    expect([again.statusCode, again.json().code]).toEqual([401, 'signature_replayed']);
    for (const caller of ['cms', 'site'] as const) {
      const other = await server.app.inject(server.signed(caller, { method: 'PUT', url, body }));
      expect([other.statusCode, other.json().code]).toEqual([401, 'signature_unknown_key']);
    }
    const forged = await server.app.inject({
      ...server.signed('commerce', { method: 'PUT', url, body }),
      payload: JSON.stringify({ ...body, amount_cents: 50_000 }),
    });
    expect([forged.statusCode, forged.json().code]).toEqual([401, 'signature_wrong']);
    const late = await server.app.inject({
      method: 'PUT',
      url,
      headers: {
        'content-type': 'application/json',
        ...signRequest(
          SECRETS.commerce,
          { method: 'PUT', path: url, body: JSON.stringify(body) },
          NOW - 301_000,
        ),
      },
      payload: JSON.stringify(body),
    });
    expect([late.statusCode, late.json().code]).toEqual([401, 'signature_expired']);
    expect(await money(person_id)).toEqual({ balance_cents: 500, debt_cents: 0 });
  });

  test.each([0, -1, 1.5, 1_000_000_000, 2 ** 60, '5', null])(
    'LED-10: an amount of %s is refused at each door',
    async (amount_cents) => {
      const { person_id, payment_id } = await paid(1_000);
      const before = await money(person_id);
      for (const [url, body] of [
        [`payments/${randomUUID()}`, { person_id, amount_cents }],
        [`refunds/${randomUUID()}`, { person_id, payment_id, amount_cents, ends_at_ms }],
        [`refunds/${randomUUID()}/post`, { person_id, payment_id, amount_cents }],
        [`disputes/${randomUUID()}`, { person_id, payment_id, amount_cents }],
        [`holds/${randomUUID()}`, { person_id, amount_cents, ends_at_ms, details: {} }],
        [`holds/${randomUUID()}/post`, { amount_cents }],
        [`holds/${randomUUID()}/refunds/1`, { amount_cents }],
      ] as const)
        expect(codeOf(await put(url, body)), url).toBe('400 invalid_request');
      expect(await money(person_id)).toEqual(before);
    },
  );

  test('LED-10: ids and details that are too long or have what they may not are refused', async () => {
    const body = { person_id: randomUUID(), amount_cents: 1 };
    for (const id of ['a'.repeat(121), 'a%2Fb', 'a.b', '%00'])
      expect(codeOf(await put(`payments/${id}`, body)), id).toMatch(
        /^(400 invalid_request|400 invalid_url)$/,
      );
    const longest = `pi_${'a'.repeat(117)}`;
    expect(codeOf(await put(`payments/${longest}`, { ...body, amount_cents: 900 }))).toBe('ok');
    const hold = { ...body, ends_at_ms };
    expect(codeOf(await put(`holds/${randomUUID()}`, { ...hold, details: { a: 'x'.repeat(2_000) } }))).toBe(
      '400 invalid_request',
    );
    // The longest ids that there may be fit into names and keys.
    expect(codeOf(await put(`holds/${longest}`, { ...hold, amount_cents: 9, details: {} }))).toBe('ok');
    expect(codeOf(await put(`holds/${longest}/post`, { amount_cents: 9 }))).toBe('ok');
    expect(codeOf(await put(`holds/${longest}/refunds/${longest}`, { amount_cents: 9 }))).toBe('ok');
    const refund = { ...body, payment_id: longest, amount_cents: 9 };
    expect(codeOf(await put(`refunds/${longest}`, { ...refund, ends_at_ms }))).toBe('ok');
    expect(codeOf(await put(`refunds/${longest}/post`, refund))).toBe('ok');
  });
});

describe('top-ups', () => {
  test('LED-7 LED-24 W2: a payment is credited once, however often and at once it is told; other content is refused', async () => {
    const [person_id, other, payment_id] = [randomUUID(), randomUUID(), `pi_${randomUUID()}`];
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => put(`payments/${payment_id}`, { person_id, amount_cents: 2_500 })),
    );
    expect(answers.map(codeOf)).toEqual(Array.from({ length: 20 }, () => 'ok'));
    expect(new Set(answers.map(([, body]) => body['transfer_id'])).size).toBe(1);
    expect(answers.filter(([, body]) => body['replayed'] === false)).toHaveLength(1);
    expect(answers[0]?.[1]).toMatchObject({ balance_cents: 2_500, debt_cents: 0 });
    for (const changed of [
      { person_id, amount_cents: 2_501 },
      { person_id: other, amount_cents: 2_500 },
    ])
      expect(codeOf(await put(`payments/${payment_id}`, changed))).toBe('409 key_reused');
    expect(await standing(payment_id)).toEqual({
      person_id,
      credited_cents: 2_500,
      refunded_cents: 0,
      reserved_cents: 0,
      disputed_cents: 0,
      refundable_cents: 2_500,
      balance_cents: 2_500,
      debt_cents: 0,
    });
    expect(codeOf(await call('GET', `payments/pi_${randomUUID()}`))).toBe('404 unknown_payment');
    expect(await money(randomUUID())).toEqual({ balance_cents: 0, debt_cents: 0 });
  });

  test('LED-24: two people at once under one payment: one of them', async () => {
    const payment_id = randomUUID();
    const people = Array.from({ length: 6 }, () => randomUUID());
    const answers = await Promise.all(
      people.map((person_id) => put(`payments/${payment_id}`, { person_id, amount_cents: 100 })),
    );
    expect(answers.map(codeOf).sort()).toEqual([...Array.from({ length: 5 }, () => '409 key_reused'), 'ok']);
  });

  test('LED-24: a thousand payments are compared in one call, by an index', async () => {
    const known = await Promise.all([paid(100), paid(200)]);
    const ids = [
      ...known.map(({ payment_id }) => payment_id),
      ...Array.from({ length: 998 }, () => `pi_${'x'.repeat(81)}${randomUUID()}`),
    ];
    const [status, body] = await call('POST', 'payments/compare', { payment_ids: ids });
    expect(status).toBe(200);
    const rows = body['payments'] as { payment_id: string }[];
    expect(rows.toSorted((a, b) => ids.indexOf(a.payment_id) - ids.indexOf(b.payment_id))).toEqual(
      known.map(({ person_id, payment_id }, index) => ({
        payment_id,
        person_id,
        credited_cents: 100 * (index + 1),
        refunded_cents: 0,
        disputed_cents: 0,
      })),
    );
    for (const wrong of [[], [...ids, 'one-more'], ['a.b'], [1]])
      expect(codeOf(await call('POST', 'payments/compare', { payment_ids: wrong }))).toBe(
        '400 invalid_request',
      );
    // Where there are few rows the whole table is as near.
    const plan = await server.db.transaction().execute(async (tx) => {
      await sql`set local enable_seqscan = off`.execute(tx);
      return sql<{ 'QUERY PLAN': string }>`
        explain select id from transfers where details ->> 'payment_id' = any (${ids}::text[])`.execute(tx);
    });
    expect(plan.rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('transfers_payment');
  });
});

describe('refunds', () => {
  test('LED-16 LED-24: reserved, posted; reserved, released; each again answers the same', async () => {
    const { person_id, payment_id } = await paid(1_000);
    const [one, two] = [randomUUID(), randomUUID()];
    const body = { person_id, payment_id, amount_cents: 400 };
    const reserve = () => put(`refunds/${one}`, { ...body, ends_at_ms });
    const first = await reserve();
    expect(first[1]).toMatchObject({ replayed: false, balance_cents: 600 });
    expect((await reserve())[1]).toEqual({ ...first[1], replayed: true });
    expect(codeOf(await put(`refunds/${one}`, { ...body, ends_at_ms: ends_at_ms + 1 }))).toBe(
      '409 key_reused',
    );
    expect(await standing(payment_id)).toMatchObject({ reserved_cents: 400, refundable_cents: 600 });
    const posted = await put(`refunds/${one}/post`, body);
    expect(posted[1]).toMatchObject({ replayed: false, balance_cents: 600, debt_cents: 0 });
    expect((await put(`refunds/${one}/post`, body))[1]).toEqual({ ...posted[1], replayed: true });
    expect(codeOf(await put(`refunds/${one}/post`, { ...body, amount_cents: 401 }))).toBe('409 key_reused');
    expect(codeOf(await put(`refunds/${one}/release`))).toBe('409 hold_closed');
    expect(await standing(payment_id)).toMatchObject({ refunded_cents: 400, reserved_cents: 0 });

    expect(codeOf(await put(`refunds/${two}`, { ...body, amount_cents: 600, ends_at_ms }))).toBe('ok');
    const released = await put(`refunds/${two}/release`);
    expect(released[1]).toMatchObject({ replayed: false, balance_cents: 600 });
    expect((await put(`refunds/${two}/release`))[1]).toEqual({ ...released[1], replayed: true });
    expect(await standing(payment_id)).toMatchObject({ refunded_cents: 400, refundable_cents: 600 });
    expect(codeOf(await put(`refunds/${randomUUID()}/release`))).toBe('404 unknown_hold');
  });

  test('LED-24 W5: only what is unspent and this payment’s can be reserved, and the refusal says how much', async () => {
    const { person_id, payment_id } = await paid(1_000);
    await put(`payments/${randomUUID()}`, { person_id, amount_cents: 5_000 });
    const reserve = (amount_cents: number) =>
      put(`refunds/${randomUUID()}`, { person_id, payment_id, amount_cents, ends_at_ms });
    const refused = await reserve(1_001);
    expect([codeOf(refused), refused[1]['refundable_cents']]).toEqual(['409 not_refundable', 1_000]);
    await spend(person_id, 5_700);
    const less = await reserve(301);
    expect([codeOf(less), less[1]['refundable_cents']]).toEqual(['409 not_refundable', 300]);
    expect(codeOf(await reserve(300))).toBe('ok');
    expect((await reserve(1))[1]['refundable_cents']).toBe(0);
  });

  test('LED-27: an unknown payment, and another person’s, are refused for refunds and disputes', async () => {
    const [mine, theirs] = [await paid(1_000), await paid(1_000)];
    for (const [payment_id, code] of [
      [randomUUID(), '404 unknown_payment'],
      [theirs.payment_id, '409 wrong_person'],
    ] as const) {
      const body = { person_id: mine.person_id, payment_id, amount_cents: 100 };
      expect(codeOf(await put(`refunds/${randomUUID()}`, { ...body, ends_at_ms }))).toBe(code);
      expect(codeOf(await put(`refunds/${randomUUID()}/post`, body))).toBe(code);
      expect(codeOf(await put(`disputes/${randomUUID()}`, body))).toBe(code);
    }
    // A reserve that is another's is not taken by naming it.
    const key = randomUUID();
    await put(`refunds/${key}`, { ...theirs, amount_cents: 100, ends_at_ms });
    expect(codeOf(await put(`refunds/${key}/post`, { ...mine, amount_cents: 100 }))).toBe('409 key_reused');
    expect(await money(mine.person_id)).toEqual({ balance_cents: 1_000, debt_cents: 0 });
  });

  test('LED-24: 50 refunds of one top-up at once reserve no more than there is', async () => {
    const { person_id, payment_id } = await paid(1_000);
    await put(`payments/${randomUUID()}`, { person_id, amount_cents: 9_000 });
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        put(`refunds/${randomUUID()}`, { person_id, payment_id, amount_cents: 300, ends_at_ms }),
      ),
    );
    expect(answers.filter(([status]) => status === 200)).toHaveLength(3);
    expect(new Set(answers.filter(([status]) => status !== 200).map(codeOf))).toEqual(
      new Set(['409 not_refundable']),
    );
    expect(await standing(payment_id)).toMatchObject({ reserved_cents: 900, refundable_cents: 100 });
  });

  test('LED-4 LED-24 W3: refunds against spendings of the same wallet: never below zero, and the sum is right', async () => {
    const { person_id, payment_id } = await paid(1_000);
    const [refunds, spendings] = await Promise.all([
      Promise.all(
        Array.from({ length: 15 }, () =>
          put(`refunds/${randomUUID()}`, { person_id, payment_id, amount_cents: 90, ends_at_ms }),
        ),
      ),
      Promise.all(Array.from({ length: 15 }, () => spend(person_id, 90))),
    ]);
    const done =
      refunds.filter(([status]) => status === 200).length + spendings.filter(({ ok }) => ok).length;
    expect(done).toBe(11);
    expect(await money(person_id)).toEqual({ balance_cents: 10, debt_cents: 0 });
  });

  test('LED-25: a refund of Stripe’s dashboard takes the wallet, the rest becomes debt, never more than was captured', async () => {
    const { person_id, payment_id } = await paid(1_000);
    await spend(person_id, 700);
    const refund = (amount_cents: number, key: string = randomUUID()) =>
      put(`refunds/${key}/post`, { person_id, payment_id, amount_cents });
    const key = randomUUID();
    expect((await refund(500, key))[1]).toMatchObject({ replayed: false, balance_cents: 0, debt_cents: 200 });
    expect((await refund(500, key))[1]).toMatchObject({ replayed: true, debt_cents: 200 });
    expect(codeOf(await refund(501, key))).toBe('409 key_reused');
    expect(codeOf(await refund(501))).toBe('409 more_than_captured');
    expect(codeOf(await refund(500))).toBe('ok');
    expect(await standing(payment_id)).toMatchObject({
      refunded_cents: 1_000,
      refundable_cents: 0,
      debt_cents: 700,
    });
    // The next top-up pays it first.
    await put(`payments/${randomUUID()}`, { person_id, amount_cents: 1_000 });
    expect(await money(person_id)).toEqual({ balance_cents: 300, debt_cents: 0 });
  });

  test('LED-15 LED-25: an ended reserve, released or not yet, and one that was refused: the card was refunded all the same', async () => {
    for (const how of ['ended', 'swept', 'released', 'larger'] as const) {
      const { person_id, payment_id } = await paid(1_000);
      const key = randomUUID();
      const body = { person_id, payment_id, amount_cents: how === 'larger' ? 900 : 600 };
      await put(`refunds/${key}`, {
        ...body,
        amount_cents: 600,
        ends_at_ms: how === 'larger' ? NOW + 9 * HOUR : NOW + 1_000,
      });
      await spend(person_id, 300);
      if (how === 'released') expect(codeOf(await put(`refunds/${key}/release`))).toBe('ok');
      server.clock.set(NOW + 2_000);
      if (how === 'swept') {
        expect(await server.ledger.releaseEndedHolds()).toBe(1);
        // To be told so again is no mistake.
        expect((await put(`refunds/${key}/release`))[1]).toMatchObject({
          replayed: true,
          balance_cents: 700,
        });
      }
      const posted = await put(`refunds/${key}/post`, body);
      expect(posted[1], how).toMatchObject(
        how === 'larger' ? { balance_cents: 0, debt_cents: 200 } : { balance_cents: 100, debt_cents: 0 },
      );
      expect(await standing(payment_id)).toMatchObject({
        refunded_cents: body.amount_cents,
        reserved_cents: 0,
      });
      // A late answer to the reserve itself.
      const late = await put(`refunds/${key}`, {
        ...body,
        amount_cents: 600,
        ends_at_ms: how === 'larger' ? NOW + 9 * HOUR : NOW + 1_000,
      });
      expect(late[1]).toMatchObject({ replayed: true });
      server.clock.set(NOW);
    }
    const { person_id, payment_id } = await paid(100);
    expect(
      codeOf(
        await put(`refunds/${randomUUID()}`, { person_id, payment_id, amount_cents: 1, ends_at_ms: NOW }),
      ),
    ).toBe('409 bad_end');
  });

  test('LED-33: a refund that failed after it was posted is the person’s again, once, what is owed first', async () => {
    const { person_id, payment_id } = await paid(1_000);
    const key = randomUUID();
    const body = { person_id, payment_id, amount_cents: 600 };
    const fail = (change: object = {}, of = key) => put(`refunds/${of}/fail`, { ...body, ...change });
    expect(codeOf(await fail())).toBe('404 unknown_refund');
    await put(`refunds/${key}`, { ...body, ends_at_ms });
    // Reserved is not posted: that is released.
    expect(codeOf(await fail())).toBe('404 unknown_refund');
    const posted = await put(`refunds/${key}/post`, body);
    for (const other of [{ amount_cents: 599 }, { person_id: randomUUID() }, { payment_id: 'pi_other' }])
      expect(codeOf(await fail(other))).toBe('409 key_reused');
    const answers = await Promise.all(Array.from({ length: 10 }, () => fail()));
    expect(answers.map(codeOf)).toEqual(Array.from({ length: 10 }, () => 'ok'));
    expect(new Set(answers.map(([, answer]) => answer['transfer_id'])).size).toBe(1);
    expect(await standing(payment_id)).toMatchObject({
      refunded_cents: 0,
      refundable_cents: 1_000,
      balance_cents: 1_000,
    });
    expect(codeOf(await fail({ amount_cents: 1 }))).toBe('409 key_reused');
    const { rows } = await sql<{ undoes: string }>`
      select details ->> 'undoes' as undoes from transfers where key = ${`refund:${key}:failed`}`.execute(
      server.db,
    );
    expect(Number(rows[0]?.undoes)).toBe(posted[1]['transfer_id']);

    // Spent meanwhile, so that the refund left a debt: that is paid before the wallet has it.
    const again = randomUUID();
    await spend(person_id, 800);
    expect((await put(`refunds/${again}/post`, body))[1]).toMatchObject({
      balance_cents: 0,
      debt_cents: 400,
    });
    await put(`payments/pi_${randomUUID()}`, { person_id, amount_cents: 100 });
    expect((await fail({}, again))[1]).toMatchObject({ balance_cents: 300, debt_cents: 0 });
  });

  test('LED-34 W9: which wallets are low is told of those that are asked about alone', async () => {
    const [rich, poor, never] = [await paid(1_000), await paid(999), { person_id: randomUUID() }];
    const ask = (wallets: unknown) => call('POST', 'wallets/low', { wallets });
    const watched = [rich, poor, never].map(({ person_id }) => ({ person_id, below_cents: 1_000 }));
    const [status, body] = await ask(watched);
    expect(status).toBe(200);
    expect(new Set(body['low'] as object[])).toEqual(
      new Set([
        { person_id: poor.person_id, balance_cents: 999 },
        { person_id: never.person_id, balance_cents: 0 },
      ]),
    );
    expect((await ask(watched.slice(0, 1)))[1]).toEqual({ low: [] });
    for (const wrong of [[], [{ ...watched[0], below_cents: 0 }], [{ person_id: 'x', below_cents: 1 }], null])
      expect(codeOf(await ask(wrong))).toBe('400 invalid_request');
  });

  test('LED-16: a refund reserves past a pause of all spending', async () => {
    const { person_id, payment_id } = await paid(1_000);
    await server.ledger.setPause({ account: `wallet:${person_id}`, on: true });
    const body = { person_id, amount_cents: 1_000, ends_at_ms };
    expect(codeOf(await put(`holds/${randomUUID()}`, { ...body, details: {} }))).toBe('409 spending_paused');
    expect(codeOf(await put(`refunds/${randomUUID()}`, { ...body, payment_id }))).toBe('ok');
  });
});

describe('disputes', () => {
  test('LED-17 LED-27: opened and won, opened and lost, each once; what is disputed is not refundable', async () => {
    const { person_id, payment_id } = await paid(1_000);
    await spend(person_id, 400);
    const [won, lost] = [`dp_${randomUUID()}`, `dp_${randomUUID()}`];
    const open = { person_id, payment_id, amount_cents: 800 };
    expect((await put(`disputes/${won}`, open))[1]).toMatchObject({ balance_cents: 0, debt_cents: 200 });
    expect((await put(`disputes/${won}`, open))[1]).toMatchObject({ replayed: true, debt_cents: 200 });
    expect(codeOf(await put(`disputes/${won}`, { ...open, amount_cents: 801 }))).toBe('409 key_reused');
    expect(await standing(payment_id)).toMatchObject({ disputed_cents: 800, refundable_cents: 0 });
    const close = { person_id, amount_cents: 800, won: true };
    expect(codeOf(await put(`disputes/${lost}/close`, close))).toBe('404 unknown_dispute');
    expect(codeOf(await put(`disputes/${won}/close`, { ...close, amount_cents: 900 }))).toBe(
      '409 key_reused',
    );
    expect((await put(`disputes/${won}/close`, close))[1]).toMatchObject({
      balance_cents: 600,
      debt_cents: 0,
    });
    expect((await put(`disputes/${won}/close`, close))[1]).toMatchObject({ replayed: true });
    expect(codeOf(await put(`disputes/${won}/close`, { ...close, won: false }))).toBe('409 key_reused');
    expect(await standing(payment_id)).toMatchObject({ disputed_cents: 0, refundable_cents: 600 });
    expect(codeOf(await put(`disputes/${lost}`, { ...open, amount_cents: 1_001 }))).toBe(
      '409 more_than_captured',
    );
    await put(`disputes/${lost}`, { ...open, amount_cents: 300 });
    expect(
      (await put(`disputes/${lost}/close`, { person_id, amount_cents: 300, won: false }))[1],
    ).toMatchObject({ balance_cents: 300, debt_cents: 0 });
    // Lost for good: only the rest of the payment could still be given back.
    expect(await standing(payment_id)).toMatchObject({ disputed_cents: 300, refundable_cents: 300 });
  });
});

describe('orders paid by wallet', () => {
  const authorise = (person_id: string, hold: string, amount_cents: number, more: object = {}) =>
    put(`holds/${hold}`, { person_id, amount_cents, ends_at_ms, details: { order_id: 'o1' }, ...more });

  test('LED-15: authorised, captured in part, the rest goes back; each again answers the same', async () => {
    const { person_id } = await paid(1_000);
    const hold = randomUUID();
    const poor = await authorise(person_id, hold, 1_001);
    expect([codeOf(poor), poor[1]['available_cents']]).toEqual(['409 insufficient_balance', 1_000]);
    const made = await authorise(person_id, hold, 600);
    expect(made[1]).toMatchObject({ replayed: false, balance_cents: 400 });
    expect((await authorise(person_id, hold, 600))[1]).toEqual({ ...made[1], replayed: true });
    for (const [amount, more] of [
      [601, {}],
      [600, { details: { order_id: 'o2' } }],
      [600, { ends_at_ms: ends_at_ms + 1 }],
      [600, { person_id: (await paid(1_000)).person_id }],
    ] as const)
      expect(codeOf(await authorise(person_id, hold, amount, more))).toBe('409 key_reused');
    expect(codeOf(await put(`holds/${hold}/refunds/1`, { amount_cents: 1 }))).toBe('409 hold_not_posted');
    expect(codeOf(await put(`holds/${hold}/post`, { amount_cents: 601 }))).toBe('409 more_than_held');
    expect((await put(`holds/${hold}/post`, { amount_cents: 500 }))[1]).toMatchObject({ balance_cents: 500 });
    expect((await put(`holds/${hold}/post`, { amount_cents: 500 }))[1]).toMatchObject({ replayed: true });
    expect(codeOf(await put(`holds/${hold}/post`, { amount_cents: 499 }))).toBe('409 key_reused');
    expect(codeOf(await put(`holds/${hold}/release`))).toBe('409 hold_closed');
    expect(await orderStanding(hold)).toEqual({
      person_id,
      state: 'posted',
      posted_cents: 500,
      refunded_cents: 0,
    });
    expect(await orderStanding(randomUUID())).toMatchObject({ code: 'unknown_hold' });
    const other = randomUUID();
    await authorise(person_id, other, 500);
    expect(await orderStanding(other)).toMatchObject({ state: 'held' });
    expect((await put(`holds/${other}/release`))[1]).toMatchObject({ replayed: false, balance_cents: 500 });
    expect(await orderStanding(other)).toMatchObject({ state: 'released', posted_cents: 0 });
    expect((await put(`holds/${other}/release`))[1]).toMatchObject({ replayed: true });
    expect(codeOf(await put(`holds/${other}/post`, { amount_cents: 1 }))).toBe('409 hold_closed');
    expect(codeOf(await put(`holds/${other}/refunds/1`, { amount_cents: 1 }))).toBe('409 hold_not_posted');
    for (const what of ['post', 'refunds/1'])
      expect(codeOf(await put(`holds/${randomUUID()}/${what}`, { amount_cents: 1 }))).toBe(
        '404 unknown_hold',
      );
    expect(codeOf(await put(`holds/${randomUUID()}/release`))).toBe('404 unknown_hold');
  });

  test('LED-35: all orders are listed page by page, each once, and no refund to a card among them', async () => {
    const { person_id, payment_id } = await paid(1_000);
    const [held, posted, released] = [randomUUID(), randomUUID(), randomUUID()];
    for (const hold of [held, posted, released]) await authorise(person_id, hold, 100);
    await put(`refunds/${randomUUID()}`, { person_id, payment_id, amount_cents: 50, ends_at_ms });
    await put(`holds/${posted}/post`, { amount_cents: 90 });
    await put(`holds/${posted}/refunds/1`, { amount_cents: 40 });
    await put(`holds/${released}/release`);
    const listed: Record<string, unknown>[] = [];
    let after = '';
    do {
      const [status, body] = await call('GET', `holds?limit=2${after}`);
      expect(status).toBe(200);
      expect((body['holds'] as unknown[]).length).toBeLessThanOrEqual(2);
      listed.push(...(body['holds'] as Record<string, unknown>[]));
      after = body['next_after'] === null ? '' : `&after=${body['next_after']}`;
    } while (after);
    expect(new Set(listed.map(({ hold_id }) => hold_id)).size).toBe(listed.length);
    expect(listed.filter((one) => one['person_id'] === person_id)).toEqual([
      { hold_id: held, person_id, state: 'held', posted_cents: 0, refunded_cents: 0 },
      { hold_id: posted, person_id, state: 'posted', posted_cents: 90, refunded_cents: 40 },
      { hold_id: released, person_id, state: 'released', posted_cents: 0, refunded_cents: 0 },
    ]);
    for (const wrong of ['limit=0', 'limit=1001', 'after=x', 'after=-1'])
      expect(codeOf(await call('GET', `holds?${wrong}`))).toBe('400 invalid_request');
  });

  test('LED-26: refunds of a captured order, 30 at once: never more than was posted, held by the row', async () => {
    const { person_id } = await paid(1_000);
    const hold = randomUUID();
    await authorise(person_id, hold, 1_000);
    await put(`holds/${hold}/post`, { amount_cents: 700 });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => put(`holds/${hold}/refunds/${i}`, { amount_cents: 200 })),
    );
    expect(answers.map(codeOf).filter((code) => code === 'ok')).toHaveLength(3);
    const refused = answers.find(([status]) => status !== 200);
    expect(refused && [codeOf(refused), refused[1]['refundable_cents']]).toEqual([
      '409 more_than_posted',
      100,
    ]);
    expect(await money(person_id)).toEqual({ balance_cents: 900, debt_cents: 0 });
    const done = answers.findIndex(([status]) => status === 200);
    expect((await put(`holds/${hold}/refunds/${done}`, { amount_cents: 200 }))[1]).toMatchObject({
      replayed: true,
    });
    expect(codeOf(await put(`holds/${hold}/refunds/${done}`, { amount_cents: 100 }))).toBe('409 key_reused');
    // Staff can't take back whole what was given back in parts.
    const whole = await server.ledger.post({
      kind: 'reversal',
      key: randomUUID(),
      reverses: `order:${hold}:post`,
    });
    expect(whole).toMatchObject({ refused: { code: 'already_reversed' } });
    await expect(sql`update holds set refunded_cents = posted_cents + 1`.execute(server.db)).rejects.toThrow(
      /permission denied/,
    );
  });

  test('LED-26: what was taken back whole is not refunded as well', async () => {
    const { person_id } = await paid(500);
    const hold = randomUUID();
    await authorise(person_id, hold, 500);
    await put(`holds/${hold}/post`, { amount_cents: 500 });
    const back = await server.ledger.post({
      kind: 'reversal',
      key: randomUUID(),
      reverses: `order:${hold}:post`,
    });
    expect(back.ok).toBe(true);
    expect(codeOf(await put(`holds/${hold}/refunds/1`, { amount_cents: 1 }))).toBe('409 more_than_posted');
    expect(await money(person_id)).toEqual({ balance_cents: 500, debt_cents: 0 });
  });

  test('LED-22 LED-26 W8: limits bind an order, and its refund is given back to the day that counted it', async () => {
    const { person_id } = await paid(10_000);
    const limit = { account: `wallet:${person_id}`, key: `${person_id}:day`, time_zone: 'UTC' };
    await server.ledger.setBudget({ ...limit, limit_cents: 1_000 });
    const hold = randomUUID();
    expect(codeOf(await authorise(person_id, randomUUID(), 1_001))).toBe('409 spending_limit');
    expect(codeOf(await authorise(person_id, hold, 1_000))).toBe('ok');
    await put(`holds/${hold}/post`, { amount_cents: 900 });
    expect(codeOf(await authorise(person_id, randomUUID(), 101))).toBe('409 spending_limit');
    await put(`holds/${hold}/refunds/1`, { amount_cents: 400 });
    expect(codeOf(await authorise(person_id, randomUUID(), 501))).toBe('409 spending_limit');
    expect((await spend(person_id, 500)).ok).toBe(true);
    // A limit that is set later counts the same: 900 posted less 400, and 500.
    await server.ledger.setBudget({
      ...limit,
      key: `${person_id}:week`,
      limit_cents: 1_001,
    });
    server.clock.set(NOW + 24 * HOUR);
    expect((await spend(person_id, 2)).ok).toBe(false);
    // The day after gets nothing for what the day before counted.
    await put(`holds/${hold}/refunds/2`, { amount_cents: 500 });
    expect((await spend(person_id, 501)).ok).toBe(true);
    expect((await spend(person_id, 1)).ok).toBe(false);
    server.clock.set(NOW);
  });

  test('LED-15: after its end an order is not captured', async () => {
    const { person_id } = await paid(1_000);
    const hold = randomUUID();
    await authorise(person_id, hold, 600, { ends_at_ms: NOW + 1_000 });
    server.clock.set(NOW + 1_000);
    expect(codeOf(await put(`holds/${hold}/post`, { amount_cents: 600 }))).toBe('409 hold_ended');
    expect(await server.ledger.releaseEndedHolds()).toBe(1);
    expect(codeOf(await put(`holds/${hold}/post`, { amount_cents: 600 }))).toBe('409 hold_closed');
    expect((await put(`holds/${hold}/release`))[1]).toMatchObject({ replayed: true, balance_cents: 1_000 });
    server.clock.set(NOW);
  });
});
