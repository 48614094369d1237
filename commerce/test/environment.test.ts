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
  S3_ENDPOINT: 'http://127.0.0.1:4327',
  S3_REGION: 'auto',
  S3_ACCESS_KEY_ID: 'sandbox',
  S3_SECRET_ACCESS_KEY: 'sandbox',
  S3_MEDIA_BUCKET: 'media',
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
      'DATABASE_URL',
      'JWT_SECRET',
      'COOKIE_SECRET',
      'COMMERCE_URL',
      'SITE_URL',
      'S3_ENDPOINT',
      'S3_ACCESS_KEY_ID',
      'S3_SECRET_ACCESS_KEY',
      'MEDIA_URL',
    ]);
  });

  test.each([
    'localhost',
    'shop.localhost',
    'LOCALHOST',
    'localhost.',
    '127.0.0.1',
    '127.8.9.10',
    '[::1]',
    '127.1',
  ])('the host %s is this machine', (host) => {
    expect(namesOf(() => checkEnvironment({ ...production, S3_ENDPOINT: `http://${host}:4327` }))).toEqual([
      'S3_ENDPOINT',
    ]);
    expect(namesOf(() => checkEnvironment({ ...production, REDIS_URL: `redis://${host}:6379` }))).toEqual([
      'REDIS_URL',
    ]);
  });

  test('a host that only looks like it is not', () => {
    expect(
      namesOf(() => checkEnvironment({ ...production, S3_ENDPOINT: 'https://localhost.example.org' })),
    ).toEqual([]);
  });
});

describe('the seed', () => {
  const seed = { ...development, SEED_PASSWORD: 'soulseer' };

  test('needs a password and takes a publishable key', () => {
    expect(namesOf(() => checkSeedEnvironment(development))).toEqual(['SEED_PASSWORD']);
    const key = `pk_${'0a'.repeat(32)}`;
    expect(checkSeedEnvironment({ ...seed, SEED_PUBLISHABLE_KEY: key })).toMatchObject({
      SEED_PUBLISHABLE_KEY: key,
    });
    expect(namesOf(() => checkSeedEnvironment({ ...seed, SEED_PUBLISHABLE_KEY: 'pk_sandbox' }))).toEqual([
      'SEED_PUBLISHABLE_KEY',
    ]);
  });

  test('is refused in production, whatever else is right', () => {
    expect(namesOf(() => checkSeedEnvironment({ ...production, SEED_PASSWORD: 'soulseer' }))).toEqual([
      'SOULSEER_ENV',
    ]);
  });
});
