/**
 * Who passes where: every route that Fastify has × everybody who might come. A route without a row fails, and so does a row
 * without a route.
 *
 * To add a route, add its row to ROWS. `may` names who passes; all others are expected to be turned away, by their kind:
 *
 *   people's route     nobody and programs 401 `not_signed_in`, a suspended person 403 `account_suspended`, a role that
 *                      nobody in `may` has 403 `role_not_allowed`; who has the role but is not in `may` (the *other* client
 *                      or reader, whose id it isn't) 404 `not_found`
 *   programs' route    people and nobody 401 `signature_missing`, another program 401 `signature_unknown_key`
 *   anybody's route    `may: EVERYBODY`
 *
 * What is otherwise is said in `otherwise`. Rows stand for one request, made by `request` from the world (people by column,
 * and whatever `arrange` made: add your session, room or order there, between `client` and `reader`, and use its id). It is
 * made anew for every cell, first those that are refused, so that it may change things; `who` is whose turn it is. Who
 * passes must get a 2xx, or the one status in `status`. HEAD follows its GET by itself.
 */

import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../contract/directory.ts';
import type { Access, Caller } from '../src/access.ts';
import { createServer, NOW, type SignedIn, type TestServer } from './support/server.ts';

const PEOPLE = {
  client: 'client',
  'other client': 'client',
  reader: 'reader',
  'other reader': 'reader',
  admin: 'admin',
} as const satisfies Record<string, Role>;
const PROGRAMS = ['cms', 'commerce', 'site'] as const satisfies Caller[];

type Person = keyof typeof PEOPLE;
type Who = 'nobody' | Person | 'suspended' | Caller;

const ALL_PEOPLE = Object.keys(PEOPLE) as Person[];
const EVERYBODY: Who[] = ['nobody', ...ALL_PEOPLE, 'suspended', ...PROGRAMS];

interface World {
  server: TestServer;
  people: Record<Person | 'suspended', SignedIn>;
  /** A finalised session of client and reader. */
  session: string;
}

interface Row {
  may: readonly Who[];
  request?: (
    world: World,
    who: Who,
  ) => { url?: string; body?: unknown } | Promise<{ url?: string; body?: unknown }>;
  /** What who passes is answered, where it is no 2xx. */
  status?: number;
  /** Every role may call; whose it is, the thing itself says. */
  anyRole?: true;
  otherwise?: Partial<Record<Who, [status: number, code: string]>>;
}

/** What rows need beyond people: made once, before all cells. */
async function arrange(server: TestServer): Promise<World> {
  const people = {} as World['people'];
  for (const who of ALL_PEOPLE) people[who] = await server.signIn({ role: PEOPLE[who] });
  people.suspended = await server.signIn({ status: 'suspended' });
  const session = randomUUID();
  await sql`
    insert into receipts (session_id, client_person_id, reader_person_id, receipt, created_at)
    values (${session}, ${people.client.person_id}, ${people.reader.person_id}, '{}', now())`.execute(
    server.db,
  );
  await server.directory.putReader({
    reader_id: '2',
    version: 1,
    person_id: people['other reader'].person_id,
    slug: 'sol',
    name: 'Sol',
    published: true,
    time_zone: 'Europe/Lisbon',
    rates: { video_cents: 399, voice_cents: null, chat_cents: null },
  });
  const topUp = await server.ledger.post({
    kind: 'top_up',
    key: 'top-up',
    legs: [
      { account: 'card_clearing', amount_cents: -90_000 },
      { account: `wallet:${people.client.person_id}`, amount_cents: 90_000 },
    ],
  });
  expect(topUp.ok).toBe(true);
  await server.sessions.readers.say(people['other reader'].person_id, 'online');
  return { server, people, session };
}

const TWO: Who[] = ['client', 'other reader'];
let sessionId = randomUUID() as string;

/** A session of the client and the other reader; a new one for whoever passes, since the last may have ended. */
async function freshSession({ server, people }: World, who: Who, active: boolean): Promise<string> {
  if (![...TWO, 'admin'].includes(who)) return sessionId;
  const { sessions, readers } = server.sessions;
  const [client, reader] = [people.client.person_id, people['other reader'].person_id];
  const { rows } = await sql<{ session_id: string }>`
    select session_id from session_seats where person_id = ${client}`.execute(server.db);
  for (const { session_id } of rows) await sessions.end(session_id, client);
  await readers.say(reader, 'online');
  const made = await sessions.create(
    client,
    { reader_id: '2', modality: 'video', maximum_minutes: 9, queue_if_busy: false },
    null,
  );
  if (!made.ok) throw new Error(made.refused.code);
  sessionId = made.session.id;
  if (active) {
    await sessions.join(sessionId, client);
    await sessions.join(sessionId, reader);
  }
  return sessionId;
}

