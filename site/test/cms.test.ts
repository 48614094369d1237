import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createCms } from '../src/cms/cms.ts';
import { CmsUnavailable } from '../src/cms/unavailable.ts';
import type { ReadersQuery } from '../src/readers.ts';
import { answerAsCms } from './helpers/cms-answers.ts';
import { deadAddress, startUpstream } from './helpers/upstream.ts';

const log = pino({ level: 'silent' });
const id = 'test-request-1';

describe('reading the CMS', () => {
  it('gives pages what they show, and leaves out what may not be read', async () => {
    await using upstream = await startUpstream(answerAsCms);
    const home = await createCms({ cmsUrl: upstream.url, log }).home(id);
    const [readers] = home.blocks.flatMap((block) =>
      block.kind === 'featured_readers' ? [block.readers] : [],
    );
    expect(readers?.map(({ slug }) => slug)).toEqual(['amara-okafor']);
    expect(readers?.[0]?.portrait?.card).toEqual({
      src: 'http://media.example.test/amara-480x600.avif',
      width: 480,
      height: 600,
      alt: 'A woman at a window',
    });
    expect(upstream.requests[0]?.headers['x-request-id']).toBe(id);
  });

  it('shows what is said of whoever stands on the home page now, and asks no more often than it must', async () => {
    let featured = [1, 2];
    const reader = (n: number) => ({
      id: n,
      slug: `reader-${n}`,
      name: `Reader ${n}`,
      headline: '',
      rates: {},
    });
    await using upstream = await startUpstream((request, response) => {
      const url = decodeURIComponent(request.url ?? '');
      const ids = [...url.matchAll(/\[reader\]\[in\]\[\d+\]=(\d+)/g)].map(([, n]) => Number(n));
      const stars = { count: 1, one: 0, two: 0, three: 0, four: 0, five: 1, weighted: 4.1 };
      const body = url.startsWith('/api/ratings')
        ? { docs: ids.map((n) => ({ id: n, reader: n, average: n / 10, ...stars })), hasNextPage: false }
        : { blocks: [{ blockType: 'featured_readers', title: 'People', readers: featured.map(reader) }] };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
    const cms = createCms({ cmsUrl: upstream.url, log });
    const seen = async () => {
      const before = upstream.requests.length;
      cms.forget();
      const { blocks } = await cms.home(id);
      const [block] = blocks;
      const readers = block?.kind === 'featured_readers' ? block.readers : [];
      return [readers.map(({ rating }) => rating?.average), upstream.requests.length - before];
    };
    expect(await seen()).toEqual([[0.1, 0.2], 2]);
    expect(await seen()).toEqual([[0.1, 0.2], 2]);
    featured = [2, 3];
    expect(await seen()).toEqual([[0.2, 0.3], 3]);
    featured = [3];
    expect(await seen()).toEqual([[0.3], 2]);
    featured = [];
    expect(await seen()).toEqual([[], 2]);
    expect(await seen()).toEqual([[], 1]);
  });

  it('asks the CMS to filter, sort and page', async () => {
    await using upstream = await startUpstream(answerAsCms);
    const cms = createCms({ cmsUrl: upstream.url, log });
    await cms.readers({ modality: 'voice', speciality: 'tarot', language: 'pl', sort: 'price', page: 3 }, id);
    const asked = new URL(upstream.requests[0]?.url ?? '', upstream.url).searchParams;
    const conditions = [...asked]
      .filter(([name]) => name.startsWith('where'))
      .map(([name, value]) => `${name}=${value}`);
    expect(conditions).toEqual([
      'where[and][0][rates.voice_cents_per_minute][exists]=true',
      'where[and][1][specialities.slug][equals]=tarot',
      expect.stringMatching(/^where\[and\]\[2\]\[languages\]\[in\].*=pl$/),
    ]);
    expect(asked.get('page')).toBe('3');
    expect(asked.get('limit')).toBe('12');
    expect(
      [...asked]
        .filter(([name]) => name.startsWith('sort'))
        .map(([, value]) => value)
        .join(),
    ).toBe('rates.voice_cents_per_minute,name');
  });

  it('sorts by the lowest price of each when no way of talking is chosen', async () => {
    await using upstream = await startUpstream(answerAsCms);
    const found = await createCms({ cmsUrl: upstream.url, log }).readers({ sort: 'price', page: 1 }, id);
    expect(found.items.map(({ slug }) => slug)).toEqual(['tomasz-wierzbicki', 'amara-okafor']);
    expect(found).toMatchObject({ total: 2, pages: 1 });
  });

  it('finds by words, by price and by who is online, and keeps the order that was chosen (D1)', async () => {
    await using upstream = await startUpstream(answerAsCms);
    const cms = createCms({ cmsUrl: upstream.url, log });
    const found = async (query: Partial<ReadersQuery>, online?: string[]) =>
      (await cms.readers({ sort: 'featured', page: 1, ...query }, id, online)).items.map(({ slug }) => slug);
    expect(await found({ q: 'tomsz' })).toEqual(['tomasz-wierzbicki']);
    expect(await found({ q: 'polish' })).toEqual(['tomasz-wierzbicki']);
    expect(await found({ q: 'tarot' })).toEqual(['amara-okafor', 'tomasz-wierzbicki']);
    expect(await found({ q: 'tarot', sort: 'price' })).toEqual(['tomasz-wierzbicki', 'amara-okafor']);
    expect(await found({ q: 'nobody at all' })).toEqual([]);
    expect(await found({ online: 'now' }, ['2', '77'])).toEqual(['tomasz-wierzbicki']);
    expect(await found({ online: 'now', q: 'amara' }, ['2'])).toEqual([]);
    // Nobody is online while nobody can say who is.
    expect(await found({ online: 'now' })).toEqual([]);
    await found({ most: 300 });
    await found({ most: 300, modality: 'chat' });
    const conditions = upstream.requests
      .map(({ url }) => decodeURIComponent(url))
      .filter((url) => url.includes('less_than_equal'));
    expect(conditions[0]).toContain(
      'where[and][0][or][0][rates.video_cents_per_minute][less_than_equal]=300',
    );
    expect(conditions[1]).toContain('[or][0][rates.chat_cents_per_minute][less_than_equal]=300');
    // However many are online, no address grows with them.
    await found(
      { online: 'now' },
      Array.from({ length: 5_000 }, (_, index) => String(index)),
    );
    for (const { url } of upstream.requests) expect(url.length).toBeLessThan(2_000);
  });

  it('sums up the directory', async () => {
    await using upstream = await startUpstream(answerAsCms);
    expect(await createCms({ cmsUrl: upstream.url, log }).directory(id)).toEqual({
      readers: 2,
      languages: ['en', 'ig', 'pl'],
      lowest_cents_per_minute: 99,
    });
  });

  it('finds nobody by a name that nobody has', async () => {
    await using upstream = await startUpstream(answerAsCms);
    expect(await createCms({ cmsUrl: upstream.url, log }).reader('nobody', id)).toBe(null);
  });

  it('tells an outage from a mistake of ours', async () => {
    await expect(createCms({ cmsUrl: await deadAddress(), log }).home(id)).rejects.toThrow(CmsUnavailable);
    await using failing = await startUpstream((_, response) => response.writeHead(500).end('no JSON'));
    await expect(createCms({ cmsUrl: failing.url, log }).home(id)).rejects.toThrow(CmsUnavailable);
    await using refusing = await startUpstream((_, response) =>
      response.writeHead(400).end('{"errors":[{"message":"bad"}]}'),
    );
    await expect(createCms({ cmsUrl: refusing.url, log }).home(id)).rejects.not.toThrow(CmsUnavailable);
    await using odd = await startUpstream((_, response) => response.end('<html>starting</html>'));
    await expect(createCms({ cmsUrl: odd.url, log }).home(id)).rejects.toThrow(CmsUnavailable);
  });

  it('gives up after three seconds', async () => {
    await using silent = await startUpstream(() => {});
    const started = performance.now();
    await expect(createCms({ cmsUrl: silent.url, log }).home(id)).rejects.toThrow(CmsUnavailable);
    expect(performance.now() - started).toBeGreaterThan(2_500);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
