/** Payment intents: one payment, from the wish to the money, whatever cards it takes. */

import { z } from 'zod';
import { askForCharge, cardOf, type Decline, toPaymentError } from './cards.ts';
import { makeCharge, releaseCharge } from './charges.ts';
import { type ApiError, badParameter, cardError, refused } from './errors.ts';
import { changes, record } from './events.ts';
import { newId, randomText } from './ids.ts';
import { checkLeast, formatMoney } from './money.ts';
import {
  address,
  allowedTypes,
  amount,
  changedMetadata,
  clearable,
  currency,
  email,
  flag,
  metadata,
  positive,
  text,
} from './params.ts';
import { attach, checkUsable, lockMethod } from './payment-methods.ts';
import type { PaymentError, PaymentIntent } from './types.ts';
import { find, findBy, get, insert, type Stored, save, type Work } from './work.ts';

const captureMethod = z.enum(['automatic', 'automatic_async', 'manual']);
const futureUsage = z.enum(['off_session', 'on_session']);
const cardOptions = z.strictObject({
  card: z
    .strictObject({
      request_three_d_secure: z.enum(['any', 'automatic', 'challenge']).optional(),
      setup_future_usage: futureUsage.optional(),
    })
    .optional(),
});

const confirmation = {
  payment_method: text.optional(),
  off_session: z.union([flag, z.enum(['one_off', 'recurring']).transform(() => true)]).optional(),
  return_url: address.optional(),
  error_on_requires_action: flag.optional(),
  receipt_email: z.union([z.literal('').transform(() => null), email]).optional(),
  setup_future_usage: z.union([z.literal('').transform(() => null), futureUsage]).optional(),
  payment_method_options: cardOptions.optional(),
  use_stripe_sdk: flag.optional(),
};

const common = {
  ...confirmation,
  description: clearable.optional(),
  statement_descriptor: clearable.optional(),
  statement_descriptor_suffix: clearable.optional(),
  transfer_group: clearable.optional(),
  metadata: metadata.optional(),
};

export const createParams = z.strictObject({
  ...common,
  amount,
  currency,
  customer: text.optional(),
  capture_method: captureMethod.optional(),
  confirmation_method: z.enum(['automatic', 'manual']).optional(),
  confirm: flag.optional(),
  allowed_payment_method_types: allowedTypes.optional(),
  automatic_payment_methods: z
    .strictObject({ enabled: flag, allow_redirects: z.enum(['always', 'never']).optional() })
    .optional(),
});

export const updateParams = z.strictObject({
  ...common,
  amount: amount.optional(),
  currency: currency.optional(),
  customer: text.optional(),
  capture_method: captureMethod.optional(),
});

export const confirmParams = z.strictObject({ ...confirmation, capture_method: captureMethod.optional() });

export const captureParams = z.strictObject({
  amount_to_capture: positive.optional(),
  final_capture: flag.optional(),
  metadata: metadata.optional(),
  statement_descriptor: text.optional(),
  statement_descriptor_suffix: text.optional(),
});

export const cancelParams = z.strictObject({
  cancellation_reason: z.enum(['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer']).optional(),
});

type Answer = PaymentIntent | ApiError;

export interface NewIntent {
  amount: number;
  currency: string;
  customer?: string | null | undefined;
  capture_method?: PaymentIntent['capture_method'] | undefined;
  confirmation_method?: PaymentIntent['confirmation_method'] | undefined;
  description?: string | null | undefined;
  receipt_email?: string | null | undefined;
  setup_future_usage?: PaymentIntent['setup_future_usage'] | undefined;
  statement_descriptor?: string | null | undefined;
  statement_descriptor_suffix?: string | null | undefined;
  transfer_group?: string | null | undefined;
  metadata?: Record<string, string> | undefined;
  allowed_payment_method_types?: string[] | undefined;
  automatic?: PaymentIntent['automatic_payment_methods'];
  session?: string;
}

