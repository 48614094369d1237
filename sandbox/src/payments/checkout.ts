/** Checkout Sessions: what a person is asked to pay (or which card to keep) on the hosted page, and what came of it. */

import { z } from 'zod';
import { type CardInput, checkCard, type Decline, toPaymentError } from './cards.ts';
import { createCustomer } from './customers.ts';
import { badParameter, refused } from './errors.ts';
import { record } from './events.ts';
import { newId } from './ids.ts';
import { attempt, cancel, makeIntent } from './intents.ts';
import { checkLeast } from './money.ts';
import {
  address,
  allowedTypes,
  amount,
  changedMetadata,
  currency,
  email,
  flag,
  integer,
  list,
  metadata,
  positive,
  text,
} from './params.ts';
import { attach, makeMethod } from './payment-methods.ts';
import { attemptSetup, cancelSetup, makeSetup } from './setup-intents.ts';
import type { CheckoutSession, LineItem, PaymentMethod } from './types.ts';
import { find, findBy, get, insert, type Stored, save, type Work } from './work.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

const lineItem = z.strictObject({
  quantity: positive.optional(),
  price_data: z.strictObject({
    currency,
    unit_amount: integer.refine((value) => value >= 0, {
      error: 'Invalid non-negative integer',
      params: { code: 'parameter_invalid_integer' },
    }),
    tax_behavior: z.enum(['exclusive', 'inclusive', 'unspecified']).optional(),
    product_data: z.strictObject({
      name: text,
      description: text.optional(),
      images: list(address).optional(),
      metadata: metadata.optional(),
      tax_code: text.optional(),
    }),
  }),
});

export const createParams = z.strictObject({
  mode: z.enum(['payment', 'setup']).default('payment'),
  ui_mode: z.enum(['hosted_page']).default('hosted_page'),
  line_items: list(lineItem).optional(),
  currency: currency.optional(),
  customer: text.optional(),
  customer_email: email.optional(),
  customer_creation: z.enum(['always', 'if_required']).optional(),
  client_reference_id: text.optional(),
  metadata: metadata.optional(),
  success_url: address,
  cancel_url: address.optional(),
  expires_at: integer.optional(),
  locale: text.optional(),
  submit_type: z.enum(['auto', 'pay', 'book', 'donate']).optional(),
  allowed_payment_method_types: allowedTypes.optional(),
  payment_intent_data: z
    .strictObject({
      capture_method: z.enum(['automatic', 'automatic_async', 'manual']).optional(),
      setup_future_usage: z.enum(['off_session', 'on_session']).optional(),
      description: text.optional(),
      receipt_email: email.optional(),
      statement_descriptor_suffix: text.optional(),
      transfer_group: text.optional(),
      metadata: metadata.optional(),
    })
    .optional(),
  setup_intent_data: z
    .strictObject({ description: text.optional(), metadata: metadata.optional() })
    .optional(),
  payment_method_data: z
    .strictObject({ allow_redisplay: z.enum(['always', 'limited']).optional() })
    .optional(),
  saved_payment_method_options: z
    .strictObject({
      payment_method_save: z.enum(['enabled', 'disabled']).optional(),
      payment_method_remove: z.enum(['enabled', 'disabled']).optional(),
      allow_redisplay_filters: list(z.enum(['always', 'limited', 'unspecified'])).optional(),
    })
    .optional(),
  payment_method_options: z
    .strictObject({
      card: z
        .strictObject({
          request_three_d_secure: z.enum(['any', 'automatic', 'challenge']).optional(),
          setup_future_usage: z.enum(['off_session', 'on_session']).optional(),
        })
        .optional(),
    })
    .optional(),
  custom_text: z.strictObject({ submit: z.strictObject({ message: text }).optional() }).optional(),
  billing_address_collection: z.enum(['auto']).optional(),
  allow_promotion_codes: z.enum(['false']).optional(),
  automatic_tax: z.strictObject({ enabled: z.enum(['false']) }).optional(),
  phone_number_collection: z.strictObject({ enabled: z.enum(['false']) }).optional(),
  adaptive_pricing: z.strictObject({ enabled: flag }).optional(),
});

export const updateParams = z.strictObject({ metadata: metadata.optional() });

