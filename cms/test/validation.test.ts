import { ValidationError } from 'payload';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { paragraphs } from '../src/applications/paragraphs.ts';
import { isCountry } from '../src/fields/country.ts';
import { slugify } from '../src/fields/slug.ts';
import { isTimeZone } from '../src/fields/timeZone.ts';
import { startSeededCms } from './support/seeded.ts';

let cms: Awaited<ReturnType<typeof startSeededCms>>;
let id: number;

beforeAll(async () => {
  cms = await startSeededCms();
  id = await cms.idOf('readers', 'rhea-sun');
});
afterAll(() => cms?.close());

/** The fields that were refused; nothing when it was accepted. */
async function refused(attempt: Promise<unknown>): Promise<string[]> {
  try {
    await attempt;
    return [];
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return error.data.errors.map(({ path }) => path);
  }
}

const rates = (video: unknown) => ({ rates: { video_cents_per_minute: video } });

describe('a reader', () => {
  test.each([
    ['headline', { headline: 'x'.repeat(141) }],
    ['time_zone', { time_zone: 'Mars/Olympus' }],
    ['time_zone', { time_zone: '+02:00' }],
    ['country', { country: 'UK' }],
    ['country', { country: 'gb' }],
    ['languages', { languages: ['klingon'] }],
    ['languages', { languages: [] }],
    ['rates.video_cents_per_minute', rates(0)],
    ['rates.video_cents_per_minute', rates(10_001)],
    ['rates.video_cents_per_minute', rates(4.5)],
    ['rates.video_cents_per_minute', rates('much')],
    ['years_of_experience', { years_of_experience: -1 }],
    ['slug', { slug: 'Not A Slug' }],
    ['slug', { slug: 'remi-moon' }],
    ['person', { person: 'reader2' }],
  ])('is refused for its %s: %j', async (field, data) => {
    const attempt = cms.payload.update({
      collection: 'readers',
      id,
      data: { ...data, _status: 'published' } as never,
    });
    expect(await refused(attempt)).toEqual([field]);
  });

  test.each([
    ['words', paragraphs('x'.repeat(20_001))],
    ['many short ones', paragraphs('xxxxx\n\n'.repeat(4_001))],
    ['ten megabytes', paragraphs('x'.repeat(10 * 1_024 * 1_024))],
    ['no words, but much around them', paragraphs('x\n\n'.repeat(19_000))],
  ])('is refused for a biography that is too long, draft or not: %s', async (_, biography) => {
    for (const draft of [true, false]) {
      const data = { biography, _status: draft ? ('draft' as const) : ('published' as const) };
      expect(await refused(cms.payload.update({ collection: 'readers', id, draft, data }))).toEqual([
        'biography',
      ]);
    }
  });

  test.each([
    { headline: 'x'.repeat(140) },
    { time_zone: 'America/Argentina/Buenos_Aires' },
    { time_zone: 'UTC' },
    { biography: paragraphs('x'.repeat(20_000)) },
    { country: 'PT' },
    rates(1),
    rates(10_000),
    rates(null),
    { languages: ['cy', 'yue'] },
  ])('is accepted with %j', async (data) => {
    const attempt = cms.payload.update({
      collection: 'readers',
      id,
      data: { ...data, _status: 'published' } as never,
    });
    expect(await refused(attempt)).toEqual([]);
  });

  test('can’t be the profile of a client', async () => {
    const person = await cms.idOf('people', 'client@soulseer.test', 'email');
    expect(await refused(cms.payload.update({ collection: 'readers', id, data: { person } }))).toEqual([
      'person',
    ]);
  });

  test('gets an address from the name when none is given', async () => {
    const made = await cms.payload.create({
      collection: 'readers',
      data: { name: 'Élodie O’Hara' } as never,
      draft: true,
    });
    expect(made.slug).toBe('elodie-o-hara');
  });
});

describe('other documents', () => {
  test('a gift costs at least a cent, in whole cents', async () => {
    const gift = await cms.idOf('gifts', 'rose');
    for (const price_cents of [0, -5, 1.5, 100_001]) {
      expect(
        await refused(cms.payload.update({ collection: 'gifts', id: gift, data: { price_cents } })),
      ).toEqual(['price_cents']);
    }
  });

  test.each([
    [
      'a drawing in SVG',
      'drawing.svg',
      'image/svg+xml',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    ],
    [
      'SVG that says it is PNG',
      'drawing.png',
      'image/png',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    ],
    ['a page', 'page.html', 'text/html', Buffer.from('<script>alert(1)</script>')],
  ])('media refuses %s', async (_what, name, mimetype, data) => {
    const file = { data, mimetype, name, size: data.byteLength };
    await expect(cms.payload.create({ collection: 'media', data: { alt: 'x' }, file })).rejects.toMatchObject(
      { status: 400 },
    );
  });
});

describe('plain rules', () => {
  test.each(['Europe/London', 'Asia/Kolkata', 'America/North_Dakota/New_Salem', 'Etc/GMT+5', 'UTC'])(
    '%s is a time zone',
    (name) => {
      expect(isTimeZone(name)).toBe(true);
    },
  );
  test.each(['', 'London', 'GMT+1', '+01:00', 'europe/london', 'Europe/Atlantis', 'Europe/London; drop'])(
    '%s is none',
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );
  test('there are 249 countries', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
    expect(letters.flatMap((a) => letters.map((b) => a + b)).filter(isCountry)).toHaveLength(249);
  });
  test.each([
    ['Luna Hart', 'luna-hart'],
    ['  Ça va?! ', 'ca-va'],
    ['ΑΒΓ', ''],
    ['a'.repeat(100), 'a'.repeat(80)],
  ])('%s → %s', (text, slug) => {
    expect(slugify(text)).toBe(slug);
  });
});
