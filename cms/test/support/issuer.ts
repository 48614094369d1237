import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as client from 'openid-client';
import { Client } from 'pg';
import { identityEnvironment } from '../../../sandbox/src/environment.ts';
import { startIdentity } from '../../../sandbox/src/identity/identity.ts';
import { createLog } from '../../../sandbox/src/log.ts';
import { Browser } from '../../../sandbox/test/support/browser.ts';
import { testEnvironment } from './environment.ts';
import { smallWorld } from './world.ts';

const SITE_BACK = 'http://site.test/auth/callback';
const CMS_BACK = `${testEnvironment.CMS_URL}/api/auth/callback`;

export type Issuer = {
  url: string;
  /** An access token as the site gets one. */
  tokens: (email: string) => Promise<{ access: string; id: string; refresh: string }>;
  /** Goes where a sign-in page of the CMS leads, chooses an account, and answers the address that leads back. */
  choose: (location: string, email: string, browser?: Browser) => Promise<string>;
  stop: () => Promise<void>;
  start: () => Promise<void>;
  close: () => Promise<void>;
};

export { Browser };

/** A real issuer: the sandbox's identity service, on a database and a port of its own. */
export async function startIssuer(): Promise<Issuer> {
  const server = process.env.TEST_POSTGRES_URL;
  if (!server) throw new Error('TEST_POSTGRES_URL is missing: a Postgres where tests may create databases');
  const database = `cms_issuer_${randomBytes(6).toString('hex')}`;
  const admin = new Client(server);
  await admin.connect();
  await admin.query(`create database ${database}`);
  const folder = await mkdtemp(path.join(tmpdir(), 'cms-issuer-'));
  const accounts = path.join(folder, 'accounts.json');
  await writeFile(accounts, JSON.stringify(smallWorld.people));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const environment = identityEnvironment.parse({
    SOULSEER_ENV: 'development',
    PORT: String(port),
    LOG_LEVEL: 'silent',
    ISSUER: url,
    DATABASE_URL: Object.assign(new URL(server), { pathname: `/${database}` }).href,
    AUDIENCE: testEnvironment.OIDC_AUDIENCE,
    ACCOUNTS_FILE: accounts,
    DEMO_PASSWORD: 'soulseer',
    CLIENTS: JSON.stringify([
      { client_id: 'soulseer-site', client_secret: 'sandbox-site', redirect_uris: [SITE_BACK] },
      {
        client_id: testEnvironment.OIDC_CLIENT_ID,
        client_secret: testEnvironment.OIDC_CLIENT_SECRET,
        redirect_uris: [CMS_BACK],
        post_logout_redirect_uris: [`${testEnvironment.CMS_URL}/admin/login`],
      },
    ]),
  });
  const log = createLog('identity', 'silent');
  let service: Awaited<ReturnType<typeof startIdentity>> | undefined = await startIdentity(environment, log);
  const site = await client.discovery(
    new URL(url),
    'soulseer-site',
    undefined,
    client.ClientSecretBasic('sandbox-site'),
    { execute: [client.allowInsecureRequests] },
  );

  const choose: Issuer['choose'] = async (location, email, browser = new Browser()) => {
    const back = new URL(location).searchParams.get('redirect_uri') ?? '';
    const page = await browser.open(location, {}, back);
    if (page.url.startsWith(back)) return page.url;
    const body = new URLSearchParams({ email });
    const chosen = `${url}${new URL(page.url).pathname}/choose`;
    return (await browser.open(chosen, { method: 'POST', body }, back)).url;
  };

  return {
    url,
    choose,
    async tokens(email) {
      const verifier = client.randomPKCECodeVerifier();
      const state = client.randomState();
      const address = client.buildAuthorizationUrl(site, {
        redirect_uri: SITE_BACK,
        scope: 'openid profile email offline_access',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
      });
      const back = await choose(address.href, email);
      const tokens = await client.authorizationCodeGrant(site, new URL(back), {
        pkceCodeVerifier: verifier,
        expectedState: state,
      });
      return { access: tokens.access_token, id: tokens.id_token ?? '', refresh: tokens.refresh_token ?? '' };
    },
    start: async () => {
      service ??= await startIdentity(environment, log);
    },
    stop: async () => {
      await service?.stop();
      service = undefined;
    },
    close: async () => {
      await service?.stop();
      await admin.query(`drop database ${database} with (force)`);
      await admin.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
