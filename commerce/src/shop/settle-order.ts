/**
 * Brings an order of goods to its end, whoever calls it. First the order with its reserved stock, then the money: a card is
 * only authorised until there is an order, and let go when something has run out, so nobody is charged for what isn't there.
 */

import { describeError, type Log } from '../log';
import { type Convergence, converge } from '../payments/converge';
import type { Gateway } from '../payments/gateway';
import type { Ledger } from '../payments/ledger';
import type { Ordered, Orders } from '../payments/orders';
import { type Payment, type Queryable, type Store, withCartLock } from '../payments/store';
import type { Entitlements } from './entitlements';
import type { OrderBooks } from './order-books';

/** The ledger keeps wallets; what a card pays for goods never comes into one (decision 16). */
const taken = async () => ({ ok: true as const });
const NO_LEDGER: Convergence['ledger'] = {
  credit: taken,
  reserveRefund: taken,
  postRefund: taken,
  failRefund: taken,
  releaseRefund: taken,
  openDispute: taken,
  closeDispute: taken,
};

/** Medusa's refusals that trying again doesn't change. */
const FINAL = new Set(['not_allowed', 'invalid_data', 'not_found', 'payment_authorization_error']);

export interface SettleOrder {
  /** Needs the payment's lock, which `db` holds. */
  settle(db: Queryable, store: Store, payment: Payment): Promise<Payment>;
}

