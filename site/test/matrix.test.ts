import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Method, routes } from '../src/server/routes.ts';
import {
  emailOf,
  nameOf,
  type Persona,
  type Platform,
  personIdOf,
  startPlatform,
} from './helpers/platform.ts';
import { Visitor } from './helpers/visitor.ts';

// Every route × everybody who might come. The rows come from the routes themselves: one without a row fails.

const everybody = ['nobody', 'client', 'client2', 'reader', 'reader2', 'admin', 'suspended'] as const;
type Somebody = (typeof everybody)[number];
type Row = Record<Somebody, number> | number;

const all = (status: number, other: Partial<Record<Somebody, number>> = {}): Row => ({
  ...(Object.fromEntries(everybody.map((one) => [one, status])) as Record<Somebody, number>),
  ...other,
});

/** What each route answers to whom, by `method pattern`; `at` is an address under a pattern. */
const rows: Record<string, { at?: string; answers: Row; body?: () => string }> = {
  'GET /': { answers: 200 },
  'GET /404': { answers: 404 },
  'GET /500': { answers: 500 },
  'GET /refused': { answers: 404 },
  'GET /starting': { answers: 404 },
  'GET /design': { answers: 200 },
  'GET /status': { answers: 200 },
  'GET /health': { answers: 200 },
  'GET /ready': { answers: 200 },
  'GET /readers': { answers: 200 },
  'GET /readers/browse': { answers: 301 },
  'GET /readers/[slug]': { at: '/readers/amara-okafor', answers: 200 },
  // An empty form: whoever may flag or answer is told that it is none.
  'POST /readers/[slug]': {
    at: '/readers/amara-okafor',
    answers: all(400, { nobody: 401, suspended: 403 }),
    body: () => 'do=',
  },
  'POST /age': { answers: 303, body: () => 'back=/' },
  'POST /favourites': { answers: all(400, { nobody: 401, suspended: 403 }), body: () => 'do=keep' },
  'GET /readings/[id]/review': {
    at: `/readings/${personIdOf('a session')}/review`,
    answers: all(404, { nobody: 303, suspended: 403 }),
  },
  'POST /readings/[id]/review': {
    at: `/readings/${personIdOf('a session')}/review`,
    answers: all(404, { nobody: 401, suspended: 403 }),
    body: () => 'stars=5',
  },
  'GET /articles': { answers: 200 },
  'GET /articles/rss.xml': { answers: 200 },
  'GET /robots.txt': { answers: 200 },
  'GET /sitemap.xml': { answers: 200 },
  'GET /sw.js': { answers: 200 },
  'GET /offline': { answers: 200 },
  'GET /articles/[slug]': { at: '/articles/the-longest-night', answers: 200 },
  'GET /guides': { answers: 200 },
  'GET /guides/[slug]': { at: '/guides/what-tarot-is', answers: 200 },
  'GET /horoscopes': { answers: 200 },
  'GET /horoscopes/[sign]': { at: '/horoscopes/leo', answers: 200 },
  // An address of before leads to the present picture.
  'GET /share/[kind]/[slug]/[version]': { at: '/share/pages/home/0000000000000000.jpg', answers: 302 },
  'GET /faq': { answers: 200 },
  'GET /[page]': { at: '/about', answers: 200 },
  'GET /accounts/login': { answers: 301 },
  'GET /auth/sign-in': { answers: 303 },
  'GET /auth/callback': {
    answers: all(303, { nobody: 400, suspended: 400 }),
  },
  'POST /auth/sign-out': { answers: 303 },
  'GET /dashboard': { answers: all(200, { nobody: 303, admin: 303, suspended: 403 }) },
  'GET /readings': { answers: all(200, { nobody: 303, suspended: 403 }) },
  'GET /readings/list': { answers: 301 },
  // Whoever has no part in a session is told that there is none.
  'GET /readings/[id]': {
    at: `/readings/${personIdOf('a session')}`,
    answers: all(404, { nobody: 303, suspended: 403 }),
  },
  'GET /admin/dashboard': { answers: all(403, { nobody: 303, admin: 200 }) },
  'GET /wallet': { answers: all(200, { nobody: 303, suspended: 403 }) },
  // An empty form of a top-up: whoever may have a wallet is told what is missing.
  'POST /wallet': {
    answers: all(422, { nobody: 401, suspended: 403 }),
    body: () => 'do=top_up',
  },
  'GET /wallet/automatic': { answers: all(200, { nobody: 303, suspended: 403 }) },
  'POST /wallet/automatic': {
    answers: all(400, { nobody: 401, suspended: 403 }),
    body: () => 'do=nothing',
  },
  'GET /wallet/limits': { answers: all(200, { nobody: 303, suspended: 403 }) },
  'POST /wallet/limits': {
    answers: all(400, { nobody: 401, suspended: 403 }),
    body: () => 'set=nothing',
  },
  'GET /wallet/one-tap': { answers: all(200, { nobody: 401, suspended: 403 }) },
  // A form, and without a key.
  'POST /wallet/one-tap': { answers: all(400, { nobody: 401, suspended: 403 }), body: () => 'card=' },
  // Nobody's is like one that isn't there.
  'GET /wallet/top-ups/[id]': {
    at: '/wallet/top-ups/topup_none',
    answers: all(404, { nobody: 401, suspended: 403 }),
  },
  // An empty form: whoever may end a session is told that it is none.
  'POST /admin/dashboard': { answers: all(403, { nobody: 401, admin: 400 }), body: () => 'do=end' },
  'GET /become-a-reader': { answers: 200 },
  // An empty form: a client is told what is missing, others may not apply.
  'POST /become-a-reader': {
    answers: all(403, { nobody: 401, client: 422, client2: 422 }),
    body: () => 'name=',
  },
  'GET /shop': { answers: 200 },
  'GET /shop/products': { answers: 301 },
  'GET /shop/[handle]': { at: '/shop/moon-guide', answers: 200 },
  // An empty form: a guest may have a cart too.
  'POST /shop/[handle]': { at: '/shop/moon-guide', answers: 400, body: () => 'variant=' },
  'GET /cart': { answers: 200 },
  'POST /cart': { answers: 303, body: () => 'item=' },
  'GET /checkout': { answers: all(200, { nobody: 303, suspended: 403 }) },
  // There is nothing to pay.
  'POST /checkout': { answers: all(200, { nobody: 401, suspended: 403 }), body: () => 'do=pay' },
  'GET /orders': { answers: all(200, { nobody: 303, suspended: 403 }) },
  // Nobody's is like one that isn't there.
  'GET /orders/[id]': { at: '/orders/order_none', answers: all(404, { nobody: 303, suspended: 403 }) },
  'GET /orders/[id]/downloads/[file]': {
    at: '/orders/order_none/downloads/file_1',
    answers: all(303, { suspended: 403 }),
  },
  'GET /.well-known/receipt-keys.json': { answers: 200 },
  'GET /api/[...path]': { at: '/api/wallet', answers: all(200, { nobody: 401, suspended: 403 }) },
  'POST /api/[...path]': { at: '/api/socket-tickets', answers: all(200, { nobody: 401, suspended: 403 }) },
  'PUT /api/[...path]': {
    at: '/api/readers/me/presence',
    answers: all(200, { nobody: 401, suspended: 403 }),
  },
  'DELETE /api/[...path]': {
    at: '/api/readers/1/queue',
    answers: all(200, { nobody: 401, suspended: 403 }),
  },
  'PUT /service/directory/people/[person_id]': {
    at: `/service/directory/people/${personIdOf('x')}`,
    answers: 401,
  },
  'PUT /service/content/[collection]': { at: '/service/content/articles', answers: 401 },
  'GET /preview/[collection]/[id]': {
    at: '/preview/articles/7',
    answers: all(403, { nobody: 303, admin: 404 }),
  },
  'POST /preview/[collection]/[id]': {
    at: '/preview/articles/7',
    answers: all(403, { nobody: 401, admin: 404 }),
  },
  'PUT /service/directory/readers/[reader_id]': { at: '/service/directory/readers/1', answers: 401 },
};

