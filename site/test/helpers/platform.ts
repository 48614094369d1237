import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { DirectoryPerson } from 'realtime/contract';
import { signRequest, verifyRequest } from 'realtime/contract/signature';
import { type Build, copyBuild, type Run, runSite } from './built-site.ts';
import { answerAsCms } from './cms-answers.ts';
import { createDatabase, type TestDatabase } from './database.ts';
import { audience, clientSecret, startIssuer, type TestIssuer } from './issuer.ts';
import { freePort } from './ports.ts';
import { type Shop, startShop } from './shop.ts';
import { startUpstream, type Upstream } from './upstream.ts';
import { type Seen, Visitor } from './visitor.ts';

// The built site with the real identity service of the sandbox and a real database, and the CMS and realtime as small
// servers that follow the contract.

export const keys = {
  SERVICE_KEY_CMS_TO_SITE: 'sandbox-key-of-the-cms-to-the-site-0123456789',
  SERVICE_KEY_SITE_TO_CMS: 'sandbox-key-of-the-site-to-the-cms-0123456789',
  SERVICE_KEY_SITE_TO_REALTIME: 'sandbox-key-of-the-site-to-realtime-0123456789',
};

/** What the site needs beside the addresses of the others; the issuer and the database are never asked unless somebody signs in. */
export const identityEnvironment = {
  DATABASE_URL: 'postgres://site:nobody@127.0.0.1:9/site',
  SESSION_SECRET: 'sandbox-session-secret-of-the-tests-0123456789',
  OIDC_ISSUER: 'http://localhost:9',
  OIDC_AUDIENCE: audience,
  OIDC_CLIENT_ID: 'soulseer-site',
  OIDC_CLIENT_SECRET: clientSecret,
  ...keys,
};

export const personas = ['client', 'client2', 'reader', 'reader2', 'admin', 'suspended'] as const;
export type Persona = (typeof personas)[number];
export const nameOf = (persona: Persona): string => `Demo ${persona[0]?.toUpperCase()}${persona.slice(1)}`;
export const emailOf = (persona: Persona): string => `${persona}@soulseer.test`;

