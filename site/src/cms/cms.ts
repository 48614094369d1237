import { PayloadSDK, PayloadSDKError } from '@payloadcms/sdk';
import type { Config } from 'cms/types';
import { z } from 'zod';
import type { ReadersQuery } from '../readers.ts';
import { search } from '../search.ts';
import type { Logger } from '../server/logger.ts';
import { languageName } from '../text/words.ts';
import { createCache } from './cache.ts';
import {
  articleCard,
  articleView,
  guideCard,
  guideView,
  homeView,
  horoscopeView,
  navigationView,
  pageView,
  questionView,
  ratesView,
  ratingView,
  readerCard,
  readerView,
  reviewView,
  specialityView,
} from './documents.ts';
import { CmsUnavailable } from './unavailable.ts';
import {
  type Article,
  type ArticleCard,
  type DirectorySummary,
  type Guide,
  type GuideCard,
  type Home,
  type Horoscope,
  modalities,
  type Navigation,
  type Page,
  type Question,
  type Rating,
  type Reader,
  type ReaderCard,
  type Redirect,
  type Review,
  type Speciality,
  type TextPage,
} from './views.ts';

const directorySummary = z.object({
  readers: z.int().min(0),
  languages: z.array(z.string()),
  lowest_cents_per_minute: z.int().min(0).nullable(),
}) satisfies z.ZodType<DirectorySummary>;

type Where = NonNullable<Parameters<PayloadSDK<Config>['find']>[0]['where']>;

const timeoutMs = 3_000;
const readersPerPage = 12;
const articlesPerPage = 12;
const reviewsPerPage = 8;
/** How many at once when all are wanted, with little of each. */
const batch = 500;
/** Ids in one address, which has to stay below the 16 KB that a server takes. */
const mostIdsAsked = 200;

/** What pages read from the CMS. All of it is public; `requestId` goes with the request. */
export interface Cms {
  /** @throws {CmsUnavailable} like all of these. */
  home(requestId: string): Promise<Home>;
  specialities(requestId: string): Promise<Speciality[]>;
  directory(requestId: string): Promise<DirectorySummary>;
  /** `online` are the ids of those who are: asked for only when the query is. */
  readers(query: ReadersQuery, requestId: string, online?: readonly string[]): Promise<Page<ReaderCard>>;
  reader(slug: string, requestId: string): Promise<Reader | null>;
  /** Of those with these ids, so many at most, suggested ones first. */
  readersOf(ids: readonly string[], most: number, requestId: string): Promise<ReaderCard[]>;
  /** What readers are called, by their slugs. */
  readerNames(slugs: readonly string[], requestId: string): Promise<{ slug: string; name: string }[]>;
  /** What is said of a reader, the newest first; of all, or of those that wait for an answer. */
  reviews(readerId: string, page: number, requestId: string, unanswered?: boolean): Promise<Page<Review>>;
  articles(page: number, requestId: string): Promise<Page<ArticleCard>>;
  article(slug: string, requestId: string): Promise<Article | null>;
  /** A page of plain words at the root of the site; null when there is none of that name. */
  page(slug: string, requestId: string): Promise<TextPage | null>;
  guides(requestId: string): Promise<GuideCard[]>;
  guide(slug: string, requestId: string): Promise<Guide | null>;
  questions(requestId: string): Promise<Question[]>;
  navigation(requestId: string): Promise<Navigation>;
  /** Of all signs, from one day (`2026-11-24`) to another. */
  horoscopes(from: string, to: string, requestId: string): Promise<Horoscope[]>;
  /** Every page that the CMS has, but for those that are kept out of search engines, with the day of its last change. */
  sitemap(requestId: string): Promise<{ path: string; changed: string }[]>;
  /** Where an address that was something once leads now. */
  redirect(path: string, requestId: string): Promise<Redirect | null>;
  /** Something has changed there: what was read before is read anew. */
  forget(): void;
}

const cardFields = {
  slug: true,
  name: true,
  headline: true,
  portrait: true,
  specialities: true,
  languages: true,
  time_zone: true,
  country: true,
  years_of_experience: true,
  rates: true,
} as const;

const articleFields = {
  slug: true,
  title: true,
  summary: true,
  cover: true,
  category: true,
  author_name: true,
  published_at: true,
} as const;