/** What the two may do with a session, and nobody else. */
const ofTwo = (path: string, more: Partial<Row> & { body?: unknown; waiting?: true } = {}): Row => {
  const { body, waiting, ...row } = more;
  return {
    may: TWO,
    anyRole: true,
    request: async (world, who) => ({
      url: `/api/sessions/${await freshSession(world, who, !waiting)}${path}`,
      ...(body === undefined ? {} : { body }),
    }),
    ...row,
  };
};
const byStaff = (path: string, body: unknown, status = 200): Row => ({
  may: ['admin'],
  status,
  request: async (world, who) => ({
    url: `/api/admin/sessions/${await freshSession(world, who, true)}/${path}`,
    body,
  }),
});
const onlyTheReader = { client: [403, 'only_the_reader'] } as const satisfies Row['otherwise'] & object;

/** Each call brings about what it needs first, under ids of its own. */
function moneyOfTheShop(): Record<string, Row> {
  const may: Who[] = ['commerce'];
  const id = randomUUID();
  const ends_at_ms = NOW + 60_000;
  const of = ({ people }: World) => ({ person_id: people.client.person_id, amount_cents: 100 });
  const first = async (world: World, who: Who, ...calls: [string, object?][]) => {
    if (who !== 'commerce') return;
    for (const [url, body] of calls)
      await world.server.app.inject(world.server.signed('commerce', { method: 'PUT', url, body }));
  };
  const row = (
    path: string,
    body?: (world: World) => object,
    needs: (world: World) => [string, object?][] = () => [],
  ): Row => ({
    may,
    request: async (world, who) => {
      await first(world, who, ...needs(world));
      return { url: `/service/${path}`, ...(body ? { body: body(world) } : {}) };
    },
  });
  const paid = (world: World): [string, object] => [`/service/payments/${id}`, of(world)];
  const authorised = (world: World, hold: string): [string, object] => [
    `/service/holds/${hold}`,
    { ...of(world), ends_at_ms, details: {} },
  ];
  const ofPayment = (world: World) => ({ ...of(world), payment_id: id });
  const reserved = (world: World, key: string): [string, object] => [
    `/service/refunds/${key}`,
    { ...ofPayment(world), amount_cents: 10, ends_at_ms },
  ];
  return {
    'PUT /service/payments/:payment_id': row(`payments/${randomUUID()}`, of),
    'GET /service/payments/:payment_id': row(`payments/${id}`, undefined, (world) => [paid(world)]),
    'POST /service/payments/compare': row('payments/compare', () => ({ payment_ids: [id] })),
    'PUT /service/refunds/:key': row(
      `refunds/${id}`,
      (world) => ({ ...ofPayment(world), amount_cents: 10, ends_at_ms }),
      (world) => [paid(world)],
    ),
    'PUT /service/refunds/:key/post': row(
      `refunds/${id}-2/post`,
      (world) => ({ ...ofPayment(world), amount_cents: 10 }),
      (world) => [paid(world)],
    ),
    'PUT /service/refunds/:key/fail': row(
      `refunds/${id}-5/fail`,
      (world) => ({ ...ofPayment(world), amount_cents: 10 }),
      (world) => [paid(world), [`/service/refunds/${id}-5/post`, { ...ofPayment(world), amount_cents: 10 }]],
    ),
    'PUT /service/refunds/:key/release': row(`refunds/${id}-3/release`, undefined, (world) => [
      paid(world),
      reserved(world, `${id}-3`),
    ]),
    'PUT /service/disputes/:dispute_id': row(`disputes/${id}`, ofPayment, (world) => [paid(world)]),
    'PUT /service/disputes/:dispute_id/close': row(
      `disputes/${id}-2/close`,
      (world) => ({ ...of(world), won: true }),
      (world) => [paid(world), [`/service/disputes/${id}-2`, ofPayment(world)]],
    ),
    'PUT /service/holds/:hold_id': row(`holds/${id}`, (world) => ({
      ...of(world),
      ends_at_ms,
      details: {},
    })),
    'GET /service/holds/:hold_id': row(`holds/${id}-5`, undefined, (world) => [authorised(world, `${id}-5`)]),
    'GET /service/holds': row('holds?limit=10'),
    'PUT /service/holds/:hold_id/post': row(
      `holds/${id}-2/post`,
      () => ({ amount_cents: 100 }),
      (world) => [authorised(world, `${id}-2`)],
    ),
    'PUT /service/holds/:hold_id/release': row(`holds/${id}-3/release`, undefined, (world) => [
      authorised(world, `${id}-3`),
    ]),
    'PUT /service/holds/:hold_id/refunds/:key': row(
      `holds/${id}-4/refunds/1`,
      () => ({ amount_cents: 100 }),
      (world) => [authorised(world, `${id}-4`), [`/service/holds/${id}-4/post`, { amount_cents: 100 }]],
    ),
    'POST /service/wallets/low': row('wallets/low', ({ people }) => ({
      wallets: [{ person_id: people.client.person_id, below_cents: 100 }],
    })),
    'GET /service/wallets/:person_id': {
      may,
      request: (world) => ({ url: `/service/wallets/${world.people.client.person_id}` }),
    },
  };
}

