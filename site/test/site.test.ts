import { readdirSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Build, copyBuild, type Run, runRefused, runSite } from './helpers/built-site.ts';
import { answerAsCms } from './helpers/cms-answers.ts';
import { createDatabase, type TestDatabase } from './helpers/database.ts';
import { identityEnvironment } from './helpers/platform.ts';
import { deadAddress, startUpstream, type Upstream } from './helpers/upstream.ts';

// The site as it is deployed: the build, run from another place, against a CMS and a realtime over HTTP.

const publicUrl = 'http://soulseer.test';
let build: Build;
let cms: Upstream;
let realtime: Upstream;
let database: TestDatabase;
let site: Run;
let environment: Record<string, string>;

beforeAll(async () => {
  build = await copyBuild();
  cms = await startUpstream(answerAsCms);
  realtime = await startUpstream((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"now":"2026-11-20T12:00:00.000Z"}');
  });
  database = await createDatabase();
  environment = {
    ...identityEnvironment,
    DATABASE_URL: database.url,
    SOULSEER_ENV: 'development',
    PORT: '0',
    SITE_URL: publicUrl,
    CMS_URL: cms.url,
    COMMERCE_URL: await deadAddress(),
    REALTIME_URL: realtime.url,
    MEDIA_URL: 'http://media.example.test',
  };
  site = await runSite(build.main, environment);
});

