/** The shapes of Stripe's objects, taken from its SDK (types only), as they are stored: whatever is expandable is an id. */

import type Stripe from 'stripe';

type Plain<T> = { [Key in keyof T]: Exclude<T[Key], { id: string; object: string }> };

export type Charge = Plain<Stripe.Charge>;
export type Customer = Plain<Stripe.Customer>;
export type Dispute = Plain<Stripe.Dispute>;
export type PaymentIntent = Plain<Omit<Stripe.PaymentIntent, 'last_payment_error'>> & {
  last_payment_error: PaymentError | null;
};
export type PaymentMethod = Plain<Stripe.PaymentMethod>;
export type Refund = Plain<Stripe.Refund>;
export type CheckoutSession = Plain<Stripe.Checkout.Session>;
export type SetupIntent = Plain<Omit<Stripe.SetupIntent, 'last_setup_error'>> & {
  last_setup_error: PaymentError | null;
};
export type LineItem = Stripe.LineItem;
export type Event = Omit<Stripe.EventBase, 'type' | 'data'> & {
  type: EventType;
  data: { object: unknown; previous_attributes?: Record<string, unknown> };
};
export type EventType = Stripe.Event['type'];

/** A refusal of the bank, as it stands on an intent. */
export interface PaymentError {
  type: 'card_error' | 'invalid_request_error';
  code: string;
  decline_code?: string;
  doc_url: string;
  message: string;
  charge?: string;
  payment_method?: PaymentMethod;
}

/** What an object is called in the store and by its id. */
export interface Kinds {
  customer: { body: Customer; hidden: Record<never, never> };
  payment_method: { body: PaymentMethod; hidden: CardSecrets };
  payment_intent: { body: PaymentIntent; hidden: IntentSecrets };
  setup_intent: { body: SetupIntent; hidden: IntentSecrets };
  charge: { body: Charge; hidden: { card: string } };
  refund: { body: Refund; hidden: Record<never, never> };
  dispute: { body: Dispute; hidden: Record<never, never> };
  session: { body: CheckoutSession; hidden: SessionSecrets };
}
export type Kind = keyof Kinds;

/** What the bank and Stripe know of a card besides what they show. */
export interface CardSecrets {
  /** The test card's number: what it does depends on it. */
  number: string;
  /** The bank has agreed to charges without the person there. */
  set_up: boolean;
  /** Charged or taken off a customer: good for nothing more unless it is attached. */
  spent: boolean;
}

/** What is under way on an intent while the person is at the bank's challenge. */
export interface IntentSecrets {
  /** The Checkout Session that the intent belongs to. */
  session?: string;
  challenge?: { token: string; payment_method: string; return_url: string | null };
}

export interface SessionSecrets {
  line_items: LineItem[];
  /** Of a card that is kept without paying. */
  allow_redisplay?: 'always' | 'limited' | undefined;
  payment_intent_data: {
    capture_method?: 'automatic' | 'automatic_async' | 'manual' | undefined;
    setup_future_usage?: 'off_session' | 'on_session' | undefined;
    description?: string | undefined;
    receipt_email?: string | undefined;
    statement_descriptor_suffix?: string | undefined;
    transfer_group?: string | undefined;
    metadata?: Record<string, string> | undefined;
  };
  /** What the person chose for the payment that waits at the bank's challenge. */
  pending?: { email: string | null; name: string | null; save: boolean };
}
