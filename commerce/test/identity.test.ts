import { createHmac, randomUUID } from 'node:crypto';
import { exportJWK, exportSPKI } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { authIdentityIdOf, customerIdOf, userIdOf } from '../src/identity/person';
import { type Browser, openBrowser } from './support/browser';
import { makeKey } from './support/issuer';
import { freePort, openShop, type Shop } from './support/shop';

let shop: Shop;
let server: Awaited<ReturnType<Shop['start']>>;
let key: string;

beforeAll(async () => {
  shop = await openShop();
  expect(await shop.run('migrate/main.js')).toMatchObject({ code: 0 });
  server = await shop.start();
  const { rows } = await shop.database.query<{ token: string }>(`select token from api_key`);
  key = rows[0]?.token ?? '';
});
afterAll(() => shop.close());

const problemCode = async (answer: Response) => {
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  const body = z.looseObject({ status: z.number(), code: z.string() }).parse(await answer.json());
  expect(body.status).toBe(answer.status);
  return body.code;
};
const exchange = (bearer: string | undefined, address = shop.origin, headers: Record<string, string> = {}) =>
  fetch(`${address}/auth/customer/soulseer`, {
    method: 'POST',
    headers: bearer === undefined ? headers : { authorization: `Bearer ${bearer}`, ...headers },
  });
