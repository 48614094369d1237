import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CollectionSlug } from 'payload';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SeedResult, seed } from '../src/seed/seed.ts';
import { parseWorld, type World } from '../src/seed/world.ts';
import { type Cms, startCms } from './support/cms.ts';
import { productionEnvironment } from './support/environment.ts';
import { type Storage, startStorage } from './support/storage.ts';
import { drawPicture, drawPictures, smallWorld } from './support/world.ts';

let storage: Storage;
let cms: Cms;
let pictures: Awaited<ReturnType<typeof drawPictures>>;
let first: SeedResult;
const lines: string[] = [];
const DOCUMENTS = 6 + 2 + 3 + 1 + 1 + 1 + 1 + 1 + 2 + 5 + 1 + 1 + 1 + 2;

const run = (world: World = smallWorld, payload = cms.payload) =>
  seed(payload, {
    world,
    pictures: pictures.folder,
    issuer: 'http://issuer.test',
    report: (line) => lines.push(line),
    now: Date.now,
  });

beforeAll(async () => {
  storage = await startStorage();
  cms = await startCms({ storage });
  pictures = await drawPictures(smallWorld);
  first = await run();
});
afterAll(async () => {
  await cms?.close();
  await pictures?.close();
  await storage?.close();
});

/** Every row with its time of change, so that a rewrite with the same content shows as well. */
async function everything(): Promise<string> {
  const slugs = (Object.keys(cms.payload.collections) as CollectionSlug[])
    .filter((slug) => !slug.startsWith('payload-'))
    .sort();
  const found = await Promise.all(
    slugs.map((collection) => cms.payload.find({ collection, pagination: false, depth: 0, sort: 'id' })),
  );
  return JSON.stringify([
    found.map(({ docs }) => docs),
    await cms.payload.findGlobal({ slug: 'home', depth: 0 }),
    await cms.payload.findGlobal({ slug: 'navigation', depth: 0 }),
  ]);
}

async function readerOf(slug: string) {
  const { docs } = await cms.payload.find({
    collection: 'readers',
    where: { slug: { equals: slug } },
    depth: 1,
  });
  const [reader] = docs;
  if (!reader) throw new Error(`no reader '${slug}'`);
  return reader;
}

