/** Payment methods: cards, and to whom they belong. */

import { z } from 'zod';
import {
  askForSetup,
  type BankAnswer,
  type CheckedCard,
  cardNamed,
  cardOf,
  checkCard,
  fingerprintOf,
  type TestCard,
  toPaymentError,
} from './cards.ts';
import { type ApiError, badParameter, cardError, missing, refused } from './errors.ts';
import { changes, record } from './events.ts';
import { newId } from './ids.ts';
import { changedMetadata, clearable, integer, metadata, postalAddress, text } from './params.ts';
import type { PaymentMethod } from './types.ts';
import { find, get, insert, type Stored, save, type Work } from './work.ts';

const billingDetails = z.strictObject({
  address: postalAddress.optional(),
  email: clearable.optional(),
  name: clearable.optional(),
  phone: clearable.optional(),
});
const redisplay = z.enum(['always', 'limited', 'unspecified']);

export const createParams = z.strictObject({
  type: z.literal('card'),
  card: z.union([
    z.strictObject({ token: text }),
    z.strictObject({ number: text, exp_month: integer, exp_year: integer, cvc: text.optional() }),
  ]),
  billing_details: billingDetails.optional(),
  allow_redisplay: redisplay.optional(),
  metadata: metadata.optional(),
});

export const updateParams = z.strictObject({
  card: z.strictObject({ exp_month: integer.optional(), exp_year: integer.optional() }).optional(),
  billing_details: billingDetails.optional(),
  allow_redisplay: redisplay.optional(),
  metadata: metadata.optional(),
});

interface NewMethod {
  card: TestCard;
  exp_month: number;
  exp_year: number;
  /** Whether a security code came along. */
  cvc: boolean;
  billing_details?: z.output<typeof billingDetails> | undefined;
  allow_redisplay?: z.output<typeof redisplay> | undefined;
  metadata?: Record<string, string> | undefined;
}

export async function makeMethod(work: Work, given: NewMethod): Promise<Stored<'payment_method'>> {
  const { card } = given;
  const body: PaymentMethod = {
    id: newId('pm'),
    object: 'payment_method',
    allow_redisplay: given.allow_redisplay ?? 'unspecified',
    billing_details: {
      email: given.billing_details?.email ?? null,
      name: given.billing_details?.name ?? null,
      phone: given.billing_details?.phone ?? null,
      tax_id: null,
      address: {
        city: null,
        country: null,
        line1: null,
        line2: null,
        postal_code: null,
        state: null,
        ...given.billing_details?.address,
      },
    },
    card: {
      brand: card.brand,
      checks: {
        address_line1_check: null,
        address_postal_code_check: null,
        cvc_check: given.cvc ? 'pass' : null,
      },
      country: 'US',
      display_brand: card.brand,
      exp_month: given.exp_month,
      exp_year: given.exp_year,
      fingerprint: fingerprintOf(card.number),
      funding: card.funding,
      generated_from: null,
      last4: card.number.slice(-4),
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: work.now,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: given.metadata ?? {},
    type: 'card',
  };
  return insert(work, 'payment_method', body, { number: card.number, set_up: false, spent: false });
}

export async function createMethod(
  work: Work,
  { card, metadata: given, ...more }: z.output<typeof createParams>,
): Promise<PaymentMethod> {
  const checked: CheckedCard =
    'token' in card ? named(card.token, 'card[token]', work) : checkCard(card, work.now * 1_000);
  if ('refused' in checked) throw cardError(toPaymentError(checked.refused));
  const made = await makeMethod(work, {
    ...checked,
    ...more,
    cvc: 'token' in card || card.cvc !== undefined,
    metadata: changedMetadata({}, given),
  });
  return made.body;
}

function named(name: string, param: string, work: Work) {
  const card = cardNamed(name);
  if (!card) throw missing('token', name, param);
  return { card, exp_month: 12, exp_year: new Date(work.now * 1_000).getUTCFullYear() + 1 };
}

/** The method of an id, locked; a `pm_card_…` becomes a new method of that test card, as at Stripe. */
export async function lockMethod(work: Work, id: string, param?: string): Promise<Stored<'payment_method'>> {
  if (cardNamed(id) && id.startsWith('pm_')) {
    return makeMethod(work, { ...named(id, param ?? 'payment_method', work), cvc: true });
  }
  return get(work, 'payment_method', id, { lock: true, ...(param ? { param } : {}) });
}

export async function updateMethod(
  work: Work,
  id: string,
  { card, billing_details, allow_redisplay, metadata: change }: z.output<typeof updateParams>,
): Promise<PaymentMethod> {
  const method = await get(work, 'payment_method', id, { lock: true });
  if (!method.body.customer || !method.body.card) {
    throw refused(undefined, 'You must save this PaymentMethod to a customer before you can update it.');
  }
  const expiry = {
    exp_month: card?.exp_month ?? method.body.card.exp_month,
    exp_year: card?.exp_year ?? method.body.card.exp_year,
  };
  const checked = checkCard({ number: method.hidden.number, ...expiry }, work.now * 1_000);
  if (card && 'refused' in checked) throw cardError(toPaymentError(checked.refused));
  const { address, ...named } = billing_details ?? {};
  const body: PaymentMethod = {
    ...method.body,
    allow_redisplay: allow_redisplay ?? method.body.allow_redisplay ?? 'unspecified',
    billing_details: {
      ...method.body.billing_details,
      ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)),
      address: Object.assign({}, method.body.billing_details.address, address),
    },
    card: { ...method.body.card, ...expiry },
    metadata: changedMetadata(method.body.metadata ?? {}, change),
  };
  const before = changes(method.body, body);
  await save(work, { ...method, body });
  if (Object.keys(before).length > 0) await record(work, 'payment_method.updated', body, before);
  return body;
}

