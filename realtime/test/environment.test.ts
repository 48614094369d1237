import { describe, expect, it } from 'vitest';
import { checkEnvironment, migrateEnvironment, serveEnvironment } from '../src/environment.ts';
import { USUAL_PROXIES } from '../src/identity/address.ts';

const receiptKey = (kid: string) =>
  `[{"kty":"OKP","crv":"Ed25519","kid":"${kid}","x":"${'x'.repeat(43)}","d":"${'d'.repeat(43)}"}]`;

const good = {
  RECEIPT_KEYS: receiptKey('sandbox-1'),
  SOULSEER_ENV: 'development',
  PORT: '4324',
  DATABASE_URL: 'postgres://realtime:sandbox-secret@127.0.0.1:4329/realtime',
  SITE_URL: 'http://localhost:4321',
  CMS_URL: 'http://localhost:4322',
  OIDC_ISSUER: 'http://localhost:4325',
  OIDC_AUDIENCE: 'https://api.soulseer.test',
  SMTP_URL: 'smtp://127.0.0.1:4330',
  MAIL_FROM: 'SoulSeer <hello@soulseer.test>',
  SERVICE_KEY_CMS_TO_REALTIME: `sandbox-${'c'.repeat(32)}`,
  SERVICE_KEY_COMMERCE_TO_REALTIME: `sandbox-${'d'.repeat(32)}`,
  SERVICE_KEY_SITE_TO_REALTIME: `sandbox-${'e'.repeat(32)}`,
  SERVICE_KEY_REALTIME_TO_CMS: `sandbox-${'f'.repeat(32)}`,
};
const production = {
  SOULSEER_ENV: 'production',
  PORT: '4324',
  DATABASE_URL: 'postgres://realtime:a-real-one@db.example.com/realtime?sslmode=require',
  SITE_URL: 'https://soulseer.example',
  CMS_URL: 'http://cms:4322',
  OIDC_ISSUER: 'https://login.soulseer.example/',
  OIDC_AUDIENCE: 'https://api.soulseer.example',
  SMTP_URL: 'smtps://user:a-real-one@mail.example:465',
  MAIL_FROM: 'hello@soulseer.example',
  OIDC_CLAIMS_NAMESPACE: 'https://soulseer.example/',
  SERVICE_KEY_CMS_TO_REALTIME: 'c'.repeat(32),
  SERVICE_KEY_COMMERCE_TO_REALTIME: 'd'.repeat(32),
  SERVICE_KEY_SITE_TO_REALTIME: 'e'.repeat(32),
  SERVICE_KEY_REALTIME_TO_CMS: 'f'.repeat(32),
  RECEIPT_KEYS: receiptKey('2026-11'),
};

function problemOf(source: Record<string, string | undefined>): string {
  const result = checkEnvironment(serveEnvironment, source);
  if ('values' in result) throw new Error('was taken as good');
  return result.problem;
}

