import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { browse, cookiesOf, json } from './support/browsing.ts';
import { Browser, type Issuer, startIssuer } from './support/issuer.ts';
import { startSeededCms } from './support/seeded.ts';

let issuer: Issuer;
let cms: Awaited<ReturnType<typeof startSeededCms>>;
let web: ReturnType<typeof browse>;
beforeAll(async () => {
  issuer = await startIssuer();
  cms = await startSeededCms({ OIDC_ISSUER: issuer.url });
  web = browse(cms, issuer);
});
afterAll(async () => {
  await cms?.close();
  await issuer?.close();
});

const me = async (headers: Record<string, string>) =>
  ((await web.call('/people/me', { headers })).body.user?.email ?? null) as string | null;
const personId = (email: string) => cms.idOf('people', email, 'email');
const rows = async (sql: string) => (await cms.payload.db.pool.query(sql)).rows;

// First, while nothing is known of the issuer yet.
test('A2: without the issuer nobody can sign in, and is told so; with it they can', async () => {
  const { access } = await issuer.tokens('reader@soulseer.test');
  await issuer.stop();
  expect((await web.raw('/api/auth/sign-in')).headers.get('location')).toMatch(/refused=unavailable$/);
  const asked = () => web.call('/people/me', { headers: { authorization: `Bearer ${access}` } });
  const { status, body } = await asked();
  expect([status, body.code]).toEqual([503, 'identity_unavailable']);
  await issuer.start();
  const { response } = await web.signIn('reader@soulseer.test');
  expect(response.headers.get('location')).toBe('http://cms.test/admin');
  await expect.poll(async () => (await asked()).status).toBe(200);
});

describe('A2: signing in to the admin', () => {
  test('leads to the issuer with PKCE, state and nonce, and comes back signed in', async () => {
    const begun = await web.raw('/api/auth/sign-in');
    const asked = new URL(begun.headers.get('location') ?? '');
    expect(begun.status).toBe(303);
    expect(asked.origin).toBe(issuer.url);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      client_id: 'soulseer-cms',
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: 'http://cms.test/api/auth/callback',
      state: expect.stringMatching(/.{20,}/),
      nonce: expect.stringMatching(/.{20,}/),
    });
    const { response, cookie } = await web.signIn('reader@soulseer.test');
    expect([response.status, response.headers.get('location')]).toEqual([303, 'http://cms.test/admin']);
    const [set] = response.headers.getSetCookie().filter((one) => one.startsWith('soulseer-cms='));
    expect(set).toMatch(/; HttpOnly; SameSite=Lax$/);
    expect(set).not.toContain('Secure'); // plain http, here only
    expect(await me({ cookie })).toBe('reader@soulseer.test');
  });

  test('no cookie holds a token, and the database no secret of a cookie', async () => {
    const { cookie } = await web.signIn('reader@soulseer.test');
    expect(cookie).not.toMatch(/eyJ/);
    const secret = cookie.split('=')[1] as string;
    expect(JSON.stringify(await rows('select * from admin_sessions'))).not.toContain(secret);
  });

  test('gives a new id each time, and ends the session that was there', async () => {
    const first = await web.signIn('reader@soulseer.test');
    const again = await web.raw('/api/auth/sign-in');
    const jar = cookiesOf(again, first.cookie);
    const back = await issuer.choose(again.headers.get('location') ?? '', 'reader@soulseer.test');
    const second = cookiesOf(
      await web.raw(back.slice('http://cms.test'.length), { headers: { cookie: jar } }),
      jar,
    );
    expect(second).not.toBe(first.cookie);
    expect([await me({ cookie: first.cookie }), await me({ cookie: second })]).toEqual([
      null,
      'reader@soulseer.test',
    ]);
  });

  test.each([
    ['/admin/collections/readers?limit=5', 'http://cms.test/admin/collections/readers?limit=5'],
    ['https://evil.test/', 'http://cms.test/admin'],
    ['//evil.test/admin', 'http://cms.test/admin'],
    ['/admin/../../evil', 'http://cms.test/admin'],
    ['/admin\\@evil.test', 'http://cms.test/admin'],
    ['/admin@evil.test', 'http://cms.test/admin'],
  ])('leads from %s to %s', async (returnTo, place) => {
    const { response } = await web.signIn('reader@soulseer.test', { returnTo });
    expect(response.headers.get('location')).toBe(place);
  });

  test.each([
    ['client@soulseer.test', 'clients'],
    ['suspended@soulseer.test', 'suspended'],
  ])('A4: %s is led to a page that says why not', async (email, refused) => {
    const { response, cookie } = await web.signIn(email);
    expect(response.headers.get('location')).toBe(`http://cms.test/admin/login?refused=${refused}`);
    expect(cookie).toBe('');
  });

  test('what comes back is good once, in the browser that set out, with its own state', async () => {
    const place = (response: Response) => response.headers.get('location');
    const { back, attempt } = await web.signIn('reader@soulseer.test');
    const path = back.slice('http://cms.test'.length);
    expect(place(await web.raw(path, { headers: { cookie: attempt } }))).toMatch(/refused=expired$/);
    expect(place(await web.raw(path))).toMatch(/refused=expired$/);
    const stranger = cookiesOf(await web.raw('/api/auth/sign-in'));
    expect(place(await web.raw(path, { headers: { cookie: stranger } }))).toMatch(/refused=failed$/);
    const declined = cookiesOf(await web.raw('/api/auth/sign-in'));
    expect(
      place(await web.raw('/api/auth/callback?error=access_denied', { headers: { cookie: declined } })),
    ).toMatch(/refused=(failed|declined)$/);
  });
});