export async function makeIntent(work: Work, given: NewIntent): Promise<Stored<'payment_intent'>> {
  const id = newId('pi');
  const body: PaymentIntent = {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: given.allowed_payment_method_types ?? null,
    amount: given.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: given.automatic ?? null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: given.capture_method ?? 'automatic_async',
    client_secret: `${id}_secret_${randomText(25)}`,
    confirmation_method: given.confirmation_method ?? 'automatic',
    created: work.now,
    currency: given.currency,
    customer: given.customer ?? null,
    customer_account: null,
    description: given.description ?? null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: given.metadata ?? {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: {
        installments: null,
        mandate_options: null,
        network: null,
        request_three_d_secure: 'automatic',
      },
    },
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: given.receipt_email ?? null,
    review: null,
    setup_future_usage: given.setup_future_usage ?? null,
    shipping: null,
    source: null,
    statement_descriptor: given.statement_descriptor ?? null,
    statement_descriptor_suffix: given.statement_descriptor_suffix ?? null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: given.transfer_group ?? null,
  };
  const intent = await insert(work, 'payment_intent', body, given.session ? { session: given.session } : {});
  await record(work, 'payment_intent.created', intent.body);
  return intent;
}

export async function createIntent(work: Work, params: z.output<typeof createParams>): Promise<Answer> {
  checkLeast(params.amount, params.currency, 'Amount', 'amount');
  if (params.off_session !== undefined && !params.confirm) {
    throw badParameter(
      'The parameter `off_session` cannot be passed when creating a PaymentIntent unless `confirm` is set to true.',
      'off_session',
    );
  }
  if (params.customer) await get(work, 'customer', params.customer, { param: 'customer', lock: true });
  const { automatic_payment_methods: automatic } = params;
  const intent = await makeIntent(work, {
    ...params,
    setup_future_usage:
      params.setup_future_usage ?? params.payment_method_options?.card?.setup_future_usage ?? null,
    metadata: changedMetadata({}, params.metadata),
    automatic:
      automatic?.enabled === false
        ? null
        : { enabled: true, allow_redirects: automatic?.allow_redirects ?? 'always' },
  });
  if (params.confirm) return confirm(work, intent, params);
  if (params.payment_method) {
    const method = await lockMethod(work, params.payment_method, 'payment_method');
    checkUsable(method, intent.body.customer);
    intent.body.payment_method = method.id;
    intent.body.status = 'requires_confirmation';
    await save(work, intent);
  }
  return intent.body;
}

export async function updateIntent(
  work: Work,
  id: string,
  params: z.output<typeof updateParams>,
): Promise<PaymentIntent> {
  const intent = await get(work, 'payment_intent', id, { lock: true });
  const { body } = intent;
  const { metadata: change, description, payment_method, ...rest } = params;
  const early = ['requires_payment_method', 'requires_confirmation', 'requires_action'];
  if ((Object.keys(rest).length > 0 || payment_method) && !early.includes(body.status)) {
    throw unexpected(
      body,
      `This PaymentIntent's ${Object.keys(rest)[0] ?? 'payment_method'} could not be updated because it has a status of ${body.status}. You may only update the ${Object.keys(rest)[0] ?? 'payment_method'} of a PaymentIntent with one of the following statuses: ${early.join(', ')}.`,
    );
  }
  if (rest.amount !== undefined) {
    checkLeast(rest.amount, rest.currency ?? body.currency, 'Amount', 'amount');
  }
  if (rest.customer) await get(work, 'customer', rest.customer, { param: 'customer', lock: true });
  if (rest.customer && body.customer && rest.customer !== body.customer) {
    throw refused(undefined, 'You cannot modify the customer on a PaymentIntent once it is set.', {
      param: 'customer',
    });
  }
  Object.assign(body, pick(rest, UPDATABLE));
  if (description !== undefined) body.description = description;
  body.metadata = changedMetadata(body.metadata, change);
  if (payment_method) {
    const method = await lockMethod(work, payment_method, 'payment_method');
    checkUsable(method, body.customer);
    body.payment_method = method.id;
    body.status = 'requires_confirmation';
    body.next_action = null;
    delete intent.hidden.challenge;
  }
  await save(work, intent);
  return body;
}

const UPDATABLE = [
  'amount',
  'currency',
  'customer',
  'capture_method',
  'receipt_email',
  'setup_future_usage',
  'statement_descriptor',
  'statement_descriptor_suffix',
  'transfer_group',
] as const;

function pick(from: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]),
  );
}

export async function confirmIntent(
  work: Work,
  id: string,
  params: z.output<typeof confirmParams>,
): Promise<Answer> {
  const intent = await get(work, 'payment_intent', id, { lock: true });
  const { status } = intent.body;
  const allowed = ['requires_payment_method', 'requires_confirmation', 'requires_action'];
  if (!allowed.includes(status)) {
    throw unexpected(
      intent.body,
      status === 'succeeded'
        ? 'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.'
        : `You cannot confirm this PaymentIntent because it has a status of ${status}. Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.`,
    );
  }
  await refuseOpenSession(work, intent, 'confirm');
  if (params.capture_method) intent.body.capture_method = params.capture_method;
  return confirm(work, intent, params);
}

