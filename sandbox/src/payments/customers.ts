/** Customers: who pays, as the shop knows them. */

import { z } from 'zod';
import { changes, record } from './events.ts';
import { newId } from './ids.ts';
import { changedMetadata, clearable, email, metadata, postalAddress } from './params.ts';
import { detach } from './payment-methods.ts';
import type { Customer } from './types.ts';
import { find, findBy, get, insert, type Stored, save, type Work } from './work.ts';

export const customerParams = z.strictObject({
  email: z.union([z.literal('').transform(() => null), email]).optional(),
  name: clearable.optional(),
  description: clearable.optional(),
  phone: clearable.optional(),
  address: postalAddress.optional(),
  metadata: metadata.optional(),
  invoice_settings: z.strictObject({ default_payment_method: clearable.optional() }).optional(),
});

export async function createCustomer(
  work: Work,
  params: z.output<typeof customerParams>,
): Promise<Stored<'customer'>> {
  const body: Customer = {
    id: newId('cus', 14),
    object: 'customer',
    address: null,
    balance: 0,
    created: work.now,
    currency: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: newId('x', 8).slice(2).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
  const customer = await insert(work, 'customer', await changed(work, body, params), {});
  await record(work, 'customer.created', customer.body);
  return customer;
}

export async function updateCustomer(
  work: Work,
  id: string,
  params: z.output<typeof customerParams>,
): Promise<Customer> {
  const customer = await get(work, 'customer', id, { lock: true });
  const body = await changed(work, customer.body, params);
  const before = changes(customer.body, body);
  await save(work, { ...customer, body });
  if (Object.keys(before).length > 0) await record(work, 'customer.updated', body, before);
  return body;
}

async function changed(
  work: Work,
  before: Customer,
  { metadata: change, address, invoice_settings, ...plain }: z.output<typeof customerParams>,
): Promise<Customer> {
  const method = invoice_settings?.default_payment_method;
  if (method) {
    const param = 'invoice_settings[default_payment_method]';
    const found = await get(work, 'payment_method', method, { param });
    if (found.body.customer !== before.id)
      await get(work, 'payment_method', `${method} of ${before.id}`, { param });
  }
  return {
    ...before,
    ...Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined)),
    ...(address
      ? {
          address: {
            city: null,
            country: null,
            line1: null,
            line2: null,
            postal_code: null,
            state: null,
            ...before.address,
            ...address,
          },
        }
      : {}),
    ...(method === undefined
      ? {}
      : { invoice_settings: { ...before.invoice_settings, default_payment_method: method } }),
    metadata: changedMetadata(before.metadata, change),
  };
}

/** Deletes a customer; their cards can't be charged any more. */
export async function deleteCustomer(work: Work, id: string) {
  // In the order in which a card that is being saved takes its locks.
  for (const method of await findBy(work, 'payment_method', 'customer', id)) await detach(work, method.id);
  const customer = await get(work, 'customer', id, { lock: true });
  await work.db.query('UPDATE payments.objects SET deleted = true WHERE id = $1', [id]);
  await record(work, 'customer.deleted', customer.body);
  return { id, object: 'customer', deleted: true };
}

/** A customer that was deleted is still told of, by its id. */
export async function retrieveCustomer(work: Work, id: string): Promise<unknown> {
  const found = await find(work, 'customer', id);
  if (found) return found.body;
  const { rowCount } = await work.db.query(
    `SELECT 1 FROM payments.objects WHERE id = $1 AND kind = 'customer' AND deleted`,
    [id],
  );
  if (rowCount) return { id, object: 'customer', deleted: true };
  return (await get(work, 'customer', id)).body;
}
