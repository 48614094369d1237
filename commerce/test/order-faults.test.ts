import { describe, expect, test } from 'vitest';
import type { Log } from '../src/log';
import type { Refund, Store } from '../src/payments/store';
import { createSettleOrder } from '../src/shop/settle-order';
import { paymentRow } from './support/payment-row';

/**
 * W6, P1: faults before and after each write and each call of an order. Stripe, Medusa and the ledger are small worlds that
 * keep what a process leaves of them; the real ones have their turn in orders.test.ts, killed by the system.
 */

const TOTAL = 1_200;
const RICH = 5_000;
const log: Log = { debug() {}, info() {}, warn() {}, error() {}, enabled: () => false };

class Fault extends Error {}
/** What Medusa refuses for good. */
class Refused extends Error {
  readonly type = 'not_allowed';
}

/** At the n-th step, before it is done or after it. A killed process does nothing more, not even tidy up. */
interface Broken {
  at: number;
  when: 'before' | 'after';
  how: 'killed' | 'failed';
}
type Way = 'card' | 'wallet';

interface MedusaOrder {
  mark: string;
  linked: boolean;
  reserved: number;
  payment: string | undefined;
  cancelled: boolean;
}

function openWorld(way: Way, pieces = 1) {
  const row = (id: string, key: string) =>
    paymentRow({
      id,
      purpose: 'goods',
      way: way === 'card' ? 'checkout' : 'wallet',
      amount_cents: TOTAL,
      return_path: '/orders',
      idempotency_key: key,
      state: way === 'card' ? 'open' : 'new',
      cart_id: 'cart',
      checkout_session_id: way === 'card' ? 'cs' : null,
    });
  const rows = new Map([['first', row('first', 'k1')]]);
  const refunds = new Map<string, Refund>();
  const granted = new Set<string>();
  const thanked = new Set<string>();

  const stripe = { status: 'capturable' as 'capturable' | 'captured' | 'over', refunded: 0 };
  const ledger = {
    wallet: RICH,
    holds: new Map<string, { cents: number; state: 'held' | 'posted' | 'released'; refunds: Set<string> }>(),
    refunded: 0,
  };
  const medusa = {
    stock: pieces,
    completed: false,
    orders: new Map<string, MedusaOrder>(),
    payments: new Map<
      string,
      { of: string; began: boolean; captured: boolean; cancelled: boolean; booked: Set<string> }
    >(),
    sessions: 0,
  };
  /** What the payment is authorised under: the hold, or the card's intent. */
  let session = 'cs';

  let step = 0;
  let broken: Broken | undefined;
  let dead = false;
  function fail(): never {
    dead = broken?.how === 'killed';
    throw new Fault(`${broken?.how} ${broken?.when} step ${step}`);
  }
  async function doing<T>(work: () => T): Promise<T> {
    if (dead) throw new Fault('the process is gone');
    step += 1;
    if (broken?.at === step && broken.when === 'before') fail();
    try {
      return work();
    } finally {
      // Also in the place of a refusal, which then nobody hears.
      if (broken?.at === step && broken.when === 'after') fail();
    }
  }

  const whole = () =>
    [...medusa.orders].find(([, it]) => it.linked && !it.cancelled && it.payment !== undefined);
  const reserved = () => [...medusa.orders.values()].reduce((sum, it) => sum + it.reserved, 0);
  function authorise(): string {
    const known = [...medusa.payments].find(([, it]) => it.of === session && !it.cancelled);
    if (known) return known[0];
    const ok = way === 'card' ? stripe.status !== 'over' : ledger.holds.get(session)?.state === 'held';
    if (!ok) throw new Refused('not authorised');
    const id = `pay_${medusa.payments.size + 1}`;
    const fresh = { of: session, began: false, captured: false, cancelled: false };
    medusa.payments.set(id, { ...fresh, booked: new Set() });
    return id;
  }
  const release = (hold: string) => {
    const held = ledger.holds.get(hold);
    if (held?.state !== 'held') return held?.state === 'released';
    held.state = 'released';
    ledger.wallet += held.cents;
    return true;
  };
  const letGo = () => {
    if (stripe.status === 'capturable') stripe.status = 'over';
  };

  async function clear(_db: unknown, { id }: { id: string }) {
    const strays = [...medusa.orders.values()].filter(
      (it) => !it.cancelled && it.payment === undefined && (it.mark === id || it.linked),
    );
    for (const one of strays) {
      await doing(() => (one.linked = false));
      await doing(() => Object.assign(one, { cancelled: true, reserved: 0 }));
    }
    if (strays.length > 0 && !whole()) await doing(() => (medusa.completed = false));
    return strays.length;
  }

  /** As Medusa's workflow does it: the order, then what belongs to it, then the payment; undone when a step fails. */
  async function complete(db: unknown, _cart: string, payment_id: string) {
    await clear(db, { id: payment_id });
    const id = `order_${medusa.orders.size + 1}`;
    const fresh: MedusaOrder = {
      mark: payment_id,
      linked: false,
      reserved: 0,
      payment: undefined,
      cancelled: false,
    };
    try {
      await doing(() => medusa.orders.set(id, fresh));
      await doing(() => (fresh.linked = true));
      await doing(() => (medusa.completed = true));
      await doing(() => {
        if (reserved() >= medusa.stock) throw new Refused('Not enough stock available');
        fresh.reserved = 1;
      });
      await doing(() => (fresh.payment = authorise()));
      await doing(() => {});
    } catch (error) {
      // A killed process undoes nothing.
      if (dead) throw error;
      const paid = fresh.payment && medusa.payments.get(fresh.payment);
      if (paid) {
        paid.cancelled = true;
        if (way === 'card') letGo();
        else release(session);
      }
      medusa.orders.delete(id);
      medusa.completed = false;
      throw error;
    }
    return { order_id: id, medusa_payment_id: fresh.payment ?? '' };
  }

  const store: Store = {
    payment: async (id) => structuredClone(rows.get(id)),
    change: (id, fields) =>
      doing(() => {
        for (const [name, value] of Object.entries(fields))
          if (value !== undefined) Object.assign(rows.get(id) ?? {}, { [name]: value });
      }),
    refunds: async () => [...refunds.values()].map((one) => structuredClone(one)),
    addRefund: async () => {},
    changeRefund: (id, fields) => doing(() => void Object.assign(refunds.get(id) ?? {}, fields)),
    stripeCustomer: async () => undefined,
    disputes: async () => [],
    keepDispute: async () => {},
  };

  const { settle } = createSettleOrder({
    log,
    thank: (_db, { id }) => doing(() => void thanked.add(id)),
    entitlements: { grant: (_db, { id }) => doing(() => void granted.add(id)) },
    gateway: {
      present: () =>
        doing(() => ({
          payment_intent_id: 'pi',
          status: stripe.status,
          amount_cents: TOTAL,
          captured_cents: stripe.status === 'captured' ? TOTAL : 0,
          card: undefined,
          failure: undefined,
          refunds: [...refunds.values()].flatMap(({ id, amount_cents, stripe_refund_id }) =>
            stripe_refund_id
              ? [{ id: stripe_refund_id, key: id, amount_cents, status: 'succeeded' as const }]
              : [],
          ),
          disputes: [],
        })),
      refund: (_intent, key, amount_cents) =>
        doing(() => {
          const one = refunds.get(key);
          if (one && !made.has(key)) {
            made.add(key);
            stripe.refunded += amount_cents;
          }
          return { id: `re_${key}`, key, amount_cents, status: 'succeeded' as const };
        }),
      letGo: () => doing(letGo),
    },
    ledger: {
      hold: (id, { amount_cents }) =>
        doing(() => {
          if (ledger.holds.has(id)) return { ok: true as const };
          if (amount_cents > ledger.wallet)
            return { ok: false as const, code: 'insufficient_balance', figures: {} };
          ledger.wallet -= amount_cents;
          ledger.holds.set(id, { cents: amount_cents, state: 'held', refunds: new Set() });
          return { ok: true as const };
        }),
      holdStanding: (id) =>
        doing(() => {
          const held = ledger.holds.get(id);
          return (
            held && {
              person_id: 'p',
              state: held.state,
              posted_cents: held.state === 'posted' ? held.cents : 0,
              refunded_cents: ledger.refunded,
            }
          );
        }),
      releaseHold: (id) =>
        doing(() =>
          release(id) ? { ok: true as const } : { ok: false as const, code: 'unknown_hold', figures: {} },
        ),
      refundHold: (id, key, cents) =>
        doing(() => {
          const held = ledger.holds.get(id);
          if (held && !held.refunds.has(key)) {
            held.refunds.add(key);
            ledger.wallet += cents;
            ledger.refunded += cents;
          }
          return { ok: true as const };
        }),
    },
    orders: {
      find: () =>
        doing(() => {
          const [order_id, it] = whole() ?? [];
          return order_id && it?.payment ? { order_id, medusa_payment_id: it.payment } : undefined;
        }),
      complete,
      clear,
      bookRefund: (id, { stripe_refund_id }) =>
        doing(() => void medusa.payments.get(id)?.booked.add(stripe_refund_id)),
      unbookRefund: async () => {},
    },
    books: {
      totalOf: () => doing(() => TOTAL),
      isOf: (payment, { medusa_payment_id }) =>
        doing(() => {
          const { of } = medusa.payments.get(medusa_payment_id) ?? {};
          return of === (way === 'card' ? 'cs' : payment.hold_id);
        }),
      async capture({ medusa_payment_id }) {
        const one = medusa.payments.get(medusa_payment_id);
        if (!one) throw new Error('no such payment');
        if (one.captured) return;
        if (one.began) await doing(() => (one.began = false));
        await doing(() => (one.began = true));
        await doing(() => {
          if (way === 'card') {
            if (stripe.status === 'over') throw new Refused('nothing to capture');
            stripe.status = 'captured';
            return;
          }
          const held = ledger.holds.get(one.of);
          if (!held || held.state === 'released') throw new Refused('hold_closed');
          held.state = 'posted';
        });
        await doing(() => (one.captured = true));
      },
      startSession: (payment) =>
        doing(() => {
          session = `hold_${++medusa.sessions}`;
          return {
            hold: session,
            person_id: payment.person_id,
            amount_cents: TOTAL,
            ends_at_ms: 0,
            details: { hold: session },
          };
        }),
      async cancelPayments(hold) {
        for (const one of medusa.payments.values())
          if (one.of === hold && !one.cancelled && !one.captured)
            await doing(() => {
              release(hold);
              one.cancelled = true;
            });
      },
      cancelOrder: (id) =>
        doing(() => void Object.assign(medusa.orders.get(id) ?? {}, { cancelled: true, reserved: 0 })),
    },
  });
  const made = new Set<string>();
  const db = { query: async () => ({ rows: [] }) } as never;

  return {
    steps: () => step,
    /** One try, broken or not; the next is another process. @returns whether it got to its end */
    async settle(id = 'first', how?: Broken): Promise<boolean> {
      step = 0;
      dead = false;
      broken = how;
      const payment = await store.payment(id);
      if (!payment) throw new Error('no such payment');
      return settle(db, store, payment).then(
        () => true,
        (error: unknown) => {
          if (error instanceof Fault) return false;
          throw error;
        },
      );
    },
    /** The person presses the button once more, with another key. */
    again: () => void rows.set('second', row('second', 'k2')),
    ask(id: string, amount_cents: number) {
      refunds.set(id, {
        id,
        payment_id: 'first',
        amount_cents,
        state: 'wanted',
        stripe_refund_id: null,
        refused_code: null,
        refused_detail: null,
        refundable_cents: null,
        note: null,
        reason_id: null,
        created_by: null,
        created_at: new Date(1_800_000_000_000),
        failed_late: false,
      });
    },
    state(id = 'first') {
      const { state, order_id, captured_cents, refunded_cents } = rows.get(id) ?? row(id, '');
      const live = [...medusa.orders.values()].filter((it) => !it.cancelled);
      return {
        state,
        has_order: order_id !== null && medusa.orders.get(order_id)?.cancelled === false,
        captured_cents,
        refunded_cents,
        granted: granted.has(id),
        thanked: thanked.has(id),
        /** What left the person, wherever it was paid from. */
        charged:
          way === 'card'
            ? (stripe.status === 'captured' ? TOTAL : 0) - stripe.refunded
            : RICH - ledger.wallet,
        held: [...ledger.holds.values()].filter((it) => it.state === 'held').length,
        live_orders: live.length,
        reserved: reserved(),
        captured_in_books: [...medusa.payments.values()].filter((it) => it.captured && !it.cancelled).length,
        booked: [...medusa.payments.values()].flatMap((it) => [...it.booked]).length,
        cart_open: !medusa.completed,
      };
    },
  };
}

