/**
 * Somebody's cart. It is Medusa's, reached through these few acts alone: Medusa's own store routes would take prices, other
 * people's carts, payment sessions and wallet credit. A cart without an owner is a guest's: whoever knows its id has it.
 */

import type { MedusaContainer } from '@medusajs/framework/types';
import { ContainerRegistrationKeys, Modules } from '@medusajs/framework/utils';
import {
  addShippingMethodToCartWorkflow,
  addToCartWorkflow,
  createCartWorkflow,
  listShippingOptionsForCartWorkflow,
  updateCartWorkflow,
  updateLineItemInCartWorkflow,
} from '@medusajs/medusa/core-flows';
import type { Pool } from 'pg';
import { z } from 'zod';
import { customerIdOf } from '../identity/person';
import { toCents } from '../money';
import { shopOf } from '../payments/orders';
import { TOP_UP_CURRENCY } from '../top-ups/catalogue';
import type { Shelves, WindowProduct } from './window';

const MOST_LINES = 50;
export const MOST_OF_ONE = 20;

export interface Address {
  name: string;
  address_1: string;
  address_2: string | null;
  city: string;
  postal_code: string;
  province: string | null;
  country_code: string;
}
export interface CartItem {
  id: string;
  variant_id: string;
  handle: string;
  title: string;
  kind: 'digital' | 'physical';
  picture: string | null;
  quantity: number;
  unit_cents: number;
  total_cents: number;
}
export interface Cart {
  id: string;
  items: CartItem[];
  items_cents: number;
  shipping_cents: number;
  /** Within the prices. */
  tax_cents: number;
  total_cents: number;
  needs_delivery: boolean;
  delivery: { address: Address; option: string; name: string } | null;
  /** How it can be sent, once it is known where to. */
  options: { id: string; name: string; price_cents: number }[];
  countries: string[];
}
export type CartRefusal =
  | 'not_found'
  | 'unknown_product'
  | 'not_enough_stock'
  | 'cart_full'
  | 'no_delivery_there'
  /** A payment of it is made already, or it is being worked at. */
  | 'cart_busy';
export type CartResult = { ok: true; cart: Cart } | { ok: false; code: CartRefusal };

/** Medusa gives amounts as numbers, or as objects of its own that are as good as one. */
const number = z.coerce.number();
const cartRow = z.object({
  id: z.string(),
  customer_id: z.string().nullish(),
  completed_at: z.unknown(),
  metadata: z.object({ basket: z.literal(true) }),
  total: number,
  item_total: number,
  shipping_total: number,
  tax_total: number,
  region: z.object({ countries: z.array(z.object({ iso_2: z.string() })) }),
  items: z.array(
    z
      .object({
        id: z.string(),
        variant_id: z.string(),
        product_handle: z.string().nullish(),
        product_title: z.string().nullish(),
        title: z.string(),
        thumbnail: z.string().nullish(),
        quantity: number,
        unit_price: number,
        requires_shipping: z.boolean(),
      })
      .nullish(),
  ),
  shipping_address: z
    .object({
      first_name: z.string().nullish(),
      address_1: z.string().nullish(),
      address_2: z.string().nullish(),
      city: z.string().nullish(),
      postal_code: z.string().nullish(),
      province: z.string().nullish(),
      country_code: z.string().nullish(),
    })
    .nullish(),
  shipping_methods: z
    .array(z.object({ shipping_option_id: z.string(), name: z.string() }).nullish())
    .nullish(),
});
type CartRow = z.infer<typeof cartRow>;

const FIELDS = [
  'id',
  'customer_id',
  'completed_at',
  'metadata',
  'total',
  'item_total',
  'shipping_total',
  'tax_total',
  'region.countries.iso_2',
  'items.id',
  'items.variant_id',
  'items.product_handle',
  'items.product_title',
  'items.title',
  'items.thumbnail',
  'items.quantity',
  'items.unit_price',
  'items.requires_shipping',
  'items.*',
  'shipping_address.*',
  'shipping_methods.*',
];

export interface Carts {
  /** A new cart with one thing in it; a person's own open one when they have one. */
  begin(person_id: string | undefined, item: { variant_id: string; quantity: number }): Promise<CartResult>;
  look(person_id: string | undefined, id: string): Promise<CartResult>;
  /** A person's own open cart. */
  own(person_id: string): Promise<CartResult>;
  add(
    person_id: string | undefined,
    id: string,
    item: { variant_id: string; quantity: number },
  ): Promise<CartResult>;
  /** `quantity` of nothing takes it out. */
  change(person_id: string | undefined, id: string, item_id: string, quantity: number): Promise<CartResult>;
  /** A guest's cart becomes the person's; what is in it comes to what they had. */
  claim(person_id: string, id: string): Promise<CartResult>;
  deliver(person_id: string, id: string, address: Address, option: string | undefined): Promise<CartResult>;
}