const ROWS: Record<string, Row> = {
  'POST /api/sessions': {
    may: ['client'],
    anyRole: true,
    request: async (world, who) => {
      const id = await freshSession(world, who, false);
      await world.server.sessions.sessions.end(id, world.people.client.person_id);
      return { body: { reader_id: '2', modality: 'video', maximum_minutes: 9 } };
    },
    otherwise: {
      'other client': [402, 'insufficient_balance'],
      reader: [402, 'insufficient_balance'],
      'other reader': [409, 'own_session'],
      admin: [402, 'insufficient_balance'],
    },
  },
  'GET /api/sessions': { may: ALL_PEOPLE },
  'GET /api/sessions/:id': ofTwo('', { may: [...TWO, 'admin'] }),
  'POST /api/sessions/:id/join': ofTwo('/join'),
  'POST /api/sessions/:id/leave': ofTwo('/leave'),
  'POST /api/sessions/:id/reconnect': ofTwo('/reconnect'),
  'POST /api/sessions/:id/end': ofTwo('/end'),
  'POST /api/sessions/:id/accept': ofTwo('/accept', {
    may: ['other reader'],
    waiting: true,
    otherwise: onlyTheReader,
  }),
  'POST /api/sessions/:id/decline': ofTwo('/decline', {
    may: ['other reader'],
    waiting: true,
    otherwise: onlyTheReader,
  }),
  'POST /api/sessions/:id/cancel': ofTwo('/cancel', {
    may: ['client'],
    waiting: true,
    otherwise: { 'other reader': [403, 'only_the_client'] },
  }),
  'POST /api/sessions/:id/heartbeat': ofTwo('/heartbeat'),
  'POST /api/sessions/:id/maximum': ofTwo('/maximum', {
    may: ['client'],
    body: { maximum_minutes: 20 },
    otherwise: { 'other reader': [403, 'only_the_client'] },
  }),
  'POST /api/sessions/:id/rtc-token': ofTwo('/rtc-token'),
  'GET /api/sessions/:id/messages': ofTwo('/messages'),
  'POST /api/sessions/:id/messages': ofTwo('/messages', { body: { key: randomUUID(), text: 'Hello' } }),
  'GET /api/sessions/:id/note': ofTwo('/note'),
  'PUT /api/sessions/:id/note': ofTwo('/note', { body: { text: 'Mine' } }),
  'GET /api/readers/presence': { may: EVERYBODY },
  'GET /api/readers/me/presence': { may: ['reader', 'other reader'] },
  'PUT /api/readers/me/presence': {
    may: ['reader', 'other reader'],
    request: () => ({ body: { status: 'online' } }),
  },
  'GET /api/queue': { may: ALL_PEOPLE },
  // Nobody has this reader: there is nothing to wait for, for anybody.
  'PUT /api/readers/:reader_id/queue': {
    may: ALL_PEOPLE,
    status: 404,
    request: () => ({ url: '/api/readers/nobody/queue', body: { modality: 'video' } }),
  },
  'DELETE /api/readers/:reader_id/queue': {
    may: ALL_PEOPLE,
    request: () => ({ url: '/api/readers/nobody/queue' }),
  },
  'GET /api/admin/sessions': { may: ['admin'] },
  'POST /api/admin/sessions/:id/end': byStaff('end', { reason: 'reported' }),
  // Nothing was charged yet.
  'POST /api/admin/sessions/:id/give-back': byStaff('give-back', { minutes: [1], reason: 'a fault' }, 409),

  'GET /health': { may: EVERYBODY },
  'GET /ready': { may: EVERYBODY },
  'GET /metrics': { may: EVERYBODY },
  'GET /openapi.json': { may: EVERYBODY },
  'GET /docs/': { may: EVERYBODY },
  'GET /docs/js/scalar.js': { may: EVERYBODY },
  'GET /api/time': { may: EVERYBODY, request: () => ({ url: '/api/time?client_time_ms=1' }) },
  'POST /api/reports': {
    may: EVERYBODY,
    request: () => ({ body: [{ type: 'crash', url: 'https://soulseer.example/' }] }),
  },

  'GET /.well-known/receipt-keys.json': { may: EVERYBODY },
  'GET /api/sessions/:id/receipt': {
    may: ['client', 'reader', 'admin'],
    request: ({ session }) => ({ url: `/api/sessions/${session}/receipt` }),
  },

  'GET /api/me': { may: ALL_PEOPLE },
  'GET /api/wallet': { may: ALL_PEOPLE },
  'GET /api/wallet/entries': { may: ALL_PEOPLE },
  'GET /api/wallet/limits': { may: ALL_PEOPLE },
  'PUT /api/wallet/limits': { may: ALL_PEOPLE, request: () => ({ body: { time_zone: 'UTC' } }) },
  'GET /api/earnings': { may: ['reader', 'other reader'] },
  ...moneyOfTheShop(),
  'GET /service/sessions/:id/review-right': {
    may: ['cms'],
    // There is no such session.
    status: 404,
    request: ({ people }) => ({
      url: `/service/sessions/${randomUUID()}/review-right?person_id=${people.client.person_id}`,
    }),
  },
  'PUT /service/directory/people/:person_id': {
    may: ['cms'],
    // Somebody makes themselves an admin.
    request: ({ people }, who) => {
      const { person } = people[who in people ? (who as Person) : 'client'];
      return {
        url: `/service/directory/people/${person.person_id}`,
        body: { ...person, version: 2, role: who === 'cms' ? person.role : 'admin' },
      };
    },
  },
  'PUT /service/directory/readers/:reader_id': {
    may: ['cms'],
    request: ({ people }) => ({
      url: '/service/directory/readers/1',
      body: {
        reader_id: '1',
        version: 1,
        person_id: people.reader.person_id,
        slug: 'luna',
        name: 'Luna',
        published: true,
        time_zone: 'Europe/Lisbon',
        rates: { video_cents: 399, voice_cents: null, chat_cents: null },
      },
    }),
  },
  'PUT /service/audit/:event_id': {
    may: ['cms', 'commerce', 'site'],
    request: () => ({
      url: `/service/audit/${randomUUID()}`,
      body: {
        at_ms: NOW,
        actor_person_id: null,
        action: 'person.suspend',
        subject: null,
        outcome: 'done',
        reason: null,
        address: null,
        details: {},
      },
    }),
  },
  'GET /api/admin/audit': { may: ['admin'] },
  'PUT /service/favourites/:person_id/:reader_id': {
    may: ['cms'],
    request: ({ people: { client } }) => ({
      url: `/service/favourites/${client.person_id}/7`,
      body: { person_id: client.person_id, reader_id: '7', version: 1, notify: true },
    }),
  },
  'PUT /service/mails/:key': {
    may: ['cms', 'commerce'],
    request: ({ people }) => ({
      url: `/service/mails/${randomUUID()}`,
      body: { to_person_id: people.client.person_id, template: 'reader_application_approved', values: {} },
    }),
  },

  // Plain HTTP is told that it speaks WebSocket; the handshake's own door is in test/sockets/tickets.test.ts.
  'GET /socket': { may: EVERYBODY, status: 426 },
  'POST /api/socket-tickets': { may: ALL_PEOPLE },
  'PUT /service/sign-outs/:id': {
    may: ['site'],
    request: ({ people }) => ({
      url: `/service/sign-outs/${randomUUID()}`,
      body: { person_id: people.client.person_id, at_ms: NOW },
    }),
  },
};

