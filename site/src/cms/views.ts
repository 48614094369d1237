import type { RichText } from './rich-text.ts';

// What pages are given: the CMS's documents without what only the CMS needs.

export interface Picture {
  src: string;
  width: number;
  height: number;
  alt: string;
}

/** A picture in full and, if there is one, the small one for cards. */
export interface Pictures extends Picture {
  card: Picture | null;
}

export const modalities = ['video', 'voice', 'chat'] as const;
export type Modality = (typeof modalities)[number];

/** Cents a minute; a way of meeting that isn't offered is absent. */
export type Rates = Partial<Record<Modality, number>>;

export interface Speciality {
  slug: string;
  name: string;
  description: string;
}

export interface ReaderCard {
  id: number | string;
  slug: string;
  name: string;
  headline: string;
  portrait: Pictures | null;
  specialities: Speciality[];
  /** BCP 47 primary tags. */
  languages: string[];
  time_zone: string;
  country: string;
  years_of_experience: number;
  rates: Rates;
}

export interface Reader extends ReaderCard {
  biography: RichText | null;
}

export interface ArticleCard {
  slug: string;
  title: string;
  summary: string;
  cover: Pictures | null;
  category: { slug: string; name: string } | null;
  author_name: string;
  /** ISO 8601. */
  published_at: string | null;
}

export interface Article extends ArticleCard {
  body: RichText | null;
  related_readers: ReaderCard[];
}

export interface Home {
  hero_title: string;
  hero_text: string;
  featured_readers: ReaderCard[];
  featured_articles: ArticleCard[];
  steps: { title: string; text: string }[];
  closing_title: string;
  closing_text: string;
}

/** The directory as a whole, for its figures and its choices. */
export interface DirectorySummary {
  readers: number;
  /** BCP 47 primary tags that at least one reader speaks, the commonest first. */
  languages: string[];
  lowest_cents_per_minute: number | null;
}

export interface Page<T> {
  items: T[];
  total: number;
  page: number;
  pages: number;
}
