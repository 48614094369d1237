import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Asking, createPagesCache, keptUrl, type PublishedPage } from '../src/server/pages-cache.ts';
import { type Platform, startPlatform } from './helpers/platform.ts';
import { Visitor } from './helpers/visitor.ts';

describe('the address under which a page is kept', () => {
  const names = ['q', 'page'];
  it.each([
    ['', '/x'],
    ['?page=2&q=a%20b', '/x?q=a+b&page=2'],
    ['?q=&page=2', '/x?page=2'],
    ['?utm_source=letter', undefined],
    ['?page=1&page=2', undefined],
    ['?__proto__=1', undefined],
  ])('%s → %s', (search, url) => expect(keptUrl('/x', search, names)).toBe(url));
});

const asker = { request_id: 'one', log: pino({ level: 'silent' }) };
const br: Asking = { accept_encoding: 'gzip, br', if_none_match: undefined };
const plain: Asking = { accept_encoding: undefined, if_none_match: undefined };

/** Pages that say what `title` says, and what the front is told of them. */
function setUp({ held = false, status = () => 200 }: { held?: boolean; status?: () => number } = {}) {
  const state = { now: 0, title: 'before', written: 0 };
  const gates: (() => void)[] = [];
  const told: (PublishedPage | string)[] = [];
  const cache = createPagesCache({
    headersOf: (path) => ({ 'X-Of': path, 'Cache-Control': 'no-store' }),
    publish: (page) => told.push(page),
    drop: (url) => told.push(url),
    clock: () => state.now,
    async render() {
      state.written += 1;
      const body = Buffer.from(state.title);
      if (held) await new Promise<void>((resolve) => gates.push(resolve));
      return { status: status(), headers: { 'cache-control': 'no-cache', link: ['</a>', '</b>'] }, body };
    },
  });
  const ask = async (asking = plain) => {
    const { status, headers, body } = await cache.answer('/x?', asking, asker);
    return { status, headers, text: Buffer.from((body as Uint8Array | null) ?? []).toString() };
  };
  return { state, gates, told, cache, ask };
}

describe('a page that is published anew while it is being written', () => {
  it('is never given as it was before, nor to whoever asks while it is written again, nor by the front', async () => {
    const { state, gates, told, cache, ask } = setUp({ held: true });
    const first = ask();
    await expect.poll(() => gates.length).toBe(1);
    state.title = 'after';
    cache.forget();
    const second = ask();
    await expect.poll(() => gates.length).toBe(2);
    gates[0]?.();
    // Asked before it changed, so it may be the one of before; whoever asks from now on waits.
    expect((await first).text).toBe('before');
    expect(told).toEqual([]);
    const third = ask();
    gates[1]?.();
    expect([(await second).text, (await third).text]).toEqual(['after', 'after']);
    expect([(await ask()).text, state.written]).toEqual(['after', 2]);
    expect(told).toHaveLength(1);
  });
});

