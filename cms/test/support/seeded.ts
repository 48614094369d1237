import type { CollectionSlug } from 'payload';
import { seed } from '../../src/seed/seed.ts';
import { createFiles } from '../../src/storage/files.ts';
import { type Cms, startCms } from './cms.ts';
import { type Storage, startStorage } from './storage.ts';
import { drawPictures, smallWorld } from './world.ts';

export type SeededCms = Cms & {
  idOf: typeof idOf;
  storedKeys: Storage['keys'];
  /** Puts something into the storage past the CMS. */
  store: (bucket: string, key: string, content: string) => Promise<void>;
};

/** A CMS that holds the small world, with its pictures in a real storage. */
export async function startSeededCms(
  environment: NonNullable<Parameters<typeof startCms>[0]>['environment'] = {},
): Promise<SeededCms> {
  const storage = await startStorage();
  const cms = await startCms({ storage, environment });
  const pictures = await drawPictures(smallWorld);
  await seed(cms.payload, {
    world: smallWorld,
    pictures: pictures.folder,
    issuer: cms.environment.OIDC_ISSUER,
    report: () => {},
    now: Date.now,
  });
  await pictures.close();

  async function idOf(collection: CollectionSlug, value: string, field = 'slug'): Promise<number> {
    const { docs } = await cms.payload.find({ collection, where: { [field]: { equals: value } }, depth: 0 });
    const [found] = docs as { id: number }[];
    if (!found) throw new Error(`no ${collection} with ${field} '${value}'`);
    return found.id;
  }
  return {
    ...cms,
    idOf,
    storedKeys: storage.keys,
    store: (bucket, key, content) =>
      createFiles(cms.environment, bucket, () => {}).put(key, Buffer.from(content), 'text/plain'),
    close: async () => {
      await cms.close();
      await storage.close();
    },
  };
}

declare function idOf(collection: CollectionSlug, value: string, field?: string): Promise<number>;
