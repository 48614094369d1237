import { describe, expect, it } from 'vitest';
import { EnvironmentError, readEnvironment, socketUrl } from '../src/server/environment.ts';

const development = {
  SOULSEER_ENV: 'development',
  PORT: '4321',
  SITE_URL: 'http://localhost:4321',
  CMS_URL: 'http://localhost:4322',
  COMMERCE_URL: 'http://localhost:4323',
  REALTIME_URL: 'http://localhost:4324',
  MEDIA_URL: 'http://localhost:4332/',
  DATABASE_URL: 'postgres://site:sandbox-1@127.0.0.1:4329/site',
  SESSION_SECRET: `sandbox-${'s'.repeat(40)}`,
  OIDC_ISSUER: 'http://localhost:4325',
  OIDC_AUDIENCE: 'https://api.soulseer.test',
  OIDC_CLIENT_ID: 'soulseer-site',
  OIDC_CLIENT_SECRET: 'sandbox-client',
  SERVICE_KEY_CMS_TO_SITE: `sandbox-${'a'.repeat(40)}`,
  SERVICE_KEY_SITE_TO_CMS: `sandbox-${'b'.repeat(40)}`,
  SERVICE_KEY_SITE_TO_REALTIME: `sandbox-${'c'.repeat(40)}`,
};
const secret = 'x'.repeat(32);
const production = {
  ...development,
  SOULSEER_ENV: 'production',
  SITE_URL: 'https://soulseer.example',
  CMS_URL: 'http://cms:4322',
  COMMERCE_URL: 'http://commerce:4323',
  REALTIME_URL: 'http://realtime:4324',
  MEDIA_URL: 'https://media.soulseer.example',
  DATABASE_URL: 'postgres://site:password@db.example:5432/site?sslmode=verify-full',
  SESSION_SECRET: secret,
  OIDC_ISSUER: 'https://login.soulseer.example/',
  OIDC_CLIENT_SECRET: 'secret-of-the-client',
  SERVICE_KEY_CMS_TO_SITE: secret,
  SERVICE_KEY_SITE_TO_CMS: secret,
  SERVICE_KEY_SITE_TO_REALTIME: secret,
};

const told = (source: Record<string, string | undefined>): string => {
  try {
    readEnvironment(source);
  } catch (error) {
    expect(error).toBeInstanceOf(EnvironmentError);
    return (error as Error).message;
  }
  throw new Error('the environment was accepted');
};

