/** Setup intents: a card is kept for later, with the bank's consent, and nothing is charged. */

import { z } from 'zod';
import { askForSetup, cardOf, toPaymentError } from './cards.ts';
import { type ApiError, badParameter, cardError, refused } from './errors.ts';
import { record } from './events.ts';
import { newId, randomText } from './ids.ts';
import { address, allowedTypes, changedMetadata, clearable, flag, metadata, text } from './params.ts';
import { attach, checkUsable, lockMethod } from './payment-methods.ts';
import type { PaymentError, SetupIntent } from './types.ts';
import { get, insert, type Stored, save, type Work } from './work.ts';

export const confirmParams = z.strictObject({
  payment_method: text.optional(),
  return_url: address.optional(),
  use_stripe_sdk: flag.optional(),
});

export const createParams = z.strictObject({
  ...confirmParams.shape,
  customer: text.optional(),
  description: clearable.optional(),
  metadata: metadata.optional(),
  usage: z.enum(['off_session', 'on_session']).optional(),
  confirm: flag.optional(),
  allowed_payment_method_types: allowedTypes.optional(),
  automatic_payment_methods: z
    .strictObject({ enabled: flag, allow_redirects: z.enum(['always', 'never']).optional() })
    .optional(),
});

export const cancelParams = z.strictObject({
  cancellation_reason: z.enum(['abandoned', 'duplicate', 'requested_by_customer']).optional(),
});

export interface NewSetup {
  customer?: string | null | undefined;
  description?: string | null | undefined;
  metadata?: Record<string, string> | undefined;
  usage?: string | undefined;
  allowed_payment_method_types?: string[] | undefined;
  automatic?: SetupIntent['automatic_payment_methods'];
  session?: string;
}

