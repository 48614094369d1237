import type { Payment } from '../../src/payments/store';

/** A record of which nothing has come yet, but for what is said of it. */
export const paymentRow = (
  said: Pick<Payment, 'id' | 'purpose' | 'way' | 'amount_cents' | 'return_path' | 'state' | 'cart_id'> &
    Partial<Payment>,
): Payment => ({
  person_id: '7d1f6f5e-6a3c-4a1e-9a53-0f4c2b1a9d10',
  automatic: false,
  pack: null,
  idempotency_key: 'k',
  request_hash: 'h',
  order_id: null,
  medusa_payment_id: null,
  checkout_session_id: null,
  checkout_url: null,
  payment_intent_id: null,
  payment_method_id: null,
  hold_id: null,
  ended_code: null,
  thanked: false,
  captured_cents: 0,
  credited_cents: 0,
  refunded_cents: 0,
  disputed_cents: 0,
  card_brand: null,
  card_last4: null,
  failure_code: null,
  failure_message: null,
  created_at: new Date(1_800_000_000_000),
  settle_attempts: 0,
  ...said,
});
