import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DirectoryPerson, DirectoryReader } from '../../contract/directory.ts';
import { query } from '../support/cluster.ts';
import { createServer, NOW, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await createServer();
});
afterAll(() => server.close());

const aPerson = (more: Partial<DirectoryPerson> = {}): DirectoryPerson => ({
  person_id: randomUUID(),
  version: 1,
  issuer: server.issuer.issuer,
  subject: `sandbox|${randomUUID()}`,
  email: 'ada@soulseer.test',
  email_verified: true,
  display_name: 'Ada',
  role: 'client',
  status: 'active',
  ...more,
});
const aReader = (more: Partial<DirectoryReader> = {}): DirectoryReader => ({
  reader_id: String(Math.floor(Math.random() * 1e9)),
  version: 1,
  person_id: null,
  slug: 'luna',
  name: 'Luna',
  published: true,
  time_zone: 'Europe/Lisbon',
  rates: { video_cents: 399, voice_cents: 299, chat_cents: null },
  ...more,
});

const put = (url: string, body: unknown) =>
  server.app.inject(server.signed('cms', { method: 'PUT', url, body }));
const putPerson = (person: DirectoryPerson) => put(`/service/directory/people/${person.person_id}`, person);
const putReader = (reader: DirectoryReader) => put(`/service/directory/readers/${reader.reader_id}`, reader);
const kept = async (person_id: string) =>
  (
    await query<{ version: string; role: string; status: string; display_name: string }>(
      server.database.url,
      'SELECT version, role, status, display_name FROM people WHERE person_id = $1',
      [person_id],
    )
  )[0];
const accounts = async (person_id: string) =>
  (
    await query<{ name: string }>(
      server.database.url,
      `SELECT name FROM accounts WHERE name LIKE '%:' || $1 ORDER BY name`,
      [person_id],
    )
  ).map(({ name }) => name);
const me = async (subject: string) => {
  const token = await server.issuer.token({ sub: subject });
  return server.app.inject({ url: '/api/me', headers: { authorization: `Bearer ${token}` } });
};

