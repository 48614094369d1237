/** Medusa's side of a payment: cart, payment session, order, and the booking of refunds. */

import type { MedusaContainer } from '@medusajs/framework/types';
import { ContainerRegistrationKeys, Modules } from '@medusajs/framework/utils';
import {
  cancelOrderWorkflow,
  completeCartWorkflow,
  createCartWorkflow,
  createOrderCreditLinesWorkflow,
  createPaymentCollectionForCartWorkflow,
  createPaymentSessionsWorkflow,
  refundPaymentWorkflow,
} from '@medusajs/medusa/core-flows';
import { z } from 'zod';
import { customerIdOf } from '../identity/person';
import { STRIPE_PROVIDER, type StartData, started } from '../modules/stripe-checkout/service';
import { toCents, toMajorUnits } from '../money';
import { TOP_UP_CURRENCY, topUpVariant } from '../top-ups/catalogue';
import type { Payment, Queryable } from './store';

/** Which of Medusa's rows belong to a payment. */
export interface Ordered {
  order_id: string;
  medusa_payment_id: string;
}

export interface BookedRefund {
  /** Stripe's id of it, by which it is booked once. */
  stripe_refund_id: string;
  amount_cents: number;
  note: string | null;
  reason_id: string | null;
  created_by: string | null;
}

export interface Orders {
  /** A cart of one top-up; a second call makes a second cart. */
  openCart(payment: Payment): Promise<string>;
  /** Begins the payment of a cart, on Stripe's page or with an intent that is there already. */
  startPayment(
    cart_id: string,
    payment: Payment,
    data: StartData,
  ): Promise<{ checkout_session: string; checkout_url: string } | undefined>;
  /** The order of a paid cart, made once, and marked with our payment's id. Needs the payment's lock. */
  complete(db: Queryable, cart_id: string, payment_id: string): Promise<Ordered>;
  /** The order of a cart, when there is a whole one: Medusa authorises the payment last. */
  find(cart_id: string): Promise<Ordered | undefined>;
  /**
   * Takes away what a process that was killed while Medusa made the order has left of it: an order without a payment, with the
   * stock that is reserved for it; the cart is open again. Needs the payment's lock. @returns how many there were
   */
  clear(db: Queryable, payment: Pick<Payment, 'id' | 'cart_id'>): Promise<number>;
  /** Books a refund that Stripe has made, once. Needs the payment's lock. */
  bookRefund(medusa_payment_id: string, refund: BookedRefund): Promise<void>;
  /** Takes back a booked refund that Stripe has given up since: the order owes it again. Needs the payment's lock. */
  unbookRefund(medusa_payment_id: string, stripe_refund_id: string): Promise<void>;
}

/** Of an order `o` in Medusa's tables: it stands, and has no payment, which Medusa authorises last. */
export const IS_HALF = `o.deleted_at is null and o.canceled_at is null
  and not exists (
    select from order_payment_collection l join payment p on p.payment_collection_id = l.payment_collection_id
    where l.order_id = o.id and l.deleted_at is null and p.deleted_at is null and p.canceled_at is null)`;

const cartPayments = z.object({
  payment_collection: z.object({ id: z.string(), payment_sessions: z.array(z.object({ id: z.string() })) }),
});
const metadataOfRefund = z.object({ stripe_refund: z.string() });

