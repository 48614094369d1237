import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { DirectoryPerson } from '../src/identity/person';
import { openBrowser } from './support/browser';
import { openShop, type Shop } from './support/shop';

/**
 * A4: every route that is registered × every kind of caller. The routes are those that Medusa and we say we register when
 * the server starts; what each may answer stands here once more, apart from src/http/rules.ts.
 */

/** Ours: each has a row in `OWN` below. */
const OWN_PREFIX = 'own route ';
const MEDUSA_PREFIX = 'registering route ';

const CATALOGUE = [
  'products',
  'products/:id',
  'product-categories',
  'product-categories/:id',
  'collections',
  'collections/:id',
  'product-tags',
  'product-tags/:id',
  'product-types',
  'product-types/:id',
  'regions',
  'regions/:id',
  'currencies',
  'currencies/:code',
].map((it) => `GET /store/${it}`);
const PERSONS = [
  'GET /store/customers/me',
  'GET /store/customers/me/addresses',
  'POST /store/customers/me/addresses',
  'GET /store/customers/me/addresses/:address_id',
  'POST /store/customers/me/addresses/:address_id',
  'DELETE /store/customers/me/addresses/:address_id',
];
/** What the admin's page asks before anybody is signed in. */
const BEFORE_SIGN_IN = ['GET /admin/feature-flags', 'GET /cloud/auth'];
/** Below /admin, shut for admins too. */
const SHUT = [
  /^\w+ \/admin\/invites(\/|$)/,
  /^\w+ \/admin\/rbac\//,
  /^\w+ \/admin\/users\/:id\/roles(\/|$)/,
  /^(POST|DELETE) \/admin\/users\/:id$/,
  /^POST \/admin\/users\/:id\/reset-password$/,
  /^POST \/admin\/customers$/,
  /^(POST|DELETE) \/admin\/customers\/:id$/,
  /^(POST|DELETE) \/admin\/api-keys(\/|$)/,
];

type Kind = 'catalogue' | 'person' | 'before sign-in' | 'admin' | 'shut';

function kindOf(route: string): Kind {
  if (CATALOGUE.includes(route)) return 'catalogue';
  if (PERSONS.includes(route)) return 'person';
  if (BEFORE_SIGN_IN.includes(route)) return 'before sign-in';
  if (/^\w+ \/admin(\/|$)/.test(route) && !SHUT.some((it) => it.test(route))) return 'admin';
  return 'shut';
}

const CALLERS = ['nobody', 'client', 'other client', 'reader', 'other reader', 'admin', 'suspended'] as const;
type Caller = (typeof CALLERS)[number];

interface Answered {
  status: number;
  code?: string;
}

/** Why an answer is not the one that a caller is to get, or nothing. */
function wrong(kind: Kind, caller: Caller, { status, code }: Answered): string | undefined {
  const was = `${status} ${code ?? ''}`;
  const past = status === 401 || status === 403 ? `${was}, not let past` : undefined;
  const exactly = (wanted: string) => (was.trim() === wanted ? undefined : `${was}, not ${wanted}`);
  switch (kind) {
    case 'shut':
      return exactly('404 not_found');
    case 'before sign-in':
      return past;
    case 'admin':
      return caller === 'admin' ? past : exactly('401 not_signed_in');
    case 'catalogue':
      return caller === 'suspended' ? exactly('403 account_suspended') : past;
    case 'person':
      if (caller === 'nobody') return exactly('401 not_signed_in');
      return caller === 'suspended' ? exactly('403 account_suspended') : past;
  }
}

let shop: Shop;
let server: Awaited<ReturnType<Shop['start']>>;
let medusaRoutes: string[];
let ownRoutes: string[];
let publishable: string;
const people = new Map<Caller, DirectoryPerson>();
const accessTokens = new Map<Caller, string>();
const customerTokens = new Map<Caller, string>();
const cookies = new Map<Caller, string>();

