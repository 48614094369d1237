/** Disputes: what a cardholder's bank takes back, and who wins. */

import { z } from 'zod';
import { refused } from './errors.ts';
import { changes, record } from './events.ts';
import { newId } from './ids.ts';
import { formatMoney } from './money.ts';
import { changedMetadata, flag, metadata, positive, text } from './params.ts';
import { lockPayment } from './refunds.ts';
import type { Dispute } from './types.ts';
import { findBy, get, insert, type Stored, save, type Work } from './work.ts';

const DAY = 24 * 60 * 60;

export const REASONS = [
  'fraudulent',
  'product_not_received',
  'product_unacceptable',
  'duplicate',
  'credit_not_processed',
  'unrecognized',
  'general',
] as const;

export const openParams = z.strictObject({
  charge: text.optional(),
  payment_intent: text.optional(),
  amount: positive.optional(),
  reason: z.enum(REASONS).default('fraudulent'),
  /** A question of the bank that takes no money yet. */
  inquiry: flag.default(false),
});

/** As Stripe does with test disputes, these words in the evidence decide. */
const DECIDED_BY: Record<string, 'lost' | 'won'> = { winning_evidence: 'won', losing_evidence: 'lost' };

export const updateParams = z.strictObject({
  evidence: z
    .strictObject({
      uncategorized_text: text.optional(),
      product_description: text.optional(),
      customer_name: text.optional(),
      customer_email_address: text.optional(),
      access_activity_log: text.optional(),
      service_date: text.optional(),
    })
    .optional(),
  submit: flag.optional(),
  metadata: metadata.optional(),
});

/** Opens a dispute over a payment, of the whole of what is left of it unless `amount` says less. */
export async function openDispute(
  work: Work,
  { charge: chargeId, payment_intent, amount: wanted, reason, inquiry }: z.output<typeof openParams>,
): Promise<Dispute> {
  const charge = await lockPayment(work, { charge: chargeId, payment_intent });
  const { body } = charge;
  if (!body.paid || !body.captured) throw refused(undefined, `Charge ${body.id} was never captured.`);
  if ((await findBy(work, 'dispute', 'charge', body.id)).length > 0) {
    throw refused(undefined, `Charge ${body.id} has been disputed already.`);
  }
  const left = body.amount - body.amount_refunded;
  const amount = wanted ?? left;
  if (amount > left || left === 0) {
    throw refused(
      undefined,
      `No more than ${formatMoney(left, body.currency)} of charge ${body.id} can be disputed.`,
    );
  }
  const brand = body.payment_method_details?.card?.brand ?? 'visa';
  const dispute: Dispute = {
    id: newId('du'),
    object: 'dispute',
    amount,
    balance_transactions: [],
    charge: body.id,
    created: work.now,
    currency: body.currency,
    enhanced_eligibility_types: [],
    evidence: {
      access_activity_log: null,
      billing_address: null,
      cancellation_policy: null,
      cancellation_policy_disclosure: null,
      cancellation_rebuttal: null,
      customer_communication: null,
      customer_email_address: null,
      customer_name: null,
      customer_purchase_ip: null,
      customer_signature: null,
      duplicate_charge_documentation: null,
      duplicate_charge_explanation: null,
      duplicate_charge_id: null,
      enhanced_evidence: {},
      product_description: null,
      receipt: null,
      refund_policy: null,
      refund_policy_disclosure: null,
      refund_refusal_explanation: null,
      service_date: null,
      service_documentation: null,
      shipping_address: null,
      shipping_carrier: null,
      shipping_date: null,
      shipping_documentation: null,
      shipping_tracking_number: null,
      uncategorized_file: null,
      uncategorized_text: null,
    },
    evidence_details: {
      due_by: work.now + 7 * DAY,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: inquiry,
    livemode: false,
    metadata: {},
    payment_intent: body.payment_intent,
    payment_method_details: {
      type: 'card',
      card: {
        brand,
        case_type: inquiry ? 'inquiry' : 'chargeback',
        network: brand,
        network_reason_code: '10.4',
      },
    },
    reason,
    status: inquiry ? 'warning_needs_response' : 'needs_response',
  };
  await insert(work, 'dispute', dispute, {});
  body.disputed = true;
  await save(work, charge);
  await record(work, 'charge.dispute.created', dispute);
  if (!inquiry) await record(work, 'charge.dispute.funds_withdrawn', dispute);
  return dispute;
}

async function lockDispute(work: Work, id: string): Promise<Stored<'dispute'>> {
  const seen = await get(work, 'dispute', id);
  await lockPayment(work, { charge: seen.body.charge });
  return get(work, 'dispute', id, { lock: true });
}

function isOver({ status }: Dispute): boolean {
  return status === 'won' || status === 'lost' || status === 'warning_closed';
}

/** The bank's decision; an inquiry that is won is closed, one that is lost takes the money. */
export async function decideDispute(work: Work, id: string, outcome: 'lost' | 'won'): Promise<Dispute> {
  const dispute = await lockDispute(work, id);
  if (isOver(dispute.body)) throw closed(dispute.body);
  return decide(work, dispute, outcome);
}

async function decide(work: Work, dispute: Stored<'dispute'>, outcome: 'lost' | 'won'): Promise<Dispute> {
  const { body } = dispute;
  const inquiry = body.status.startsWith('warning_');
  body.status = outcome === 'won' && inquiry ? 'warning_closed' : outcome;
  body.is_charge_refundable = outcome === 'won';
  await save(work, dispute);
  await record(work, 'charge.dispute.closed', body);
  if (outcome === 'won' && !inquiry) await record(work, 'charge.dispute.funds_reinstated', body);
  if (outcome === 'lost' && inquiry) await record(work, 'charge.dispute.funds_withdrawn', body);
  return body;
}

function closed({ id }: Dispute) {
  return refused(undefined, `The dispute ${id} is already closed.`);
}

/** `POST /v1/disputes/:id/close`: the shop gives in. */
export async function closeDispute(work: Work, id: string): Promise<Dispute> {
  return decideDispute(work, id, 'lost');
}

export async function updateDispute(
  work: Work,
  id: string,
  { evidence, submit, metadata: change }: z.output<typeof updateParams>,
): Promise<Dispute> {
  const dispute = await lockDispute(work, id);
  const { body } = dispute;
  if (isOver(body) && (evidence || submit)) throw closed(body);
  const before = { ...body };
  body.metadata = changedMetadata(body.metadata, change);
  if (evidence) {
    body.evidence = { ...body.evidence, ...evidence };
    body.evidence_details = { ...body.evidence_details, has_evidence: true };
  }
  // Evidence is handed in unless the call says that it may wait.
  const handedIn = submit ?? evidence !== undefined;
  if (handedIn) {
    body.status = body.status.startsWith('warning_') ? 'warning_under_review' : 'under_review';
    body.evidence_details = {
      ...body.evidence_details,
      submission_count: body.evidence_details.submission_count + 1,
    };
  }
  await save(work, dispute);
  await record(work, 'charge.dispute.updated', body, changes(before, body));
  const decided = handedIn ? DECIDED_BY[body.evidence.uncategorized_text ?? ''] : undefined;
  return decided ? decide(work, dispute, decided) : body;
}
