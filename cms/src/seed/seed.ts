import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type CollectionSlug,
  type GlobalSlug,
  type Payload,
  type RequiredDataFromCollectionSlug,
  ValidationError,
} from 'payload';
import { dayOf } from '../collections/Horoscopes/day.ts';
import { withLock } from '../database/withLock.ts';
import { resendDirectory } from '../directory/resendDirectory.ts';
import { inParallel } from './inParallel.ts';
import { markdownConverter } from './markdown.ts';
import { type Memory, openMemory } from './memory.ts';
import type { Picture, World } from './world.ts';

export type SeedOptions = {
  world: World;
  /** Folder that the world's picture files are relative to. */
  pictures: string;
  /** Where the world's people sign in. */
  issuer: string;
  report: (line: string) => void;
  /** Milliseconds since 1970: horoscopes are for the days around it. */
  now: () => number;
};

/** How many documents were made, changed and left as they were. */
export type SeedResult = { created: number; updated: number; unchanged: number };

/** Two processors' worth of pictures, and more documents than that wait for the database at a time. */
const WIDTH = 6;
const dayMs = 24 * 60 * 60 * 1_000;

type Wanted<Slug extends CollectionSlug> = {
  key: string;
  /** What the world says, for the fingerprint. */
  said: unknown;
  data: () => Promise<RequiredDataFromCollectionSlug<Slug>> | RequiredDataFromCollectionSlug<Slug>;
  file?: () => Promise<{ data: Buffer; mimetype: string; name: string; size: number }>;
};

/**
 * Writes a world into the CMS.
 * Local API without access: it is the operator's own command, and nobody is signed in.
 */
export async function seed(payload: Payload, options: SeedOptions): Promise<SeedResult> {
  return withLock(payload, 'seed', () => new Seeding(payload, options).run());
}

class Seeding {
  readonly #payload: Payload;
  readonly #options: SeedOptions;
  readonly #result: SeedResult = { created: 0, updated: 0, unchanged: 0 };

  constructor(payload: Payload, options: SeedOptions) {
    this.#payload = payload;
    this.#options = options;
  }

