/** Stripe as our own code sees it: the present state of one payment, and the few things that are done to it. */

import type Stripe from 'stripe';
import { PAYMENT_KEY, REFUND_KEY, type StripeClient } from './stripe';

export interface StripeRefund {
  id: string;
  /** Our refund's id; nothing on one that the dashboard made. */
  key: string | undefined;
  amount_cents: number;
  status: 'pending' | 'succeeded' | 'failed';
}

export interface StripeDispute {
  id: string;
  amount_cents: number;
  /** An inquiry takes no money. */
  status: 'inquiry' | 'open' | 'won' | 'lost';
}

/** All that matters of a payment, as Stripe says it is now. */
export interface Present {
  payment_intent_id: string | undefined;
  status: 'open' | 'processing' | 'capturable' | 'captured' | 'declined' | 'over';
  amount_cents: number;
  captured_cents: number;
  card: { brand: string; last4: string } | undefined;
  /** What the bank said last, when it said no. */
  failure: { code: string; message: string } | undefined;
  refunds: StripeRefund[];
  disputes: StripeDispute[];
}

/** What is needed of our record to ask Stripe about it. */
export interface Reference {
  id: string;
  checkout_session_id: string | null;
  payment_intent_id: string | null;
  /** Refunds that we asked for may have failed at Stripe, which then counts them out of the charge's sum. */
  has_refunds: boolean;
}

export interface Gateway {
  present(reference: Reference): Promise<Present>;
  /** The id of our record that an intent was made for, as its metadata says. */
  ownerOf(payment_intent_id: string): Promise<string | undefined>;
  refund(payment_intent_id: string, key: string, amount_cents: number): Promise<StripeRefund>;
  /** Lets go of what is authorised and not captured. */
  letGo(payment_intent_id: string): Promise<void>;
}

const toRefund = (refund: Stripe.Refund): StripeRefund => ({
  id: refund.id,
  key: refund.metadata?.[REFUND_KEY],
  amount_cents: refund.amount,
  status:
    refund.status === 'succeeded'
      ? 'succeeded'
      : refund.status === 'failed' || refund.status === 'canceled'
        ? 'failed'
        : 'pending',
});

const toDispute = (dispute: Stripe.Dispute): StripeDispute => ({
  id: dispute.id,
  amount_cents: dispute.amount,
  status: dispute.status.startsWith('warning_')
    ? 'inquiry'
    : dispute.status === 'won'
      ? 'won'
      : dispute.status === 'lost'
        ? 'lost'
        : 'open',
});

/** Nothing has been tried with it yet. */
const UNTOUCHED = {
  payment_intent_id: undefined,
  amount_cents: 0,
  captured_cents: 0,
  card: undefined,
  failure: undefined,
  refunds: [],
  disputes: [],
} satisfies Partial<Present>;

export function createGateway(stripe: StripeClient): Gateway {
  async function all<T extends { id: string }>(list: AsyncIterable<T>): Promise<T[]> {
    const found: T[] = [];
    for await (const one of list) found.push(one);
    return found;
  }

  return {
    async present({ checkout_session_id, payment_intent_id, has_refunds }) {
      const session = checkout_session_id
        ? await stripe.checkout.sessions.retrieve(checkout_session_id, {
            expand: ['payment_intent.latest_charge'],
          })
        : undefined;
      const intent =
        (session?.payment_intent as Stripe.PaymentIntent | null | undefined) ??
        (payment_intent_id
          ? await stripe.paymentIntents.retrieve(payment_intent_id, { expand: ['latest_charge'] })
          : undefined);
      if (!intent) return { ...UNTOUCHED, status: session?.status === 'open' ? 'open' : 'over' };

      const charge = intent.latest_charge as Stripe.Charge | null;
      const shown = charge?.payment_method_details?.card;
      const said = intent.last_payment_error;
      const payment_intent = intent.id;
      return {
        payment_intent_id: payment_intent,
        status: statusOf(intent, session),
        amount_cents: intent.amount,
        captured_cents: intent.amount_received,
        card: shown ? { brand: shown.brand ?? 'card', last4: shown.last4 ?? '' } : undefined,
        failure:
          said && intent.amount_received === 0
            ? {
                code: said.decline_code ?? said.code ?? 'card_declined',
                message: said.message ?? 'The card was declined.',
              }
            : undefined,
        refunds:
          charge && (charge.amount_refunded > 0 || has_refunds)
            ? (await all(stripe.refunds.list({ payment_intent, limit: 100 }))).map(toRefund)
            : [],
        disputes: charge?.disputed
          ? (await all(stripe.disputes.list({ payment_intent, limit: 100 }))).map(toDispute)
          : [],
      };
    },
    async ownerOf(payment_intent_id) {
      const intent = await stripe.paymentIntents.retrieve(payment_intent_id);
      return intent.metadata[PAYMENT_KEY];
    },
    async refund(payment_intent, key, amount) {
      const made = await stripe.refunds.create(
        { payment_intent, amount, metadata: { [REFUND_KEY]: key } },
        { idempotencyKey: `refund:${key}` },
      );
      return toRefund(made);
    },
    async letGo(intent) {
      await stripe.paymentIntents.cancel(intent, {}, { idempotencyKey: `cancel:${intent}` });
    },
  };
}

function statusOf(
  intent: Stripe.PaymentIntent,
  session: Stripe.Checkout.Session | undefined,
): Present['status'] {
  if (intent.amount_received > 0) return 'captured';
  if (intent.status === 'requires_capture') return 'capturable';
  if (intent.status === 'processing') return 'processing';
  if (intent.status === 'canceled') return 'over';
  // On the payment page another card can be tried, for as long as it is there.
  if (session) return session.status === 'open' ? 'open' : 'over';
  return 'declined';
}
