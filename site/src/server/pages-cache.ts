import { createHash } from 'node:crypto';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type CacheAges, createCache } from '../cms/cache.ts';
import { type Encoding, encode, encodingFor } from './encode.ts';
import type { Logger } from './logger.ts';

/** A page as it was written for nobody in particular. */
export interface Rendered {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

/** Whose request a page is written for first; others are given the same. */
export interface Asker {
  request_id: string;
  log: Logger;
}

/** What an answer is given to. */
export interface Asking {
  /** `GET` or `HEAD`. */
  method: string;
  accept_encoding: string | undefined;
  if_none_match: string | undefined;
  response: ServerResponse;
}

export interface PagesCache {
  /** Answers with the page of this address, written anew when it is absent or too old. */
  answer(url: string, asking: Asking, asker: Asker): Promise<void>;
  /** Answers with the page kept under exactly this address when it is at hand; otherwise does nothing and says so. */
  answerAtOnce(url: string, asking: Asking, request_id: string): boolean;
  /** Something that pages show has changed: each is written anew before it is given again. */
  forget(): void;
}

const pageAges: CacheAges = { max_age: 10_000, stale_while_revalidate: 60_000, stale_if_error: 600_000 };
/** So many pages of some tens of kilobytes. */
const mostPages = 400;

/** An answer as it goes out; names and values in turn, of which the last value is the request's id. */
interface Answer {
  status: number;
  headers: string[];
  body: Buffer | undefined;
}

interface Kept {
  status: number;
  etag: string;
  body: Buffer;
  headers: string[];
  /** To whoever has it already. */
  unchanged: Answer;
  /** Each is made when somebody first wants it, and once. */
  making: Map<Encoding, Promise<Answer>>;
  made: Map<Encoding, Answer>;
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

/** Pages for whoever is not signed in, by stale-while-revalidate. What is not 200 isn't kept. */
export function createPagesCache({
  render,
  headersOf = () => ({}),
  ages = pageAges,
  clock,
}: {
  render: (url: string, asker: Asker) => Promise<Rendered>;
  /** What every answer says at this path; what the page says itself goes first. */
  headersOf?: (path: string) => Record<string, string>;
  ages?: CacheAges;
  clock?: () => number;
}): PagesCache {
  const cache = createCache(ages, mostPages, clock);

  function keep(url: string, { status, headers: own, body }: Rendered): Kept {
    const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const said = new Map<string, string | string[]>();
    for (const [name, value] of Object.entries(headersOf(url.split('?', 1)[0] as string)))
      said.set(name.toLowerCase(), value);
    for (const [name, value] of Object.entries(own))
      if (value !== undefined && !notOfPage.has(name)) said.set(name, [value].flat().map(String));
    said.set('vary', 'cookie, accept-encoding');
    if (status === 200) said.set('etag', etag);
    const headers = [...said].flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one]));
    return {
      status,
      etag,
      body,
      headers,
      unchanged: { status: 304, headers: [...headers, 'x-request-id', ''], body: undefined },
      making: new Map(),
      made: new Map(),
    };
  }

  async function read(url: string, asker: Asker): Promise<Kept> {
    try {
      const kept = await cache.read(url, async () => {
        const rendered = await render(url, asker);
        if (rendered.status >= 500) throw new Failed(rendered);
        // It would be everybody's.
        if (rendered.headers['set-cookie']) throw new Error(`${url} sets a cookie and can't be kept`);
        return keep(url, rendered);
      });
      if (kept.status !== 200) cache.drop(url);
      return kept;
    } catch (error) {
      if (error instanceof Failed) return keep(url, error.rendered);
      throw error;
    }
  }

  return {
    forget: cache.forget,

    async answer(url, asking, asker) {
      const page = await read(url, asker);
      const answer = isKnown(page, asking)
        ? page.unchanged
        : await answerIn(page, encodingFor(asking.accept_encoding));
      give(answer, asking, asker.request_id);
    },

    answerAtOnce(url, asking, request_id) {
      const page = cache.atHand(url) as Kept | undefined;
      if (page?.status !== 200) return false;
      const answer = isKnown(page, asking)
        ? page.unchanged
        : page.made.get(encodingFor(asking.accept_encoding));
      if (!answer) return false;
      give(answer, asking, request_id);
      return true;
    },
  };
}

const isKnown = (page: Kept, { if_none_match }: Asking): boolean =>
  page.status === 200 && if_none_match === page.etag;

/** The list is written out before this returns, so that one serves every request. */
function give({ status, headers, body }: Answer, { method, response }: Asking, id: string): void {
  headers[headers.length - 1] = id;
  response.writeHead(status, headers);
  response.end(method === 'HEAD' ? undefined : body);
}

function answerIn(page: Kept, encoding: Encoding): Promise<Answer> {
  const present = page.making.get(encoding);
  if (present) return present;
  const making = encode[encoding](page.body).then((body) => {
    const headers = [
      ...page.headers,
      ...(encoding === 'identity' ? [] : ['content-encoding', encoding]),
      'content-length',
      String(body.byteLength),
      'x-request-id',
      '',
    ];
    const answer = { status: page.status, headers, body };
    page.made.set(encoding, answer);
    return answer;
  });
  page.making.set(encoding, making);
  return making;
}
