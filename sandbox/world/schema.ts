/**
 * The shapes of `cms.json`, `commerce.json` and `realtime.json`: what the demo world hands to the CMS, to the shop and to realtime.
 * The files are parsed with these schemas before they are written, and may be parsed with them again by whoever reads them.
 */
import { z } from 'zod';

const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
const text = z.string().trim().min(1);
const email = z.email().endsWith('@soulseer.test');
const instant = z.iso.datetime();
const timeZone = z.string().refine((zone) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone.includes('/');
  } catch {
    return false;
  }
}, 'not an IANA time zone');

/** A picture below `<dir>/pictures/`, with the words that stand in for it. */
export const pictureSchema = z.strictObject({
  file: z.string().regex(/^[a-z]+\/[a-z0-9-]+\.avif$/),
  alt: text.max(200),
});

const centsPerMinute = z.int().min(1).max(10_000).nullable();

export const personSchema = z.strictObject({
  email,
  /** Who they are at the sandbox's issuer. */
  subject: text,
  display_name: text.max(60),
  role: z.enum(['client', 'reader', 'admin']),
  status: z.enum(['active', 'suspended']),
});

export const specialitySchema = z.strictObject({ slug, name: text, description: text });

export const readerSchema = z.strictObject({
  slug,
  name: text.max(60),
  person_email: email.nullable(),
  headline: text.max(140),
  biography_markdown: text,
  portrait: pictureSchema,
  specialities: z.array(slug).min(1),
  /** BCP 47 primary language tags, the mother tongue or working language first. */
  languages: z.array(z.string().regex(/^[a-z]{2}$/)).min(1),
  time_zone: timeZone,
  /** ISO 3166-1 alpha-2. */
  country: z.string().regex(/^[A-Z]{2}$/),
  years_of_experience: z.int().min(0).max(80),
  /** Cents a minute; null where the reader doesn't offer that way of reading. */
  rates: z
    .strictObject({
      video_cents_per_minute: centsPerMinute,
      voice_cents_per_minute: centsPerMinute,
      chat_cents_per_minute: centsPerMinute,
    })
    .refine((rates) => Object.values(rates).some((rate) => rate !== null), 'offers nothing'),
  featured: z.boolean(),
});

export const articleSchema = z.strictObject({
  slug,
  title: text,
  summary: text.max(240),
  body_markdown: text,
  cover: pictureSchema,
  category: slug,
  author_name: text,
  related_readers: z.array(slug),
  published_at: instant,
});

export const giftSchema = z.strictObject({
  slug,
  name: text,
  description: text,
  price_cents: z.int().min(1),
  picture: pictureSchema,
  position: z.int().min(0),
});

export const forumPostSchema = z.strictObject({
  author_email: email,
  body_markdown: text,
  created_on: instant,
});

export const forumThreadSchema = z.strictObject({
  slug,
  title: text.max(140),
  category: slug,
  author_email: email,
  created_on: instant,
  pinned: z.boolean(),
  posts: z.array(forumPostSchema).min(1),
});

/** A place on the site. */
const linkSchema = z.strictObject({ label: text.max(40), to: z.string().startsWith('/') });

/** `cms.json` */
export const cmsSchema = z.strictObject({
  people: z.array(personSchema),
  specialities: z.array(specialitySchema),
  readers: z.array(readerSchema),
  article_categories: z.array(z.strictObject({ slug, name: text })),
  articles: z.array(articleSchema),
  gifts: z.array(giftSchema),
  forum_categories: z.array(
    z.strictObject({ slug, name: text, description: text, position: z.int().min(0) }),
  ),
  forum_threads: z.array(forumThreadSchema),
  pages: z.array(z.strictObject({ slug, title: text.max(120), summary: text.max(400), body_markdown: text })),
  guides: z.array(
    z.strictObject({
      slug,
      speciality: slug,
      title: text.max(120),
      summary: text.max(400),
      body_markdown: text,
    }),
  ),
  faq: z.array(
    z.strictObject({
      question: text.max(200),
      answer_markdown: text,
      topic: z.enum(['readings', 'money', 'readers', 'account']),
      position: z.int().min(0),
    }),
  ),
  navigation: z.strictObject({
    header: z.array(linkSchema).max(7),
    footer: z.array(z.strictObject({ title: text.max(40), links: z.array(linkSchema).max(8) })).max(4),
  }),
  horoscopes: z.array(
    z.strictObject({
      sign: z.enum([
        'aries',
        'taurus',
        'gemini',
        'cancer',
        'leo',
        'virgo',
        'libra',
        'scorpio',
        'sagittarius',
        'capricorn',
        'aquarius',
        'pisces',
      ]),
      days_from_today: z.int(),
      text,
      author_name: text,
    }),
  ),
  home: z.strictObject({
    blocks: z.array(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('hero'), title: text, text }),
        z.strictObject({ kind: z.literal('online_readers'), title: text }),
        z.strictObject({ kind: z.literal('featured_readers'), title: text, readers: z.array(slug) }),
        z.strictObject({
          kind: z.literal('steps'),
          title: text,
          steps: z.array(z.strictObject({ title: text, text })),
        }),
        z.strictObject({ kind: z.literal('guides'), title: text }),
        z.strictObject({ kind: z.literal('articles'), title: text, articles: z.array(slug) }),
        z.strictObject({ kind: z.literal('horoscopes'), title: text, text }),
        z.strictObject({ kind: z.literal('quote'), text, author_name: text }),
        z.strictObject({ kind: z.literal('call_to_action'), title: text, text, label: text, to: text }),
      ]),
    ),
  }),
});