describe('A1: a session ends', () => {
  test('at once when the person is suspended or loses the role, and doesn’t come back with it', async () => {
    for (const change of [{ status: 'suspended' }, { role: 'client' }] as const) {
      const { cookie } = await web.signIn('reader2@soulseer.test');
      const id = await personId('reader2@soulseer.test');
      expect(await me({ cookie })).toBe('reader2@soulseer.test');
      await cms.payload.update({ collection: 'people', id, data: change });
      expect(await me({ cookie })).toBeNull();
      await cms.payload.update({ collection: 'people', id, data: { status: 'active', role: 'reader' } });
      expect(await me({ cookie })).toBeNull();
    }
  });

  test('with an access token likewise', async () => {
    const { access } = await issuer.tokens('reader2@soulseer.test');
    const headers = { authorization: `Bearer ${access}` };
    expect((await web.call('/people', { headers })).status).toBe(200);
    const id = await personId('reader2@soulseer.test');
    await cms.payload.update({ collection: 'people', id, data: { status: 'suspended' } });
    const profile = await cms.idOf('readers', 'remi-moon');
    for (const [path, init] of [
      ['/people', { headers }],
      [`/readers/${profile}`, json({ headline: 'Still me' }, headers, 'PATCH')],
    ] as const) {
      const { status, body } = await web.call(path, init);
      expect([status, body.code]).toEqual([403, 'account_suspended']);
    }
    await cms.payload.update({ collection: 'people', id, data: { status: 'active' } });
  });

  test('by signing out, here and at the issuer', async () => {
    const browser = new Browser();
    const { cookie } = await web.signIn('reader@soulseer.test', { browser });
    const left = await web.raw('/api/auth/sign-out', {
      method: 'POST',
      headers: { cookie, origin: 'http://cms.test' },
    });
    const there = new URL(left.headers.get('location') ?? '');
    expect([there.origin, there.searchParams.get('post_logout_redirect_uri')]).toEqual([
      issuer.url,
      'http://cms.test/admin/login',
    ]);
    expect(cookiesOf(left, cookie)).toBe('');
    expect(await me({ cookie })).toBeNull();
  });

  test('when its time is over; work in the admin puts that off', async () => {
    const { cookie } = await web.signIn('reader@soulseer.test');
    const headers = { cookie, origin: 'http://cms.test' };
    await cms.payload.db.pool.query(`update admin_sessions set expires_at = now() + interval '1 minute'`);
    const before = (await web.call('/people/me', { headers })).body.exp as number;
    const after = (await web.call('/people/refresh-token', { method: 'POST', headers })).body.exp as number;
    expect(after - before).toBeGreaterThan(3_600);
    await cms.payload.db.pool.query(`update admin_sessions set expires_at = now() - interval '1 s'`);
    expect(await me({ cookie })).toBeNull();
    expect((await web.call('/people/refresh-token', { method: 'POST', headers })).status).toBe(403);
  });
});

