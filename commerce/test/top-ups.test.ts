import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createLog } from '../src/log';
import { PAYMENT_KEY } from '../src/payments/stripe';
import { createAutomaticTopUps } from '../src/top-ups/automatic';
import { openPaidShop, type PaidShop, sessionOf, topUpSchema } from './support/payments';
import { STRIPE_WEBHOOK_SECRET } from './support/programs';

let paid: PaidShop;

beforeAll(async () => {
  paid = await openPaidShop();
}, 600_000);
afterAll(() => paid.close());

const orders = async (payment: string) => {
  const { rows } = await paid.shop.database.query<{ id: string }>(
    `select id from "order" where metadata ->> 'payment' = $1`,
    [payment],
  );
  return rows.length;
};

describe('W5 a top-up', () => {
  test('of an amount: paid on Stripe’s page, credited once, with an order', async () => {
    const person = await paid.somebody();
    const { status, body } = await person.begin({ amount_cents: 2_345 });
    expect([status, body]).toEqual([201, expect.objectContaining({ state: 'open', amount_cents: 2_345 })]);
    const session = await paid.stripe.stripe.checkout.sessions.retrieve(sessionOf(body.checkout_url));
    expect(session).toMatchObject({
      amount_total: 2_345,
      currency: 'usd',
      success_url: `http://localhost:4721/wallet?top_up=${body.id}`,
      cancel_url: `http://localhost:4721/wallet?top_up=${body.id}&cancelled=1`,
    });
    expect((await person.look(body.id)).state).toBe('open');
    expect(paid.ledger.wallet(person.person_id).balance).toBe(0);

    await paid.stripe.pay(session.id);
    const done = await person.look(body.id);
    expect(done).toMatchObject({
      state: 'credited',
      credited_cents: 2_345,
      checkout_url: null,
      card: { brand: 'visa', last4: '4242' },
      failure: null,
    });
    expect(paid.ledger.wallet(person.person_id).balance).toBe(2_345);
    expect(await orders(done.id)).toBe(1);
    const { rows } = await paid.shop.database.query(
      `select p.amount::float, p.captured_at is not null as captured, o.customer_id, oi.unit_price::float
       from commerce_payment c join payment p on p.id = c.medusa_payment_id join "order" o on o.id = c.order_id
       join order_item i on i.order_id = o.id join order_line_item oi on oi.id = i.item_id where c.id = $1`,
      [done.id],
    );
    expect(rows).toEqual([expect.objectContaining({ amount: 23.45, captured: true, unit_price: 23.45 })]);
  });

  test('by a pack; options say which there are, and the limits', async () => {
    const person = await paid.somebody();
    const options = z
      .object({
        currency: z.literal('usd'),
        least_cents: z.literal(500),
        most_cents: z.literal(50_000),
        packs: z.array(z.object({ id: z.string(), title: z.string(), amount_cents: z.number() })),
      })
      .parse(await (await person.call('GET', '/store/top-ups/options')).json());
    expect(options.packs.map((it) => it.amount_cents)).toEqual([1_000, 2_500, 5_000, 10_000]);
    const { body } = await person.begin({ pack: options.packs[1]?.id });
    expect(body).toMatchObject({ amount_cents: 2_500, state: 'open' });
    await paid.stripe.pay(sessionOf(body.checkout_url));
    // Nobody comes back to the page: the event alone does it (W6).
    await expect.poll(() => paid.ledger.wallet(person.person_id).balance).toBe(2_500);
    await expect.poll(() => orders(String(body.id))).toBe(1);
    // Wallet credit stands in no shop window.
    const products = await fetch(`${paid.shop.origin}/store/products`, {
      headers: { 'x-publishable-api-key': paid.shop.environment.SEED_PUBLISHABLE_KEY ?? '' },
    });
    expect(await products.json()).toMatchObject({ count: 0 });
  });

  test('with a declined card is told, charges nothing, and can go on with another', async () => {
    const person = await paid.somebody();
    const { body } = await person.begin({ amount_cents: 1_000 });
    const session = sessionOf(body.checkout_url);
    expect((await paid.stripe.pay(session, '4000000000009995')).declined).toMatchObject({
      code: 'card_declined',
    });
    const declined = await person.look(body.id);
    expect(declined).toMatchObject({ state: 'open', failure: { code: 'insufficient_funds' } });
    expect(declined.checkout_url).toBe(body.checkout_url);
    expect(paid.ledger.wallet(person.person_id).balance).toBe(0);
    await paid.stripe.pay(session, '4000000000003220', { challenge: 'pass' });
    expect(await person.look(body.id)).toMatchObject({ state: 'credited', failure: null });
    expect(paid.ledger.wallet(person.person_id).balance).toBe(1_000);
  });

  test('whose page has ended is expired', async () => {
    const person = await paid.somebody();
    const { body } = await person.begin({ amount_cents: 1_000 });
    await paid.stripe.stripe.checkout.sessions.expire(sessionOf(body.checkout_url));
    expect(await person.look(body.id)).toMatchObject({ state: 'expired', checkout_url: null });
  });

  test('W2 the same key is the same top-up, at once or later; another body under it is refused', async () => {
    const person = await paid.somebody();
    const key = 'key-of-one-press';
    // Somebody new, so that all of them find that Stripe doesn't know them yet; of several, as it is a race.
    const six = (who: typeof person) =>
      Promise.all(Array.from({ length: 6 }, () => who.begin({ amount_cents: 700 }, key)));
    const others = await Promise.all(Array.from({ length: 4 }, () => paid.somebody()));
    for (const all of await Promise.all([person, ...others].map(six))) {
      expect(all.map(({ body }) => body.code)).toEqual(Array(6).fill(undefined));
      expect(new Set(all.map(({ body }) => body.id)).size).toBe(1);
    }
    const again = await person.begin({ amount_cents: 700 }, key);
    expect(again.status).toBe(200);
    expect(again.body.checkout_url).toMatch(/\/c\/pay\//);
    expect((await person.begin({ amount_cents: 701 }, key)).body).toMatchObject({ code: 'key_reused' });
    const other = await paid.somebody();
    expect((await other.begin({ amount_cents: 701 }, key)).status).toBe(201);
  });

  test.each([
    [{ amount_cents: 499 }, 400, 'amount_out_of_limits'],
    [{ amount_cents: 50_001 }, 400, 'amount_out_of_limits'],
    [{ amount_cents: 10.5 }, 400, 'invalid_request'],
    [{ amount_cents: -500 }, 400, 'invalid_request'],
    [{ amount_cents: '500' }, 400, 'invalid_request'],
    [{ pack: 'variant_of_nobody' }, 400, 'unknown_pack'],
    [{ amount_cents: 500, pack: 'x' }, 400, 'invalid_request'],
    [{ amount_cents: 500, return_path: '//elsewhere.example' }, 400, 'invalid_request'],
    [{ amount_cents: 500, return_path: '/wallet?x=1' }, 400, 'invalid_request'],
    [{ amount_cents: 500, person_id: 'somebody' }, 400, 'invalid_request'],
    [{}, 400, 'invalid_request'],
  ])('%j is refused', async (body, status, code) => {
    const person = await paid.somebody();
    const answer = await person.begin(body);
    expect(answer).toMatchObject({ status, body: { code } });
    if (code === 'amount_out_of_limits')
      expect(answer.body).toMatchObject({ least_cents: 500, most_cents: 50_000 });
  });

  test('wants a key, JSON, and somebody who is signed in', async () => {
    const person = await paid.somebody();
    for (const key of ['', 'short', 'with spaces in it', 'x'.repeat(101)])
      expect((await person.begin({ amount_cents: 500 }, key)).body).toMatchObject({ code: 'key_missing' });
    const key = { 'idempotency-key': 'long-enough-key' };
    const broken = await person.call('POST', '/store/top-ups', '{"amount_cents":', key);
    expect(broken.status).toBe(400);
    expect((await person.call('POST', '/store/top-ups', 'x'.repeat(5_000), key)).status).toBe(413);
    const nobody = await fetch(`${paid.shop.origin}/store/top-ups`, { method: 'POST', body: '{}' });
    expect(nobody.status).toBe(401);
  });

  test('of somebody else is not there; a list is one’s own, page by page', async () => {
    const [person, other] = [await paid.somebody(), await paid.somebody()];
    const ids: unknown[] = [];
    for (const amount_cents of [500, 600, 700]) ids.unshift((await person.begin({ amount_cents })).body.id);
    for (const path of [`/store/top-ups/${ids[0]}`, '/store/top-ups/topup_0', '/store/top-ups/%00'])
      expect((await other.call('GET', path)).status, path).toBe(404);
    const page = z.object({ top_ups: z.array(topUpSchema), next_before: z.string().nullable() });
    const list = async (query: string, who = person) =>
      page.parse(await (await who.call('GET', `/store/top-ups${query}`)).json());
    const first = await list('?limit=2');
    expect(first.top_ups.map((it) => it.id)).toEqual(ids.slice(0, 2));
    const second = await list(`?limit=2&before=${first.next_before}`);
    expect([second.top_ups.map((it) => it.id), second.next_before]).toEqual([ids.slice(2), null]);
    expect((await list('', other)).top_ups).toEqual([]);
    expect((await list(`?before=${ids[0]}`, other)).top_ups).toEqual([]);
    expect((await person.call('GET', '/store/top-ups?limit=51')).status).toBe(400);
  });

  test('when Stripe is away nothing is begun; the same key goes on afterwards', async () => {
    const person = await paid.somebody();
    const key = 'key-over-an-outage';
    await paid.stripe.away();
    expect(await person.begin({ amount_cents: 900 }, key)).toMatchObject({
      status: 503,
      body: { code: 'payments_unavailable' },
    });
    await paid.stripe.back();
    expect(await person.begin({ amount_cents: 900 }, key)).toMatchObject({
      status: 201,
      body: { state: 'open' },
    });
  });

  test('is paid and waits while the ledger is away; then it is credited, once', async () => {
    const person = await paid.somebody();
    const { body } = await person.begin({ amount_cents: 1_200 });
    paid.ledger.setAway(true);
    await paid.stripe.pay(sessionOf(body.checkout_url));
    await expect.poll(async () => (await person.look(body.id)).state).toBe('paid');
    paid.ledger.setAway(false);
    paid.ledger.loseAnswers(1);
    await expect.poll(async () => (await person.look(body.id)).state).toBe('credited');
    expect(paid.ledger.wallet(person.person_id).balance).toBe(1_200);
    expect(await orders(String(body.id))).toBe(1);
  });

  test('50 at once of one person: to the cent, while their events come in', async () => {
    const person = await paid.somebody();
    const begun = await Promise.all(
      Array.from({ length: 50 }, (_, index) => person.begin({ amount_cents: 500 + index })),
    );
    expect(begun.every(({ status }) => status === 201)).toBe(true);
    await Promise.all(begun.map(({ body }) => paid.stripe.pay(sessionOf(body.checkout_url))));
    await Promise.all(begun.slice(0, 10).map(({ body }) => person.look(body.id)));
    const sum = 50 * 500 + (49 * 50) / 2;
    await expect.poll(() => paid.ledger.wallet(person.person_id).balance, { timeout: 120_000 }).toBe(sum);
    const { rows } = await paid.shop.database.query(
      'select sum(credited_cents)::int from commerce_payment where person_id = $1',
      [person.person_id],
    );
    expect(rows).toEqual([{ sum }]);
  }, 300_000);
});

describe('W9 a saved card', () => {
  test('is kept with consent alone, tops up with one tap, and is forgotten', async () => {
    const person = await paid.somebody();
    const cards = async () =>
      z
        .object({ cards: z.array(z.object({ id: z.string(), brand: z.string(), last4: z.string() })) })
        .parse(await (await person.call('GET', '/store/cards')).json()).cards;
    expect(await cards()).toEqual([]);
    await person.topUp(500);
    expect(await cards()).toEqual([]);
    await person.topUp(500, '4242424242424242', { save: true });
    const [card] = await cards();
    expect(card).toMatchObject({ brand: 'visa', last4: '4242' });

    const tap = (card_id: unknown, key: string, who = person) =>
      who.call('POST', '/store/top-ups/one-tap', { card_id, amount_cents: 800 }, { 'idempotency-key': key });
    const both = await Promise.all([tap(card?.id, 'one-tap-key'), tap(card?.id, 'one-tap-key')]);
    const told = await Promise.all(both.map(async (it) => topUpSchema.parse(await it.json())));
    expect(told[0]?.id).toBe(told[1]?.id);
    expect(await person.look(told[0]?.id)).toMatchObject({ state: 'credited', credited_cents: 800 });
    expect(paid.ledger.wallet(person.person_id).balance).toBe(1_800);
    expect(await orders(told[0]?.id ?? '')).toBe(1);

    const other = await paid.somebody();
    expect(await (await tap(card?.id, 'somebody-elses-card', other)).json()).toMatchObject({
      code: 'unknown_card',
    });
    expect((await other.call('DELETE', `/store/cards/${card?.id}`)).status).toBe(204);
    expect(await cards()).toHaveLength(1);
    expect((await person.call('DELETE', `/store/cards/${card?.id}`)).status).toBe(204);
    expect((await person.call('DELETE', `/store/cards/${card?.id}`)).status).toBe(204);
    expect(await cards()).toEqual([]);
    expect((await tap(card?.id, 'a-forgotten-card')).status).toBe(404);

    // Without paying, on a page of Stripe's, and charged only by the press that follows.
    for (const body of [{}, { consent: false }, { consent: true, customer: 'cus_1' }])
      expect((await person.call('POST', '/store/cards', body)).status).toBe(400);
    const page = await person.call('POST', '/store/cards', { consent: true });
    expect(page.status).toBe(201);
    const { url } = z.object({ url: z.url() }).parse(await page.json());
    expect(await cards()).toEqual([]);
    await paid.stripe.pay(sessionOf(url), '5555555555554444');
    const [keptAlone] = await cards();
    expect(keptAlone).toMatchObject({ brand: 'mastercard', last4: '4444' });
    expect(paid.ledger.wallet(person.person_id).balance).toBe(1_800);
    const charged = topUpSchema.parse(await (await tap(keptAlone?.id, 'a-card-kept-alone')).json());
    expect(charged).toMatchObject({ state: 'credited', card: { last4: '4444' } });
    expect(paid.ledger.wallet(person.person_id).balance).toBe(2_600);
  });

  test('that the bank declines, or wants the person for, charges nothing', async () => {
    const person = await paid.somebody();
    for (const [number, code, more] of [
      ['4000000000000341', 'card_declined', {}],
      ['4000002760003184', 'card_needs_confirmation', { challenge: 'pass' }],
    ] as const) {
      const { body } = await person.begin({ amount_cents: 500 });
      await paid.stripe.pay(sessionOf(body.checkout_url), number, { save: true, ...more });
      await person.look(body.id);
      const { cards } = (await (await person.call('GET', '/store/cards')).json()) as {
        cards: { id: string; last4: string }[];
      };
      const card = cards.find((it) => number.endsWith(it.last4));
      if (!card) continue;
      const before = paid.ledger.wallet(person.person_id).balance;
      const tap = () =>
        person.call(
          'POST',
          '/store/top-ups/one-tap',
          { card_id: card.id, amount_cents: 700 },
          { 'idempotency-key': `declined-${number}` },
        );
      for (const answer of [await tap(), await tap()]) {
        expect([answer.status, await answer.json()]).toEqual([402, expect.objectContaining({ code })]);
      }
      expect(paid.ledger.wallet(person.person_id).balance).toBe(before);
    }
  });
});

describe('W9 automatic top-up', () => {
  const SETTINGS = {
    amount_cents: 1_000,
    threshold_cents: 500,
    ceiling_cents: 2_500,
    time_zone: 'Europe/Dublin',
  };
  type Somebody = Awaited<ReturnType<PaidShop['somebody']>>;

  /** Somebody with a card kept in a first payment of 500, and a way to have it charged again at once. */
  async function withCard(number: string, more: Record<string, unknown> = {}) {
    const person = await paid.somebody();
    await person.topUp(500, number, { save: true, ...more });
    const { cards } = (await (await person.call('GET', '/store/cards')).json()) as {
      cards: { id: string }[];
    };
    return { person, card_id: cards[0]?.id ?? '' };
  }
  const put = async (person: Somebody, change: object) => {
    const answer = await person.call('PUT', '/store/automatic-top-up', {
      ...SETTINGS,
      consent: true,
      ...change,
    });
    return { status: answer.status, body: (await answer.json()) as { code?: string } };
  };
  const look = async (person: Somebody) =>
    (
      (await (await person.call('GET', '/store/automatic-top-up')).json()) as {
        automatic: Record<string, unknown>;
      }
    ).automatic;
  const wallet = (person: Somebody) => paid.ledger.wallet(person.person_id).balance;
  const askAgain = (person: Somebody) =>
    paid.shop.database.query('update commerce_automatic_top_up set ask_at = now() where person_id = $1', [
      person.person_id,
    ]);
  const mailsTo = (person: Somebody) =>
    (paid.ledger.mails as { to_person_id: string; template: string; values: object }[]).filter(
      ({ to_person_id }) => to_person_id === person.person_id,
    );
  const patience = { timeout: 20_000 };

  test('adds its amount when the wallet is low, one at a time, to its ceiling of the month, and tells', async () => {
    const { person, card_id } = await withCard('4242424242424242');
    expect(await look(person)).toBeNull();
    expect((await put(person, { card_id })).status).toBe(200);
    // Not below: nothing happens.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(wallet(person)).toBe(500);
    paid.ledger.spend(person.person_id, 1);
    await expect.poll(() => wallet(person), patience).toBe(1_499);
    await expect.poll(() => mailsTo(person).length, patience).toBe(1);
    expect(mailsTo(person)[0]).toMatchObject({
      template: 'automatic_top_up',
      values: { amount_cents: 1_000, card: 'Visa ending in 4242' },
    });
    paid.ledger.spend(person.person_id, 1_400);
    await expect.poll(() => wallet(person), patience).toBe(1_099);
    // Another would be 3 000 in this month: over the ceiling.
    paid.ledger.spend(person.person_id, 1_000);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await askAgain(person);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(wallet(person)).toBe(99);
    expect(await look(person)).toMatchObject({ on: true, month_cents: 2_000, failures: 0, card_id });
    const { rows } = await paid.shop.database.query(
      'select order_id is not null as ordered from commerce_payment where person_id = $1 and automatic',
      [person.person_id],
    );
    expect(rows).toEqual([{ ordered: true }, { ordered: true }]);
    expect((await person.call('DELETE', '/store/automatic-top-up')).status).toBe(204);
    await put(person, { card_id, ceiling_cents: 9_000 });
    await person.call('DELETE', '/store/automatic-top-up');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await look(person)).toMatchObject({ on: false, off_reason: null });
  });

  test('a wallet that was low when all were listed, and has been filled since, is not charged', async () => {
    const { person, card_id } = await withCard('4242424242424242');
    expect((await put(person, { card_id })).status).toBe(200);
    const asked: number[] = [];
    const { host, port, user, password, database } = paid.shop.database;
    const pool = new Pool({ host, port, user, password: password ?? '', database: database ?? '' });
    const stale = createAutomaticTopUps({
      pool,
      ledger: {
        low: async (wallets) => {
          asked.push(wallets.length);
          return asked.length === 1 ? wallets.filter((one) => one.person_id === person.person_id) : [];
        },
      },
      outbox: { add: () => Promise.reject(new Error('nothing is to be told')) },
      topUps: {
        cards: async () => [],
        chargeRecorded: () => Promise.reject(new Error('nothing is to be charged')),
      },
      log: createLog('error', () => {}),
    });
    expect(await stale.sweep()).toBe(1);
    expect(asked).toHaveLength(2);
    const { rows } = await paid.shop.database.query(
      'select id from commerce_payment where person_id = $1 and automatic',
      [person.person_id],
    );
    expect(rows).toEqual([]);
    await pool.end();
    await person.call('DELETE', '/store/automatic-top-up');
  });

  test('whose process ended before the bank was asked says nothing about the card, and is tried again', async () => {
    const { person, card_id } = await withCard('4242424242424242');
    const id = `topup_${randomUUID().replaceAll('-', '')}`;
    // As such a process leaves it.
    await paid.shop.database.query(
      `insert into commerce_payment
         (id, person_id, way, automatic, amount_cents, return_path, idempotency_key, request_hash, payment_method_id, settle_at)
       values ($1, $2, 'saved_card', true, 700, '/wallet', $1, $1, $3, now())`,
      [id, person.person_id, card_id],
    );
    expect((await put(person, { card_id, threshold_cents: 1_000, ceiling_cents: 1_000 })).status).toBe(200);
    await expect.poll(() => wallet(person), patience).toBe(1_500);
    const lost = async () => {
      const { rows } = await paid.shop.database.query(
        'select state, failure_code, credited_cents from commerce_payment where id = $1',
        [id],
      );
      return rows[0];
    };
    expect(await lost()).toEqual({ state: 'failed', failure_code: 'not_charged', credited_cents: 0 });
    expect(await look(person)).toMatchObject({ on: true, failures: 0, last_failure: null });
    await expect
      .poll(() => mailsTo(person).map(({ template }) => template), patience)
      .toEqual(['automatic_top_up']);

    // It had been asked after all: what is captured is credited, whatever was thought of it.
    const { rows } = await paid.shop.database.query<{ stripe_customer_id: string }>(
      'select stripe_customer_id from commerce_stripe_customer where person_id = $1',
      [person.person_id],
    );
    await paid.stripe.stripe.paymentIntents.create({
      amount: 700,
      currency: 'usd',
      customer: rows[0]?.stripe_customer_id ?? '',
      payment_method: card_id,
      off_session: true,
      confirm: true,
      metadata: { [PAYMENT_KEY]: id },
    });
    await expect.poll(() => wallet(person), patience).toBe(2_200);
    await expect.poll(lost, patience).toEqual({ state: 'credited', failure_code: null, credited_cents: 700 });
    await person.call('DELETE', '/store/automatic-top-up');
  });

  test.each([
    ['pm_card_chargeCustomerFail', 'generic_decline'],
    ['pm_card_authenticationRequired', 'authentication_required'],
  ])('with %s (%s) is off after three failures, each told, and on again by hand', async (name, code) => {
    const person = await paid.somebody();
    await person.topUp(500);
    const { rows } = await paid.shop.database.query<{ stripe_customer_id: string }>(
      'select stripe_customer_id from commerce_stripe_customer where person_id = $1',
      [person.person_id],
    );
    const { paymentMethods } = paid.stripe.stripe;
    const card = await paymentMethods.attach(name, { customer: rows[0]?.stripe_customer_id ?? '' });
    await paymentMethods.update(card.id, { allow_redisplay: 'always' });
    const before = wallet(person);
    expect((await put(person, { card_id: card.id, threshold_cents: 5_000 })).status).toBe(200);
    for (const failures of [1, 2, 3]) {
      await expect.poll(async () => (await look(person))['failures'], patience).toBe(failures);
      await askAgain(person);
    }
    expect(await look(person)).toMatchObject({ on: false, off_reason: 'failures', last_failure: { code } });
    await expect.poll(() => mailsTo(person).length, patience).toBe(3);
    expect(mailsTo(person).map(({ template }) => template)).toEqual(Array(3).fill('automatic_top_up_failed'));
    expect(
      mailsTo(person)
        .map(({ values }) => (values as { off: boolean }).off)
        .sort(),
    ).toEqual([false, false, true]);
    await askAgain(person);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await look(person)).toMatchObject({ failures: 3 });
    expect(wallet(person)).toBe(before);
    await put(person, { card_id: card.id, threshold_cents: 100 });
    expect(await look(person)).toMatchObject({ on: true, failures: 0, off_reason: null });
  });

  test('wants consent, a card of one’s own, and figures that fit; a card that is removed switches it off', async () => {
    const [{ person, card_id }, other] = [await withCard('4242424242424242'), await paid.somebody()];
    for (const [change, status, code] of [
      [{ consent: false }, 400, 'invalid_request'],
      [{ consent: undefined }, 400, 'invalid_request'],
      [{ amount_cents: 1 }, 400, 'amount_out_of_limits'],
      [{ amount_cents: 10.5 }, 400, 'invalid_request'],
      [{ ceiling_cents: 999 }, 400, 'ceiling_too_low'],
      [{ ceiling_cents: 1e9 }, 400, 'invalid_request'],
      [{ threshold_cents: 0 }, 400, 'invalid_request'],
      [{ time_zone: 'Nowhere/At_All' }, 400, 'bad_time_zone'],
      [{ card_id: 'pm_none' }, 404, 'unknown_card'],
      [{ more: 1 }, 400, 'invalid_request'],
    ] as const)
      expect(await put(person, { card_id, ...change })).toMatchObject({ status, body: { code } });
    expect(await put(other, { card_id })).toMatchObject({ status: 404, body: { code: 'unknown_card' } });
    expect(await look(person)).toBeNull();
    await put(person, { card_id });
    await person.call('DELETE', `/store/cards/${card_id}`);
    expect(await look(person)).toMatchObject({ on: false, off_reason: 'card_gone' });
  });
});