export const productSchema = z.strictObject({
  handle: slug,
  title: text,
  subtitle: text,
  description: text,
  kind: z.enum(['digital', 'physical']),
  categories: z.array(slug).min(1),
  price_cents: z.int().min(1),
  pictures: z.array(pictureSchema).min(1),
  /** What a digital product is, below the world's folder; null for what is sent by post. */
  file: z
    .string()
    .regex(/^files\/[a-z0-9-]+\.(pdf|wav)$/)
    .nullable(),
  /** Null for digital goods. */
  weight_grams: z.int().min(1).nullable(),
  /** Null for digital goods, which don't run out. */
  stock: z.int().min(0).nullable(),
  /** The reader who made it, if one did. */
  reader_slug: slug.nullable(),
});

/** `commerce.json` */
export const commerceSchema = z.strictObject({
  categories: z.array(z.strictObject({ slug, name: text, description: text })),
  products: z.array(productSchema),
});

/** A session of the past. People are named by their subject at the issuer. */
export const pastSessionSchema = z.strictObject({
  key: slug,
  client: text,
  reader: text,
  days_ago: z.int().min(1).max(365),
  minute_of_day: z.int().min(0).max(1_439),
  modality: z.enum(['video', 'voice', 'chat']),
  /** How long both were there together. */
  seconds: z.int().min(0).max(3_600),
  /** Who ended it, or what: the agreed maximum, a lost connection, or it never began. */
  ends: z.enum(['client', 'reader', 'maximum', 'lost', 'declined', 'cancelled']),
  pauses: z.array(z.strictObject({ after_seconds: z.int().min(1), for_seconds: z.int().min(1).max(240) })),
  /** By turns, the client first. */
  messages: z.array(text),
  /** By staff, afterwards. */
  given_back: z.strictObject({ minutes: z.array(z.int().min(1)).min(1), reason: text }).nullable(),
});

/** `realtime.json` */
export const realtimeSchema = z.strictObject({ sessions: z.array(pastSessionSchema), staff: text });

/** What a client says of a session of the past, which is named by its key; people by their subject at the issuer. */
export const reviewSchema = z.strictObject({
  session: slug,
  client: text,
  reader: text,
  stars: z.int().min(1).max(5),
  text,
  answer: text.nullable(),
  /** After the session's end. */
  hours_after: z.int().min(0).max(160),
});

/** `reviews.json` */
export const reviewsSchema = z.strictObject({ reviews: z.array(reviewSchema) });

export type Review = z.infer<typeof reviewSchema>;
export type ReviewsWorld = z.infer<typeof reviewsSchema>;
export type PastSession = z.infer<typeof pastSessionSchema>;
export type RealtimeWorld = z.infer<typeof realtimeSchema>;
export type Picture = z.infer<typeof pictureSchema>;
export type Person = z.infer<typeof personSchema>;
export type Speciality = z.infer<typeof specialitySchema>;
export type Reader = z.infer<typeof readerSchema>;
export type Article = z.infer<typeof articleSchema>;
export type Gift = z.infer<typeof giftSchema>;
export type ForumThread = z.infer<typeof forumThreadSchema>;
export type CmsWorld = z.infer<typeof cmsSchema>;
export type Product = z.infer<typeof productSchema>;
export type CommerceWorld = z.infer<typeof commerceSchema>;