describe('A2: an access token', () => {
  const asked = async (token: string) => {
    const { status, body } = await web.call('/people/me', { headers: { authorization: `Bearer ${token}` } });
    return [status, body.code ?? body.user?.email];
  };
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test('of the issuer is its person, made when new', async () => {
    const { access } = await issuer.tokens('reader@soulseer.test');
    expect(await asked(access)).toEqual([200, 'reader@soulseer.test']);
  });

  test('that is not good is refused, whatever is wrong with it', async () => {
    const { access, id } = await issuer.tokens('admin@soulseer.test');
    const [head, claims] = access
      .split('.')
      .slice(0, 2)
      .map((one) => JSON.parse(Buffer.from(one, 'base64url').toString())) as [
      Record<string, unknown>,
      Record<string, unknown>,
    ];
    const signature = access.split('.')[2];
    const { keys } = (await (await fetch(`${issuer.url}/jwks`)).json()) as {
      keys: Record<string, unknown>[];
    };
    const publicKey = new TextEncoder().encode(JSON.stringify(keys[0]));
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: String(head.kid) })
      .sign(publicKey);
    const cases: [string, string][] = [
      ['not.a.token', 'token_malformed'],
      [access.slice(0, -20), 'token_signature'],
      [`${part({ ...head, alg: 'none' })}.${part(claims)}.`, 'token_'],
      [forged, 'token_algorithm'],
      [`${part({ ...head, kid: 'other' })}.${part(claims)}.${signature}`, 'token_unknown_key'],
      [`${part({ ...head, jku: 'http://evil.test/jwks' })}.${part(claims)}.${signature}`, 'token_signature'],
      [
        `${part(head)}.${part({ ...claims, sub: 'sandbox|other', role: 'admin' })}.${signature}`,
        'token_signature',
      ],
      [`${part(head)}.${part({ ...claims, exp: 9_999_999_999 })}.${signature}`, 'token_signature'],
      [id, 'token_'],
    ];
    for (const [token, code] of cases) {
      const [status, given] = await asked(token);
      expect([status, String(given).startsWith(code)], `${given} for ${code}`).toEqual([401, true]);
    }
  });
});

describe('O3: a cookie', () => {
  test('counts for our own pages only', async () => {
    const { cookie } = await web.signIn('admin@soulseer.test');
    expect(await me({ cookie, origin: 'http://cms.test' })).toBe('admin@soulseer.test');
    expect(await me({ cookie, origin: 'http://evil.test' })).toBeNull();
    expect(await me({ cookie, origin: 'http://site.test' })).toBeNull();
    expect(await me({ cookie, 'next-action': 'x' })).toBeNull();
  });

  test.each([
    ['a foreign Origin', { origin: 'http://evil.test' }],
    ['the site’s Origin', { origin: 'http://site.test' }],
    ['no Origin', {}],
    ['the Origin null', { origin: 'null' }],
    ['another site’s page', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour’s page', { 'sec-fetch-site': 'same-site' }],
  ])('changes nothing with %s', async (_, headers) => {
    const { cookie } = await web.signIn('admin@soulseer.test');
    for (const method of ['POST', 'PATCH', 'DELETE', 'PUT']) {
      const { status, body } = await web.call(
        '/specialities/1',
        json({ name: 'Changed' }, { cookie, ...headers } as Record<string, string>, method),
      );
      expect([method, status, body.code]).toEqual([method, 403, 'foreign_origin']);
    }
    expect(await me({ cookie, origin: 'http://cms.test' })).toBe('admin@soulseer.test');
  });
});

test('O3: who sets out to sign in too often has to wait, wherever their requests are answered', async () => {
  const headers = { 'x-soulseer-address': '203.0.113.9' };
  const places = [];
  for (let n = 0; n < 62; n += 1)
    places.push((await web.raw('/api/auth/sign-in', { headers })).headers.get('location'));
  expect(places.at(0)).toContain(issuer.url);
  expect(places.at(-1)).toBe('http://cms.test/admin/login?refused=too_many');
  const other = await web.raw('/api/auth/sign-in', { headers: { 'x-soulseer-address': '203.0.113.10' } });
  expect(other.headers.get('location')).toContain(issuer.url);
});

test('R3: sign-ins, refusals and acts of staff wait for the audit log', async () => {
  const { cookie } = await web.signIn('admin@soulseer.test');
  const id = await personId('client@soulseer.test');
  const headers = { cookie, origin: 'http://cms.test' };
  await web.call(`/people/${id}`, json({ status: 'suspended' }, headers, 'PATCH'));
  await web.call(`/people/${id}`, json({ status: 'active' }, headers, 'PATCH'));
  const told = await vi.waitFor(async () => {
    const found = await rows(`select payload from outbox where kind = 'audit'`);
    expect(found.length).toBeGreaterThan(3);
    return found.map(({ payload }) => payload);
  });
  const acts = told.map(({ action, outcome }) => `${action} ${outcome}`);
  expect(acts).toEqual(
    expect.arrayContaining(['cms.sign_in done', 'cms.sign_in refused', 'people.update done']),
  );
  expect(told).toContainEqual(
    expect.objectContaining({
      action: 'people.update',
      details: { status: { from: 'active', to: 'suspended' } },
      subject: expect.stringMatching(/^person:[0-9a-f-]{36}$/),
    }),
  );
  expect(JSON.stringify(told)).not.toMatch(/eyJ|soulseer-cms=/);
});