let world: World;

beforeAll(async () => {
  const server = await createServer();
  await server.app.ready();
  world = await arrange(server);
});
afterAll(() => world.server.close());

const isPerson = (who: Who): who is Person => who in PEOPLE;
const isProgram = (who: Who): who is Caller => (PROGRAMS as readonly Who[]).includes(who);
const rolesOf = ({ may, anyRole }: Row) =>
  new Set<Role>(anyRole ? Object.values(PEOPLE) : may.filter(isPerson).map((who) => PEOPLE[who]));

/** How somebody who may not pass is turned away: status and code. */
function refusal(row: Row, who: Who): [number, string] {
  const given = row.otherwise?.[who];
  if (given) return given;
  if (row.may.some(isProgram))
    return isProgram(who) ? [401, 'signature_unknown_key'] : [401, 'signature_missing'];
  if (who === 'suspended') return [403, 'account_suspended'];
  if (!isPerson(who)) return [401, 'not_signed_in'];
  return rolesOf(row).has(PEOPLE[who]) ? [404, 'not_found'] : [403, 'role_not_allowed'];
}

/** What a row's `may` has to be declared as. */
function declared(row: Row): unknown {
  if (row.may === EVERYBODY) return 'anyone';
  if (row.may.some(isProgram)) return { services: row.may.filter(isProgram).toSorted() };
  return { people: [...rolesOf(row)].toSorted() };
}
function comparable(access: Access): unknown {
  if (access === 'anyone') return access;
  return 'people' in access ? { people: access.people.toSorted() } : { services: access.services.toSorted() };
}

