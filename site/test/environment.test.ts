import { describe, expect, it } from 'vitest';
import { EnvironmentError, readEnvironment } from '../src/server/environment.ts';

const development = {
  SOULSEER_ENV: 'development',
  PORT: '4321',
  SITE_URL: 'http://localhost:4321',
  CMS_URL: 'http://localhost:4322',
  COMMERCE_URL: 'http://localhost:4323',
  REALTIME_URL: 'http://localhost:4324',
  MEDIA_URL: 'http://localhost:4332/',
};
const production = {
  ...development,
  SOULSEER_ENV: 'production',
  SITE_URL: 'https://soulseer.example',
  CMS_URL: 'http://cms:4322',
  COMMERCE_URL: 'http://commerce:4323',
  REALTIME_URL: 'http://realtime:4324',
  MEDIA_URL: 'https://media.soulseer.example',
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
  ])('refuses %s=%s', (name, value, because) => {
    const message = told({ ...development, [name]: value });
    expect(message).toContain(name);
    expect(message).toContain(because);
    expect(message.trim().split('\n')).toHaveLength(2);
  });

  it('takes an empty value for none', () => {
    expect(told({ ...development, MEDIA_URL: '' })).toMatch(/MEDIA_URL +is missing/);
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
});
