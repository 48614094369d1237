import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { signs } from '../collections/Horoscopes/signs.ts';

const text = z.string().min(1);
const slug = z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
const email = z.email();
const time = z.iso.datetime({ offset: true }).transform((value) => new Date(value).toISOString());
const day = z.union([time, z.iso.date().transform((value) => new Date(value).toISOString())]);
const cents = z.int().positive();
const position = z.int().min(0);
/** Below the world's `pictures` folder, and not out of it. */
const picture = z.strictObject({
  file: z.string().regex(/^(?!.*\.\.)[\w./-]+\.(avif|webp|jpe?g|png)$/),
  alt: text,
});

const link = z.strictObject({ label: text, to: text });

const schema = z.strictObject({
  people: z.array(
    z.strictObject({
      email,
      /** Who they are at the issuer. */
      subject: text,
      display_name: text,
      role: z.enum(['client', 'reader', 'admin']),
      status: z.enum(['active', 'suspended']),
    }),
  ),
  specialities: z.array(z.strictObject({ slug, name: text, description: text })),
  readers: z.array(
    z.strictObject({
      slug,
      name: text,
      person_email: email.nullable(),
      headline: text,
      biography_markdown: text,
      portrait: picture,
      specialities: z.array(slug).min(1),
      languages: z.array(text).min(1),
      time_zone: text,
      country: text,
      years_of_experience: z.int().min(0),
      rates: z.strictObject({
        video_cents_per_minute: cents.nullable(),
        voice_cents_per_minute: cents.nullable(),
        chat_cents_per_minute: cents.nullable(),
      }),
      featured: z.boolean(),
    }),
  ),
  article_categories: z.array(z.strictObject({ slug, name: text })),
  articles: z.array(
    z.strictObject({
      slug,
      title: text,
      summary: text,
      body_markdown: text,
      cover: picture,
      category: slug,
      author_name: text,
      related_readers: z.array(slug),
      published_at: day,
    }),
  ),
  gifts: z.array(
    z.strictObject({ slug, name: text, description: text, price_cents: cents, picture, position }),
  ),
  forum_categories: z.array(z.strictObject({ slug, name: text, description: text, position })),
  forum_threads: z.array(
    z.strictObject({
      slug,
      title: text,
      category: slug,
      author_email: email,
      created_on: day,
      pinned: z.boolean(),
      posts: z.array(z.strictObject({ author_email: email, body_markdown: text, created_on: day })),
    }),
  ),
  pages: z.array(z.strictObject({ slug, title: text, summary: text, body_markdown: text })),
  guides: z.array(
    z.strictObject({ slug, speciality: slug, title: text, summary: text, body_markdown: text }),
  ),
  faq: z.array(
    z.strictObject({
      question: text,
      answer_markdown: text,
      topic: z.enum(['readings', 'money', 'readers', 'account']),
      position,
    }),
  ),
  navigation: z.strictObject({
    header: z.array(link),
    footer: z.array(z.strictObject({ title: text, links: z.array(link) })),
  }),
  horoscopes: z.array(
    z.strictObject({
      sign: z.enum(signs),
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

/** What `cms.json` of a world says. */
export type World = z.infer<typeof schema>;
export type Picture = z.infer<typeof picture>;

/** @throws Error naming each place that is not as it should be. */
export function parseWorld(value: unknown): World {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Error(`cms.json is not a world:\n${z.prettifyError(result.error)}`);
}

export async function readWorld(folder: string): Promise<World> {
  return parseWorld(JSON.parse(await readFile(path.join(folder, 'cms.json'), 'utf8')));
}
