import type * as documents from 'cms/types';
import type { RichText } from './rich-text.ts';
import {
  type Article,
  type ArticleCard,
  type Home,
  modalities,
  type Pictures,
  type Rates,
  type Reader,
  type ReaderCard,
} from './views.ts';

// From the CMS's documents to what pages show. A relation that may not be read, or is gone, comes as its id: left out.

type Related<T> = number | string | T | null | undefined;

const loaded = <T extends object>(related: Related<T>): T | null =>
  typeof related === 'object' ? (related ?? null) : null;
const loadedAll = <T extends object>(related: Related<T>[] | null | undefined): T[] =>
  (related ?? []).flatMap((one) => loaded<T>(one) ?? []);

function pictures(related: Related<documents.Media>): Pictures | null {
  const media = loaded(related);
  if (!media?.url || !media.width || !media.height) return null;
  const alt = media.alt ?? '';
  const small = media.sizes?.card;
  const card =
    small?.url && small.width && small.height
      ? { src: small.url, width: small.width, height: small.height, alt }
      : null;
  return { src: media.url, width: media.width, height: media.height, alt, card };
}

export function ratesView(rates: documents.Reader['rates'] | undefined): Rates {
  const offered: Rates = {};
  for (const modality of modalities) {
    const cents = rates?.[`${modality}_cents_per_minute`];
    if (typeof cents === 'number') offered[modality] = cents;
  }
  return offered;
}

type CardFields =
  | 'id'
  | 'slug'
  | 'name'
  | 'headline'
  | 'portrait'
  | 'specialities'
  | 'languages'
  | 'time_zone'
  | 'country'
  | 'years_of_experience'
  | 'rates';

export function readerCard(reader: Pick<documents.Reader, CardFields>): ReaderCard {
  return {
    id: reader.id,
    slug: reader.slug,
    name: reader.name,
    headline: reader.headline,
    portrait: pictures(reader.portrait),
    specialities: loadedAll<documents.Speciality>(reader.specialities).map(({ slug, name, description }) => ({
      slug,
      name,
      description: description ?? '',
    })),
    languages: reader.languages ?? [],
    time_zone: reader.time_zone,
    country: reader.country,
    years_of_experience: reader.years_of_experience ?? 0,
    rates: ratesView(reader.rates),
  };
}

export function readerView(reader: documents.Reader): Reader {
  return { ...readerCard(reader), biography: (reader.biography as RichText | null | undefined) ?? null };
}

type ArticleFields = 'slug' | 'title' | 'summary' | 'cover' | 'category' | 'author_name' | 'published_at';

export function articleCard(article: Pick<documents.Article, ArticleFields>): ArticleCard {
  const category = loaded<documents.ArticleCategory>(article.category);
  return {
    slug: article.slug,
    title: article.title,
    summary: article.summary,
    cover: pictures(article.cover),
    category: category && { slug: category.slug, name: category.name },
    author_name: article.author_name ?? '',
    published_at: article.published_at ?? null,
  };
}

export function articleView(article: documents.Article): Article {
  return {
    ...articleCard(article),
    body: (article.body as RichText | null | undefined) ?? null,
    related_readers: loadedAll<documents.Reader>(article.related_readers).map(readerCard),
  };
}

export function homeView(home: documents.Home): Home {
  return {
    hero_title: home.hero_title,
    hero_text: home.hero_text,
    featured_readers: loadedAll<documents.Reader>(home.featured_readers).map(readerCard),
    featured_articles: loadedAll<documents.Article>(home.featured_articles).map(articleCard),
    steps: (home.steps ?? []).map(({ title, text }) => ({ title, text })),
    closing_title: home.closing_title ?? '',
    closing_text: home.closing_text ?? '',
  };
}