const PAID = {
  state: 'credited',
  has_order: true,
  captured_cents: TOTAL,
  refunded_cents: 0,
  granted: true,
  thanked: true,
  charged: TOTAL,
  held: 0,
  live_orders: 1,
  reserved: 1,
  captured_in_books: 1,
  booked: 0,
  cart_open: false,
};
const NOTHING = {
  has_order: false,
  captured_cents: 0,
  refunded_cents: 0,
  granted: false,
  thanked: false,
  charged: 0,
  held: 0,
  live_orders: 0,
  reserved: 0,
  captured_in_books: 0,
  booked: 0,
  cart_open: true,
};

type World = ReturnType<typeof openWorld>;

/** Every step of what `prepare` has made ready, killed and failed, before it and after it; then tried again as the sweeper does. */
async function everyStep(
  open: () => World,
  prepare: (world: World) => Promise<void>,
  check: (world: World, what: string) => Promise<void> | void,
): Promise<number> {
  const untouched = open();
  await prepare(untouched);
  expect(await untouched.settle()).toBe(true);
  const steps = untouched.steps();
  expect(steps).toBeGreaterThan(5);
  await check(untouched, 'without a fault');
  for (let at = 1; at <= steps; at += 1)
    for (const when of ['before', 'after'] as const)
      for (const how of ['killed', 'failed'] as const) {
        const world = open();
        await prepare(world);
        const what = `${how} ${when} step ${at} of ${steps}`;
        expect(await world.settle('first', { at, when, how }), what).toBe(false);
        expect(await world.settle(), what).toBe(true);
        await check(world, what);
        // Whoever comes later changes nothing.
        const then = world.state();
        expect(await world.settle()).toBe(true);
        expect(world.state(), `${what}, once more`).toEqual(then);
      }
  return steps;
}