export function createCarts({
  pool,
  container,
  shelves,
}: {
  pool: Pool;
  container: Promise<MedusaContainer>;
  shelves: Shelves;
}): Carts {
  async function rows(filters: Record<string, unknown>): Promise<CartRow[]> {
    const query = (await container).resolve(ContainerRegistrationKeys.QUERY);
    const { data } = await query.graph({ entity: 'cart', fields: FIELDS, filters });
    return data.flatMap((one) => {
      // A top-up's cart is nobody's basket.
      const basket = (one.metadata as { basket?: unknown } | null)?.basket === true;
      return basket && !one.completed_at ? [cartRow.parse(one)] : [];
    });
  }

  /** An open cart that is this person's, or a guest's. */
  async function theirs(person_id: string | undefined, id: string): Promise<CartRow | undefined> {
    const [cart] = await rows({ id });
    if (!cart?.customer_id) return cart;
    return person_id && cart.customer_id === customerIdOf(person_id) ? cart : undefined;
  }

  async function ownRow(person_id: string): Promise<CartRow | undefined> {
    const { rows: found } = await pool.query<{ id: string }>(
      `select id from cart where customer_id = $1 and completed_at is null and deleted_at is null
         and metadata ->> 'basket' = 'true' order by created_at desc, id desc limit 1`,
      [customerIdOf(person_id)],
    );
    return found[0] && (await theirs(person_id, found[0].id));
  }

  async function shown(cart: CartRow): Promise<Cart> {
    const items = cart.items.flatMap((item) => (item ? [item] : []));
    const { shipping_address: to } = cart;
    const method = cart.shipping_methods?.find((it) => it);
    const address = to?.country_code && to.address_1 ? toAddress(to) : null;
    const needs_delivery = items.some((item) => item.requires_shipping);
    return {
      id: cart.id,
      items: items.map((item) => ({
        id: item.id,
        variant_id: item.variant_id,
        handle: item.product_handle ?? '',
        title: item.product_title ?? item.title,
        kind: item.requires_shipping ? 'physical' : 'digital',
        picture: item.thumbnail ?? null,
        quantity: item.quantity,
        unit_cents: toCents(item.unit_price),
        total_cents: toCents(item.unit_price) * item.quantity,
      })),
      items_cents: toCents(cart.item_total),
      shipping_cents: toCents(cart.shipping_total),
      // A part of whole prices, so it alone may have a fraction of a cent.
      tax_cents: Math.round(cart.tax_total * 100),
      total_cents: toCents(cart.total),
      needs_delivery,
      delivery: address && method ? { address, option: method.shipping_option_id, name: method.name } : null,
      options: needs_delivery && address ? await optionsOf(cart.id) : [],
      countries: cart.region.countries.map(({ iso_2 }) => iso_2).sort(),
    };
  }

  async function optionsOf(cart_id: string): Promise<Cart['options']> {
    const { result } = await listShippingOptionsForCartWorkflow(await container).run({ input: { cart_id } });
    return z
      .array(z.object({ id: z.string(), name: z.string(), amount: number }))
      .parse(result)
      .map(({ id, name, amount }) => ({ id, name, price_cents: toCents(amount) }));
  }

  async function answer(person_id: string | undefined, id: string): Promise<CartResult> {
    const cart = await theirs(person_id, id);
    return cart ? { ok: true, cart: await shown(cart) } : { ok: false, code: 'not_found' };
  }

  /** What Medusa refuses for a reason that a person can do something about. */
  async function doing(work: () => Promise<unknown>): Promise<CartRefusal | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      const { code, type, message } = error as { code?: string; type?: string; message?: string };
      if (code === 'insufficient_inventory') return 'not_enough_stock';
      if (type === 'not_allowed' || /lock|made already/i.test(message ?? '')) return 'cart_busy';
      throw error;
    }
  }

  async function put(
    cart: CartRow,
    { variant_id, quantity }: { variant_id: string; quantity: number },
  ): Promise<CartRefusal | undefined> {
    const product = await shelves.productOf(variant_id);
    if (!product) return 'unknown_product';
    const items = cart.items.flatMap((item) => (item ? [item] : []));
    const there = items.find((item) => item.variant_id === variant_id);
    // Nobody pays twice for one file.
    if (product.kind === 'digital' && there) return undefined;
    if ((there?.quantity ?? 0) + quantity > MOST_OF_ONE || (!there && items.length >= MOST_LINES))
      return 'cart_full';
    const medusa = await container;
    return doing(() =>
      addToCartWorkflow(medusa).run({
        input: { cart_id: cart.id, items: [{ variant_id, quantity: piecesOf(product, quantity) }] },
      }),
    );
  }

  return {
    look: answer,

    async own(person_id) {
      const cart = await ownRow(person_id);
      return cart ? { ok: true, cart: await shown(cart) } : { ok: false, code: 'not_found' };
    },

    async begin(person_id, item) {
      const product = await shelves.productOf(item.variant_id);
      if (!product) return { ok: false, code: 'unknown_product' };
      const known = person_id && (await ownRow(person_id));
      if (known) {
        const code = await put(known, item);
        return code ? { ok: false, code } : answer(person_id, known.id);
      }
      const medusa = await container;
      const { region_id, sales_channel_id } = await shopOf(medusa);
      let id = '';
      const code = await doing(async () => {
        const { result } = await createCartWorkflow(medusa).run({
          input: {
            region_id,
            sales_channel_id,
            currency_code: TOP_UP_CURRENCY,
            ...(person_id ? { customer_id: customerIdOf(person_id) } : {}),
            metadata: { basket: true },
            items: [{ ...item, quantity: piecesOf(product, item.quantity) }],
          },
        });
        id = result.id;
      });
      return code ? { ok: false, code } : answer(person_id, id);
    },

    async add(person_id, id, item) {
      const cart = await theirs(person_id, id);
      if (!cart) return { ok: false, code: 'not_found' };
      const code = await put(cart, item);
      return code ? { ok: false, code } : answer(person_id, id);
    },

    async change(person_id, id, item_id, quantity) {
      const cart = await theirs(person_id, id);
      const line = cart?.items.find((item) => item?.id === item_id);
      if (!line) return { ok: false, code: 'not_found' };
      const product = await shelves.productOf(line.variant_id);
      const pieces = product ? piecesOf(product, quantity) : 0;
      const medusa = await container;
      const code = await doing(() =>
        updateLineItemInCartWorkflow(medusa).run({
          input: { cart_id: id, item_id, update: { quantity: pieces } },
        }),
      );
      return code ? { ok: false, code } : answer(person_id, id);
    },

    async claim(person_id, id) {
      const [guest, mine] = await Promise.all([theirs(person_id, id), ownRow(person_id)]);
      if (!guest || guest.id === mine?.id || guest.customer_id)
        return mine ? { ok: true, cart: await shown(mine) } : { ok: false, code: 'not_found' };
      const medusa = await container;
      if (!mine) {
        const customer = await medusa.resolve(Modules.CUSTOMER).retrieveCustomer(customerIdOf(person_id));
        // Whoever comes first has it; an id that two know is nobody's secret any more.
        await pool.query(
          'update cart set customer_id = $2, email = $3 where id = $1 and customer_id is null and completed_at is null',
          [id, customer.id, customer.email],
        );
        return answer(person_id, id);
      }
      // As much of it as there is: a cart is a wish, and what can't be had is told when it is bought.
      for (const item of guest.items)
        if (item) await put(mine, { variant_id: item.variant_id, quantity: item.quantity });
      await medusa.resolve(Modules.CART).deleteCarts([id]);
      return answer(person_id, mine.id);
    },

    async deliver(person_id, id, address, option) {
      const cart = await theirs(person_id, id);
      if (cart?.customer_id !== customerIdOf(person_id)) return { ok: false, code: 'not_found' };
      if (!cart.region.countries.some(({ iso_2 }) => iso_2 === address.country_code))
        return { ok: false, code: 'no_delivery_there' };
      const { name, ...rest } = address;
      const medusa = await container;
      let code = await doing(() =>
        updateCartWorkflow(medusa).run({
          input: { id, shipping_address: { first_name: name, ...rest } as never },
        }),
      );
      if (code) return { ok: false, code };
      const options = await optionsOf(id);
      const chosen = option ? options.find((one) => one.id === option) : options[0];
      if (!chosen) return { ok: false, code: 'no_delivery_there' };
      code = await doing(() =>
        addShippingMethodToCartWorkflow(medusa).run({ input: { cart_id: id, options: [{ id: chosen.id }] } }),
      );
      return code ? { ok: false, code } : answer(person_id, id);
    },
  };
}

/** Of a file there is one. */
const piecesOf = ({ kind }: WindowProduct, wanted: number): number =>
  kind === 'digital' ? Math.min(1, wanted) : wanted;

export function toAddress(to: NonNullable<CartRow['shipping_address']>): Address {
  return {
    name: to.first_name ?? '',
    address_1: to.address_1 ?? '',
    address_2: to.address_2 ?? null,
    city: to.city ?? '',
    postal_code: to.postal_code ?? '',
    province: to.province ?? null,
    country_code: to.country_code ?? '',
  };
}
