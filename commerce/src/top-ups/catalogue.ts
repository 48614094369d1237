/**
 * Wallet credit as the shop's own type of product: a variant for each pack, whose price in dollars is what is credited, and
 * one without a price for any amount. It has a sales channel of its own, so that it stands in nobody's shop window and cart.
 */

import type { MedusaContainer } from '@medusajs/framework/types';
import { ContainerRegistrationKeys, Modules, ProductStatus } from '@medusajs/framework/utils';
import {
  createProductsWorkflow,
  createProductTypesWorkflow,
  createSalesChannelsWorkflow,
} from '@medusajs/medusa/core-flows';
import type { Pool } from 'pg';
import { z } from 'zod';
import { transaction } from '../database';
import { toCents, toMajorUnits } from '../money';
import { FIRST_PACKS_CENTS, TOP_UP_LEAST_CENTS, TOP_UP_MOST_CENTS } from './limits';

export const TOP_UP_CURRENCY = 'usd';
const TOP_UP_TYPE = 'top-up';
const HANDLE = 'wallet-credit';
const CHANNEL = 'Wallet';
const ANY_AMOUNT = 'CREDIT-ANY';

export interface Pack {
  /** The variant's id. */
  id: string;
  title: string;
  amount_cents: number;
}

const variant = z.object({
  id: z.string(),
  title: z.string().nullable(),
  sku: z.string().nullable(),
  prices: z.array(z.object({ amount: z.number(), currency_code: z.string() }).nullable()).nullish(),
});

/** Makes the product when there is none; what staff have made of it stays. */
export async function ensureTopUps(container: MedusaContainer, pool: Pool): Promise<void> {
  await transaction(pool, async (db) => {
    // Two nodes may start at the same time.
    await db.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', ['top-up products']);
    const [known] = await container.resolve(Modules.PRODUCT).listProducts({ handle: HANDLE }, { take: 1 });
    if (!known) await makeProduct(container);
  });
}

async function makeProduct(container: MedusaContainer): Promise<void> {
  const products = container.resolve(Modules.PRODUCT);
  let [type] = await products.listProductTypes({ value: TOP_UP_TYPE }, { take: 1 });
  if (!type) {
    const { result } = await createProductTypesWorkflow(container).run({
      input: { product_types: [{ value: TOP_UP_TYPE }] },
    });
    type = result[0];
  }
  // A channel of its own: Medusa puts a product without one into the shop window, as long as the shop has but one channel.
  const channels = container.resolve(Modules.SALES_CHANNEL);
  let [channel] = await channels.listSalesChannels({ name: CHANNEL }, { take: 1 });
  if (!channel) {
    const made = await createSalesChannelsWorkflow(container).run({
      input: {
        salesChannelsData: [{ name: CHANNEL, description: 'Top-ups, which stand in no shop window.' }],
      },
    });
    channel = made.result[0];
  }
  const titleOf = (cents: number) => `$${toMajorUnits(cents)}`;
  const variants = FIRST_PACKS_CENTS.map((cents) => ({
    title: titleOf(cents),
    sku: `CREDIT-${cents}`,
    options: { Amount: titleOf(cents) },
    manage_inventory: false,
    prices: [{ currency_code: TOP_UP_CURRENCY, amount: toMajorUnits(cents) }],
  }));
  const any = {
    title: 'Any amount',
    sku: ANY_AMOUNT,
    options: { Amount: 'Any' },
    manage_inventory: false,
    prices: [],
  };
  await createProductsWorkflow(container).run({
    input: {
      products: [
        {
          handle: HANDLE,
          title: 'Wallet credit',
          description: 'Money for the wallet, by card. Each price is what is credited.',
          status: ProductStatus.PUBLISHED,
          // What is captured is what is credited: no promotion may come between.
          discountable: false,
          type_id: type?.id,
          sales_channels: channel ? [{ id: channel.id }] : [],
          options: [{ title: 'Amount', values: [...FIRST_PACKS_CENTS.map(titleOf), 'Any'] }],
          variants: [...variants, any],
        },
      ],
    },
  });
}

async function variants(container: MedusaContainer): Promise<z.infer<typeof variant>[]> {
  const { data } = await container.resolve(ContainerRegistrationKeys.QUERY).graph({
    entity: 'product',
    fields: [
      'variants.id',
      'variants.title',
      'variants.sku',
      'variants.prices.amount',
      'variants.prices.currency_code',
    ],
    filters: { handle: HANDLE },
  });
  return z.array(variant).parse(data[0]?.variants ?? []);
}

/** The packs on offer, the smallest first. One outside the limits, or without a price, is not offered. */
export async function packs(container: MedusaContainer): Promise<Pack[]> {
  const found = (await variants(container)).flatMap((one) => {
    const price = one.prices?.find((it) => it?.currency_code === TOP_UP_CURRENCY);
    if (!price || one.sku === ANY_AMOUNT) return [];
    const amount_cents = toCents(price.amount);
    if (amount_cents < TOP_UP_LEAST_CENTS || amount_cents > TOP_UP_MOST_CENTS) return [];
    return [{ id: one.id, title: one.title ?? '', amount_cents }];
  });
  return found.sort((one, other) => one.amount_cents - other.amount_cents);
}

/** The variant that a top-up's cart holds: the pack, or any amount; also when the pack is not on offer any more. */
export async function topUpVariant(container: MedusaContainer, pack: string | null): Promise<string> {
  const all = await variants(container);
  const found = all.find((one) => one.id === pack) ?? all.find((one) => one.sku === ANY_AMOUNT);
  if (!found) throw new Error('The shop has no product for top-ups.');
  return found.id;
}
