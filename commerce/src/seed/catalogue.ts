import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { MedusaContainer } from '@medusajs/framework/types';
import { ContainerRegistrationKeys, Modules, ProductStatus } from '@medusajs/framework/utils';
import {
  createInventoryLevelsWorkflow,
  createProductCategoriesWorkflow,
  createProductsWorkflow,
  updateInventoryItemsWorkflow,
} from '@medusajs/medusa/core-flows';
import { z } from 'zod';
import { toMajorUnits } from '../money';
import type { Shop } from './shop';
import type { World, WorldProduct } from './world';

const MIME_TYPES = new Map([
  ['.avif', 'image/avif'],
  ['.webp', 'image/webp'],
  ['.png', 'image/png'],
  ['.jpg', 'image/jpeg'],
  ['.jpeg', 'image/jpeg'],
]);

const inventoryItem = z.object({
  id: z.string(),
  sku: z.string(),
  location_levels: z.array(z.object({ location_id: z.string() })),
});

/** How many pictures are in memory and on their way at a time. */
const UPLOADS = 10;

/** Makes the categories that aren't there yet. @returns the ids of all, by slug */
export async function seedCategories(container: MedusaContainer, world: World): Promise<Map<string, string>> {
  const handle = world.categories.map((it) => it.slug);
  const known = await container
    .resolve(Modules.PRODUCT)
    .listProductCategories({ handle }, { take: handle.length });
  const ids = new Map(known.map((it) => [it.handle, it.id]));
  const missing = world.categories.filter((it) => !ids.has(it.slug));
  if (missing.length === 0) return ids;
  const { result } = await createProductCategoriesWorkflow(container).run({
    input: {
      product_categories: missing.map((it) => ({
        name: it.name,
        handle: it.slug,
        description: it.description,
        is_active: true,
        is_internal: false,
      })),
    },
  });
  for (const it of result) ids.set(it.handle, it.id);
  return ids;
}

/**
 * Makes the products that aren't there yet, told by their handle; those that are there stay as somebody left them.
 * @param directory the world's, with the pictures
 * @returns how many were made
 */
export async function seedProducts(
  container: MedusaContainer,
  world: World,
  directory: string,
  shop: Shop,
  categories: Map<string, string>,
): Promise<number> {
  const handle = world.products.map((it) => it.handle);
  const known = await container
    .resolve(Modules.PRODUCT)
    .listProducts({ handle }, { select: ['handle'], take: handle.length });
  const handles = new Set(known.map((it) => it.handle));
  const missing = world.products.filter((it) => !handles.has(it.handle));
  if (missing.length === 0) return 0;
  const urls = await uploadPictures(container, directory, missing);
  await createProductsWorkflow(container).run({
    input: { products: missing.map((it) => productInput(it, urls, shop, categories)) },
  });
  return missing.length;
}

/**
 * Medusa keeps whole addresses of pictures. When the platform has moved to other ports, those of the shop's own
 * pictures are made to lead to where they are now.
 */
export async function movePictures(container: MedusaContainer, mediaUrl: string): Promise<void> {
  const database = container.resolve(ContainerRegistrationKeys.PG_CONNECTION);
  for (const [table, column] of [
    ['image', 'url'],
    ['product', 'thumbnail'],
  ] as const) {
    await database.raw(
      `update ?? set ?? = ? || substring(?? from '/shop/.*$')
       where ?? ~ '^[a-z]+://[^/]+/shop/' and not starts_with(??, ?)`,
      [table, column, mediaUrl, column, column, column, `${mediaUrl}/`],
    );
  }
}

/** Puts the stock of physical products that have none at the shop's location yet. @returns how many */
export async function seedStock(container: MedusaContainer, world: World, shop: Shop): Promise<number> {
  const products = new Map(
    world.products.filter((it) => it.stock !== null).map((it) => [skuOf(it.handle), it]),
  );
  const { data } = await container.resolve(ContainerRegistrationKeys.QUERY).graph({
    entity: 'inventory_item',
    fields: ['id', 'sku', 'location_levels.location_id'],
    filters: { sku: [...products.keys()] },
  });
  const unstocked = z
    .array(inventoryItem)
    .parse(data)
    .filter((it) => !it.location_levels.some((level) => level.location_id === shop.stock_location_id));
  if (unstocked.length === 0) return 0;
  // Medusa names them after their variant, and so all of them "Standard".
  await updateInventoryItemsWorkflow(container).run({
    input: { updates: unstocked.map((it) => ({ id: it.id, title: products.get(it.sku)?.title })) },
  });
  await createInventoryLevelsWorkflow(container).run({
    input: {
      inventory_levels: unstocked.map((it) => ({
        inventory_item_id: it.id,
        location_id: shop.stock_location_id,
        stocked_quantity: products.get(it.sku)?.stock ?? 0,
      })),
    },
  });
  return unstocked.length;
}

function productInput(
  product: WorldProduct,
  urls: Map<string, string>,
  shop: Shop,
  categories: Map<string, string>,
) {
  const physical = product.kind === 'physical';
  const images = product.pictures.map((it) => ({ url: required(urls, it.file) }));
  return {
    handle: product.handle,
    title: product.title,
    subtitle: product.subtitle,
    description: product.description,
    status: ProductStatus.PUBLISHED,
    thumbnail: images[0]?.url,
    images,
    category_ids: product.categories.map((slug) => required(categories, slug)),
    sales_channels: [{ id: shop.sales_channel_id }],
    weight: product.weight_grams ?? undefined,
    // A product without a shipping profile is one that nothing has to be sent for.
    shipping_profile_id: physical ? shop.shipping_profile_id : undefined,
    metadata: {
      kind: product.kind,
      reader_slug: product.reader_slug,
      // Medusa's images have no alternative text; in the order of the images.
      picture_alts: product.pictures.map((it) => it.alt),
    },
    options: [{ title: 'Edition', values: ['Standard'] }],
    variants: [
      {
        title: 'Standard',
        sku: skuOf(product.handle),
        options: { Edition: 'Standard' },
        manage_inventory: physical,
        prices: [{ currency_code: 'usd', amount: toMajorUnits(product.price_cents) }],
      },
    ],
  };
}

/** @returns the public address of each picture, by its file name in the world */
async function uploadPictures(
  container: MedusaContainer,
  directory: string,
  products: WorldProduct[],
): Promise<Map<string, string>> {
  const files = [...new Set(products.flatMap((it) => it.pictures.map((picture) => picture.file)))];
  const urls = new Map<string, string>();
  for (let start = 0; start < files.length; start += UPLOADS) {
    const batch = files.slice(start, start + UPLOADS);
    const uploads = await Promise.all(
      batch.map(async (file) => ({
        filename: file,
        mimeType: required(MIME_TYPES, extname(file)),
        content: await readFile(join(directory, 'pictures', file), 'base64'),
        access: 'public' as const,
      })),
    );
    const stored = await container.resolve(Modules.FILE).createFiles(uploads);
    for (const [index, file] of batch.entries()) urls.set(file, stored[index]?.url ?? '');
  }
  return urls;
}

function skuOf(handle: string): string {
  return handle.toUpperCase();
}

function required(map: Map<string, string>, key: string): string {
  const value = map.get(key);
  if (!value) throw new Error(`Nothing is known of "${key}".`);
  return value;
}