async function confirm(
  work: Work,
  intent: Stored<'payment_intent'>,
  params: z.output<typeof confirmParams>,
): Promise<Answer> {
  const { body } = intent;
  const methodId = params.payment_method ?? body.payment_method;
  if (!methodId) {
    throw unexpected(
      body,
      'You cannot confirm this PaymentIntent because it’s missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.',
    );
  }
  const offSession = params.off_session ?? false;
  if (body.automatic_payment_methods?.allow_redirects === 'always' && !offSession && !params.return_url) {
    throw badParameter(
      'This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don’t want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.',
      'return_url',
    );
  }
  Object.assign(body, pick(params, ['receipt_email', 'setup_future_usage']));
  const method = await lockMethod(work, methodId, 'payment_method');
  checkUsable(method, body.customer);
  const outcome = await attempt(work, intent, method, {
    returnUrl: params.return_url ?? null,
    challengeIsRefusal: offSession || (params.error_on_requires_action ?? false),
  });
  if (typeof outcome === 'object') return cardError(outcome.declined, { payment_intent: body });
  return body;
}

interface Attempt {
  /** Where the bank's challenge leads back to. */
  returnUrl: string | null;
  /** The person is not there, or is not to be asked. */
  challengeIsRefusal: boolean;
  /** The challenge has been passed. */
  authenticated?: boolean;
}

export type Outcome = 'challenge' | 'paid' | { declined: PaymentError };

/**
 * Asks the bank for the money of a locked intent with a locked method, and writes what came of it: a charge, a failed
 * charge, or a challenge that the person is sent to. Both objects are changed in place.
 */
