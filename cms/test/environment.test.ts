import { describe, expect, test } from 'vitest';
import { EnvironmentError, readEnvironment } from '../src/environment.ts';
import { productionEnvironment } from './support/environment.ts';

const development = {
  SOULSEER_ENV: 'development',
  DATABASE_URL: 'postgres://cms:sandbox@127.0.0.1:4329/cms',
  PAYLOAD_SECRET: 'sandbox-secret-for-the-cms',
  CMS_URL: 'http://localhost:4322',
  SITE_URL: 'http://localhost:4321/',
  REALTIME_URL: 'http://localhost:4324',
  COMMERCE_URL: 'http://localhost:4323',
  S3_ENDPOINT: 'http://127.0.0.1:4327',
  S3_REGION: 'auto',
  S3_ACCESS_KEY_ID: 'sandbox',
  S3_SECRET_ACCESS_KEY: 'sandbox',
  S3_MEDIA_BUCKET: 'media',
  MEDIA_URL: 'http://localhost:4332',
  S3_PRIVATE_BUCKET: 'private',
  OIDC_ISSUER: 'http://localhost:4325',
  OIDC_AUDIENCE: 'https://api.soulseer.test',
  OIDC_CLIENT_ID: 'soulseer-cms',
  OIDC_CLIENT_SECRET: 'sandbox-secret-of-the-cms',
  SERVICE_KEY_CMS_TO_REALTIME: 'sandbox-key-from-cms-to-realtime-0123456789',
  SERVICE_KEY_CMS_TO_COMMERCE: 'sandbox-key-from-cms-to-commerce-0123456789',
  SERVICE_KEY_CMS_TO_SITE: 'sandbox-key-from-cms-to-site-0123456789',
  SERVICE_KEY_REALTIME_TO_CMS: 'sandbox-key-from-realtime-to-cms-0123456789',
  SERVICE_KEY_SITE_TO_CMS: 'sandbox-key-from-site-to-cms-0123456789',
  SERVICE_KEY_COMMERCE_TO_CMS: 'sandbox-key-from-commerce-to-cms-0123456789',
};

const production = productionEnvironment;

function refusal(source: Record<string, string | undefined>): string[] {
  try {
    readEnvironment(source);
  } catch (error) {
    expect(error).toBeInstanceOf(EnvironmentError);
    return (error as Error).message.split('\n').slice(1);
  }
  throw new Error('the environment was accepted');
}