const medusaToken = async (answer: Response) => {
  expect(answer.status).toBe(200);
  return z.object({ token: z.string() }).parse(await answer.json()).token;
};
const me = (token: string | undefined) =>
  fetch(`${shop.origin}/store/customers/me`, {
    headers: {
      'x-publishable-api-key': key,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  });
const customerOf = async (token: string) => {
  const answer = await me(token);
  expect(answer.status).toBe(200);
  return z
    .object({ customer: z.object({ id: z.string(), first_name: z.string(), email: z.string().nullable() }) })
    .parse(await answer.json()).customer;
};
const count = async (sql: string, values: unknown[]) =>
  (await shop.database.query<{ count: number }>(`select count(*)::int ${sql}`, values)).rows[0]?.count;

describe('A2 an access token', () => {
  const claims = () => ({ sub: `sandbox|${randomUUID()}` });

  test('is changed for a token of Medusa’s, which knows the customer', async () => {
    const sub = 'sandbox|first';
    const token = await shop.issuer.token({
      sub,
      email: 'First@SoulSeer.test',
      email_verified: true,
      name: 'First Comer',
    });
    const answer = await exchange(token);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await customerOf(await medusaToken(answer))).toMatchObject({
      first_name: 'First Comer',
      email: 'first@soulseer.test',
    });
  });

  const attacks: [string, string, () => Promise<string | undefined>][] = [
    ['none at all', 'not_signed_in', async () => undefined],
    ['no token', 'token_malformed', async () => 'a.b'],
    ['a huge one', 'token_malformed', async () => 'x'.repeat(9_000)],
    ['a truncated one', 'token_signature', async () => (await shop.issuer.token(claims())).slice(0, -20)],
    [
      'alg: none',
      'token_algorithm',
      async () => {
        const [, payload] = (await shop.issuer.token(claims())).split('.');
        const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
        return `${header}.${payload}.`;
      },
    ],
    [
      'HS256 signed with the public key',
      'token_algorithm',
      async () => {
        const { kid, publicKey } = shop.issuer.key();
        const [, payload] = (await shop.issuer.token(claims())).split('.');
        const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'at+jwt', kid })).toString(
          'base64url',
        );
        const mac = createHmac('sha256', await exportSPKI(publicKey)).update(`${header}.${payload}`);
        return `${header}.${payload}.${mac.digest('base64url')}`;
      },
    ],
    [
      'HS256 signed with Medusa’s secret',
      'token_algorithm',
      async () => {
        const [, payload] = (await shop.issuer.token(claims())).split('.');
        const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'at+jwt' })).toString('base64url');
        const mac = createHmac('sha256', shop.environment.JWT_SECRET ?? '').update(`${header}.${payload}`);
        return `${header}.${payload}.${mac.digest('base64url')}`;
      },
    ],
    ['a foreign kid', 'token_unknown_key', async () => shop.issuer.token(claims(), {}, await makeKey())],
    [
      'a foreign key under a known kid',
      'token_signature',
      async () => {
        const foreign = { ...(await makeKey()), kid: shop.issuer.key().kid };
        return shop.issuer.token(claims(), {}, foreign);
      },
    ],
    [
      'a foreign jku and jwk',
      'token_signature',
      async () => {
        const foreign = { ...(await makeKey()), kid: shop.issuer.key().kid };
        const header = { jku: 'http://localhost:1/jwks', jwk: await exportJWK(foreign.publicKey) };
        return shop.issuer.token(claims(), header, foreign);
      },
    ],
    ['an expired one', 'token_expired', async () => shop.issuer.token({ ...claims(), exp: seconds(-60) })],
    ['one without an end', 'token_malformed', async () => shop.issuer.token({ ...claims(), exp: undefined })],
    [
      'one that is not yet valid',
      'token_not_yet_valid',
      async () => shop.issuer.token({ ...claims(), nbf: seconds(60) }),
    ],
    [
      'another issuer',
      'token_issuer',
      async () => shop.issuer.token({ ...claims(), iss: 'https://evil.example' }),
    ],
    [
      'another audience',
      'token_audience',
      async () => shop.issuer.token({ ...claims(), aud: 'https://another.example' }),
    ],
    [
      'an ID token',
      'token_audience',
      async () => shop.issuer.token({ ...claims(), aud: 'soulseer-commerce', nonce: 'x' }, { typ: 'JWT' }),
    ],
    [
      'an ID token of the same audience',
      'token_type',
      async () => shop.issuer.token({ ...claims(), nonce: 'x' }, { typ: 'JWT' }),
    ],
    ['a logout token', 'token_type', async () => shop.issuer.token(claims(), { typ: 'logout+jwt' })],
    ['nobody', 'token_malformed', async () => shop.issuer.token({ sub: undefined })],
  ];
  test.each(attacks)('is refused: %s → %s', async (_name, code, make) => {
    const asked = shop.cms.asked();
    const answer = await exchange(await make());
    expect(answer.status).toBe(401);
    expect(await problemCode(answer)).toBe(code);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(shop.cms.asked()).toBe(asked);
  });

  test('gives no role, whatever it claims', async () => {
    const sub = `sandbox|${randomUUID()}`;
    const token = await shop.issuer.token({ sub, role: 'admin', roles: ['admin'], actor_type: 'user' });
    const customer = await medusaToken(await exchange(token));
    const answer = await fetch(`${shop.origin}/admin/users/me`, {
      headers: { authorization: `Bearer ${customer}` },
    });
    expect(answer.status).toBe(401);
    expect(await count('from "user" where first_name = $1', [sub])).toBe(0);
  });

  test('is believed with a new key of the issuer’s, without a restart', async () => {
    await shop.issuer.rotate();
    await expect
      .poll(async () => (await exchange(await shop.issuer.token(claims()))).status, { timeout: 20_000 })
      .toBe(200);
  });

  test('is still believed while the issuer is away, as its keys are known', async () => {
    shop.issuer.setAway(true);
    try {
      expect((await exchange(await shop.issuer.token(claims()))).status).toBe(200);
      const unknown = await exchange(await shop.issuer.token(claims(), {}, await makeKey()));
      expect([unknown.status, await problemCode(unknown)]).toSatisfy(
        ([status, code]) =>
          // It asks the issuer at most every few seconds; only when it just has does it know that the issuer is away.
          (status === 503 && code === 'identity_unavailable') ||
          (status === 401 && code === 'token_unknown_key'),
      );
    } finally {
      shop.issuer.setAway(false);
    }
  });

  test('of somebody whom only the CMS could name: 503 while that is away, 200 when it is back', async () => {
    const token = await shop.issuer.token(claims());
    shop.cms.setAway(true);
    const away = await exchange(token);
    expect([away.status, await problemCode(away)]).toEqual([503, 'identity_unavailable']);
    shop.cms.setAway(false);
    expect((await exchange(token)).status).toBe(200);
  });
});

