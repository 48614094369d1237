import { describe, expect, test } from 'vitest';
import { checkEnvironment, checkSeedEnvironment, EnvironmentError } from '../src/environment';

const development = {
  SOULSEER_ENV: 'development',
  PORT: '4323',
  DATABASE_URL: 'postgres://commerce:sandbox@127.0.0.1:4329/commerce',
  JWT_SECRET: 'sandbox-secret-for-tokens',
  COOKIE_SECRET: 'sandbox-secret-for-cookies',
  COMMERCE_URL: 'http://localhost:4323',
  SITE_URL: 'http://localhost:4321',
  CMS_URL: 'http://localhost:4322',
  REALTIME_URL: 'http://localhost:4324',
  OIDC_ISSUER: 'http://localhost:4325',
  OIDC_AUDIENCE: 'https://api.soulseer.test',
  OIDC_CLIENT_ID: 'soulseer-commerce',
  OIDC_CLIENT_SECRET: 'sandbox-secret-of-the-client',
  SERVICE_KEY_CMS_TO_COMMERCE: 'sandbox-key-of-the-cms-to-the-shop',
  SERVICE_KEY_COMMERCE_TO_CMS: 'sandbox-key-of-the-shop-to-the-cms',
  SERVICE_KEY_COMMERCE_TO_REALTIME: 'sandbox-key-of-the-shop-to-realtime',
  STRIPE_SECRET_KEY: 'sandbox-secret-key-of-stripe',
  STRIPE_WEBHOOK_SECRET: 'sandbox-secret-of-webhooks',
  S3_ENDPOINT: 'http://127.0.0.1:4327',
  S3_REGION: 'auto',
  S3_ACCESS_KEY_ID: 'sandbox',
  S3_SECRET_ACCESS_KEY: 'sandbox',
  S3_MEDIA_BUCKET: 'media',
  S3_PRIVATE_BUCKET: 'private',
  MEDIA_URL: 'http://localhost:4332',
};

const production = {
  ...development,
  SOULSEER_ENV: 'production',
  DATABASE_URL: 'postgres://commerce:kJ8w-2@db.example.org/commerce',
  JWT_SECRET: '5f1d7c7b8a9e4f60',
  COOKIE_SECRET: '9b2e6a1c4d8f7035',
  COMMERCE_URL: 'https://shop.example.org',
  SITE_URL: 'https://example.org',
  CMS_URL: 'https://cms.example.org',
  REALTIME_URL: 'https://realtime.example.org',
  OIDC_ISSUER: 'https://login.example.org/',
  OIDC_CLIENT_SECRET: '3c5b7d9e1f2a4b6c8d0e',
  SERVICE_KEY_CMS_TO_COMMERCE: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
  SERVICE_KEY_COMMERCE_TO_CMS: 'a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5',
  SERVICE_KEY_COMMERCE_TO_REALTIME: 'b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6',
  STRIPE_SECRET_KEY: 'key_of_the_live_account_4f1c',
  STRIPE_WEBHOOK_SECRET: 'whsec_0f1e2d3c4b5a6978',
  S3_ENDPOINT: 'https://account.r2.example.net',
  S3_ACCESS_KEY_ID: 'a1b2',
  S3_SECRET_ACCESS_KEY: 'c3d4',
  MEDIA_URL: 'https://media.example.org',
};

const problemsOf = (check: () => unknown): readonly string[] => {
  try {
    check();
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
    throw error;
  }
  return [];
};
const namesOf = (check: () => unknown) => problemsOf(check).map((line) => line.split(':')[0]);

