/** What commerce tells the ledger of cards and orders: "Money of the shop" in docs/service-calls.md. Amounts are whole US cents. */

import { z } from 'zod';
import { problem } from './http.ts';
import { wholeJson } from './text.ts';

/** Stripe's and commerce's own ids: of a payment, a dispute, a refund, an order's hold. */
export const moneyId = z.string().regex(/^[A-Za-z0-9_:-]{1,120}$/);
const person_id = z.uuid();
const amount_cents = z.int().min(1).max(999_999_999);
/** Milliseconds since 1970; what is not posted by then goes back. */
const ends_at_ms = z.int().min(0);

export const topUpCaptured = z.object({ person_id, amount_cents }).meta({ id: 'TopUpCaptured' });
export const refundReserved = z
  .object({ person_id, payment_id: moneyId, amount_cents, ends_at_ms })
  .meta({ id: 'RefundReserved' });
export const refundMade = z
  .object({ person_id, payment_id: moneyId, amount_cents })
  .meta({ id: 'RefundMade', description: 'A card was refunded, or that refund has failed since' });
export const disputeOpened = z
  .object({ person_id, payment_id: moneyId, amount_cents })
  .meta({ id: 'DisputeOpened' });
export const disputeClosed = z
  .object({ person_id, amount_cents, won: z.boolean() })
  .meta({ id: 'DisputeClosed', description: '`amount_cents` is that with which it was opened' });
export const orderAuthorised = z
  .object({
    person_id,
    amount_cents,
    ends_at_ms,
    details: wholeJson(2_000).describe('what the order is, as its client may read it beside the entry'),
  })
  .meta({ id: 'OrderAuthorised' });
export const orderPart = z
  .object({ amount_cents })
  .meta({ id: 'OrderPart', description: 'What was captured of an order, or refunded' });

export const orderStanding = z
  .object({
    person_id,
    state: z.enum(['held', 'posted', 'released']),
    posted_cents: z.int().min(0),
    refunded_cents: z.int().min(0),
  })
  .meta({ id: 'OrderStanding', description: 'What became of a wallet order' });
export type OrderStanding = z.infer<typeof orderStanding>;

/** A page of all orders by wallet that the ledger knows, in the order in which they were authorised. */
export const ordersPage = z.object({
  after: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional()
    .describe('`next_after` of the page before'),
  limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
});
export const ordersListed = z
  .object({
    holds: z.array(orderStanding.extend({ hold_id: moneyId })),
    next_after: z.string().nullable().describe('null on the last page'),
  })
  .meta({ id: 'OrdersListed' });

/** What a writing call answers; called again it answers the same transfer, with the money as it is then. */
export const moneyMoved = z
  .object({
    transfer_id: z.int(),
    replayed: z.boolean().describe('the same call was made before, and nothing was written now'),
    balance_cents: z.int().min(0).describe('the person’s, now'),
    debt_cents: z.int().min(0).describe('the person’s, now'),
  })
  .meta({ id: 'MoneyMoved' });
export type MoneyMoved = z.infer<typeof moneyMoved>;

const payment = z.object({
  payment_id: moneyId,
  person_id,
  credited_cents: z.int(),
  refunded_cents: z.int(),
  disputed_cents: z.int().describe('of disputes that are open or were lost'),
});

export const paymentStanding = payment
  .omit({ payment_id: true })
  .extend({
    reserved_cents: z.int().describe('reserved for refunds that are under way'),
    refundable_cents: z.int().min(0).describe('what can be reserved for a refund now'),
    balance_cents: z.int().min(0),
    debt_cents: z.int().min(0),
  })
  .meta({ id: 'PaymentStanding' });
export type PaymentStanding = z.infer<typeof paymentStanding>;

export const paymentsToCompare = z
  .object({ payment_ids: z.array(moneyId).min(1).max(1_000) })
  .meta({ id: 'PaymentsToCompare' });
export const paymentsCompared = z
  .object({ payments: z.array(payment).describe('those that are known') })
  .meta({ id: 'PaymentsCompared' });
export type PaymentsCompared = z.infer<typeof paymentsCompared>;

/** The shop's question which of these wallets have less than their people want in them (W9). */
export const walletsToWatch = z
  .object({
    wallets: z
      .array(z.object({ person_id, below_cents: amount_cents }))
      .min(1)
      .max(1_000),
  })
  .meta({ id: 'WalletsToWatch' });
export const walletsLow = z
  .object({
    low: z
      .array(z.object({ person_id, balance_cents: z.int().min(0) }))
      .describe('those with less; a wallet that was never opened has nothing'),
  })
  .meta({ id: 'WalletsLow' });

/** Why money didn't move: 404 for what is unknown here, 409 for the rest. */
export const moneyRefusal = z.enum([
  'unknown_payment',
  'unknown_dispute',
  'unknown_refund',
  'unknown_hold',
  'wrong_person',
  'key_reused',
  'not_refundable',
  'more_than_captured',
  'insufficient_balance',
  'balance_too_high',
  'spending_limit',
  'spending_paused',
  'bad_end',
  'hold_closed',
  'hold_ended',
  'hold_not_posted',
  'more_than_held',
  'more_than_posted',
]);
export type MoneyRefusal = z.infer<typeof moneyRefusal>;

export const moneyProblem = problem
  .extend({
    available_cents: z.int().optional().describe('what the wallet has'),
    refundable_cents: z.int().optional().describe('what of the payment or order could be given back now'),
  })
  .meta({ id: 'MoneyProblem', description: 'An error; the codes of refusals are those of `moneyRefusal`' });