describe('the environment', () => {
  it('is taken when whole, with what may be left out filled in', () => {
    expect(checkEnvironment(serveEnvironment, good)).toEqual({
      values: {
        ...good,
        PORT: 4324,
        HOST: '127.0.0.1',
        LOG_LEVEL: 'info',
        TRUSTED_PROXIES: USUAL_PROXIES,
        ICE_SERVERS: [],
      },
    });
    expect(checkEnvironment(serveEnvironment, production)).toHaveProperty('values');
    expect(
      checkEnvironment(migrateEnvironment, { ...good, DATABASE_OWNER_URL: good.DATABASE_URL }),
    ).toHaveProperty('values');
  });

  it('names everything that is missing or wrong at once, a line each, with what it is for', () => {
    const lines = problemOf({
      PORT: 'ninety',
      SITE_URL: 'http://localhost:4321/path',
      LOG_LEVEL: 'loud',
      DATABASE_URL: '',
    })
      .split('\n')
      .slice(1);
    expect(lines).toEqual([
      '  SOULSEER_ENV: is missing. It is which kind of place this is; production refuses secrets and addresses of the sandbox.',
      '  LOG_LEVEL: must be one of trace, debug, info, warn, error, fatal, silent. It is the least level of log line that is written.',
      '  PORT: is not a number. It is the port to listen on.',
      '  DATABASE_URL: is missing. It is the database, as the role that runs.',
      '  SITE_URL: must be an origin: no path and no slash at the end. It is the public origin of the site.',
      '  CMS_URL: is missing. It is the origin of the CMS, which tells who somebody is.',
      '  OIDC_ISSUER: is missing. It is the issuer of access tokens, exactly as it stands in them.',
      '  OIDC_AUDIENCE: is missing. It is the audience of access tokens.',
      '  SERVICE_KEY_CMS_TO_REALTIME: is missing. It is the key by which the CMS signs its calls to realtime.',
      '  SERVICE_KEY_COMMERCE_TO_REALTIME: is missing. It is the key by which the shop signs its calls to realtime.',
      '  SERVICE_KEY_SITE_TO_REALTIME: is missing. It is the key by which the site signs its calls to realtime.',
      '  SERVICE_KEY_REALTIME_TO_CMS: is missing. It is the key by which realtime signs its calls to the CMS.',
      '  SMTP_URL: is missing. It is the mail server.',
      '  MAIL_FROM: is missing. It is the sender of mails.',
      '  RECEIPT_KEYS: is missing. It is the keys that receipts are signed with: a JSON list of JWKs, the first private one signs.',
    ]);
  });

  it.each([
    [
      'another program’s address',
      { DATABASE_URL: 'mysql://realtime:x@db/realtime' },
      'DATABASE_URL: is not a postgres:// address',
    ],
    ['an address without a user', { DATABASE_URL: 'postgres://db/realtime' }, 'DATABASE_URL: names no user'],
    [
      'an address without a database',
      { DATABASE_URL: 'postgres://realtime@db' },
      'DATABASE_URL: names no database',
    ],
    ['a port too high', { PORT: '70000' }, 'PORT: '],
    [
      'a key that is too short',
      { SERVICE_KEY_CMS_TO_REALTIME: 'short' },
      'SERVICE_KEY_CMS_TO_REALTIME: must be 32 characters or more',
    ],
    [
      'a new key that is too short beside an old one',
      { SERVICE_KEY_REALTIME_TO_CMS: `short,${'f'.repeat(32)}` },
      'SERVICE_KEY_REALTIME_TO_CMS: must be 32 characters or more',
    ],
    [
      'proxies that are no addresses',
      { TRUSTED_PROXIES: '10.0.0.0/8,everybody' },
      'TRUSTED_PROXIES: is not a comma list of addresses and ranges',
    ],
    ['a range that is none', { TRUSTED_PROXIES: '10.0.0.0/33' }, 'TRUSTED_PROXIES: is not a comma list'],
    ['a mail server that is none', { SMTP_URL: 'https://mail' }, 'SMTP_URL: is not an smtp://'],
    ['a sender that is none', { MAIL_FROM: 'SoulSeer' }, 'MAIL_FROM: is not a sender'],
    ['two senders', { MAIL_FROM: 'a@b.c\nBcc: d@e.f' }, 'MAIL_FROM: is not a sender'],
    ['an issuer that is no address', { OIDC_ISSUER: 'auth0' }, 'OIDC_ISSUER: is not an http(s) address'],
    ['another kind of place', { SOULSEER_ENV: 'staging' }, 'SOULSEER_ENV: must be development or production'],
  ])('refuses %s', (_case, change, message) => {
    expect(problemOf({ ...good, ...change })).toContain(message);
  });

  it('refuses in production all that is of the sandbox, and names it all at once', () => {
    const problem = problemOf({ ...good, SOULSEER_ENV: 'production' });
    expect(problem).toContain('DATABASE_URL: holds a secret of the sandbox');
    expect(problem).toContain('SITE_URL: is an address of this machine');
    expect(problem).toContain('SMTP_URL: is an address of this machine');
    expect(problem).not.toContain('sandbox-secret');
  });

  it.each([
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
  ])('refuses the host %s in production', (host) => {
    expect(
      problemOf({ ...production, DATABASE_URL: `postgres://realtime:a-real-one@${host}:5432/realtime` }),
    ).toContain('DATABASE_URL: is an address of this machine');
    expect(problemOf({ ...production, SITE_URL: new URL(`http://${host}`).origin })).toContain(
      'SITE_URL: is an address of this machine',
    );
  });

  it('refuses a socket of this machine in production', () => {
    expect(problemOf({ ...production, DATABASE_URL: 'postgres://realtime@%2Ftmp/realtime' })).toContain(
      'DATABASE_URL: is an address of this machine',
    );
  });

  it.each([
    ['host=127.0.0.1&password=sandbox-x', 'host'],
    ['sslmode=require&%68ost=%2Ftmp', 'host'],
    ['hostaddr=127.0.0.1', 'hostaddr'],
    ['port=4329', 'port'],
    ['user=postgres', 'user'],
    ['password=a-real-one', 'password'],
  ])('refuses the query %s of a database in production', (query, name) => {
    const address = `postgres://realtime@db.example.com/realtime?${query}`;
    expect(problemOf({ ...production, DATABASE_URL: address })).toContain(
      `DATABASE_URL: says "${name}" in its query`,
    );
    expect(checkEnvironment(serveEnvironment, { ...good, DATABASE_URL: address })).toHaveProperty('values');
  });

  it.each([
    ['no JSON', 'secret', 'is not JSON'],
    ['no list', '{}', 'is not a list of Ed25519 keys as JWKs (at the top)'],
    ['another kind of key', '[{"kty":"RSA"}]', 'is not a list of Ed25519 keys as JWKs (at 0.kty)'],
    [
      'one key twice',
      `[${receiptKey('a').slice(1, -1)},${receiptKey('a').slice(1, -1)}]`,
      'names a key id twice',
    ],
    ['old keys only', receiptKey('a').replace(/,"d":"d+"/, ''), 'has no private key to sign with'],
  ])('refuses RECEIPT_KEYS that are %s', (_case, value, message) => {
    const problem = problemOf({ ...good, RECEIPT_KEYS: value });
    expect(problem).toContain(`RECEIPT_KEYS: ${message}`);
    expect(problem).not.toContain('secret.');
  });

  it('refuses in production a receipt key of the sandbox', () => {
    expect(problemOf({ ...production, RECEIPT_KEYS: receiptKey('sandbox-1') })).toContain(
      'RECEIPT_KEYS: holds a key of the sandbox',
    );
  });

  it('refuses in production a key of the sandbox, also as one of several', () => {
    for (const key of [`sandbox-${'c'.repeat(32)}`, `${'c'.repeat(32)}, sandbox-${'d'.repeat(32)}`])
      expect(problemOf({ ...production, SERVICE_KEY_CMS_TO_REALTIME: key })).toContain(
        'SERVICE_KEY_CMS_TO_REALTIME: is a secret of the sandbox',
      );
    const two = `${'c'.repeat(32)},${'d'.repeat(32)}`;
    expect(
      checkEnvironment(serveEnvironment, { ...production, SERVICE_KEY_CMS_TO_REALTIME: two }),
    ).toHaveProperty('values');
  });

  it('wants https for what browsers open in production', () => {
    expect(problemOf({ ...production, SITE_URL: 'http://soulseer.example' })).toContain(
      'SITE_URL: must be https in production',
    );
    expect(problemOf({ ...production, OIDC_ISSUER: 'http://login.soulseer.example' })).toContain(
      'OIDC_ISSUER: must be https in production',
    );
  });

  it.each([
    'localhost.example.com',
    '128.0.0.1',
    '10.0.0.7',
    '[2001:db8::1]',
    '[::ffff:10.0.0.7]',
    'postgres',
  ])('takes the host %s in production', (host) => {
    expect(
      checkEnvironment(serveEnvironment, {
        ...production,
        DATABASE_URL: `postgres://realtime@${host}/realtime`,
      }),
    ).toHaveProperty('values');
  });

  it('refuses a sandbox secret wherever it is written in the address', () => {
    expect(
      problemOf({ ...production, DATABASE_URL: 'postgres://realtime:%73andbox-1@db.example.com/realtime' }),
    ).toContain('DATABASE_URL: holds a secret of the sandbox');
  });

  it('takes a password that is no percent-encoding as it is', () => {
    const address = (password: string) => `postgres://realtime:${password}@db.example.com/realtime`;
    expect(problemOf({ ...production, DATABASE_URL: address('sandbox%zz') })).toContain(
      'DATABASE_URL: holds a',
    );
    expect(
      checkEnvironment(serveEnvironment, { ...production, DATABASE_URL: address('100%real') }),
    ).toHaveProperty('values');
  });
});
