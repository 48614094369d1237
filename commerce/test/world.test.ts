import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readWorld } from '../src/seed/world';

const product = {
  handle: 'river-tarot',
  title: 'River tarot',
  subtitle: '',
  description: 'A deck.',
  kind: 'physical',
  categories: ['decks'],
  price_cents: 3450,
  pictures: [{ file: 'river.avif', alt: 'A box' }],
  weight_grams: 420,
  stock: 25,
  reader_slug: null,
};
const categories = [{ slug: 'decks', name: 'Decks', description: '' }];

describe('the world', () => {
  let directory: string;
  const read = async (products: object[]) => {
    await writeFile(join(directory, 'commerce.json'), JSON.stringify({ categories, products }));
    return readWorld(directory);
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'commerce-world-'));
    await mkdir(join(directory, 'pictures'));
    await writeFile(join(directory, 'pictures/river.avif'), 'picture');
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('is read', async () => {
    expect((await read([product])).products).toEqual([product]);
  });

  test.each([
    ['a price with a fraction of a cent', { price_cents: 34.5 }, 'price_cents'],
    ['a price of nothing', { price_cents: 0 }, 'price_cents'],
    ['a physical product without stock', { stock: null }, 'needs weight_grams and stock'],
    ['an unknown category', { categories: ['runes'] }, 'no category "runes"'],
    [
      'a picture outside of the pictures',
      { pictures: [{ file: '../secret.png', alt: 'x' }] },
      'pictures[0].file',
    ],
    ['a picture that is not there', { pictures: [{ file: 'moon.avif', alt: 'x' }] }, 'pictures/moon.avif'],
  ])('with %s is refused', async (_what, change, message) => {
    await expect(read([{ ...product, ...change }])).rejects.toThrow(message);
  });

  test('with the same handle twice is refused', async () => {
    await expect(read([product, product])).rejects.toThrow('"river-tarot" is there twice');
  });
});