/** Routes that Astro brings along and nobody is let in to. */
const shut = ['/_image', '/_server-islands/[name]'];
const open = ['/.well-known/receipt-keys.json'];

let platform: Platform;
const ids = new Map<Somebody, string>();

beforeAll(async () => {
  platform = await startPlatform();
  platform.answers.realtime = (path) => {
    if (open.includes(path)) return { status: 200, body: { keys: [] } };
    if (path === '/api/sessions') return { status: 200, body: { sessions: [], next: null } };
    return path.startsWith('/api/sessions/') ? { status: 404, body: { code: 'not_found' } } : undefined;
  };
  for (const persona of everybody) {
    if (persona === 'nobody') continue;
    ids.set(persona, await session(persona));
  }
});
afterAll(() => platform?.[Symbol.asyncDispose]());

async function session(persona: Persona): Promise<string> {
  const suspended = persona === 'suspended';
  const email = emailOf(persona);
  const person = (version: number, status: string) => ({
    person_id: personIdOf(email),
    version,
    issuer: platform.issuer.url,
    subject: 'sandbox|suspended-soulseer-test',
    email,
    email_verified: true,
    display_name: nameOf(persona),
    role: 'client',
    status,
  });
  // Somebody who was signed in when they were suspended.
  if (suspended) platform.people.set(email, person(1, 'active') as never);
  const { visitor } = await platform.signIn(persona);
  const path = `/service/directory/people/${personIdOf(email)}`;
  if (suspended) expect((await platform.tell(path, person(2, 'suspended'))).status).toBe(204);
  return visitor.jar(platform.url).get('soulseer') ?? '';
}

