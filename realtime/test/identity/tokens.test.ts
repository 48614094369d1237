import { createHmac, createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIssuerKeys } from '../../src/identity/keys.ts';
import { createTokens } from '../../src/identity/tokens.ts';
import { AUDIENCE, createIssuer, makeKey } from '../support/issuer.ts';
import { createServer, NOW, type SignedIn, type TestServer } from '../support/server.ts';

let server: TestServer;
let client: SignedIn;

beforeAll(async () => {
  server = await createServer((app) => {
    app.get('/for/staff', { config: { access: { people: ['admin'] } } }, async () => 'staff only');
  });
  client = await server.signIn();
});
afterAll(() => server.close());

const ask = (token: string, url = '/api/me') =>
  server.app.inject({ url, headers: { authorization: `Bearer ${token}` } });

async function refused(token: string, code: string): Promise<void> {
  const answer = await ask(token);
  expect([answer.statusCode, answer.json().code]).toEqual([401, code]);
  expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  expect(answer.body).not.toContain(token);
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = Math.floor(NOW / 1_000);
const claims = () => ({
  iss: server.issuer.issuer,
  aud: AUDIENCE,
  sub: client.person.subject,
  iat: seconds,
  exp: seconds + 600,
});

describe('A2: an access token', () => {
  it('is taken when it is good, as `JWT` and as `at+jwt`, whatever the case', async () => {
    for (const typ of ['JWT', 'at+jwt', 'AT+JWT', 'application/at+jwt']) {
      const answer = await ask(await server.issuer.token({ sub: client.person.subject }, { typ }));
      expect([answer.statusCode, answer.json()]).toEqual([
        200,
        { person_id: client.person_id, role: 'client', display_name: 'Robin', time_zone: null },
      ]);
    }
  });

  it('is taken with our audience among others, and when clocks differ by five seconds', async () => {
    const sub = client.person.subject;
    const good = [
      { sub, aud: ['https://login.example/userinfo', AUDIENCE] },
      { sub, exp: seconds - 4 },
      { sub, nbf: seconds + 5 },
    ];
    for (const change of good) expect((await ask(await server.issuer.token(change))).statusCode).toBe(200);
  });

  it('attack: `alg: none`', async () => {
    for (const alg of ['none', 'None', 'NONE']) {
      await refused(`${part({ alg, typ: 'at+jwt' })}.${part(claims())}.`, 'token_algorithm');
      const signature = (await server.issuer.token()).split('.')[2];
      await refused(`${part({ alg, typ: 'at+jwt' })}.${part(claims())}.${signature}`, 'token_algorithm');
    }
  });

  it('attack: HS256 signed with the public key', async () => {
    const { publicKey, kid } = server.issuer.key();
    const spki = await exportSPKI(publicKey);
    const der = createPublicKey(spki).export({ type: 'spki', format: 'der' });
    const { n = '' } = await exportJWK(publicKey);
    for (const secret of [spki, spki.trim(), der, n, Buffer.from(n, 'base64url')]) {
      const text = `${part({ alg: 'HS256', typ: 'at+jwt', kid })}.${part(claims())}`;
      const signature = createHmac('sha256', secret).update(text).digest('base64url');
      await refused(`${text}.${signature}`, 'token_algorithm');
    }
  });

  it('attack: another algorithm of the same key', async () => {
    const { kid, privateKey } = server.issuer.key();
    const pkcs = createPublicKey(await exportSPKI(server.issuer.key().publicKey));
    expect(pkcs.asymmetricKeyType).toBe('rsa');
    expect(privateKey.type).toBe('private');
    for (const alg of ['PS256', 'RS384', 'RS512', 'ES256', 'EdDSA'])
      await refused(`${part({ alg, typ: 'at+jwt', kid })}.${part(claims())}.AAAA`, 'token_algorithm');
  });

  it('attack: a foreign key by `kid`, `jku`, `x5u` or `jwk`; what they name is never asked', async () => {
    let asked = 0;
    const foreign = await makeKey();
    const theirs = createHttpServer((_request, response) => {
      asked += 1;
      void exportJWK(foreign.publicKey).then((key) => response.end(JSON.stringify({ keys: [key] })));
    });
    theirs.listen(0, '127.0.0.1');
    await once(theirs, 'listening');
    const jku = `http://127.0.0.1:${(theirs.address() as AddressInfo).port}/jwks`;
    const jwk = await exportJWK(foreign.publicKey);
    const sign = (header: object) =>
      new SignJWT(claims())
        .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', ...header })
        .sign(foreign.privateKey);
    await refused(await sign({ kid: foreign.kid, jku, jwk, x5u: jku }), 'token_unknown_key');
    // With the name of a key that the issuer has, or no name, it is held against the issuer's.
    await refused(await sign({ kid: server.issuer.key().kid, jku, jwk, x5u: jku }), 'token_signature');
    await refused(await sign({ jku, jwk }), 'token_signature');
    await refused(await sign({ kid: '../../etc/passwd' }), 'token_unknown_key');
    expect(asked).toBe(0);
    theirs.closeAllConnections();
    theirs.close();
  });

  it.each([
    ['expired', { exp: seconds - 5 }, 'token_expired'],
    ['expired long ago', { exp: 1 }, 'token_expired'],
    ['not yet valid', { nbf: seconds + 6 }, 'token_not_yet_valid'],
    ['of another issuer', { iss: 'https://login.example/' }, 'token_issuer'],
    ['of no issuer', { iss: undefined }, 'token_issuer'],
    ['for another audience', { aud: 'https://api.example' }, 'token_audience'],
    ['for no audience', { aud: undefined }, 'token_audience'],
    ['for an audience that only begins like ours', { aud: `${AUDIENCE}.example` }, 'token_audience'],
    ['without an end', { exp: undefined }, 'token_malformed'],
    ['with an end that is no number', { exp: '99999999999' }, 'token_malformed'],
    ['of nobody', { sub: undefined }, 'token_malformed'],
    ['of an empty somebody', { sub: '' }, 'token_malformed'],
    ['of somebody that is no text', { sub: 42 }, 'token_malformed'],
    ['of somebody with an endless name', { sub: 'x'.repeat(501) }, 'token_malformed'],
  ])('attack: %s', async (_case, change, code) => {
    await refused(await server.issuer.token({ sub: client.person.subject, ...change }), code);
  });

  it('attack: an ID token as an access token', async () => {
    const sub = client.person.subject;
    await refused(
      await server.issuer.token({ sub, aud: 'soulseer-site', nonce: 'n' }, { typ: 'JWT' }),
      'token_audience',
    );
    // Of an issuer that sets the same audience in both.
    for (const claim of ['nonce', 'at_hash', 'c_hash'])
      await refused(await server.issuer.token({ sub, [claim]: 'x' }, { typ: 'JWT' }), 'token_type');
  });

  it('attack: another kind of token of the same issuer', async () => {
    const sub = client.person.subject;
    for (const typ of ['logout+jwt', 'secevent+jwt', 'dpop+jwt', '', undefined])
      await refused(await server.issuer.token({ sub }, { typ }), 'token_type');
  });

  it('attack: a truncated one, and others that can’t be read', async () => {
    const token = await server.issuer.token({ sub: client.person.subject });
    const [header = '', payload = '', signature = ''] = token.split('.');
    await refused(token.slice(0, -1), 'token_malformed');
    await refused(token.slice(0, -20), 'token_signature');
    await refused(`${header}.${payload}.`, 'token_signature');
    await refused(`${header}.${payload}`, 'token_malformed');
    await refused(header, 'token_malformed');
    await refused(`${header}.${payload.slice(0, -3)}.${signature}`, 'token_signature');
    await refused(`${token}.${signature}`, 'token_malformed');
    await refused('null', 'token_malformed');
    await refused('..', 'token_malformed');
    await refused('x'.repeat(9_000), 'token_malformed');
    await refused(
      `${part({ alg: 'RS256', typ: 'at+jwt', kid: server.issuer.key().kid, crit: ['exp'] })}.${payload}.${signature}`,
      'token_malformed',
    );
  });

  it('attack: a role added by the caller', async () => {
    const admin = {
      role: 'admin',
      roles: ['admin'],
      permissions: ['admin'],
      'https://soulseer.example/role': 'admin',
    };
    const [header = '', , signature = ''] = (await server.issuer.token({ sub: client.person.subject })).split(
      '.',
    );
    await refused(`${header}.${part({ ...claims(), ...admin })}.${signature}`, 'token_signature');
    // And where the issuer itself says so: roles are the CMS's to give.
    const signed = await server.issuer.token({ sub: client.person.subject, ...admin });
    const answer = await ask(signed, '/for/staff');
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'role_not_allowed']);
    expect((await ask(signed)).json().role).toBe('client');
  });

  it('is asked for in the Authorization header alone, as Bearer', async () => {
    const token = await server.issuer.token({ sub: client.person.subject });
    for (const [request, code] of [
      [{ url: `/api/me?access_token=${token}` }, 'not_signed_in'],
      [{ url: '/api/me', headers: { cookie: `access_token=${token}` } }, 'not_signed_in'],
      [{ url: '/api/me', headers: { authorization: token } }, 'token_malformed'],
      [{ url: '/api/me', headers: { authorization: `Basic ${token}` } }, 'token_malformed'],
      [{ url: '/api/me', headers: { authorization: 'Bearer' } }, 'token_malformed'],
      [{ url: '/api/me', headers: { authorization: `Bearer ${token} ${token}` } }, 'token_malformed'],
    ] as const) {
      const answer = await server.app.inject(request);
      expect([answer.statusCode, answer.json().code]).toEqual([401, code]);
    }
  });

  it('is never written to the log', async () => {
    const token = await server.issuer.token({ sub: client.person.subject });
    await ask(token);
    await ask(token.slice(0, -9));
    expect(JSON.stringify(server.lines())).not.toContain(token.slice(-60, -10));
  });
});