export async function attempt(
  work: Work,
  intent: Stored<'payment_intent'>,
  method: Stored<'payment_method'>,
  { returnUrl, challengeIsRefusal, authenticated = false }: Attempt,
): Promise<Outcome> {
  const { body, hidden } = intent;
  const answer = askForCharge({
    card: cardOf(method.hidden.number),
    setUp: method.hidden.set_up,
    offSession: challengeIsRefusal,
    authenticated,
  });
  body.next_action = null;
  delete hidden.challenge;

  if (answer === 'challenge') {
    const token = randomText(32);
    hidden.challenge = { token, payment_method: method.id, return_url: returnUrl };
    body.status = 'requires_action';
    body.payment_method = method.id;
    body.next_action = {
      type: 'redirect_to_url',
      redirect_to_url: {
        url: `${work.settings.origin}/challenge/${body.id}?token=${token}`,
        return_url: returnUrl,
      },
    };
    await save(work, intent);
    await record(work, 'payment_intent.requires_action', body);
    return 'challenge';
  }

  if (typeof answer === 'object') {
    return { declined: await fail(work, intent, method, answer.declined, true) };
  }

  const manual = body.capture_method === 'manual';
  // A card that is kept with the payment, or that was nobody's and is used up by it.
  if (body.setup_future_usage === 'off_session') method.hidden.set_up = true;
  if (body.setup_future_usage && body.customer && !method.body.customer) {
    await attach(work, method, body.customer, 'limited');
  } else {
    if (!method.body.customer) method.hidden.spent = true;
    await save(work, method);
  }
  const charge = await makeCharge(work, body, method, { authenticated });
  body.payment_method = method.id;
  body.latest_charge = charge.id;
  body.last_payment_error = null;
  body.status = manual ? 'requires_capture' : 'succeeded';
  body.amount_capturable = manual ? body.amount : 0;
  body.amount_received = manual ? 0 : body.amount;
  await save(work, intent);
  await record(work, manual ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded', body);
  return 'paid';
}

/** Writes that the payment did not work; the intent waits for another card. */
export async function fail(
  work: Work,
  intent: Stored<'payment_intent'>,
  method: Stored<'payment_method'>,
  decline: Decline,
  reachedTheBank: boolean,
): Promise<PaymentError> {
  const { body, hidden } = intent;
  const error: PaymentError = { ...toPaymentError(decline), payment_method: method.body };
  if (reachedTheBank) {
    const charge = await makeCharge(work, body, method, { decline });
    error.charge = charge.id;
    body.latest_charge = charge.id;
  }
  body.last_payment_error = error;
  body.payment_method = null;
  body.next_action = null;
  body.status = 'requires_payment_method';
  delete hidden.challenge;
  await save(work, intent);
  await record(work, 'payment_intent.payment_failed', body);
  return error;
}

export async function captureIntent(
  work: Work,
  id: string,
  params: z.output<typeof captureParams>,
): Promise<PaymentIntent> {
  const intent = await get(work, 'payment_intent', id, { lock: true });
  const { body } = intent;
  if (body.status === 'succeeded') {
    throw unexpected(body, 'This PaymentIntent could not be captured because it has already been captured.');
  }
  if (body.status !== 'requires_capture' || !body.latest_charge) {
    throw unexpected(
      body,
      `This PaymentIntent could not be captured because it has a status of ${body.status}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.`,
    );
  }
  const captured = params.amount_to_capture ?? body.amount_capturable;
  if (captured > body.amount_capturable) {
    throw refused(
      'amount_too_large',
      `The provided amount_to_capture (${formatMoney(captured, body.currency)}) is greater than the capturable amount (${formatMoney(body.amount_capturable, body.currency)}).`,
      { param: 'amount_to_capture' },
    );
  }
  const charge = await get(work, 'charge', body.latest_charge, { lock: true });
  const rest = charge.body.amount - captured;
  const before = { ...charge.body };
  charge.body.captured = true;
  charge.body.amount_captured = captured;
  // As at Stripe, what is not captured goes back as a refund of its own.
  if (rest > 0) await releaseCharge(work, charge, rest);
  await save(work, charge);
  await record(work, 'charge.captured', charge.body, changes(before, charge.body));

  body.status = 'succeeded';
  body.amount_capturable = 0;
  body.amount_received = captured;
  body.metadata = changedMetadata(body.metadata, params.metadata);
  await save(work, intent);
  await record(work, 'payment_intent.succeeded', body);

  for (const session of await findBy(work, 'session', 'payment_intent', id)) {
    session.body.payment_status = 'paid';
    await save(work, session);
  }
  return body;
}

export async function cancelIntent(
  work: Work,
  id: string,
  params: z.output<typeof cancelParams>,
): Promise<PaymentIntent> {
  const intent = await get(work, 'payment_intent', id, { lock: true });
  const { body } = intent;
  const allowed = [
    'requires_payment_method',
    'requires_capture',
    'requires_confirmation',
    'requires_action',
    'processing',
  ];
  if (!allowed.includes(body.status)) {
    throw unexpected(
      body,
      `You cannot cancel this PaymentIntent because it has a status of ${body.status}. Only a PaymentIntent with one of the following statuses may be canceled: ${allowed.join(', ')}.`,
    );
  }
  if (body.status !== 'requires_capture') await refuseOpenSession(work, intent, 'cancel');
  await cancel(work, intent, params.cancellation_reason ?? null);
  return body;
}

/** Cancels a locked intent that is not over. */
export async function cancel(
  work: Work,
  intent: Stored<'payment_intent'>,
  reason: PaymentIntent['cancellation_reason'],
): Promise<void> {
  const { body } = intent;
  if (body.status === 'requires_capture' && body.latest_charge) {
    const charge = await get(work, 'charge', body.latest_charge, { lock: true });
    const before = { ...charge.body };
    await releaseCharge(work, charge, charge.body.amount);
    await save(work, charge);
    await record(work, 'charge.refunded', charge.body, changes(before, charge.body));
  }
  body.status = 'canceled';
  body.canceled_at = work.now;
  body.cancellation_reason = reason;
  body.amount_capturable = 0;
  body.next_action = null;
  delete intent.hidden.challenge;
  await save(work, intent);
  await record(work, 'payment_intent.canceled', body);
}

/** What a Checkout Session has under way is not to be touched beside it. */
async function refuseOpenSession(
  work: Work,
  { body, hidden }: Stored<'payment_intent'>,
  act: 'cancel' | 'confirm',
): Promise<void> {
  const session = hidden.session ? await find(work, 'session', hidden.session) : undefined;
  if (session?.body.status !== 'open') return;
  throw unexpected(
    body,
    `You cannot ${act} this PaymentIntent because it was created by a Checkout Session that is still open.${act === 'cancel' ? ' Expire the Checkout Session instead.' : ''}`,
  );
}

function unexpected(intent: PaymentIntent, message: string): ApiError {
  return refused('payment_intent_unexpected_state', message, { payment_intent: intent });
}
