import { createHash } from 'node:crypto';
import { type CacheAges, createCache } from '../cms/cache.ts';
import { mostPages } from '../front/kept.ts';
import type { HeaderList, KeptPage } from '../front/messages.ts';
import { pathOf } from '../front/target.ts';
import type { Answer } from './answer.ts';
import { type Encoding, encode, encodingFor } from './encode.ts';
import type { Logger } from './logger.ts';

/** A page as it was written for nobody in particular. */
export interface Rendered {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** Whose request a page is written for first; others are given the same. */
export interface Asker {
  request_id: string;
  log: Logger;
}

/** What of a request decides how a page answers it. */
export interface Asking {
  accept_encoding: string | undefined;
  if_none_match: string | undefined;
}

export type PublishedPage = Omit<KeptPage, 'adult'>;

export interface PagesCache {
  /** The page of this address, written anew when it is absent or too old. */
  answer(url: string, asking: Asking, asker: Asker): Promise<Answer>;
  /** Something that pages show has changed: each is written anew before it is given again. */
  forget(): void;
}

const pageAges: CacheAges = { max_age: 10_000, stale_while_revalidate: 60_000, stale_if_error: 600_000 };

interface Kept {
  status: number;
  etag: string;
  body: Buffer;
  headers: HeaderList;
  /** How often something had changed before it was written. */
  changes: number;
  written_at: number;
  /** Each is made when somebody first wants it, and once. */
  made: Map<Encoding, Promise<Encoded>>;
}

interface Encoded {
  encoding: Encoding;
  headers: HeaderList;
  body: Buffer;
}

/** What is said here of every page, and not by the page. */
const notOfPage = new Set(['content-length', 'vary']);

/** A page that couldn't be written: whatever is older and good is given instead, if there is any. */
class Failed extends Error {
  readonly rendered: Rendered;
  constructor(rendered: Rendered) {
    super(`the page answered ${rendered.status}`);
    this.rendered = rendered;
  }
}

/** The address under which a page is kept: its path, with the query's names that matter in one order; nothing when there are others. */
export function keptUrl(path: string, search: string, names: readonly string[]): string | undefined {
  const given = new URLSearchParams(search);
  for (const name of given.keys())
    if (!names.includes(name) || given.getAll(name).length > 1) return undefined;
  const query = new URLSearchParams(
    names.flatMap((name) => (given.get(name) ? [[name, given.get(name) as string]] : [])),
  ).toString();
  return query ? `${path}?${query}` : path;
}

/**
 * Pages for whoever is not signed in, by stale-while-revalidate. What is not 200 isn't kept. What is, is published for the
 * front to give by itself, in every form in which anybody has lately wanted a page.
 */
export function createPagesCache({
  render,
  publish,
  drop,
  headersOf = () => ({}),
  ages = pageAges,
  clock = () => performance.now(),
}: {
  render: (url: string, asker: Asker) => Promise<Rendered>;
  publish: (page: PublishedPage) => void;
  /** There is nothing to be given under this address any more. */
  drop: (url: string) => void;
  /** What every answer says at this path; what the page says itself goes first. */
  headersOf?: (path: string) => Record<string, string>;
  ages?: CacheAges;
  clock?: () => number;
}): PagesCache {
  const cache = createCache(ages, mostPages, clock);
  /** When somebody last had to come here for a page in this form. */
  const wanted = new Map<Encoding, number>();
  let changes = 0;

  function keep(url: string, { status, headers: own, body }: Rendered, before: number): Kept {
    const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const said = new Map<string, string | string[]>();
    for (const [name, value] of Object.entries(headersOf(pathOf(url)))) said.set(name.toLowerCase(), value);
    for (const [name, value] of Object.entries(own))
      if (value !== undefined && !notOfPage.has(name)) said.set(name, [value].flat().map(String));
    said.set('vary', 'cookie, accept-encoding');
    if (status === 200) said.set('etag', etag);
    const headers = [...said].flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one]));
    return { status, etag, body, headers, changes: before, written_at: clock(), made: new Map() };
  }

  function encoded(page: Kept, encoding: Encoding): Promise<Encoded> {
    const present = page.made.get(encoding);
    if (present) return present;
    const making = encode[encoding](page.body).then((body) => ({
      encoding,
      headers: [
        ...page.headers,
        ...(encoding === 'identity' ? [] : ['content-encoding', encoding]),
        'content-length',
        String(body.byteLength),
      ],
      body,
    }));
    page.made.set(encoding, making);
    return making;
  }

  /** Tells the front, unless it has been overtaken by a change. */
  async function tell(url: string, page: Kept): Promise<void> {
    const answers = await Promise.all(page.made.values());
    const young_ms = page.written_at + ages.max_age - clock();
    if (page.status !== 200 || page.changes !== changes || young_ms <= 0) return;
    publish({
      url,
      etag: page.etag,
      young_ms,
      stale_ms: ages.stale_while_revalidate,
      headers: named(page.headers),
      answers: answers.map(({ headers, ...one }) => ({ ...one, headers: named(headers) })),
    });
  }

  async function write(url: string, asker: Asker): Promise<Kept> {
    const before = changes;
    const rendered = await render(url, asker);
    if (rendered.status >= 500) throw new Failed(rendered);
    // It would be everybody's.
    if (rendered.headers['set-cookie']) throw new Error(`${url} sets a cookie and can't be kept`);
    const page = keep(url, rendered, before);
    // Ready before it takes the older one's place: nobody waits for it to be packed.
    const since = clock() - ages.stale_while_revalidate;
    await Promise.all([...wanted].flatMap(([encoding, at]) => (at >= since ? encoded(page, encoding) : [])));
    await tell(url, page);
    return page;
  }

  async function read(url: string, asker: Asker): Promise<Kept> {
    try {
      const page = await cache.read(url, () => write(url, asker));
      if (page.status !== 200) {
        cache.drop(url);
        drop(url);
      }
      return page;
    } catch (error) {
      if (error instanceof Failed) return keep(url, error.rendered, changes);
      throw error;
    }
  }

  return {
    forget() {
      changes += 1;
      cache.forget();
    },

    async answer(url, { accept_encoding, if_none_match }, asker) {
      const encoding = encodingFor(accept_encoding);
      wanted.set(encoding, clock());
      const page = await read(url, asker);
      if (page.status === 200 && if_none_match === page.etag)
        return { status: 304, headers: page.headers, body: null };
      const isNew = !page.made.has(encoding);
      const { headers, body } = await encoded(page, encoding);
      if (isNew) await tell(url, page);
      return { status: page.status, headers, body };
    },
  };
}

/** With the name of the request's id at the end: the front adds whose it is. */
const named = (headers: HeaderList): HeaderList => [...headers, 'x-request-id'];