describe('A2: the issuer’s keys', () => {
  /** Tokens checked with an issuer and a clock of the test's own. */
  async function world() {
    let now = NOW;
    const clock = { now: () => now };
    const issuer = await createIssuer(clock);
    const failures: string[] = [];
    const keys = createIssuerKeys({
      issuer: issuer.issuer,
      clock,
      failed: ({ message }) => failures.push(message),
    });
    const tokens = createTokens({ issuer: issuer.issuer, audience: AUDIENCE, keys, clock });
    const check = async (token: string) => {
      const verdict = await tokens.verify(`Bearer ${token}`);
      return verdict.ok ? 'ok' : verdict.code;
    };
    return { issuer, check, failures, later: (ms: number) => (now += ms) };
  }

  it('are asked for once, however many requests wait, and kept', async () => {
    const { issuer, check } = await world();
    const token = await issuer.token();
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => check(token)));
    expect(new Set(verdicts)).toEqual(new Set(['ok']));
    expect(issuer.asked()).toBe(1);
    await issuer.close();
  });

  it('may be changed without a gap: old and new tokens are both good', async () => {
    const { issuer, check, later } = await world();
    const old = await issuer.token();
    expect(await check(old)).toBe('ok');
    later(60_000);
    await issuer.rotate();
    const fresh = await issuer.token();
    expect(await Promise.all([check(fresh), check(old), check(fresh)])).toEqual(['ok', 'ok', 'ok']);
    expect(issuer.asked()).toBe(2);
    await issuer.close();
  });

  it('are not asked for again by each token with an unknown key', async () => {
    const { issuer, check, later } = await world();
    const foreign = await makeKey();
    const forged = await issuer.token({}, {}, foreign);
    expect(await check(await issuer.token())).toBe('ok');
    for (let i = 0; i < 5; i += 1) expect(await check(forged)).toBe('token_unknown_key');
    expect(issuer.asked()).toBe(1);
    later(5_000);
    for (let i = 0; i < 5; i += 1) expect(await check(forged)).toBe('token_unknown_key');
    expect(issuer.asked()).toBe(2);
    await issuer.close();
  });

  it('that were withdrawn are let go of within ten minutes', async () => {
    const { issuer, check, later } = await world();
    const stolen = await issuer.token({ exp: Math.floor(NOW / 1_000) + 86_400 });
    expect(await check(stolen)).toBe('ok');
    await issuer.rotate({ withdraw: true });
    later(10 * 60_000);
    expect(await check(stolen)).toBe('token_unknown_key');
    await issuer.close();
  });

  it('are kept on while the issuer is away', async () => {
    const { issuer, check, later, failures } = await world();
    expect(await check(await issuer.token())).toBe('ok');
    issuer.setAway(true);
    later(3 * 60 * 60_000);
    const answers = await Promise.all([check(await issuer.token()), check(await issuer.token())]);
    expect(answers).toEqual(['ok', 'ok']);
    expect(failures).toHaveLength(1);
    // It may be a new one of the issuer: nobody can say.
    await issuer.rotate();
    expect(await check(await issuer.token())).toBe('identity_unavailable');
    issuer.setAway(false);
    later(5_000);
    expect(await check(await issuer.token())).toBe('ok');
    await issuer.close();
  });

  it('that nobody knows while the issuer is away are a 503, and found as soon as it is back', async () => {
    const fresh = await createServer();
    fresh.issuer.setAway(true);
    const { headers } = await fresh.signIn();
    const answer = await fresh.app.inject({ url: '/api/me', headers });
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'identity_unavailable']);
    fresh.issuer.setAway(false);
    fresh.clock.set(NOW + 5_000);
    expect((await fresh.app.inject({ url: '/api/me', headers })).statusCode).toBe(200);
    await fresh.close();
  });

  it.each([
    [
      'calls itself something else',
      () => ({ issuer: 'https://login.example/', jwks_uri: 'http://127.0.0.1:1/jwks' }),
    ],
    ['names no keys', (issuer: string) => ({ issuer })],
    ['is no JSON object', () => 'hello'],
  ])('of an issuer that %s are not taken', async (_case, document) => {
    const theirs = createHttpServer((_request, response) => {
      response.end(JSON.stringify(document(issuer)));
    });
    theirs.listen(0, '127.0.0.1');
    await once(theirs, 'listening');
    const issuer = `http://127.0.0.1:${(theirs.address() as AddressInfo).port}`;
    const clock = { now: () => NOW };
    const failures: string[] = [];
    const keys = createIssuerKeys({ issuer, clock, failed: ({ message }) => failures.push(message) });
    const tokens = createTokens({ issuer, audience: AUDIENCE, keys, clock });
    const good = await server.issuer.token({ iss: issuer });
    expect(await tokens.verify(`Bearer ${good}`)).toEqual({ ok: false, code: 'identity_unavailable' });
    expect(failures).toHaveLength(1);
    theirs.closeAllConnections();
    theirs.close();
  });

  it('are found behind an issuer with a slash at its end, as Auth0’s', async () => {
    const { issuer, check } = await world();
    expect(await check(await issuer.token())).toBe('ok');
    const clock = { now: () => NOW };
    const keys = createIssuerKeys({ issuer: `${issuer.issuer}/`, clock, failed: () => undefined });
    const tokens = createTokens({ issuer: `${issuer.issuer}/`, audience: AUDIENCE, keys, clock });
    // The address is right; the name is not that of this issuer, and a name has to match to the letter.
    const asked = issuer.asked();
    expect(await tokens.verify(`Bearer ${await issuer.token()}`)).toEqual({
      ok: false,
      code: 'identity_unavailable',
    });
    expect(issuer.asked()).toBe(asked);
    await issuer.close();
  });
});

