import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
const picture = z.object({
  // Below the folder of pictures, never out of it.
  file: z.string().regex(/^[\w-]+(\/[\w-]+)*\.(avif|webp|png|jpe?g)$/),
  alt: z.string().min(1),
});

const product = z
  .object({
    handle: slug,
    title: z.string().min(1),
    subtitle: z.string(),
    description: z.string().min(1),
    kind: z.enum(['digital', 'physical']),
    categories: z.array(slug).min(1),
    price_cents: z.int().positive(),
    pictures: z.array(picture).min(1),
    /** What a digital product is. */
    file: z
      .string()
      .regex(/^files\/[\w-]+\.\w+$/)
      .nullish(),
    weight_grams: z.int().positive().nullable(),
    stock: z.int().nonnegative().nullable(),
    reader_slug: slug.nullable(),
  })
  .refine((it) => it.kind === 'digital' || (it.weight_grams !== null && it.stock !== null), {
    error: 'a physical product needs weight_grams and stock',
  });

const worldSchema = z
  .object({
    categories: z.array(z.object({ slug, name: z.string().min(1), description: z.string() })),
    products: z.array(product),
  })
  .superRefine((world, context) => {
    const categories = new Set(world.categories.map((it) => it.slug));
    const handles = new Set<string>();
    for (const [index, it] of world.products.entries()) {
      for (const name of it.categories) {
        if (!categories.has(name)) {
          context.addIssue({
            code: 'custom',
            path: ['products', index, 'categories'],
            message: `no category "${name}"`,
          });
        }
      }
      if (handles.has(it.handle)) {
        context.addIssue({
          code: 'custom',
          path: ['products', index, 'handle'],
          message: `"${it.handle}" is there twice`,
        });
      }
      handles.add(it.handle);
    }
  });

/** What the shop sells in the demo world. */
export type World = z.infer<typeof worldSchema>;
export type WorldProduct = World['products'][number];

/**
 * Reads `<directory>/commerce.json`.
 * @throws naming every wrong member, or every file that isn't there, at once.
 */
export async function readWorld(directory: string): Promise<World> {
  const parsed = worldSchema.safeParse(JSON.parse(await readFile(join(directory, 'commerce.json'), 'utf8')));
  if (!parsed.success) throw new Error(`commerce.json is not as expected:\n${z.prettifyError(parsed.error)}`);
  const files = worldFiles(parsed.data);
  const there = await Promise.all(
    files.map((file) =>
      access(join(directory, file)).then(
        () => true,
        () => false,
      ),
    ),
  );
  const missing = files.filter((_file, index) => !there[index]);
  if (missing.length > 0) throw new Error(`Files that are not there: ${missing.join(', ')}`);
  return parsed.data;
}

/** Every picture and file of the world, relative to its directory. */
export function worldFiles(world: World): string[] {
  return world.products.flatMap((it) => [
    ...it.pictures.map((picture) => `pictures/${picture.file}`),
    ...(it.file ? [it.file] : []),
  ]);
}