describe('A3 the customer', () => {
  test('is one, though 50 first requests of a new person come at once to two nodes', async () => {
    const port = String(await freePort());
    const other = await shop.start({ PORT: port });
    const sub = 'sandbox|fifty';
    const token = await shop.issuer.token({ sub, email: 'fifty@soulseer.test', email_verified: true });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => exchange(token, i % 2 ? other.address : shop.origin)),
    );
    const tokens = await Promise.all(answers.map(medusaToken));
    const ids = await Promise.all(tokens.map(async (it) => (await customerOf(it)).id));
    const person = shop.cms.people.find((it) => it.subject === sub);
    expect(new Set(ids)).toEqual(new Set([customerIdOf(person?.person_id ?? '')]));
    expect(await count('from customer where email = $1', ['fifty@soulseer.test'])).toBe(1);
    expect(await count('from provider_identity where entity_id = $1', [`${shop.issuer.url} ${sub}`])).toBe(1);
    // Each node asked the CMS once at most.
    await other.stop();
  });

  test('is made when the CMS tells of a person, and kept in step with the directory', async () => {
    const person = shop.cms.person({
      issuer: shop.issuer.url,
      subject: 'sandbox|told',
      display_name: 'Told',
    });
    expect((await shop.tell(person)).status).toBe(204);
    const row = async () =>
      (
        await shop.database.query('select first_name, email, has_account from customer where id = $1', [
          customerIdOf(person.person_id),
        ])
      ).rows;
    expect(await row()).toEqual([
      { first_name: 'Told', email: 'sandbox-told@soulseer.test', has_account: true },
    ]);
    const newer = {
      ...person,
      version: person.version + 10,
      display_name: 'Retold',
      email: 'new@soulseer.test',
    };
    expect((await shop.tell(newer)).status).toBe(204);
    expect(await row()).toMatchObject([{ first_name: 'Retold', email: 'new@soulseer.test' }]);
    // Older and equal versions change nothing and get the same answer.
    expect((await shop.tell(person)).status).toBe(204);
    expect((await shop.tell({ ...newer, display_name: 'Not this' })).status).toBe(204);
    expect(await row()).toMatchObject([{ first_name: 'Retold' }]);
  });

  test('has no address that isn’t verified, or that another customer has; and is a customer all the same', async () => {
    const email = 'shared@soulseer.test';
    const issuer = shop.issuer.url;
    const [first, second, unverified] = [
      shop.cms.person({ issuer, subject: 'sandbox|shared-1', email }),
      shop.cms.person({ issuer, subject: 'sandbox|shared-2', email: 'SHARED@soulseer.test' }),
      shop.cms.person({ issuer, subject: 'sandbox|shared-3', email: 'c@d.test', email_verified: false }),
    ];
    const told = await Promise.all([first, second, unverified].map((it) => shop.tell(it)));
    expect(told.map((it) => it.status)).toEqual([204, 204, 204]);
    const { rows } = await shop.database.query<{ email: string | null }>(
      'select email from customer where id = any($1)',
      [[first, second, unverified].map((it) => customerIdOf(it.person_id))],
    );
    expect(rows.map((it) => it.email).sort()).toEqual([email, null, null].sort());
  });

  test('what a stop left half made is finished', async () => {
    const person = shop.cms.person({ issuer: shop.issuer.url, subject: 'sandbox|half' });
    expect((await shop.tell(person)).status).toBe(204);
    await shop.database.query('delete from provider_identity where entity_id = $1', [
      `${person.issuer} ${person.subject}`,
    ]);
    await shop.database.query('delete from auth_identity where id = $1', [
      authIdentityIdOf(person.person_id),
    ]);
    await shop.database.query('update commerce_person set brought_version = null where person_id = $1', [
      person.person_id,
    ]);
    const token = await shop.issuer.token({ sub: person.subject });
    expect((await customerOf(await medusaToken(await exchange(token)))).id).toBe(
      customerIdOf(person.person_id),
    );
  });
});

describe('A1 a suspended person', () => {
  test('is refused at once, also with a token of Medusa’s from before, and back when they are active', async () => {
    const subject = 'sandbox|to-be-suspended';
    const access = await shop.issuer.token({ sub: subject });
    const token = await medusaToken(await exchange(access));
    expect((await me(token)).status).toBe(200);
    const suspended = shop.cms.person({ issuer: shop.issuer.url, subject, status: 'suspended' });
    expect((await shop.tell(suspended)).status).toBe(204);
    for (const answer of [await me(token), await exchange(access)])
      expect([answer.status, await problemCode(answer)]).toEqual([403, 'account_suspended']);
    const catalogue = await fetch(`${shop.origin}/store/products`, {
      headers: { 'x-publishable-api-key': key, authorization: `Bearer ${token}` },
    });
    expect([catalogue.status, await problemCode(catalogue)]).toEqual([403, 'account_suspended']);
    expect((await shop.tell(shop.cms.person({ ...suspended, status: 'active' }))).status).toBe(204);
    expect((await me(token)).status).toBe(200);
  });
});