describe('the environment', () => {
  test('is taken when whole, with defaults', () => {
    expect(checkEnvironment(development)).toMatchObject({
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      PORT: '4323',
      REDIS_URL: undefined,
    });
    expect(checkEnvironment(production)).toMatchObject({ COMMERCE_URL: 'https://shop.example.org' });
  });

  test('names everything that is missing at once, and what it is for', () => {
    expect(namesOf(() => checkEnvironment({}))).toEqual([
      'SOULSEER_ENV',
      ...Object.keys(development).slice(1),
    ]);
    expect(problemsOf(() => checkEnvironment({ ...development, S3_REGION: '' }))).toEqual([
      'S3_REGION: is missing (region of the S3 storage)',
    ]);
  });

  test.each([
    ['SOULSEER_ENV', 'staging'],
    ['PORT', '0'],
    ['PORT', '70000'],
    ['PORT', '43 23'],
    ['LOG_LEVEL', 'loud'],
    ['DATABASE_URL', 'mysql://localhost/shop'],
    ['DATABASE_URL', 'postgres://user:pa/ss@host/shop'],
    ['DATABASE_URL', 'postgres:///shop'],
    ['REDIS_URL', 'localhost:6379'],
    ['JWT_SECRET', 'short'],
    ['COMMERCE_URL', 'http://localhost:4323/'],
    ['COMMERCE_URL', 'http://localhost:4323/app'],
    ['SITE_URL', 'localhost:4321'],
    ['MEDIA_URL', 'http://localhost:4332/'],
    ['TRUSTED_PROXIES', 'anybody'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['CMS_URL', 'http://localhost:4322/api'],
    ['OIDC_ISSUER', 'localhost:4325'],
    ['OIDC_ISSUER', 'http://localhost:4325/?tenant=1'],
    ['OIDC_CLIENT_SECRET', 'short'],
    ['SERVICE_KEY_CMS_TO_COMMERCE', 'shorter-than-32-characters'],
    ['SERVICE_KEY_COMMERCE_TO_CMS', 'long-enough-to-be-a-key-of-a-pair,short'],
  ])('refuses %s=%s', (name, value) => {
    expect(namesOf(() => checkEnvironment({ ...development, [name]: value }))).toEqual([name]);
  });

  test('says no value, as it may be a secret', () => {
    expect(problemsOf(() => checkEnvironment({ ...development, JWT_SECRET: 'hush' })).join()).not.toContain(
      'hush',
    );
  });
});

describe('in production', () => {
  test('every sandbox secret and every address of this machine is refused, all at once', () => {
    expect(namesOf(() => checkEnvironment({ ...development, SOULSEER_ENV: 'production' }))).toEqual([
      'DATABASE_URL',
      'JWT_SECRET',
      'COOKIE_SECRET',
      'COMMERCE_URL',
      'SITE_URL',
      'CMS_URL',
      'REALTIME_URL',
      'OIDC_ISSUER',
      'OIDC_CLIENT_SECRET',
      'SERVICE_KEY_CMS_TO_COMMERCE',
      'SERVICE_KEY_COMMERCE_TO_CMS',
      'SERVICE_KEY_COMMERCE_TO_REALTIME',
      'STRIPE_SECRET_KEY',
      'STRIPE_WEBHOOK_SECRET',
      'S3_ENDPOINT',
      'S3_ACCESS_KEY_ID',
      'S3_SECRET_ACCESS_KEY',
      'MEDIA_URL',
    ]);
  });

  test.each([
    'localhost',
    'LOCALHOST',
    'localhost.',
    'a.localhost',
    'loc%61lhost',
    '127.0.0.1',
    '127.9.9.9',
    '127.1',
    '0x7f.1',
    '2130706433',
    '0.0.0.0',
    '0',
    '[::]',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:0.0.0.0]',
  ])('the host %s is this machine', (host) => {
    const given = {
      DATABASE_URL: `postgres://commerce:kJ8w-2@${host}:5432/commerce`,
      REDIS_URL: `redis://${host}:6379`,
      S3_ENDPOINT: `http://${host}:4327`,
    };
    expect(problemsOf(() => checkEnvironment({ ...production, ...given }))).toEqual(
      Object.keys(given).map((name) => expect.stringContaining(`${name}: is an address of this machine`)),
    );
  });

  test.each([
    'localhost.example.org',
    '128.0.0.1',
    '10.0.0.7',
    '[2001:db8::1]',
    '[::ffff:10.0.0.7]',
    'redis',
  ])('the host %s is not', (host) => {
    const given = {
      DATABASE_URL: `postgres://commerce:kJ8w-2@${host}/commerce`,
      REDIS_URL: `redis://${host}:6379`,
      S3_ENDPOINT: `http://${host}`,
    };
    expect(checkEnvironment({ ...production, ...given })).toMatchObject(given);
  });

  test.each([
    ['host=127.0.0.1&password=sandbox-x', 'host'],
    ['sslmode=require&%68ost=%2Ftmp', 'host'],
    ['hostaddr=127.0.0.1', 'hostaddr'],
    ['port=4329', 'port'],
    ['user=postgres', 'user'],
    ['password=a-real-one', 'password'],
  ])('the query %s of a database is refused', (query, name) => {
    const given = {
      DATABASE_URL: `postgres://commerce@db.example.org/commerce?${query}`,
      REDIS_URL: `redis://redis.example.org:6379?${query}`,
    };
    expect(problemsOf(() => checkEnvironment({ ...production, ...given }))).toEqual(
      Object.keys(given).map((one) => expect.stringContaining(`${one}: says "${name}" in its query`)),
    );
    expect(checkEnvironment({ ...development, ...given })).toMatchObject(given);
  });

  test.each(['COMMERCE_URL', 'SITE_URL', 'OIDC_ISSUER', 'MEDIA_URL'])(
    '%s, which browsers open, must be https',
    (name) => {
      expect(problemsOf(() => checkEnvironment({ ...production, [name]: 'http://example.org' }))).toEqual([
        expect.stringContaining(`${name}: must be https`),
      ]);
    },
  );

  test('a sandbox password in an address is refused, however it is written', () => {
    for (const password of ['sandbox', '%73andbox-1', 'sandbox%zz']) {
      const given = {
        DATABASE_URL: `postgres://commerce:${password}@db.example.org/commerce`,
        REDIS_URL: `rediss://:${password}@redis.example.org`,
      };
      expect(problemsOf(() => checkEnvironment({ ...production, ...given }))).toEqual(
        Object.keys(given).map((name) => expect.stringContaining(`${name}: holds a sandbox secret`)),
      );
    }
    const address = 'postgres://commerce:100%real@db.example.org/commerce';
    expect(namesOf(() => checkEnvironment({ ...production, DATABASE_URL: address }))).toEqual([]);
  });
});