/** What a page shows of a picture. */
const populate = {
  media: { url: true, alt: true, width: true, height: true, sizes: true },
} as const;

const rateField = (modality: string) => `rates.${modality}_cents_per_minute`;

function where(query: ReadersQuery): Where {
  const and: Where[] = [];
  if (query.modality) and.push({ [rateField(query.modality)]: { exists: true } });
  if (query.speciality) and.push({ 'specialities.slug': { equals: query.speciality } });
  if (query.language) and.push({ languages: { in: [query.language] } });
  if (query.most !== undefined) {
    const within = (query.modality ? [query.modality] : modalities).map((one) => ({
      [rateField(one)]: { less_than_equal: query.most },
    }));
    and.push({ or: within });
  }
  return and.length > 0 ? { and } : {};
}

function order(query: ReadersQuery): string[] {
  switch (query.sort) {
    case 'featured':
    case 'rating': // What isn't kept there is sorted by here; whoever is alike stands as suggested.
      return ['-featured', 'name'];
    case 'experience':
      return ['-years_of_experience', 'name'];
    case 'price':
      return query.modality ? [rateField(query.modality), 'name'] : ['name'];
    case 'name':
      return ['name'];
  }
}

interface Options {
  cmsUrl: string;
  log: Logger;
}

/** Reads content from the CMS over REST, through a cache. */
export function createCms({ cmsUrl, log }: Options): Cms {
  const sdk = new PayloadSDK<Config>({ baseURL: `${cmsUrl}/api` });
  const cache = createCache(
    { max_age: 15_000, stale_while_revalidate: 45_000, stale_if_error: 600_000 },
    500,
  );

  /** One reading: through the cache, in good time, with what can go wrong told apart from what is a mistake of ours. */
  function read<T>(key: unknown[], requestId: string, load: (init: RequestInit) => Promise<T>): Promise<T> {
    return cache.read(JSON.stringify(key), async () => {
      try {
        return await load({
          signal: AbortSignal.timeout(timeoutMs),
          // Between two programs that stand beside each other, packing and unpacking takes longer than the way.
          headers: { 'x-request-id': requestId, 'accept-encoding': 'identity' },
        });
      } catch (error) {
        if (error instanceof PayloadSDKError && error.status < 500 && error.status !== 429) throw error;
        log.warn(
          { request_id: requestId, reading: key[0], reason: reasonOf(error) },
          'cms could not be read',
        );
        throw new CmsUnavailable('The CMS could not be read', { cause: error });
      }
    });
  }

  /** Every reader that matches, with little of each. */
  async function outline(matching: Where, init: RequestInit, sort = ['name']) {
    const found = [];
    for (let page = 1, more = true; more; page += 1) {
      const result = await sdk.find(
        {
          collection: 'readers',
          where: matching,
          select: { rates: true, languages: true },
          depth: 0,
          limit: batch,
          page,
          sort,
        },
        init,
      );
      found.push(...result.docs);
      more = result.hasNextPage;
    }
    return found.map((doc) => ({
      id: doc.id,
      languages: doc.languages ?? [],
      rates: Object.values(ratesView(doc.rates)),
    }));
  }

  /** What the reviews of these readers come to, by the reader's id. */
  async function ratingsWhere(matching: Where, init: RequestInit): Promise<Map<string, Rating>> {
    const found = new Map<string, Rating>();
    for (let page = 1, more = true; more; page += 1) {
      const result = await sdk.find(
        { collection: 'ratings', where: matching, depth: 0, limit: batch, page, sort: 'id' },
        init,
      );
      for (const one of result.docs)
        found.set(String(typeof one.reader === 'object' ? one.reader.id : one.reader), ratingView(one));
      more = result.hasNextPage;
    }
    return found;
  }

  /** Of all readers: read once for whatever is sorted or narrowed by it. */
  const ratings = (requestId: string): Promise<Map<string, Rating>> =>
    read(['ratings'], requestId, (init) => ratingsWhere({}, init));

  const ratingsOf = (ids: readonly (number | string)[], init: RequestInit): Promise<Map<string, Rating>> =>
    ids.length === 0 ? Promise.resolve(new Map()) : ratingsWhere({ reader: { in: [...ids] } }, init);

  /** Readers with what is said of each; of these alone, however many others there are. */
  async function rated<T extends ReaderCard>(readers: T[], init: RequestInit): Promise<T[]> {
    const found = await ratingsOf(
      readers.map(({ id }) => id),
      init,
    );
    return withRatings(readers, found);
  }

  /** One page of readers in an order of ours. */
  async function pageOf(all: number[], page: number, init: RequestInit): Promise<Page<ReaderCard>> {
    const ids = all.slice((page - 1) * readersPerPage, page * readersPerPage);
    const pages = Math.max(1, Math.ceil(all.length / readersPerPage));
    if (ids.length === 0) return { items: [], total: all.length, page, pages };
    const result = await sdk.find(
      {
        collection: 'readers',
        where: { id: { in: ids } },
        select: cardFields,
        populate,
        depth: 1,
        limit: ids.length,
      },
      init,
    );
    const byId = new Map(result.docs.map((doc) => [doc.id, readerCard(doc)]));
    const items = await rated(
      ids.flatMap((id) => byId.get(id) ?? []),
      init,
    );
    return { items, total: all.length, page, pages };
  }

  /** Everybody, with what is searched in. The whole of it is read once for all searches. */
  const searchable = (requestId: string) =>
    read(['searchable'], requestId, async (init) => {
      const found = [];
      for (let page = 1, more = true; more; page += 1) {
        const result = await sdk.find(
          {
            collection: 'readers',
            select: { name: true, headline: true, specialities: true, languages: true },
            depth: 1,
            limit: batch,
            page,
            sort: ['-featured', 'name'],
          },
          init,
        );
        found.push(...result.docs);
        more = result.hasNextPage;
      }
      return found.map(({ id, name, headline, specialities, languages }) => ({
        item: id,
        texts: [
          [name, 4],
          ...(specialities ?? []).map((one) => [typeof one === 'object' ? one.name : '', 3] as const),
          [headline, 2],
          [(languages ?? []).map(languageName).join(' '), 1],
        ] as (readonly [string, number])[],
      }));
    });

  const pageSlugs = (requestId: string): Promise<Set<string>> =>
    read(['pages'], requestId, async (init) => {
      const result = await sdk.find(
        { collection: 'pages', select: { slug: true }, depth: 0, limit: batch },
        init,
      );
      return new Set(result.docs.map(({ slug }) => slug));
    });

  /** There are as many as kinds of reading. */
  const guides = (requestId: string): Promise<GuideCard[]> =>
    read(['guides'], requestId, async (init) => {
      const select = { slug: true, title: true, summary: true, speciality: true } as const;
      const result = await sdk.find(
        { collection: 'guides', select, sort: 'title', depth: 1, limit: batch },
        init,
      );
      return result.docs.map(guideCard);
    });

  const redirects = (requestId: string): Promise<Map<string, Redirect>> =>
    read(['redirects'], requestId, async (init) => {
      const result = await sdk.find({ collection: 'redirects', depth: 0, limit: 1_000 }, init);
      return new Map(
        result.docs.map(({ from, to, permanent }) => [from, { to, permanent: permanent !== false }]),
      );
    });

  /** Whom the home page showed when it was last read, and most likely shows still: asked for at the same time. */
  let featured: readonly (number | string)[] = [];

  return {
    forget: cache.forget,

    home: (requestId) =>
      read(['home'], requestId, async (init) => {
        const [answer, ratingsBefore] = await Promise.all([
          sdk.findGlobal(
            {
              slug: 'home',
              depth: 2,
              populate: { ...populate, readers: cardFields, articles: articleFields },
            },
            init,
          ),
          ratingsOf(featured, init),
        ]);
        const home = homeView(answer);
        const ids = home.blocks.flatMap((block) =>
          block.kind === 'featured_readers' ? block.readers.map(({ id }) => id) : [],
        );
        const isSame = ids.every((id) => featured.includes(id));
        const found = isSame ? ratingsBefore : await ratingsOf(ids, init);
        featured = ids;
        return {
          blocks: home.blocks.map((block) =>
            block.kind === 'featured_readers'
              ? { ...block, readers: withRatings(block.readers, found) }
              : block,
          ),
        };
      }),

    horoscopes: (from, to, requestId) =>
      read(['horoscopes', from, to], requestId, async (init) => {
        const result = await sdk.find(
          {
            collection: 'horoscopes',
            where: {
              date: { greater_than_equal: `${from}T00:00:00.000Z`, less_than_equal: `${to}T23:59:59.999Z` },
            },
            depth: 0,
            limit: 100,
          },
          init,
        );
        return result.docs.map(horoscopeView);
      }),

    specialities: (requestId) =>
      read(['specialities'], requestId, async (init) => {
        const result = await sdk.find(
          { collection: 'specialities', sort: 'name', limit: 200, depth: 0 },
          init,
        );
        return result.docs.map(specialityView);
      }),

    directory: (requestId) =>
      read(['directory'], requestId, async (init) => {
        const answer = await sdk.request({ method: 'GET', path: '/readers/summary', init });
        return directorySummary.parse(await answer.json());
      }),

    readers: (query, requestId, online) =>
      read(['readers', query, query.online && online?.toSorted()], requestId, async (init) => {
        const fits = query.q ? search(query.q, await searchable(requestId)) : undefined;
        const there = query.online ? new Set(online ?? []) : undefined;
        const byLowestPrice = query.sort === 'price' && !query.modality;
        const stars =
          query.rating || query.sort === 'rating' ? await ratings(requestId) : new Map<string, Rating>();
        const starsOf = (id: number | string) => stars.get(String(id));
        if (fits || there || byLowestPrice || query.rating || query.sort === 'rating') {
          // What isn't kept in the CMS is chosen and sorted by here.
          const rank = fits && new Map(fits.map((id, index) => [id, index]));
          const left = (await outline(where(query), init, order(query))).filter(
            ({ id }) =>
              (rank?.has(id) ?? true) &&
              (there?.has(String(id)) ?? true) &&
              (!query.rating || (starsOf(id)?.average ?? 0) >= query.rating),
          );
          if (byLowestPrice) left.sort((a, b) => compare(Math.min(...a.rates), Math.min(...b.rates)));
          else if (query.sort === 'rating')
            left.sort((a, b) => compare(starsOf(b.id)?.weighted ?? 0, starsOf(a.id)?.weighted ?? 0));
          else if (rank && query.sort === 'featured')
            left.sort((a, b) => compare(rank.get(a.id) ?? 0, rank.get(b.id) ?? 0));
          return pageOf(
            left.map(({ id }) => id),
            query.page,
            init,
          );
        }
        const result = await sdk.find(
          {
            collection: 'readers',
            where: where(query),
            sort: order(query),
            select: cardFields,
            populate,
            depth: 1,
            limit: readersPerPage,
            page: query.page,
          },
          init,
        );
        return {
          items: await rated(result.docs.map(readerCard), init),
          total: result.totalDocs,
          page: query.page,
          pages: Math.max(1, result.totalPages),
        };
      }),

    reader: (slug, requestId) =>
      read(['reader', slug], requestId, async (init) => {
        const [result, found] = await Promise.all([
          sdk.find(
            {
              collection: 'readers',
              where: { slug: { equals: slug } },
              populate,
              depth: 2,
              limit: 1,
              pagination: false,
            },
            init,
          ),
          ratingsWhere({ 'reader.slug': { equals: slug } }, init),
        ]);
        const [doc] = result.docs;
        return doc ? { ...readerView(doc), rating: found.get(String(doc.id)) ?? null } : null;
      }),

    reviews: (readerId, page, requestId, unanswered = false) =>
      read(['reviews', readerId, page, unanswered], requestId, async (init) => {
        const result = await sdk.find(
          {
            collection: 'reviews',
            where: {
              and: [{ reader: { equals: readerId } }, ...(unanswered ? [{ answer: { exists: false } }] : [])],
            },
            sort: '-written_at',
            depth: 0,
            limit: reviewsPerPage,
            page,
          },
          init,
        );
        return {
          items: result.docs.map(reviewView),
          total: result.totalDocs,
          page,
          pages: Math.max(1, result.totalPages),
        };
      }),

    readersOf: (ids, most, requestId) =>
      read(['readersOf', ids.toSorted(), most], requestId, async (init) => {
        if (ids.length === 0) return [];
        const sort = ['-featured', 'name'];
        const wanted = new Set(ids);
        // An address holds so many; of more, who comes first is looked up before.
        const asked =
          ids.length <= mostIdsAsked
            ? [...ids]
            : (await outline({}, init, sort))
                .filter(({ id }) => wanted.has(String(id)))
                .slice(0, most)
                .map(({ id }) => id);
        const result = await sdk.find(
          {
            collection: 'readers',
            where: { id: { in: asked } },
            sort,
            select: cardFields,
            populate,
            depth: 1,
            limit: most,
          },
          init,
        );
        return rated(result.docs.map(readerCard), init);
      }),

    async page(slug, requestId) {
      // Any word may be asked for: which there are is read once, so that nobody asks the CMS for each.
      if (!(await pageSlugs(requestId)).has(slug)) return null;
      return read(['page', slug], requestId, async (init) => {
        const where = { slug: { equals: slug } };
        const result = await sdk.find({ collection: 'pages', where, depth: 1, limit: 1 }, init);
        return result.docs[0] ? pageView(result.docs[0]) : null;
      });
    },

    guides,

    async guide(slug, requestId) {
      // As with pages.
      if (!(await guides(requestId)).some((guide) => guide.slug === slug)) return null;
      return read(['guide', slug], requestId, async (init) => {
        const where = { slug: { equals: slug } };
        const result = await sdk.find({ collection: 'guides', where, populate, depth: 1, limit: 1 }, init);
        return result.docs[0] ? guideView(result.docs[0]) : null;
      });
    },

    questions: (requestId) =>
      read(['questions'], requestId, async (init) => {
        const result = await sdk.find({ collection: 'faq', sort: 'position', depth: 1, limit: batch }, init);
        return result.docs.map(questionView);
      }),

    readerNames: (slugs, requestId) =>
      read(['readerNames', slugs.toSorted()], requestId, async (init) => {
        if (slugs.length === 0) return [];
        const result = await sdk.find(
          {
            collection: 'readers',
            where: { slug: { in: [...slugs] } },
            sort: ['name'],
            select: { slug: true, name: true },
            depth: 0,
            limit: slugs.length,
          },
          init,
        );
        return result.docs.map(({ slug, name }) => ({ slug, name }));
      }),

    navigation: (requestId) =>
      read(['navigation'], requestId, async (init) =>
        navigationView(await sdk.findGlobal({ slug: 'navigation', depth: 0 }, init)),
      ),

    sitemap: (requestId) =>
      read(['sitemap'], requestId, async (init) => {
        const places = [
          ['readers', '/readers/'],
          ['articles', '/articles/'],
          ['guides', '/guides/'],
          ['pages', '/'],
        ] as const;
        const found: { path: string; changed: string }[] = [];
        for (const [collection, place] of places)
          for (let page = 1, more = true; more; page += 1) {
            const result = await sdk.find({ collection, depth: 0, limit: 100, page, sort: 'slug' }, init);
            for (const doc of result.docs)
              if (!('seo' in doc && doc.seo?.unlisted))
                found.push({ path: `${place}${doc.slug}`, changed: doc.updatedAt.slice(0, 10) });
            more = result.hasNextPage;
          }
        return found;
      }),

    redirect: async (path, requestId) => (await redirects(requestId)).get(path) ?? null,

    articles: (page, requestId) =>
      read(['articles', page], requestId, async (init) => {
        const result = await sdk.find(
          {
            collection: 'articles',
            sort: '-published_at',
            select: articleFields,
            populate,
            depth: 1,
            limit: articlesPerPage,
            page,
          },
          init,
        );
        return {
          items: result.docs.map(articleCard),
          total: result.totalDocs,
          page,
          pages: Math.max(1, result.totalPages),
        };
      }),

    article: (slug, requestId) =>
      read(['article', slug], requestId, async (init) => {
        const result = await sdk.find(
          {
            collection: 'articles',
            where: { slug: { equals: slug } },
            populate: { ...populate, readers: cardFields },
            depth: 2,
            limit: 1,
            pagination: false,
          },
          init,
        );
        if (!result.docs[0]) return null;
        const article = articleView(result.docs[0]);
        return { ...article, related_readers: await rated(article.related_readers, init) };
      }),
  };
}

const withRatings = <T extends ReaderCard>(readers: T[], ratings: Map<string, Rating>): T[] =>
  readers.map((reader) => ({ ...reader, rating: ratings.get(String(reader.id)) ?? null }));

const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error && 'code' in error.cause ? `: ${String(error.cause.code)}` : '';
  return `${error.message}${cause}`;
}