describe('what a token says beside', () => {
  it('is read under its own name or under the issuer’s namespace, and only in its form', async () => {
    const clock = { now: () => NOW };
    const keys = createIssuerKeys({ issuer: server.issuer.issuer, clock, failed: () => undefined });
    const tokens = createTokens({
      issuer: server.issuer.issuer,
      audience: AUDIENCE,
      namespace: 'https://soulseer.example/',
      keys,
      clock,
    });
    const said = async (more: Record<string, unknown>) => {
      const verdict = await tokens.verify(`Bearer ${await server.issuer.token({ sub: 's', ...more })}`);
      if (!verdict.ok) throw new Error(verdict.code);
      return verdict.claims;
    };
    const base = { issuer: server.issuer.issuer, subject: 's' };
    expect(await said({})).toEqual(base);
    expect(await said({ email: 'a@soulseer.test', email_verified: true, name: ' Ada ' })).toEqual({
      ...base,
      email: 'a@soulseer.test',
      email_verified: true,
      display_name: 'Ada',
    });
    expect(
      await said({
        'https://soulseer.example/email': 'a@soulseer.test',
        'https://soulseer.example/name': 'Ada',
      }),
    ).toEqual({ ...base, email: 'a@soulseer.test', display_name: 'Ada' });
    expect(await said({ email: 5, email_verified: 'true', name: '   ' })).toEqual(base);
    expect((await said({ name: 'x'.repeat(80) })).display_name).toHaveLength(60);
  });
});
