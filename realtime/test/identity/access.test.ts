import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { signRequest } from '../../contract/signature.ts';
import { createServer, NOW, SECRETS, type TestServer } from '../support/server.ts';

let server: TestServer;
const MINUTE_MS = 60_000;

beforeAll(async () => {
  server = await createServer((app) => {
    app.get('/for/readers', { config: { access: { people: ['reader'] } } }, async ({ person }) => person);
    app.post('/for/shop', { config: { access: { services: ['commerce', 'site'] } } }, async (request) => ({
      caller: request.caller,
      body: request.body ?? null,
    }));
    app.put(
      '/for/money',
      { config: { access: { services: ['commerce'], once: true } } },
      async (request) => ({
        caller: request.caller,
      }),
    );
    app.get('/for/programs', { config: { access: { services: ['site'] } } }, async ({ caller }) => ({
      caller,
    }));
    app.get('/careless', { config: { access: 'anyone' } }, async ({ person }) => person);
  });
});
afterAll(() => server.close());

describe('A4: a route for people', () => {
  it('takes whoever has the role, and tells the handler who it is', async () => {
    const reader = await server.signIn({ role: 'reader', display_name: 'Luna' });
    const answer = await server.app.inject({ url: '/for/readers', headers: reader.headers });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { person_id: reader.person_id, role: 'reader', display_name: 'Luna' },
    ]);
  });

  it('refuses another role with 403 and nobody with 401', async () => {
    const client = await server.signIn();
    const admin = await server.signIn({ role: 'admin' });
    for (const { headers } of [client, admin]) {
      const answer = await server.app.inject({ url: '/for/readers', headers });
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'role_not_allowed']);
    }
    const nobody = await server.app.inject('/for/readers');
    expect([nobody.statusCode, nobody.json().code, nobody.headers['www-authenticate']]).toEqual([
      401,
      'not_signed_in',
      'Bearer',
    ]);
  });

  it('is not opened by the signature of a program', async () => {
    const answer = await server.app.inject(server.signed('cms', { method: 'GET', url: '/for/readers' }));
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'not_signed_in']);
  });

  it('alone has a person: elsewhere to ask for one is a bug that throws', async () => {
    const reader = await server.signIn({ role: 'reader' });
    const answer = await server.app.inject({ url: '/careless', headers: reader.headers });
    expect([answer.statusCode, answer.json().code]).toEqual([500, 'internal_error']);
  });
});