export async function createSession(
  work: Work,
  params: z.output<typeof createParams>,
): Promise<CheckoutSession> {
  const { mode, customer } = params;
  const only = (name: keyof typeof params, wanted: 'payment' | 'setup') => {
    if (params[name] !== undefined && mode !== wanted) {
      throw badParameter(`You can not pass \`${name}\` in \`${mode}\` mode.`, name);
    }
  };
  for (const name of [
    'line_items',
    'payment_intent_data',
    'saved_payment_method_options',
    'submit_type',
  ] as const) {
    only(name, 'payment');
  }
  only('setup_intent_data', 'setup');
  if (customer && params.customer_email) {
    throw badParameter('You may only specify one of these parameters: customer, customer_email.');
  }
  if (customer && params.customer_creation) {
    throw badParameter('You may only specify one of these parameters: customer, customer_creation.');
  }
  const expiresAt = params.expires_at ?? work.now + 24 * HOUR;
  if (expiresAt < work.now + 30 * MINUTE || expiresAt > work.now + 24 * HOUR) {
    throw badParameter(
      'The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from Checkout Session creation.',
      'expires_at',
    );
  }
  const known = customer
    ? await get(work, 'customer', customer, { param: 'customer', lock: true })
    : undefined;

  const items = (params.line_items ?? []).map((item) => toLineItem(item, work.now));
  const money = mode === 'payment' ? addUp(items, params.currency) : undefined;
  if (mode === 'setup' && !params.currency && !params.allowed_payment_method_types) {
    throw badParameter(
      '`currency` is required in `setup` mode when `allowed_payment_method_types` is not set.',
      'currency',
    );
  }
  const id = newId('cs_test', 58);
  const email = known?.body.email ?? params.customer_email ?? null;
  const saved = params.saved_payment_method_options;
  const body: CheckoutSession = {
    id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: params.adaptive_pricing?.enabled ?? false },
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: params.allowed_payment_method_types ?? null,
    amount_subtotal: money?.total ?? null,
    amount_total: money?.total ?? null,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: params.billing_address_collection ?? null,
    cancel_url: params.cancel_url ?? null,
    client_reference_id: params.client_reference_id ?? null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: work.now,
    currency: money?.currency ?? params.currency ?? null,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: params.custom_text?.submit ?? null,
      terms_of_service_acceptance: null,
    },
    customer: customer ?? null,
    customer_account: null,
    customer_creation: customer ? null : (params.customer_creation ?? 'if_required'),
    customer_details: email ? details(email, known?.body.name ?? null) : null,
    customer_email: params.customer_email ?? null,
    discounts: [],
    expires_at: expiresAt,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: params.locale ?? null,
    managed_payments: null,
    metadata: changedMetadata({}, params.metadata),
    mode,
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: mode === 'payment' ? 'if_required' : 'always',
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: ['card'],
    payment_status: mode === 'setup' ? 'no_payment_required' : 'unpaid',
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options:
      mode === 'payment' && customer
        ? {
            allow_redisplay_filters: saved?.allow_redisplay_filters ?? ['always'],
            payment_method_remove: saved?.payment_method_remove ?? 'disabled',
            payment_method_save: saved?.payment_method_save ?? null,
          }
        : null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: params.submit_type ?? null,
    subscription: null,
    success_url: params.success_url,
    total_details: money ? { amount_discount: 0, amount_shipping: 0, amount_tax: 0 } : null,
    ui_mode: 'hosted_page',
    url: `${work.settings.origin}/c/pay/${id}`,
    wallet_options: null,
  };
  if (mode === 'setup') {
    const setup = await makeSetup(work, {
      customer,
      session: id,
      description: params.setup_intent_data?.description,
      metadata: changedMetadata({}, params.setup_intent_data?.metadata),
    });
    body.setup_intent = setup.id;
  }
  const data = params.payment_intent_data;
  await insert(work, 'session', body, {
    line_items: items,
    allow_redisplay: params.payment_method_data?.allow_redisplay,
    payment_intent_data: {
      ...data,
      setup_future_usage: data?.setup_future_usage ?? params.payment_method_options?.card?.setup_future_usage,
      metadata: changedMetadata({}, data?.metadata),
    },
  });
  return body;
}