export function createSettleOrder({
  books,
  gateway,
  ledger,
  orders,
  entitlements,
  thank,
  log,
}: {
  books: OrderBooks;
  gateway: Pick<Gateway, 'present' | 'refund' | 'letGo'>;
  ledger: Pick<Ledger, 'hold' | 'holdStanding' | 'releaseHold' | 'refundHold'>;
  orders: Pick<Orders, 'find' | 'complete' | 'clear' | 'bookRefund' | 'unbookRefund'>;
  entitlements: Pick<Entitlements, 'grant'>;
  /** Says so by mail, once. */
  thank(db: Queryable, payment: Payment): Promise<void>;
  log: Log;
}): SettleOrder {
  /** The order of the payment's cart; or a code when there can be none, or it is another payment's. Needs the cart's lock. */
  async function order(db: Queryable, payment: Payment): Promise<Ordered | { code: string }> {
    const cart_id = payment.cart_id ?? '';
    try {
      let found = await orders.find(cart_id);
      if (!found) {
        if ((await books.totalOf(cart_id)) !== payment.amount_cents) return { code: 'cart_changed' };
        found = await orders.complete(db, cart_id, payment.id);
      }
      return (await books.isOf(payment, found)) ? found : { code: 'already_ordered' };
    } catch (error) {
      const { type, message = '' } = error as { type?: string; message?: string };
      if (!type || !FINAL.has(type)) throw error;
      log.warn('an order could not be made', { payment: payment.id, ...describeError(error) });
      return { code: /stock|inventory/i.test(message) ? 'sold_out' : 'not_possible' };
    }
  }

  async function byCard(db: Queryable, store: Store, payment: Payment): Promise<Payment> {
    // Nobody was given the address of a page that was not opened to its end; the same key goes on with it.
    if (payment.state === 'new') return payment;
    const present = await gateway.present({ ...payment, has_refunds: false });
    const { payment_intent_id, status } = present;
    // Captured and not seen: the process ended before the order had it in its books.
    const unseen = status === 'captured' && payment.captured_cents === 0;
    if (payment_intent_id && (status === 'capturable' || unseen)) {
      const made = await withCartLock(db, payment, () => order(db, payment));
      if (!('code' in made)) {
        await store.change(payment.id, { ...made });
        await books.capture(made);
      } else if (!unseen) {
        await store.change(payment.id, { ended_code: made.code });
        await withCartLock(db, payment, () => orders.clear(db, payment));
        await gateway.letGo(payment_intent_id);
      }
    }
    const makeNone = async () => {
      throw new Error(`The payment ${payment.id} is captured and has no order.`);
    };
    return converge(
      {
        gateway,
        ledger: NO_LEDGER,
        store,
        order: {
          ensure: makeNone,
          bookRefund: (id, refund) => orders.bookRefund(id, refund),
          unbookRefund: (id, refund) => orders.unbookRefund(id, refund),
        },
      },
      payment.id,
    );
  }

  async function byWallet(db: Queryable, store: Store, payment: Payment): Promise<Payment> {
    const { id, amount_cents } = payment;
    const now = async () => (await store.payment(id)) ?? payment;
    /** Gives the money back and the order up: nothing was charged. */
    const giveUp = async (ended_code: string) => {
      const { hold_id } = await now();
      if (hold_id) await letGo(hold_id);
      await withCartLock(db, payment, () => orders.clear(db, payment));
      await store.change(id, { state: 'failed', ended_code });
      return now();
    };
    if (payment.state === 'failed') return payment;

    if (!payment.order_id) {
      const made = payment.state === 'new' ? await begin() : await found();
      if ('code' in made) return giveUp(made.code);
      await store.change(id, { ...made, state: 'paid' });
    }
    const { medusa_payment_id, order_id, hold_id, captured_cents } = await now();
    if (!medusa_payment_id || !order_id || !hold_id) throw new Error(`The payment ${id} lost its order.`);
    if (captured_cents === 0) {
      if ((await ledger.holdStanding(hold_id))?.state === 'released') {
        // Nobody came back for a day.
        await books.cancelOrder(order_id);
        return giveUp('interrupted');
      }
      await books.capture({ order_id, medusa_payment_id });
      await store.change(id, {
        captured_cents: amount_cents,
        credited_cents: amount_cents,
        state: 'credited',
      });
    }
    for (const refund of await store.refunds(id)) {
      let { state } = refund;
      if (state === 'wanted') {
        const given = await ledger.refundHold(hold_id, refund.id, refund.amount_cents);
        state = given.ok ? 'posted' : 'refused';
        await store.changeRefund(refund.id, {
          state,
          ...(given.ok
            ? {}
            : {
                refused_code: given.code === 'more_than_posted' ? 'not_refundable' : given.code,
                refundable_cents: given.figures.refundable_cents ?? null,
              }),
        });
      }
      if (state === 'posted') {
        await orders.bookRefund(medusa_payment_id, {
          stripe_refund_id: refund.id,
          amount_cents: refund.amount_cents,
          note: refund.note ?? 'Given back into the wallet',
          reason_id: refund.reason_id,
          created_by: refund.created_by,
        });
        await store.changeRefund(refund.id, { state: 'booked' });
      }
    }
    const refunded_cents = (await store.refunds(id))
      .filter(({ state }) => state === 'posted' || state === 'booked')
      .reduce((sum, one) => sum + one.amount_cents, 0);
    await store.change(id, {
      refunded_cents,
      state: refunded_cents >= amount_cents ? 'refunded' : 'credited',
    });
    return now();

    /** Holds the money, then makes the order. A try that doesn't get to its end is given up, never taken up again. */
    async function begin(): Promise<Ordered | { code: string }> {
      await store.change(id, { state: 'processing' });
      // A session of Medusa's that begins ends the cart's others: it begins when no other payment of the cart is being made.
      return withCartLock(db, payment, async () => {
        if (await orders.find(payment.cart_id ?? '')) return { code: 'already_ordered' };
        const { hold, ...held } = await books.startSession(payment);
        await store.change(id, { hold_id: hold });
        // Medusa authorises as the last step of an order, which is the same hold once more: an order that has a payment is whole.
        const kept = await ledger.hold(hold, held);
        return kept.ok ? order(db, await now()) : { code: kept.code };
      });
    }

    async function found(): Promise<Ordered | { code: string }> {
      const made = await orders.find(payment.cart_id ?? '');
      return made && payment.hold_id && (await books.isOf(payment, made)) ? made : { code: 'interrupted' };
    }
  }

  async function letGo(hold_id: string): Promise<void> {
    await books.cancelPayments(hold_id);
    const released = await ledger.releaseHold(hold_id);
    if (released.ok || released.code === 'unknown_hold') return;
    if ((await ledger.holdStanding(hold_id))?.state !== 'released')
      throw new Error(`The hold ${hold_id} could not be released: ${released.code}`);
  }

  return {
    async settle(db, store, payment) {
      const after = await (payment.way === 'wallet' ? byWallet : byCard)(db, store, payment);
      if (after.captured_cents > 0 && after.order_id) {
        await entitlements.grant(db, after);
        await thank(db, after);
      }
      return after;
    },
  };
}
