import { randomUUID } from 'node:crypto';
import type { PersonSeen } from 'realtime/contract';
import { directoryPerson } from 'realtime/contract';
import { signRequest } from 'realtime/contract/signature';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiHandler } from '../src/api/handler.ts';
import { type Cms, startCms } from './support/cms.ts';

let cms: Cms;
let handle: (request: Request) => Promise<Response>;
beforeAll(async () => {
  cms = await startCms();
  handle = createApiHandler(cms.config);
});
afterAll(() => cms?.close());

const ISSUER = 'http://issuer.test';
const PATH = '/api/service/people';
type Call = { path?: string; secret?: string; at?: number; headers?: Record<string, string> };

/** A call as realtime makes it, or one with something wrong. */
async function ask(given: unknown, { path = PATH, secret, at = Date.now(), headers = {} }: Call = {}) {
  const body = typeof given === 'string' ? given : JSON.stringify(given);
  const key = secret ?? cms.environment.SERVICE_KEY_REALTIME_TO_CMS;
  const signed = signRequest(key, { method: 'POST', path: PATH, body }, at);
  const response = await handle(
    new Request(`http://cms.test${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signed, ...headers },
      body,
    }),
  );
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const see = async (seen: Omit<PersonSeen, 'issuer'>) => {
  const { status, body } = await ask({ issuer: ISSUER, ...seen });
  expect(status).toBe(200);
  return directoryPerson.parse(body);
};
const rows = async (sql: string, values: unknown[] = []) =>
  (await cms.payload.db.pool.query(sql, values)).rows;

describe('A3: the first sight of a person', () => {
  test('makes a client, once, with an id of its own', async () => {
    const person = await see({
      subject: 'auth0|1',
      email: 'one@example.org',
      email_verified: true,
      display_name: 'One',
    });
    expect(person).toMatchObject({
      issuer: ISSUER,
      subject: 'auth0|1',
      email: 'one@example.org',
      email_verified: true,
      display_name: 'One',
      role: 'client',
      status: 'active',
    });
    expect(await see({ subject: 'auth0|1' })).toEqual(person);
  });

  test('by 50 calls at once makes one person, and tells each program of it once', async () => {
    const people = await Promise.all(
      Array.from({ length: 50 }, () => see({ subject: 'auth0|fifty', email: 'fifty@example.org' })),
    );
    expect(new Set(people.map(({ person_id }) => person_id)).size).toBe(1);
    expect(new Set(people.map(({ version }) => version)).size).toBe(1);
    expect(await rows(`select id from people where subject = 'auth0|fifty'`)).toHaveLength(1);
    const told = await rows(`select destination, number from outbox where kind = 'person' and key = $1`, [
      people[0]?.person_id,
    ]);
    expect(told.map(({ destination }) => destination).sort()).toEqual(['commerce', 'realtime', 'site']);
    expect(new Set(told.map(({ number }) => Number(number)))).toEqual(new Set([people[0]?.version]));
  });

  test('with the same address as somebody else makes somebody else', async () => {
    const [one, other] = [
      await see({ subject: 'auth0|twin-1', email: 'twin@example.org' }),
      await see({ subject: 'auth0|twin-2', email: 'twin@example.org' }),
    ];
    expect(one.person_id).not.toBe(other.person_id);
  });

  test('without a name gets one that stands until there is a name', async () => {
    const nameless = await see({ subject: 'auth0|nameless' });
    expect(nameless.display_name).toBe('New here');
    const named = await see({ subject: 'auth0|nameless', display_name: 'Nemo' });
    expect(named.display_name).toBe('Nemo');
    expect(named.version).toBeGreaterThan(nameless.version);
    expect((await see({ subject: 'auth0|nameless', display_name: 'Otherwise' })).display_name).toBe('Nemo');
  });
});

describe('A3: what is told of a person later', () => {
  test('an address fills an empty one; only a verified one replaces another', async () => {
    const subject = 'auth0|address';
    expect((await see({ subject })).email).toBeNull();
    const first = await see({ subject, email: 'a@example.org' });
    expect([first.email, first.email_verified]).toEqual(['a@example.org', false]);
    expect((await see({ subject, email: 'b@example.org' })).email).toBe('a@example.org');
    const verified = await see({ subject, email: 'a@example.org', email_verified: true });
    expect(verified.email_verified).toBe(true);
    const moved = await see({ subject, email: 'c@example.org', email_verified: true });
    expect([moved.email, moved.email_verified]).toEqual(['c@example.org', true]);
    // Nor does it take the mark of being verified away.
    const again = await see({ subject, email: 'c@example.org', email_verified: false });
    expect([again.email, again.email_verified, again.version]).toEqual([
      'c@example.org',
      true,
      moved.version,
    ]);
  });

  test('role and status are never touched', async () => {
    const { person_id } = await see({ subject: 'auth0|standing' });
    const [{ id }] = (await rows('select id from people where person_id = $1', [person_id])) as [
      { id: number },
    ];
    await cms.payload.update({ collection: 'people', id, data: { role: 'reader', status: 'suspended' } });
    const seen = await ask({ issuer: ISSUER, subject: 'auth0|standing', role: 'admin', status: 'active' });
    expect(seen.body).toMatchObject({ person_id, role: 'reader', status: 'suspended' });
  });

  test('a change in the admin is told with a greater version, in its own transaction', async () => {
    const before = await see({ subject: 'auth0|changes', display_name: 'Before' });
    const [{ id }] = (await rows('select id from people where person_id = $1', [before.person_id])) as [
      { id: number },
    ];
    await cms.payload.update({
      collection: 'people',
      id,
      data: { display_name: 'After', person_id: randomUUID() },
    });
    const after = await see({ subject: 'auth0|changes' });
    expect(after).toMatchObject({ person_id: before.person_id, display_name: 'After' });
    expect(after.version).toBeGreaterThan(before.version);
    const [told] = await rows(
      `select payload, number from outbox where destination = 'site' and kind = 'person' and key = $1`,
      [before.person_id],
    );
    expect(told.payload).toEqual(after);
    expect(Number(told.number)).toBe(after.version);
  });

  test('versions of one person follow its changes, however many are made at once', async () => {
    const { person_id } = await see({ subject: 'auth0|racing' });
    const [{ id }] = (await rows('select id from people where person_id = $1', [person_id])) as [
      { id: number },
    ];
    await Promise.all([
      ...Array.from({ length: 8 }, (_, n) =>
        cms.payload.update({ collection: 'people', id, data: { display_name: `Name ${n}` } }),
      ),
      ...Array.from({ length: 4 }, (_, n) =>
        see({ subject: 'auth0|racing', email: `racing${n}@example.org`, email_verified: true }),
      ),
    ]);
    const [row] = await rows('select display_name, email, version from people where id = $1', [id]);
    const [told] = await rows(
      `select payload from outbox where destination = 'realtime' and kind = 'person' and key = $1`,
      [person_id],
    );
    // What is told last is what is there.
    expect(told.payload).toMatchObject({
      display_name: row.display_name,
      email: row.email,
      version: Number(row.version),
    });
  });
});

describe('A4: who may ask', () => {
  test.each([
    'SERVICE_KEY_REALTIME_TO_CMS',
    'SERVICE_KEY_SITE_TO_CMS',
    'SERVICE_KEY_COMMERCE_TO_CMS',
  ] as const)('a program that signs with %s', async (name) => {
    const secret = cms.environment[name];
    expect((await ask({ issuer: ISSUER, subject: name }, { secret })).status).toBe(200);
  });

  const seen = { issuer: ISSUER, subject: 'auth0|nobody' };
  test.each<[string, Call | (() => Call), string]>([
    ['without a signature', { headers: { 'x-soulseer-signature': '' } }, 'signature_missing'],
    [
      'with a key of another pair',
      () => ({ secret: cms.environment.SERVICE_KEY_CMS_TO_REALTIME }),
      'signature_unknown_key',
    ],
    ['with a wrong signature', { headers: { 'x-soulseer-signature': 'AAAA' } }, 'signature_wrong'],
    ['with another time than was signed', { headers: { 'x-soulseer-time': '1' } }, 'signature_wrong'],
    ['to another address than was signed', { path: `${PATH}?as=admin` }, 'signature_wrong'],
    ['signed too long ago', { at: Date.now() - 6 * 60_000 }, 'signature_expired'],
    ['signed in the future', { at: Date.now() + 6 * 60_000 }, 'signature_expired'],
  ])('%s nobody', async (_, given, code) => {
    const { status, body } = await ask(seen, typeof given === 'function' ? given() : given);
    expect([status, body.code]).toEqual([401, code]);
    expect(await rows(`select 1 from people where subject = 'auth0|nobody'`)).toEqual([]);
  });

  test('refusals are told to the audit log, without what was sent', async () => {
    const told = await rows(
      `select payload from outbox where kind = 'audit' and payload->>'outcome' = 'refused'`,
    );
    expect(told.length).toBeGreaterThan(0);
    expect(told[0].payload).toMatchObject({ action: 'service.people', actor_person_id: null });
    expect(JSON.stringify(told)).not.toContain('auth0|nobody');
  });

  test.each([
    ['no JSON', '{"issuer":'],
    ['nothing', ''],
    ['a list', []],
    ['no subject', { issuer: ISSUER }],
    ['an empty subject', { issuer: ISSUER, subject: '' }],
    ['a subject that is too long', { issuer: ISSUER, subject: 'x'.repeat(501) }],
    ['a subject with NUL', { issuer: ISSUER, subject: 'a\0b' }],
    ['half a character', '{"issuer":"http://issuer.test","subject":"\\ud800"}'],
    ['an address that is none', { issuer: ISSUER, subject: 's', email: 'none' }],
    ['another issuer', { issuer: 'http://evil.test', subject: 's' }],
    ['numbers', { issuer: ISSUER, subject: 7 }],
  ])('%s is no person', async (_, given) => {
    expect((await ask(given)).status).toBe(400);
  });
});