/** Which of them may be asked by many without a session being lost. */
async function as(persona: Somebody): Promise<Visitor> {
  const visitor = new Visitor();
  const id = ids.get(persona);
  if (id) visitor.jar(platform.url).set('soulseer', id);
  return visitor;
}

const routed = Object.entries(routes).flatMap(([pattern, { access }]) =>
  Object.keys(access).map((method) => ({ method: method as Method, pattern, key: `${method} ${pattern}` })),
);
const others = everybody.filter((one) => one !== 'nobody' && one !== 'suspended');

describe('A4: every route names who may call it', () => {
  it('and there is a row for each that the build has, and for nothing else', async () => {
    const built = JSON.parse(
      await readFile(join(import.meta.dirname, '../dist/routes.json'), 'utf8'),
    ) as string[];
    const own = ['/health', '/ready'];
    expect([...built.filter((pattern) => !shut.includes(pattern)), ...own].sort()).toEqual(
      Object.keys(routes).sort(),
    );
    expect(routed.map(({ key }) => key).sort()).toEqual(Object.keys(rows).sort());
  });

  it.each([
    '/_image?href=/favicon.svg',
    '/_server-islands/x',
    '/dashboard/x',
    '/%64ashboard',
    '/admin',
    '/x/../nowhere',
  ])('%s is nobody’s', async (path) => {
    expect((await (await as('admin')).ask(`${platform.url}${path}`)).status).toBe(404);
  });

  // Signing out comes last: it ends the session that it is tried with.
  const cells = routed
    .flatMap((route) => everybody.map((persona) => ({ ...route, persona })))
    .sort(
      (one, other) => Number(one.pattern === '/auth/sign-out') - Number(other.pattern === '/auth/sign-out'),
    );

  it.each(cells)('$key for $persona', async ({ method, pattern, key, persona }) => {
    const row = rows[key];
    if (!row) throw new Error(`there is no row for ${key}`);
    const visitor = await as(persona);
    const seen = await visitor.ask(`${platform.url}${row.at ?? pattern}`, {
      method,
      ...(row.body
        ? { body: row.body(), headers: { 'content-type': 'application/x-www-form-urlencoded' } }
        : method === 'GET'
          ? {}
          : { body: '{}', headers: { 'content-type': 'application/json' } }),
    });
    expect(seen.status).toBe(typeof row.answers === 'number' ? row.answers : row.answers[persona]);
    // Each sees their own name and nobody else's, and no shared cache keeps it.
    const names = others.map((one) => nameOf(one)).filter((name) => new RegExp(`${name}\\b`).test(seen.html));
    const mine = others.some((one) => one === persona) ? [nameOf(persona as Persona)] : [];
    for (const name of names) expect(mine).toContain(name);
    if (mine.length > 0 && seen.headers.get('content-type')?.startsWith('text/html')) {
      expect(seen.headers.get('cache-control')).toBe('private, no-store');
      expect(names).toEqual(mine);
    }
  });
});

describe('O3: a change from elsewhere is refused', () => {
  const changing = routed.filter(
    ({ method, pattern }) => method !== 'GET' && !pattern.startsWith('/service/'),
  );
  const origins: [string, Record<string, string>][] = [
    ['no origin', {}],
    ['another origin', { origin: 'https://elsewhere.test' }],
    ['a hidden origin', { origin: 'null' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour', { 'sec-fetch-site': 'same-site' }],
  ];
  const types = [
    'application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
  ];
  it.each(changing.flatMap((route) => origins.map(([from, headers]) => ({ ...route, from, headers }))))(
    '$key with $from',
    async ({ method, pattern, key, headers }) => {
      for (const type of types) {
        const response = await fetch(`${platform.url}${rows[key]?.at ?? pattern}`, {
          method,
          redirect: 'manual',
          headers: { ...headers, 'content-type': type, cookie: `soulseer=${ids.get('client')}` },
          body: '{}',
        });
        expect(response.status, type).toBe(403);
        expect(await response.json()).toMatchObject({ code: 'cross_site_request' });
      }
    },
  );
});
