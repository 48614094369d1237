import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type IdentityEnvironment, identityEnvironment } from '../src/environment.ts';
import { subjectOf } from '../src/identity/accounts.ts';
import { startIdentity } from '../src/identity/identity.ts';
import { createLog } from '../src/log.ts';
import { Browser, type Page } from './support/browser.ts';
import { createDatabase, query } from './support/database.ts';
import { freePort } from './support/ports.ts';

const AUDIENCE = 'https://api.soulseer.test';
const BACK = 'http://localhost:9/auth/callback';
const SIGNED_OUT = 'http://localhost:9/';
const log = createLog('identity', 'silent');

let folder: string;
let database: Awaited<ReturnType<typeof createDatabase>>;
let environment: IdentityEnvironment;
let service: Awaited<ReturnType<typeof startIdentity>>;
let config: client.Configuration;
let other: client.Configuration;

async function discover(clientId: string, secret: string): Promise<client.Configuration> {
  return client.discovery(
    new URL(environment.ISSUER),
    clientId,
    undefined,
    client.ClientSecretBasic(secret),
    {
      execute: [client.allowInsecureRequests],
    },
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soulseer-identity-'));
  const accountsFile = join(folder, 'world.json');
  await writeFile(
    accountsFile,
    JSON.stringify({
      people: [
        { email: 'client@soulseer.test', display_name: 'Casey <Client>', role: 'client', status: 'active' },
        { email: 'admin@soulseer.test', display_name: 'Ada Admin', role: 'admin', status: 'active' },
      ],
    }),
  );
  database = await createDatabase();
  const port = await freePort();
  environment = identityEnvironment.parse({
    SOULSEER_ENV: 'development',
    PORT: String(port),
    LOG_LEVEL: 'silent',
    ISSUER: `http://localhost:${port}`,
    DATABASE_URL: database.url,
    AUDIENCE,
    ACCOUNTS_FILE: accountsFile,
    DEMO_PASSWORD: 'soulseer',
    CLIENTS: JSON.stringify([
      {
        client_id: 'site',
        client_secret: 'sandbox-site',
        redirect_uris: [BACK],
        post_logout_redirect_uris: [SIGNED_OUT],
      },
      { client_id: 'other', client_secret: 'sandbox-other', redirect_uris: ['http://localhost:9/other'] },
    ]),
  });
  service = await startIdentity(environment, log);
  config = await discover('site', 'sandbox-site');
  other = await discover('other', 'sandbox-other');
});

afterAll(async () => {
  await service.stop();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

interface Request {
  url: string;
  verifier: string;
  state: string;
}

async function request(more: Record<string, string> = {}): Promise<Request> {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: BACK,
    scope: 'openid profile email offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    ...more,
  });
  return { url: url.href, verifier, state };
}

async function exchange(page: Page, { verifier, state }: Request) {
  return client.authorizationCodeGrant(config, new URL(page.url), {
    pkceCodeVerifier: verifier,
    expectedState: state,
    idTokenExpected: true,
  });
}

/** The whole way, by one click on a demo account. */
async function signIn(
  browser = new Browser(),
  email = 'client@soulseer.test',
  more: Record<string, string> = {},
) {
  const asked = await request(more);
  const page = await browser.open(asked.url, {}, BACK);
  const back = page.url.startsWith(BACK) ? page : await choose(browser, page, email);
  return exchange(back, asked);
}

async function choose(browser: Browser, page: Page, email: string): Promise<Page> {
  const uid = new URL(page.url).pathname;
  const body = new URLSearchParams({ email });
  return browser.open(`${environment.ISSUER}${uid}/choose`, { method: 'POST', body }, BACK);
}

async function verify(accessToken: string) {
  const keys = createRemoteJWKSet(new URL(`${environment.ISSUER}/jwks`));
  return jwtVerify(accessToken, keys, {
    issuer: environment.ISSUER,
    audience: AUDIENCE,
    algorithms: ['RS256'],
  });
}

const refused = (error: string) => expect.objectContaining({ error });

