/** Orders as a person meets them: begun out of a cart, looked at, listed. Each is one payment of ours, made once for each key. */

import { createHash, randomUUID } from 'node:crypto';
import type { MedusaContainer } from '@medusajs/framework/types';
import { ContainerRegistrationKeys } from '@medusajs/framework/utils';
import type { Pool } from 'pg';
import { z } from 'zod';
import { toCents } from '../money';
import type { Orders } from '../payments/orders';
import type { Settle } from '../payments/settle';
import { createStore, type Payment, withPaymentLock } from '../payments/store';
import type { TopUps } from '../top-ups/top-ups';
import { type Address, type Carts, toAddress } from './carts';
import type { Entitlement, Entitlements } from './entitlements';
import type { Files, SoldFile } from './files';

export type Way = 'card' | 'wallet';
export type PurchaseState = 'open' | 'processing' | 'paid' | 'refunded' | 'disputed' | 'expired' | 'failed';

export interface PurchasedItem {
  title: string;
  handle: string;
  picture: string | null;
  quantity: number;
  total_cents: number;
  /** Nothing for what is sent by post. */
  downloads: {
    files: { id: string; name: string; bytes: number }[];
    left: number;
    taken_back: boolean;
  } | null;
}
export interface Purchase {
  id: string;
  /** As the shop counts orders; nothing before there is one. */
  number: number | null;
  state: PurchaseState;
  way: Way;
  created_at_ms: number;
  total_cents: number;
  refunded_cents: number;
  checkout_url: string | null;
  card: { brand: string; last4: string } | null;
  /** Why there is no order: the bank's word, the ledger's code, or `sold_out`, `cart_changed`, `interrupted` … */
  failure: { code: string; message: string } | null;
  order: {
    items: PurchasedItem[];
    shipping_cents: number;
    tax_cents: number;
    address: Address | null;
    sending: 'nothing_to_send' | 'preparing' | 'sent' | 'delivered' | 'cancelled';
  } | null;
}
export type PayRefusal =
  | 'not_found'
  | 'key_reused'
  | 'cart_empty'
  | 'delivery_missing'
  /** The cart costs something else than was agreed to. */
  | 'total_changed'
  | 'nothing_to_pay';
export type Paid = { ok: true; purchase: Purchase; made: boolean } | { ok: false; code: PayRefusal };

export interface Purchases {
  isKnown(person_id: string, key: string): Promise<boolean>;
  pay(
    person_id: string,
    cart_id: string,
    key: string,
    wanted: { way: Way; total_cents: number },
  ): Promise<Paid>;
  /** As it is now, settled on the way. */
  look(person_id: string, id: string): Promise<Purchase | undefined>;
  /** Those that were paid, newest first. */
  list(
    person_id: string,
    page: { limit: number; before: string | undefined },
  ): Promise<{ orders: Purchase[]; next_before: string | null }>;
}

/** An order by wallet is finished or given up by the sweeper this long after it was begun, in seconds. */
const RECOVER_AFTER_S = 60;

const number = z.coerce.number();
const orderRow = z.object({
  id: z.string(),
  display_id: number,
  status: z.string(),
  fulfillment_status: z.string().nullish(),
  shipping_total: number,
  tax_total: number,
  items: z.array(
    z
      .object({
        id: z.string(),
        product_title: z.string().nullish(),
        title: z.string(),
        product_handle: z.string().nullish(),
        thumbnail: z.string().nullish(),
        quantity: number,
        unit_price: number,
        requires_shipping: z.boolean(),
        product_id: z.string().nullish(),
      })
      .nullish(),
  ),
  fulfillments: z
    .array(
      z.object({ shipped_at: z.unknown(), delivered_at: z.unknown(), canceled_at: z.unknown() }).nullish(),
    )
    .nullish(),
  shipping_address: z.custom<Parameters<typeof toAddress>[0]>().nullish(),
});
type OrderRow = z.infer<typeof orderRow>;