describe('A4 a token of Medusa’s', () => {
  const forged = (payload: object, header: object = { alg: 'HS256', typ: 'JWT' }) => {
    const text = [header, payload]
      .map((it) => Buffer.from(JSON.stringify(it)).toString('base64url'))
      .join('.');
    const mac = createHmac('sha256', shop.environment.JWT_SECRET ?? '').update(text);
    return `${text}.${mac.digest('base64url')}`;
  };
  const good = () => ({
    actor_id: customerIdOf(shop.cms.people[0]?.person_id ?? ''),
    actor_type: 'customer',
    exp: seconds(600),
  });

  test('without one: not_signed_in', async () => {
    const answer = await me(undefined);
    expect([answer.status, await problemCode(answer)]).toEqual([401, 'not_signed_in']);
  });

  test('that has ended: token_expired', async () => {
    const answer = await me(forged({ ...good(), exp: seconds(-1) }));
    expect([answer.status, await problemCode(answer)]).toEqual([401, 'token_expired']);
  });

  test.each([
    ['no token', () => 'nonsense'],
    ['without an end', () => forged({ ...good(), exp: undefined })],
    ['of a user', () => forged({ ...good(), actor_type: 'user' })],
    ['of a customer of no person', () => forged({ ...good(), actor_id: 'cus_01JABCDEFGHJKMNPQRSTVWXYZ0' })],
    ['of nobody we know', () => forged({ ...good(), actor_id: customerIdOf(randomUUID()) })],
    ['alg: none', () => forged(good(), { alg: 'none' })],
    ['another secret', () => `${forged(good()).slice(0, -6)}AAAAAA`],
    ['the access token itself', () => shop.issuer.token({ sub: 'sandbox|first' })],
  ])('%s: token_malformed', async (_name, make) => {
    const answer = await me(await make());
    expect([answer.status, await problemCode(answer)]).toEqual([401, 'token_malformed']);
  });
});

describe('the directory', () => {
  const somebody = () => shop.cms.person({ issuer: shop.issuer.url, subject: `sandbox|${randomUUID()}` });

  test('takes nothing that isn’t signed by the CMS for this very call', async () => {
    const person = somebody();
    const path = `${shop.origin}/service/directory/people/${person.person_id}`;
    const unsigned = await fetch(path, { method: 'PUT', body: JSON.stringify(person) });
    expect([unsigned.status, await problemCode(unsigned)]).toEqual([401, 'signature_missing']);
    const refused = async (change: Parameters<Shop['tell']>[1]) => {
      const answer = await shop.tell(person, change);
      expect(answer.status).toBe(401);
      return problemCode(answer);
    };
    expect(await refused({ secret: shop.environment.SERVICE_KEY_COMMERCE_TO_CMS ?? '' })).toBe(
      'signature_unknown_key',
    );
    expect(await refused({ body: JSON.stringify({ ...person, role: 'admin' }) })).toBe('signature_wrong');
    expect(await refused({ nowMs: Date.now() - 6 * 60_000 })).toBe('signature_expired');
    expect(await count('from commerce_person where person_id = $1', [person.person_id])).toBe(0);
  });

  test.each([
    ['another person’s id', { person_id: randomUUID() }, 204],
    ['no role', { role: 'owner' as 'admin' }, 400],
    ['no version', { version: 0 }, 400],
    ['a name that Postgres can’t keep', { display_name: 'a\0b' }, 400],
    ['half a character', { display_name: 'a\ud800' }, 400],
    ['a long name', { display_name: 'x'.repeat(61) }, 400],
  ])('answers %s with what it is', async (_name, change, status) => {
    const person = { ...somebody(), ...change };
    expect((await shop.tell(person)).status).toBe(status);
  });

  test('refuses a second person with the same issuer and subject, and a body of another id', async () => {
    const person = somebody();
    expect((await shop.tell(person)).status).toBe(204);
    const answer = await shop.tell({ ...person, person_id: randomUUID() });
    expect([answer.status, await problemCode(answer)]).toEqual([409, 'subject_taken']);
  });

  test('keeps the newest of many versions that come at once and in any order', { repeats: 4 }, async () => {
    const person = somebody();
    const versions = Array.from({ length: 12 }, (_, i) => ({
      ...person,
      version: person.version + i,
      display_name: `Version ${i}`,
    })).sort(() => Math.random() - 0.5);
    const answers = await Promise.all(versions.map((it) => shop.tell(it)));
    expect(answers.map((it) => it.status)).toEqual(versions.map(() => 204));
    const { rows } = await shop.database.query('select first_name from customer where id = $1', [
      customerIdOf(person.person_id),
    ]);
    expect(rows).toEqual([{ first_name: 'Version 11' }]);
  });
});