describe('signing in', () => {
  it('shows a page that says what it is, lists the demo accounts safely and allows no script', async () => {
    const page = await new Browser().open((await request()).url);
    expect(page.status).toBe(200);
    expect(page.html).toContain('This is the sandbox’s sign-in');
    expect(page.html).toContain('Casey &#60;Client&#62;');
    expect(page.html).toContain('admin@soulseer.test');
    expect(page.html).not.toContain('<script');
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' http://localhost:9;");
    expect(policy).not.toContain('unsafe');
    const css = await fetch(`${environment.ISSUER}/sign-in.css`);
    expect(css.headers.get('content-type')).toContain('text/css');
  });

  it('by password gives an RS256 access token for our audience, and the claims in the ID token', async () => {
    const browser = new Browser();
    const asked = await request();
    const page = await browser.open(asked.url);
    const back = await browser.submit(
      page,
      '/sign-in',
      { email: ' Client@SoulSeer.test ', password: 'soulseer' },
      BACK,
    );
    const tokens = await exchange(back, asked);

    expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ alg: 'RS256', typ: 'at+jwt' });
    const { payload } = await verify(tokens.access_token);
    expect(payload).toMatchObject({
      sub: 'sandbox|client-soulseer-test',
      aud: AUDIENCE,
      iss: environment.ISSUER,
      client_id: 'site',
    });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(600);
    expect(tokens.claims()).toMatchObject({
      sub: 'sandbox|client-soulseer-test',
      email: 'client@soulseer.test',
      email_verified: true,
      name: 'Casey <Client>',
    });
    expect(tokens.refresh_token).toBeTruthy();
  });

  it('with a wrong password says so, keeps the address typed, and gives nothing', async () => {
    const browser = new Browser();
    const page = await browser.open((await request()).url);
    const again = await browser.submit(
      page,
      '/sign-in',
      { email: 'client@soulseer.test', password: 'wrong' },
      BACK,
    );
    expect(again.status).toBe(422);
    expect(again.html).toContain('That email address and password do not match.');
    expect(again.html).toContain('value="client@soulseer.test"');
    const unknown = await browser.submit(
      again,
      '/sign-in',
      { email: 'nobody@soulseer.test', password: 'soulseer' },
      BACK,
    );
    expect(unknown.html).toContain('That email address and password do not match.');
  });

  it('by choice works only for accounts on the list', async () => {
    const browser = new Browser();
    const page = await browser.open((await request()).url);
    const again = await choose(browser, page, 'nobody@soulseer.test');
    expect(again.status).toBe(422);
    expect(again.html).toContain('not on the list');
  });

  it('a second time in the same browser needs no page, and as somebody else after prompt=login', async () => {
    const browser = new Browser();
    await signIn(browser);
    const silent = await browser.open((await request()).url, {}, BACK);
    expect(silent.url.startsWith(`${BACK}?code=`)).toBe(true);
    const asked = await request({ prompt: 'login' });
    const page = await browser.open(asked.url, {}, BACK);
    expect(page.html).toContain('Sign in to SoulSeer');
    // The provider ends the former person's session first, by a form that sends itself.
    const leaving = await choose(browser, page, 'admin@soulseer.test');
    const tokens = await exchange(await browser.submit(leaving, '/session/end/confirm', {}, BACK), asked);
    expect(tokens.claims()?.sub).toBe('sandbox|admin-soulseer-test');
    expect(tokens.refresh_token).toBeTruthy();
  });

  it('gives a refresh token only to who asks for offline_access', async () => {
    const tokens = await signIn(new Browser(), 'client@soulseer.test', { scope: 'openid email' });
    expect(tokens.refresh_token).toBeUndefined();
    await verify(tokens.access_token);
  });

  it('takes Auth0’s audience parameter, and only ours', async () => {
    const tokens = await signIn(new Browser(), 'client@soulseer.test', { audience: AUDIENCE });
    await verify(tokens.access_token);
    const page = await new Browser().open(
      (await request({ audience: 'https://elsewhere.test' })).url,
      {},
      BACK,
    );
    expect(new URL(page.url).searchParams.get('error')).toBe('invalid_target');
  });
});