beforeAll(async () => {
  shop = await openShop();
  expect(await shop.run('migrate/main.js')).toMatchObject({ code: 0 });
  server = await shop.start({ LOG_LEVEL: 'debug' });
  const said = server.lines().map((it) => String(it.message));
  const after = (prefix: string) => [
    ...new Set(said.filter((it) => it.startsWith(prefix)).map((it) => it.slice(prefix.length))),
  ];
  // It says `registering route middleware …` too.
  medusaRoutes = after(MEDUSA_PREFIX).filter((it) => /^[A-Z]+ \//.test(it));
  ownRoutes = after(OWN_PREFIX);
  // One of ours stands before Medusa's of the same name, and has its row below.
  medusaRoutes = medusaRoutes.filter((it) => !ownRoutes.includes(it));
  const { rows } = await shop.database.query<{ token: string }>('select token from api_key');
  publishable = rows[0]?.token ?? '';

  for (const caller of CALLERS.slice(1)) {
    // The suspended one was an admin, with whatever they had before.
    const role = caller.endsWith('client') ? 'client' : caller.endsWith('reader') ? 'reader' : 'admin';
    const subject = `sandbox|${caller.replace(' ', '-')}`;
    const person = shop.cms.person({ issuer: shop.issuer.url, subject, role });
    expect((await shop.tell(person)).status).toBe(204);
    people.set(caller, person);
    const access = await shop.issuer.token({ sub: subject });
    accessTokens.set(caller, access);
    const exchanged = await call('POST', '/auth/customer/soulseer', { authorization: `Bearer ${access}` });
    customerTokens.set(caller, z.object({ token: z.string() }).parse(await exchanged.json()).token);
    const browser = openBrowser(shop);
    await browser.signIn(subject);
    cookies.set(caller, browser.cookie());
  }
  const suspended = people.get('suspended');
  if (!suspended) throw new Error('nobody is suspended');
  expect((await shop.tell(shop.cms.person({ ...suspended, status: 'suspended' }))).status).toBe(204);
});
afterAll(() => shop.close());

function call(method: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
  const hasBody = !['GET', 'HEAD', 'DELETE'].includes(method);
  return fetch(`${shop.origin}${path}`, {
    method,
    redirect: 'manual',
    headers: { ...(hasBody ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(hasBody ? { body: '{}' } : {}),
    signal: AbortSignal.timeout(20_000),
  });
}

/** Everything that a caller could send at once: token, session, and an origin that is ours. */
function credentials(caller: Caller, path: string): Record<string, string> {
  const token = customerTokens.get(caller);
  const cookie = cookies.get(caller);
  return {
    origin: shop.origin,
    ...(path.startsWith('/store') ? { 'x-publishable-api-key': publishable } : {}),
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(cookie ? { cookie } : {}),
  };
}

async function answered(answer: Response): Promise<Answered> {
  const isProblem = answer.headers.get('content-type')?.includes('problem+json');
  if (!isProblem || answer.body === null) {
    // Some are streams that don't end.
    await answer.body?.cancel();
    return { status: answer.status };
  }
  const { code } = z.looseObject({ code: z.string() }).parse(await answer.json());
  return { status: answer.status, code };
}

const fill = (path: string) => path.replace(/:\w+/g, 'none-of-these').replace(/\*/g, 'none');

describe('A4 the matrix', () => {
  test('knows Medusa’s routes and ours', () => {
    const below = (prefix: string) => medusaRoutes.filter((it) => it.includes(` ${prefix}`)).length;
    expect(below('/admin')).toBeGreaterThan(350);
    expect(below('/store')).toBeGreaterThan(50);
    expect(below('/auth')).toBeGreaterThan(15);
    for (const route of [...CATALOGUE, ...PERSONS, ...BEFORE_SIGN_IN]) expect(medusaRoutes).toContain(route);
    // A rule for something that isn't there any more would be a hole for whatever comes in its place.
    for (const rule of SHUT)
      expect(
        medusaRoutes.some((it) => rule.test(it)),
        String(rule),
      ).toBe(true);
  });

  // The admin's own requests last: they reach what Medusa does.
  test.each(CALLERS)(
    '%s gets from every route of Medusa’s what they are to get',
    async (caller) => {
      const faults: string[] = [];
      let done = 0;
      const waiting = [...medusaRoutes];
      const worker = async () => {
        for (let route = waiting.shift(); route; route = waiting.shift()) {
          const [method = '', path = ''] = route.split(' ');
          const filled = fill(path);
          const asked = call(method, filled, credentials(caller, filled));
          const answer = await asked.then(answered).catch(
            // Streams of events say nothing until there is one, and some of what Medusa runs never answers to `{}`; whoever
            // may not go there is told at once.
            (error: Error): Answered => {
              if (error.name === 'TimeoutError' && caller === 'admin') return { status: 200 };
              throw new Error(`${caller}: ${route}`, { cause: error });
            },
          );
          const fault = wrong(kindOf(route), caller, answer);
          if (fault) faults.push(`${caller}: ${route}: ${fault}`);
          done += 1;
        }
      };
      await Promise.all(Array.from({ length: 6 }, worker));
      expect(faults).toEqual([]);
      expect(done).toBe(medusaRoutes.length);
    },
    300_000,
  );

  test.each(['nobody', 'client', 'admin'] as const)(
    '%s finds no other way in: passwords, cloud, sessions, refreshes',
    async (caller) => {
      const tries = ['user', 'customer'].flatMap((actor) =>
        ['emailpass', 'soulseer', 'cloud'].flatMap((provider) =>
          ['', '/register', '/callback', '/reset-password', '/update'].flatMap((end) =>
            ['GET', 'POST'].map((method) => [method, `/auth/${actor}/${provider}${end}`] as const),
          ),
        ),
      );
      const more = [
        ['POST', '/auth/session'],
        ['POST', '/auth/token/refresh'],
        ['POST', '/auth/soulseer/user'],
        ['POST', '/cloud/auth/users'],
        ['GET', '/auth/customer/providers'],
        ['GET', '/auth/mfa/factors'],
        ['POST', '/hooks/payment/pp_system_default'],
        ['POST', '/hooks/payment/stripe_checkout'],
        ['POST', '/Hooks/Payment/stripe_checkout/'],
        ['POST', '/admin/invites/accept'],
        ['POST', '/store/customers'],
        ['GET', '/static/x'],
      ] as const;
      for (const [method, path] of [...tries, ...more]) {
        if (`${method} ${path}` === 'POST /auth/customer/soulseer') continue;
        const answer = await answered(await call(method, path, credentials(caller, path)));
        expect(answer, `${method} ${path}`).toEqual({ status: 404, code: 'not_found' });
      }
    },
  );

  test('the ways of writing an address are one', async () => {
    const as = async (caller: Caller, path: string, method = 'GET') =>
      (await answered(await call(method, path, credentials(caller, path)))).status;
    for (const path of [
      '/admin/products',
      '/ADMIN/products',
      '/admin/Products/',
      '/admin/products?limit=1',
    ]) {
      expect(await as('client', path), path).toBe(401);
      expect(await as('admin', path), path).toBe(200);
    }
    for (const path of [
      '//admin/products',
      '/admin/../admin/products',
      '/%61dmin/products',
      '/admin;x/products',
    ])
      expect(await as('client', path), path).not.toBe(200);
    for (const path of ['/admin/INVITES', '/Admin/invites/', '/admin/rBac/roles', '/store/Carts/x'])
      expect(await as('admin', path), path).toBe(404);
    const head = await call('HEAD', '/admin/products', credentials('client', '/admin/products'));
    expect(head.status).toBe(401);
    expect(await as('admin', '/admin/products', 'PATCH')).toBe(404);
    expect(await as('client', '/admin/products', 'OPTIONS')).toBe(401);
  });

  test('a key of Medusa’s or a token of a user opens nothing below /admin', async () => {
    const secret = `sk_${'0'.repeat(64)}`;
    for (const authorization of [
      `Basic ${Buffer.from(`${secret}:`).toString('base64')}`,
      `Bearer ${secret}`,
      `Bearer ${accessTokens.get('admin')}`,
      `Bearer ${customerTokens.get('admin')}`,
    ]) {
      const answer = await answered(await call('GET', '/admin/products', { authorization }));
      expect(answer).toEqual({ status: 401, code: 'not_signed_in' });
    }
  });
});

describe('A4 our own routes', () => {
  /** What each caller gets; `every` where it is the same for all. */
  const OWN: Record<string, Partial<Record<Caller | 'every', number>>> = {
    'GET /health': { every: 200 },
    'GET /ready': { every: 200 },
    // Signed by the CMS alone: identity.test.ts.
    'PUT /service/directory/people/:person_id': { every: 401 },
    'GET /auth/staff': { every: 200 },
    'GET /auth/staff/sign-in': { every: 303 },
    'GET /auth/staff/callback': { every: 303 },
    'GET /auth/staff/sign-out': { every: 303 },
    'DELETE /auth/session': { every: 200 },
    'POST /auth/customer/soulseer': { every: 200, nobody: 401, suspended: 403 },
    // Signed by Stripe alone: top-ups.test.ts.
    'POST /stripe/webhook': { every: 400 },
    // Each sees their own, which is nothing yet: top-ups.test.ts.
    'GET /store/top-ups/options': { every: 200, nobody: 401, suspended: 403 },
    'POST /store/top-ups': { every: 400, nobody: 401, suspended: 403 },
    'GET /store/automatic-top-up': { every: 200, nobody: 401, suspended: 403 },
    'PUT /store/automatic-top-up': { every: 400, nobody: 401, suspended: 403 },
    'DELETE /store/automatic-top-up': { every: 204, nobody: 401, suspended: 403 },
    'POST /store/top-ups/one-tap': { every: 400, nobody: 401, suspended: 403 },
    'GET /store/top-ups': { every: 200, nobody: 401, suspended: 403 },
    'GET /store/top-ups/:id': { every: 404, nobody: 401, suspended: 403 },
    'GET /store/cards': { every: 200, nobody: 401, suspended: 403 },
    'POST /store/cards': { every: 400, nobody: 401, suspended: 403 },
    'DELETE /store/cards/:id': { every: 204, nobody: 401, suspended: 403 },
    'GET /admin/top-ups/:order_id': { every: 401, admin: 404 },
    'GET /admin/stripe-events': { every: 401, admin: 200 },
    'POST /admin/stripe-events/:id/retry': { every: 401, admin: 404 },
    'GET /admin/reconciliations': { every: 401, admin: 200 },
    'POST /admin/reconciliations': { every: 401, admin: 202 },
    'GET /store/shop/products': { every: 200, suspended: 403 },
    'POST /store/shop/carts': { every: 400, suspended: 403 },
    'GET /store/shop/carts/mine': { every: 404, nobody: 401, suspended: 403 },
    // Whose it is: orders.test.ts.
    'GET /store/shop/carts/:id': { every: 404, suspended: 403 },
    'POST /store/shop/carts/:id/items': { every: 400, suspended: 403 },
    'POST /store/shop/carts/:id/items/:item_id': { every: 400, suspended: 403 },
    'POST /store/shop/carts/:id/claim': { every: 404, nobody: 401, suspended: 403 },
    'POST /store/shop/carts/:id/delivery': { every: 400, nobody: 401, suspended: 403 },
    'POST /store/shop/carts/:id/pay': { every: 400, nobody: 401, suspended: 403 },
    'GET /store/shop/orders': { every: 200, nobody: 401, suspended: 403 },
    'GET /store/shop/orders/:id': { every: 404, nobody: 401, suspended: 403 },
    'POST /store/shop/orders/:id/downloads/:file_id': { every: 404, nobody: 401, suspended: 403 },
    'GET /admin/shop/products/:id/files': { every: 401, admin: 200 },
    'POST /admin/shop/products/:id/files': { every: 401, admin: 404 },
    'DELETE /admin/shop/products/:id/files/:file_id': { every: 401, admin: 404 },
    'GET /admin/shop/orders/:order_id': { every: 401, admin: 404 },
    'POST /admin/shop/orders/:order_id/downloads/:id/take-back': { every: 401, admin: 404 },
    // On to Medusa's own for a payment that is none of ours, which knows none by this id.
    'POST /admin/payments/:id/refund': { every: 401, admin: 404 },
  };

  test('each has a row', () => {
    expect(ownRoutes.sort()).toEqual(Object.keys(OWN).sort());
  });

  test.each(CALLERS)('%s gets what they are to get', async (caller) => {
    for (const [route, row] of Object.entries(OWN)) {
      const [method = '', path = ''] = route.split(' ');
      const access = accessTokens.get(caller);
      const below = (start: string) => path.startsWith(start);
      const headers =
        below('/store') || below('/admin')
          ? credentials(caller, path)
          : { origin: shop.origin, ...(access ? { authorization: `Bearer ${access}` } : {}) };
      const filled = fill(path.replace(':person_id', people.get(caller)?.person_id ?? randomUUID()));
      const { status } = await answered(await call(method, filled, headers));
      expect(status, route).toBe(row[caller] ?? row.every);
    }
  });
});

describe('A4 other people’s', () => {
  const addressBody = {
    first_name: 'Nora',
    last_name: 'Bellweather',
    address_1: '12 Quay Street',
    city: 'Galway',
    country_code: 'ie',
    postal_code: 'H91',
  };
  const asCaller = (caller: Caller, method: string, path: string, body?: object) =>
    fetch(`${shop.origin}${path}`, {
      method,
      headers: {
        'x-publishable-api-key': publishable,
        authorization: `Bearer ${customerTokens.get(caller)}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });

  test('an address is its customer’s alone', async () => {
    const made = await asCaller('client', 'POST', '/store/customers/me/addresses', addressBody);
    expect(made.status).toBe(200);
    const { customer } = z
      .object({
        customer: z.object({ addresses: z.array(z.object({ id: z.string(), city: z.string().nullable() })) }),
      })
      .parse(await made.json());
    // The matrix has left others.
    const id = customer.addresses.find((it) => it.city === addressBody.city)?.id ?? '';
    const path = `/store/customers/me/addresses/${id}`;
    for (const caller of ['other client', 'reader', 'admin'] as const) {
      for (const [method, body] of [['GET'], ['POST', { city: 'Elsewhere' }], ['DELETE']] as const) {
        const answer = await asCaller(caller, method, path, body);
        expect([400, 404], `${caller} ${method}`).toContain(answer.status);
      }
      const theirs = await (await asCaller(caller, 'GET', '/store/customers/me/addresses')).json();
      expect(JSON.stringify(theirs)).not.toContain(id);
    }
    expect(await (await asCaller('client', 'GET', path)).json()).toMatchObject({
      address: { city: 'Galway' },
    });
    expect((await asCaller('client', 'DELETE', path)).status).toBe(200);
  });

  test('`me` is whoever the token is of', async () => {
    for (const caller of ['client', 'other client', 'reader', 'admin'] as const) {
      const answer = await asCaller(caller, 'GET', '/store/customers/me');
      expect(await answer.json()).toMatchObject({
        customer: { first_name: people.get(caller)?.display_name },
      });
    }
  });
});
