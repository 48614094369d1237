import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSettle } from '../src/payments/settle';
import { DEEP } from './support/depth';
import { openPaidShop, type PaidShop, sessionOf } from './support/payments';
import { openRealtime, type Realtime } from './support/realtime';

/** With realtime itself: what Stripe, the order and the ledger say agrees in the end. */

let paid: PaidShop;
let realtime: Realtime;
let staff: Awaited<ReturnType<PaidShop['staff']>>;

beforeAll(async () => {
  paid = await openPaidShop(async ({ SERVICE_KEY_COMMERCE_TO_REALTIME = '' }) => {
    realtime = await openRealtime(SERVICE_KEY_COMMERCE_TO_REALTIME);
    return { REALTIME_URL: realtime.url };
  });
  staff = await paid.staff();
}, 600_000);
afterAll(async () => {
  await paid?.close();
  await realtime?.close();
});

const balance = (person: { person_id: string }) => realtime.balance(`wallet:${person.person_id}`);
const debt = (person: { person_id: string }) => realtime.balance(`debt:${person.person_id}`);

/** What each of the three says was refunded, in cents. */
async function refunded(top_up: { id: string; payment_intent: string }) {
  const { medusa_payment_id } = await paid.orderOf(top_up.id);
  const [atStripe, { rows: booked }, { rows: ours }] = await Promise.all([
    paid.stripe.stripe.paymentIntents.retrieve(top_up.payment_intent, { expand: ['latest_charge'] }),
    paid.shop.database.query<{ cents: number }>(
      'select coalesce(round(sum(amount) * 100), 0)::int as cents from refund where payment_id = $1 and deleted_at is null',
      [medusa_payment_id],
    ),
    paid.shop.database.query<{ cents: number }>(
      'select refunded_cents as cents from commerce_payment where id = $1',
      [top_up.id],
    ),
  ]);
  const charge = atStripe.latest_charge as { amount_refunded: number };
  return [charge.amount_refunded, booked[0]?.cents, ours[0]?.cents];
}

const refund = async (top_up: { id: string }, amount?: number) => {
  const { medusa_payment_id } = await paid.orderOf(top_up.id);
  return staff.call('POST', `/admin/payments/${medusa_payment_id}/refund`, {
    ...(amount === undefined ? {} : { amount }),
    note: 'asked for by mail',
  });
};

/** Asks for a reconciliation and waits for its report. */
async function reconcile() {
  const report = await staff.reconcile();
  // What people here spend is held and posted at realtime itself, and rightly nothing that the shop knows of.
  const left = report.left.filter(
    ({ code, payment }) => !(code === 'unknown_hold' && payment.startsWith('test-')),
  );
  return { ...report, left };
}