describe('the seed', () => {
  test('makes what the world says, published and with its relations', async () => {
    expect(first).toEqual({ created: DOCUMENTS, updated: 2, unchanged: 0 });
    expect(lines).toContain('readers 3/3');
    const reader = await readerOf('rhea-sun');
    expect(reader).toMatchObject({
      _status: 'published',
      person: { email: 'reader@soulseer.test' },
      specialities: [{ slug: 'tarot' }, { slug: 'astrology' }],
      languages: ['en', 'fr'],
      rates: { video_cents_per_minute: 499, chat_cents_per_minute: null },
    });
    const home = await cms.payload.findGlobal({ slug: 'home', depth: 1 });
    expect(home.blocks).toMatchObject([
      { blockType: 'hero', title: 'Be heard' },
      { blockType: 'featured_readers', readers: [{ slug: 'rhea-sun' }] },
      { blockType: 'articles', articles: [{ slug: 'first-reading' }] },
      { blockType: 'steps', steps: [{ title: 'Choose' }] },
    ]);
    const { docs } = await cms.payload.find({ collection: 'horoscopes', sort: 'date' });
    expect(docs.map(({ sign, date }) => [sign, date.slice(10)])).toEqual([
      ['leo', 'T12:00:00.000Z'],
      ['leo', 'T12:00:00.000Z'],
    ]);
    expect(Date.parse(docs[1]?.date ?? '') - Date.parse(docs[0]?.date ?? '')).toBe(86_400_000);
  });

  test('turns Markdown into what the editor stores', async () => {
    const { docs } = await cms.payload.find({ collection: 'articles', depth: 0 });
    const nodes = docs[0]?.body.root.children as unknown as {
      type: string;
      tag?: string;
      listType?: string;
    }[];
    expect(nodes.map(({ type, tag }) => tag ?? type)).toEqual(['h2', 'paragraph', 'ul', 'paragraph']);
    expect(JSON.stringify(nodes)).toContain('https://example.org');
  });

  test('puts pictures and their small form into the bucket, and gives their public address', async () => {
    expect(await storage.keys()).toEqual(
      expect.arrayContaining(['portraits-rhea-sun.png', 'portraits-rhea-sun-480x640.avif']),
    );
    const { portrait } = await readerOf('rhea-sun');
    expect(portrait).toMatchObject({
      url: 'http://media.test/portraits-rhea-sun.png',
      alt: 'Portrait of Rhea Sun',
      width: 600,
      height: 800,
      sizes: {
        card: {
          url: 'http://media.test/portraits-rhea-sun-480x640.avif',
          width: 480,
          mimeType: 'image/avif',
        },
      },
    });
  });

  test('changes nothing when run again', async () => {
    const before = await everything();
    expect(await run()).toEqual({ created: 0, updated: 0, unchanged: DOCUMENTS + 2 });
    expect(await everything()).toBe(before);
  });

  test('changes nothing when run twice at the same time', async () => {
    const before = await everything();
    const results = await Promise.all([run(), run(smallWorld, await cms.another())]);
    expect(results.map(({ unchanged }) => unchanged)).toEqual([DOCUMENTS + 2, DOCUMENTS + 2]);
    expect(await everything()).toBe(before);
  });

  test('leaves alone what somebody changed in the admin', async () => {
    const { id } = await readerOf('noor-star');
    await cms.payload.update({ collection: 'readers', id, data: { headline: 'My own words' } });
    await run();
    expect((await readerOf('noor-star')).headline).toBe('My own words');
  });

  test('follows the world where the world has changed, and only there', async () => {
    const world = structuredClone(smallWorld);
    const changed = world.readers.find(({ slug }) => slug === 'remi-moon');
    if (changed) changed.headline = 'Now otherwise';
    expect(await run(world)).toMatchObject({ created: 0, updated: 1 });
    expect((await readerOf('remi-moon')).headline).toBe('Now otherwise');
  });

  test('replaces a picture that was redrawn, under the same name', async () => {
    await drawPicture(pictures.folder, 'gifts/rose.png', 5);
    const keys = await storage.keys();
    expect(await run()).toMatchObject({ created: 0 });
    expect(await storage.keys()).toEqual(keys);
  });

  test('names the document and the field that it can’t write', async () => {
    const world = structuredClone(smallWorld);
    world.readers[0] = { ...(world.readers[0] as World['readers'][0]), country: 'UK' };
    await expect(run(world)).rejects.toThrow(
      /readers 'rhea-sun' could not be written: country: Not a country/,
    );
  });

  test('names a reference that leads nowhere', async () => {
    const world = structuredClone(smallWorld);
    world.home.blocks = [{ kind: 'featured_readers', title: 'People', readers: ['nobody-knows'] }];
    await expect(run(world)).rejects.toThrow("'nobody-knows'");
  });
});

describe('what is no world', () => {
  test('is refused with every place that is wrong', () => {
    const broken = { ...structuredClone(smallWorld), gifts: [{ slug: 'X' }], extra: 1 };
    expect(() => parseWorld(broken)).toThrow(/gifts\[0\]\.price_cents[\s\S]*|extra/);
  });

  test('such as a picture outside its folder', () => {
    const broken = structuredClone(smallWorld);
    for (const gift of broken.gifts) gift.picture.file = '../../secret.png';
    expect(() => parseWorld(broken)).toThrow(/gifts\[0\]\.picture\.file/);
  });
});

test('O3: production refuses to be seeded', () => {
  const main = fileURLToPath(new URL('../src/seed/main.ts', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [main, '.'], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      ...productionEnvironment,
    } as unknown as NodeJS.ProcessEnv,
  });
  expect([status, stderr.trim()]).toEqual([78, 'The seed is not for production: it makes demo accounts.']);
});