describe('what the front is told', () => {
  it('is a page as it goes out, in every form in which anybody has lately wanted one', async () => {
    const { state, told, ask } = setUp();
    const own = ['x-of', '/x', 'cache-control', 'no-cache', 'link', '</a>', 'link', '</b>'];
    const etag = expect.stringMatching(/^W\/"/);
    const head = [...own, 'vary', 'cookie, accept-encoding', 'etag', etag];
    expect((await ask()).headers).toEqual([...head, 'content-length', '6']);
    const identity = {
      encoding: 'identity',
      headers: [...head, 'content-length', '6', 'x-request-id'],
      body: Buffer.from('before'),
    };
    const page = { url: '/x?', etag, young_ms: 10_000, stale_ms: 60_000, headers: [...head, 'x-request-id'] };
    expect(told).toEqual([{ ...page, answers: [identity] }]);

    state.now = 4_000;
    await ask(br);
    const { answers, ...later } = told[1] as PublishedPage;
    expect(later).toEqual({ ...page, young_ms: 6_000 });
    expect(answers.map(({ encoding }) => encoding)).toEqual(['identity', 'br']);
    expect(answers[1]?.headers.slice(-5, -1)).toEqual([
      'content-encoding',
      'br',
      'content-length',
      String(answers[1]?.body.byteLength),
    ]);
    expect(brotliDecompressSync(answers[1]?.body as Uint8Array).toString()).toBe('before');
    await ask(br);
    expect(told).toHaveLength(2);

    // Old by now: whoever asks is given it, and behind that it is written and told in both forms.
    state.title = 'after';
    state.now = 10_001;
    expect((await ask()).text).toBe('before');
    await expect.poll(() => told.length).toBe(3);
    expect(told[2]).toMatchObject({ young_ms: 10_000, answers: [{}, {}] });
    expect((await ask()).text).toBe('after');
    expect(state.written).toBe(2);

    // A form that nobody has come for in the last minute is made when somebody does.
    state.now = 70_002;
    await ask();
    await expect.poll(() => told.length).toBe(4);
    expect((told[3] as PublishedPage).answers.map(({ encoding }) => encoding)).toEqual(['identity']);
  });

  it('is that there is none any more, and nothing of a page that says that something is wrong', async () => {
    let status = 200;
    const { state, told, cache, ask } = setUp({ status: () => status });
    await ask();
    status = 404;
    cache.forget();
    expect((await ask()).status).toBe(404);
    expect(told.slice(1)).toEqual(['/x?']);
    status = 500;
    expect((await ask()).status).toBe(500);
    expect(told).toHaveLength(2);
    expect(state.written).toBe(3);
  });

  it('never is a page that sets a cookie, which nobody is given', async () => {
    const told: unknown[] = [];
    const cache = createPagesCache({
      publish: (page) => told.push(page),
      drop: (url) => told.push(url),
      render: async () => ({ status: 200, headers: { 'set-cookie': ['a=1'] }, body: Buffer.from('') }),
    });
    await expect(cache.answer('/x', plain, asker)).rejects.toThrow('sets a cookie');
    expect(told).toEqual([]);
  });
});

describe('X1: pages kept for nobody in particular', () => {
  let platform: Platform;
  let title = 'The longest night';
  beforeAll(async () => {
    platform = await startPlatform();
    platform.answers.cms = (path, { query, signedIn }) => {
      const article = {
        id: 7,
        slug: 'the-longest-night',
        title,
        summary: 'On waiting.',
        body: null,
        category: null,
        author_name: 'Sam',
        published_at: '2026-10-02T08:00:00.000Z',
        seo: {},
      };
      if (path === '/api/articles/7')
        return signedIn && query.get('draft') === 'true'
          ? { status: 200, body: { ...article, title: 'A draft <b>of it</b>' } }
          : { status: 404, body: { code: 'not_found' } };
      return path === '/api/articles'
        ? { status: 200, body: { docs: [article], totalDocs: 1, totalPages: 1 } }
        : undefined;
    };
  });
  afterAll(() => platform?.[Symbol.asyncDispose]());

  const path = '/articles/the-longest-night';
  const get = (headers: Record<string, string> = {}, at = path) =>
    fetch(`${platform.url}${at}`, { headers: { accept: 'text/html', ...headers } });
  const asked = () => platform.cms.requests.filter(({ url }) => url?.startsWith('/api/articles?')).length;

  it('are read once however many want them, and are the same compressed, by tag, and as a head', async () => {
    const pages = await Promise.all(Array.from({ length: 8 }, async () => (await get()).text()));
    expect(new Set(pages).size).toBe(1);
    expect(asked()).toBe(1);
    const first = await get();
    const etag = first.headers.get('etag') as string;
    expect(first.headers.get('cache-control')).toBe('no-cache');
    expect(first.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(first.headers.get('x-frame-options')).toBe('DENY');
    expect((await get({ 'if-none-match': etag })).status).toBe(304);
    for (const [encoding, open] of [
      ['br', brotliDecompressSync],
      ['gzip', gunzipSync],
    ] as const) {
      const { status, headers } = await fetch(`${platform.url}${path}`, {
        method: 'HEAD',
        headers: { accept: 'text/html', 'accept-encoding': encoding },
      });
      expect([status, headers.get('content-encoding')]).toEqual([200, encoding]);
      const response = await get({ 'accept-encoding': encoding });
      expect(await response.text()).toBe(pages[0]);
      expect(open).toBeTypeOf('function');
    }
    const ids = await Promise.all([get(), get()]);
    expect(new Set(ids.map(({ headers }) => headers.get('x-request-id'))).size).toBe(2);
  });

  it('are not what a guest with a cart is given, whose cart the page names', async () => {
    expect(await (await get()).text()).not.toContain('href="/cart"');
    const own = await get({ cookie: 'a=b; soulseer-cart=cart_01ABC.2' });
    expect(await own.text()).toContain('Cart, 2 things');
    expect(own.headers.get('etag')).toBeNull();
    expect(await (await get()).text()).not.toContain('href="/cart"');
  });

  it('go out ahead of everything else, each with a line in the log, to nobody but those for whom they are kept', async () => {
    await (await get()).text();
    const lines = (id: string) => platform.site.log.filter(({ request_id }) => request_id === id);
    const ask = async (id: string, headers: Record<string, string> = {}, at = path) => {
      const response = await get({ 'x-request-id': id, ...headers }, at);
      return [
        response.status,
        response.headers.get('x-request-id'),
        (await response.text()).includes('</html>'),
      ];
    };
    expect(await ask('kept-0001')).toEqual([200, 'kept-0001', true]);
    await expect
      .poll(() => lines('kept-0001'))
      .toEqual([
        {
          level: 'info',
          time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          program: 'site',
          request_id: 'kept-0001',
          method: 'GET',
          path,
          status: 200,
          kept: true,
          message: 'request',
        },
      ]);
    // Of those that bring none, each has an id of its own.
    const ids = await Promise.all(
      Array.from({ length: 20 }, async () => (await get()).headers.get('x-request-id')),
    );
    expect(new Set(ids).size).toBe(20);
    // A cookie of no meaning changes nothing; one that may be a session's, or a cart's, is looked at.
    expect(await ask('kept-0002', { cookie: 'a=b; soulseer-in-abc=1' })).toEqual([200, 'kept-0002', true]);
    for (const [id, cookie] of [
      ['else-0001', 'soulseer=nobody-knows-it'],
      ['else-0002', 'a=b; soulseer-cart=cart_01ABC.2'],
    ] as const)
      expect(await ask(id, { cookie })).toEqual([200, id, true]);
    expect(await ask('else-0003', {}, `${path}?utm_source=letter`)).toEqual([200, 'else-0003', true]);
    expect(
      (await fetch(`${platform.url}${path}`, { method: 'DELETE', headers: { 'x-request-id': 'else-0004' } }))
        .status,
    ).toBe(405);
    await expect.poll(() => lines('else-0004').length).toBe(1);
    expect(lines('kept-0002')).toMatchObject([{ kept: true }]);
    for (const id of ['else-0001', 'else-0002', 'else-0003', 'else-0004'])
      expect(lines(id).map(({ kept }) => kept)).toEqual([undefined]);
  });

  it('are forgotten at once when the CMS says that something has changed, by its signature alone', async () => {
    title = 'The shortest night';
    expect(await (await get()).text()).toContain('The longest night');
    const wrong = await platform.tell(
      '/service/content/articles',
      { version: 2 },
      'another-secret-of-32-characters-at-least',
    );
    expect(wrong.status).toBe(401);
    expect((await platform.tell('/service/content/articles', { version: 'x' })).status).toBe(400);
    expect(await (await get()).text()).toContain('The longest night');
    expect((await platform.tell('/service/content/articles', { version: 2 })).status).toBe(204);
    await expect.poll(async () => (await get()).text(), { timeout: 2_000 }).toContain('The shortest night');
  });

  it('are never those of somebody, and nobody sees theirs', async () => {
    const { visitor } = await platform.signIn('client');
    const own = await visitor.ask(`${platform.url}${path}`);
    expect(own.html).toContain('Demo Client');
    expect(own.headers.get('cache-control')).toBe('private, no-store');
    expect(await (await get()).text()).not.toContain('Demo Client');
  });

  it('outlive an outage of the CMS; what isn’t there is not kept', async () => {
    expect((await get({}, '/articles/nothing')).status).toBe(200);
    platform.answers.cms = () => ({ status: 500, body: {} });
    await platform.tell('/service/content/articles', { version: 3 });
    await expect.poll(async () => (await get()).status).toBe(200);
    expect((await get({}, '/guides/none-such')).status).toBe(503);
  });

  it('show a draft to staff alone, for the CMS’s admin to frame by name', async () => {
    platform.answers.cms = (path, { query, signedIn }) =>
      path === '/api/articles/7' && signedIn && query.get('draft') === 'true'
        ? {
            status: 200,
            body: { id: 7, slug: 'x', title: 'A draft <b>of it</b>', summary: '', body: null, seo: {} },
          }
        : undefined;
    const { visitor } = await platform.signIn('admin', new Visitor(), '/preview/articles/7');
    const seen = await visitor.ask(`${platform.url}/preview/articles/7`);
    expect([seen.status, seen.html.includes('A draft &lt;b&gt;of it')]).toEqual([200, true]);
    expect(seen.headers.get('content-security-policy')).toContain(
      `frame-ancestors ${new URL(platform.cms.url).origin}`,
    );
    expect(seen.headers.get('x-frame-options')).toBeNull();
    for (const at of [
      '/preview/articles/8',
      '/preview/people/7',
      '/preview/articles/7%2f..',
      '/preview/articles/x',
    ])
      expect([at, (await visitor.ask(`${platform.url}${at}`)).status]).toEqual([at, 404]);
    expect((await get({}, '/preview/articles/7')).url).not.toContain(platform.url);
  });

  it('show what staff have typed and not saved, filled in by the CMS, and keep none of it', async () => {
    const asked: unknown[] = [];
    platform.answers.cms = (path, { method, body, headers, signedIn }) => {
      if (!signedIn || method !== 'POST' || headers['x-payload-http-method-override'] !== 'GET')
        return undefined;
      const { data, ...how } = JSON.parse(body) as { data: Record<string, unknown> };
      asked.push([path, how]);
      return { status: 200, body: data };
    };
    const { visitor } = await platform.signIn('admin', new Visitor(), '/preview/globals/home');
    const show = (place: string, said: string, headers: Record<string, string> = {}) =>
      visitor.ask(`${platform.url}/preview/${place}`, {
        method: 'POST',
        body: said,
        headers: { 'content-type': 'application/json', ...headers },
      });
    const hero = { blockType: 'hero', title: '<script>alert(1)</script>', text: 'Said' };
    // Half-written blocks are no reason to show nothing.
    const blocks = [
      hero,
      { blockType: 'steps' },
      { blockType: 'featured_readers' },
      { blockType: 'articles' },
    ];
    const home = await show('globals/home', JSON.stringify({ blocks }));
    expect([home.status, home.html.includes('&lt;script&gt;alert(1)')]).toEqual([200, true]);
    expect(home.html).not.toContain('<script>alert(1)');
    const question = { question: 'How <i>so</i>?', answer: null, topic: null };
    const faq = await show('faq/3', JSON.stringify(question));
    expect([faq.status, faq.html.includes('How &lt;i&gt;so&lt;/i&gt;?')]).toEqual([200, true]);
    expect(asked).toEqual([
      ['/api/globals/home', { depth: 2, draft: true }],
      ['/api/faq/3', { depth: 2, draft: true }],
    ]);
    for (const said of ['', '[]', '7', '{"a":', 'null']) expect((await show('faq/3', said)).status).toBe(400);
    for (const place of ['globals/navigation', 'globals/constructor', 'people/1', 'constructor/1', 'faq/0'])
      expect([place, (await show(place, '{}')).status]).toEqual([place, 404]);
    const elsewhere = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' };
    expect((await show('faq/3', '{}', elsewhere)).status).toBe(403);
    expect((await show('faq/3', JSON.stringify({ a: 'x'.repeat(1_100_000) }))).status).toBe(413);
    expect(asked).toHaveLength(2);
  });
});
