import { Client } from 'pg';
import { z } from 'zod';
import type { SeedEnvironment } from '../environment';
import { fingerprintOf } from '../fingerprint';
import { createStamps, readStamp, writeStamp } from '../stamp';
import { readWorld, type World, worldFiles } from './world';

/** What the caller gets to know. */
export interface Seeded {
  publishable_key: string;
}

const stamped = z.object({ publishable_key: z.string() });

/**
 * Puts the demo world into the shop. What is there already stays; with nothing changed since the last run, Medusa isn't
 * even loaded.
 * @param root folder of `medusa-config`
 * @param directory the world's
 */
export async function seed(
  environment: SeedEnvironment,
  root: string,
  directory: string,
  say: (line: string) => void,
): Promise<Seeded> {
  const world = await readWorld(directory);
  const { MEDIA_URL, SEED_PUBLISHABLE_KEY = '' } = environment;
  const code = await fingerprintOf(root, ['src/seed']);
  const fingerprint = await fingerprintOf(
    directory,
    ['commerce.json', ...worldFiles(world)],
    ...[code, MEDIA_URL, SEED_PUBLISHABLE_KEY],
  );
  const client = new Client({ connectionString: environment.DATABASE_URL });
  await client.connect();
  try {
    const known = stamped.safeParse(await readStamp(client, 'seed', fingerprint));
    if (known.success) {
      say('Nothing has changed since the last seed.');
      return known.data;
    }
    const seeded = await seedMedusa(environment, root, directory, world, say);
    await createStamps(client);
    await writeStamp(client, 'seed', fingerprint, seeded);
    return seeded;
  } finally {
    await client.end();
  }
}

async function seedMedusa(
  environment: SeedEnvironment,
  root: string,
  directory: string,
  world: World,
  say: (line: string) => void,
): Promise<Seeded> {
  say('Loading Medusa …');
  // Imported only when there is something to do: loading Medusa takes seconds.
  const { default: loadMedusa } =
    require('@medusajs/medusa/loaders/index') as typeof import('@medusajs/medusa/loaders/index');
  const express = require('express') as typeof import('express');
  const { seedShop } = require('./shop') as typeof import('./shop');
  const { movePictures, seedCategories, seedProducts, seedStock } =
    require('./catalogue') as typeof import('./catalogue');
  const { seedFiles } = require('./files') as typeof import('./files');
  const { seedPublishableKey } = require('./access') as typeof import('./access');

  const { container } = await loadMedusa({
    directory: root,
    expressApp: express(),
    skipLoadingEntryPoints: true,
  });
  say('Setting up the shop: currency, region, shipping …');
  const shop = await seedShop(container);
  const publishable_key = await seedPublishableKey(container, environment.SEED_PUBLISHABLE_KEY);
  const categories = await seedCategories(container, world);
  say('Making products and storing their pictures …');
  const made = await seedProducts(container, world, directory, shop, categories);
  await movePictures(container, environment.MEDIA_URL);
  const stocked = await seedStock(container, world, shop);
  const sold = await seedFiles(container, environment, world, directory);
  say(`${made} products made, ${world.products.length - made} were there; ${stocked} put in stock.`);
  say(`${sold} files of digital products stored.`);
  return { publishable_key };
}