describe('A1: a person that the CMS tells of', () => {
  it('is kept, has a wallet and is known at once; the same again changes nothing', async () => {
    const person = aPerson();
    for (let i = 0; i < 3; i += 1) expect((await putPerson(person)).statusCode).toBe(204);
    expect(await accounts(person.person_id)).toEqual([`wallet:${person.person_id}`]);
    const answer = await me(person.subject);
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { person_id: person.person_id, role: 'client', display_name: 'Ada', time_zone: null },
    ]);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(
      server.published.filter(({ message }) => JSON.stringify(message).includes(person.person_id)),
    ).toEqual([
      { topic: 'person', message: { person_id: person.person_id, role: 'client', status: 'active' } },
    ]);
  });

  it('is as the newest version says, in whatever order they come', async () => {
    const person = aPerson();
    const versions = [
      person,
      { ...person, version: 2, role: 'reader' as const, display_name: 'Ada R.' },
      { ...person, version: 7, role: 'reader' as const, status: 'suspended' as const },
    ];
    for (const order of [
      [2, 0, 1],
      [0, 2, 1, 0],
      [1, 0, 2, 2],
    ]) {
      const id = randomUUID();
      const subject = `sandbox|${id}`;
      for (const index of order)
        expect(
          (await putPerson({ ...(versions[index] as DirectoryPerson), person_id: id, subject })).statusCode,
        ).toBe(204);
      expect(await kept(id)).toMatchObject({ version: '7', role: 'reader', status: 'suspended' });
    }
  });

  it('is as the newest version says when all come at once', async () => {
    const person = aPerson();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        putPerson({ ...person, version: ((index * 7) % 20) + 1, display_name: `v${((index * 7) % 20) + 1}` }),
      ),
    );
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([204]));
    expect(await kept(person.person_id)).toMatchObject({ version: '20', display_name: 'v20' });
    expect(await accounts(person.person_id)).toHaveLength(1);
  });

  it('is kept when its first two versions meet before either is there, however often', async () => {
    for (let round = 0; round < 40; round += 1) {
      const person = aPerson();
      const answers = await Promise.all([1, 2, 3].map((version) => putPerson({ ...person, version })));
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([204, 204, 204]);
      expect(await kept(person.person_id)).toMatchObject({ version: '3' });
    }
  });

  it('who is suspended is refused at their next request, and again taken when that ends', async () => {
    const person = aPerson();
    await putPerson(person);
    expect((await me(person.subject)).statusCode).toBe(200);
    await putPerson({ ...person, version: 2, status: 'suspended' });
    const refused = await me(person.subject);
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'account_suspended']);
    expect(server.published.at(-1)).toEqual({
      topic: 'person',
      message: { person_id: person.person_id, role: 'client', status: 'suspended' },
    });
    await putPerson({ ...person, version: 3 });
    expect((await me(person.subject)).statusCode).toBe(200);
  });

  it('who becomes a reader has an account for earnings and their page’s time zone', async () => {
    const person = aPerson();
    const reader = aReader({ person_id: person.person_id });
    // The reader's page may be told first.
    expect((await putReader(reader)).statusCode).toBe(204);
    await putPerson(person);
    await putPerson({ ...person, version: 2, role: 'reader' });
    expect(await accounts(person.person_id)).toEqual([
      `earnings:${person.person_id}`,
      `wallet:${person.person_id}`,
    ]);
    expect((await me(person.subject)).json()).toMatchObject({ role: 'reader', time_zone: 'Europe/Lisbon' });
  });

  it('keeps their wallet and its money whatever is told', async () => {
    const person = aPerson();
    await putPerson(person);
    await server.ledger.post({
      kind: 'top_up',
      key: `top-up:${person.person_id}`,
      legs: [
        { account: 'card_clearing', amount_cents: -500 },
        { account: `wallet:${person.person_id}`, amount_cents: 500 },
      ],
    });
    await putPerson({ ...person, version: 2, display_name: 'Grace' });
    expect(await server.ledger.balance(`wallet:${person.person_id}`)).toBe(500);
  });

  it.each([
    ['another id in the address', (person: DirectoryPerson) => ({ ...person, person_id: randomUUID() })],
    ['no version', ({ version: _, ...person }: DirectoryPerson) => person],
    ['version 0', (person: DirectoryPerson) => ({ ...person, version: 0 })],
    ['a role that is none', (person: DirectoryPerson) => ({ ...person, role: 'owner' })],
    ['a status that is none', (person: DirectoryPerson) => ({ ...person, status: 'closed' })],
    ['an address that is none', (person: DirectoryPerson) => ({ ...person, email: 'ada' })],
    ['an endless name', (person: DirectoryPerson) => ({ ...person, display_name: 'x'.repeat(61) })],
    ['nothing', () => null],
    ['a list', () => []],
  ])('is refused with %s', async (_case, change) => {
    const person = aPerson();
    const answer = await put(`/service/directory/people/${person.person_id}`, change(person));
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_request']);
    expect(await kept(person.person_id)).toBeUndefined();
  });

  it('is refused when another has their issuer and subject', async () => {
    const person = aPerson();
    await putPerson(person);
    const other = aPerson({ subject: person.subject, role: 'admin' });
    const answer = await putPerson(other);
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'subject_taken']);
    expect(await accounts(other.person_id)).toEqual([]);
    expect((await me(person.subject)).json()).toMatchObject({ person_id: person.person_id, role: 'client' });
  });

  it.each(['commerce', 'site'] as const)('is not taken from %s', async (caller) => {
    const person = aPerson({ role: 'admin' });
    const answer = await server.app.inject(
      server.signed(caller, {
        method: 'PUT',
        url: `/service/directory/people/${person.person_id}`,
        body: person,
      }),
    );
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'signature_unknown_key']);
  });
});