export function createPurchases({
  pool,
  container,
  carts,
  orders,
  topUps,
  settle,
  entitlements,
  files,
  siteUrl,
}: {
  pool: Pool;
  container: Promise<MedusaContainer>;
  carts: Pick<Carts, 'look'>;
  orders: Pick<Orders, 'startPayment'>;
  topUps: Pick<TopUps, 'customer'>;
  settle: Pick<Settle, 'settle'>;
  entitlements: Pick<Entitlements, 'of'>;
  files: Pick<Files, 'of'>;
  siteUrl: string;
}): Purchases {
  async function byKey(person_id: string, key: string): Promise<Payment | undefined> {
    const { rows } = await pool.query<Payment>(
      'select * from commerce_payment where person_id = $1 and idempotency_key = $2',
      [person_id, key],
    );
    return rows[0];
  }

  async function openCheckout(payment: Payment, title: string): Promise<void> {
    // Before the lock, which holds a connection: whoever holds one waits for no other.
    const customer = await topUps.customer(payment.person_id);
    await withPaymentLock(pool, payment.id, async (db) => {
      const store = createStore(db);
      const now = (await store.payment(payment.id)) ?? payment;
      if (now.state !== 'new') return;
      const begun = await orders.startPayment(now.cart_id ?? '', now, {
        reference: now.id,
        title,
        customer,
        success_url: `${siteUrl}/orders/${now.id}`,
        cancel_url: `${siteUrl}/checkout?order=${now.id}`,
        capture_later: true,
      });
      if (!begun) throw new Error(`Stripe gave no page for ${now.id}.`);
      await store.change(now.id, {
        checkout_session_id: begun.checkout_session,
        checkout_url: begun.checkout_url,
        state: 'open',
      });
    });
  }

  async function present(payment: Payment): Promise<Payment> {
    return settle
      .settle(payment.id)
      .catch(async () => (await createStore(pool).payment(payment.id)) ?? payment);
  }

  async function ordersOf(ids: string[]): Promise<Map<string, OrderRow>> {
    if (ids.length === 0) return new Map();
    const query = (await container).resolve(ContainerRegistrationKeys.QUERY);
    const { data } = await query.graph({
      entity: 'order',
      fields: [
        'id',
        'display_id',
        'status',
        'shipping_total',
        'tax_total',
        'total',
        'items.*',
        'fulfillments.*',
        'shipping_address.*',
      ],
      filters: { id: ids },
    });
    return new Map(data.map((one) => [String(one.id), orderRow.parse(one)]));
  }

  async function shown(payments: Payment[]): Promise<Purchase[]> {
    const found = await ordersOf(payments.flatMap(({ order_id }) => order_id ?? []));
    return Promise.all(
      payments.map(async (payment) => {
        const order = payment.order_id ? found.get(payment.order_id) : undefined;
        const owned = order ? await entitlements.of(payment.id) : [];
        return toPurchase(payment, order, owned, await files.of(owned.map((one) => one.product_id)));
      }),
    );
  }

  const one = async (payment: Payment): Promise<Purchase> => {
    const [purchase] = await shown([payment]);
    if (!purchase) throw new Error('an order is not there');
    return purchase;
  };

  return {
    isKnown: async (person_id, key) => (await byKey(person_id, key)) !== undefined,

    async pay(person_id, cart_id, key, { way, total_cents }) {
      const request_hash = createHash('sha256')
        .update(JSON.stringify(['goods', cart_id, way, total_cents]))
        .digest('hex');
      let payment = await byKey(person_id, key);
      const made = !payment;
      let title = 'SoulSeer shop';
      if (!payment || payment.state === 'new') {
        const looked = await carts.look(person_id, cart_id);
        if (!looked.ok && !payment) return { ok: false, code: 'not_found' };
        const count = looked.ok ? looked.cart.items.reduce((sum, { quantity }) => sum + quantity, 0) : 0;
        title = `SoulSeer shop: ${count} ${count === 1 ? 'thing' : 'things'}`;
        if (!payment && looked.ok) {
          const { cart } = looked;
          if (cart.items.length === 0) return { ok: false, code: 'cart_empty' };
          if (cart.needs_delivery && !cart.delivery) return { ok: false, code: 'delivery_missing' };
          if (cart.total_cents !== total_cents) return { ok: false, code: 'total_changed' };
          if (cart.total_cents === 0) return { ok: false, code: 'nothing_to_pay' };
          await pool.query(
            `insert into commerce_payment
               (id, person_id, purpose, way, amount_cents, return_path, idempotency_key, request_hash, cart_id, settle_at)
             values ($1, $2, 'goods', $3, $4, '/orders', $5, $6, $7,
               case when $3 = 'wallet' then now() + make_interval(secs => $8) end)
             on conflict (person_id, idempotency_key) do nothing`,
            [
              `order_${randomUUID().replaceAll('-', '')}`,
              person_id,
              way === 'card' ? 'checkout' : 'wallet',
              total_cents,
              key,
              request_hash,
              cart_id,
              RECOVER_AFTER_S,
            ],
          );
          payment = await byKey(person_id, key);
        }
      }
      if (!payment) throw new Error('An order was recorded and is not there.');
      if (payment.request_hash !== request_hash) return { ok: false, code: 'key_reused' };
      if (way === 'card' && payment.state === 'new') {
        await openCheckout(payment, title);
        payment = (await createStore(pool).payment(payment.id)) ?? payment;
      } else payment = await present(payment);
      return { ok: true, purchase: await one(payment), made };
    },

    async look(person_id, id) {
      const { rows } = await pool.query<Payment>(
        `select * from commerce_payment where id = $1 and person_id = $2 and purpose = 'goods'`,
        [id, person_id],
      );
      return rows[0] && one(await present(rows[0]));
    },

    async list(person_id, { limit, before }) {
      const { rows } = await pool.query<Payment>(
        `select * from commerce_payment where person_id = $1 and purpose = 'goods' and captured_cents > 0
           and ($2::text is null
             or (created_at, id) < (select created_at, id from commerce_payment where id = $2 and person_id = $1))
         order by created_at desc, id desc limit $3`,
        [person_id, before ?? null, limit + 1],
      );
      const page = rows.slice(0, limit);
      return {
        orders: await shown(page),
        next_before: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
      };
    },
  };
}

