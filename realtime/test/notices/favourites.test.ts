/** D3: who wished it is told that a favourite came online. */

import { randomUUID } from 'node:crypto';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { QUIET_MS } from '../../src/notices/favourites.ts';
import { query } from '../support/cluster.ts';
import { createServer, NOW, type SignedIn, type TestServer } from '../support/server.ts';

const HOUR_MS = 60 * 60_000;

let server: TestServer;
let now = NOW;
beforeAll(async () => {
  server = await createServer();
});
afterAll(() => server.close());

async function reader(published = true) {
  const who = await server.signIn({ role: 'reader' });
  const reader_id = randomUUID();
  const put = (version: number, published: boolean) =>
    server.directory.putReader({
      reader_id,
      version,
      person_id: who.person_id,
      slug: 'luna',
      name: 'Luna <b>',
      published,
      time_zone: 'Europe/Lisbon',
      rates: { video_cents: 399, voice_cents: null, chat_cents: null },
    });
  await put(1, published);
  return { ...who, reader_id, hide: () => put(2, false) };
}
type TestReader = Awaited<ReturnType<typeof reader>>;

const say = (of: TestReader, wish: 'online' | 'away' | 'offline') =>
  server.sessions.readers.say(of.person_id, wish);
const wish = ({ person_id }: SignedIn, { reader_id }: TestReader, notify: boolean, version = 1) => {
  const body = { person_id, reader_id, version, notify };
  return server.app.inject(
    server.signed('cms', { method: 'PUT', url: `/service/favourites/${person_id}/${reader_id}`, body }),
  );
};
/** How often somebody was told: on their pages, and by mail. */
async function told({ person_id }: SignedIn) {
  const said = await query<{ body: unknown }>(
    server.database.url,
    `select body from socket_messages where room = 'person:${person_id}' and body::jsonb->>'type' = 'favourite_online'`,
  );
  const mails = await query(
    server.database.url,
    `select from mails where to_person_id = '${person_id}' and template = 'favourite_online'`,
  );
  expect(said).toHaveLength(mails.length);
  return mails.length;
}
const pass = (ms: number) => {
  now += ms;
  server.clock.set(now);
};

it('SES-19: is told once, on open pages and by mail, and again only after six hours, however often they come and go', async () => {
  const [client, luna] = [await server.signIn(), await reader()];
  expect((await wish(client, luna, true)).statusCode).toBe(204);
  expect(await told(client)).toBe(0);
  await say(luna, 'online');
  expect(await told(client)).toBe(1);
  for (const word of ['away', 'online', 'offline', 'online'] as const) await say(luna, word);
  expect(await told(client)).toBe(1);
  await say(luna, 'offline');
  pass(QUIET_MS - 1);
  await say(luna, 'online');
  expect(await told(client)).toBe(1);
  await say(luna, 'offline');
  pass(1);
  await say(luna, 'online');
  expect(await told(client)).toBe(2);
});

it('SES-19: is told once of news that comes twice at the same moment', async () => {
  const [client, luna] = [await server.signIn(), await reader()];
  await wish(client, luna, true);
  await Promise.all(
    Array.from({ length: 8 }, () => server.favourites.online([luna.reader_id, luna.reader_id])),
  );
  expect(await told(client)).toBe(1);
  await Promise.all(Array.from({ length: 8 }, () => say(luna, 'online')));
  expect(await told(client)).toBe(1);
});

it('SES-19: is told to each of many who wish it, and to nobody else', async () => {
  const luna = await reader();
  const crowd = Array.from({ length: 450 }, () => randomUUID());
  await query(
    server.database.url,
    `insert into people (person_id, version, issuer, subject, display_name, role, status, email_verified, updated_at)
     select id::uuid, 1, 'crowd', id, 'Crowd', 'client', 'active', false, now() from unnest('{${crowd}}'::text[]) id;
     insert into favourite_notices (person_id, reader_id, version, notify)
     select id::uuid, '${luna.reader_id}', 1, true from unnest('{${crowd}}'::text[]) id`,
  );
  const [other, never] = [await reader(), await server.signIn()];
  await wish(never, other, true);
  await say(luna, 'online');
  const rows = await query<{ count: string }>(
    server.database.url,
    `select count(distinct to_person_id) from mails where template = 'favourite_online' and to_person_id = any ('{${crowd}}'::uuid[])`,
  );
  expect(rows[0]?.count).toBe('450');
  expect(await told(never)).toBe(0);
});

it('SES-19: is not told whoever has switched it off, also where the older word comes last; on again, the six hours still hold', async () => {
  const [client, luna] = [await server.signIn(), await reader()];
  await wish(client, luna, false, 5);
  expect((await wish(client, luna, true, 4)).statusCode).toBe(204);
  await say(luna, 'online');
  expect(await told(client)).toBe(0);
  await wish(client, luna, true, 6);
  for (const word of ['offline', 'online'] as const) await say(luna, word);
  expect(await told(client)).toBe(1);
  await wish(client, luna, false, 7);
  await wish(client, luna, true, 8);
  for (const word of ['offline', 'online'] as const) await say(luna, word);
  expect(await told(client)).toBe(1);
});

it('SES-19: is not told who is suspended, nor of a reader who is hidden or suspended, nor a reader of themselves', async () => {
  const [gone, luna] = [await server.signIn({ status: 'suspended' }), await reader()];
  await wish(gone, luna, true);
  await wish(luna, luna, true);
  await say(luna, 'online');
  expect([await told(gone), await told(luna)]).toEqual([0, 0]);

  const client = await server.signIn();
  const hidden = await reader();
  await wish(client, hidden, true);
  await hidden.hide();
  await say(hidden, 'online');
  const suspended = await reader();
  await wish(client, suspended, true);
  await server.directory.putPerson({ ...suspended.person, version: 2, status: 'suspended' });
  await server.favourites.online([suspended.reader_id]);
  expect(await told(client)).toBe(0);
});

it('takes no reader’s coming online for it who is free again after a session', async () => {
  const [client, luna] = [await server.signIn(), await reader()];
  await say(luna, 'online');
  await wish(client, luna, true);
  await query(
    server.database.url,
    `update reader_presence set told = 'busy' where reader_person_id = '${luna.person_id}'`,
  );
  await server.sessions.readers.refresh();
  expect(await told(client)).toBe(0);
});

it('SES-19: is the CMS’s to say, signed, in an address that is the body’s', async () => {
  const [client, luna] = [await server.signIn(), await reader()];
  const body = { person_id: client.person_id, reader_id: luna.reader_id, version: 1, notify: true };
  const url = `/service/favourites/${client.person_id}/${luna.reader_id}`;
  const status = async (request: InjectOptions) => (await server.app.inject(request)).statusCode;
  expect(await status({ method: 'PUT', url, payload: body })).toBe(401);
  expect(await status(server.signed('site', { method: 'PUT', url, body }))).toBe(401);
  for (const wrong of [
    { ...body, person_id: randomUUID() },
    { ...body, reader_id: randomUUID() },
    { ...body, version: 0 },
    { ...body, notify: 'yes' },
    {},
  ])
    expect(await status(server.signed('cms', { method: 'PUT', url, body: wrong }))).toBe(400);
  pass(HOUR_MS);
  await say(luna, 'online');
  expect(await told(client)).toBe(0);
});
