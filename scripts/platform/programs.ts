import path from 'node:path';
import pg from 'pg';
import { BUILDS, DATA, type Ports, ROOT, WORLD } from './layout.ts';
import type { Secrets } from './secrets.ts';
import type { Service } from './supervisor.ts';

/** What everything on this machine is told; the password of the demo accounts is no secret. */
const DEMO_PASSWORD = 'soulseer';
const AUDIENCE = 'https://api.soulseer.test';

/** A clean environment: what a process needs from the machine, and no more of it. */
function fromMachine(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'SystemRoot'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** Whether a Postgres takes connections: it listens some time before it does. */
async function answersQueries(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {}); // A connection that breaks while it is asked answers by failing.
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

type ServicePair = keyof Secrets extends infer Name
  ? Name extends `service_key_${infer Pair}`
    ? Pair
    : never
  : never;

export type Programs = ReturnType<typeof describePrograms>;

/** Every process of the platform: its command and its whole environment, made from the ports and the secrets. */
export function describePrograms(ports: Ports, secrets: Secrets) {
  const base = {
    ...fromMachine(),
    SOULSEER_ENV: 'development',
    HOST: '127.0.0.1',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
    ...(process.env.TRUSTED_PROXIES ? { TRUSTED_PROXIES: process.env.TRUSTED_PROXIES } : {}),
  };
  const origin = (name: keyof Ports) => `http://localhost:${ports[name]}`;
  const database = (role: string, name: string, password: string) =>
    `postgres://${role}:${password}@127.0.0.1:${ports.postgres}/${name}`;
  const storage = {
    S3_ENDPOINT: origin('storage'),
    S3_REGION: 'auto',
    S3_ACCESS_KEY_ID: secrets.storage_access_key_id,
    S3_SECRET_ACCESS_KEY: secrets.storage_secret_access_key,
    S3_MEDIA_BUCKET: 'media',
    S3_PRIVATE_BUCKET: 'private',
    MEDIA_URL: origin('media'),
  };
  const issuer = { OIDC_ISSUER: origin('identity'), OIDC_AUDIENCE: AUDIENCE };
  const client = (name: 'site' | 'cms' | 'commerce') => ({
    ...issuer,
    OIDC_CLIENT_ID: `soulseer-${name}`,
    OIDC_CLIENT_SECRET: secrets[`${name}_client_secret`],
  });
  /** The keys of some pairs of programs: docs/service-calls.md. */
  const serviceKeys = (...pairs: ServicePair[]) =>
    Object.fromEntries(
      pairs.map((pair) => [`SERVICE_KEY_${pair.toUpperCase()}`, secrets[`service_key_${pair}`]]),
    );
  const addresses = {
    SITE_URL: origin('site'),
    CMS_URL: origin('cms'),
    COMMERCE_URL: origin('commerce'),
    REALTIME_URL: origin('realtime'),
  };
  const service = (
    name: keyof Ports,
    cwd: string,
    args: string[],
    env: Record<string, string>,
  ): Service & { env: Record<string, string> } => ({
    name,
    cwd,
    args,
    env: { ...base, PORT: String(ports[name]), ...env },
    readyUrl: `http://127.0.0.1:${ports[name]}/ready`,
  });

  const superuser = database('postgres', 'postgres', secrets.postgres_password);
  const sandbox = path.join(ROOT, 'sandbox');
  const realtime = path.join(ROOT, 'realtime');
  const cms = path.join(ROOT, 'cms');
  const commerce = path.join(ROOT, 'commerce');

  const services = {
    postgres: {
      ...service('postgres', sandbox, ['src/postgres/main.ts'], {
        DATA_DIR: path.join(DATA, 'postgres'),
        POSTGRES_PASSWORD: secrets.postgres_password,
      }),
      readyUrl: undefined,
      // Its last checkpoint may take long on a slow disk.
      stopWithinMs: 60_000,
      probe: () => answersQueries(superuser),
    },
    identity: service('identity', sandbox, ['src/identity/main.ts'], {
      ISSUER: origin('identity'),
      AUDIENCE,
      DATABASE_URL: database('sandbox', 'sandbox', secrets.sandbox_db_password),
      DEMO_PASSWORD,
      ACCOUNTS_FILE: path.join(WORLD, 'cms.json'),
      CLIENTS: JSON.stringify([
        {
          client_id: 'soulseer-site',
          client_secret: secrets.site_client_secret,
          redirect_uris: [`${addresses.SITE_URL}/auth/callback`],
          post_logout_redirect_uris: [`${addresses.SITE_URL}/`],
        },
        {
          client_id: 'soulseer-cms',
          client_secret: secrets.cms_client_secret,
          redirect_uris: [`${addresses.CMS_URL}/api/auth/callback`],
          post_logout_redirect_uris: [`${addresses.CMS_URL}/admin/login`],
        },
        {
          client_id: 'soulseer-commerce',
          client_secret: secrets.commerce_client_secret,
          redirect_uris: [`${addresses.COMMERCE_URL}/auth/staff/callback`],
          post_logout_redirect_uris: [`${addresses.COMMERCE_URL}/app/login`],
        },
      ]),
    }),
    payments: service('payments', sandbox, ['src/payments/main.ts'], {
      ORIGIN: origin('payments'),
      DATABASE_URL: database('sandbox', 'sandbox', secrets.sandbox_db_password),
      STRIPE_SECRET_KEY: secrets.stripe_secret_key,
      WEBHOOK_ENDPOINTS: JSON.stringify([
        { url: `${addresses.COMMERCE_URL}/stripe/webhook`, secret: secrets.stripe_webhook_secret },
      ]),
    }),
    storage: service('storage', sandbox, ['src/storage/main.ts'], {
      MEDIA_PORT: String(ports.media),
      DATA_DIR: path.join(DATA, 'storage'),
      S3_ACCESS_KEY_ID: secrets.storage_access_key_id,
      S3_SECRET_ACCESS_KEY: secrets.storage_secret_access_key,
    }),
    mail: service('mail', sandbox, ['src/mail/main.ts'], {
      SMTP_PORT: String(ports.smtp),
      DATA_DIR: path.join(DATA, 'mail'),
    }),
    realtime: service('realtime', realtime, ['src/main.ts'], {
      ...issuer,
      ...serviceKeys('cms_to_realtime', 'site_to_realtime', 'commerce_to_realtime', 'realtime_to_cms'),
      DATABASE_URL: database('realtime', 'realtime', secrets.realtime_db_password),
      SITE_URL: addresses.SITE_URL,
      CMS_URL: addresses.CMS_URL,
      SMTP_URL: `smtp://127.0.0.1:${ports.smtp}`,
      MAIL_FROM: 'SoulSeer <hello@soulseer.test>',
      RECEIPT_KEYS: secrets.receipt_keys,
    }),
    site: service('site', path.join(BUILDS, 'site'), ['dist/main.js'], {
      ...addresses,
      ...client('site'),
      ...serviceKeys('cms_to_site', 'site_to_cms', 'site_to_realtime'),
      DATABASE_URL: database('site', 'site', secrets.site_db_password),
      SESSION_SECRET: secrets.site_session_secret,
      MEDIA_URL: origin('media'),
      SOCKET_URL: `ws://localhost:${ports.realtime}/socket`,
    }),
    cms: service('cms', path.join(BUILDS, 'cms'), ['dist/cms/main.ts'], {
      ...storage,
      DATABASE_URL: database('cms', 'cms', secrets.cms_db_password),
      PAYLOAD_SECRET: secrets.payload_secret,
      ...client('cms'),
      ...serviceKeys(
        'cms_to_realtime',
        'cms_to_commerce',
        'cms_to_site',
        'realtime_to_cms',
        'site_to_cms',
        'commerce_to_cms',
      ),
      ...addresses,
    }),
    commerce: service('commerce', path.join(BUILDS, 'commerce/.medusa/server'), ['src/start.js'], {
      ...storage,
      DATABASE_URL: database('commerce', 'commerce', secrets.commerce_db_password),
      JWT_SECRET: secrets.commerce_jwt_secret,
      COOKIE_SECRET: secrets.commerce_cookie_secret,
      ...client('commerce'),
      ...serviceKeys('cms_to_commerce', 'commerce_to_cms', 'commerce_to_realtime'),
      ...addresses,
      STRIPE_SECRET_KEY: secrets.stripe_secret_key,
      STRIPE_WEBHOOK_SECRET: secrets.stripe_webhook_secret,
      STRIPE_API_URL: origin('payments'),
    }),
  };

  const owner = {
    DATABASE_OWNER_URL: database('realtime_owner', 'realtime', secrets.realtime_owner_db_password),
  };

  /** Work that is done before or beside the services, and again when what it is made `from` changes. */
  const commands = {
    world: {
      name: 'world',
      title: 'the demo world: texts and pictures',
      from: ['sandbox/world'],
      cwd: sandbox,
      args: ['world/main.ts', WORLD],
      env: base,
    },
    provision: {
      name: 'provision',
      title: 'roles and databases',
      from: ['sandbox/src/postgres'],
      cwd: sandbox,
      args: ['src/postgres/provision.ts'],
      env: {
        ...base,
        ADMIN_DATABASE_URL: superuser,
        CMS_DB_PASSWORD: secrets.cms_db_password,
        COMMERCE_DB_PASSWORD: secrets.commerce_db_password,
        REALTIME_OWNER_DB_PASSWORD: secrets.realtime_owner_db_password,
        REALTIME_DB_PASSWORD: secrets.realtime_db_password,
        SITE_DB_PASSWORD: secrets.site_db_password,
        SANDBOX_DB_PASSWORD: secrets.sandbox_db_password,
      },
    },
    migrateRealtime: {
      name: 'realtime-migrate',
      title: 'tables of realtime',
      from: ['realtime/migrations', 'realtime/src/jobs', 'realtime/package.json'],
      cwd: realtime,
      args: ['src/cli.ts', 'migrate'],
      env: { ...services.realtime.env, ...owner },
    },
    migrateSite: {
      name: 'site-migrate',
      title: 'tables of the site',
      from: ['site/src/database'],
      cwd: path.join(ROOT, 'site'),
      args: ['src/migrate.ts'],
      env: services.site.env,
    },
    migrateCms: {
      name: 'cms-migrate',
      title: 'tables of the CMS',
      from: ['cms/src/migrations', 'cms/package.json'],
      cwd: cms,
      args: ['src/migrate/main.ts'],
      env: services.cms.env,
    },
    migrateCommerce: {
      name: 'commerce-migrate',
      title: 'tables of the shop',
      from: ['commerce/package.json', 'commerce/src'],
      cwd: commerce,
      args: ['--require', 'ts-node/register/transpile-only', 'src/migrate/main.ts'],
      env: services.commerce.env,
    },
    seedCms: {
      name: 'cms-seed',
      title: 'readers, articles, forum of the demo world',
      from: ['cms/src/seed', 'sandbox/world'],
      cwd: cms,
      args: ['src/seed/main.ts', WORLD],
      env: services.cms.env,
    },
    seedCommerce: {
      name: 'commerce-seed',
      title: 'products of the demo world',
      from: ['commerce/src/seed', 'sandbox/world'],
      cwd: commerce,
      args: ['--require', 'ts-node/register/transpile-only', 'src/seed/main.ts', WORLD],
      env: { ...services.commerce.env, SEED_PUBLISHABLE_KEY: secrets.commerce_publishable_key },
    },
    seedReviews: {
      name: 'reviews-seed',
      title: 'what clients say of those sessions',
      from: ['cms/src/seed/reviews', 'sandbox/world'],
      cwd: cms,
      args: ['src/seed/reviews/main.ts', WORLD],
      env: services.cms.env,
    },
    seedRealtime: {
      name: 'realtime-seed',
      title: 'sessions of the demo world’s past',
      from: ['realtime/src/seed', 'sandbox/world'],
      cwd: realtime,
      args: ['src/seed/main.ts', WORLD],
      env: services.realtime.env,
    },
  };

  return { ...services, commands };
}
