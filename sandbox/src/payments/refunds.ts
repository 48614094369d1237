/** Refunds: money back to a card, whole or in parts, never more than was taken. */

import { z } from 'zod';
import { cardOf } from './cards.ts';
import { badParameter, missing, refused } from './errors.ts';
import { changes, record } from './events.ts';
import { newId } from './ids.ts';
import { later } from './later.ts';
import { formatMoney } from './money.ts';
import { changedMetadata, metadata, positive, text } from './params.ts';
import type { Refund } from './types.ts';
import { find, findBy, get, insert, type Stored, save, type Work } from './work.ts';

export const createParams = z.strictObject({
  charge: text.optional(),
  payment_intent: text.optional(),
  amount: positive.optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  metadata: metadata.optional(),
});
export const updateParams = z.strictObject({ metadata: metadata.optional() });

export const FAILURE_REASONS = [
  'expired_or_canceled_card',
  'lost_or_stolen_card',
  'declined',
  'merchant_request',
  'unknown',
] as const;

export async function makeRefund(
  work: Work,
  charge: Stored<'charge'>,
  given: {
    amount: number;
    status: 'pending' | 'succeeded';
    reason?: Refund['reason'] | undefined;
    metadata?: Record<string, string>;
  },
): Promise<Stored<'refund'>> {
  const body: Refund = {
    id: newId('re'),
    object: 'refund',
    amount: given.amount,
    balance_transaction: null,
    charge: charge.id,
    created: work.now,
    currency: charge.body.currency,
    customer: charge.body.customer,
    customer_account: null,
    destination_details: {
      card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
      type: 'card',
    },
    metadata: given.metadata ?? {},
    payment_intent: charge.body.payment_intent,
    payment_method: charge.body.payment_method,
    ...(given.status === 'pending' ? { pending_reason: 'processing' as const } : {}),
    reason: given.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: given.status,
    transfer_reversal: null,
  };
  return insert(work, 'refund', body, {});
}

/** Locks a payment in the order that everything here does: the intent, then its charge. */
export async function lockPayment(
  work: Work,
  { charge, payment_intent }: { charge?: string | undefined; payment_intent?: string | undefined },
): Promise<Stored<'charge'>> {
  if (charge && payment_intent) {
    throw badParameter('You may only specify one of these parameters: charge, payment_intent.');
  }
  if (payment_intent) {
    const intent = await get(work, 'payment_intent', payment_intent, {
      param: 'payment_intent',
      lock: true,
    });
    if (!intent.body.latest_charge) throw noCharge(payment_intent);
    return get(work, 'charge', intent.body.latest_charge, { param: 'payment_intent', lock: true });
  }
  if (!charge) {
    throw badParameter(
      'One of the following params should be provided for this request: payment_intent or charge.',
      undefined,
      'parameter_missing',
    );
  }
  const seen = await find(work, 'charge', charge);
  if (!seen) throw missing('charge', charge, 'charge');
  if (seen.body.payment_intent) await find(work, 'payment_intent', seen.body.payment_intent, true);
  return get(work, 'charge', charge, { param: 'charge', lock: true });
}

function noCharge(intent: string) {
  return refused(undefined, `This PaymentIntent (${intent}) does not have a successful charge to refund.`, {
    param: 'payment_intent',
  });
}

export async function createRefund(work: Work, params: z.output<typeof createParams>): Promise<Refund> {
  const charge = await lockPayment(work, params);
  const { body } = charge;
  if (!body.paid || !body.captured) {
    if (params.payment_intent) throw noCharge(params.payment_intent);
    throw refused('charge_not_refundable', `Charge ${body.id} was not captured; it cannot be refunded.`, {
      param: 'charge',
    });
  }
  const left = body.amount - body.amount_refunded;
  if (left === 0) {
    throw refused('charge_already_refunded', `Charge ${body.id} has already been refunded.`);
  }
  // What was won back, or is an inquiry still, may be refunded.
  for (const { body: dispute } of await findBy(work, 'dispute', 'charge', body.id)) {
    if (!dispute.is_charge_refundable) {
      throw refused('charge_disputed', `Charge ${body.id} has been charged back; cannot issue a refund.`);
    }
  }
  const amount = params.amount ?? left;
  if (amount > left) {
    throw refused(
      undefined,
      `Refund amount (${formatMoney(amount, body.currency)}) is greater than unrefunded amount on charge (${formatMoney(left, body.currency)})`,
      { param: 'amount' },
    );
  }

  const { refunds } = cardOf(charge.hidden.card);
  const refund = await makeRefund(work, charge, {
    amount,
    status: refunds === 'pend' ? 'pending' : 'succeeded',
    reason: params.reason,
    metadata: changedMetadata({}, params.metadata),
  });
  const before = { ...body };
  body.amount_refunded += amount;
  body.refunded = body.amount_refunded === body.amount;
  await save(work, charge);
  await record(work, 'refund.created', refund.body);
  await record(work, 'charge.refunded', body, changes(before, body));
  if (refunds) await later(work, refunds === 'pend' ? 'finish_refund' : 'fail_refund', refund.id);
  return refund.body;
}

export async function updateRefund(
  work: Work,
  id: string,
  params: z.output<typeof updateParams>,
): Promise<Refund> {
  const refund = await get(work, 'refund', id, { lock: true });
  const before = { ...refund.body };
  refund.body.metadata = changedMetadata(refund.body.metadata ?? {}, params.metadata);
  await save(work, refund);
  await tell(work, refund.body, before);
  return refund.body;
}

async function tell(work: Work, refund: Refund, before: Refund): Promise<void> {
  await record(work, 'refund.updated', refund, changes(before, refund));
  await record(work, 'charge.refund.updated', refund, changes(before, refund));
}

/** The bank has done what it was asked for. */
export async function finishRefund(work: Work, id: string): Promise<Refund> {
  const refund = await get(work, 'refund', id, { lock: true });
  if (refund.body.status !== 'pending') throw over(refund.body);
  const before = { ...refund.body };
  refund.body.status = 'succeeded';
  delete refund.body.pending_reason;
  await save(work, refund);
  await tell(work, refund.body, before);
  return refund.body;
}

/** The bank could not give the money back: it is ours again. */
export async function failRefund(
  work: Work,
  id: string,
  reason: (typeof FAILURE_REASONS)[number],
): Promise<Refund> {
  const seen = await get(work, 'refund', id);
  const charge = await lockPayment(work, { charge: seen.body.charge ?? '' });
  const refund = await get(work, 'refund', id, { lock: true });
  const { body } = refund;
  if (body.status !== 'pending' && body.status !== 'succeeded') throw over(body);
  if (!charge.body.captured) throw over(body);
  const before = { ...body };
  body.status = 'failed';
  body.failure_reason = reason;
  delete body.pending_reason;
  await save(work, refund);
  const chargeBefore = { ...charge.body };
  charge.body.amount_refunded -= body.amount;
  charge.body.refunded = false;
  await save(work, charge);
  await record(work, 'refund.failed', body);
  await tell(work, body, before);
  await record(work, 'charge.updated', charge.body, changes(chargeBefore, charge.body));
  return body;
}

function over({ id, status }: Refund) {
  return refused(undefined, `The refund ${id} is ${status}: nothing more can become of it.`);
}