describe('W5 a refund of a top-up', () => {
  test('in parts, then the rest: Stripe, order and ledger agree', async () => {
    const person = await paid.somebody();
    const top_up = await person.topUp(2_000);
    expect(await balance(person)).toBe(2_000);
    expect((await refund(top_up, 5.5)).status).toBe(200);
    expect(await balance(person)).toBe(1_450);
    expect(await refunded(top_up)).toEqual([550, 550, 550]);
    expect(await person.look(top_up.id)).toMatchObject({ state: 'credited', refunded_cents: 550 });
    const whole = await refund(top_up);
    expect(whole).toMatchObject({ status: 200, body: { payment: { refunds: expect.any(Array) } } });
    expect(await refunded(top_up)).toEqual([2_000, 2_000, 2_000]);
    expect([await balance(person), await debt(person)]).toEqual([0, 0]);
    expect(await person.look(top_up.id)).toMatchObject({ state: 'refunded', refunded_cents: 2_000 });
    expect(await refund(top_up, 1)).toMatchObject({
      status: 409,
      body: { code: 'not_refundable', refundable_cents: 0 },
    });
  });

  test('takes back unspent money only, and says so with the figure', async () => {
    const person = await paid.somebody();
    const top_up = await person.topUp(3_000);
    await realtime.spend(person.person_id, 1_900);
    const answer = await refund(top_up, 20);
    expect(answer).toMatchObject({ status: 409, body: { code: 'not_refundable', refundable_cents: 1_100 } });
    expect(String(answer.body.message)).toContain('$11.00');
    expect(await refunded(top_up)).toEqual([0, 0, 0]);
    expect(await balance(person)).toBe(1_100);
    expect((await refund(top_up, 11)).status).toBe(200);
    expect(await refunded(top_up)).toEqual([1_100, 1_100, 1_100]);
    const { order_id } = await paid.orderOf(top_up.id);
    const widget = await staff.call('GET', `/admin/top-ups/${order_id}`);
    expect(widget.body).toMatchObject({
      top_up: { state: 'credited', credited_cents: 3_000, refunded_cents: 1_100 },
      wallet: { refundable_cents: 0, balance_cents: 0, debt_cents: 0 },
    });
  });

  test('of nothing, of less, of parts of a cent or of no number is refused', async () => {
    const person = await paid.somebody();
    const top_up = await person.topUp(500);
    const { medusa_payment_id } = await paid.orderOf(top_up.id);
    for (const amount of [0, -1, 1.005, 1e9, '5', null]) {
      const answer = await staff.call('POST', `/admin/payments/${medusa_payment_id}/refund`, { amount });
      expect(answer, String(amount)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    }
    expect(await balance(person)).toBe(500);
  });

  test('is given back when Stripe refuses, and when the bank does later', async () => {
    const person = await paid.somebody();
    const top_up = await person.topUp(1_500);
    await paid.stripe.control('/sandbox/disputes', { payment_intent: top_up.payment_intent, amount: 500 });
    await expect.poll(() => balance(person)).toBe(1_000);
    const refused = await refund(top_up, 5);
    expect(refused).toMatchObject({ status: 409, body: { code: 'refused_by_stripe' } });
    expect(await balance(person)).toBe(1_000);
    expect((await person.look(top_up.id)).state).toBe('disputed');

    const other = await paid.somebody();
    // A card whose refunds the bank takes some time for.
    const slow = await other.topUp(1_000, '4000000000007726');
    const pending = await refund(slow, 10);
    expect([200, 503]).toContain(pending.status);
    await expect.poll(async () => (await other.look(slow.id)).state).toBe('refunded');
    expect(await refunded(slow)).toEqual([1_000, 1_000, 1_000]);
    expect(await balance(other)).toBe(0);
  });

  test('that fails after it was made is undone everywhere, and can be made again', async () => {
    const person = await paid.somebody();
    const top_up = await person.topUp(2_000);
    expect((await refund(top_up, 5)).status).toBe(200);
    expect((await refund(top_up)).status).toBe(200);
    expect(await refunded(top_up)).toEqual([2_000, 2_000, 2_000]);
    const { data } = await paid.stripe.stripe.refunds.list({ payment_intent: top_up.payment_intent });
    const whole = data.find(({ amount }) => amount === 1_500);
    await paid.stripe.control(`/sandbox/refunds/${whole?.id}/fail`, {});
    await expect.poll(() => balance(person)).toBe(1_500);
    await expect.poll(() => refunded(top_up)).toEqual([500, 500, 500]);
    const { order_id } = await paid.orderOf(top_up.id);
    const owed = async () => {
      const { body } = await staff.call('GET', `/admin/orders/${order_id}?fields=summary`);
      const { summary } = body.order as unknown as { summary: { transaction_total: number } };
      return summary.transaction_total;
    };
    expect(await owed()).toBe(15);
    expect(await person.look(top_up.id)).toMatchObject({ state: 'credited', refunded_cents: 500 });
    expect((await refund(top_up)).status).toBe(200);
    expect(await refunded(top_up)).toEqual([2_000, 2_000, 2_000]);
    expect([await balance(person), await owed()]).toEqual([0, 0]);
    expect((await reconcile()).left).toEqual([]);
    await realtime.verify();
  });

  test('of many at once gives no cent more than there is', async () => {
    const person = await paid.somebody();
    const top_up = await person.topUp(1_000);
    const answers = await Promise.all([7, 7.01, 7.02, 7.03].map((amount) => refund(top_up, amount)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const [atStripe = 0, ...others] = await refunded(top_up);
    expect(atStripe).toBeOneOf([700, 701, 702, 703]);
    expect(others).toEqual([atStripe, atStripe]);
    expect(await balance(person)).toBe(1_000 - atStripe);
  });

  test('said again, at once or soon after, is made once; another note, or later, is another', async () => {
    const person = await paid.somebody();
    const top_up = await person.topUp(2_000);
    const answers = await Promise.all([3, 3, 3, 3, 3].map((amount) => refund(top_up, amount)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect((await refund(top_up, 3)).status).toBe(200);
    expect(await refunded(top_up)).toEqual([300, 300, 300]);
    const { medusa_payment_id } = await paid.orderOf(top_up.id);
    const other = { amount: 3, note: 'and for another reason' };
    expect((await staff.call('POST', `/admin/payments/${medusa_payment_id}/refund`, other)).status).toBe(200);
    expect(await refunded(top_up)).toEqual([600, 600, 600]);
    const earlier = (column: 'created_at' | 'booked_at') =>
      paid.shop.database.query(
        `update commerce_refund set ${column} = ${column} - interval '31 seconds' where payment_id = $1`,
        [top_up.id],
      );
    // Asked for long ago, and made only now.
    await earlier('created_at');
    expect((await refund(top_up, 3)).status).toBe(200);
    expect(await refunded(top_up)).toEqual([600, 600, 600]);
    await earlier('booked_at');
    expect((await refund(top_up, 3)).status).toBe(200);
    expect(await refunded(top_up)).toEqual([900, 900, 900]);
    expect(await balance(person)).toBe(1_100);
    expect((await reconcile()).left).toEqual([]);
  });

  test('made in Stripe’s dashboard is taken over; what was spent becomes debt, which the next top-up pays', async () => {
    const person = await paid.somebody();
    const top_up = await person.topUp(2_000);
    await realtime.spend(person.person_id, 1_500);
    await paid.stripe.control('/sandbox/refunds', { payment_intent: top_up.payment_intent, amount: 1_200 });
    await expect.poll(() => debt(person)).toBe(-700);
    await expect.poll(() => refunded(top_up)).toEqual([1_200, 1_200, 1_200]);
    expect(await balance(person)).toBe(0);
    await person.topUp(1_000);
    expect([await balance(person), await debt(person)]).toEqual([300, 0]);
  });

  test('that is asked for while the payment is being settled stays due, whoever dies before it is made', async () => {
    const person = await paid.somebody();
    const { id } = await person.topUp(1_000);
    const due = async () => {
      const { rows } = await paid.shop.database.query(
        'select settle_at is not null as due from commerce_payment where id = $1',
        [id],
      );
      return rows[0].due as boolean;
    };
    await expect.poll(due).toBe(false);
    const pool = new Pool({ connectionString: paid.shop.environment.DATABASE_URL, max: 1 });
    const { settle } = createSettle({
      pool,
      gateway: {
        // Here Stripe is asked, and in the meantime staff ask for a refund.
        present: async ({ payment_intent_id }: { payment_intent_id: string | null }) => {
          await paid.shop.database.query(
            `update commerce_payment set settle_at = now() + interval '1 hour' where id = $1`,
            [id],
          );
          const nothing = { card: undefined, failure: undefined, refunds: [], disputes: [] };
          return {
            ...nothing,
            payment_intent_id,
            status: 'captured',
            amount_cents: 1_000,
            captured_cents: 1_000,
          };
        },
      },
    } as unknown as Parameters<typeof createSettle>[0]);
    expect((await settle(id)).state).toBe('credited');
    expect(await due()).toBe(true);
    await pool.end();
    await paid.shop.database.query('update commerce_payment set settle_at = now() where id = $1', [id]);
    await expect.poll(due, { timeout: 20_000 }).toBe(false);
  });

  test('is none of anybody’s but staff’s', async () => {
    const person = await paid.somebody();
    const top_up = await person.topUp(500);
    const { medusa_payment_id, order_id } = await paid.orderOf(top_up.id);
    for (const [method, path] of [
      ['POST', `/admin/payments/${medusa_payment_id}/refund`],
      ['GET', `/admin/top-ups/${order_id}`],
      ['GET', '/admin/stripe-events'],
      ['POST', '/admin/reconciliations'],
    ] as const) {
      const answer = await person.call(method, path, method === 'POST' ? {} : undefined);
      expect(answer.status, path).toBe(401);
    }
    expect(await balance(person)).toBe(500);
  });
});

describe('money.md: disputes', () => {
  test('opened over spent money: the wallet’s part goes, the rest is debt; won: all comes back', async () => {
    const person = await paid.somebody();
    const top_up = await person.topUp(2_000);
    await realtime.spend(person.person_id, 1_400);
    const { id } = await paid.stripe.control<{ id: string }>('/sandbox/disputes', {
      payment_intent: top_up.payment_intent,
    });
    await expect.poll(() => debt(person)).toBe(-1_400);
    expect(await balance(person)).toBe(0);
    expect((await person.look(top_up.id)).state).toBe('disputed');
    await paid.stripe.control(`/sandbox/disputes/${id}/decide`, { outcome: 'won' });
    await expect.poll(() => balance(person)).toBe(600);
    expect(await debt(person)).toBe(0);
    await expect.poll(async () => (await person.look(top_up.id)).state).toBe('credited');
  });

  test('lost: the money stays gone; an inquiry takes none', async () => {
    const person = await paid.somebody();
    const top_up = await person.topUp(900);
    const asked = await person.topUp(800);
    await paid.stripe.control('/sandbox/disputes', { payment_intent: asked.payment_intent, inquiry: true });
    const { id } = await paid.stripe.control<{ id: string }>('/sandbox/disputes', {
      payment_intent: top_up.payment_intent,
    });
    await expect.poll(() => balance(person)).toBe(800);
    await paid.stripe.control(`/sandbox/disputes/${id}/decide`, { outcome: 'lost' });
    await expect
      .poll(async () => {
        const { rows } = await paid.shop.database.query('select told from commerce_dispute where id = $1', [
          id,
        ]);
        return rows;
      })
      .toEqual([{ told: 'lost' }]);
    expect([await balance(person), await debt(person)]).toEqual([800, 0]);
    expect((await person.look(asked.id)).state).toBe('credited');
  });
});

describe('a reconciliation', () => {
  test('mends paid without order and order without credit, and reports the rest', async () => {
    const person = await paid.somebody();
    // Paid while nobody hears of it: no event comes, nobody comes back.
    await paid.stripe.control('/sandbox/switches', { hold: true });
    const { body } = await person.begin({ amount_cents: 1_300 });
    await paid.stripe.pay(sessionOf(body.checkout_url));
    // And one whose credit never reached the ledger, though we took it for done.
    const lost = await paid.shop.database.query<{ id: string }>(
      `insert into commerce_payment (id, person_id, way, amount_cents, return_path, idempotency_key, request_hash, state)
       values ('topup_' || repeat('0', 32), $1, 'saved_card', 600, '/wallet', 'lost-credit', 'x', 'processing') returning id`,
      [person.person_id],
    );
    const intent = await paid.stripe.stripe.paymentIntents.create({
      amount: 600,
      currency: 'usd',
      payment_method: 'pm_card_visa',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      metadata: { soulseer_payment: lost.rows[0]?.id ?? '' },
    });
    await paid.shop.database.query('update commerce_payment set payment_intent_id = $1 where id = $2', [
      intent.id,
      lost.rows[0]?.id,
    ]);
    // And money that nothing of ours knows of.
    const stray = await paid.stripe.stripe.paymentIntents.create({
      amount: 700,
      currency: 'usd',
      payment_method: 'pm_card_visa',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      metadata: { soulseer_payment: 'topup_of_nobody' },
    });
    await paid.stripe.control('/sandbox/switches', { hold: false });
    expect(await balance(person)).toBe(0);

    const report = await reconcile();
    expect(report.mended.map((one) => one.code)).toEqual(
      expect.arrayContaining(['not_seen', 'not_credited', 'no_order']),
    );
    expect(report.left).toEqual([expect.objectContaining({ code: 'unknown_payment' })]);
    expect(stray.status).toBe('succeeded');
    expect(await balance(person)).toBe(1_900);
    const again = await reconcile();
    expect([again.mended, again.left.length]).toEqual([[], 1]);
  });
});

describe.each(Array.from({ length: DEEP ? 20 : 1 }, (_, round) => round + 1))(
  'a process that is killed (%i)',
  () => {
    test('in the middle of a top-up, of a refund: afterwards all three agree', async () => {
      const person = await paid.somebody();
      const first = await person.topUp(2_000);
      const { body } = await person.begin({ amount_cents: 800 });
      const { medusa_payment_id } = await paid.orderOf(first.id);
      const asked = staff
        .call('POST', `/admin/payments/${medusa_payment_id}/refund`, { amount: 5 })
        .catch(() => undefined);
      const paying = paid.stripe.pay(sessionOf(body.checkout_url));
      // As soon as the refund is recorded, whatever has come of it.
      await expect
        .poll(
          async () => {
            const { rows } = await paid.shop.database.query(
              'select from commerce_refund where payment_id = $1',
              [first.id],
            );
            return rows.length;
          },
          { interval: 5 },
        )
        .toBe(1);
      await paid.restart('kill');
      await Promise.all([asked, paying]);
      await expect.poll(() => refunded(first), { timeout: 60_000 }).toEqual([500, 500, 500]);
      await expect.poll(() => balance(person), { timeout: 60_000 }).toBe(2_300);
      expect((await person.look(body.id)).state).toBe('credited');
      const { rows } = await paid.shop.database.query(
        `select count(*)::int as orders from "order" where metadata ->> 'payment' = $1 and deleted_at is null and canceled_at is null`,
        [body.id],
      );
      expect(rows).toEqual([{ orders: 1 }]);
      expect(await realtime.verify()).toContain('The ledger is whole');
    }, 400_000);

    test('between the order’s transaction of a refund and its credit line: nobody seems to owe it', async () => {
      const person = await paid.somebody();
      const top_up = await person.topUp(2_000);
      const { medusa_payment_id, order_id } = await paid.orderOf(top_up.id);
      const { database } = paid.shop;
      // Holds what Medusa writes after the transaction until the process is dead.
      await database.query(
        `create function wait_here() returns trigger language plpgsql as 'begin perform pg_sleep(4); return new; end'`,
      );
      await database.query(
        'create trigger wait_here before insert on order_change for each row execute function wait_here()',
      );
      const asked = staff
        .call('POST', `/admin/payments/${medusa_payment_id}/refund`, { amount: 5 })
        .catch(() => undefined);
      const waiting = async () => {
        const { rows } = await database.query(`select from pg_stat_activity where wait_event = 'PgSleep'`);
        return rows.length;
      };
      await expect.poll(waiting, { interval: 20, timeout: 30_000 }).toBeGreaterThan(0);
      await paid.restart('kill');
      await asked;
      await expect.poll(waiting).toBe(0);
      await database.query('drop function wait_here cascade');
      await expect
        .poll(
          async () => {
            const { rows } = await database.query(
              `select r.state, p.settle_error from commerce_refund r join commerce_payment p on p.id = r.payment_id
               where p.id = $1`,
              [top_up.id],
            );
            return rows;
          },
          { timeout: 60_000 },
        )
        .toEqual([{ state: 'booked', settle_error: null }]);
      const { body } = await staff.call(
        'GET',
        `/admin/orders/${order_id}?fields=total,summary,*credit_lines`,
      );
      const order = body.order as unknown as {
        summary: { pending_difference: number; transaction_total: number };
        credit_lines: { amount: number }[];
      };
      expect(order.summary).toMatchObject({ pending_difference: 0, transaction_total: 15 });
      expect(order.credit_lines.map(({ amount }) => amount)).toEqual([5]);
      // And the next refund finds the order free.
      expect((await refund(top_up, 4)).status).toBe(200);
      expect(await refunded(top_up)).toEqual([900, 900, 900]);
    }, 400_000);

    test('in the middle of a dispute, of one tap, of an automatic top-up: each happened once', async () => {
      // The payment that nobody knows, of the test before, stays.
      const { left } = await reconcile();
      const person = await paid.somebody();
      const first = await person.topUp(2_000, '4242424242424242', { save: true });
      const { cards } = (await (await person.call('GET', '/store/cards')).json()) as {
        cards: { id: string }[];
      };
      const card_id = cards[0]?.id;
      const set = await person.call('PUT', '/store/automatic-top-up', {
        card_id,
        amount_cents: 1_000,
        // Below it whatever happens; the ceiling has room for one.
        threshold_cents: 5_000,
        ceiling_cents: 1_000,
        time_zone: 'UTC',
        consent: true,
      });
      expect(set.status).toBe(200);
      const tap = () =>
        person.call(
          'POST',
          '/store/top-ups/one-tap',
          { card_id, amount_cents: 700 },
          { 'idempotency-key': 'one-tap-that-is-killed' },
        );
      const tapped = tap().catch(() => undefined);
      await paid.stripe.control('/sandbox/disputes', { payment_intent: first.payment_intent });
      const recorded = async () => {
        const { rows } = await paid.shop.database.query(
          `select from commerce_payment where person_id = $1 and way = 'saved_card'`,
          [person.person_id],
        );
        return rows.length;
      };
      await expect.poll(recorded, { interval: 5, timeout: 20_000 }).toBeGreaterThan(0);
      await paid.restart('kill');
      await tapped;
      expect([200, 201]).toContain((await tap()).status);
      // 2 000 disputed, of which what was not there was owed and paid by the others.
      await expect.poll(() => balance(person), { timeout: 150_000 }).toBe(1_700);
      expect(await debt(person)).toBe(0);
      expect((await person.look(first.id)).state).toBe('disputed');
      const { rows } = await paid.shop.database.query<{ stripe_customer_id: string }>(
        'select stripe_customer_id from commerce_stripe_customer where person_id = $1',
        [person.person_id],
      );
      const made = await paid.stripe.stripe.paymentIntents.list({
        customer: rows[0]?.stripe_customer_id ?? '',
        limit: 100,
      });
      expect(made.data.map(({ amount_received }) => amount_received).sort((a, b) => a - b)).toEqual([
        700, 1_000, 2_000,
      ]);
      expect((await reconcile()).left).toEqual(left);
      expect(await realtime.verify()).toContain('The ledger is whole');
    }, 400_000);
  },
);
