import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keptUrl } from '../src/server/pages-cache.ts';
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
});