describe('A4: every route × everybody', () => {
  it('has a row for each route, and no row without one', () => {
    const routes = world.server.app.declaredAccess.map(({ method, url }) => `${method} ${url}`);
    const wanted = Object.keys(ROWS).flatMap((name) =>
      name.startsWith('GET ') ? [name, name.replace('GET', 'HEAD')] : [name],
    );
    expect(routes.toSorted()).toEqual(wanted.toSorted());
  });

  it('declares what the rows say', () => {
    for (const { method, url, access } of world.server.app.declaredAccess) {
      const name = `${method === 'HEAD' ? 'GET' : method} ${url}`;
      const row = ROWS[name];
      if (row) expect([name, comparable(access)]).toEqual([name, declared(row)]);
    }
  });

  it.each(Object.entries(ROWS))('%s', async (name, row) => {
    const { server, people } = world;
    const methods = name.startsWith('GET ') ? ['HEAD', 'GET'] : [name.slice(0, name.indexOf(' '))];
    const answers: Record<string, string> = {};
    const wanted: Record<string, string> = {};
    const refusedFirst = EVERYBODY.toSorted(
      (a, b) => Number(row.may.includes(a)) - Number(row.may.includes(b)),
    );
    for (const who of refusedFirst) {
      for (const method of methods) {
        const { url = name.slice(name.indexOf('/')), body } = (await row.request?.(world, who)) ?? {};
        const answer = await server.app.inject(
          isProgram(who)
            ? server.signed(who, { method, url, body })
            : {
                method: method as 'GET',
                url,
                headers: who === 'nobody' ? {} : people[who].headers,
                ...(body === undefined ? {} : { payload: body as object }),
              },
        );
        const cell = `${method} ${who}`;
        const { statusCode: status } = answer;
        if (row.may.includes(who)) {
          const passed = row.status === undefined ? status >= 200 && status < 300 : status === row.status;
          wanted[cell] = 'passes';
          answers[cell] = passed ? 'passes' : `${status} ${answer.body}`;
        } else {
          const [wantedStatus, code] = refusal(row, who);
          // HEAD has no body to say more in.
          wanted[cell] = method === 'HEAD' ? `${wantedStatus}` : `${wantedStatus} ${code}`;
          answers[cell] =
            method === 'HEAD' ? `${status}` : `${status} ${(answer.json() as { code?: string }).code}`;
        }
      }
    }
    expect(answers).toEqual(wanted);
  });

  it('left everybody with the role and the status that they had', async () => {
    for (const who of ALL_PEOPLE) {
      const me = await world.server.app.inject({ url: '/api/me', headers: world.people[who].headers });
      expect([who, me.json().role]).toEqual([who, PEOPLE[who]]);
    }
  });
});
