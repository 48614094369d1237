import type * as documents from 'cms/types';
import type { RichText } from './rich-text.ts';
import {
  type Article,
  type ArticleCard,
  type Guide,
  type GuideCard,
  type Home,
  type HomeBlock,
  type Horoscope,
  modalities,
  type Navigation,
  type Pictures,
  type Question,
  type Rates,
  type Rating,
  type Reader,
  type ReaderCard,
  type Review,
  type Seo,
  type Speciality,
  type TextPage,
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
  const sized = ({ url, width, height }: NonNullable<documents.Media['sizes']>['card'] = {}) =>
    url && width && height ? { src: url, width, height, alt } : null;
  return {
    src: media.url,
    width: media.width,
    height: media.height,
    alt,
    card: sized(media.sizes?.card),
    middle: sized(media.sizes?.middle),
  };
}

export function ratesView(rates: documents.Reader['rates'] | undefined): Rates {
  const offered: Rates = {};
  for (const modality of modalities) {
    const cents = rates?.[`${modality}_cents_per_minute`];
    if (typeof cents === 'number') offered[modality] = cents;
  }
  return offered;
}

export const specialityView = ({ slug, name, description }: documents.Speciality): Speciality => ({
  slug,
  name,
  description: description ?? '',
});

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
    specialities: loadedAll<documents.Speciality>(reader.specialities).map(specialityView),
    languages: reader.languages ?? [],
    time_zone: reader.time_zone,
    country: reader.country,
    years_of_experience: reader.years_of_experience ?? 0,
    rates: ratesView(reader.rates),
    // Kept apart from the reader, and put beside it by whoever reads both.
    rating: null,
  };
}

export const ratingView = ({
  count,
  average,
  weighted,
  one,
  two,
  three,
  four,
  five,
}: documents.Rating): Rating => ({ count, average, weighted, distribution: [five, four, three, two, one] });

export const reviewView = (review: documents.Review): Review => ({
  id: review.id,
  stars: review.stars,
  text: review.text,
  author_name: review.author_name ?? '',
  written_at: review.written_at,
  edited: Boolean(review.edited_at),
  answer: review.answer ? { text: review.answer, at: review.answered_at ?? null } : null,
});

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
    seo: seoView(article.seo),
    related_readers: loadedAll<documents.Reader>(article.related_readers).map(readerCard),
  };
}

const seoView = (seo: documents.Page['seo']): Seo => ({
  title: seo?.title || null,
  description: seo?.description || null,
  picture: pictures(seo?.picture),
  unlisted: Boolean(seo?.unlisted),
});

export const pageView = (page: documents.Page | documents.Guide): TextPage => ({
  slug: page.slug,
  title: page.title,
  summary: page.summary,
  body: (page.body as RichText | null | undefined) ?? null,
  seo: seoView(page.seo),
});

type GuideFields = 'slug' | 'title' | 'summary' | 'speciality';

export function guideCard({ slug, title, summary, ...guide }: Pick<documents.Guide, GuideFields>): GuideCard {
  const speciality = loaded<documents.Speciality>(guide.speciality);
  return {
    slug,
    title,
    summary,
    speciality: speciality && specialityView(speciality),
  };
}

export const guideView = (guide: documents.Guide): Guide => ({ ...pageView(guide), ...guideCard(guide) });

export const questionView = ({ question, answer, topic }: documents.Faq): Question => ({
  question,
  answer: (answer as RichText | null | undefined) ?? null,
  topic,
});

const linksView = (links: { label: string; to: string }[] | null | undefined) =>
  (links ?? []).map(({ label, to }) => ({ label, to }));

export const navigationView = ({ header, footer }: documents.Navigation): Navigation => ({
  header: linksView(header),
  footer: (footer ?? []).map(({ title, links }) => ({ title, links: linksView(links) })),
});

export function homeView({ blocks }: documents.Home): Home {
  return { blocks: (blocks ?? []).map(blockView) };
}

function blockView(block: NonNullable<documents.Home['blocks']>[number]): HomeBlock {
  switch (block.blockType) {
    case 'hero':
      return { kind: 'hero', title: block.title, text: block.text };
    case 'featured_readers':
      return {
        kind: 'featured_readers',
        title: block.title,
        readers: loadedAll<documents.Reader>(block.readers).map(readerCard),
      };
    case 'steps':
      return {
        kind: 'steps',
        title: block.title,
        steps: (block.steps ?? []).map(({ title, text }) => ({ title, text })),
      };
    case 'articles':
      return {
        kind: 'articles',
        title: block.title,
        articles: loadedAll<documents.Article>(block.articles).map(articleCard),
      };
    case 'horoscopes':
      return { kind: 'horoscopes', title: block.title, text: block.text ?? '' };
    case 'quote':
      return { kind: 'quote', text: block.text, author_name: block.author_name };
    case 'text_and_picture':
      return {
        kind: 'text_and_picture',
        title: block.title,
        text: block.text,
        picture: pictures(block.picture),
      };
    case 'call_to_action':
      return {
        kind: 'call_to_action',
        title: block.title,
        text: block.text ?? '',
        label: block.label,
        to: block.to,
      };
    case 'online_readers':
    case 'guides':
      return { kind: block.blockType, title: block.title };
  }
}

export const horoscopeView = ({ sign, date, text, author_name }: documents.Horoscope): Horoscope => ({
  sign,
  date: date.slice(0, 10),
  paragraphs: text
    .split(/\n\s*\n/)
    .map((one) => one.trim())
    .filter((one) => one !== ''),
  author_name,
});
