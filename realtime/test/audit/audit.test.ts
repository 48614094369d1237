import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEvent, AuditPage } from '../../contract/audit.ts';
import { withoutSecrets } from '../../src/audit/redact.ts';
import { MOST_IN_ALL, MOST_OF_ADDRESS } from '../../src/audit/refusals.ts';
import { networkOf } from '../../src/identity/address.ts';
import { databaseUrl, query } from '../support/cluster.ts';
import { createServer, NOW, type SignedIn, type TestServer } from '../support/server.ts';

let server: TestServer;
let admin: SignedIn;

beforeAll(async () => {
  server = await createServer();
  admin = await server.signIn({ role: 'admin' });
});
afterAll(() => server.close());

const anEvent = (more: Partial<AuditEvent> = {}): AuditEvent => ({
  at_ms: NOW - 1_000,
  actor_person_id: admin.person_id,
  action: 'person.suspend',
  subject: 'person:7',
  outcome: 'done',
  reason: 'spam',
  address: '192.0.2.7',
  details: { note: 'grün', count: 3, deep: { list: [1, null, true] } },
  ...more,
});
const put = (event_id: string, event: unknown, caller: 'cms' | 'commerce' | 'site' = 'cms') =>
  server.app.inject(server.signed(caller, { method: 'PUT', url: `/service/audit/${event_id}`, body: event }));
const page = async (search = '', headers = admin.headers) =>
  server.app.inject({ url: `/api/admin/audit${search}`, headers });
const entries = async (search: string) => ((await page(search)).json() as AuditPage).entries;

describe('R3: an act that a program tells', () => {
  it('is kept once for each id, with the program that told it, and read by an admin', async () => {
    const id = randomUUID();
    const event = anEvent({ subject: `person:${id}` });
    for (let i = 0; i < 3; i += 1) expect((await put(id, event)).statusCode).toBe(204);
    // The same id again, with something else: the first stays.
    expect((await put(id, { ...event, outcome: 'failed' }, 'commerce')).statusCode).toBe(204);
    const answer = await page(`?subject=person:${id}`);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.json()).toEqual({
      entries: [
        { ...event, id: expect.stringMatching(/^\d+$/), event_id: id, source: 'cms', recorded_at_ms: NOW },
      ],
      next_cursor: null,
    });
  });

  it('is kept once when it is told many times at once', async () => {
    const id = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => put(id, anEvent({ subject: id }))));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([204]));
    expect(await entries(`?subject=${id}`)).toHaveLength(1);
  });

  it('may leave open who, what, why and where', async () => {
    const id = randomUUID();
    const event = anEvent({
      actor_person_id: null,
      subject: null,
      reason: null,
      address: null,
      details: {},
      action: `a.${id}`,
    });
    expect((await put(id, event, 'site')).statusCode).toBe(204);
    expect((await entries(`?action=a.${id}`))[0]).toMatchObject({ ...event, source: 'site' });
  });

  it('is kept without what looks like a secret', async () => {
    const id = randomUUID();
    const jwt = `eyJhbGciOiJSUzI1NiJ9.${'x'.repeat(40)}.y`;
    await put(
      id,
      anEvent({
        subject: id,
        details: {
          access_token: 'abc',
          Authorization: 'x',
          deep: [{ password: 'p', said: `Bearer ${jwt}` }],
          jwt,
          ok: 1,
        },
      }),
    );
    const [row] = await query<{ text: string }>(
      server.database.url,
      'SELECT audit_log::text AS text FROM audit_log WHERE event_id = $1',
      [id],
    );
    expect(row?.text).not.toContain('eyJ');
    expect((await entries(`?subject=${id}`))[0]?.details).toEqual({
      access_token: '[redacted]',
      Authorization: '[redacted]',
      deep: [{ password: '[redacted]', said: '[redacted]' }],
      jwt: '[redacted]',
      ok: 1,
    });
    expect(withoutSecrets({ reset_token: null, name: 'Ada' })).toEqual({ reset_token: null, name: 'Ada' });
  });

  it.each([
    ['no action', { action: '' }],
    ['an action that is a sentence', { action: 'Did something!' }],
    ['an outcome that is none', { outcome: 'maybe' }],
    ['a time that is none', { at_ms: 'now' }],
    ['a time out of this world', { at_ms: 9e15 }],
    ['an actor that is none', { actor_person_id: 'ada' }],
    ['an endless reason', { reason: 'x'.repeat(501) }],
    ['an endless address', { address: 'x'.repeat(65) }],
    ['details that are a list', { details: [] }],
    ['endless details', { details: { x: 'x'.repeat(4_000) } }],
    ['a NUL in its details', { details: { x: 'a\0b' } }],
    ['half a character in its details', { details: { x: '\ud800' } }],
    ['a NUL in its reason', { reason: 'a\0b' }],
    ['half a character in its subject', { subject: '\udc00' }],
  ])('is refused with %s', async (_case, change) => {
    const answer = await put(randomUUID(), { ...anEvent(), ...change });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_request']);
  });

  it('is refused under an id that is none', async () => {
    expect((await put('7', anEvent())).statusCode).toBe(400);
  });
});