test('proxies are addresses and ranges', () => {
  const given = { TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8::1' };
  expect(checkEnvironment({ ...development, ...given })).toMatchObject(given);
});

test('a stand-in for Stripe is refused in production, and is none of the names that must be there', () => {
  const standIn = { STRIPE_API_URL: 'https://stripe.example.org' };
  expect(checkEnvironment({ ...development, ...standIn })).toMatchObject(standIn);
  expect(namesOf(() => checkEnvironment({ ...production, ...standIn }))).toEqual(['STRIPE_API_URL']);
  expect(checkEnvironment(production).STRIPE_API_URL).toBeUndefined();
});

describe('a key that is being changed', () => {
  test('is several with commas between, of which none may be the sandbox’s in production', () => {
    const real = production.SERVICE_KEY_CMS_TO_COMMERCE;
    const both = { SERVICE_KEY_CMS_TO_COMMERCE: `${real},${real.toUpperCase()}` };
    expect(checkEnvironment({ ...production, ...both })).toMatchObject(both);
    for (const value of [
      `${real},${development.SERVICE_KEY_CMS_TO_COMMERCE}`,
      ` ${development.SERVICE_KEY_CMS_TO_COMMERCE}`,
    ])
      expect(
        problemsOf(() => checkEnvironment({ ...production, SERVICE_KEY_CMS_TO_COMMERCE: value })),
      ).toEqual([expect.stringContaining('SERVICE_KEY_CMS_TO_COMMERCE: is a sandbox secret')]);
  });
});

describe('the seed', () => {
  test('takes a publishable key', () => {
    const key = `pk_${'0a'.repeat(32)}`;
    expect(checkSeedEnvironment({ ...development, SEED_PUBLISHABLE_KEY: key })).toMatchObject({
      SEED_PUBLISHABLE_KEY: key,
    });
    const wrong = { ...development, SEED_PUBLISHABLE_KEY: 'pk_sandbox' };
    expect(namesOf(() => checkSeedEnvironment(wrong))).toEqual(['SEED_PUBLISHABLE_KEY']);
  });

  test('is refused in production, whatever else is right', () => {
    expect(namesOf(() => checkSeedEnvironment(production))).toEqual(['SOULSEER_ENV']);
  });
});
