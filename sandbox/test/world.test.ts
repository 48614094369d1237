import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { drawAll, sceneOf } from '../world/pictures/index.ts';
import { looks } from '../world/pictures/looks.ts';
import { cmsSchema, commerceSchema, readerSchema, realtimeSchema } from '../world/schema.ts';
import { makeWorld, picturesOf } from '../world/world.ts';

const world = makeWorld();
const { cms, commerce, realtime } = world;
const slugsOf = (list: { slug: string }[]) => new Set(list.map(({ slug }) => slug));
const unknown = (known: Set<string>, named: string[]) => named.filter((name) => !known.has(name));
const words = (text: string) => text.split(/\s+/).filter((word) => /\w/.test(word)).length;

describe('the world as data', () => {
  it('fits its schemas after a trip through JSON, and is the same every time', () => {
    expect(cmsSchema.parse(JSON.parse(JSON.stringify(cms)))).toEqual(cms);
    expect(commerceSchema.parse(JSON.parse(JSON.stringify(commerce)))).toEqual(commerce);
    expect(realtimeSchema.parse(JSON.parse(JSON.stringify(realtime)))).toEqual(realtime);
    expect(JSON.stringify(makeWorld())).toBe(JSON.stringify(world));
  });

  it('has a past: in order, nobody in two sessions at once, and only what a reader offers', () => {
    const { sessions, staff } = realtime;
    expect(sessions.length).toBeGreaterThanOrEqual(100);
    expect(new Set(sessions.map(({ key }) => key)).size).toBe(sessions.length);
    const person = (subject: string) => cms.people.find((one) => one.subject === subject);
    expect(person(staff)?.role).toBe('admin');
    // Grace and all that comes before the first minute takes up to seven minutes more.
    const starts = sessions.map((one) => -1_440 * one.days_ago + one.minute_of_day);
    for (const [index, one] of sessions.entries()) {
      const next = starts[index + 1] ?? Number.POSITIVE_INFINITY;
      const paused = one.pauses.reduce((sum, { for_seconds }) => sum + for_seconds, 0);
      expect((starts[index] as number) + (one.seconds + paused) / 60 + 10).toBeLessThan(next);
      expect(person(one.client)?.role).toBe('client');
      const reader = cms.readers.find(({ person_email }) => person_email === person(one.reader)?.email);
      expect(reader?.rates[`${one.modality}_cents_per_minute`]).toBeGreaterThan(0);
    }
    for (const name of ['client', 'client2', 'reader', 'reader2']) {
      const subject = cms.people.find(({ email }) => email === `${name}@soulseer.test`)?.subject;
      const own = sessions.filter(({ client, reader }) => client === subject || reader === subject);
      expect(own.length).toBeGreaterThanOrEqual(20);
    }
    for (const ends of ['client', 'reader', 'maximum', 'lost', 'declined', 'cancelled'])
      expect(sessions.map((one) => one.ends)).toContain(ends);
  });

  it('has as much in it as was asked for', () => {
    expect(cms.readers.length).toBeGreaterThanOrEqual(24);
    expect(cms.articles).toHaveLength(12);
    expect(commerce.products).toHaveLength(30);
    expect(cms.gifts).toHaveLength(12);
    expect(cms.forum_categories).toHaveLength(6);
    expect(cms.forum_threads.length).toBeGreaterThanOrEqual(24);
    expect(new Set(commerce.products.map(({ kind }) => kind))).toEqual(new Set(['digital', 'physical']));
  });

  it.each([
    ['specialities', cms.specialities.map(({ slug }) => slug)],
    ['readers', cms.readers.map(({ slug }) => slug)],
    ['reader names', cms.readers.map(({ name }) => name)],
    ['people', cms.people.map(({ email }) => email)],
    ['articles', cms.articles.map(({ slug }) => slug)],
    ['article categories', cms.article_categories.map(({ slug }) => slug)],
    ['gifts', cms.gifts.map(({ slug }) => slug)],
    ['gift positions', cms.gifts.map(({ position }) => position)],
    ['forum categories', cms.forum_categories.map(({ slug }) => slug)],
    ['threads', cms.forum_threads.map(({ slug }) => slug)],
    ['products', commerce.products.map(({ handle }) => handle)],
    ['product categories', commerce.categories.map(({ slug }) => slug)],
    ['pictures', picturesOf(world).map(({ file }) => file)],
    ['picture descriptions', picturesOf(world).map(({ alt }) => alt)],
  ])('names no %s twice', (_, names) => {
    expect(names.filter((name, at) => names.indexOf(name as never) !== at)).toEqual([]);
  });

  it('refers to nothing that is not there', () => {
    const readers = slugsOf(cms.readers);
    const people = new Set(cms.people.map(({ email }) => email));
    expect(
      unknown(
        slugsOf(cms.specialities),
        cms.readers.flatMap(({ specialities }) => specialities),
      ),
    ).toEqual([]);
    expect(
      unknown(
        people,
        cms.readers.flatMap(({ person_email }) => person_email ?? []),
      ),
    ).toEqual([]);
    expect(
      unknown(
        slugsOf(cms.article_categories),
        cms.articles.map(({ category }) => category),
      ),
    ).toEqual([]);
    expect(
      unknown(
        readers,
        cms.articles.flatMap(({ related_readers }) => related_readers),
      ),
    ).toEqual([]);
    expect(
      unknown(
        slugsOf(cms.forum_categories),
        cms.forum_threads.map(({ category }) => category),
      ),
    ).toEqual([]);
    expect(
      unknown(
        people,
        cms.forum_threads.flatMap(({ author_email, posts }) => [
          author_email,
          ...posts.map((post) => post.author_email),
        ]),
      ),
    ).toEqual([]);
    const chosen = cms.home.blocks.map((block) => ({ readers: [], articles: [], ...block }));
    expect(
      unknown(
        readers,
        chosen.flatMap((block) => block.readers),
      ),
    ).toEqual([]);
    expect(
      unknown(
        slugsOf(cms.articles),
        chosen.flatMap((block) => block.articles),
      ),
    ).toEqual([]);
    expect(
      unknown(
        slugsOf(commerce.categories),
        commerce.products.flatMap(({ categories }) => categories),
      ),
    ).toEqual([]);
    expect(
      unknown(
        readers,
        commerce.products.flatMap(({ reader_slug }) => reader_slug ?? []),
      ),
    ).toEqual([]);
  });

  it('leaves no speciality, category or shelf empty', () => {
    expect(
      unknown(new Set(cms.readers.flatMap(({ specialities }) => specialities)), [
        ...slugsOf(cms.specialities),
      ]),
    ).toEqual([]);
    expect(
      unknown(new Set(cms.articles.map(({ category }) => category)), [...slugsOf(cms.article_categories)]),
    ).toEqual([]);
    expect(
      unknown(new Set(cms.forum_threads.map(({ category }) => category)), [...slugsOf(cms.forum_categories)]),
    ).toEqual([]);
    expect(
      unknown(new Set(commerce.products.flatMap(({ categories }) => categories)), [
        ...slugsOf(commerce.categories),
      ]),
    ).toEqual([]);
  });

  it('has readers who differ, at fair rates', () => {
    const all = cms.readers.flatMap(({ rates }) => Object.values(rates)).filter((rate) => rate !== null);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(99);
    expect(Math.max(...all)).toBeLessThanOrEqual(899);
    expect(cms.readers.some(({ rates }) => Object.values(rates).includes(null))).toBe(true);
    expect(Math.max(...cms.readers.map(({ headline }) => headline.length))).toBeLessThanOrEqual(140);
    for (const { slug, biography_markdown } of cms.readers) {
      const paragraphs = biography_markdown.split('\n\n').length;
      expect(paragraphs, slug).toBeGreaterThanOrEqual(2);
      expect(words(biography_markdown), slug).toBeGreaterThan(100);
    }
    expect(new Set(cms.readers.map(({ time_zone }) => time_zone)).size).toBeGreaterThan(15);
    expect(new Set(cms.readers.flatMap(({ languages }) => languages)).size).toBeGreaterThan(15);
  });

  it('links the two demo readers, and only people who are readers', () => {
    const linked = cms.readers.flatMap(({ person_email }) => person_email ?? []).sort();
    expect(linked).toEqual(['reader2@soulseer.test', 'reader@soulseer.test']);
    expect(
      cms.people
        .filter(({ role }) => role === 'reader')
        .map(({ email }) => email)
        .sort(),
    ).toEqual(linked);
    expect(cms.people.find(({ email }) => email === 'suspended@soulseer.test')?.status).toBe('suspended');
    expect(cms.people.find(({ email }) => email === 'admin@soulseer.test')?.role).toBe('admin');
  });

  it('has articles of 500 to 900 words with headings and a quotation', () => {
    for (const { slug, body_markdown } of cms.articles) {
      expect(words(body_markdown), slug).toBeGreaterThanOrEqual(500);
      expect(words(body_markdown), slug).toBeLessThanOrEqual(900);
      expect(body_markdown, slug).toMatch(/^## /m);
      expect(body_markdown, slug).toMatch(/^> /m);
    }
  });

  it('lets threads run forward in time and end before its own today', () => {
    for (const { slug, posts, created_on, author_email } of cms.forum_threads) {
      const times = posts.map((post) => post.created_on);
      expect(times, slug).toEqual([...times].sort());
      expect([created_on, author_email], slug).toEqual([posts[0]?.created_on, posts[0]?.author_email]);
      expect(posts.length, slug).toBeGreaterThanOrEqual(2);
      expect(posts.length, slug).toBeLessThanOrEqual(8);
      expect((times.at(-1) as string) < '2026-11-20', slug).toBe(true);
    }
    expect(cms.articles.every(({ published_at }) => published_at < '2026-11-20')).toBe(true);
  });

  it('gives weight and stock to physical goods only', () => {
    for (const { handle, kind, weight_grams, stock } of commerce.products) {
      expect([weight_grams !== null, stock !== null], handle).toEqual([
        kind === 'physical',
        kind === 'physical',
      ]);
    }
  });

  it('is refused when a headline is too long, a zone unknown or nothing is offered', () => {
    const [reader] = cms.readers;
    const none = { video_cents_per_minute: null, voice_cents_per_minute: null, chat_cents_per_minute: null };
    expect(readerSchema.safeParse(reader).success).toBe(true);
    expect(readerSchema.safeParse({ ...reader, headline: 'x'.repeat(141) }).success).toBe(false);
    expect(readerSchema.safeParse({ ...reader, time_zone: 'Europe/Atlantis' }).success).toBe(false);
    expect(readerSchema.safeParse({ ...reader, rates: none }).success).toBe(false);
    expect(readerSchema.safeParse({ ...reader, shoe_size: 40 }).success).toBe(false);
  });
});

describe('the world as pictures', () => {
  const dirs: string[] = [];
  const newDir = () => {
    const dir = mkdtempSync(join(tmpdir(), 'soulseer-world-'));
    dirs.push(dir);
    return dir;
  };
  afterAll(() => {
    for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
  });

  it('knows how to draw every picture it speaks of, each differently, the same way every time', () => {
    const recipes = picturesOf(world).map(({ file }) => JSON.stringify(sceneOf(file).layers()));
    expect(new Set(recipes).size).toBe(recipes.length);
    expect(picturesOf(world).map(({ file }) => JSON.stringify(sceneOf(file).layers()))).toEqual(recipes);
    expect(recipes.filter((recipe) => /NaN|undefined/.test(recipe))).toEqual([]);
  });

  it('gives no two readers the same background, nor the same hair on the same face', () => {
    const all = Object.values(looks);
    expect(new Set(all.map(({ motif }) => motif)).size).toBe(all.length);
    expect(new Set(all.map(({ hair, hairColour }) => `${hair} ${hairColour}`)).size).toBe(all.length);
    expect(Object.keys(looks).sort()).toEqual([...slugsOf(cms.readers)].sort());
  });

  it('refuses what nobody knows how to draw', () => {
    expect(() => sceneOf('portraits/nobody.avif')).toThrow('nobody');
    expect(() => sceneOf('maps/world.avif')).toThrow('nobody draws');
    expect(() => sceneOf('../portraits/amara-okafor.avif')).toThrow('nobody draws');
  });

  it('draws once, keeps what is up to date, and draws again what is missing or stale', async () => {
    const dir = newDir();
    const files = ['gifts/star.avif', 'gifts/rose.avif', 'gifts/moon.avif'];
    const run = async () => {
      const lines: string[] = [];
      await drawAll(dir, files, (line) => lines.push(line));
      return lines;
    };
    expect(await run()).toEqual(['gifts 1/3', 'gifts 2/3', 'gifts 3/3', '3 pictures drawn, 0 kept']);
    const meta = await sharp(join(dir, 'gifts/star.avif')).metadata();
    expect([meta.format, meta.width, meta.height, meta.hasAlpha]).toEqual(['heif', 512, 512, true]);
    const before = statSync(join(dir, 'gifts/moon.avif')).mtimeMs;
    const bytes = readFileSync(join(dir, 'gifts/star.avif'));

    expect(await run()).toEqual(['all 3 pictures kept']);
    expect(statSync(join(dir, 'gifts/moon.avif')).mtimeMs).toBe(before);

    rmSync(join(dir, 'gifts/star.avif'));
    expect(await run()).toEqual(['gifts 1/1', '1 pictures drawn, 2 kept']);
    expect(readFileSync(join(dir, 'gifts/star.avif')).equals(bytes)).toBe(true);
  });

  it('draws a portrait that is neither empty nor flat', async () => {
    const dir = newDir();
    await drawAll(dir, ['portraits/kenji-morimoto.avif'], () => {});
    const picture = sharp(join(dir, 'portraits/kenji-morimoto.avif'));
    const { width, height } = await picture.metadata();
    expect([width, height]).toEqual([960, 1200]);
    const { channels, isOpaque } = await picture.stats();
    expect(isOpaque).toBe(true);
    expect(Math.min(...channels.slice(0, 3).map(({ stdev }) => stdev))).toBeGreaterThan(25);
  });
});