  async run(): Promise<SeedResult> {
    const { world, issuer } = this.#options;
    const memory = await openMemory(this.#payload);
    const lexical = await markdownConverter(this.#payload);
    const write = <Slug extends CollectionSlug>(collection: Slug, by: string, wanted: Wanted<Slug>[]) =>
      this.#write(memory, collection, by, wanted);

    const [people, specialities, articleCategories, forumCategories, media] = await Promise.all([
      write(
        'people',
        'email',
        world.people.map((one) => {
          const said = { ...one, issuer, email_verified: true };
          // Their ids and versions are the program's to give.
          return { key: said.email, said, data: () => said as RequiredDataFromCollectionSlug<'people'> };
        }),
      ),
      write('specialities', 'slug', world.specialities.map(plain)),
      write('article-categories', 'slug', world.article_categories.map(plain)),
      write('forum-categories', 'slug', world.forum_categories.map(plain)),
      write('media', 'filename', await this.#pictures()),
    ]);
    const pictureId = (picture: Picture) => id(media, fileName(picture));

    const readers = await write(
      'readers',
      'slug',
      world.readers.map((said) => ({
        key: said.slug,
        said,
        data: () => {
          const {
            person_email,
            biography_markdown,
            portrait,
            specialities: kinds,
            languages,
            ...rest
          } = said;
          return {
            ...rest,
            languages: languages as RequiredDataFromCollectionSlug<'readers'>['languages'], // Payload checks them
            person: person_email ? id(people, person_email) : null,
            biography: lexical(biography_markdown),
            portrait: pictureId(portrait),
            specialities: kinds.map((kind) => id(specialities, kind)),
            _status: 'published' as const,
          };
        },
      })),
    );
    const [articles, threads] = await Promise.all([
      write(
        'articles',
        'slug',
        world.articles.map((said) => ({
          key: said.slug,
          said,
          data: () => {
            const { body_markdown, cover, category, related_readers, ...rest } = said;
            return {
              ...rest,
              body: lexical(body_markdown),
              cover: pictureId(cover),
              category: id(articleCategories, category),
              related_readers: related_readers.map((reader) => id(readers, reader)),
              _status: 'published' as const,
            };
          },
        })),
      ),
      write(
        'forum-threads',
        'slug',
        world.forum_threads.map(({ posts: _, ...said }) => ({
          key: said.slug,
          said,
          data: () => {
            const { author_email, category, ...rest } = said;
            return { ...rest, author: id(people, author_email), category: id(forumCategories, category) };
          },
        })),
      ),
      write(
        'gifts',
        'slug',
        world.gifts.map((said) => ({
          key: said.slug,
          said,
          data: () => ({ ...said, picture: pictureId(said.picture) }),
        })),
      ),
    ]);
    await write(
      'forum-posts',
      'place',
      world.forum_threads.flatMap((thread) =>
        thread.posts.map((said, position) => ({
          key: `${id(threads, thread.slug)}/${position}`,
          said,
          data: () => ({
            thread: id(threads, thread.slug),
            author: id(people, said.author_email),
            body: lexical(said.body_markdown),
            created_on: said.created_on,
            position,
          }),
        })),
      ),
    );
    await Promise.all([
      write(
        'pages',
        'slug',
        world.pages.map((said) => ({
          key: said.slug,
          said,
          data: () => {
            const { body_markdown, ...rest } = said;
            return { ...rest, body: lexical(body_markdown), _status: 'published' as const };
          },
        })),
      ),
      write(
        'guides',
        'slug',
        world.guides.map((said) => ({
          key: said.slug,
          said,
          data: () => {
            const { body_markdown, speciality, ...rest } = said;
            return {
              ...rest,
              body: lexical(body_markdown),
              speciality: id(specialities, speciality),
              _status: 'published' as const,
            };
          },
        })),
      ),
      write(
        'faq',
        'question',
        world.faq.map((said) => ({
          key: said.question,
          said,
          data: () => {
            const { answer_markdown, ...rest } = said;
            return { ...rest, answer: lexical(answer_markdown), _status: 'published' as const };
          },
        })),
      ),
    ]);
    await this.#global(memory, 'navigation', world.navigation, world.navigation);
    await this.#horoscopes(memory);
    await this.#global(memory, 'home', world.home, {
      blocks: world.home.blocks.map(({ kind: blockType, ...block }) => ({
        ...block,
        blockType,
        ...('readers' in block ? { readers: block.readers.map((reader) => id(readers, reader)) } : {}),
        ...('articles' in block ? { articles: block.articles.map((article) => id(articles, article)) } : {}),
      })),
      _status: 'published' as const,
    });
    // Once, for readers that were here before there was anybody to tell.
    if (!memory.has('directory', 1)) {
      await resendDirectory(this.#payload);
      memory.remember('directory', 1);
      await memory.save();
    }
    return this.#result;
  }

  /** For the days around today; those of days before stay as they are. */
  async #horoscopes(memory: Memory): Promise<void> {
    const { world, now } = this.#options;
    await this.#write(
      memory,
      'horoscopes',
      'day',
      world.horoscopes.map(({ days_from_today, ...rest }) => {
        const said = { ...rest, date: dayOf(now() + days_from_today * dayMs) };
        return {
          key: `${said.sign}/${said.date}`,
          said,
          data: () => ({ ...said, _status: 'published' as const }),
        };
      }),
    );
  }