/** A UUID that is always the same for an address. */
export function personIdOf(email: string): string {
  const hex = createHash('sha256').update(email).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export interface Platform extends AsyncDisposable {
  url: string;
  site: Run;
  issuer: TestIssuer;
  cms: Upstream;
  realtime: Upstream;
  shop: Shop;
  database: TestDatabase;
  environment: Record<string, string>;
  build: Build;
  /** People as the CMS has them. */
  people: Map<string, DirectoryPerson>;
  /** What the CMS and realtime answer instead of what they do. */
  answers: {
    people?: number;
    realtime?: (
      path: string,
      asked: { method: string; query: URLSearchParams; body: string },
    ) => { status: number; body: unknown } | undefined;
    cms?: (
      path: string,
      asked: {
        method: string;
        query: URLSearchParams;
        body: string;
        headers: IncomingHttpHeaders;
        signedIn: boolean;
      },
    ) => { status: number; body: unknown } | undefined;
    /** What `POST /api/reader-applications/submit` answers. */
    submit?: { status: number; body: unknown };
    applications?: unknown[];
    outbox?: number;
  };
  /** Signed calls that realtime has accepted. */
  accepted: { path: string; body: Record<string, unknown> }[];
  /** Starts the site again, after an end by this signal. */
  restart(signal: NodeJS.Signals): Promise<void>;
  signIn(
    persona: Persona | string,
    visitor?: Visitor,
    path?: string,
  ): Promise<{ visitor: Visitor; seen: Seen }>;
  /** Tells the site of a person or reader, signed as the CMS. */
  tell(path: string, body: unknown, secret?: string): Promise<Response>;
}

export async function startPlatform({
  accessTokenSeconds = 600,
  more = {},
}: {
  accessTokenSeconds?: number;
  more?: Record<string, string>;
} = {}): Promise<Platform> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const people = new Map<string, DirectoryPerson>();
  const accepted: Platform['accepted'] = [];
  const answers: Platform['answers'] = {};
  const [build, database] = await Promise.all([copyBuild(), createDatabase()]);
  const issuer = await startIssuer([url], {
    accessTokenSeconds,
    people: personas.map((one) => ({ email: emailOf(one), display_name: nameOf(one) })),
  });

  let version = 100;
  const cms = await startUpstream((request, response, body) => {
    const answer = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const path = (request.url ?? '').split('?', 1)[0];
    if (path === '/api/service/people') {
      const header = (name: string) => request.headers[name] as string | undefined;
      const signed = { method: 'POST', path, body, header };
      const verdict = verifyRequest({ site: [keys.SERVICE_KEY_SITE_TO_CMS] }, signed, Date.now());
      if (!verdict.ok) return answer(401, { code: verdict.code });
      if (answers.people) return answer(answers.people, { code: 'unwell' });
      const { issuer, subject, email, email_verified, display_name } = JSON.parse(body) as Record<
        string,
        string
      >;
      const kept = people.get(email ?? '');
      if (kept) return answer(200, kept);
      const persona = email?.split('@')[0]?.replace(/\d$/, '') ?? '';
      const person = {
        person_id: personIdOf(email ?? ''),
        version: version++,
        issuer: issuer ?? '',
        subject: subject ?? '',
        email: email ?? null,
        email_verified: Boolean(email_verified),
        display_name: display_name ?? 'Somebody',
        role: persona === 'reader' || persona === 'admin' ? persona : 'client',
        status: persona === 'suspended' ? 'suspended' : 'active',
      } as const;
      people.set(email ?? '', person);
      return answer(200, person);
    }
    if (path === '/api/reader-applications/submit') {
      const { status, body: value } = answers.submit ?? { status: 201, body: { ok: true } };
      return answer(status, value);
    }
    if (path === '/api/reader-applications') {
      if (!request.headers.authorization) return answer(403, { code: 'forbidden' });
      const docs = answers.applications ?? [];
      return answer(200, { docs, totalDocs: docs.length });
    }
    const said = answers.cms?.(path ?? '', {
      method: request.method ?? '',
      query: new URL(request.url ?? '/', 'http://cms').searchParams,
      body,
      headers: request.headers,
      signedIn: Boolean(request.headers.authorization),
    });
    if (said) return answer(said.status, said.body);
    return answerAsCms(request, response);
  });

  const realtime = await startUpstream((request, response, body) => {
    const answer = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (path.startsWith('/service/')) {
      const header = (name: string) => request.headers[name] as string | undefined;
      const signed = { method: request.method ?? '', path: request.url ?? '', body, header };
      const verdict = verifyRequest({ site: [keys.SERVICE_KEY_SITE_TO_REALTIME] }, signed, Date.now());
      if (!verdict.ok) return answer(401, { code: verdict.code });
      if (answers.outbox) return answer(answers.outbox, { code: 'unwell' });
      accepted.push({ path, body: JSON.parse(body) as Record<string, unknown> });
      return response.writeHead(204).end();
    }
    const asked = {
      method: request.method ?? '',
      query: new URL(request.url ?? '/', 'http://realtime').searchParams,
      body,
    };
    const other = answers.realtime?.(path, asked);
    if (other) return answer(other.status, other.body);
    if (path === '/ready') return answer(200, { status: 'ready' });
    if (path === '/api/time') return answer(200, { server_time_ms: 1 });
    if (!request.headers.authorization) return answer(401, { code: 'not_signed_in' });
    if (path === '/api/wallet') return answer(200, { balance_cents: 2_450, debt_cents: 0 });
    return answer(200, { path });
  });

  const shop = await startShop();

  const environment: Record<string, string> = {
    SOULSEER_ENV: 'development',
    HOST: 'localhost',
    PORT: String(port),
    SITE_URL: url,
    CMS_URL: cms.url,
    COMMERCE_URL: shop.url,
    REALTIME_URL: realtime.url,
    MEDIA_URL: 'http://media.example.test',
    ...identityEnvironment,
    DATABASE_URL: database.url,
    OIDC_ISSUER: issuer.url,
    ...more,
  };
  const platform: Platform = {
    url,
    site: await runSite(build.main, environment),
    issuer,
    cms,
    realtime,
    shop,
    database,
    environment,
    build,
    people,
    answers,
    accepted,
    async restart(signal) {
      await platform.site.stop(signal);
      platform.site = await runSite(build.main, environment);
    },
    async signIn(persona, visitor = new Visitor(), path = '/dashboard') {
      const page = await visitor.open(`${url}/auth/sign-in?return_to=${encodeURIComponent(path)}`);
      if (page.url.startsWith(url)) return { visitor, seen: page };
      const email = persona.includes('@') ? persona : `${persona}@soulseer.test`;
      const seen = await visitor.submit(page, '/sign-in', { email, password: 'soulseer' });
      return { visitor, seen };
    },
    tell: (path, body, secret = keys.SERVICE_KEY_CMS_TO_SITE) => {
      const text = JSON.stringify(body);
      return fetch(`${url}${path}`, {
        method: 'PUT',
        headers: {
          'content-type': 'application/json',
          ...signRequest(secret, { method: 'PUT', path, body: text }, Date.now()),
        },
        body: text,
      });
    },
    async [Symbol.asyncDispose]() {
      await platform.site.stop('SIGTERM');
      await Promise.all([cms, realtime, shop, issuer, build].map((one) => one[Symbol.asyncDispose]()));
      await database[Symbol.asyncDispose]();
    },
  };
  return platform;
}