describe('environment', () => {
  it('gives what is set, what is not, and addresses without a trailing slash', () => {
    expect(readEnvironment(development)).toMatchObject({
      PORT: 4321,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      MEDIA_URL: 'http://localhost:4332',
    });
  });

  it('names everything that is missing at once, with what it is for', () => {
    const message = told({});
    for (const name of [
      'SOULSEER_ENV',
      'PORT',
      'SITE_URL',
      'CMS_URL',
      'COMMERCE_URL',
      'REALTIME_URL',
      'MEDIA_URL',
      'DATABASE_URL',
      'SESSION_SECRET',
      'OIDC_ISSUER',
      'OIDC_AUDIENCE',
      'OIDC_CLIENT_ID',
      'OIDC_CLIENT_SECRET',
      'SERVICE_KEY_CMS_TO_SITE',
      'SERVICE_KEY_SITE_TO_CMS',
      'SERVICE_KEY_SITE_TO_REALTIME',
    ]) {
      expect(message).toMatch(new RegExp(`^  ${name} +is missing \\(.+\\)$`, 'm'));
    }
  });

  it.each([
    ['SOULSEER_ENV', 'staging', 'one of: development, production'],
    ['PORT', 'eighty', 'whole number'],
    ['PORT', '70000', 'whole number'],
    ['CMS_URL', 'localhost:4322', 'not an http'],
    ['CMS_URL', 'ftp://cms', 'not an http'],
    ['SITE_URL', 'https://example.org/shop', 'origin only'],
    ['LOG_LEVEL', 'loud', 'one of'],
    ['DATABASE_URL', 'mysql://site@db/site', 'not a postgres'],
    ['DATABASE_URL', 'postgres://db.example/site', 'names no user'],
    ['DATABASE_URL', 'postgres://site@db.example', 'names no database'],
    ['REDIS_URL', 'http://redis', 'not a redis'],
    ['OIDC_ISSUER', 'login.soulseer.example', 'not an http'],
    ['OIDC_CLAIMS_NAMESPACE', 'soulseer', 'not an address'],
    ['SESSION_SECRET', 'short', 'at least 32'],
    ['SESSION_SECRET', `${'x'.repeat(32)},short`, 'at least 32'],
    ['SERVICE_KEY_CMS_TO_SITE', ' , ', 'at least 32'],
    ['TRUSTED_PROXIES', 'localhost', 'IP addresses'],
    ['TRUSTED_PROXIES', '10.0.0.0/33', 'IP addresses'],
    ['TRUSTED_PROXIES', '10.0.0.0/8/8', 'IP addresses'],
  ])('refuses %s=%s', (name, value, because) => {
    const message = told({ ...development, [name]: value });
    expect(message).toContain(name);
    expect(message).toContain(because);
    expect(message.trim().split('\n')).toHaveLength(2);
  });

  it('takes an empty value for none', () => {
    expect(told({ ...development, MEDIA_URL: '' })).toMatch(/MEDIA_URL +is missing/);
  });

  it('keeps the issuer as it stands in tokens, its slash included, and takes lists apart', () => {
    const read = readEnvironment({
      ...production,
      SESSION_SECRET: `${secret}, ${'y'.repeat(40)}`,
      TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8::1',
    });
    expect(read.OIDC_ISSUER).toBe('https://login.soulseer.example/');
    expect(read.SESSION_SECRET).toEqual([secret, 'y'.repeat(40)]);
    expect(read.TRUSTED_PROXIES).toEqual(['10.0.0.0/8', '2001:db8::1']);
    expect(readEnvironment(production).TRUSTED_PROXIES).toEqual([]);
  });

  it.each([
    ['SESSION_SECRET', `${secret},sandbox-${secret}`, 'secret of the sandbox'],
    ['SERVICE_KEY_SITE_TO_REALTIME', `sandbox-${secret}`, 'secret of the sandbox'],
    ['OIDC_CLIENT_SECRET', 'sandbox-1', 'secret of the sandbox'],
    ['DATABASE_URL', 'postgres://site:sandbox-1@db.example/site', 'secret of the sandbox'],
    ['DATABASE_URL', 'postgres://site:%73andbox-1@db.example/site', 'secret of the sandbox'],
    ['DATABASE_URL', 'postgres://site:x@127.1:5432/site', 'address of this machine'],
    ['DATABASE_URL', 'postgres://site:x@db.example/site?host=localhost', 'says “host”'],
    ['REDIS_URL', 'redis://localhost:6379', 'address of this machine'],
    ['OIDC_ISSUER', 'http://login.soulseer.example/', 'is to be https'],
    ['OIDC_ISSUER', 'https://localhost:4325', 'address of this machine'],
    ['CMS_PUBLIC_URL', 'http://cms.soulseer.example', 'is to be https'],
  ])('refuses in production %s=%s', (name, value, because) => {
    const message = told({ ...production, [name]: value });
    expect(message).toContain(name);
    expect(message).toContain(because);
  });

  it('accepts production with real addresses', () => {
    expect(readEnvironment(production).SOULSEER_ENV).toBe('production');
  });

  it('refuses addresses of this machine in production, all at once', () => {
    const message = told({
      ...production,
      CMS_URL: 'http://127.0.0.1:4322',
      COMMERCE_URL: 'http://shop.localhost',
      REALTIME_URL: 'http://[::1]:4324',
      MEDIA_URL: 'http://media.example.org',
    });
    for (const name of ['CMS_URL', 'COMMERCE_URL', 'REALTIME_URL']) {
      expect(message).toMatch(new RegExp(`${name} +is an address of this machine`));
    }
    expect(message).toMatch(/MEDIA_URL +is to be https/);
    expect(message).not.toContain('SITE_URL');
  });

  it.each([
    'http://LOCALHOST:4324',
    'http://localhost.:4324',
    'http://shop.localhost.',
    'http://127.0.0.1.',
    'http://127.1',
    'http://0x7f.1',
    'http://2130706433',
    'http://127.255.0.9',
    'http://0.0.0.0:4324',
    'http://0',
    'http://[::]:4324',
    'http://[0:0:0:0:0:0:0:1]',
    'http://[::ffff:127.0.0.1]:4324',
    'http://[::ffff:7fff:1]',
    'http://[::ffff:0.0.0.0]',
  ])('knows this machine in production as %s too', (address) => {
    const secure = address.replace('http:', 'https:');
    const message = told({ ...production, REALTIME_URL: address, SITE_URL: secure });
    expect(message).toMatch(/REALTIME_URL +is an address of this machine/);
    expect(message).toMatch(/SITE_URL +is an address of this machine/);
    expect(readEnvironment({ ...development, REALTIME_URL: address }).SOULSEER_ENV).toBe('development');
  });

  it.each([
    'http://localhost.example',
    'http://notlocalhost',
    'http://127.example',
    'http://128.0.0.1',
    'http://10.0.0.1',
    'http://[::2]',
    'http://[::ffff:10.0.0.1]',
    'http://[fd00::1]:4324',
  ])('takes %s in production for another machine', (address) => {
    expect(readEnvironment({ ...production, REALTIME_URL: address }).REALTIME_URL).toBe(
      address.replace('10.0.0.1]', 'a00:1]'),
    );
  });

  it('knows where browsers open the socket: behind the site unless said, and by wss in production', () => {
    expect(socketUrl(readEnvironment(development))).toBe('ws://localhost:4321/socket');
    expect(socketUrl(readEnvironment(production))).toBe('wss://soulseer.example/socket');
    const said = { SOCKET_URL: 'wss://live.soulseer.example/socket' };
    expect(socketUrl(readEnvironment({ ...production, ...said }))).toBe(said.SOCKET_URL);
    const wrong = (SOCKET_URL: string) => told({ ...production, SOCKET_URL });
    expect(wrong('ws://live.soulseer.example/socket')).toMatch(/SOCKET_URL +is to be wss in production/);
    expect(wrong('wss://localhost/socket')).toMatch(/SOCKET_URL +is an address of this machine/);
    expect(wrong('https://live.soulseer.example')).toMatch(
      /SOCKET_URL +is not a ws:\/\/ or wss:\/\/ address/,
    );
  });
});