function toLineItem({ quantity = 1, price_data }: z.output<typeof lineItem>, now: number): LineItem {
  const { currency, unit_amount, product_data } = price_data;
  const total = unit_amount * quantity;
  return {
    id: newId('li'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: total,
    amount_tax: 0,
    amount_total: total,
    currency,
    description: product_data.name,
    metadata: {},
    price: {
      id: newId('price'),
      object: 'price',
      active: false,
      billing_scheme: 'per_unit',
      created: now,
      currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: null,
      metadata: {},
      nickname: null,
      product: newId('prod', 14),
      recurring: null,
      tax_behavior: price_data.tax_behavior ?? 'unspecified',
      tiers_mode: null,
      transform_quantity: null,
      type: 'one_time',
      unit_amount,
      // The SDK reads it from a string.
      unit_amount_decimal: String(unit_amount) as never,
    },
    quantity,
  };
}

function addUp(items: LineItem[], wanted: string | undefined): { total: number; currency: string } {
  const [first] = items;
  if (!first) {
    throw badParameter('`line_items` is required in `payment` mode.', 'line_items', 'parameter_missing');
  }
  const currency = wanted ?? first.currency;
  if (items.some((item) => item.currency !== currency)) {
    throw badParameter('All line items must have the same currency.', 'line_items');
  }
  const total = items.reduce((sum, item) => sum + item.amount_total, 0);
  checkLeast(total, currency, "The Checkout Session's total amount due");
  if (!amount.safeParse(String(total)).success) {
    throw badParameter(
      "The Checkout Session's total amount due must be no more than $999,999.99",
      undefined,
      'amount_too_large',
    );
  }
  return { total, currency };
}

function details(email: string | null, name: string | null): CheckoutSession['customer_details'] {
  return {
    address: null,
    business_name: null,
    email,
    individual_name: null,
    name,
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  };
}

export async function updateSession(
  work: Work,
  id: string,
  params: z.output<typeof updateParams>,
): Promise<CheckoutSession> {
  const session = await get(work, 'session', id, { lock: true });
  session.body.metadata = changedMetadata(session.body.metadata ?? {}, params.metadata);
  await save(work, session);
  return session.body;
}

/** `POST /v1/checkout/sessions/:id/expire` */
export async function expireSession(work: Work, id: string): Promise<CheckoutSession> {
  const session = await get(work, 'session', id, { lock: true });
  if (session.body.status !== 'open') {
    throw refused(
      undefined,
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.body.status}.`,
    );
  }
  await expire(work, session);
  return session.body;
}

/** Closes a locked, open session, and what it had begun. */
export async function expire(work: Work, session: Stored<'session'>): Promise<void> {
  const { body } = session;
  if (body.payment_intent) {
    const intent = await get(work, 'payment_intent', body.payment_intent, { lock: true });
    if (intent.body.status !== 'canceled') await cancel(work, intent, 'expired');
  }
  if (body.setup_intent) {
    const setup = await get(work, 'setup_intent', body.setup_intent, { lock: true });
    if (setup.body.status !== 'canceled') await cancelSetup(work, setup, 'abandoned');
  }
  body.status = 'expired';
  body.url = null;
  delete session.hidden.pending;
  await save(work, session);
  await record(work, 'checkout.session.expired', body);
}

/** What the person gave on the page. */
export interface PageInput {
  /** A saved card of theirs, or one that they typed. */
  card: { saved: string } | CardInput;
  email: string | null;
  name: string | null;
  /** They want the card kept. */
  save: boolean;
}

export type PageOutcome =
  | { done: string }
  | { challenge: string }
  | { declined: { code: string; message: string } }
  | { over: 'expired' };

/** The person pressed the button: the bank is asked, and the session completed when it agrees. */
export async function submitSession(work: Work, id: string, input: PageInput): Promise<PageOutcome> {
  const session = await get(work, 'session', id, { lock: true });
  const { body, hidden } = session;
  if (body.status === 'complete') return { done: successUrl(body) };
  if (body.status !== 'open' || body.expires_at <= work.now) return { over: 'expired' };

  const email = body.customer_details?.email ?? input.email;
  hidden.pending = { email, name: input.name, save: input.save };
  const method = await methodOf(work, session, input);
  if ('refused' in method) {
    const { code, message } = toPaymentError(method.refused);
    return { declined: { code, message } };
  }
  const wantsCustomer =
    body.customer_creation === 'always' || hidden.payment_intent_data.setup_future_usage !== undefined;
  if (!body.customer && wantsCustomer && body.mode === 'payment') {
    body.customer = (await createCustomer(work, { email, name: input.name })).id;
  }
  if (body.mode === 'setup') return submitSetup(work, session, method);

  const intent = body.payment_intent
    ? await get(work, 'payment_intent', body.payment_intent, { lock: true })
    : await makeIntent(work, {
        ...hidden.payment_intent_data,
        amount: body.amount_total ?? 0,
        currency: body.currency ?? 'usd',
        customer: body.customer,
        session: id,
        automatic: { enabled: true, allow_redirects: 'always' },
      });
  body.payment_intent = intent.id;
  await save(work, session);
  const outcome = await attempt(work, intent, method, {
    returnUrl: null,
    challengeIsRefusal: false,
  });
  if (outcome === 'challenge') {
    return { challenge: intent.body.next_action?.redirect_to_url?.url ?? '' };
  }
  if (outcome === 'paid') {
    await complete(work, session, method, intent.body.status === 'succeeded');
    return { done: successUrl(body) };
  }
  return { declined: { code: outcome.declined.code, message: outcome.declined.message } };
}

async function submitSetup(
  work: Work,
  session: Stored<'session'>,
  method: Stored<'payment_method'>,
): Promise<PageOutcome> {
  const setup = await get(work, 'setup_intent', session.body.setup_intent ?? '', { lock: true });
  await save(work, session);
  const outcome = await attemptSetup(work, setup, method, { returnUrl: null });
  if (outcome === 'challenge') {
    return { challenge: setup.body.next_action?.redirect_to_url?.url ?? '' };
  }
  if (outcome === 'kept') {
    await complete(work, session, method, false);
    return { done: successUrl(session.body) };
  }
  return { declined: { code: outcome.declined.code, message: outcome.declined.message } };
}

async function methodOf(
  work: Work,
  session: Stored<'session'>,
  { card, email, name }: PageInput,
): Promise<Stored<'payment_method'> | { refused: Decline }> {
  if ('saved' in card) {
    const saved = await find(work, 'payment_method', card.saved, true);
    const shown = saved && (await savedCards(work, session.body)).some(({ id }) => id === saved.id);
    if (shown) return saved;
    return { refused: { code: 'card_declined', message: 'That card is not saved here any more.' } };
  }
  const checked = checkCard(card, work.now * 1_000);
  if ('refused' in checked) return checked;
  return makeMethod(work, {
    ...checked,
    cvc: true,
    billing_details: { email: session.body.customer_details?.email ?? email, name },
  });
}

/** The cards of this customer that the page may offer. */
export async function savedCards(
  work: Pick<Work, 'db'>,
  { customer, saved_payment_method_options: options }: CheckoutSession,
): Promise<PaymentMethod[]> {
  if (!customer || !options) return [];
  const filters: readonly (string | undefined)[] = options.allow_redisplay_filters ?? ['always'];
  const methods = await findBy(work, 'payment_method', 'customer', customer);
  return methods.map(({ body }) => body).filter((body) => filters.includes(body.allow_redisplay));
}

/** Completes a session whose payment is made (`paid`), authorised, or whose card is kept. */
export async function complete(
  work: Work,
  session: Stored<'session'>,
  method: Stored<'payment_method'>,
  paid: boolean,
): Promise<void> {
  const { body, hidden } = session;
  const { pending } = hidden;
  const ticked = pending?.save && body.mode === 'payment';
  const redisplay = ticked ? 'always' : body.mode === 'setup' ? hidden.allow_redisplay : undefined;
  if (redisplay && body.customer) {
    if (!method.body.customer) await attach(work, method, body.customer, redisplay);
    else if (method.body.allow_redisplay !== redisplay) {
      method.body.allow_redisplay = redisplay;
      await save(work, method);
      await record(work, 'payment_method.updated', method.body);
    }
  }
  body.status = 'complete';
  body.payment_status = body.mode === 'setup' ? 'no_payment_required' : paid ? 'paid' : 'unpaid';
  body.url = null;
  body.customer_details = details(
    body.customer_details?.email ?? pending?.email ?? null,
    body.customer_details?.name ?? pending?.name ?? null,
  );
  delete hidden.pending;
  await save(work, session);
  await record(work, 'checkout.session.completed', body);
}

export function successUrl({ success_url, id }: CheckoutSession): string {
  return (success_url ?? '').replaceAll('{CHECKOUT_SESSION_ID}', id);
}
