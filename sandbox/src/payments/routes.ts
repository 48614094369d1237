/** What can be asked of the API, and of the control that tests have over the sandbox. */

import { z } from 'zod';
import * as charges from './charges.ts';
import * as checkout from './checkout.ts';
import * as customers from './customers.ts';
import * as disputes from './disputes.ts';
import { ApiError, missing } from './errors.ts';
import * as intents from './intents.ts';
import { type List, listEvents, listObjects, type Page, withPending } from './lists.ts';
import { created, list, page, readParams, text } from './params.ts';
import * as methods from './payment-methods.ts';
import * as refunds from './refunds.ts';
import * as setups from './setup-intents.ts';
import type { Kind } from './types.ts';
import { get, type Work } from './work.ts';

export interface Route {
  method: 'DELETE' | 'GET' | 'POST';
  path: RegExp;
  /** `ids` are the parts of the path that the pattern leaves open. An error that is answered keeps what was done. */
  act: (work: Work, params: unknown, ids: string[]) => Promise<unknown>;
}

/** `pattern` is a path where `:id` stands for any part. */
export function route<Schema extends z.ZodType>(
  method: Route['method'],
  pattern: string,
  schema: Schema,
  act: (work: Work, params: z.output<Schema>, ids: [string, string]) => Promise<unknown>,
): Route {
  return {
    method,
    path: new RegExp(`^${pattern.replaceAll(':id', '([A-Za-z0-9_]+)')}$`),
    act: (work, params, [first = '', second = '']) => act(work, readParams(schema, params), [first, second]),
  };
}

const none = z.strictObject({});

function retrieve(pattern: string, kind: Kind): Route {
  return route('GET', pattern, none, async (work, _, [id]) => (await get(work, kind, id)).body);
}

function listed(
  pattern: string,
  kind: Kind,
  shape: Record<string, z.ZodType<string | undefined>>,
  names: Record<string, string> = {},
): Route {
  const schema = z.strictObject({ ...page, created: created.optional(), ...shape });
  return route('GET', pattern, schema, async (work, params) => {
    const {
      limit,
      starting_after,
      ending_before,
      created: when,
      ...filters
    } = params as Page & Record<string, string | undefined>;
    const renamed = Object.fromEntries(
      Object.entries(filters).map(([name, value]) => [names[name] ?? name, value]),
    );
    return listObjects(work, kind, pattern, { limit, starting_after, ending_before, created: when }, renamed);
  });
}

const methodList = z.strictObject({
  ...page,
  customer: text.optional(),
  type: text.optional(),
  allow_redisplay: text.optional(),
});

async function listMethods(
  work: Work,
  { type, allow_redisplay, customer, ...at }: z.output<typeof methodList>,
  url: string,
): Promise<List> {
  // Without a customer there is nothing to list, as at Stripe.
  if (!customer) return { object: 'list', data: [], has_more: false, url };
  await get(work, 'customer', customer, { param: 'customer' });
  return listObjects(work, 'payment_method', url, at, { customer, type, allow_redisplay });
}

const ownParams = z.strictObject({ ...page, type: text.optional(), allow_redisplay: text.optional() });
const optionalText = text.optional();