describe('a new account', () => {
  it('is made on the page, signs in at once and later by its password', async () => {
    const browser = new Browser();
    const asked = await request({ screen_hint: 'signup' });
    const page = await browser.open(asked.url);
    expect(page.html).toContain('<details open>');
    const fields = {
      display_name: 'New Person',
      email: 'New.Person@example.com',
      password: 'a fine password',
    };
    const tokens = await exchange(await browser.submit(page, '/create', fields, BACK), asked);
    expect(tokens.claims()).toMatchObject({
      sub: 'sandbox|new-person-example-com',
      email: 'new.person@example.com',
      name: 'New Person',
    });

    const later = new Browser();
    const askedLater = await request();
    const pageLater = await later.open(askedLater.url);
    const wrong = await later.submit(
      pageLater,
      '/sign-in',
      { email: 'new.person@example.com', password: 'soulseer' },
      BACK,
    );
    expect(wrong.status).toBe(422);
    const back = await later.submit(
      wrong,
      '/sign-in',
      { email: 'new.person@example.com', password: 'a fine password' },
      BACK,
    );
    expect((await exchange(back, askedLater)).claims()?.sub).toBe('sandbox|new-person-example-com');
  });

  it.each([
    [
      'a taken address',
      { display_name: 'X', email: 'client@soulseer.test', password: 'long enough' },
      'There is an account with that address',
    ],
    [
      'a short password',
      { display_name: 'X', email: 'x@example.com', password: 'short' },
      'at least 8 characters',
    ],
    ['no address', { display_name: 'X', email: 'not one', password: 'long enough' }, 'not an email address'],
    ['no name', { display_name: ' ', email: 'x@example.com', password: 'long enough' }, 'tell us a name'],
  ])('with %s is refused, and says why', async (_case, fields, message) => {
    const browser = new Browser();
    const page = await browser.open((await request()).url);
    const answer = await browser.submit(page, '/create', fields, BACK);
    expect(answer.status).toBe(422);
    expect(answer.html).toContain(message);
  });

  it('can’t take another account’s subject by an address that looks like it', async () => {
    const [one, twin] = ['jo.bloggs@example.com', 'jo@bloggs.example.com'];
    expect(subjectOf(twin)).toBe(subjectOf(one));
    const create = async (email: string) => {
      const browser = new Browser();
      const page = await browser.open((await request()).url);
      return browser.submit(page, '/create', { display_name: 'Jo', email, password: 'long enough' }, BACK);
    };
    expect((await create(one)).url.startsWith(`${BACK}?code=`)).toBe(true);
    expect((await create(twin)).html).toContain('or one too much like it');
    // Nor a demo account's.
    expect((await create('client@soulseer-test.test')).url.startsWith(`${BACK}?code=`)).toBe(true);
    expect((await create('client.soulseer@test')).status).toBe(422);
  });
});

