/** `settlePayment`, which the inbox, the page that people come back to, the sweeper and the reconciler all call, and only it. */

import type { Pool } from 'pg';
import { type Convergence, converge } from './converge';
import type { Gateway } from './gateway';
import type { Ledger } from './ledger';
import type { Orders } from './orders';
import {
  createStore,
  NOT_CHARGED,
  type Payment,
  type Queryable,
  type Store,
  withCartLock,
  withPaymentLock,
} from './store';

/** The first wait after a failure; it doubles, up to the longest. In seconds. */
const RETRY_S = 2;
const MOST_RETRY_S = 600;

export interface Settle {
  /** Brings order and ledger to what Stripe says of our payment `id`. Safe at any time, by anybody, at the same time. */
  settle(id: string): Promise<Payment>;
  /** The same, by Stripe's payment intent; nothing for one that is not ours. */
  settlePayment(payment_intent_id: string): Promise<Payment | undefined>;
  /** The same, by Stripe's Checkout Session. */
  settleCheckout(checkout_session_id: string): Promise<Payment | undefined>;
  /** Takes away orders that a killed process has left beside the payment's own. @returns how many there were */
  clear(id: string): Promise<number>;
  /** Settles what is due. @returns how many it tried */
  sweep(): Promise<number>;
}

export function createSettle({
  pool,
  gateway,
  ledger,
  orders,
  recover,
  goods,
}: {
  pool: Pool;
  gateway: Gateway;
  ledger: Ledger;
  orders: Orders;
  /** What becomes of a payment that Stripe was to be asked for when the process ended. */
  recover: (store: Store, payment: Payment) => Promise<void>;
  /** What becomes of a payment for goods. */
  goods: (db: Queryable, store: Store, payment: Payment) => Promise<Payment>;
}): Settle {
  const orderFor = (db: Queryable, store: Store): Convergence['order'] => ({
    async ensure(payment, present) {
      const { payment_intent_id } = present;
      if (!payment_intent_id) throw new Error(`The payment ${payment.id} has no intent.`);
      const cart_id = payment.cart_id ?? (await orders.openCart(payment));
      if (!payment.cart_id) await store.change(payment.id, { cart_id });
      if (!payment.checkout_session_id)
        await orders.startPayment(cart_id, payment, {
          reference: payment.id,
          payment_intent: payment_intent_id,
        });
      return orders.complete(db, cart_id, payment.id);
    },
    bookRefund: (medusa_payment_id, refund) => orders.bookRefund(medusa_payment_id, refund),
    unbookRefund: (medusa_payment_id, stripe_refund_id) =>
      orders.unbookRefund(medusa_payment_id, stripe_refund_id),
  });

  async function settle(id: string): Promise<Payment> {
    return withPaymentLock(pool, id, async (db) => {
      const store = createStore(db);
      try {
        const due = await dueOf(db, id);
        const before = await store.payment(id);
        const isGoods = before?.purpose === 'goods';
        // Stripe may have been asked after all when it was taken for not asked: whoever comes with it finds out here.
        if (before && !isGoods && (before.state === 'new' || before.failure_code === NOT_CHARGED))
          await recover(store, before);
        const after = isGoods
          ? await goods(db, store, before)
          : await converge({ gateway, ledger, store, order: orderFor(db, store) }, id);
        // What has become due since (a refund that was asked for when we had read them) stays due.
        if (after.state !== 'new')
          await db.query(
            `update commerce_payment set settle_attempts = 0, settle_error = null,
               settle_at = nullif(settle_at, $2::timestamptz)
             where id = $1 and (settle_at is not null or settle_attempts > 0)`,
            [id, due],
          );
        return after;
      } catch (error) {
        await db
          .query(
            `update commerce_payment set settle_attempts = settle_attempts + 1, settle_error = $2,
               settle_at = now() + make_interval(secs => least($3 * 2 ^ least(settle_attempts, 20), $4))
             where id = $1`,
            [id, messageOf(error), RETRY_S, MOST_RETRY_S],
          )
          .catch(() => {});
        throw error;
      }
    });
  }

  /** When it is due, to the microsecond, which a Date hasn't. */
  async function dueOf(db: Queryable, id: string): Promise<string | null> {
    const { rows } = await db.query<{ due: string | null }>(
      'select settle_at::text as due from commerce_payment where id = $1',
      [id],
    );
    return rows[0]?.due ?? null;
  }

  async function idWhere(column: 'payment_intent_id' | 'checkout_session_id', value: string) {
    const { rows } = await pool.query<{ id: string }>(
      `select id from commerce_payment where ${column} = $1`,
      [value],
    );
    return rows[0]?.id;
  }

  return {
    settle,
    async settlePayment(payment_intent_id) {
      const known = await idWhere('payment_intent_id', payment_intent_id);
      if (known) return settle(known);
      // Who it belongs to says the metadata, which is written with our key alone, and then our record of that id: what it
      // was opened with must be what Stripe has.
      const owner = await gateway.ownerOf(payment_intent_id);
      const record = owner === undefined ? undefined : await createStore(pool).payment(owner);
      if (!record) return undefined;
      const settled = await settle(record.id);
      return settled.payment_intent_id === payment_intent_id ? settled : undefined;
    },
    async settleCheckout(checkout_session_id) {
      const known = await idWhere('checkout_session_id', checkout_session_id);
      return known ? settle(known) : undefined;
    },
    clear: (id) =>
      withPaymentLock(pool, id, async (db) => {
        const payment = await createStore(db).payment(id);
        return payment ? withCartLock(db, payment, () => orders.clear(db, payment)) : 0;
      }),
    async sweep() {
      const { rows } = await pool.query<{ id: string }>(
        'select id from commerce_payment where settle_at <= now() order by settle_at limit 20',
      );
      for (const { id } of rows) await settle(id).catch(() => {});
      return rows.length;
    },
  };
}

export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : JSON.stringify(error);
  return (message ?? String(error)).slice(0, 500);
}
