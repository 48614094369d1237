/** The mail that thanks for an order, once for each that was paid: its mark and its row in the outbox are one write. */

import type { Payment, Queryable } from '../payments/store';

/** Needs the payment as it is after it was settled, with its order and what of it can be downloaded. */
export async function thank(db: Queryable, payment: Payment): Promise<void> {
  const { id, person_id: to_person_id, state, amount_cents, way, card_brand, card_last4 } = payment;
  if (payment.thanked || state !== 'credited') return;
  const paid_by =
    way === 'wallet' ? 'your wallet' : card_last4 ? `${card_brand} ending in ${card_last4}` : 'card';
  const values = { amount_cents, paid_by, order_id: id };
  await db.query(
    `with told as (update commerce_payment set thanked = true where id = $1 and not thanked returning id)
     insert into commerce_outbox (path, body)
     select $2, jsonb_set($3::jsonb, '{values,downloads}', to_jsonb(exists (select from commerce_entitlement where payment_id = $1)))
     from told on conflict (path) do nothing`,
    [id, `/service/mails/order-paid:${id}`, JSON.stringify({ to_person_id, template: 'order_paid', values })],
  );
}