  /** Each picture once, though several documents may show it. */
  async #pictures(): Promise<Wanted<'media'>[]> {
    const { world, pictures } = this.#options;
    const shown = [
      ...world.readers.map((r) => r.portrait),
      ...world.articles.map((a) => a.cover),
      ...world.gifts.map((g) => g.picture),
    ];
    const unique = [...new Map(shown.map((picture) => [picture.file, picture])).values()];
    return Promise.all(
      unique.map(async (picture) => {
        const bytes = await readFile(path.join(pictures, picture.file));
        const name = fileName(picture);
        return {
          key: name,
          said: { alt: picture.alt, sha256: createHash('sha256').update(bytes).digest('hex') },
          data: () => ({ alt: picture.alt }),
          file: async () => ({ data: bytes, mimetype: mimeType(name), name, size: bytes.byteLength }),
        };
      }),
    );
  }

  /** @returns the ids of all documents of the collection, by key. */
  async #write<Slug extends CollectionSlug>(
    memory: Memory,
    collection: Slug,
    by: string,
    wanted: Wanted<Slug>[],
  ): Promise<Map<string, number>> {
    const payload = this.#payload;
    const ids = await this.#idsByKey(collection, by);
    const fresh = wanted.filter(
      ({ key, said }) => !(ids.has(key) && memory.has(`${collection}/${key}`, said)),
    );
    this.#result.unchanged += wanted.length - fresh.length;
    let done = wanted.length - fresh.length;
    try {
      await inParallel(fresh, WIDTH, async ({ key, said, data, file }) => {
        const present = ids.get(key);
        try {
          const document = await data();
          const upload = file && { file: await file(), overwriteExistingFiles: true };
          // Payload's types can't follow a collection that is a parameter; what is passed was typed above.
          const common = { collection, data: document, depth: 0, ...upload } as never;
          const { id: written } = (
            present === undefined
              ? await payload.create(common)
              : await payload.update({ ...(common as object), id: present } as never)
          ) as { id: number };
          ids.set(key, written);
        } catch (error) {
          throw new Error(`${collection} '${key}' could not be written: ${explain(error)}`, { cause: error });
        }
        memory.remember(`${collection}/${key}`, said);
        this.#result[present === undefined ? 'created' : 'updated'] += 1;
        done += 1;
        if (done % 12 === 0 && done < wanted.length)
          this.#options.report(`${collection} ${done}/${wanted.length}`);
      });
    } finally {
      if (fresh.length > 0) await memory.save();
    }
    this.#options.report(
      `${collection} ${wanted.length}/${wanted.length}${fresh.length === 0 ? ' (as they were)' : ''}`,
    );
    return ids;
  }

  async #idsByKey(collection: CollectionSlug, by: string): Promise<Map<string, number>> {
    const { docs } = await this.#payload.find({
      collection,
      depth: 0,
      pagination: false,
      limit: 0,
      draft: false,
    });
    return new Map(
      docs.map((found) => {
        const document = found as unknown as Record<string, unknown> & { id: number };
        const key =
          by === 'place'
            ? `${document.thread}/${document.position}`
            : by === 'day'
              ? `${document.sign}/${document.date}`
              : String(document[by]);
        return [key, document.id];
      }),
    );
  }

  async #global<Slug extends GlobalSlug>(
    memory: Memory,
    slug: Slug,
    said: unknown,
    data: object,
  ): Promise<void> {
    if (memory.has(slug, said)) {
      this.#result.unchanged += 1;
      this.#options.report(`${slug} (as it was)`);
      return;
    }
    await this.#payload.updateGlobal({ slug, depth: 0, data: data as never });
    memory.remember(slug, said);
    await memory.save();
    this.#result.updated += 1;
    this.#options.report(slug);
  }
}

/** Documents that the world says as they are stored. */
function plain<T extends { slug: string }>(said: T) {
  return { key: said.slug, said, data: () => said };
}

function id(ids: Map<string, number>, key: string): number {
  const found = ids.get(key);
  if (found === undefined) throw new Error(`the world refers to '${key}', which it doesn't have`);
  return found;
}

/** portraits/luna.avif → portraits-luna.avif: one folder in the bucket, no two pictures of one name. */
function fileName({ file }: Picture): string {
  return file.replaceAll('/', '-');
}

function mimeType(name: string): string {
  const extension = path.extname(name).slice(1);
  return `image/${extension === 'jpg' ? 'jpeg' : extension}`;
}

/** Payload says «the following fields are invalid»; why stands inside. */
function explain(error: unknown): string {
  if (error instanceof ValidationError)
    return error.data.errors.map(({ path: field, message }) => `${field}: ${message}`).join('; ');
  return error instanceof Error ? error.message : String(error);
}
