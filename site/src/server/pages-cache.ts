import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { type CacheAges, createCache } from '../cms/cache.ts';
import type { Logger } from './logger.ts';

/** A page as it was written for nobody in particular. */
export interface Rendered {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

interface Kept extends Rendered {
  etag: string;
  /** Made when somebody first wants it, and once. */
  encoded: Map<string, Promise<Buffer>>;
}

/** Whose request a page is written for first; others are given the same. */
export interface Asker {
  request_id: string;
  log: Logger;
}

export interface Asked extends Asker {
  request: IncomingMessage;
  response: ServerResponse;
}

export interface PagesCache {
  /** Answers with the page of this address, written anew when it is absent or too old. */
  answer(url: string, asked: Asked): Promise<void>;
  /** Something that pages show has changed: each is written anew before it is given again. */
  forget(): void;
}

const pageAges: CacheAges = { max_age: 10_000, stale_while_revalidate: 60_000, stale_if_error: 600_000 };
/** So many pages of some tens of kilobytes. */
const mostPages = 400;

const compress: Record<string, (body: Buffer) => Promise<Buffer>> = {
  br: (body) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: (body) => promisify(gzip)(body, { level: 6 }),
};

/** What belongs to one answer and not to the page. */
const ofOneAnswer = new Set([
  'x-request-id',
  'date',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
]);

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
  ages = pageAges,
  clock,
}: {
  render: (url: string, asker: Asker) => Promise<Rendered>;
  ages?: CacheAges;
  clock?: () => number;
}): PagesCache {
  const cache = createCache(ages, mostPages, clock);

  async function read(url: string, asker: Asker): Promise<Kept> {
    try {
      const kept = await cache.read(url, async () => {
        const rendered = await render(url, asker);
        if (rendered.status >= 500) throw new Failed(rendered);
        return keep(rendered);
      });
      if (kept.status !== 200) cache.drop(url);
      return kept;
    } catch (error) {
      if (error instanceof Failed) return keep(error.rendered);
      throw error;
    }
  }

  return {
    forget: cache.forget,
    async answer(url, { request, response, ...asker }) {
      const page = await read(url, asker);
      response.statusCode = page.status;
      for (const [name, value] of Object.entries(page.headers))
        if (value !== undefined && !ofOneAnswer.has(name)) response.setHeader(name, value);
      if (page.status === 200) {
        response.setHeader('ETag', page.etag);
        response.setHeader('Vary', 'cookie, accept-encoding');
        if (request.headers['if-none-match'] === page.etag) {
          response.statusCode = 304;
          response.end();
          return;
        }
      }
      const encoding = encodingFor(request.headers);
      const body = encoding ? await encodedBy(page, encoding) : page.body;
      if (encoding) response.setHeader('Content-Encoding', encoding);
      response.setHeader('Content-Length', body.byteLength);
      response.end(request.method === 'HEAD' ? undefined : body);
    },
  };
}

const keep = (rendered: Rendered): Kept => ({
  ...rendered,
  etag: `W/"${createHash('sha256').update(rendered.body).digest('base64url').slice(0, 22)}"`,
  encoded: new Map(),
});

function encodingFor({ 'accept-encoding': accepted = '' }: IncomingHttpHeaders): 'br' | 'gzip' | undefined {
  const names = String(accepted)
    .split(',')
    .map((one) => one.trim())
    .filter((one) => !/;\s*q=0(\.0*)?$/.test(one))
    .map((one) => one.split(';', 1)[0]);
  return names.includes('br') ? 'br' : names.includes('gzip') ? 'gzip' : undefined;
}

function encodedBy(page: Kept, encoding: 'br' | 'gzip'): Promise<Buffer> {
  const present = page.encoded.get(encoding);
  if (present) return present;
  const made = (compress[encoding] as (body: Buffer) => Promise<Buffer>)(page.body);
  page.encoded.set(encoding, made);
  return made;
}