describe('A2 staff', () => {
  const makeAdmin = async (subject: string) => {
    const person = shop.cms.person({
      issuer: shop.issuer.url,
      subject,
      role: 'admin',
      display_name: 'Wren Castellan',
    });
    expect((await shop.tell(person)).status).toBe(204);
    return person;
  };
  const problemShown = async (browser: Browser) => (await browser.go('/auth/staff')).json();

  test('sign in by the issuer, get a new session, and are one user of Medusa’s however often they do', async () => {
    const person = await makeAdmin('sandbox|admin');
    const browser = openBrowser(shop);
    shop.issuer.setVisitor({ sub: person.subject });
    const asked = await browser.go('/auth/staff/sign-in');
    const location = new URL(asked.headers.get('location') ?? '');
    expect(location.origin).toBe(shop.issuer.url);
    expect(Object.fromEntries(location.searchParams)).toMatchObject({
      client_id: 'soulseer-commerce',
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: `${shop.origin}/auth/staff/callback`,
      state: expect.stringMatching(/.{20,}/),
      nonce: expect.stringMatching(/.{20,}/),
    });
    const before = browser.cookie();
    const back = await browser.go(location.href);
    const done = await browser.go(back.headers.get('location') ?? '');
    expect(done.headers.get('location')).toBe('/app');
    expect(done.headers.get('set-cookie')).toMatch(
      /^commerce_session=\S+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
    );
    expect(browser.cookie()).not.toBe(before);
    expect(await (await browser.admin()).json()).toMatchObject({
      user: { id: userIdOf(person.person_id), first_name: 'Wren Castellan', email: person.email },
    });
    // The old id is nobody.
    const old = await fetch(`${shop.origin}/admin/users/me`, { headers: { cookie: before } });
    expect(old.status).toBe(401);

    expect(await openBrowser(shop).signIn(person.subject)).toBe('/app');
    expect(await count('from "user" where id = $1', [userIdOf(person.person_id)])).toBe(1);
    const { rows } = await shop.database.query('select app_metadata from auth_identity where id = $1', [
      authIdentityIdOf(person.person_id),
    ]);
    expect(rows).toEqual([
      {
        app_metadata: {
          customer_id: customerIdOf(person.person_id),
          user_id: userIdOf(person.person_id),
        },
      },
    ]);
  });

  test('an admin whom only the CMS knows yet gets in too', async () => {
    const { subject } = shop.cms.person({
      issuer: shop.issuer.url,
      subject: 'sandbox|new-admin',
      role: 'admin',
    });
    const browser = openBrowser(shop);
    expect(await browser.signIn(subject)).toBe('/app');
    expect((await browser.admin()).status).toBe(200);
  });

  test.each([
    ['client', 'active', 'role_not_allowed'],
    ['reader', 'active', 'role_not_allowed'],
    ['admin', 'suspended', 'account_suspended'],
  ] as const)('a %s who is %s is let nowhere, and told so once', async (role, status, problem) => {
    const subject = `sandbox|${role}-${status}`;
    const person = shop.cms.person({ issuer: shop.issuer.url, subject, role, status });
    const browser = openBrowser(shop);
    expect(await browser.signIn(subject)).toBe('/app/login');
    expect((await browser.admin()).status).toBe(401);
    expect(await problemShown(browser)).toEqual({ problem, signed_out: false });
    expect(await problemShown(browser)).toEqual({ problem: null, signed_out: false });
    expect(await count('from "user" where id = $1', [userIdOf(person.person_id)])).toBe(0);
    // They may go on as somebody else.
    const leave = await browser.go('/auth/staff/sign-out');
    expect(leave.headers.get('location')).toContain(`${shop.issuer.url}/end?`);
  });

  test('lose their session at once when they are no admin, or suspended, any more', async () => {
    for (const change of [{ role: 'client' }, { status: 'suspended' }] as const) {
      const person = await makeAdmin(`sandbox|falling-${Object.keys(change)}`);
      const browser = openBrowser(shop);
      await browser.signIn(person.subject);
      expect((await browser.admin()).status).toBe(200);
      const sessions = () =>
        count(`from http_session where sess #>> '{auth_context,actor_id}' = $1`, [
          userIdOf(person.person_id),
        ]);
      expect(await sessions()).toBe(1);
      expect((await shop.tell(shop.cms.person({ ...person, ...change }))).status).toBe(204);
      expect(await sessions()).toBe(0);
      expect((await browser.admin()).status).toBe(401);
      // And when they are one again, the old session is still gone.
      await shop.tell(shop.cms.person({ ...person }));
      expect((await browser.admin()).status).toBe(401);
    }
  });

  test('a session that is left over opens nothing, since the directory is asked each time', async () => {
    const person = await makeAdmin('sandbox|left-over');
    const browser = openBrowser(shop);
    await browser.signIn(person.subject);
    await shop.database.query(`update commerce_person set role = 'client' where person_id = $1`, [
      person.person_id,
    ]);
    expect((await browser.admin()).status).toBe(401);
    await shop.database.query(`update commerce_person set role = 'admin' where person_id = $1`, [
      person.person_id,
    ]);
    expect((await browser.admin()).status).toBe(401);
  });

  test.each([
    ['another nonce', { nonce: 'another' }],
    ['another audience', { aud: 'soulseer-site' }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['an end in the past', { exp: seconds(-600), iat: seconds(-1200) }],
  ])('an ID token with %s lets nobody in', async (_name, wrong) => {
    const browser = openBrowser(shop);
    expect(await browser.signIn('sandbox|admin', wrong)).toBe('/app/login');
    expect((await browser.admin()).status).toBe(401);
    expect(await problemShown(browser)).toMatchObject({ problem: 'sign_in_over' });
  });

  test('a callback without a sign-in, with another state, or a second time lets nobody in', async () => {
    shop.issuer.setVisitor({ sub: 'sandbox|admin' });
    const victim = openBrowser(shop);
    expect((await victim.go('/auth/staff/callback?code=x&state=y')).headers.get('location')).toBe(
      '/app/login',
    );
    // A sign-in begun elsewhere is not to be finished here: that would sign somebody in as somebody else.
    const attacker = openBrowser(shop);
    const asked = await attacker.go('/auth/staff/sign-in');
    const back = (await attacker.go(asked.headers.get('location') ?? '')).headers.get('location') ?? '';
    await victim.go('/auth/staff/sign-in');
    expect((await victim.go(back)).headers.get('location')).toBe('/app/login');
    expect((await victim.admin()).status).toBe(401);
    expect((await attacker.go(back)).headers.get('location')).toBe('/app');
    const again = openBrowser(shop);
    expect((await again.go(back)).headers.get('location')).toBe('/app/login');
    expect((await again.admin()).status).toBe(401);
  });

  test('are told when the issuer or the CMS is away', async () => {
    const browser = openBrowser(shop);
    shop.cms.setAway(true);
    expect(await browser.signIn(`sandbox|${randomUUID()}`)).toBe('/app/login');
    shop.cms.setAway(false);
    expect(await problemShown(browser)).toMatchObject({ problem: 'identity_unavailable' });
  });

  test('sign out here and at the issuer, and nobody else signs them out', async () => {
    const person = await makeAdmin('sandbox|leaving');
    const browser = openBrowser(shop);
    await browser.signIn(person.subject);
    // A link from elsewhere does nothing.
    expect((await browser.go('/auth/staff/sign-out')).headers.get('location')).toBe('/app/login');
    expect((await browser.admin()).status).toBe(200);

    const own = { origin: shop.origin };
    const signedIn = browser.cookie();
    expect((await browser.go('/auth/session', { method: 'DELETE', headers: own })).status).toBe(200);
    const old = await fetch(`${shop.origin}/admin/users/me`, { headers: { cookie: signedIn } });
    expect(old.status).toBe(401);
    expect((await browser.admin()).status).toBe(401);
    expect(await problemShown(browser)).toEqual({ problem: null, signed_out: true });
    const leave = new URL((await browser.go('/auth/staff/sign-out')).headers.get('location') ?? '');
    expect(leave.pathname).toBe('/end');
    expect(leave.searchParams.get('post_logout_redirect_uri')).toBe(`${shop.origin}/app/login`);
    expect(leave.searchParams.get('id_token_hint')).toMatch(/^ey/);
    expect(await problemShown(browser)).toEqual({ problem: null, signed_out: false });
  });

  test('are still signed in after a restart', async () => {
    const person = await makeAdmin('sandbox|staying');
    const browser = openBrowser(shop);
    await browser.signIn(person.subject);
    const ended = await server.stop();
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    const written = ended.stdout;
    for (const secret of [browser.cookie().split('=')[1] ?? '', 'eyJ'])
      expect(written.includes(decodeURIComponent(secret))).toBe(false);
    server = await shop.start();
    expect((await browser.admin()).status).toBe(200);
  });
});

describe('O3 protection', () => {
  test('a state-changing request with the admin’s cookie has to come from its pages', async () => {
    const person = shop.cms.person({ issuer: shop.issuer.url, subject: 'sandbox|csrf', role: 'admin' });
    await shop.tell(person);
    const browser = openBrowser(shop);
    await browser.signIn(person.subject);
    const post = (headers: Record<string, string>, path = '/admin/product-tags') =>
      browser.go(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ value: `tag-${randomUUID()}` }),
      });
    for (const headers of [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: shop.environment.SITE_URL ?? '' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: shop.origin, 'sec-fetch-site': 'cross-site' },
    ]) {
      const answer = await post(headers as Record<string, string>);
      expect([answer.status, await problemCode(answer)], JSON.stringify(headers)).toEqual([
        403,
        'foreign_origin',
      ]);
    }
    const signOut = await browser.go('/auth/session', { method: 'DELETE' });
    expect(signOut.status).toBe(403);
    expect((await post({ origin: shop.origin })).status).toBe(200);
    expect((await post({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  test('a browser elsewhere calls nothing that changes, also without a cookie', async () => {
    const answer = await exchange(await shop.issuer.token({ sub: 'sandbox|first' }), shop.origin, {
      origin: 'https://evil.example',
    });
    expect([answer.status, await problemCode(answer)]).toEqual([403, 'foreign_origin']);
  });

  test('every answer says what browsers may do with it, the admin’s page what it may load', async () => {
    const headers = {
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    };
    for (const path of ['/app', '/app/products', '/store/products', '/nothing', '/health', '/auth/staff']) {
      const answer = await fetch(`${shop.origin}${path}`);
      expect(Object.fromEntries(answer.headers), path).toMatchObject(headers);
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy, path).toContain("frame-ancestors 'none'");
      expect(policy, path).not.toMatch(/script-src[^;]*unsafe/);
      expect(policy.includes("script-src 'self'"), path).toBe(path.startsWith('/app'));
      // Plain http on this machine.
      expect(answer.headers.has('strict-transport-security')).toBe(false);
      expect(answer.headers.has('x-powered-by')).toBe(false);
    }
  });

  test('an account gets so many tokens a minute, over all nodes', async () => {
    const token = await shop.issuer.token({ sub: 'sandbox|greedy' });
    expect((await exchange(token)).status).toBe(200);
    // As if another node had given the rest.
    await shop.database.query(`update commerce_limit set count = 120 where key like '%sandbox|greedy%'`);
    const answer = await exchange(token);
    expect([answer.status, await problemCode(answer)]).toEqual([429, 'too_many_requests']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await exchange(await shop.issuer.token({ sub: 'sandbox|first' }))).status).toBe(200);
    await shop.database.query(
      `update commerce_limit set ends_at = now() - interval '1 s' where key like '%sandbox|greedy%'`,
    );
    expect((await exchange(token)).status).toBe(200);
  });

  test('an address starts so many sign-ins, and can’t pass for another through no proxy of ours', async () => {
    const from = (address: string) =>
      fetch(`${shop.origin}/auth/staff/sign-in`, {
        redirect: 'manual',
        headers: { 'x-forwarded-for': address },
      });
    // Through a proxy on this machine, so the address that it names counts, and what was before that does not.
    expect((await from('203.0.113.7')).status).toBe(303);
    await shop.database.query(`update commerce_limit set count = 60 where key = 'staff sign-in 203.0.113.7'`);
    expect((await from('203.0.113.7')).status).toBe(429);
    expect((await from('198.51.100.1, 203.0.113.7')).status).toBe(429);
    expect((await from('203.0.113.8')).status).toBe(303);
  });
});

function seconds(fromNow: number): number {
  return Math.floor(Date.now() / 1000) + fromNow;
}
