import { describe, expect, test } from 'vitest';
import { type Convergence, converge } from '../src/payments/converge';
import type { Present, StripeRefund } from '../src/payments/gateway';
import type { BookedRefund } from '../src/payments/orders';
import type { Dispute, Refund, Store } from '../src/payments/store';
import { paymentRow } from './support/payment-row';

/**
 * W6: events out of order, twice and not at all, and faults before and after each step. What Stripe says is a small world that
 * moves; Stripe itself, the database, Medusa and realtime have their turn in top-ups.test.ts and refunds.test.ts.
 */

/** Money at Stripe, moved by what happens there; each move sends an event. */
function openWorld() {
  let captured = 0;
  let session: 'open' | 'over' = 'open';
  const refunds: StripeRefund[] = [];
  const disputes: Present['disputes'] = [];
  const moves: Record<string, () => void> = {
    'payment_intent.succeeded': () => {
      captured = 2_000;
      session = 'over';
    },
    'checkout.session.completed': () => {},
    'refund.created': () => {
      refunds.push({ id: 're_1', key: undefined, amount_cents: 300, status: 'pending' });
    },
    'refund.updated': () => {
      for (const one of refunds) one.status = 'succeeded';
    },
    'charge.dispute.created': () => {
      disputes.push({ id: 'du_1', amount_cents: 1_700, status: 'open' });
    },
    'charge.dispute.closed': () => {
      for (const one of disputes) one.status = 'won';
    },
  };
  const present = (): Present => ({
    payment_intent_id: captured ? 'pi_1' : undefined,
    status: captured ? 'captured' : session,
    amount_cents: 2_000,
    captured_cents: captured,
    card: captured ? { brand: 'visa', last4: '4242' } : undefined,
    failure: undefined,
    refunds: structuredClone(refunds),
    disputes: structuredClone(disputes),
  });
  return { moves, present, refunds };
}

type World = ReturnType<typeof openWorld>;

/** A fault at the n-th step: before it is done, or after, so that nobody hears that it was. */
type Fault = { at: number; when: 'before' | 'after' } | undefined;