describe('a fault at every step of an order, before and after it', () => {
  test.each(['card', 'wallet'] as const)(
    'paid by %s: one order that is charged once, or no order, nothing charged and the cart there again',
    async (way) => {
      const ends = { paid: 0, nothing: 0 };
      const killed = { paid: 0, nothing: 0 };
      await everyStep(
        () => openWorld(way),
        async () => {},
        async (world, what) => {
          const end = world.state();
          const isPaid = end.state === 'credited';
          ends[isPaid ? 'paid' : 'nothing'] += 1;
          if (what.startsWith('killed')) killed[isPaid ? 'paid' : 'nothing'] += 1;
          expect(end, what).toMatchObject(isPaid ? PAID : NOTHING);
          if (isPaid) return;
          expect(end.state, what).toBe(way === 'card' ? 'expired' : 'failed');
          if (way === 'card') return;
          // What was given up can be paid for by another press.
          world.again();
          expect(await world.settle('second'), what).toBe(true);
          expect(world.state('second'), `${what}, another press`).toMatchObject(PAID);
        },
      );
      // Both ends were seen.
      expect(Math.min(ends.paid, ends.nothing)).toBeGreaterThan(2);
      // A card that is authorised is charged with its order, whenever the process was killed.
      if (way === 'card') expect(killed).toEqual({ paid: expect.any(Number), nothing: 0 });
    },
  );

  test.each(['card', 'wallet'] as const)(
    'paid by %s for what has run out: nothing is charged',
    async (way) => {
      await everyStep(
        () => openWorld(way, 0),
        async () => {},
        (world, what) => expect(world.state(), what).toMatchObject(NOTHING),
      );
    },
  );

  test.each(['card', 'wallet'] as const)('a refund of an order by %s is made once', async (way) => {
    await everyStep(
      () => openWorld(way),
      async (world) => {
        await world.settle();
        world.ask('refund', 500);
      },
      (world, what) =>
        expect(world.state(), what).toMatchObject({
          ...PAID,
          charged: TOTAL - 500,
          refunded_cents: 500,
          booked: 1,
        }),
    );
  });
});
