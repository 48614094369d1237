import type { Sign } from '../text/horoscopes.ts';
import type { RichText } from './rich-text.ts';

// What pages are given: the CMS's documents without what only the CMS needs.

export interface Picture {
  src: string;
  width: number;
  height: number;
  alt: string;
}

/** A picture in full, the small one for cards, and one between; those that there are. */
export interface Pictures extends Picture {
  card: Picture | null;
  middle: Picture | null;
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

/** What a reader's reviews come to. */
export interface Rating {
  count: number;
  /** From 1 to 5. */
  average: number;
  /** The average with what is taken for granted of everybody in it: for sorting. */
  weighted: number;
  /** How many gave five stars, four, three, two, one. */
  distribution: number[];
}

export interface Review {
  id: number;
  stars: number;
  text: string;
  /** A first name. */
  author_name: string;
  /** ISO 8601, like the other. */
  written_at: string;
  edited: boolean;
  answer: { text: string; at: string | null } | null;
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
  /** Null as long as nobody has said anything. */
  rating: Rating | null;
}

export interface Reader extends ReaderCard {
  biography: RichText | null;
}

/** What search engines and shared links are told, where that is other than what the page itself says. */
export interface Seo {
  title: string | null;
  description: string | null;
  picture: Pictures | null;
  /** Kept out of search engines. */
  unlisted: boolean;
}

/** A page of plain words: the terms, a guide. */
export interface TextPage {
  slug: string;
  title: string;
  summary: string;
  body: RichText | null;
  seo: Seo;
}

export interface GuideCard extends Omit<TextPage, 'body' | 'seo'> {
  speciality: Speciality | null;
}

export interface Guide extends TextPage, GuideCard {}

export interface Question {
  question: string;
  answer: RichText | null;
  topic: string;
}

export interface Link {
  label: string;
  to: string;
}

export interface Navigation {
  header: Link[];
  footer: { title: string; links: Link[] }[];
}

export interface Redirect {
  to: string;
  permanent: boolean;
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
  seo: Seo;
  related_readers: ReaderCard[];
}

/** One part of the home page, in the order in which staff have put them. */
export type HomeBlock =
  | { kind: 'hero'; title: string; text: string }
  | { kind: 'featured_readers'; title: string; readers: ReaderCard[] }
  | { kind: 'online_readers'; title: string }
  | { kind: 'steps'; title: string; steps: { title: string; text: string }[] }
  | { kind: 'guides'; title: string }
  | { kind: 'articles'; title: string; articles: ArticleCard[] }
  | { kind: 'horoscopes'; title: string; text: string }
  | { kind: 'quote'; text: string; author_name: string }
  | { kind: 'text_and_picture'; title: string; text: string; picture: Pictures | null }
  | { kind: 'call_to_action'; title: string; text: string; label: string; to: string };

export interface Home {
  blocks: HomeBlock[];
}

/** For one sign and one day. */
export interface Horoscope {
  sign: Sign;
  /** Such as `2026-11-24`. */
  date: string;
  paragraphs: string[];
  author_name: string;
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