function openShop(world: World) {
  const payment = paymentRow({
    id: 'topup_1',
    purpose: 'top_up',
    way: 'checkout',
    amount_cents: 2_000,
    return_path: '/wallet',
    state: 'open',
    cart_id: 'cart_1',
    checkout_session_id: 'cs_1',
    checkout_url: 'https://checkout.example/cs_1',
  });
  const rows = { refunds: new Map<string, Refund>(), disputes: new Map<string, Dispute>() };
  /** As the contract has it: one effect for each key, whatever comes again. */
  const ledger = {
    transfers: new Map<string, number>(),
    wallet: 0,
    debt: 0,
    reserved: new Map<string, number>(),
  };
  const orders = { made: 0, booked: new Map<string, number>() };
  const money = { atStripe: 0 };
  let step = 0;
  let fault: Fault;

  async function doing<T>(work: () => T): Promise<T> {
    step += 1;
    if (fault?.at === step && fault.when === 'before') throw new Error(`fault before step ${step}`);
    const done = work();
    if (fault?.at === step && fault.when === 'after') throw new Error(`fault after step ${step}`);
    return done;
  }
  const once = (key: string, amount: number, work: () => void) =>
    doing(() => {
      const before = ledger.transfers.get(key);
      if (before !== undefined && before !== amount)
        return { ok: false as const, code: 'key_reused', figures: {} };
      if (before === undefined) work();
      ledger.transfers.set(key, amount);
      return { ok: true as const };
    });
  const give = (amount: number) => {
    const paid = Math.min(ledger.debt, amount);
    ledger.debt -= paid;
    ledger.wallet += amount - paid;
  };
  const taken = new Map<string, { wallet: number; debt: number }>();
  const take = (key: string, amount: number) => {
    const wallet = Math.min(ledger.wallet, amount);
    taken.set(key, { wallet, debt: amount - wallet });
    ledger.wallet -= wallet;
    ledger.debt += amount - wallet;
  };

  const store: Store = {
    payment: async () => structuredClone(payment),
    change: (_id, fields) =>
      doing(() => {
        for (const [name, value] of Object.entries(fields))
          if (value !== undefined) Object.assign(payment, { [name]: value });
      }),
    refunds: async () => [...rows.refunds.values()].map((one) => structuredClone(one)),
    addRefund: (refund) =>
      doing(() => {
        if (rows.refunds.has(refund.id)) return;
        const empty = {
          stripe_refund_id: null,
          refused_code: null,
          refused_detail: null,
          refundable_cents: null,
          note: null,
          reason_id: null,
          created_by: null,
          created_at: new Date(1_800_000_000_000),
          failed_late: false,
        };
        rows.refunds.set(refund.id, { ...empty, ...refund });
      }),
    changeRefund: (id, fields) => doing(() => void Object.assign(rows.refunds.get(id) ?? {}, fields)),
    stripeCustomer: async () => undefined,
    disputes: async () => [...rows.disputes.values()],
    keepDispute: (dispute) => doing(() => void rows.disputes.set(dispute.id, dispute)),
  };
  const convergence: Convergence = {
    store,
    gateway: {
      present: () => doing(world.present),
      refund: (_intent, key, amount_cents) =>
        doing(() => {
          let made = world.refunds.find((one) => one.key === key);
          if (!made) {
            made = { id: `re_of_${key}`, key, amount_cents, status: 'succeeded' };
            world.refunds.push(made);
            money.atStripe += amount_cents;
          }
          return structuredClone(made);
        }),
    },
    ledger: {
      credit: (id, _person, amount) => once(`credit ${id}`, amount, () => give(amount)),
      reserveRefund: (key, { amount_cents }) =>
        doing(() => {
          if (ledger.transfers.has(`reserve ${key}`)) return { ok: true as const };
          if (amount_cents > ledger.wallet)
            return {
              ok: false as const,
              code: 'not_refundable',
              figures: { refundable_cents: ledger.wallet },
            };
          ledger.wallet -= amount_cents;
          ledger.reserved.set(key, amount_cents);
          ledger.transfers.set(`reserve ${key}`, amount_cents);
          return { ok: true as const };
        }),
      postRefund: (key, { amount_cents }) =>
        once(`post ${key}`, amount_cents, () => {
          if (!ledger.reserved.delete(key)) take(`refund ${key}`, amount_cents);
        }),
      failRefund: (key, { amount_cents }) => once(`fail ${key}`, amount_cents, () => give(amount_cents)),
      releaseRefund: (key) =>
        once(`release ${key}`, 0, () => {
          give(ledger.reserved.get(key) ?? 0);
          ledger.reserved.delete(key);
        }),
      openDispute: (id, { amount_cents }) =>
        once(`dispute ${id}`, amount_cents, () => take(id, amount_cents)),
      closeDispute: (id, { amount_cents, won }) =>
        once(`close ${id}`, amount_cents, () => {
          if (!won) return;
          const back = taken.get(id) ?? { wallet: 0, debt: 0 };
          // What the dispute made of debt ends; had it been paid meanwhile, it comes back as money.
          const owed = Math.min(ledger.debt, back.debt);
          ledger.debt -= owed;
          give(back.wallet + back.debt - owed);
        }),
    },
    order: {
      ensure: (paid) =>
        doing(() => {
          if (orders.made === 0) orders.made = 1;
          return { order_id: 'order_1', medusa_payment_id: paid.medusa_payment_id ?? 'pay_1' };
        }),
      bookRefund: (_id, refund: BookedRefund) =>
        doing(() => void orders.booked.set(refund.stripe_refund_id, refund.amount_cents)),
      unbookRefund: (_id, stripe_refund_id) => doing(() => void orders.booked.delete(stripe_refund_id)),
    },
  };
  return {
    payment,
    rows,
    ledger,
    orders,
    steps: () => step,
    /** One settling, with a fault in it or not; what it throws is tried again later by whoever comes next. */
    async settle(broken?: Fault): Promise<boolean> {
      step = 0;
      fault = broken;
      return converge(convergence, payment.id).then(
        () => true,
        (error: Error) => {
          if (!error.message.startsWith('fault')) throw error;
          return false;
        },
      );
    },
    ask(id: string, amount_cents: number) {
      void store.addRefund({ id, payment_id: payment.id, amount_cents, state: 'wanted' });
    },
    state: () => ({
      state: payment.state,
      captured: payment.captured_cents,
      credited: payment.credited_cents,
      refunded: payment.refunded_cents,
      disputed: payment.disputed_cents,
      wallet: ledger.wallet,
      debt: ledger.debt,
      reserved: [...ledger.reserved.values()],
      orders: orders.made,
      booked: [...orders.booked.values()],
      refunds: [...rows.refunds.values()].map(({ id, state }) => [id, state]),
    }),
  };
}

const EVENTS = [
  'payment_intent.succeeded',
  'checkout.session.completed',
  'refund.created',
  'refund.updated',
  'charge.dispute.created',
  'charge.dispute.closed',
];

/** What must stand whenever all is told: 2 000 captured, 300 refunded, a dispute over the rest won. */
const FINAL = {
  state: 'credited',
  captured: 2_000,
  credited: 2_000,
  refunded: 300,
  disputed: 0,
  wallet: 1_700,
  debt: 0,
  reserved: [],
  orders: 1,
  booked: [300],
  refunds: [['re_1', 'booked']],
};

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, at) =>
    permutations([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]),
  );
}