function stateOf({ state, captured_cents }: Payment): PurchaseState {
  switch (state) {
    case 'new':
      return 'processing';
    case 'credited':
      return 'paid';
    case 'paid':
      return captured_cents > 0 ? 'paid' : 'processing';
    default:
      return state;
  }
}

function toPurchase(
  payment: Payment,
  order: OrderRow | undefined,
  owned: Entitlement[],
  files: SoldFile[],
): Purchase {
  const state = stateOf(payment);
  const code = payment.ended_code ?? payment.failure_code;
  const open = payment.state === 'credited';
  const isPaid = payment.captured_cents > 0;
  return {
    id: payment.id,
    number: order && isPaid ? order.display_id : null,
    state,
    way: payment.way === 'wallet' ? 'wallet' : 'card',
    created_at_ms: payment.created_at.getTime(),
    total_cents: payment.amount_cents,
    refunded_cents: payment.refunded_cents,
    checkout_url: state === 'open' ? payment.checkout_url : null,
    card:
      payment.card_brand && payment.card_last4
        ? { brand: payment.card_brand, last4: payment.card_last4 }
        : null,
    failure: code && !isPaid ? { code, message: payment.failure_message ?? '' } : null,
    order:
      order && isPaid
        ? {
            items: order.items.flatMap((item) => (item ? [toItem(item)] : [])),
            shipping_cents: toCents(order.shipping_total),
            tax_cents: Math.round(order.tax_total * 100),
            address: order.shipping_address?.country_code ? toAddress(order.shipping_address) : null,
            sending: sendingOf(order),
          }
        : null,
  };

  function toItem(item: NonNullable<OrderRow['items'][number]>): PurchasedItem {
    const mine = owned.find(({ line_item_id }) => line_item_id === item.id);
    return {
      title: item.product_title ?? item.title,
      handle: item.product_handle ?? '',
      picture: item.thumbnail ?? null,
      quantity: item.quantity,
      total_cents: toCents(item.unit_price) * item.quantity,
      downloads: mine
        ? {
            files: files
              .filter(({ product_id }) => product_id === mine.product_id)
              .map(({ id, name, bytes }) => ({ id, name, bytes })),
            left: mine.most_downloads - mine.downloads,
            taken_back: !open || mine.revoked_at !== null,
          }
        : null,
    };
  }
}

function sendingOf(order: OrderRow): NonNullable<Purchase['order']>['sending'] {
  if (order.status === 'canceled') return 'cancelled';
  if (!order.items.some((item) => item?.requires_shipping)) return 'nothing_to_send';
  const sent = (order.fulfillments ?? []).flatMap((it) => (it && !it.canceled_at ? [it] : []));
  if (sent.length > 0 && sent.every((it) => it.delivered_at)) return 'delivered';
  return sent.some((it) => it.shipped_at) ? 'sent' : 'preparing';
}