describe('A4: a route for programs', () => {
  it('takes a signed call of each of its callers, with a body and without', async () => {
    for (const caller of ['commerce', 'site'] as const) {
      const body = { words: 'grün', deep: [1, 2, { three: null }] };
      const answer = await server.app.inject(
        server.signed(caller, { method: 'POST', url: '/for/shop', body }),
      );
      expect([answer.statusCode, answer.json()]).toEqual([200, { caller, body }]);
      const empty = await server.app.inject(
        server.signed(caller, { method: 'POST', url: '/for/shop?a=1&b=' }),
      );
      expect([empty.statusCode, empty.json()]).toEqual([200, { caller, body: null }]);
    }
    const read = await server.app.inject(server.signed('site', { method: 'GET', url: '/for/programs' }));
    expect(read.json()).toEqual({ caller: 'site' });
  });

  it('takes one over a real connection, sent in pieces', async () => {
    const baseUrl = await server.app.listen({ host: '127.0.0.1', port: 0 });
    const body = JSON.stringify({ long: 'x'.repeat(50_000) });
    const pieces = new ReadableStream({
      start(controller) {
        for (let at = 0; at < body.length; at += 7_000)
          controller.enqueue(new TextEncoder().encode(body.slice(at, at + 7_000)));
        controller.close();
      },
    });
    const answer = await fetch(`${baseUrl}/for/shop`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...signRequest(SECRETS.site, { method: 'POST', path: '/for/shop', body }, NOW),
      },
      body: pieces,
      duplex: 'half',
    } as RequestInit);
    const { body: back } = z.object({ body: z.object({ long: z.string() }) }).parse(await answer.json());
    expect(back.long).toHaveLength(50_000);
  });

  it('refuses what is not signed, or by a caller that has no business there', async () => {
    const body = { a: 1 };
    const good = server.signed('commerce', { method: 'POST', url: '/for/shop', body });
    const refuse = async (change: Record<string, unknown>, code: string) => {
      const answer = await server.app.inject({ ...good, ...change });
      expect([answer.statusCode, answer.json().code]).toEqual([401, code]);
    };
    await refuse({ headers: { 'content-type': 'application/json' } }, 'signature_missing');
    for (const header of ['key', 'time', 'nonce', 'signature'])
      await refuse({ headers: { ...good.headers, [`x-soulseer-${header}`]: '' } }, 'signature_missing');
    await refuse(
      server.signed('cms', { method: 'POST', url: '/for/shop', body }) as never,
      'signature_unknown_key',
    );
    // One that signs with what we sign with ourselves.
    await refuse(
      {
        headers: {
          ...good.headers,
          ...signRequest(SECRETS.realtime, { method: 'POST', path: '/for/shop', body: '{"a":1}' }, NOW),
        },
      },
      'signature_unknown_key',
    );
    await refuse({ payload: '{"a":2}' }, 'signature_wrong');
    await refuse({ payload: '{"a": 1}' }, 'signature_wrong');
    await refuse({ url: '/for/shop?a=1' }, 'signature_wrong');
    await refuse({ url: '/for/shop/' }, 'signature_wrong');
    await refuse({ headers: { ...good.headers, 'x-soulseer-time': String(NOW + 1) } }, 'signature_wrong');
    const person = await server.signIn({ role: 'admin' });
    await refuse({ headers: { 'content-type': 'application/json', ...person.headers } }, 'signature_missing');
    expect((await server.app.inject(good)).statusCode).toBe(200);
  });

  it('refuses a call of more than five minutes ago or ahead', async () => {
    const good = server.signed('commerce', { method: 'POST', url: '/for/shop', body: {} });
    for (const [ms, status] of [
      [5 * MINUTE_MS, 200],
      [5 * MINUTE_MS + 1, 401],
      [-5 * MINUTE_MS, 200],
      [-5 * MINUTE_MS - 1, 401],
    ] as const) {
      server.clock.set(NOW + ms);
      const answer = await server.app.inject(good);
      expect(answer.statusCode).toBe(status);
      if (status === 401) expect(answer.json().code).toBe('signature_expired');
    }
    server.clock.set(NOW);
  });

  it('refuses a huge body before it is checked, and JSON that is none after', async () => {
    const huge = `"${'x'.repeat(70_000)}"`;
    const tooLarge = await server.app.inject({
      method: 'POST',
      url: '/for/shop',
      headers: {
        'content-type': 'application/json',
        ...signRequest(SECRETS.site, { method: 'POST', path: '/for/shop', body: huge }, NOW),
      },
      payload: huge,
    });
    expect([tooLarge.statusCode, tooLarge.json().code]).toEqual([413, 'body_too_large']);
    const broken = await server.app.inject({
      method: 'POST',
      url: '/for/shop',
      headers: {
        'content-type': 'application/json',
        ...signRequest(SECRETS.site, { method: 'POST', path: '/for/shop', body: '{' }, NOW),
      },
      payload: '{',
    });
    expect([broken.statusCode, broken.json().code]).toEqual([400, 'invalid_json']);
  });

  it('where money moves takes each call once, also of many at the same time', async () => {
    const call = server.signed('commerce', { method: 'PUT', url: '/for/money', body: { key: 'a' } });
    const answers = await Promise.all(Array.from({ length: 10 }, () => server.app.inject(call)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    for (const refused of answers.filter(({ statusCode }) => statusCode !== 200))
      expect([refused.statusCode, refused.json().code]).toEqual([401, 'signature_replayed']);
    // Signed again it is another call.
    const again = server.signed('commerce', { method: 'PUT', url: '/for/money', body: { key: 'a' } });
    expect((await server.app.inject(again)).statusCode).toBe(200);
  });

  it('forgets nonces only when their call would not be believed any more', async () => {
    const call = server.signed('commerce', { method: 'PUT', url: '/for/money', body: {} });
    // The caller's clock is five minutes ahead of ours when it arrives.
    server.clock.set(NOW - 5 * MINUTE_MS);
    expect((await server.app.inject(call)).statusCode).toBe(200);
    server.clock.set(NOW + 5 * MINUTE_MS);
    await server.nonces.sweep();
    const replayed = await server.app.inject(call);
    expect(replayed.json().code).toBe('signature_replayed');
    server.clock.set(NOW + 12 * MINUTE_MS);
    expect(await server.nonces.sweep()).toBeGreaterThan(0);
    expect((await server.app.inject(call)).json().code).toBe('signature_expired');
    server.clock.set(NOW);
  });
});