describe('what is refused', () => {
  it('an address to return to that is not registered: an error page, no redirect', async () => {
    const page = await new Browser().open(
      (await request({ redirect_uri: 'http://localhost:9/elsewhere' })).url,
      {},
      BACK,
    );
    expect(page.status).toBe(400);
    expect(page.html).toContain('invalid_redirect_uri');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('a request without PKCE, or with the plain method', async () => {
    const bare = new URL((await request()).url);
    bare.searchParams.delete('code_challenge');
    bare.searchParams.delete('code_challenge_method');
    const page = await new Browser().open(bare.href, {}, BACK);
    expect(new URL(page.url).searchParams.get('error')).toBe('invalid_request');
    const plain = await new Browser().open((await request({ code_challenge_method: 'plain' })).url, {}, BACK);
    expect(new URL(plain.url).searchParams.get('error')).toBe('invalid_request');
  });

  it('a code with another verifier, a code used twice, and an implicit flow', async () => {
    const browser = new Browser();
    const asked = await request();
    const back = await choose(browser, await browser.open(asked.url), 'client@soulseer.test');
    await expect(exchange(back, { ...asked, verifier: client.randomPKCECodeVerifier() })).rejects.toEqual(
      refused('invalid_grant'),
    );

    const askedTwo = await request();
    const backTwo = await browser.open(askedTwo.url, {}, BACK);
    const tokens = await exchange(backTwo, askedTwo);
    await expect(exchange(backTwo, askedTwo)).rejects.toEqual(refused('invalid_grant'));
    // A code used twice may have been stolen, so what the first use gave is taken back.
    await expect(client.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toEqual(
      refused('invalid_grant'),
    );

    const implicit = await new Browser().open(
      (await request({ response_type: 'id_token', nonce: 'n' })).url,
      {},
      BACK,
    );
    expect(implicit.url).toContain('unsupported_response_type');
  });

  it('a wrong client secret', async () => {
    const tokens = await signIn();
    const stranger = await discover('site', 'wrong');
    await expect(client.refreshTokenGrant(stranger, tokens.refresh_token ?? '')).rejects.toMatchObject({
      status: 401,
    });
  });

  it('another browser’s sign-in page, a form that is too big, an unknown act', async () => {
    const page = await new Browser().open((await request()).url);
    const stranger = await new Browser().open(page.url);
    expect(stranger.status).toBe(400);
    expect(stranger.html).toContain('This sign-in is over');

    const browser = new Browser();
    const own = await browser.open((await request()).url);
    const big = await browser.submit(own, '/sign-in', { email: 'a', password: 'x'.repeat(40_000) }, BACK);
    expect(big.status).toBe(400);
    const wrongMethod = await browser.open(`${own.url}/choose`);
    expect(wrongMethod.status).toBe(405);
  });
});

describe('refresh tokens', () => {
  it('rotate, and each new access token is good', async () => {
    const first = await signIn();
    const second = await client.refreshTokenGrant(config, first.refresh_token ?? '');
    expect(second.refresh_token).toBeTruthy();
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const { payload } = await verify(second.access_token);
    expect(payload.sub).toBe('sandbox|client-soulseer-test');
  });

  it('used a second time end the whole family', async () => {
    const first = await signIn();
    const second = await client.refreshTokenGrant(config, first.refresh_token ?? '');
    await expect(client.refreshTokenGrant(config, first.refresh_token ?? '')).rejects.toEqual(
      refused('invalid_grant'),
    );
    await expect(client.refreshTokenGrant(config, second.refresh_token ?? '')).rejects.toEqual(
      refused('invalid_grant'),
    );
  });

  it('used by two requests at once are good for one', async () => {
    const { refresh_token: token = '' } = await signIn();
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => client.refreshTokenGrant(config, token)));
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toEqual(refused('invalid_grant'));
  });

  it('are refused to another client, and after they are revoked', async () => {
    const { refresh_token: token = '' } = await signIn();
    await expect(client.refreshTokenGrant(other, token)).rejects.toEqual(refused('invalid_grant'));
    await client.tokenRevocation(config, token);
    await expect(client.refreshTokenGrant(config, token)).rejects.toEqual(refused('invalid_grant'));
  });
});

describe('a restart', () => {
  it('keeps the signing key, the browser’s session and the refresh token', async () => {
    const browser = new Browser();
    const tokens = await signIn(browser);
    const keysBefore = await (await fetch(`${environment.ISSUER}/jwks`)).json();

    await service.stop();
    service = await startIdentity(environment, log);

    expect(await (await fetch(`${environment.ISSUER}/jwks`)).json()).toEqual(keysBefore);
    await verify(tokens.access_token);
    const silent = await browser.open((await request()).url, {}, BACK);
    expect(silent.url.startsWith(`${BACK}?code=`)).toBe(true);
    const next = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
    await verify(next.access_token);
  });

  it('forgets what has expired', async () => {
    await query(
      database.url,
      `INSERT INTO identity_records (model, id, payload, expires_at) VALUES ('Session', 'old', '{}', now() - interval '1 s')`,
    );
    await service.stop();
    service = await startIdentity(environment, log);
    expect(await query(database.url, `SELECT 1 FROM identity_records WHERE id = 'old'`)).toEqual([]);
  });
});

describe('signing out', () => {
  it('with the ID token leads back at once where there is JavaScript, by a button where there is none', async () => {
    const browser = new Browser();
    const tokens = await signIn(browser);
    const url = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: SIGNED_OUT,
      state: 'st',
    });
    const page = await browser.open(url.href, {}, SIGNED_OUT);
    expect(page.html).toContain('Yes, sign me out');
    expect(page.html).toContain('<script>');
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'sha256-[^']+'/);
    const done = await browser.submit(page, '/session/end/confirm', { logout: 'yes' }, SIGNED_OUT);
    expect(done.url).toBe(`${SIGNED_OUT}?state=st`);
    const again = await browser.open((await request()).url, {}, BACK);
    expect(again.html).toContain('Sign in to SoulSeer');
  });

  it('without it asks first, and can be declined', async () => {
    const browser = new Browser();
    await signIn(browser);
    const page = await browser.open(`${environment.ISSUER}/session/end`);
    expect(page.html).toContain('Sign out of SoulSeer?');
    expect(page.html).not.toContain('<script>');
    await browser.submit(page, '/session/end/confirm', {});
    const silent = await browser.open((await request()).url, {}, BACK);
    expect(silent.url.startsWith(`${BACK}?code=`)).toBe(true);
  });

  it('does not lead to an address that is not registered', async () => {
    const browser = new Browser();
    const tokens = await signIn(browser);
    const url = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: 'http://localhost:9/elsewhere',
    });
    const page = await browser.open(url.href);
    expect(page.status).toBe(400);
  });
});

describe('its door', () => {
  it('is healthy and ready, and every address it gives is the issuer’s', async () => {
    expect(await (await fetch(`http://127.0.0.1:${environment.PORT}/health`)).json()).toEqual({
      status: 'ok',
    });
    expect(await (await fetch(`http://127.0.0.1:${environment.PORT}/ready`)).json()).toEqual({
      status: 'ready',
      checks: { database: 'ok' },
    });
    const document = (await (
      await fetch(`http://127.0.0.1:${environment.PORT}/.well-known/openid-configuration`)
    ).json()) as Record<string, string>;
    expect(document.issuer).toBe(environment.ISSUER);
    expect(document.token_endpoint).toBe(`${environment.ISSUER}/token`);
    expect(document.code_challenge_methods_supported).toEqual(['S256']);
  });
});
