/** Medusa's side of an order of goods: what the cart costs, whose payment its order has, and how the money of it is moved. */

import type { MedusaContainer } from '@medusajs/framework/types';
import { ContainerRegistrationKeys, Modules } from '@medusajs/framework/utils';
import { cancelOrderWorkflow, capturePaymentWorkflow } from '@medusajs/medusa/core-flows';
import { z } from 'zod';
import { type HoldOfSession, holdOf, WALLET_PROVIDER } from '../modules/wallet/service';
import { toCents } from '../money';
import { type Ordered, startSession } from '../payments/orders';
import type { Payment } from '../payments/store';

export interface OrderBooks {
  /** What the cart costs now, in cents; nothing when there is no such cart. */
  totalOf(cart_id: string): Promise<number | undefined>;
  /** Whether the order was made with this payment, and not with another of the same cart. */
  isOf(payment: Payment, ordered: Ordered): Promise<boolean>;
  /** Has the card or the hold of an order charged, once. */
  capture(ordered: Ordered): Promise<void>;
  /** Begins a payment by wallet; the hold is not made yet. */
  startSession(payment: Payment): Promise<HoldOfSession>;
  /** Cancels what Medusa has authorised and not captured under a hold. */
  cancelPayments(hold_id: string): Promise<void>;
  /** Once: of one that is cancelled already it changes nothing. */
  cancelOrder(order_id: string): Promise<void>;
}

/** `container` is Medusa's, which is there once it is loaded. */
export function createOrderBooks(container: Promise<MedusaContainer>): OrderBooks {
  const payments = async () => (await container).resolve(Modules.PAYMENT);

  return {
    async totalOf(cart_id) {
      const query = (await container).resolve(ContainerRegistrationKeys.QUERY);
      const { data } = await query.graph({
        entity: 'cart',
        fields: ['id', 'total'],
        filters: { id: cart_id },
      });
      const cart = z.object({ total: z.coerce.number() }).safeParse(data[0]).data;
      return cart && toCents(cart.total);
    },

    async isOf(payment, { medusa_payment_id }) {
      const { data } = await (await payments()).retrievePayment(medusa_payment_id);
      const said = z
        .object({ hold: z.string().optional(), checkout_session: z.string().optional() })
        .parse(data ?? {});
      return payment.way === 'wallet'
        ? said.hold === payment.hold_id
        : said.checkout_session === payment.checkout_session_id;
    },

    async capture({ medusa_payment_id: payment_id }) {
      const medusa = await payments();
      const { captured_at, captures } = await medusa.retrievePayment(payment_id, { relations: ['captures'] });
      // Medusa writes it down before it asks the provider, and would count what a killed process left as captured already.
      const begun = captured_at ? [] : (captures ?? []);
      if (begun.length > 0) await medusa.deleteCaptures(begun.map(({ id }) => id));
      // Of what is captured already it only books what the order lacks.
      await capturePaymentWorkflow(await container).run({ input: { payment_id } });
    },

    async startSession(payment) {
      const cart_id = payment.cart_id ?? '';
      const medusa = await container;
      const query = medusa.resolve(ContainerRegistrationKeys.QUERY);
      const { data } = await query.graph({
        entity: 'cart',
        fields: ['payment_collection.id'],
        filters: { id: cart_id },
      });
      const known = z.object({ payment_collection: z.object({ id: z.string() }) }).safeParse(data[0]).data;
      const kept = await startSession(
        medusa,
        { ...payment, cart_id, collection_id: known?.payment_collection.id },
        { provider_id: WALLET_PROVIDER },
      );
      return holdOf(kept);
    },

    async cancelPayments(hold_id) {
      const medusa = await payments();
      for (const one of await medusa.listPayments({ payment_session_id: [hold_id] } as never))
        if (!one.canceled_at && !one.captured_at) await medusa.cancelPayment(one.id);
    },

    async cancelOrder(order_id) {
      const medusa = await container;
      // By a call that did not live to its end.
      const { canceled_at } = await medusa.resolve(Modules.ORDER).retrieveOrder(order_id, {
        select: ['id', 'canceled_at'],
      });
      if (!canceled_at) await cancelOrderWorkflow(medusa).run({ input: { order_id } });
    },
  };
}