describe('a reader that the CMS tells of', () => {
  const row = async (reader_id: string) =>
    (await query(server.database.url, 'SELECT * FROM readers WHERE reader_id = $1', [reader_id]))[0];

  it('is kept with their rates; older versions are ignored', async () => {
    const reader = aReader();
    expect((await putReader({ ...reader, version: 5 })).statusCode).toBe(204);
    expect((await putReader({ ...reader, version: 4, published: false })).statusCode).toBe(204);
    expect(await row(reader.reader_id)).toMatchObject({
      version: '5',
      published: true,
      slug: 'luna',
      time_zone: 'Europe/Lisbon',
      video_cents: 399,
      voice_cents: 299,
      chat_cents: null,
      updated_at: new Date(NOW),
    });
    await putReader({ ...reader, version: 6, rates: { ...reader.rates, chat_cents: 100 }, published: false });
    expect(await row(reader.reader_id)).toMatchObject({ published: false, chat_cents: 100 });
  });

  it('is refused with a rate or an id that is none, and with another reader’s person', async () => {
    const reader = aReader({ person_id: randomUUID() });
    for (const video_cents of [0, -1, 1.5, 10_001, '399']) {
      const answer = await put(`/service/directory/readers/${reader.reader_id}`, {
        ...reader,
        rates: { ...reader.rates, video_cents },
      });
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_request']);
    }
    expect((await put('/service/directory/readers/a%20b', { ...reader, reader_id: 'a b' })).statusCode).toBe(
      400,
    );
    expect((await put(`/service/directory/readers/other`, reader)).statusCode).toBe(400);
    await putReader(reader);
    const second = await putReader(aReader({ person_id: reader.person_id }));
    expect([second.statusCode, second.json().code]).toEqual([409, 'person_taken']);
  });
});

describe('A3: a person that is not known yet', () => {
  it('50 first requests at once make one person and one wallet, by few questions', async () => {
    const fresh = await createServer();
    const token = await fresh.issuer.token({
      sub: 'sandbox|new',
      name: 'Newcomer',
      email: 'new@soulseer.test',
    });
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        fresh.app.inject({ url: '/api/me', headers: { authorization: `Bearer ${token}` } }),
      ),
    );
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    const ids = new Set(answers.map((answer) => answer.json().person_id as string));
    expect(ids.size).toBe(1);
    expect(answers[0]?.json()).toMatchObject({ role: 'client', display_name: 'Newcomer' });
    expect(fresh.cms.people).toHaveLength(1);
    // One that looked just before the first was kept may ask again.
    expect(fresh.cms.asked()).toBeLessThanOrEqual(3);
    const [count] = await query<{ people: string; wallets: string }>(
      fresh.database.url,
      `SELECT (SELECT count(*) FROM people) AS people, (SELECT count(*) FROM accounts WHERE kind = 'wallet') AS wallets`,
    );
    expect(count).toEqual({ people: '1', wallets: '1' });
    expect(fresh.published).toHaveLength(1);
    await fresh.close();
  });

  it('who is suspended there is refused at their very first request', async () => {
    const subject = `sandbox|${randomUUID()}`;
    await me(subject);
    const person = server.cms.people.find((one) => one.subject === subject);
    expect(person).toBeDefined();
    Object.assign(person as DirectoryPerson, { status: 'suspended' });
    await query(server.database.ownerUrl, 'DELETE FROM people WHERE subject = $1', [subject]);
    const answer = await me(subject);
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'account_suspended']);
  });

  it('is a 503 while the CMS can’t be asked, which people who are known don’t notice', async () => {
    const known = await server.signIn();
    server.cms.setAway(true);
    const subject = `sandbox|${randomUUID()}`;
    const away = await me(subject);
    expect([away.statusCode, away.json().code]).toEqual([503, 'identity_unavailable']);
    expect((await server.app.inject({ url: '/api/me', headers: known.headers })).statusCode).toBe(200);
    server.cms.setAway(false);
    expect((await me(subject)).statusCode).toBe(200);
  });

  it('is a 503 when the CMS answers with somebody else, who is not let in', async () => {
    const subject = `sandbox|${randomUUID()}`;
    const person_id = randomUUID();
    server.cms.people.push(aPerson({ subject, person_id, version: 9 }));
    // Ours has that id under another subject, and a newer version of it.
    await putPerson(aPerson({ person_id, version: 10, role: 'admin' }));
    const answer = await me(subject);
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'identity_unavailable']);
  });

  it('is not asked for by a token that is no good', async () => {
    const asked = server.cms.asked();
    const token = await server.issuer.token({ sub: `sandbox|${randomUUID()}`, exp: 1 });
    await server.app.inject({ url: '/api/me', headers: { authorization: `Bearer ${token}` } });
    expect(server.cms.asked()).toBe(asked);
  });
});