/** `container` is Medusa's, which is there once it is loaded. */
export function createOrders(container: Promise<MedusaContainer>): Orders {
  async function orderOf(cart_id: string): Promise<Ordered | undefined> {
    const query = (await container).resolve(ContainerRegistrationKeys.QUERY);
    const { data } = await query.graph({
      entity: 'order_cart',
      fields: [
        'order_id',
        'order.payment_collections.payments.id',
        'order.payment_collections.payments.canceled_at',
      ],
      filters: { cart_id },
    });
    const found = z
      .object({
        order_id: z.string(),
        order: z.object({
          payment_collections: z.array(
            z.object({ payments: z.array(z.object({ id: z.string(), canceled_at: z.unknown() })) }),
          ),
        }),
      })
      .safeParse(data[0]).data;
    // An earlier try to pay for the cart may have left one that is cancelled.
    const medusa_payment_id = found?.order.payment_collections
      .flatMap(({ payments }) => payments)
      .find(({ canceled_at }) => !canceled_at)?.id;
    return found && medusa_payment_id ? { order_id: found.order_id, medusa_payment_id } : undefined;
  }

  async function clear(db: Queryable, { id, cart_id }: Pick<Payment, 'id' | 'cart_id'>): Promise<number> {
    const { rows } = await db.query<{ order_id: string; carts: string[]; collections: string[] }>(
      `select o.id as order_id,
         array(select cart_id from order_cart where order_id = o.id and deleted_at is null) as carts,
         array(select payment_collection_id from order_payment_collection where order_id = o.id and deleted_at is null)
           as collections
       from "order" o
       where (o.metadata ->> 'payment' = $1
           or o.id in (select order_id from order_cart where cart_id = $2 and deleted_at is null))
         and ${IS_HALF}`,
      [id, cart_id],
    );
    if (rows.length === 0) return 0;
    const medusa = await container;
    const link = medusa.resolve(ContainerRegistrationKeys.LINK);
    for (const { order_id, carts, collections } of rows) {
      const order = { [Modules.ORDER]: { order_id } };
      // First, so that nothing of the payment, which is to be used again, is cancelled with the order.
      await link.dismiss([
        ...carts.map((one) => ({ ...order, [Modules.CART]: { cart_id: one } })),
        ...collections.map((one) => ({ ...order, [Modules.PAYMENT]: { payment_collection_id: one } })),
      ]);
      await cancelOrderWorkflow(medusa).run({ input: { order_id } });
    }
    if (cart_id && !(await orderOf(cart_id)))
      await medusa.resolve(Modules.CART).updateCarts([{ id: cart_id, completed_at: null } as never]);
    return rows.length;
  }

  return {
    find: orderOf,
    clear,

    async openCart(payment) {
      const medusa = await container;
      const { region_id, sales_channel_id } = await shopOf(medusa);
      const { result } = await createCartWorkflow(medusa).run({
        input: {
          region_id,
          sales_channel_id,
          currency_code: TOP_UP_CURRENCY,
          customer_id: customerIdOf(payment.person_id),
          metadata: { payment: payment.id },
          items: [
            {
              variant_id: await topUpVariant(medusa, payment.pack),
              quantity: 1,
              unit_price: toMajorUnits(payment.amount_cents),
              is_custom_price: true,
            } as never,
          ],
        },
      });
      return result.id;
    },

    async startPayment(cart_id, payment, data) {
      const medusa = await container;
      const query = medusa.resolve(ContainerRegistrationKeys.QUERY);
      const { data: carts } = await query.graph({
        entity: 'cart',
        fields: ['payment_collection.id', 'payment_collection.payment_sessions.id'],
        filters: { id: cart_id },
      });
      const known = cartPayments.safeParse(carts[0]).data;
      // Begun by a call that did not live to its end; a payment that it found may be booked on it already.
      if ('payment_intent' in data && known?.payment_collection.payment_sessions.length) return undefined;
      const kept = await startSession(
        medusa,
        { ...payment, cart_id, collection_id: known?.payment_collection.id },
        { provider_id: STRIPE_PROVIDER, data },
      );
      return started.safeParse(kept).data;
    },

    async complete(db, cart_id, payment_id) {
      const made = await orderOf(cart_id);
      if (made) return made;
      await clear(db, { id: payment_id, cart_id });
      const carts = (await container).resolve(Modules.CART);
      // Medusa copies it to the order in the write that makes it: whatever becomes of that, it can be found again.
      const { metadata } = await carts.retrieveCart(cart_id, { select: ['id', 'metadata'] });
      await carts.updateCarts([{ id: cart_id, metadata: { ...metadata, payment: payment_id } }]);
      // Left by a process that ended in the middle; nobody else completes this cart while we hold the payment.
      await db.query('delete from locking where id = $1', [cart_id]);
      await completeCartWorkflow(await container).run({ input: { id: cart_id } });
      const found = await orderOf(cart_id);
      if (!found) throw new Error(`The cart ${cart_id} was completed, and has no order with a payment.`);
      return found;
    },

    async bookRefund(medusa_payment_id, refund) {
      const medusa = await container;
      const known = await bookedOf(medusa, medusa_payment_id, refund.stripe_refund_id);
      if (known.refund) {
        const reference = { reference: 'refund', reference_id: known.refund.id };
        const [booked] = await medusa.resolve(Modules.ORDER).listOrderTransactions(reference);
        if (booked) return lower(medusa, booked, refund.amount_cents);
        // The order's sum is what staff read; what a killed process left before it is taken back and made again.
        await takeBack(medusa, known.payment, known.refund.id);
      }
      await refundPaymentWorkflow(medusa).run({
        input: {
          payment_id: medusa_payment_id,
          amount: toMajorUnits(refund.amount_cents),
          note: refund.note ?? `Refunded at Stripe: ${refund.stripe_refund_id}`,
          ...(refund.reason_id ? { refund_reason_id: refund.reason_id } : {}),
          ...(refund.created_by ? { created_by: refund.created_by } : {}),
          metadata: { stripe_refund: refund.stripe_refund_id },
        } as never,
      });
    },

    // Medusa has no workflow for it.
    async unbookRefund(medusa_payment_id, stripe_refund_id) {
      const medusa = await container;
      const { payment, refund } = await bookedOf(medusa, medusa_payment_id, stripe_refund_id);
      if (!refund) return;
      const orders = medusa.resolve(Modules.ORDER);
      const back = { reference: 'refund_failed', reference_id: refund.id };
      const [gone] = await orders.listOrderTransactions({ reference: 'refund', reference_id: refund.id });
      // The other way round and not deleted: Medusa would change the sums of the order's version of then.
      if (gone && (await orders.listOrderTransactions(back)).length === 0)
        await orders.addOrderTransactions({
          ...back,
          order_id: gone.order_id,
          amount: toMajorUnits(toCents(-Number(gone.amount))),
          currency_code: gone.currency_code,
        });
      await takeBack(medusa, payment, refund.id);
    },
  };
}

