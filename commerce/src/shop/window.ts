/** What the shop sells to people: published products of the site's sales channel. Wallet credit has a channel of its own. */

import type { MedusaContainer } from '@medusajs/framework/types';
import { ContainerRegistrationKeys, ProductStatus } from '@medusajs/framework/utils';
import { z } from 'zod';
import { toCents } from '../money';
import { channelOf } from '../payments/orders';
import { TOP_UP_CURRENCY } from '../top-ups/catalogue';

/** How old what is shown may be, in milliseconds. Whether something can be had is decided anew when it is bought. */
const FRESH_MS = 5_000;

export interface WindowProduct {
  id: string;
  handle: string;
  title: string;
  subtitle: string;
  description: string;
  kind: 'digital' | 'physical';
  reader_slug: string | null;
  categories: { slug: string; name: string }[];
  pictures: { url: string; alt: string }[];
  created_at_ms: number;
  variants: { id: string; title: string; price_cents: number; in_stock: number | null }[];
}
export interface ShopWindow {
  categories: { slug: string; name: string; description: string }[];
  products: WindowProduct[];
}

/** Medusa gives amounts as numbers, or as objects of its own that are as good as one. */
const number = z.coerce.number();
const level = z.object({ stocked_quantity: number, reserved_quantity: number });
const product = z.object({
  id: z.string(),
  handle: z.string(),
  title: z.string(),
  subtitle: z.string().nullish(),
  description: z.string().nullish(),
  created_at: z.coerce.date(),
  metadata: z
    .object({
      kind: z.enum(['digital', 'physical']).optional().catch(undefined),
      reader_slug: z.string().nullish().catch(null),
      picture_alts: z.array(z.string()).optional().catch(undefined),
    })
    .nullish(),
  images: z.array(z.object({ url: z.string() })),
  categories: z.array(z.object({ handle: z.string(), name: z.string() }).nullable()),
  sales_channels: z.array(z.object({ id: z.string() }).nullish()).nullish(),
  variants: z.array(
    z.object({
      id: z.string(),
      title: z.string().nullish(),
      manage_inventory: z.boolean(),
      prices: z.array(z.object({ amount: number, currency_code: z.string() }).nullable()).nullish(),
      inventory_items: z
        .array(z.object({ inventory: z.object({ location_levels: z.array(level).nullish() }).nullish() }))
        .nullish(),
    }),
  ),
});

export interface Shelves {
  window(): Promise<ShopWindow>;
  /** The product of a variant that can be bought. */
  productOf(variant_id: string): Promise<WindowProduct | undefined>;
}

export function createShelves(container: Promise<MedusaContainer>, clock: { now(): number }): Shelves {
  let kept: { until: number; window: Promise<ShopWindow> } | undefined;

  async function read(): Promise<ShopWindow> {
    const medusa = await container;
    const query = medusa.resolve(ContainerRegistrationKeys.QUERY);
    const sales_channel_id = await channelOf(medusa);
    const [products, categories] = await Promise.all([
      query.graph({
        entity: 'product',
        fields: [
          'id',
          'handle',
          'title',
          'subtitle',
          'description',
          'created_at',
          'metadata',
          'images.url',
          'images.rank',
          'categories.handle',
          'categories.name',
          'sales_channels.id',
          'variants.id',
          'variants.title',
          'variants.manage_inventory',
          'variants.prices.amount',
          'variants.prices.currency_code',
          'variants.inventory_items.inventory.location_levels.stocked_quantity',
          'variants.inventory_items.inventory.location_levels.reserved_quantity',
        ],
        filters: { status: ProductStatus.PUBLISHED },
      }),
      query.graph({
        entity: 'product_category',
        fields: ['handle', 'name', 'description', 'rank'],
        filters: { is_active: true, is_internal: false },
      }),
    ]);
    const found = z.array(product).parse(products.data);
    return {
      categories: z
        .array(z.object({ handle: z.string(), name: z.string(), description: z.string().nullish() }))
        .parse(categories.data)
        .map(({ handle, name, description }) => ({ slug: handle, name, description: description ?? '' })),
      products: found
        .filter((one) => one.sales_channels?.some((channel) => channel?.id === sales_channel_id))
        .map(toShown)
        .filter((one) => one.variants.length > 0),
    };
  }

  async function window(): Promise<ShopWindow> {
    const now = clock.now();
    if (kept && kept.until > now) return kept.window;
    const reading = read();
    kept = { until: now + FRESH_MS, window: reading };
    reading.catch(() => {
      kept = undefined;
    });
    return reading;
  }

  return {
    window,
    async productOf(variant_id) {
      const { products } = await window();
      return products.find(({ variants }) => variants.some(({ id }) => id === variant_id));
    },
  };
}

function toShown(one: z.infer<typeof product>): WindowProduct {
  return {
    id: one.id,
    handle: one.handle,
    title: one.title,
    subtitle: one.subtitle ?? '',
    description: one.description ?? '',
    kind: one.metadata?.kind ?? (one.variants.some((it) => it.manage_inventory) ? 'physical' : 'digital'),
    reader_slug: one.metadata?.reader_slug ?? null,
    categories: one.categories.flatMap((it) => (it ? [{ slug: it.handle, name: it.name }] : [])),
    pictures: one.images.map(({ url }, index) => ({ url, alt: one.metadata?.picture_alts?.[index] ?? '' })),
    created_at_ms: one.created_at.getTime(),
    variants: one.variants.flatMap((variant) => {
      const price = variant.prices?.find((it) => it?.currency_code === TOP_UP_CURRENCY);
      if (!price) return [];
      const levels = (variant.inventory_items ?? []).flatMap((it) => it.inventory?.location_levels ?? []);
      const left = levels.reduce((sum, it) => sum + it.stocked_quantity - it.reserved_quantity, 0);
      return [
        {
          id: variant.id,
          title: variant.title ?? '',
          price_cents: toCents(price.amount),
          in_stock: variant.manage_inventory ? Math.max(0, left) : null,
        },
      ];
    }),
  };
}
