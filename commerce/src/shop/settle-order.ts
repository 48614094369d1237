/**
 * Brings an order of goods to its end, whoever calls it. First the order with its reserved stock, then the money: a card is
 * only authorised until there is an order, and let go when something has run out, so nobody is charged for what isn't there.
 */

import type { MedusaContainer } from '@medusajs/framework/types';
import { ContainerRegistrationKeys, Modules } from '@medusajs/framework/utils';
import {
  cancelOrderWorkflow,
  capturePaymentWorkflow,
  createPaymentCollectionForCartWorkflow,
  createPaymentSessionsWorkflow,
} from '@medusajs/medusa/core-flows';
import { z } from 'zod';
import { customerIdOf } from '../identity/person';
import { describeError, type Log } from '../log';
import { WALLET_PROVIDER } from '../modules/wallet/service';
import { toCents } from '../money';
import { type Convergence, converge } from '../payments/converge';
import type { Gateway } from '../payments/gateway';
import type { Ledger } from '../payments/ledger';
import type { Ordered, Orders } from '../payments/orders';
import type { Payment, Queryable, Store } from '../payments/store';
import type { StripeClient } from '../payments/stripe';
import type { Entitlements } from './entitlements';

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
  container,
  gateway,
  stripe,
  ledger,
  orders,
  entitlements,
  log,
}: {
  container: Promise<MedusaContainer>;
  gateway: Gateway;
  stripe: StripeClient;
  ledger: Ledger;
  orders: Orders;
  entitlements: Pick<Entitlements, 'grant'>;
  log: Log;
}): SettleOrder {
  const medusaPayments = async () => (await container).resolve(Modules.PAYMENT);

  /** The order of the payment's cart; or a code when there can be none, or it is another payment's. */
  async function order(db: Queryable, payment: Payment): Promise<Ordered | { code: string }> {
    const cart_id = payment.cart_id ?? '';
    const lock = [`cart ${cart_id}`];
    // Two payments of one cart: one of them makes the order, and the other finds it made.
    await db.query('select pg_advisory_lock(hashtextextended($1, 0))', lock);
    try {
      let found = await orders.find(cart_id);
      if (!found) {
        if ((await totalOf(cart_id)) !== payment.amount_cents) return { code: 'cart_changed' };
        found = await orders.complete(db, cart_id);
      }
      return (await isOf(payment, found)) ? found : { code: 'already_ordered' };
    } catch (error) {
      const { type, message = '' } = error as { type?: string; message?: string };
      if (!type || !FINAL.has(type)) throw error;
      log.warn('an order could not be made', { payment: payment.id, ...describeError(error) });
      return { code: /stock|inventory/i.test(message) ? 'sold_out' : 'not_possible' };
    } finally {
      await db.query('select pg_advisory_unlock(hashtextextended($1, 0))', lock);
    }
  }

  async function totalOf(cart_id: string): Promise<number | undefined> {
    const query = (await container).resolve(ContainerRegistrationKeys.QUERY);
    const { data } = await query.graph({ entity: 'cart', fields: ['id', 'total'], filters: { id: cart_id } });
    const cart = z.object({ total: z.coerce.number() }).safeParse(data[0]).data;
    return cart && toCents(cart.total);
  }

  async function isOf(payment: Payment, { medusa_payment_id }: Ordered): Promise<boolean> {
    const { data } = await (await medusaPayments()).retrievePayment(medusa_payment_id);
    const said = z
      .object({ hold: z.string().optional(), checkout_session: z.string().optional() })
      .parse(data ?? {});
    return payment.way === 'wallet'
      ? said.hold === payment.hold_id
      : said.checkout_session === payment.checkout_session_id;
  }

  async function capture({ medusa_payment_id }: Ordered): Promise<void> {
    const { captured_at } = await (await medusaPayments()).retrievePayment(medusa_payment_id);
    if (!captured_at)
      await capturePaymentWorkflow(await container).run({ input: { payment_id: medusa_payment_id } });
  }

  async function byCard(db: Queryable, store: Store, payment: Payment): Promise<Payment> {
    // Nobody was given the address of a page that was not opened to its end; the same key goes on with it.
    if (payment.state === 'new') return payment;
    const present = await gateway.present({ ...payment, has_refunds: false });
    if (present.status === 'capturable' && present.payment_intent_id) {
      const made = await order(db, payment);
      if ('code' in made) {
        const { payment_intent_id: intent } = present;
        await store.change(payment.id, { ended_code: made.code });
        await stripe.paymentIntents.cancel(intent, {}, { idempotencyKey: `cancel:${intent}` });
      } else {
        await store.change(payment.id, { ...made });
        await capture(made);
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
        await cancelOrderWorkflow(await container).run({ input: { order_id } });
        return giveUp('interrupted');
      }
      await capture({ order_id, medusa_payment_id });
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
      const hold = await startSession(payment);
      await store.change(id, { hold_id: hold });
      try {
        await (await medusaPayments()).authorizePaymentSession(hold, {});
      } catch (error) {
        const refusal = (error as { refusal?: { code: string } }).refusal;
        if (!refusal) throw error;
        return { code: refusal.code };
      }
      return order(db, await now());
    }

    async function found(): Promise<Ordered | { code: string }> {
      const made = await orders.find(payment.cart_id ?? '');
      return made && payment.hold_id && (await isOf(payment, made)) ? made : { code: 'interrupted' };
    }
  }

  async function startSession({ cart_id, person_id, amount_cents }: Payment): Promise<string> {
    const medusa = await container;
    const query = medusa.resolve(ContainerRegistrationKeys.QUERY);
    const { data } = await query.graph({
      entity: 'cart',
      fields: ['payment_collection.id'],
      filters: { id: cart_id ?? '' },
    });
    const known = z.object({ payment_collection: z.object({ id: z.string() }) }).safeParse(data[0]).data;
    const collection =
      known?.payment_collection ??
      (await createPaymentCollectionForCartWorkflow(medusa).run({ input: { cart_id: cart_id ?? '' } }))
        .result;
    const { result } = await createPaymentSessionsWorkflow(medusa).run({
      input: {
        payment_collection_id: collection.id,
        provider_id: WALLET_PROVIDER,
        customer_id: customerIdOf(person_id),
      },
    });
    if (toCents(Number(result.amount)) !== amount_cents)
      throw new Error(`The cart ${cart_id} is not of the amount that was agreed.`);
    return result.id;
  }

  async function letGo(hold_id: string): Promise<void> {
    const payments = await medusaPayments();
    for (const one of await payments.listPayments({ payment_session_id: [hold_id] } as never))
      if (!one.canceled_at && !one.captured_at) await payments.cancelPayment(one.id);
    const released = await ledger.releaseHold(hold_id);
    if (released.ok || released.code === 'unknown_hold') return;
    if ((await ledger.holdStanding(hold_id))?.state !== 'released')
      throw new Error(`The hold ${hold_id} could not be released: ${released.code}`);
  }

  return {
    async settle(db, store, payment) {
      const after = await (payment.way === 'wallet' ? byWallet : byCard)(db, store, payment);
      if (after.captured_cents > 0 && after.order_id) await entitlements.grant(after);
      return after;
    },
  };
}
