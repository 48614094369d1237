import { describe, expect, it } from 'vitest';
import { migrate } from '../src/database/migrations.ts';
import { createCookies, readCookies } from '../src/identity/cookies.ts';
import { claimsOf } from '../src/identity/issuer.ts';
import { createSeal } from '../src/identity/seal.ts';
import { createForwarded, networkOf } from '../src/server/address.ts';
import { permissionsPolicy } from '../src/server/headers.ts';
import { createDatabase } from './helpers/database.ts';

const [one, other] = ['a'.repeat(32), 'b'.repeat(32)];

describe('the seal', () => {
  it('opens what it closed, for the same purpose only', () => {
    const seal = createSeal([one]);
    const sealed = seal.close({ token: 'secret' }, 'session 1');
    expect(seal.open(sealed, 'session 1')).toEqual({ token: 'secret' });
    expect(seal.open(sealed, 'session 2')).toBeUndefined();
    expect(sealed.toString('latin1')).not.toContain('secret');
    expect(seal.close({ token: 'secret' }, 'session 1').equals(sealed)).toBe(false);
  });

  it('opens nothing that was changed in any byte, cut or made up', () => {
    const seal = createSeal([one]);
    const sealed = seal.close('x', 'p');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(seal.open(changed, 'p')).toBeUndefined();
      expect(seal.open(sealed.subarray(0, at), 'p')).toBeUndefined();
    }
  });

  it('believes every secret, and closes with the first', () => {
    const [old, both, fresh] = [createSeal([one]), createSeal([other, one]), createSeal([other])];
    expect(both.open(old.close('x', 'p'), 'p')).toBe('x');
    expect(fresh.open(both.close('x', 'p'), 'p')).toBe('x');
    expect(fresh.open(old.close('x', 'p'), 'p')).toBeUndefined();
  });
});

describe('cookies', () => {
  it('are for this host alone, secure, and not for scripts', () => {
    const cookies = createCookies('https://soulseer.example');
    expect(cookies.set(cookies.session, 'id', 60)).toBe(
      '__Host-soulseer=id; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure',
    );
    expect(cookies.signIn('state-of-a-sign-in')).toMatch(/^__Host-soulseer-in-/);
  });

  it.each([
    'http://soulseer.example',
    'https://localhost',
    'http://localhost.example',
    'http://127.0.0.1:4321',
  ])('are so on %s too', (url) => {
    expect(createCookies(url).session).toBe('__Host-soulseer');
  });

  it('have a plain variant for http on localhost', () => {
    const cookies = createCookies('http://localhost:4321');
    expect(cookies.set(cookies.session, 'id', 60)).toBe(
      'soulseer=id; Max-Age=60; Path=/; HttpOnly; SameSite=Lax',
    );
  });

  it('of one name count once', () => {
    expect([...readCookies('a=1; b = x=y ;a=2; c')]).toEqual([
      ['a', '1'],
      ['b', 'x=y'],
    ]);
  });
});

describe('whom a request comes from', () => {
  const behind = createForwarded(['10.0.0.0/8', '2001:db8::1']);
  it.each([
    ['203.0.113.9', '198.51.100.1', '203.0.113.9', '203.0.113.9'],
    ['10.0.0.1', undefined, '10.0.0.1', '10.0.0.1'],
    ['10.0.0.1', '198.51.100.1', '198.51.100.1', '198.51.100.1, 10.0.0.1'],
    ['::ffff:10.0.0.1', '1.1.1.1, 198.51.100.1', '198.51.100.1', '198.51.100.1, 10.0.0.1'],
    ['2001:db8::1', '198.51.100.1, 10.9.9.9', '198.51.100.1', '198.51.100.1, 10.9.9.9, 2001:db8::1'],
    ['10.0.0.1', 'nonsense', '10.0.0.1', '10.0.0.1'],
  ])('%s saying %s is %s', (peer, header, address, chain) => {
    expect(behind(peer, header)).toEqual({ address, chain });
  });

  it('is counted by the network that a household has', () => {
    expect(networkOf('2001:DB8:0:1::5')).toBe('2001:db8:0:1::/64');
    expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64');
    expect(networkOf('203.0.113.9')).toBe('203.0.113.9');
  });
});

describe('claims', () => {
  const claims = { iss: 'https://login.example/', sub: 'auth0|1', aud: 'x', iat: 1, exp: 2 };
  it('come by their own names, or under a namespace as Auth0 has it', () => {
    expect(
      claimsOf({ ...claims, email: 'a@b.example', email_verified: true, name: ' Ada ' }, undefined),
    ).toEqual({
      issuer: 'https://login.example/',
      subject: 'auth0|1',
      email: 'a@b.example',
      email_verified: true,
      display_name: 'Ada',
    });
    for (const namespace of ['https://soulseer.example', 'https://soulseer.example/'])
      expect(claimsOf({ ...claims, 'https://soulseer.example/email': 'a@b.example' }, namespace).email).toBe(
        'a@b.example',
      );
    expect(claimsOf({ ...claims, email: 7, name: '' } as never, undefined)).toEqual({
      issuer: 'https://login.example/',
      subject: 'auth0|1',
    });
  });
});

describe('what a page may ask the device for', () => {
  it.each(['/', '/readings', '/readings/1/notes', '/readers/1'])(
    'is neither camera nor microphone on %s',
    (path) => {
      expect(permissionsPolicy(path)).toContain('camera=(), microphone=()');
    },
  );
  it('is both in a reading’s room', () => {
    expect(permissionsPolicy('/readings/0193')).toContain('camera=(self), microphone=(self)');
  });
});

describe('migrations', () => {
  it('run once, however many nodes start at once', async () => {
    await using database = await createDatabase({ empty: true });
    const ran = await Promise.all(Array.from({ length: 5 }, () => migrate(database.url)));
    expect(ran.flat()).toEqual(['000001_sessions.sql']);
  });

  it('refuse a past that is another than theirs', async () => {
    await using database = await createDatabase();
    await database.query(`UPDATE schema_migrations SET checksum = 'other'`);
    await expect(migrate(database.url)).rejects.toThrow('a migration that was run is never changed');
  });
});