/** The same numbers for the same seed, everywhere (mulberry32). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('W6 events', () => {
  test('in all 720 orders end the same', async () => {
    const all = permutations(EVENTS);
    expect(all).toHaveLength(720);
    for (const order of all) {
      const world = openWorld();
      const shop = openShop(world);
      // All has happened at Stripe; the events of it come in this order.
      for (const event of EVENTS) world.moves[event]?.();
      for (const _event of order) await shop.settle();
      expect(shop.state(), order.join()).toEqual(FINAL);
    }
  });

  test('in 2 000 seeded sequences, twice and lost and between what happens, end the same', async () => {
    for (let seed = 1; seed <= 2_000; seed += 1) {
      const world = openWorld();
      const shop = openShop(world);
      const next = random(seed);
      for (const event of EVENTS) {
        world.moves[event]?.();
        // None, one or several come before the next thing happens, and some break in the middle.
        for (let left = Math.floor(next() * 4); left > 0; left -= 1) {
          const broken = next() < 0.3;
          const at = 1 + Math.floor(next() * 14);
          const when = next() < 0.5 ? 'before' : 'after';
          await shop.settle(broken ? { at, when } : undefined);
        }
      }
      // Whoever comes last: an event, the page, or the reconciler.
      expect(await shop.settle(), `seed ${seed}`).toBe(true);
      expect(shop.state(), `seed ${seed}`).toEqual(FINAL);
      await shop.settle();
      expect(shop.state(), `seed ${seed} again`).toEqual(FINAL);
    }
  });
});

describe('a fault at every step, before and after it', () => {
  async function everyStep(prepare: (world: World, shop: ReturnType<typeof openShop>) => Promise<void>) {
    const whole = openWorld();
    const untouched = openShop(whole);
    await prepare(whole, untouched);
    await untouched.settle();
    const steps = untouched.steps();
    const wanted = untouched.state();
    expect(steps).toBeGreaterThan(3);
    for (let at = 1; at <= steps; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = openWorld();
        const shop = openShop(world);
        await prepare(world, shop);
        expect(await shop.settle({ at, when }), `${when} ${at}`).toBe(false);
        expect(await shop.settle()).toBe(true);
        expect(shop.state(), `${when} step ${at} of ${steps}`).toEqual(wanted);
      }
    }
    return wanted;
  }

  test('of a top-up', async () => {
    const end = await everyStep(async (world) => world.moves['payment_intent.succeeded']?.());
    expect(end).toMatchObject({ state: 'credited', wallet: 2_000, orders: 1 });
  });

  test('of a refund', async () => {
    const end = await everyStep(async (world, shop) => {
      world.moves['payment_intent.succeeded']?.();
      await shop.settle();
      shop.ask('refund_1', 700);
    });
    expect(end).toMatchObject({ wallet: 1_300, refunded: 700, reserved: [], booked: [700] });
  });

  test('of a refund that fails at Stripe after it was posted, booked already or not', async () => {
    for (const asked of [true, false]) {
      const end = await everyStep(async (world, shop) => {
        world.moves['payment_intent.succeeded']?.();
        await shop.settle();
        if (asked) shop.ask('refund_1', 700);
        else world.moves['refund.created']?.();
        world.moves['refund.updated']?.();
        await shop.settle();
        expect(shop.state().wallet).toBe(asked ? 1_300 : 1_700);
        for (const one of world.refunds) one.status = 'failed';
      });
      expect(end).toMatchObject({ state: 'credited', wallet: 2_000, debt: 0, refunded: 0, booked: [] });
    }
  });

  test('of a refund that can’t be', async () => {
    const end = await everyStep(async (world, shop) => {
      world.moves['payment_intent.succeeded']?.();
      await shop.settle();
      shop.ledger.wallet = 100;
      shop.ask('refund_1', 700);
    });
    expect(end).toMatchObject({ wallet: 100, refunded: 0, booked: [], refunds: [['refund_1', 'refused']] });
  });

  test('of a refund of the dashboard’s and of a dispute', async () => {
    const end = await everyStep(async (world, shop) => {
      world.moves['payment_intent.succeeded']?.();
      await shop.settle();
      shop.ledger.wallet = 500;
      world.moves['refund.created']?.();
      world.moves['refund.updated']?.();
      world.moves['charge.dispute.created']?.();
    });
    expect(end).toMatchObject({ state: 'disputed', wallet: 0, debt: 1_500, refunded: 300, disputed: 1_700 });
  });
});