/** Saves a card with a customer, when the bank agrees. */
export async function attachMethod(work: Work, id: string, customerId: string): Promise<PaymentMethod> {
  const method = await lockMethod(work, id);
  await get(work, 'customer', customerId, { param: 'customer', lock: true });
  if (method.body.customer) {
    throw refused(undefined, 'The payment method you provided has already been attached to a customer.');
  }
  if (method.hidden.spent) throw spent();
  const answer = askForSetup({ card: cardOf(method.hidden.number), authenticated: true });
  throwDecline(answer, method.body);
  await attach(work, method, customerId);
  return method.body;
}

function throwDecline(answer: BankAnswer, method: PaymentMethod): void {
  if (typeof answer === 'object') {
    throw cardError(toPaymentError(answer.declined), { payment_method: method });
  }
}

/** Puts a locked method to a customer; changes it in place. */
export async function attach(
  work: Work,
  method: Stored<'payment_method'>,
  customerId: string,
  redisplayable?: 'always' | 'limited',
): Promise<void> {
  method.body.customer = customerId;
  if (redisplayable) method.body.allow_redisplay = redisplayable;
  method.hidden.spent = false;
  await save(work, method);
  await record(work, 'payment_method.attached', method.body);
}

/** Takes a card off its customer, for good. */
export async function detach(work: Work, id: string): Promise<PaymentMethod> {
  const method = await get(work, 'payment_method', id, { lock: true });
  const { customer } = method.body;
  if (!customer) {
    throw refused(
      undefined,
      'The payment method you provided is not attached to a customer so detachment is impossible.',
    );
  }
  method.body.customer = null;
  method.hidden.spent = true;
  await save(work, method);
  const holder = await find(work, 'customer', customer, true);
  if (holder?.body.invoice_settings.default_payment_method === id) {
    holder.body.invoice_settings.default_payment_method = null;
    await save(work, holder);
  }
  await record(work, 'payment_method.detached', method.body, { customer });
  return method.body;
}

function spent(): ApiError {
  return refused(
    undefined,
    'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.',
  );
}

/** Throws unless this customer (or nobody, of a card that is nobody's) may pay with it. */
export function checkUsable(method: Stored<'payment_method'>, customer: string | null): void {
  const { id, body, hidden } = method;
  if (body.customer && !customer) {
    throw badParameter(
      `The provided PaymentMethod (${id}) is attached to a Customer. You must also provide the \`customer\` parameter.`,
      'payment_method',
    );
  }
  if (body.customer && body.customer !== customer) {
    throw refused(
      'resource_missing',
      `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
      { param: 'payment_method' },
    );
  }
  if (!body.customer && hidden.spent) throw spent();
}