describe('the environment', () => {
  test('is accepted when whole, with defaults and without a slash at the end', () => {
    const environment = readEnvironment(development);
    expect(environment).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 4322,
      LOG_LEVEL: 'info',
      SITE_URL: 'http://localhost:4321',
    });
  });

  test('O2: everything missing is named at once, with what it is for', () => {
    const lines = refusal({});
    expect(lines.map((line) => line.trim().split(' ')[0])).toEqual(Object.keys(development));
    expect(lines.every((line) => /^ {2}[A-Z0-9_]+ .+: .{5,}$/.test(line))).toBe(true);
    expect(lines.join('\n')).not.toContain('undefined');
  });

  test('an empty value counts as missing', () => {
    expect(refusal({ ...development, PAYLOAD_SECRET: '' })).toEqual([
      '  PAYLOAD_SECRET is missing: signs sign-in cookies, at least 16 characters',
    ]);
  });

  test.each([
    ['PORT', 'eighty'],
    ['PORT', '70000'],
    ['LOG_LEVEL', 'loud'],
    ['SOULSEER_ENV', 'staging'],
    ['DATABASE_URL', 'mysql://x/y'],
    ['CMS_URL', 'http://localhost:4322/admin'],
    ['CMS_URL', 'localhost'],
    ['S3_ENDPOINT', 'ftp://storage'],
    ['PAYLOAD_SECRET', 'short'],
    ['OIDC_ISSUER', 'issuer'],
    ['SERVICE_KEY_SITE_TO_CMS', 'short'],
    ['SERVICE_KEY_SITE_TO_CMS', `${'x'.repeat(32)},short`],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', 'proxy.internal'],
  ])('refuses %s=%s, and names nothing else', (name, value) => {
    const lines = refusal({ ...development, [name]: value });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^ {2}${name} `));
  });

  test('never repeats a secret', () => {
    expect(refusal({ ...development, PAYLOAD_SECRET: 'hunter2' }).join()).not.toContain('hunter2');
  });
});

describe('O3: production', () => {
  test('is accepted with real secrets and addresses', () => {
    expect(readEnvironment(production).SOULSEER_ENV).toBe('production');
  });

  test('refuses sandbox secrets and addresses of this machine, all at once', () => {
    const lines = refusal({ ...development, SOULSEER_ENV: 'production' });
    expect(lines.map((line) => line.trim().split(' ')[0])).toEqual([
      'PAYLOAD_SECRET',
      'S3_ACCESS_KEY_ID',
      'S3_SECRET_ACCESS_KEY',
      'OIDC_CLIENT_SECRET',
      'SERVICE_KEY_CMS_TO_REALTIME',
      'SERVICE_KEY_CMS_TO_COMMERCE',
      'SERVICE_KEY_CMS_TO_SITE',
      'SERVICE_KEY_REALTIME_TO_CMS',
      'SERVICE_KEY_SITE_TO_CMS',
      'SERVICE_KEY_COMMERCE_TO_CMS',
      'DATABASE_URL',
      'CMS_URL',
      'SITE_URL',
      'REALTIME_URL',
      'COMMERCE_URL',
      'S3_ENDPOINT',
      'MEDIA_URL',
      'OIDC_ISSUER',
    ]);
  });

  test('tells what is missing and what is forbidden in one message', () => {
    const lines = refusal({ ...production, SITE_URL: undefined, MEDIA_URL: 'http://media.localhost' });
    expect(lines.map((line) => line.trim().split(' ')[0])).toEqual(['SITE_URL', 'MEDIA_URL']);
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
  ])('refuses the host %s', (host) => {
    const given = { DATABASE_URL: `postgres://cms:k3y@${host}:5432/cms`, S3_ENDPOINT: `http://${host}:9000` };
    for (const [name, value] of Object.entries(given))
      expect(refusal({ ...production, [name]: value })[0]).toContain(`${name} points at this very machine`);
  });

  test('refuses a socket of this machine', () => {
    for (const address of ['postgres://cms@%2Ftmp/cms', 'postgres:///cms'])
      expect(refusal({ ...production, DATABASE_URL: address })[0]).toContain('points at this very machine');
  });

  test.each([
    ['host=127.0.0.1&password=sandbox-x', 'host'],
    ['sslmode=require&%68ost=%2Ftmp', 'host'],
    ['hostaddr=127.0.0.1', 'hostaddr'],
    ['port=4329', 'port'],
    ['user=postgres', 'user'],
    ['password=a-real-one', 'password'],
  ])('refuses the query %s of a database', (query, name) => {
    const address = `postgres://cms@db.internal/cms?${query}`;
    expect(refusal({ ...production, DATABASE_URL: address })).toEqual([
      expect.stringContaining(`DATABASE_URL says "${name}" in its query`),
    ]);
    expect(readEnvironment({ ...development, DATABASE_URL: address })).toHaveProperty(
      'DATABASE_URL',
      address,
    );
  });

  test('refuses a sandbox secret among several', () => {
    const keys = `${'x'.repeat(32)}, sandbox-${'x'.repeat(32)}`;
    expect(refusal({ ...production, SERVICE_KEY_CMS_TO_SITE: keys })).toEqual([
      expect.stringContaining('SERVICE_KEY_CMS_TO_SITE is a sandbox secret'),
    ]);
  });

  test('keeps the issuer exactly as it is given', () => {
    expect(readEnvironment(production).OIDC_ISSUER).toBe('https://login.soulseer.example/');
  });

  test.each(['CMS_URL', 'SITE_URL', 'MEDIA_URL', 'OIDC_ISSUER'])(
    'wants https for %s, which browsers open',
    (name) => {
      expect(refusal({ ...production, [name]: 'http://soulseer.example' })).toEqual([
        expect.stringContaining(`${name} must be https`),
      ]);
    },
  );

  test.each(['localhost.example', '128.0.0.1', '10.0.0.7', '[2001:db8::1]', '[::ffff:10.0.0.7]', 'storage'])(
    'takes the host %s',
    (host) => {
      const given = { DATABASE_URL: `postgres://cms:k3y@${host}/cms`, S3_ENDPOINT: `http://${host}:9000` };
      expect(readEnvironment({ ...production, ...given })).toMatchObject(given);
    },
  );

  test('refuses a sandbox password inside an address', () => {
    expect(
      refusal({ ...production, DATABASE_URL: 'postgres://cms:sandbox-pw@db.internal/cms' })[0],
    ).toContain('sandbox password');
  });

  test('takes a password that is no percent-encoding as it is', () => {
    const address = (password: string) => `postgres://cms:${password}@db.internal/cms`;
    expect(refusal({ ...production, DATABASE_URL: address('sandbox%zz') })[0]).toContain('sandbox password');
    expect(readEnvironment({ ...production, DATABASE_URL: address('100%real') })).toBeDefined();
  });
});