describe('W6 the inbox', () => {
  const rows = async (id: string) => {
    const { rows: found } = await paid.shop.database.query<{ state: string; attempts: number }>(
      'select state, attempts from commerce_stripe_event where id = $1',
      [id],
    );
    return found;
  };
  const eventOf = (type = 'customer.created', object: object = { id: 'cus_1', object: 'customer' }) => ({
    id: `evt_${crypto.randomUUID().replaceAll('-', '')}`,
    object: 'event',
    type,
    data: { object },
  });
  const now = () => Math.floor(Date.now() / 1_000);
  const sign = (payload: string, secret = STRIPE_WEBHOOK_SECRET, timestamp = now()) =>
    paid.stripe.stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
  const send = (payload: string, signature: string | undefined) =>
    fetch(`${paid.shop.origin}/stripe/webhook`, {
      method: 'POST',
      body: payload,
      headers: {
        'content-type': 'application/json',
        ...(signature === undefined ? {} : { 'stripe-signature': signature }),
      },
    });

  test.each([
    ['no signature', () => undefined],
    ['a broken one', () => 't=1,v1=abc'],
    ['that of another secret', (payload: string) => sign(payload, 'another-secret-of-nobody')],
    ['that of another body', (payload: string) => sign(payload.replace('customer', 'payment'))],
    ['one 301 s old', (payload: string) => sign(payload, STRIPE_WEBHOOK_SECRET, now() - 301)],
  ])('refuses %s, and keeps nothing', async (_what, signatureOf) => {
    const event = eventOf();
    const payload = JSON.stringify(event);
    const answer = await send(payload, signatureOf(payload));
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ code: 'signature_wrong' }),
    ]);
    expect(await rows(event.id)).toEqual([]);
  });

  test('keeps a good one once, however often it comes, and is done with what is nothing to us', async () => {
    const event = eventOf();
    // As it is sent, byte for byte: spaces and all.
    const payload = JSON.stringify(event, null, 3);
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(payload, sign(payload))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    await expect.poll(() => rows(event.id)).toEqual([{ state: 'done', attempts: 1 }]);
    const huge = JSON.stringify({ ...eventOf(), filler: 'x'.repeat(1_100_000) });
    expect((await send(huge, sign(huge))).status).toBe(413);
  });

  test('an intent that names a payment of somebody else’s moves nothing', async () => {
    const person = await paid.somebody();
    const { body } = await person.begin({ amount_cents: 5_000 });
    const forged = await paid.stripe.stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      payment_method: 'pm_card_visa',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      metadata: { soulseer_payment: String(body.id) },
    });
    const payload = JSON.stringify(eventOf('payment_intent.succeeded', { id: forged.id }));
    expect((await send(payload, sign(payload))).status).toBe(200);
    await expect.poll(() => rows(JSON.parse(payload).id)).toMatchObject([{ state: 'done' }]);
    expect(await person.look(body.id)).toMatchObject({ state: 'open' });
    expect(paid.ledger.wallet(person.person_id).balance).toBe(0);
  });

  test('events that are held, doubled and turned round credit once', async () => {
    const person = await paid.somebody();
    await paid.stripe.control('/sandbox/switches', { hold: true, copies: 3 });
    const { body } = await person.begin({ amount_cents: 900 });
    await paid.stripe.pay(sessionOf(body.checkout_url));
    await paid.stripe.control('/sandbox/switches', { hold: false, copies: 1 });
    expect(paid.ledger.wallet(person.person_id).balance).toBe(0);
    const released = paid.stripe.control('/sandbox/deliveries/release', { order: 'reversed' });
    // At the same moment the person comes back.
    await Promise.all([released, person.look(body.id), person.look(body.id)]);
    await expect.poll(async () => (await person.look(body.id)).state).toBe('credited');
    expect(paid.ledger.wallet(person.person_id).balance).toBe(900);
    expect(await orders(String(body.id))).toBe(1);
  });

  test('what fails too often is dead; staff see it and have it tried again', async () => {
    const person = await paid.somebody();
    const staff = await paid.staff();
    paid.ledger.setAway(true);
    const { body } = await person.begin({ amount_cents: 800 });
    await paid.stripe.pay(sessionOf(body.checkout_url));
    const failing = async () => {
      const { rows: found } = await paid.shop.database.query<{ id: string }>(
        `select id from commerce_stripe_event where type = 'checkout.session.completed' and state = 'waiting'
           and attempts > 0 and body #>> '{data,object,id}' = $1`,
        [sessionOf(body.checkout_url)],
      );
      return found[0]?.id;
    };
    await expect.poll(failing).toBeDefined();
    const id = (await failing()) ?? '';
    await paid.shop.database.query(
      'update commerce_stripe_event set attempts = 19, due_at = now() where id = $1',
      [id],
    );
    await expect.poll(() => rows(id)).toEqual([{ state: 'dead', attempts: 20 }]);
    const listed = await staff.call('GET', '/admin/stripe-events');
    expect(listed.body).toMatchObject({
      events: expect.arrayContaining([expect.objectContaining({ id, state: 'dead', attempts: 20 })]),
    });
    paid.ledger.setAway(false);
    expect((await staff.call('POST', `/admin/stripe-events/${id}/retry`)).status).toBe(200);
    await expect.poll(() => rows(id)).toMatchObject([{ state: 'done' }]);
    expect((await staff.call('POST', `/admin/stripe-events/${id}/retry`)).status).toBe(404);
    expect((await person.look(body.id)).state).toBe('credited');
  });
});

describe('R3 the audit log', () => {
  test('is told of sign-ins of staff, of their acts and of refusals, also after realtime was away', async () => {
    paid.ledger.setAway(true);
    const staff = await paid.staff();
    const person = await paid.somebody();
    await staff.call('POST', '/admin/reconciliations');
    await staff.call('GET', '/admin/stripe-events');
    await person.call('POST', '/admin/reconciliations', {});
    paid.ledger.setAway(false);
    const events = () => paid.ledger.audit as Record<string, unknown>[];
    const told = (action: string, outcome: string, actor: string | null) =>
      events().filter(
        (one) => one.action === action && one.outcome === outcome && one.actor_person_id === actor,
      );
    await expect
      .poll(() => told('shop.admin', 'done', staff.person_id), { timeout: 30_000 })
      .toEqual([
        expect.objectContaining({ subject: 'POST /admin/reconciliations', details: { status: 202 } }),
      ]);
    await expect.poll(() => told('shop.sign_in', 'done', staff.person_id)).toHaveLength(1);
    await expect.poll(() => told('shop.admin', 'refused', null)).not.toEqual([]);
    expect(JSON.stringify(events())).not.toContain(person.token);
  });
});
