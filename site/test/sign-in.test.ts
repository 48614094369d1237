import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emailOf, nameOf, type Platform, personIdOf, startPlatform } from './helpers/platform.ts';
import { Visitor } from './helpers/visitor.ts';

/** Starting the site anew takes as long as the machine is busy. */
const restarts = { timeout: 90_000 };

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.[Symbol.asyncDispose]());

const sessionsOf = (email: string) =>
  platform.database.query<{ payload: Buffer | null }>('SELECT payload FROM sessions WHERE person_id = $1', [
    personIdOf(email),
  ]);
const told = (path: RegExp, matching: Record<string, unknown>) =>
  expect
    .poll(() => platform.accepted.filter((call) => path.test(call.path)).map(({ body }) => body))
    .toContainEqual(expect.objectContaining(matching));

describe('signing in (A2)', () => {
  it('leads by way of the issuer back to where somebody wanted to go', async () => {
    const { visitor, seen } = await platform.signIn('client', new Visitor(), '/readers?sort=name');
    expect(seen).toMatchObject({ status: 200, url: `${platform.url}/readers?sort=name` });
    expect(seen.headers.get('cache-control')).toBe('private, no-store');
    expect([...visitor.jar(platform.url)]).toEqual([['soulseer', expect.stringMatching(/^[\w-]{43}$/)]]);
    expect(await sessionsOf(emailOf('client'))).toHaveLength(1);
    await told(/^\/service\/audit\//, { action: 'sign_in', actor_person_id: personIdOf(emailOf('client')) });
  });

  it.each([
    ['client', '/dashboard', 'Welcome, Demo'],
    ['reader', '/dashboard', 'Your page'],
    ['admin', '/admin/dashboard', 'Readers to verify'],
  ] as const)('A5: leads %s to their own dashboard', async (persona, path, words) => {
    const { seen } = await platform.signIn(persona);
    expect(seen).toMatchObject({ status: 200, url: `${platform.url}${path}` });
    expect(seen.html).toContain(words);
    expect(seen.html).toContain(nameOf(persona));
  });

  it('asks for our audience, a code with PKCE, state and nonce, never the same', async () => {
    const ask = async () => {
      const seen = await new Visitor().ask(`${platform.url}/auth/sign-in`);
      expect(seen.status).toBe(303);
      return new URL(seen.headers.get('location') ?? '').searchParams;
    };
    const [one, other] = [await ask(), await ask()];
    expect(Object.fromEntries(one)).toMatchObject({
      response_type: 'code',
      audience: 'https://api.soulseer.test',
      scope: 'openid profile email offline_access',
      code_challenge_method: 'S256',
      redirect_uri: `${platform.url}/auth/callback`,
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(one.get(name)).not.toBe(other.get(name));
  });

  it.each([
    'https://elsewhere.test/',
    '//elsewhere.test',
    '/\\elsewhere.test',
    '/\t/elsewhere.test',
    '/.//elsewhere.test',
    'javascript:alert(1)',
    '/auth/sign-out',
    `/${'x'.repeat(601)}`,
  ])('never leads back to %s', async (returnTo) => {
    const { seen } = await platform.signIn('client', new Visitor(), returnTo);
    expect(seen.url).toBe(`${platform.url}/dashboard`);
  });

  it('works in several tabs at once', async () => {
    const visitor = new Visitor();
    const first = await visitor.ask(`${platform.url}/auth/sign-in?return_to=/readers`);
    const second = await visitor.open(`${platform.url}/auth/sign-in?return_to=/articles`);
    const back = [
      await visitor.submit(second, '/sign-in', { email: emailOf('client2'), password: 'soulseer' }),
      await visitor.open(first.headers.get('location') ?? ''),
    ];
    expect(back.map(({ url }) => url)).toEqual([`${platform.url}/articles`, `${platform.url}/readers`]);
    // The later one took the place of the earlier.
    expect(await sessionsOf(emailOf('client2'))).toHaveLength(1);
  });

  it('gives a new id each time, and ends the one before', async () => {
    const { visitor } = await platform.signIn('client');
    const before = visitor.jar(platform.url).get('soulseer') ?? '';
    await platform.signIn('client', visitor);
    expect(visitor.jar(platform.url).get('soulseer')).not.toBe(before);
    const old = new Visitor();
    old.jar(platform.url).set('soulseer', before);
    expect((await old.ask(`${platform.url}/dashboard`)).status).toBe(303);
  });

  it('is refused when the answer belongs to another browser, is used twice, or is made up', async () => {
    const visitor = new Visitor();
    const page = await visitor.open(`${platform.url}/auth/sign-in`);
    await visitor.submit(page, '/sign-in', { email: emailOf('client'), password: 'soulseer' });
    const callback =
      visitor.answers.map(({ url }) => url).find((url) => url.includes('/auth/callback')) ?? '';
    const stranger = new Visitor();
    expect(await stranger.ask(callback)).toMatchObject({ status: 400 });
    expect(stranger.jar(platform.url).size).toBe(0);
    // In the browser itself, as by its back button, it only leads on.
    expect((await visitor.ask(callback)).headers.get('location')).toBe('/dashboard');
    const other = new Visitor();
    await other.ask(`${platform.url}/auth/sign-in`);
    const made = await other.ask(`${platform.url}/auth/callback?code=x&state=y`);
    expect(made).toMatchObject({ status: 400 });
    expect(made.html).toContain('That sign-in can’t be finished here');
  });

  it('is refused with a code that is not the issuer’s, and says so', async () => {
    const visitor = new Visitor();
    const asked = await visitor.ask(`${platform.url}/auth/sign-in`);
    const state = new URL(asked.headers.get('location') ?? '').searchParams.get('state');
    const iss = encodeURIComponent(platform.issuer.url);
    const seen = await visitor.ask(`${platform.url}/auth/callback?code=made-up&state=${state}&iss=${iss}`);
    expect(seen).toMatchObject({ status: 403 });
    expect(visitor.jar(platform.url).has('soulseer')).toBe(false);
  });

  it('A1: is not possible for somebody who is suspended, who is told so', async () => {
    const { visitor, seen } = await platform.signIn('suspended');
    expect(seen.status).toBe(403);
    expect(seen.html).toContain('Your account is suspended');
    expect(visitor.jar(platform.url).has('soulseer')).toBe(false);
    expect(await sessionsOf(emailOf('suspended'))).toHaveLength(0);
  });

  it('says so when the CMS or the issuer isn’t there, and works again later', async () => {
    platform.answers.people = 503;
    const failed = await platform.signIn('reader2');
    expect(failed.seen.status).toBe(503);
    expect(failed.seen.html).toContain('Signing in isn’t possible just now');
    delete platform.answers.people;
    expect((await platform.signIn('reader2')).seen.status).toBe(200);
  });

  it('survives a restart, and kill -9 (A2)', restarts, async () => {
    const { visitor } = await platform.signIn('client');
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await platform.restart(signal);
      expect((await visitor.open(`${platform.url}/dashboard`)).html).toContain(nameOf('client'));
    }
  });
});

describe('signing out (A2)', () => {
  it('ends the session here, at the issuer and at realtime, and comes back home', async () => {
    const { visitor, seen } = await platform.signIn('client');
    const id = visitor.jar(platform.url).get('soulseer') ?? '';
    const page = await visitor.submit(seen, '/auth/sign-out');
    const home = await visitor.submit(page, '/session/end/confirm', { logout: 'yes' });
    expect(home.url).toBe(`${platform.url}/`);
    expect(visitor.jar(platform.url).has('soulseer')).toBe(false);
    visitor.jar(platform.url).set('soulseer', id);
    expect((await visitor.ask(`${platform.url}/dashboard`)).status).toBe(303);
    await told(/^\/service\/sign-outs\/[0-9a-f-]{36}$/, { person_id: personIdOf(emailOf('client')) });
    // The issuer asks who it is again.
    visitor.jar(platform.url).delete('soulseer');
    expect((await visitor.open(`${platform.url}/auth/sign-in`)).html).toContain('Sign in to SoulSeer');
  });

  it('is heard by realtime later when it isn’t there', async () => {
    platform.answers.outbox = 503;
    const { visitor, seen } = await platform.signIn('client2');
    await visitor.submit(seen, '/auth/sign-out');
    const person_id = personIdOf(emailOf('client2'));
    const heard = () =>
      platform.accepted.some(({ path, body }) => /sign-outs/.test(path) && body.person_id === person_id);
    expect(heard()).toBe(false);
    delete platform.answers.outbox;
    await expect.poll(heard, { timeout: 15_000 }).toBe(true);
    await expect.poll(() => platform.database.query('SELECT 1 FROM outbox'), { timeout: 15_000 }).toEqual([]);
  });

  it('leads through Auth0’s own address where the issuer names none', restarts, async () => {
    platform.issuer.discovery = ({ end_session_endpoint: _, ...rest }) => rest;
    await platform.restart('SIGTERM');
    const { visitor } = await platform.signIn('client');
    const out = await visitor.ask(`${platform.url}/auth/sign-out`, { method: 'POST' });
    const back = encodeURIComponent(`${platform.url}/`);
    expect(out.headers.get('location')).toBe(
      `${platform.issuer.url}/v2/logout?client_id=soulseer-site&returnTo=${back}`,
    );
    platform.issuer.discovery = (document) => document;
    await platform.restart('SIGTERM');
  });
});

describe('what the site keeps and shows', () => {
  it('has no token in any answer, no id in the database, and no secret in the log or the audit', async () => {
    const { visitor, seen } = await platform.signIn('client');
    for (const path of [
      '/',
      '/dashboard',
      '/become-a-reader',
      '/api/wallet',
      '/api/me',
      '/status',
      '/nowhere',
    ])
      await visitor.ask(`${platform.url}${path}`);
    await visitor.submit(seen, '/auth/sign-out').catch(() => {});
    const own = visitor.answers.filter(({ url }) => url.startsWith(platform.url));
    const id = visitor.jar(platform.url).get('soulseer');
    // The one place where something of the kind goes is the address at the issuer that ends the session there.
    for (const { url, text } of own) {
      if (!url.endsWith('/auth/sign-out'))
        expect(text, url).not.toMatch(/eyJ[\w-]{10}|access_token|refresh_token/);
      expect(text, url).not.toContain(platform.environment.OIDC_CLIENT_SECRET);
    }
    const dump = JSON.stringify(await platform.database.query('SELECT id_hash, payload::text FROM sessions'));
    expect(dump).not.toMatch(/eyJ/);
    if (id) expect(dump).not.toContain(id);
    expect(JSON.stringify([platform.site.log, platform.accepted])).not.toMatch(/eyJ[\w-]{10}/);
  });

  it(
    'takes another secret beside the one before, and ends what only a secret that is gone could open',
    restarts,
    async () => {
      const { visitor } = await platform.signIn('client');
      const wallet = async () =>
        JSON.parse((await visitor.ask(`${platform.url}/api/wallet`)).html) as unknown;
      const old = platform.environment.SESSION_SECRET ?? '';
      platform.environment.SESSION_SECRET = `another-session-secret-of-the-tests-01234567,${old}`;
      await platform.restart('SIGTERM');
      expect(await wallet()).toMatchObject({ balance_cents: 2_450 });
      platform.environment.SESSION_SECRET = 'another-session-secret-of-the-tests-01234567';
      await platform.restart('SIGTERM');
      expect(await wallet()).toMatchObject({ code: 'not_signed_in' });
      platform.environment.SESSION_SECRET = old;
      await platform.restart('SIGTERM');
    },
  );

  it('ends a session that is idle or too old', async () => {
    for (const column of [`seen_at = now() - interval '8 days'`, `expires_at = now() - interval '1 s'`]) {
      const { visitor } = await platform.signIn('client');
      await platform.database.query(`UPDATE sessions SET ${column}`);
      expect((await visitor.ask(`${platform.url}/dashboard`)).status).toBe(303);
    }
  });
});

describe('the directory (A1)', () => {
  const person = (version: number, change: object = {}) => ({
    ...platform.people.get(emailOf('client')),
    version,
    ...change,
  });
  const path = () => `/service/directory/people/${personIdOf(emailOf('client'))}`;

  it('ends the sessions of somebody who is suspended at once, and says why', async () => {
    const { visitor } = await platform.signIn('client');
    expect((await platform.tell(path(), person(5_000, { status: 'suspended' }))).status).toBe(204);
    const seen = await visitor.ask(`${platform.url}/dashboard`);
    expect(seen.status).toBe(403);
    expect(seen.html).toContain('Your account is suspended');
    expect(JSON.parse((await visitor.ask(`${platform.url}/api/wallet`)).html)).toMatchObject({
      code: 'account_suspended',
    });
    expect((await sessionsOf(emailOf('client'))).filter(({ payload }) => payload !== null)).toEqual([]);
    // An older word changes nothing, neither by the directory nor by a sign-in.
    expect((await platform.tell(path(), person(4_999))).status).toBe(204);
    expect((await platform.signIn('client')).seen.status).toBe(403);
    await platform.tell(path(), person(5_001));
    expect((await platform.signIn('client')).seen.status).toBe(200);
  });

  it('changes a role at once', async () => {
    const { visitor } = await platform.signIn('client');
    await platform.tell(path(), person(5_002, { role: 'admin' }));
    expect((await visitor.open(`${platform.url}/dashboard`)).url).toBe(`${platform.url}/admin/dashboard`);
    await platform.tell(path(), person(5_003));
    expect((await visitor.ask(`${platform.url}/admin/dashboard`)).status).toBe(403);
  });

  it('makes what was read of the CMS be read anew when a reader changes', async () => {
    await new Visitor().ask(`${platform.url}/articles`);
    const before = platform.cms.requests.filter(({ url }) => url.startsWith('/api/articles')).length;
    const reader = {
      reader_id: '7',
      version: 1,
      person_id: personIdOf(emailOf('reader')),
      slug: 'amara-okafor',
      name: 'Amara',
      published: true,
      time_zone: 'Europe/London',
      rates: { video_cents: 399, voice_cents: null, chat_cents: null },
    };
    expect((await platform.tell('/service/directory/readers/7', reader)).status).toBe(204);
    await expect
      .poll(async () => {
        await new Visitor().ask(`${platform.url}/articles`);
        return platform.cms.requests.filter(({ url }) => url.startsWith('/api/articles')).length;
      })
      .toBeGreaterThan(before);
    const { seen } = await platform.signIn('reader');
    expect(seen.html).toContain('href="/readers/amara-okafor"');
  });

  it('takes nothing that is not signed by the CMS, or is about somebody else', async () => {
    const wrong = 'sandbox-key-of-somebody-else-0123456789-0123456789';
    const code = async (response: Response) => ((await response.json()) as { code: string }).code;
    expect(await code(await platform.tell(path(), person(9_000, { role: 'admin' }), wrong))).toBe(
      'signature_unknown_key',
    );
    const plain = { method: 'PUT', body: JSON.stringify(person(9_000)) };
    const form = await fetch(`${platform.url}${path()}`, plain);
    expect([form.status, await code(form)]).toEqual([415, 'not_json']);
    const headers = { 'content-type': 'application/json' };
    const bare = await fetch(`${platform.url}${path()}`, { ...plain, headers });
    expect([bare.status, await code(bare)]).toEqual([401, 'signature_missing']);
    const other = await platform.tell(`/service/directory/people/${personIdOf('other')}`, person(9_000));
    expect([other.status, await code(other)]).toEqual([400, 'invalid_request']);
    expect((await platform.tell(path(), { version: 'x' })).status).toBe(400);
    const [kept] = await platform.database.query<{ version: string }>(
      'SELECT version FROM people WHERE person_id = $1',
      [personIdOf(emailOf('client'))],
    );
    expect(Number(kept?.version)).toBe(5_003);
  });
});

describe('limits (O3)', () => {
  it('hold for one address over all, and say how long to wait', async () => {
    let seen = await new Visitor().ask(`${platform.url}/auth/sign-in`);
    for (let tries = 0; tries < 130 && seen.status !== 429; tries += 1)
      seen = await new Visitor().ask(`${platform.url}/auth/sign-in`);
    expect(seen.status).toBe(429);
    // Of the limit, and not the half minute that such a page says otherwise.
    expect(Number(seen.headers.get('retry-after'))).toBeGreaterThan(30);
    expect(seen.html).toContain('Wait a minute');
    // Another node counts on.
    await platform.restart('SIGTERM');
    expect((await new Visitor().ask(`${platform.url}/auth/sign-in`)).status).toBe(429);
  });
});
