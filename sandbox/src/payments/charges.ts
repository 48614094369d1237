/** Charges: single talks with the bank about money. */

import { z } from 'zod';
import { cardOf, type Decline } from './cards.ts';
import { changes, record } from './events.ts';
import { newId } from './ids.ts';
import { later } from './later.ts';
import { changedMetadata, clearable, metadata } from './params.ts';
import { makeRefund } from './refunds.ts';
import type { Charge, PaymentIntent } from './types.ts';
import { get, insert, type Stored, save, type Work } from './work.ts';

export const updateParams = z.strictObject({
  description: clearable.optional(),
  metadata: metadata.optional(),
});

/** Writes a charge of the whole intent: paid, held (manual capture) or, with `decline`, failed. */
export async function makeCharge(
  work: Work,
  intent: PaymentIntent,
  method: Stored<'payment_method'>,
  { decline, authenticated = false }: { decline?: Decline; authenticated?: boolean },
): Promise<Stored<'charge'>> {
  const card = cardOf(method.hidden.number);
  const paid = decline === undefined;
  const captured = paid && intent.capture_method !== 'manual';
  const shown = method.body.card;
  const body: Charge = {
    id: newId('ch'),
    object: 'charge',
    amount: intent.amount,
    amount_captured: captured ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: method.body.billing_details,
    calculated_statement_descriptor: 'SOULSEER SANDBOX',
    captured,
    created: work.now,
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: paid
      ? {
          advice_code: null,
          network_advice_code: null,
          network_decline_code: null,
          network_status: 'approved_by_network',
          reason: null,
          risk_level: 'normal',
          risk_score: 20,
          seller_message: 'Payment complete.',
          type: 'authorized',
        }
      : {
          advice_code: null,
          network_advice_code: null,
          network_decline_code: null,
          network_status:
            decline.decline_code === 'fraudulent' ? 'not_sent_to_network' : 'declined_by_network',
          reason: decline.decline_code ?? decline.code,
          risk_level: decline.decline_code === 'fraudulent' ? 'highest' : 'normal',
          seller_message: 'The bank did not approve the charge.',
          type: decline.decline_code === 'fraudulent' ? 'blocked' : 'issuer_declined',
        },
    paid,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: {
      type: 'card',
      card: {
        amount_authorized: paid ? intent.amount : null,
        authorization_code: null,
        brand: card.brand,
        checks: shown?.checks ?? null,
        country: 'US',
        electronic_commerce_indicator: null,
        exp_month: shown?.exp_month ?? 12,
        exp_year: shown?.exp_year ?? 2099,
        fingerprint: shown?.fingerprint ?? null,
        funding: card.funding,
        installments: null,
        last4: card.number.slice(-4),
        mandate: null,
        network: card.brand,
        network_transaction_id: null,
        regulated_status: 'unregulated',
        three_d_secure: authenticated
          ? {
              authentication_flow: 'challenge',
              electronic_commerce_indicator: '05',
              exemption_indicator: null,
              result: 'authenticated',
              result_reason: null,
              transaction_id: null,
              version: '2.2.0',
            }
          : null,
        transaction_link_id: null,
        wallet: null,
      },
    },
    radar_options: {},
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: paid ? 'succeeded' : 'failed',
    transfer_data: null,
    transfer_group: intent.transfer_group,
  };
  const charge = await insert(work, 'charge', body, { card: card.number });
  await record(work, paid ? 'charge.succeeded' : 'charge.failed', body);
  if (paid && card.dispute) await later(work, 'dispute', charge.id);
  return charge;
}

/** Gives back money that was held and is not captured. The caller saves the charge. */
export async function releaseCharge(work: Work, charge: Stored<'charge'>, amount: number): Promise<void> {
  charge.body.amount_refunded += amount;
  charge.body.refunded = charge.body.amount_refunded === charge.body.amount;
  const refund = await makeRefund(work, charge, { amount, status: 'succeeded' });
  await record(work, 'refund.created', refund.body);
}

export async function updateCharge(
  work: Work,
  id: string,
  params: z.output<typeof updateParams>,
): Promise<Charge> {
  const charge = await get(work, 'charge', id, { lock: true });
  const before = { ...charge.body };
  if (params.description !== undefined) charge.body.description = params.description;
  charge.body.metadata = changedMetadata(charge.body.metadata, params.metadata);
  await save(work, charge);
  await record(work, 'charge.updated', charge.body, changes(before, charge.body));
  return charge.body;
}
