import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import type { MedusaContainer } from '@medusajs/framework/types';
import { Modules } from '@medusajs/framework/utils';
import { Pool } from 'pg';
import type { Environment } from '../environment';
import { createFiles, openStorage } from '../shop/files';
import type { World } from './world';

/** Gives digital products that have none yet the world's file. @returns how many */
export async function seedFiles(
  container: MedusaContainer,
  environment: Environment,
  world: World,
  directory: string,
): Promise<number> {
  const wanted = new Map(world.products.flatMap(({ handle, file }) => (file ? [[handle, file]] : [])));
  const products = await container
    .resolve(Modules.PRODUCT)
    .listProducts({ handle: [...wanted.keys()] }, { select: ['id', 'handle'], take: wanted.size });
  const pool = new Pool({ connectionString: environment.DATABASE_URL, max: 1 });
  const files = createFiles({
    pool,
    s3: openStorage(environment),
    bucket: environment.S3_PRIVATE_BUCKET,
  });
  try {
    const there = new Set((await files.of(products.map(({ id }) => id))).map((it) => it.product_id));
    let made = 0;
    for (const { id, handle } of products) {
      const file = wanted.get(handle);
      if (!file || there.has(id)) continue;
      const stored = await files.store(id, basename(file), createReadStream(join(directory, file)), null);
      if (!stored.ok) throw new Error(`The file of ${handle} was not kept: ${stored.code}`);
      made += 1;
    }
    return made;
  } finally {
    files.stop();
    await pool.end();
  }
}