afterAll(async () => {
  await site?.stop('SIGTERM');
  await cms?.[Symbol.asyncDispose]();
  await realtime?.[Symbol.asyncDispose]();
  await build?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

const page = (path: string, init: RequestInit = {}) =>
  fetch(`${site.url}${path}`, {
    redirect: 'manual',
    ...init,
    headers: { accept: 'text/html', ...Object.fromEntries(new Headers(init.headers)) },
  });

describe('pages', () => {
  it('renders the home page from the CMS', async () => {
    const response = await page('/');
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(html).toContain('Somebody to think it through with');
    expect(html).toContain('Amara Okafor');
    expect(html).toContain('/articles/the-longest-night');
    // Every block that staff may put there, and one title.
    expect(html.match(/<h1/g)).toHaveLength(1);
    for (const words of [
      'href="/guides/what-tarot-is"',
      'href="/horoscopes/leo"',
      'It was &lt;b&gt;calm&lt;/b&gt;.',
      'A room of one’s own',
      'Meet them',
    ])
      expect(html).toContain(words);
  });

  it('X1: shows horoscopes of today, and of the days beside it that are published', async () => {
    const all = await (await page('/horoscopes')).text();
    expect(all).toContain('A &lt;b&gt;day&lt;/b&gt; of rest.');
    expect(all).not.toContain('of work');
    const leo = await (await page('/horoscopes/leo')).text();
    expect(leo).toMatch(/of rest.*Tomorrow.*of work/s);
    expect(leo).not.toContain('Yesterday');
    expect(await (await page('/horoscopes/aries')).text()).toContain(
      'Nothing has been written for Aries today yet',
    );
    expect((await page('/horoscopes/ophiuchus')).status).toBe(404);
  });

  it('lists readers, escaped, with pictures that have a size and words', async () => {
    const html = await (await page('/readers')).text();
    expect(html).toContain('Tarot for people in the &lt;middle&gt; of a decision.');
    expect(html).toMatch(
      /<img src="http:\/\/media\.example\.test\/amara-480x600\.avif" width="480" height="600" alt /,
    );
    expect(html).toContain('2 readers');
    expect(html).toContain('$0.99');
  });

  it('shows a reader', async () => {
    const html = await (await page('/readers/amara-okafor')).text();
    expect(html).toContain('I grew up over a shop &amp; &lt;b&gt;liked&lt;/b&gt; it.');
    expect(html).toContain('alt="A woman at a window"');
    expect(html).toContain('$3.99');
  });

  it.each([
    '/',
    '/readers',
    '/readers/',
    '/readers/amara-okafor/',
    '/articles',
    '/articles/the-longest-night',
    '/design',
    '/readers?page=1&utm_source=x',
  ])('has %s', async (path) => {
    expect((await page(path)).status).toBe(200);
  });

  it('leads older names to today’s', async () => {
    const response = await page('/readers/browse');
    expect(response.status).toBe(301);
    expect(response.headers.get('location')).toBe('/readers');
  });

  it.each([
    ['/nowhere', 404],
    ['/readers/nobody', 404],
    ['/articles/nothing', 404],
    ['/starting', 404],
    ['/refused', 404],
    ['/readers/a/b', 404],
    ['/readers?page=2', 404],
    ['/readers?page=-1', 400],
    ['/readers?modality=telepathy', 400],
    ['/readers?modality[$ne]=x&page[]=2', 200],
    ['/readers?speciality=unheard-of', 400],
    ['/readers?language=tlh', 400],
    ['/articles?page=x', 400],
    ['/%E0%A4%A', 400],
  ])('answers %s with a page that helps on (%i)', async (path, status) => {
    const response = await page(path);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toMatch('text/html');
    expect(response.headers.get('content-security-policy')).toContain(
      "img-src 'self' http://media.example.test",
    );
    const html = await response.text();
    expect(html).toContain('<h1');
    expect(html).toContain('href="/readers"');
  });

  it('are those of the CMS, with its links at the head and the foot of each (X1)', async () => {
    const html = await (await page('/about')).text();
    expect(html).toContain('<title>Who we are · SoulSeer</title>');
    expect(html).toContain('content="In a few words."');
    expect(html).toContain('About &lt;us&gt;');
    expect(html).toMatch(/href="\/guides"[^>]*>\s*Our guides/);
    expect(html).toMatch(/href="\/safety#help"[^>]*>\s*Safety/);
    expect(await (await page('/guides')).text()).toContain('href="/guides/what-tarot-is"');
    expect(await (await page('/guides/what-tarot-is')).text()).toContain('Readers who work this way');
    expect(await (await page('/faq')).text()).toContain('What does it cost?');
    for (const path of ['/nothing-here', '/guides/nothing-here', '/About', '/_image'])
      expect([path, (await page(path)).status]).toEqual([path, 404]);
  });

  it('are told to search engines and to readers of feeds, as data that runs nothing (X2)', async () => {
    const map = await page('/sitemap.xml');
    expect(map.headers.get('content-type')).toContain('application/xml');
    const xml = await map.text();
    for (const path of [
      '/readers/amara-okafor',
      '/articles/the-longest-night',
      '/guides/what-tarot-is',
      '/about',
    ])
      expect(xml).toContain(`<loc>http://soulseer.test${path}</loc>`);
    expect(await (await page('/robots.txt')).text()).toContain('Sitemap: http://soulseer.test/sitemap.xml');
    const feed = await (await page('/articles/rss.xml')).text();
    expect(feed).toContain('<title>The longest night</title>');
    expect(feed).toContain('<pubDate>Fri, 02 Oct 2026 08:00:00 GMT</pubDate>');
    const html = await (await page('/readers/amara-okafor')).text();
    const [, data = ''] = /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(html) ?? [];
    expect(JSON.parse(data)).toMatchObject({
      '@type': 'Service',
      provider: { '@type': 'Person', name: 'Amara Okafor' },
      aggregateRating: { ratingValue: '4.50', reviewCount: 2 },
      review: [{ reviewBody: 'Calm </p><script>alert(1)</script>\nand <b>kind</b>.' }],
    });
  });

  it('are shared with a picture of their own, drawn here, at an address that changes with what it shows (X2)', async () => {
    const seen = new Set<string>();
    for (const path of [
      '/',
      '/readers',
      '/readers/amara-okafor',
      '/articles/the-longest-night',
      '/guides/what-tarot-is',
      '/horoscopes/leo',
      '/about',
      '/nothing-here',
    ]) {
      const html = await (await page(path)).text();
      const meta = (name: string) =>
        new RegExp(`(?:property|name)="${name}" content="([^"]*)"`).exec(html)?.[1];
      const address = meta('og:image') ?? '';
      expect(address).toMatch(/^http:\/\/soulseer\.test\/share\/[a-z]+\/[a-z-]+\/[0-9a-f]{16}\.jpg$/);
      expect([meta('og:image:width'), meta('og:image:height')]).toEqual(['1200', '630']);
      expect(meta('og:image:alt')).toBeTruthy();
      expect(meta('twitter:card')).toBe('summary_large_image');
      const picture = await page(new URL(address).pathname);
      expect([path, picture.status, picture.headers.get('content-type')]).toEqual([path, 200, 'image/jpeg']);
      // The portrait's and the cover's addresses lead nowhere in this test.
      const lacks = /readers\/amara|longest/.test(path);
      expect([path, picture.headers.get('cache-control')]).toEqual([
        path,
        lacks ? 'no-cache' : 'public, max-age=31536000, immutable',
      ]);
      seen.add(address);
    }
    // What is not there is shared with the home page’s.
    expect(seen.size).toBe(7);

    const stale = await page('/share/readers/amara-okafor/0000000000000000.jpg');
    expect([stale.status, seen.has(`http://soulseer.test${stale.headers.get('location')}`)]).toEqual([
      302,
      true,
    ]);
    for (const path of [
      '/share/readers/nobody/0000000000000000.jpg',
      '/share/people/amara-okafor/0000000000000000.jpg',
      '/share/readers/amara-okafor/latest.jpg',
      '/share/horoscopes/ophiuchus/0000000000000000.jpg',
      '/share/pages/__proto__/0000000000000000.jpg',
      '/share/pages/constructor/0000000000000000.jpg',
      '/share/readers/%3Cscript%3E/0000000000000000.jpg',
      `/share/readers/${'a'.repeat(500)}/0000000000000000.jpg`,
    ])
      expect([path, (await page(path)).status]).toEqual([path, 404]);
  });

  it('can be installed, and one is there without a connection (X3)', async () => {
    const manifest = (await (await page('/manifest.webmanifest')).json()) as { icons: { src: string }[] };
    for (const { src } of manifest.icons)
      expect((await page(src)).headers.get('content-type')).toBe('image/png');
    const worker = await page('/sw.js');
    expect(worker.headers.get('content-security-policy')).toBe("default-src 'none'; connect-src 'self'");
    expect(await (await page('/offline')).text()).toContain('You are offline');
  });

  it('ask once whether somebody is 18 or older, without a script, and are kept for both answers', async () => {
    const question = 'I am 18 or older';
    const asked = await page('/about');
    expect(await asked.text()).toContain(question);
    const answer = (back: string, origin = publicUrl) =>
      page('/age', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
        body: new URLSearchParams({ back }).toString(),
      });
    const answered = await answer('/readers?sort=name');
    expect([answered.status, answered.headers.get('location')]).toEqual([303, '/readers?sort=name']);
    const set = answered.headers.get('set-cookie') ?? '';
    expect(set).toMatch(
      /^__Host-soulseer-adult=yes; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    const cookie = set.split(';', 1)[0] as string;

    const etags = new Set<string | null>();
    for (const brought of [cookie, '', `other=1; ${cookie}`]) {
      const response = await page('/about', { headers: { cookie: brought } });
      expect((await response.text()).includes(question)).toBe(brought === '');
      expect(response.headers.get('vary')).toContain('cookie');
      etags.add(response.headers.get('etag'));
    }
    expect(etags.size).toBe(2);
    // A closed set: other words are no answer, and share the page of those who gave none.
    for (const word of ['no', 'yes2', '', 'YES'])
      expect(
        (await page('/about', { headers: { cookie: `__Host-soulseer-adult=${word}` } })).headers.get('etag'),
      ).toBe(asked.headers.get('etag'));
    for (const back of ['//evil.test', 'https://evil.test', '/\\evil.test', '/a\r\nx: y', ''])
      expect((await answer(back)).headers.get('location')).toBe('/');
    expect((await answer('/', 'https://evil.test')).status).toBe(403);
    expect((await page('/age')).status).toBe(405);
  });

  it('that were somewhere once lead to where they are now (X1)', async () => {
    for (const [path, status, to] of [
      ['/old/page', 301, '/about'],
      ['/old/page/?a=b', 301, '/about'],
      ['/for-now', 302, 'https://elsewhere.test/x'],
    ] as const) {
      const response = await page(path, { redirect: 'manual' });
      expect([path, response.status, response.headers.get('location')]).toEqual([path, status, to]);
    }
  });

  it('says what is wrong with a query', async () => {
    const html = await (await page('/readers?sort=luck&page=zero')).text();
    expect(html).toContain('“sort” is to be one of “featured”, “rating”, “price”, “experience”, “name”');
    expect(html).toContain('“page” is to be a whole number from 1 to 9999');
  });

  it('refuses what a page does not take', async () => {
    const response = await page('/readers', { method: 'POST', body: 'a=1' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    expect(await response.text()).toContain('That can’t be done here');
  });

  it.each(['PUT', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE'])('refuses %s with a page', async (method) => {
    const answer = await ask('/readers', method, { accept: 'text/html' });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    expect(answer.headers['content-type']).toMatch('text/html');
    expect(answer.body).toContain('That can’t be done here');
  });

  it('answers HEAD without a body', async () => {
    const response = await page('/readers', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });
});

describe('headers', () => {
  it('has a strict policy on pages: no inline script or style, and pictures from our storage only', async () => {
    const policy = (await page('/')).headers.get('content-security-policy') ?? '';
    expect(policy).not.toContain('unsafe');
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'self' http://localhost:9",
      'report-to reports',
    ]) {
      expect(policy).toContain(part);
    }
    expect(policy).toMatch(/img-src 'self' http:\/\/media\.example\.test$/);
  });

  it.each(['/', '/api/time', '/health', '/favicon.svg', '/nowhere'])('has the others on %s', async (path) => {
    const { headers } = await page(path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('strict-origin-when-cross-origin');
    expect(headers.get('permissions-policy')).toContain('camera=(), microphone=(), ');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('reporting-endpoints')).toBe('reports="/api/reports"');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.has('strict-transport-security')).toBe(false);
    expect(headers.has('x-powered-by')).toBe(false);
  });

  it('takes a good request id, and makes one otherwise', async () => {
    const id = async (given: string) =>
      (await page('/health', { headers: { 'x-request-id': given } })).headers.get('x-request-id');
    expect(await id('client-0001')).toBe('client-0001');
    expect(await id('short')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await id('spaces and <tags>')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('passes the request id on to the CMS', async () => {
    await page('/readers?sort=name', { headers: { 'x-request-id': 'passed-on-1' } });
    expect(cms.requests.filter(({ headers }) => headers['x-request-id'] === 'passed-on-1')).not.toHaveLength(
      0,
    );
  });

  it('lets hashed files be kept for ever, compressed, and no page', async () => {
    const response = await page('/');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    const [script] = readdirSync(new URL('../dist/client/_astro', import.meta.url)).filter((name) =>
      name.endsWith('.js'),
    );
    const file = await page(`/_astro/${script}`, { headers: { 'accept-encoding': 'br' } });
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(file.headers.get('content-encoding')).toBe('br');
    expect((await page('/favicon.svg')).headers.get('cache-control')).toBe('public, max-age=3600');
  });

  it.each([
    '/../package.json',
    '/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/_astro/../../main.js',
    '/main.js',
  ])('serves no file but its own: %s', async (path) => {
    expect((await ask(path)).status).toBeGreaterThanOrEqual(400);
  });
});

describe('/api', () => {
  it('passes on to realtime', async () => {
    const response = await page('/api/time');
    expect(await response.json()).toEqual({ now: '2026-11-20T12:00:00.000Z' });
  });

  it('tells realtime whom it speaks for, and not what a visitor says of that', async () => {
    await page('/api/time', { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect(realtime.requests.at(-1)?.headers['x-forwarded-for']).toBe('127.0.0.1');
  });

  it.each([
    ['an address that is not there', '/api/nothing', {}, 404, 'not_found'],
    [
      'a change from another site',
      '/api/time',
      { method: 'POST', headers: { origin: 'https://elsewhere.test' }, body: '{}' },
      403,
      'cross_site_request',
    ],
    [
      'a form from another site',
      '/api/time',
      { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=1' },
      403,
      'cross_site_request',
    ],
    [
      'too much',
      '/api/reports',
      { method: 'POST', headers: { origin: publicUrl }, body: 'x'.repeat(1024 * 1024 + 1) },
      413,
      'body_too_large',
    ],
  ])('refuses %s in JSON', async (_, path, init, status, code) => {
    const response = await page(path, init as RequestInit);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toMatch('application/problem+json');
    expect(await response.json()).toMatchObject({
      type: 'about:blank',
      status,
      code,
      instance: expect.stringMatching(/^urn:request:/),
    });
  });

  it.each(['PATCH', 'OPTIONS', 'PROPFIND', 'TRACE'])(
    'refuses %s in JSON, and says what is taken',
    async (method) => {
      for (const headers of [undefined, { origin: publicUrl }]) {
        const answer = await ask('/api/reports', method, headers);
        expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, POST, PUT, DELETE' } });
        expect(answer.headers['content-type']).toMatch('application/problem+json');
        expect(JSON.parse(answer.body)).toMatchObject({ code: 'method_not_allowed' });
      }
    },
  );

  it.each([
    ['/api/reports', 'application/csp-report', 200],
    ['/api/reports/', 'application/reports+json; charset=utf-8', 200],
    ['/api/reports', 'text/plain', 403],
    ['/api/reports', 'application/json; x=text/plain', 403],
    ['/api/reports', '', 403],
    ['/api/reports/all', 'application/reports+json', 403],
    ['/api/reportsandmore', 'application/reports+json', 403],
  ])('takes without an origin only reports: POST %s of “%s” is %i', async (path, type, status) => {
    const answer = await ask(path, 'POST', type ? { 'content-type': type } : {});
    expect(answer.status).toBe(status);
    if (status === 403) expect(JSON.parse(answer.body)).toMatchObject({ code: 'cross_site_request' });
  });

  it.each(['/api/time/..%2f..%2fready', '/api/time/..%5C..%5Cready', '/api/time/%2e%2e%2Fready'])(
    'does not pass on %s',
    async (path) => {
      const before = realtime.requests.length;
      const answer = await ask(path);
      expect(answer.status).toBe(404);
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'not_found' });
      expect(realtime.requests).toHaveLength(before);
    },
  );

  describe('a body whose length is not told', () => {
    const bring = (path: string, bytes: number, headers: Record<string, string>) => {
      const body = new ReadableStream({
        start(controller) {
          for (let left = bytes; left > 0; left -= 64 * 1024)
            controller.enqueue(new Uint8Array(Math.min(left, 64 * 1024)));
          controller.close();
        },
      });
      return page(path, {
        method: 'POST',
        headers: { origin: publicUrl, ...headers },
        body,
        duplex: 'half',
      } as RequestInit);
    };

    it.each([1024 * 1024, 0])('is taken when it is %i bytes', async (bytes) => {
      expect((await bring('/api/reports', bytes, {})).status).toBe(200);
      expect(Number(realtime.requests.at(-1)?.headers['content-length'] ?? 0)).toBe(bytes);
    });

    it.each([1024 * 1024 + 1, 20 * 1024 * 1024])(
      'is refused when it is %i bytes, and the connection goes on',
      async (bytes) => {
        const before = realtime.requests.length;
        const response = await bring('/api/reports', bytes, {});
        expect([response.status, await response.json()]).toEqual([
          413,
          expect.objectContaining({ code: 'body_too_large' }),
        ]);
        expect(realtime.requests).toHaveLength(before);
        const form = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };
        const asPage = await bring('/age', bytes, form);
        expect([asPage.status, asPage.headers.get('content-type')]).toEqual([
          413,
          'text/html; charset=utf-8',
        ]);
        expect(asPage.headers.get('set-cookie')).toBeNull();
      },
    );
  });

  it('takes our own changes, and reports without an origin', async () => {
    expect(
      (await page('/api/time', { method: 'POST', headers: { origin: publicUrl }, body: '{}' })).status,
    ).toBe(200);
    expect(
      (
        await page('/api/reports', {
          method: 'POST',
          headers: { 'content-type': 'application/reports+json' },
          body: '[]',
        })
      ).status,
    ).toBe(200);
  });
});

describe('running', () => {
  it('is alive, ready, and tells how the others are', async () => {
    expect(await (await page('/health')).json()).toEqual({ status: 'ok' });
    const ready = await page('/ready');
    expect(ready.status).toBe(200);
    expect(ready.headers.get('cache-control')).toBe('no-store');
    expect(await ready.json()).toEqual({
      status: 'ready',
      checks: { pages: 'ok', database: 'ok', cms: 'ok', commerce: 'starting', realtime: 'ok' },
    });
    expect(await (await page('/status')).json()).toMatchObject({
      cms: { state: 'ready' },
      commerce: { state: 'starting' },
    });
    expect(await (await page('/status?of=cms')).json()).toEqual({ state: 'ready' });
    const wrong = await page('/status?of=moon');
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ code: 'bad_query' });
  });

  it('logs each request as one line of JSON, without the values of its query', async () => {
    await page('/readers?language=en', { headers: { 'x-request-id': 'logged-0001', cookie: 'secret' } });
    const lines = () =>
      site.log.filter(({ request_id, message }) => request_id === 'logged-0001' && message === 'request');
    await expect.poll(lines).toHaveLength(1);
    const [line] = lines();
    expect(line).toMatchObject({
      level: 'info',
      program: 'site',
      message: 'request',
      method: 'GET',
      path: '/readers',
      status: 200,
    });
    expect(line?.duration_ms).toEqual(expect.any(Number));
    expect(JSON.stringify(line)).not.toMatch(/secret|language=/);
  });

  it('names everything wrong with its environment and ends with 78', async () => {
    const { code, told } = await runRefused(build.main, {
      SOULSEER_ENV: 'production',
      PORT: 'x',
      SITE_URL: 'http://localhost:4321',
    });
    expect(code).toBe(78);
    for (const name of ['PORT', 'SITE_URL', 'CMS_URL', 'COMMERCE_URL', 'REALTIME_URL', 'MEDIA_URL'])
      expect(told).toContain(name);
  });

  it('ends with 1 when its port is taken', async () => {
    const { code } = await runRefused(build.main, { ...environment, PORT: new URL(site.url).port });
    expect(code).toBe(1);
  });

  it('has stricter transport and no /design in production', async () => {
    const run = await runSite(build.main, {
      ...environment,
      SOULSEER_ENV: 'production',
      SITE_URL: 'https://soulseer.example',
      CMS_URL: 'http://cms.example',
      COMMERCE_URL: 'http://commerce.example',
      REALTIME_URL: 'http://realtime.example',
      MEDIA_URL: 'https://media.soulseer.example',
      DATABASE_URL: 'postgres://site:password@db.example/site',
      OIDC_ISSUER: 'https://login.soulseer.example/',
      OIDC_CLIENT_SECRET: 'secret-of-the-client',
      ...Object.fromEntries(
        Object.entries(identityEnvironment)
          .filter(([name]) => /^SERVICE_KEY|^SESSION/.test(name))
          .map(([name, value]) => [name, value.replace('sandbox', 'real')]),
      ),
    });
    try {
      const response = await fetch(`${run.url}/design`);
      expect(response.status).toBe(404);
      expect(response.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
      expect(response.headers.get('content-security-policy')).toMatch(
        /img-src 'self' https:\/\/media\.soulseer\.example; upgrade-insecure-requests$/,
      );
    } finally {
      await run.stop('SIGKILL');
    }
  });

  it('finishes what is in flight when it is stopped, and ends with 0', async () => {
    let answer = () => {};
    await using slow = await startUpstream((_, response) => {
      answer = () => response.end('"late"');
    });
    const run = await runSite(build.main, { ...environment, REALTIME_URL: slow.url });
    const response = fetch(`${run.url}/api/time`);
    await expect.poll(() => slow.requests.length).toBe(1);
    const started = performance.now();
    const code = run.stop('SIGTERM');
    await expect.poll(() => run.log.some(({ message }) => message === 'site is stopping')).toBe(true);
    await expect(fetch(`${run.url}/health`)).rejects.toThrow();
    answer();
    expect(await (await response).json()).toBe('late');
    expect(await code).toBe(0);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('while stopping', () => {
  it('is not ready, for whoever is still connected', async () => {
    let answer = () => {};
    await using slow = await startUpstream((request, response) => {
      if (request.url === '/ready') response.end('{}');
      else answer = () => response.end('"late"');
    });
    const run = await runSite(build.main, { ...environment, REALTIME_URL: slow.url });
    const socket = connect(Number(new URL(run.url).port), '127.0.0.1').setEncoding('utf8');
    let told = '';
    socket.on('data', (chunk: string) => {
      told += chunk;
    });
    socket.write('GET /api/time HTTP/1.1\r\nHost: soulseer.test\r\n\r\n');
    await expect.poll(() => slow.requests.length).toBe(1);
    const code = run.stop('SIGTERM');
    await expect.poll(() => run.log.some(({ message }) => message === 'site is stopping')).toBe(true);
    socket.write('GET /ready HTTP/1.1\r\nHost: soulseer.test\r\n\r\n');
    await expect.poll(() => slow.requests.some(({ url }) => url === '/ready')).toBe(true);
    answer();
    await expect.poll(() => told).toContain('HTTP/1.1 503');
    await expect.poll(() => told).toContain('{"status":"not_ready","checks":{"pages":"stopping",');
    expect(await code).toBe(0);
  });
});

describe('when something breaks', () => {
  it.each([
    ['unhandledRejection', "Promise.reject(new Error('nobody caught this'))"],
    ['uncaughtException', "throw new Error('nobody caught this')"],
  ])('says so and ends with 1 after an %s', async (event, fault) => {
    const broken = `data:text/javascript,process.on('SIGUSR2', () => { ${fault} })`;
    const run = await runSite(build.main, {
      ...environment,
      NODE_OPTIONS: `--import "${broken.replaceAll(' ', '%20')}"`,
    });
    expect((await fetch(`${run.url}/readers`)).status).toBe(200);
    expect(await run.stop('SIGUSR2')).toBe(1);
    await expect
      .poll(() => run.log.at(-1))
      .toMatchObject({
        level: 'fatal',
        program: 'site',
        message: `crashed: ${event}`,
        err: { message: 'nobody caught this' },
      });
  });

  it('passes on what is long as it comes, and no longer once nobody listens', async () => {
    let isOver = false;
    await using slow = await startUpstream((_, response) => {
      response.writeHead(200, { 'content-type': 'text/csv' });
      response.write('first\n');
      response.once('close', () => {
        isOver = true;
      });
    });
    const run = await runSite(build.main, { ...environment, REALTIME_URL: slow.url });
    try {
      const leaving = new AbortController();
      const answer = await fetch(`${run.url}/api/time`, { signal: leaving.signal });
      const reader = answer.body?.getReader();
      expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('first\n');
      expect(isOver).toBe(false);
      leaving.abort();
      await expect.poll(() => isOver).toBe(true);
      expect(run.log.filter(({ level }) => level === 'error')).toEqual([]);
    } finally {
      await run.stop('SIGTERM');
    }
  });

  it('outlives visitors who leave in the middle', async () => {
    await using slow = await startUpstream((_, response) => void response.write('{'));
    const run = await runSite(build.main, { ...environment, REALTIME_URL: slow.url });
    const { port } = new URL(run.url);
    const leave = async (start: string) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.write(start);
      await setTimeout(100);
      socket.resetAndDestroy();
    };
    const host = 'Host: soulseer.test';
    const origin = `Origin: ${publicUrl}`;
    try {
      await leave(`POST /api/reports HTTP/1.1\r\n${host}\r\n${origin}\r\nContent-Length: 1000\r\n\r\nhalf`);
      await leave(
        `POST /api/none HTTP/1.1\r\n${host}\r\n${origin}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf`,
      );
      await leave(
        `POST /readers HTTP/1.1\r\n${host}\r\nContent-Length: 1000\r\nAccept: text/html\r\n\r\nhalf`,
      );
      await leave(`GET /api/time HTTP/1.1\r\n${host}\r\n\r\n`);
      await leave(`GET /readers?page=1 HTTP/1.1\r\n${host}\r\n\r\n`.repeat(50));
      await setTimeout(200);
      expect((await fetch(`${run.url}/health`)).status).toBe(200);
      expect(run.log.filter(({ level }) => level === 'fatal')).toEqual([]);
    } finally {
      await run.stop('SIGKILL');
    }
  });

  it('takes the blame on a page with a number to tell us, and logs why', async () => {
    // A CMS that calls our question wrong: a mistake of ours, not an outage.
    await using refusing = await startUpstream((_, response) =>
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end('{"errors":[{"message":"no such field"}]}'),
    );
    const run = await runSite(build.main, { ...environment, CMS_URL: refusing.url });
    try {
      const response = await fetch(`${run.url}/readers`, { headers: { 'x-request-id': 'broken-0001' } });
      expect(response.status).toBe(500);
      expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
      const html = await response.text();
      expect(html).toContain('Something went wrong on our side');
      expect(html).toContain('broken-0001');
      expect(html).not.toContain('no such field');
      await expect.poll(() => run.log.filter(({ level }) => level === 'error').length).toBeGreaterThan(0);
      expect(JSON.stringify(run.log)).toContain('no such field');
    } finally {
      await run.stop('SIGTERM');
    }
  });
});

describe('when the CMS is not there', () => {
  it('says that it could not be read when it calls itself ready', async () => {
    await using own = await startUpstream((request, response) =>
      response.writeHead(request.url === '/ready' ? 200 : 500).end('{}'),
    );
    const run = await runSite(build.main, { ...environment, CMS_URL: own.url });
    try {
      const response = await fetch(`${run.url}/`, { headers: { accept: 'text/html' } });
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('30');
      const html = await response.text();
      expect(html).toContain('The readers’ directory could not be read just now');
      expect(html).toContain('<noscript><meta http-equiv="refresh" content="30"');
      expect(html).not.toContain('is starting');
      expect(await (await fetch(`${run.url}/status?of=cms`)).json()).toEqual({ state: 'ready' });
    } finally {
      await run.stop('SIGTERM');
    }
  });

  it('says which part is starting, and when to come again', async () => {
    const run = await runSite(build.main, { ...environment, CMS_URL: await deadAddress() });
    try {
      const response = await fetch(`${run.url}/readers`, { headers: { accept: 'text/html' } });
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('5');
      expect(response.headers.get('cache-control')).toBe('no-store');
      const html = await response.text();
      expect(html).toContain('The readers’ directory is starting');
      expect(html).toContain('<noscript><meta http-equiv="refresh" content="5"');
      expect((await fetch(`${run.url}/ready`)).status).toBe(200);
    } finally {
      await run.stop('SIGTERM');
    }
  });

  it('goes on showing what has been read before', async () => {
    const own = await startUpstream(answerAsCms);
    const run = await runSite(build.main, { ...environment, CMS_URL: own.url });
    try {
      expect((await fetch(`${run.url}/readers`)).status).toBe(200);
      await own[Symbol.asyncDispose]();
      expect((await fetch(`${run.url}/readers`)).status).toBe(200);
      expect((await fetch(`${run.url}/articles`)).status).toBe(503);
    } finally {
      await run.stop('SIGTERM');
    }
  });
});

interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Asks just as it is written: `fetch` would tidy the path first, and refuses some methods itself. */
function ask(path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(site.url);
    request({ hostname, port, path, method, headers }, (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode, headers: response.headers, body }),
        reject,
      );
    })
      .once('error', reject)
      .end();
  });
}