export async function makeSetup(work: Work, given: NewSetup): Promise<Stored<'setup_intent'>> {
  const id = newId('seti');
  const body: SetupIntent = {
    id,
    object: 'setup_intent',
    allowed_payment_method_types: given.allowed_payment_method_types ?? null,
    application: null,
    automatic_payment_methods: given.automatic ?? null,
    cancellation_reason: null,
    client_secret: `${id}_secret_${randomText(32)}`,
    created: work.now,
    customer: given.customer ?? null,
    customer_account: null,
    description: given.description ?? null,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    mandate: null,
    metadata: given.metadata ?? {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    payment_method_types: ['card'],
    single_use_mandate: null,
    status: 'requires_payment_method',
    usage: given.usage ?? 'off_session',
  };
  const setup = await insert(work, 'setup_intent', body, given.session ? { session: given.session } : {});
  await record(work, 'setup_intent.created', body);
  return setup;
}

export async function createSetup(
  work: Work,
  params: z.output<typeof createParams>,
): Promise<SetupIntent | ApiError> {
  if (params.customer) await get(work, 'customer', params.customer, { param: 'customer', lock: true });
  const automatic = params.automatic_payment_methods;
  const setup = await makeSetup(work, {
    ...params,
    metadata: changedMetadata({}, params.metadata),
    automatic:
      automatic?.enabled === false
        ? null
        : { enabled: true, allow_redirects: automatic?.allow_redirects ?? 'always' },
  });
  if (params.confirm) return confirm(work, setup, params);
  if (params.payment_method) {
    const method = await lockMethod(work, params.payment_method, 'payment_method');
    checkUsable(method, setup.body.customer);
    setup.body.payment_method = method.id;
    setup.body.status = 'requires_confirmation';
    await save(work, setup);
  }
  return setup.body;
}

export async function confirmSetup(
  work: Work,
  id: string,
  params: z.output<typeof confirmParams>,
): Promise<SetupIntent | ApiError> {
  const setup = await get(work, 'setup_intent', id, { lock: true });
  if (setup.body.status === 'succeeded' || setup.body.status === 'canceled') {
    throw unexpected(setup.body, 'confirm');
  }
  if (setup.hidden.session) throw unexpected(setup.body, 'confirm');
  return confirm(work, setup, params);
}

async function confirm(
  work: Work,
  setup: Stored<'setup_intent'>,
  params: z.output<typeof confirmParams>,
): Promise<SetupIntent | ApiError> {
  const { body } = setup;
  const methodId = params.payment_method ?? body.payment_method;
  if (!methodId) {
    throw badParameter(
      'You cannot confirm this SetupIntent because it’s missing a payment method.',
      'payment_method',
    );
  }
  if (body.automatic_payment_methods?.allow_redirects === 'always' && !params.return_url) {
    throw badParameter(
      'This SetupIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`.',
      'return_url',
    );
  }
  const method = await lockMethod(work, methodId, 'payment_method');
  checkUsable(method, body.customer);
  const outcome = await attemptSetup(work, setup, method, { returnUrl: params.return_url ?? null });
  return typeof outcome === 'object' ? cardError(outcome.declined, { setup_intent: body }) : body;
}

/** Asks the bank whether a card may be kept, and writes what came of it; changes both objects in place. */
export async function attemptSetup(
  work: Work,
  setup: Stored<'setup_intent'>,
  method: Stored<'payment_method'>,
  { returnUrl, authenticated = false }: { returnUrl: string | null; authenticated?: boolean },
): Promise<'challenge' | 'kept' | { declined: PaymentError }> {
  const { body, hidden } = setup;
  const answer = askForSetup({ card: cardOf(method.hidden.number), authenticated });
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
    await save(work, setup);
    await record(work, 'setup_intent.requires_action', body);
    return 'challenge';
  }
  if (typeof answer === 'object') {
    return { declined: await failSetup(work, setup, method, toPaymentError(answer.declined)) };
  }

  if (body.usage === 'off_session') method.hidden.set_up = true;
  if (body.customer && !method.body.customer) await attach(work, method, body.customer);
  else await save(work, method);
  body.status = 'succeeded';
  body.payment_method = method.id;
  body.last_setup_error = null;
  await save(work, setup);
  await record(work, 'setup_intent.succeeded', body);
  return 'kept';
}

export async function failSetup(
  work: Work,
  setup: Stored<'setup_intent'>,
  method: Stored<'payment_method'>,
  given: PaymentError,
): Promise<PaymentError> {
  const { body, hidden } = setup;
  const error: PaymentError = { ...given, payment_method: method.body };
  body.last_setup_error = error;
  body.status = 'requires_payment_method';
  body.payment_method = null;
  body.next_action = null;
  delete hidden.challenge;
  await save(work, setup);
  await record(work, 'setup_intent.setup_failed', body);
  return error;
}

export async function cancelSetupIntent(
  work: Work,
  id: string,
  params: z.output<typeof cancelParams>,
): Promise<SetupIntent> {
  const setup = await get(work, 'setup_intent', id, { lock: true });
  if (setup.body.status === 'succeeded' || setup.body.status === 'canceled' || setup.hidden.session) {
    throw unexpected(setup.body, 'cancel');
  }
  await cancelSetup(work, setup, params.cancellation_reason ?? null);
  return setup.body;
}

export async function cancelSetup(
  work: Work,
  setup: Stored<'setup_intent'>,
  reason: SetupIntent['cancellation_reason'],
): Promise<void> {
  setup.body.status = 'canceled';
  setup.body.cancellation_reason = reason;
  setup.body.next_action = null;
  delete setup.hidden.challenge;
  await save(work, setup);
  await record(work, 'setup_intent.canceled', setup.body);
}

function unexpected(setup: SetupIntent, act: string): ApiError {
  return refused(
    'setup_intent_unexpected_state',
    `You cannot ${act} this SetupIntent because it has a status of ${setup.status} or belongs to a Checkout Session.`,
    { setup_intent: setup },
  );
}