/**
 * Begins the payment of a cart with one of our providers, in the cart's collection or a new one. Medusa ends the cart's other
 * sessions. @returns what the provider keeps of it. @throws when the cart is not of the payment's amount
 */
export async function startSession(
  medusa: MedusaContainer,
  {
    id,
    person_id,
    amount_cents,
    cart_id,
    collection_id,
  }: Pick<Payment, 'id' | 'person_id' | 'amount_cents'> & {
    cart_id: string;
    collection_id: string | undefined;
  },
  { provider_id, data }: { provider_id: string; data?: StartData },
): Promise<unknown> {
  const payment_collection_id =
    collection_id ??
    (await createPaymentCollectionForCartWorkflow(medusa).run({ input: { cart_id } })).result.id;
  const { result } = await createPaymentSessionsWorkflow(medusa).run({
    input: {
      payment_collection_id,
      provider_id,
      customer_id: customerIdOf(person_id),
      ...(data ? { data } : {}),
    },
  });
  if (toCents(Number(result.amount)) !== amount_cents)
    throw new Error(`The cart of ${id} is not of its amount.`);
  return result.data;
}

/** Medusa's payment, and its refund that Stripe knows by this id. */
async function bookedOf(medusa: MedusaContainer, medusa_payment_id: string, stripe_refund_id: string) {
  const payment = await medusa
    .resolve(Modules.PAYMENT)
    .retrievePayment(medusa_payment_id, { relations: ['refunds'] });
  const refund = (payment.refunds ?? []).find(
    (one) =>
      metadataOfRefund.safeParse((one as { metadata?: unknown }).metadata).data?.stripe_refund ===
      stripe_refund_id,
  );
  return { payment, refund };
}

/** Takes a refund out of Medusa's payment. Its own row goes last, so that a call that is made again finds what is left to do. */
async function takeBack(
  medusa: MedusaContainer,
  payment: Awaited<ReturnType<typeof bookedOf>>['payment'],
  refund_id: string,
): Promise<void> {
  const payments = medusa.resolve(Modules.PAYMENT);
  const booked_cents = (payment.refunds ?? [])
    .filter(({ id }) => id !== refund_id)
    .reduce((sum, { amount }) => sum + toCents(Number(amount)), 0);
  await payments.updatePayment({
    id: payment.id,
    data: { ...payment.data, booked_refund_cents: booked_cents },
  } as never);
  await payments.updatePaymentCollections(payment.payment_collection_id, {
    refunded_amount: toMajorUnits(booked_cents),
  } as never);
  await payments.deleteRefunds([refund_id]);
}

/**
 * The last that Medusa does for a refund, when a killed process hasn't: the order is for less by what was given back, so that
 * nobody seems to owe it.
 */
async function lower(
  medusa: MedusaContainer,
  booked: { order_id: string; reference_id: string; created_at: Date | string },
  refund_cents: number,
): Promise<void> {
  const orders = medusa.resolve(Modules.ORDER);
  const { credit_lines = [], summary } = await orders.retrieveOrder(booked.order_id, {
    relations: ['credit_lines', 'summary'],
  });
  if (credit_lines.some(({ created_at }) => new Date(created_at) >= new Date(booked.created_at))) return;
  const missing_cents = Math.min(refund_cents, toCents(Number(summary?.pending_difference ?? 0)));
  if (missing_cents <= 0) return;
  const pending = { order_id: booked.order_id, status: 'pending', change_type: 'credit_line' };
  const begun = await orders.listOrderChanges(pending as never, { select: ['id'] });
  if (begun.length > 0) await orders.deleteOrderChanges(begun.map(({ id }) => id));
  const { order_id, reference_id } = booked;
  await createOrderCreditLinesWorkflow(medusa).run({
    input: {
      id: order_id,
      credit_lines: [{ amount: toMajorUnits(missing_cents), reference: 'refund', reference_id }],
    },
  });
}

/** Where things are sold: any region of their currency, in the store's own channel. */
export async function shopOf(
  medusa: MedusaContainer,
): Promise<{ region_id: string; sales_channel_id: string }> {
  const [region] = await medusa
    .resolve(Modules.REGION)
    .listRegions({ currency_code: TOP_UP_CURRENCY }, { take: 1, order: { created_at: 'ASC' } });
  const sales_channel_id = await channelOf(medusa);
  if (!region || !sales_channel_id)
    throw new Error(`The shop has no region with ${TOP_UP_CURRENCY}, or no sales channel.`);
  return { region_id: region.id, sales_channel_id };
}

/** The store's own sales channel. */
export async function channelOf(medusa: MedusaContainer): Promise<string | undefined> {
  const [store] = await medusa.resolve(Modules.STORE).listStores({}, { take: 1 });
  if (store?.default_sales_channel_id) return store.default_sales_channel_id;
  const [channel] = await medusa
    .resolve(Modules.SALES_CHANNEL)
    .listSalesChannels({}, { take: 1, order: { created_at: 'ASC' } });
  return channel?.id;
}