export const API_ROUTES: Route[] = [
  route('POST', '/v1/customers', customers.customerParams, async (work, params) => {
    return (await customers.createCustomer(work, params)).body;
  }),
  listed('/v1/customers', 'customer', { email: optionalText }),
  route('GET', '/v1/customers/:id', none, (work, _, [id]) => customers.retrieveCustomer(work, id)),
  route('POST', '/v1/customers/:id', customers.customerParams, (work, params, [id]) =>
    customers.updateCustomer(work, id, params),
  ),
  route('DELETE', '/v1/customers/:id', none, (work, _, [id]) => customers.deleteCustomer(work, id)),
  route('GET', '/v1/customers/:id/payment_methods', ownParams, (work, params, [customer]) =>
    listMethods(work, { ...params, customer }, `/v1/customers/${customer}/payment_methods`),
  ),
  route('GET', '/v1/customers/:id/payment_methods/:id', none, async (work, _, [customer, id]) => {
    const { body } = await get(work, 'payment_method', id);
    if (body.customer !== customer) throw missing('PaymentMethod', id, 'payment_method', 404);
    return body;
  }),

  route('POST', '/v1/payment_methods', methods.createParams, methods.createMethod),
  route('GET', '/v1/payment_methods', methodList, (work, params) =>
    listMethods(work, params, '/v1/payment_methods'),
  ),
  retrieve('/v1/payment_methods/:id', 'payment_method'),
  route('POST', '/v1/payment_methods/:id', methods.updateParams, (work, params, [id]) =>
    methods.updateMethod(work, id, params),
  ),
  route('POST', '/v1/payment_methods/:id/attach', z.strictObject({ customer: text }), (work, params, [id]) =>
    methods.attachMethod(work, id, params.customer),
  ),
  route('POST', '/v1/payment_methods/:id/detach', none, (work, _, [id]) => methods.detach(work, id)),

  route('POST', '/v1/payment_intents', intents.createParams, intents.createIntent),
  listed('/v1/payment_intents', 'payment_intent', { customer: optionalText }),
  retrieve('/v1/payment_intents/:id', 'payment_intent'),
  route('POST', '/v1/payment_intents/:id', intents.updateParams, (work, params, [id]) =>
    intents.updateIntent(work, id, params),
  ),
  route('POST', '/v1/payment_intents/:id/confirm', intents.confirmParams, (work, params, [id]) =>
    intents.confirmIntent(work, id, params),
  ),
  route('POST', '/v1/payment_intents/:id/capture', intents.captureParams, (work, params, [id]) =>
    intents.captureIntent(work, id, params),
  ),
  route('POST', '/v1/payment_intents/:id/cancel', intents.cancelParams, (work, params, [id]) =>
    intents.cancelIntent(work, id, params),
  ),

  route('POST', '/v1/setup_intents', setups.createParams, setups.createSetup),
  listed('/v1/setup_intents', 'setup_intent', {
    customer: optionalText,
    payment_method: optionalText,
  }),
  retrieve('/v1/setup_intents/:id', 'setup_intent'),
  route('POST', '/v1/setup_intents/:id/confirm', setups.confirmParams, (work, params, [id]) =>
    setups.confirmSetup(work, id, params),
  ),
  route('POST', '/v1/setup_intents/:id/cancel', setups.cancelParams, (work, params, [id]) =>
    setups.cancelSetupIntent(work, id, params),
  ),

  listed('/v1/charges', 'charge', { customer: optionalText, payment_intent: optionalText }),
  retrieve('/v1/charges/:id', 'charge'),
  route('POST', '/v1/charges/:id', charges.updateParams, (work, params, [id]) =>
    charges.updateCharge(work, id, params),
  ),

  route('POST', '/v1/refunds', refunds.createParams, refunds.createRefund),
  listed('/v1/refunds', 'refund', { charge: optionalText, payment_intent: optionalText }),
  retrieve('/v1/refunds/:id', 'refund'),
  route('POST', '/v1/refunds/:id', refunds.updateParams, (work, params, [id]) =>
    refunds.updateRefund(work, id, params),
  ),

  listed('/v1/disputes', 'dispute', { charge: optionalText, payment_intent: optionalText }),
  retrieve('/v1/disputes/:id', 'dispute'),
  route('POST', '/v1/disputes/:id', disputes.updateParams, (work, params, [id]) =>
    disputes.updateDispute(work, id, params),
  ),
  route('POST', '/v1/disputes/:id/close', none, (work, _, [id]) => disputes.closeDispute(work, id)),

  route('POST', '/v1/checkout/sessions', checkout.createParams, checkout.createSession),
  listed('/v1/checkout/sessions', 'session', {
    customer: optionalText,
    payment_intent: optionalText,
    status: z.enum(['complete', 'expired', 'open']).optional(),
  }),
  retrieve('/v1/checkout/sessions/:id', 'session'),
  route('POST', '/v1/checkout/sessions/:id', checkout.updateParams, (work, params, [id]) =>
    checkout.updateSession(work, id, params),
  ),
  route('POST', '/v1/checkout/sessions/:id/expire', none, (work, _, [id]) =>
    checkout.expireSession(work, id),
  ),
  route('GET', '/v1/checkout/sessions/:id/line_items', z.strictObject(page), async (work, params, [id]) => {
    const { hidden } = await get(work, 'session', id);
    const limit = params.limit ?? 10;
    const from = hidden.line_items.findIndex((item) => item.id === params.starting_after) + 1;
    return {
      object: 'list',
      data: hidden.line_items.slice(from, from + limit),
      has_more: hidden.line_items.length > from + limit,
      url: `/v1/checkout/sessions/${id}/line_items`,
    };
  }),

  route(
    'GET',
    '/v1/events',
    z.strictObject({
      ...page,
      created: created.optional(),
      type: text.optional(),
      types: list(text).optional(),
      delivery_success: z.enum(['true', 'false']).optional(),
    }),
    (work, { type, types, delivery_success: _, ...at }) =>
      listEvents(work, at, types ?? (type ? [type] : undefined)),
  ),
  route('GET', '/v1/events/:id', none, async (work, _, [id]) => {
    const { rows } = await work.db.query<{ body: unknown }>(
      'SELECT body FROM payments.events WHERE id = $1',
      [id],
    );
    if (!rows[0]) throw missing('event', id, 'id', 404);
    return (await withPending(work, [rows[0].body]))[0];
  }),
];

export function findRoute(routes: Route[], method: string, path: string) {
  for (const candidate of routes) {
    const match = candidate.method === method ? candidate.path.exec(path) : null;
    if (match) return { route: candidate, ids: match.slice(1) };
  }
  throw new ApiError(
    404,
    {
      type: 'invalid_request_error',
      message: `Unrecognized request URL (${method}: ${path}). If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code. The sandbox knows a part of Stripe’s API only.`,
    },
    false,
  );
}