describe('R3: the log', () => {
  it('is append-only: the running role may not change or remove, nor may the owner or a superuser', async () => {
    await put(randomUUID(), anEvent());
    for (const statement of [
      `UPDATE audit_log SET action = 'x'`,
      'DELETE FROM audit_log',
      'TRUNCATE audit_log',
    ]) {
      await expect(query(server.database.url, statement)).rejects.toMatchObject({ code: '42501' });
      await expect(query(server.database.ownerUrl, statement)).rejects.toThrow('audit_log is append-only');
      await expect(query(databaseUrl(server.database.name), statement)).rejects.toThrow(
        'audit_log is append-only',
      );
    }
    for (const statement of [
      'ALTER TABLE audit_log DISABLE TRIGGER ALL',
      'DROP TABLE audit_log',
      'ALTER TABLE audit_log ADD COLUMN x text',
    ])
      await expect(query(server.database.url, statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('is read in pages, the newest first, each entry once while more come in', async () => {
    const subject = `page:${randomUUID()}`;
    for (let i = 0; i < 7; i += 1) await put(randomUUID(), anEvent({ subject, details: { i } }));
    const seen: unknown[] = [];
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null; pages += 1) {
      const answer: AuditPage = (
        await page(`?subject=${subject}&limit=3${cursor ? `&cursor=${cursor}` : ''}`)
      ).json();
      seen.push(...answer.entries.map(({ details }) => details.i));
      cursor = answer.next_cursor;
      if (pages === 0) await put(randomUUID(), anEvent({ subject, details: { i: 99 } }));
      expect(pages).toBeLessThan(4);
    }
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0]);
  });

  it('is filtered by act, outcome, program, actor and time', async () => {
    const subject = `filter:${randomUUID()}`;
    const actor_person_id = randomUUID();
    await put(randomUUID(), anEvent({ subject, action: 'a.one', actor_person_id, at_ms: NOW - 500 }));
    await put(randomUUID(), anEvent({ subject, action: 'a.two', outcome: 'failed', at_ms: NOW }), 'site');
    const found = async (more: string) =>
      (await entries(`?subject=${subject}&${more}`)).map(({ action }) => action);
    expect(await found('action=a.one')).toEqual(['a.one']);
    expect(await found('outcome=failed')).toEqual(['a.two']);
    expect(await found('source=site')).toEqual(['a.two']);
    expect(await found(`actor_person_id=${actor_person_id}`)).toEqual(['a.one']);
    expect(await found(`from_ms=${NOW}`)).toEqual(['a.two']);
    expect(await found(`until_ms=${NOW}`)).toEqual(['a.one']);
    expect(await found('outcome=refused')).toEqual([]);
  });

  it.each([
    'limit=0',
    'limit=101',
    'limit=ten',
    'cursor=x',
    'cursor=-1',
    `cursor=${'9'.repeat(19)}`,
    'outcome=maybe',
    'source=nobody',
    'actor_person_id=7',
    'from_ms=yesterday',
    'from_ms=9999999999999999',
    'subject=',
    'limit=1&limit=2',
  ])('refuses ?%s', async (search) => {
    expect((await page(`?${search}`)).statusCode).toBe(400);
  });

  it('is for admins alone', async () => {
    for (const role of ['client', 'reader'] as const) {
      const { headers } = await server.signIn({ role });
      expect((await page('', headers)).json().code).toBe('role_not_allowed');
    }
    expect((await server.app.inject('/api/admin/audit')).json().code).toBe('not_signed_in');
  });
});

describe('R3: our own refusals', () => {
  it('are kept: who, where, which route and why, without token, query or body', async () => {
    const fresh = await createServer();
    const staff = await fresh.signIn({ role: 'admin' });
    const client = await fresh.signIn();
    const gone = await fresh.signIn({ status: 'suspended' });
    const token = await fresh.issuer.token({ exp: 1 });
    const ask = (headers: Record<string, string>, remoteAddress: string) =>
      fresh.app.inject({ url: '/api/admin/audit?subject=hidden-subject', headers, remoteAddress });
    await ask({}, '192.0.2.1');
    await ask({ authorization: `Bearer ${token}` }, '192.0.2.2');
    await ask({ ...client.headers, 'x-request-id': 'refused-request' }, '192.0.2.3');
    await ask(gone.headers, '2001:db8::7');
    await fresh.app.inject({
      method: 'PUT',
      url: `/service/audit/${randomUUID()}`,
      payload: { hidden: 'hidden-body' },
      remoteAddress: '192.0.2.5',
    });
    // Neither a mistake nor a route that there isn't is a refusal.
    await fresh.app.inject('/nowhere');
    await fresh.app.inject({ url: '/api/admin/audit?limit=x', headers: staff.headers });
    await fresh.refusals.flush();
    const answer = await fresh.app.inject({ url: '/api/admin/audit', headers: staff.headers });
    const seen = (answer.json() as AuditPage).entries
      .reverse()
      .map(({ subject, reason, address, actor_person_id }) => [subject, reason, address, actor_person_id]);
    expect(seen).toEqual([
      ['GET /api/admin/audit', 'not_signed_in', '192.0.2.1', null],
      ['GET /api/admin/audit', 'token_expired', '192.0.2.2', null],
      ['GET /api/admin/audit', 'role_not_allowed', '192.0.2.3', client.person_id],
      ['GET /api/admin/audit', 'account_suspended', '2001:db8::7', gone.person_id],
      ['PUT /service/audit/:event_id', 'signature_missing', '192.0.2.5', null],
    ]);
    const all = answer.body;
    expect(all).toContain('refused-request');
    for (const secret of [token.slice(0, 30), 'hidden-subject', 'hidden-body'])
      expect(all).not.toContain(secret);
    await fresh.close();
  });

  it('of a flood are bounded by address and in all, and the rest are counted in one row a minute', async () => {
    const fresh = await createServer();
    const knock = (remoteAddress: string) => fresh.app.inject({ url: '/api/me', remoteAddress });
    for (let i = 0; i < MOST_OF_ADDRESS + 5; i += 1) await knock('192.0.2.1');
    // One household's addresses are one.
    for (let i = 0; i < MOST_OF_ADDRESS + 5; i += 1) await knock(`2001:db8:1:2::${i.toString(16)}`);
    await fresh.refusals.flush();
    const count = async () =>
      Number((await query<{ n: string }>(fresh.database.url, 'SELECT count(*) AS n FROM audit_log'))[0]?.n);
    expect(await count()).toBe(2 * MOST_OF_ADDRESS);
    for (let i = 0; i < MOST_IN_ALL; i += 1) await knock(`198.51.100.${i}`);
    await fresh.refusals.flush();
    expect(await count()).toBe(MOST_IN_ALL);
    fresh.clock.set(NOW + 60_000);
    await knock('192.0.2.1');
    await fresh.refusals.flush();
    const rows = await query<{ action: string; details: unknown; happened_at: Date }>(
      fresh.database.url,
      'SELECT action, details, happened_at FROM audit_log ORDER BY id DESC LIMIT 2',
    );
    expect(rows).toEqual([
      expect.objectContaining({ action: 'access.refused' }),
      {
        action: 'access.refused_more',
        details: { times: 10 + 2 * MOST_OF_ADDRESS },
        happened_at: new Date(NOW),
      },
    ]);
    await fresh.close();
  });

  it('are answered as ever while the log can’t be written, and written when it can', async () => {
    const fresh = await createServer();
    await query(fresh.database.ownerUrl, 'ALTER TABLE audit_log RENAME TO away');
    for (let i = 0; i < 3; i += 1) expect((await fresh.app.inject('/api/me')).statusCode).toBe(401);
    await expect(fresh.refusals.flush()).rejects.toThrow();
    expect((await fresh.app.inject('/api/me')).json().code).toBe('not_signed_in');
    await query(fresh.database.ownerUrl, 'ALTER TABLE away RENAME TO audit_log');
    await fresh.refusals.flush();
    expect(await query(fresh.database.url, 'SELECT 1 FROM audit_log')).toHaveLength(4);
    await fresh.close();
  });
});

describe('an act of our own', () => {
  it('is there if and only if its transaction is', async () => {
    const subject = `own:${randomUUID()}`;
    await server.audit.record({ action: 'session.give_back', outcome: 'done', subject });
    await server.db
      .transaction()
      .execute(async (tx) => {
        await server.audit.record({ action: 'session.give_back', outcome: 'done', subject }, tx);
        throw new Error('undone');
      })
      .catch(() => undefined);
    expect(await entries(`?subject=${subject}`)).toMatchObject([{ source: 'realtime', at_ms: NOW }]);
  });
});

describe('a network address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8::1', '2001:db8:0:0::/64'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
  ])('%s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
