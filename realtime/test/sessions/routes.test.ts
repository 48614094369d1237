/** Sessions over HTTP: who may do what, what is refused and how it is said. */

import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catchUp } from '../../src/billing/loop.ts';
import { MOST_IN_LINE } from '../../src/sessions/readers.ts';
import { createServer, NOW, type SignedIn, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await createServer();
});
afterAll(() => server.close());

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
async function call(who: SignedIn | null, method: Method, url: string, body?: unknown, headers: object = {}) {
  const answer = await server.app.inject({
    method,
    url,
    headers: { ...who?.headers, ...headers },
    ...(body === undefined ? {} : { payload: body as object }),
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.body === '' ? null : answer.json(),
  };
}

async function client(cents = 100_000): Promise<SignedIn> {
  const one = await server.signIn();
  const result = await server.ledger.post({
    kind: 'top_up',
    key: `top-up:${one.person_id}`,
    legs: [
      { account: 'card_clearing', amount_cents: -cents },
      { account: `wallet:${one.person_id}`, amount_cents: cents },
    ],
  });
  expect(result.ok).toBe(true);
  return one;
}

async function reader(rates: { chat_cents?: number } = {}): Promise<SignedIn & { reader_id: string }> {
  const one = await server.signIn({ role: 'reader', display_name: 'Luna' });
  const reader_id = randomUUID();
  await server.directory.putReader({
    reader_id,
    version: 1,
    person_id: one.person_id,
    slug: `luna-${reader_id}`,
    name: 'Luna',
    published: true,
    time_zone: 'Europe/London',
    rates: { video_cents: 399, voice_cents: 299, chat_cents: rates.chat_cents ?? null },
  });
  const online = await call(one, 'PUT', '/api/readers/me/presence', { status: 'online' });
  expect(online).toMatchObject({
    status: 200,
    body: { status: 'online', until_ms: server.clock.now() + 90_000 },
  });
  return { ...one, reader_id };
}

const request = (to: { reader_id: string }, more: object = {}) => ({
  reader_id: to.reader_id,
  modality: 'video',
  maximum_minutes: 30,
  ...more,
});

async function pair(cents = 100_000) {
  server.clock.set(NOW);
  const [c, r] = [await client(cents), await reader()];
  const made = await call(c, 'POST', '/api/sessions', request(r));
  expect(made.status).toBe(201);
  return { c, r, id: made.body.id as string, at: (path: string) => `/api/sessions/${made.body.id}${path}` };
}

async function active(cents?: number) {
  const one = await pair(cents);
  await call(one.r, 'POST', one.at('/accept'));
  await call(one.r, 'POST', one.at('/join'));
  const joined = await call(one.c, 'POST', one.at('/join'));
  expect(joined).toMatchObject({ status: 200, body: { state: 'active', running_since_ms: NOW } });
  return one;
}

const now = (seconds: number) => server.clock.set(NOW + seconds * 1_000);
/** Both are there, every 5 s, and what they owe is charged. */
async function beats({ c, r, at }: Awaited<ReturnType<typeof active>>, from: number, to: number) {
  for (let second = from; second <= to; second += 5) {
    now(second);
    for (const who of [c, r]) await call(who, 'POST', at('/heartbeat'));
    await catchUp(server.db, server.clock);
  }
}

describe('a session over HTTP', () => {
  test('S1 S6: from the request to the end, as each sees it', async () => {
    const { c, r, id, at } = await active(2_000);
    for (let second = 5; second <= 65; second += 5) {
      server.clock.set(NOW + second * 1_000);
      for (const who of [c, r])
        expect(await call(who, 'POST', at('/heartbeat'))).toMatchObject({
          status: 200,
          body: { state: 'active' },
        });
    }
    await catchUp(server.db, server.clock);
    const mine = await call(c, 'GET', at(''));
    expect(mine.headers['cache-control']).toBe('no-store');
    expect(mine.body).toMatchObject({
      id,
      you: 'client',
      state: 'active',
      paid_minutes: 2,
      cost_cents: 798,
      minutes_left: 3,
      balance_cents: 1_202,
      reader: { name: 'Luna', reader_id: r.reader_id },
      in: { client: true, reader: true },
    });
    // SES-15: what the wallet holds, only the client is told.
    expect((await call(r, 'GET', at(''))).body).toMatchObject({
      you: 'reader',
      paid_minutes: 2,
      minutes_left: null,
      balance_cents: null,
    });
    const ended = await call(c, 'POST', at('/end'));
    expect(ended).toMatchObject({
      status: 200,
      body: {
        state: 'finalized',
        end: { reason: 'ended_by_client', by: 'client', at_ms: NOW + 65_000, said: null },
        summary: { charged_minutes: 2, paid_cents: 798, reader_cents: 559 },
      },
    });
    expect(await call(r, 'POST', at('/end'))).toMatchObject({ status: 200, body: { end: { by: 'client' } } });
    // S8: both have the receipt, with who was there in each minute.
    for (const who of [c, r])
      expect(await call(who, 'GET', at('/receipt'))).toMatchObject({
        status: 200,
        body: {
          head: { session_id: id, stop_reason: 'ended_by_client', active_ms: 65_000 },
          minutes: [
            { number: 1, presence: { client_ms: 60_000, reader_ms: 60_000 } },
            { number: 2, presence: { client_ms: 5_000, reader_ms: 5_000 } },
          ],
        },
      });
    const list = await call(c, 'GET', '/api/sessions?state=past');
    expect(list.body).toMatchObject({ sessions: [{ id }], next: null });
    expect((await call(c, 'GET', '/api/sessions/?state=open')).body.sessions).toEqual([]);
  });

  test('SES-5 W2: a second try with the same Idempotency-Key answers the first one’s session', async () => {
    server.clock.set(NOW);
    const [c, r] = [await client(), await reader()];
    const key = { 'idempotency-key': randomUUID() };
    const first = await call(c, 'POST', '/api/sessions', request(r), key);
    const second = await call(c, 'POST', '/api/sessions', request(r), key);
    expect([first.status, second.status, second.body.id]).toEqual([201, 200, first.body.id]);
    expect(await call(c, 'POST', '/api/sessions', request(r, { maximum_minutes: 3 }), key)).toMatchObject({
      status: 409,
      body: { code: 'key_reused' },
    });
  });

  test('SES-5 SES-4: refusals say what the page needs to know', async () => {
    const { c, r, id } = await pair();
    const poor = await client(1_000);
    const free = await reader();
    expect(await call(poor, 'POST', '/api/sessions', request(free))).toMatchObject({
      status: 402,
      headers: { 'content-type': expect.stringContaining('application/problem+json') },
      body: {
        code: 'insufficient_balance',
        status: 402,
        needed_cents: 1_197,
        available_cents: 1_000,
        type: 'about:blank',
      },
    });
    expect(await call(c, 'POST', '/api/sessions', request(free))).toMatchObject({
      status: 409,
      body: { code: 'already_in_session', session_id: id },
    });
    const other = await client();
    expect(await call(other, 'POST', '/api/sessions', request(r))).toMatchObject({
      status: 409,
      body: { code: 'reader_busy' },
    });
    expect(
      (await call(other, 'POST', '/api/sessions', request(r, { queue_if_busy: true }))).body,
    ).toMatchObject({
      code: 'reader_busy',
      queue: { place: 1, reader_id: r.reader_id, estimate_ms: null },
    });
    expect((await call(other, 'GET', '/api/queue')).body.places).toHaveLength(1);
    expect((await call(other, 'DELETE', `/api/readers/${r.reader_id}/queue`)).status).toBe(204);
    expect((await call(other, 'GET', '/api/queue')).body.places).toEqual([]);
    expect(
      await call(other, 'PUT', `/api/readers/${r.reader_id}/queue`, { modality: 'voice' }),
    ).toMatchObject({ status: 200, body: { place: 1 } });
    await call(free, 'PUT', '/api/readers/me/presence', { status: 'offline' });
    expect((await call(other, 'POST', '/api/sessions', request(free))).body.code).toBe('reader_offline');
    expect(await call(other, 'POST', '/api/sessions', request({ reader_id: 'nobody' }))).toMatchObject({
      status: 404,
      body: { code: 'reader_not_found' },
    });
  });

  test('SES-13 S3: whoever asked for a place in line and gets none is told why', async () => {
    const { r } = await pair();
    await sql`
      insert into reader_queue (reader_person_id, client_id, modality, joined_ms)
      select ${r.person_id}, gen_random_uuid(), 'video', 0 from generate_series(1, ${MOST_IN_LINE}::integer)`.execute(
      server.db,
    );
    const late = await client();
    const refused = await call(late, 'POST', '/api/sessions', request(r, { queue_if_busy: true }));
    expect(refused).toMatchObject({
      status: 409,
      body: {
        code: 'reader_busy',
        queue_refused: 'queue_full',
        detail: 'The line for this reader is full',
      },
    });
    expect(refused.body.queue).toBeUndefined();
    const line = await call(late, 'PUT', `/api/readers/${r.reader_id}/queue`, { modality: 'video' });
    expect(line).toMatchObject({ status: 409, body: { code: 'queue_full' } });
  });

  test('SES-12 SES-13 A1: a suspension is told at once: the reader is offline, the line is closed', async () => {
    server.clock.set(NOW);
    const r = await reader();
    const waits = await client();
    await server.sessions.readers.getInLine(waits.person_id, r.reader_id, 'video', true);
    await sql`update people set status = 'suspended' where person_id = ${r.person_id}`.execute(server.db);
    // As main.ts does at the word of it.
    await server.sessions.personChanged({ person_id: r.person_id });
    const told = await sql<{ told: string }>`
      select told from reader_presence where reader_person_id = ${r.person_id}`.execute(server.db);
    expect(told.rows).toEqual([{ told: 'offline' }]);
    expect((await call(waits, 'GET', '/api/queue')).body.places).toEqual([]);
  });

  test('A4: malformed, huge and empty input is refused with 400 or 413, and nothing happens', async () => {
    server.clock.set(NOW);
    const [c, r] = [await client(), await reader()];
    for (const body of [
      {},
      [],
      request(r, { modality: 'smell' }),
      request(r, { maximum_minutes: 0 }),
      request(r, { maximum_minutes: 1.5 }),
      request(r, { maximum_minutes: '3' }),
      request(r, { maximum_minutes: 601 }),
      request({ reader_id: '../admin' }),
      request({ reader_id: 'x'.repeat(65) }),
    ])
      expect((await call(c, 'POST', '/api/sessions', body)).status).toBe(400);
    expect((await call(c, 'POST', '/api/sessions', { a: 'x'.repeat(70_000) })).status).toBe(413);
    expect(
      (await call(c, 'POST', '/api/sessions', request(r), { 'idempotency-key': 'x'.repeat(201) })).status,
    ).toBe(400);
    for (const url of [
      '/api/sessions/nothing',
      '/api/sessions?limit=0',
      '/api/sessions?limit=101',
      '/api/sessions?before=x',
      '/api/sessions?state=x',
    ])
      expect((await call(c, 'GET', url)).status).toBe(400);
    expect((await call(c, 'GET', '/api/sessions')).body.sessions).toEqual([]);
  });

  test('SES-15: another’s session is not there, by any route', async () => {
    const { id, at } = await active();
    const stranger = await client();
    const other = await reader();
    const routes: [Method, string, unknown?][] = [
      ['GET', ''],
      ['POST', '/join'],
      ['POST', '/leave'],
      ['POST', '/reconnect'],
      ['POST', '/end'],
      ['POST', '/accept'],
      ['POST', '/decline'],
      ['POST', '/cancel'],
      ['POST', '/heartbeat'],
      ['POST', '/maximum', { maximum_minutes: 99 }],
      ['POST', '/rtc-token'],
      ['GET', '/messages'],
      ['POST', '/messages', { key: randomUUID(), text: 'hello' }],
      ['GET', '/note'],
      ['PUT', '/note', { text: 'mine' }],
    ];
    for (const [method, path, body] of routes) {
      for (const who of [stranger, other]) {
        const refused = await call(who, method, at(path), body);
        expect([path, refused.status, refused.body.code]).toEqual([path, 404, 'not_found']);
        const none = await call(who, method, `/api/sessions/${randomUUID()}${path}`, body);
        expect({ ...none.body, instance: '' }).toEqual({ ...refused.body, instance: '' });
      }
      expect((await call(null, method, at(path), body)).status).toBe(401);
    }
    expect((await server.sessions.sessions.read(id))?.state).toBe('active');
    expect((await call(stranger, 'GET', '/api/sessions')).body.sessions).toEqual([]);
  });

  test('SES-3: the client can’t say yes for the reader, nor the reader take the request back', async () => {
    const { c, r, at } = await pair();
    expect(await call(c, 'POST', at('/accept'))).toMatchObject({
      status: 403,
      body: { code: 'only_the_reader' },
    });
    expect(await call(c, 'POST', at('/decline'))).toMatchObject({ status: 403 });
    expect(await call(r, 'POST', at('/cancel'))).toMatchObject({
      status: 403,
      body: { code: 'only_the_client' },
    });
    expect(await call(r, 'POST', at('/maximum'), { maximum_minutes: 99 })).toMatchObject({ status: 403 });
    expect(await call(c, 'POST', at('/reconnect'))).toMatchObject({
      status: 409,
      body: { code: 'not_started' },
    });
    expect(await call(r, 'POST', at('/decline'))).toMatchObject({
      status: 200,
      body: { end: { reason: 'declined' } },
    });
    expect(await call(c, 'POST', at('/join'))).toMatchObject({
      status: 409,
      body: { code: 'session_ended' },
    });
  });
});

describe('tokens', () => {
  test('SES-14 S9: peer to peer without Agora: for the two, once accepted, while it is open', async () => {
    const { c, r, at, id } = await pair();
    expect(await call(c, 'POST', at('/rtc-token'))).toMatchObject({
      status: 409,
      body: { code: 'not_started' },
    });
    await call(r, 'POST', at('/accept'));
    const session = await server.sessions.sessions.read(id);
    const token = await call(c, 'POST', at('/rtc-token'));
    expect(token).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: {
        mode: 'p2p',
        channel: session?.channel,
        account: c.person_id,
        ice_servers: [{ urls: ['stun:stun.example.org:3478'] }],
        expires_at_ms: NOW + 1_200_000,
      },
    });
    await call(r, 'POST', at('/end'));
    expect(await call(c, 'POST', at('/rtc-token'))).toMatchObject({
      status: 409,
      body: { code: 'session_ended' },
    });
  });

  test('SES-14: none without money for the next minute; what there is, the reader is not told', async () => {
    const one = await active(1_197);
    const { c, r, at } = one;
    await beats(one, 5, 125);
    // The third minute is paid and runs.
    expect((await call(c, 'POST', at('/rtc-token'))).status).toBe(200);
    for (let second = 130; second <= 180; second += 5) {
      server.clock.set(NOW + second * 1_000);
      for (const who of [c, r]) await call(who, 'POST', at('/heartbeat'));
    }
    expect((await call(c, 'POST', at('/rtc-token'))).body).toMatchObject({
      code: 'insufficient_balance',
      needed_cents: 399,
      available_cents: 0,
    });
    const told = (await call(r, 'POST', at('/rtc-token'))).body;
    expect([told.code, told.available_cents]).toEqual(['insufficient_balance', undefined]);
  });
});

describe('a pause', () => {
  /** One that the client has left after `seconds`. */
  async function paused(seconds = 20, cents?: number) {
    const one = await active(cents);
    await beats(one, 5, seconds);
    expect((await call(one.c, 'POST', one.at('/leave'))).body.state).toBe('paused');
    const here = async () => (await call(one.c, 'GET', one.at(''))).body.in;
    return { ...one, here };
  }

  test('SES-15 SES-7: without money there is no coming back; how little there is, the client alone is told', async () => {
    const { c, r, at } = await paused(180, 1_200);
    const told = await call(r, 'POST', at('/reconnect'));
    expect([told.status, told.body.code]).toEqual([402, 'insufficient_balance']);
    expect(Object.keys(told.body)).not.toContain('needed_cents');
    expect(Object.keys(told.body)).not.toContain('available_cents');
    expect(await call(c, 'POST', at('/reconnect'))).toMatchObject({
      status: 402,
      body: { code: 'insufficient_balance', needed_cents: 399, available_cents: 3 },
    });
  });

  test('SES-7 SES-9: late by the clock is late for tokens, messages and the view, whoever has noticed', async () => {
    const looks: Record<string, (who: SignedIn, at: (path: string) => string) => Promise<unknown>> = {
      token: async (who, at) => (await call(who, 'POST', at('/rtc-token'))).body.code,
      message: async (who, at) =>
        (await call(who, 'POST', at('/messages'), { key: randomUUID(), text: 'still there?' })).body.code,
      view: async (who, at) => (await call(who, 'GET', at(''))).body.end?.reason,
    };
    for (const [name, look] of Object.entries(looks)) {
      const { c, at } = await paused();
      now(319.999);
      expect([name, await look(c, at)]).toEqual([name, undefined]);
      now(320);
      expect([name, await look(c, at)]).toEqual([name, name === 'view' ? 'grace_expired' : 'session_ended']);
      expect((await call(c, 'GET', at(''))).body).toMatchObject({
        state: 'finalized',
        end: { reason: 'grace_expired', at_ms: NOW + 320_000 },
      });
    }
  });

  test('SES-6: who has left is not there, also as the second of the two', async () => {
    const { r, at, here } = await paused();
    expect(await here()).toEqual({ client: false, reader: true });
    await call(r, 'POST', at('/leave'));
    expect(await here()).toEqual({ client: false, reader: false });
  });

  test('SES-6: who is silent in a pause for 15 s is not there until heard again', async () => {
    const { r, at, here } = await paused();
    now(34.999);
    expect(await here()).toEqual({ client: false, reader: true });
    now(35);
    expect(await here()).toEqual({ client: false, reader: false });
    now(215);
    await server.sessions.sessions.tend(at('').split('/').at(-1) as string);
    expect(await here()).toEqual({ client: false, reader: false });
    await call(r, 'POST', at('/heartbeat'));
    expect(await here()).toEqual({ client: false, reader: true });
  });

  test('SES-6: a beat that was on its way when its sender left brings nobody back; coming in does, and a page that beats on', async () => {
    const { c, r, at, here } = await paused();
    now(21);
    expect((await call(c, 'POST', at('/heartbeat'))).body.state).toBe('paused');
    expect(await here()).toEqual({ client: false, reader: true });
    await call(r, 'POST', at('/leave'));
    now(22);
    await call(c, 'POST', at('/reconnect'));
    // Nor does it take up the session for who has just left.
    expect((await call(r, 'POST', at('/heartbeat'))).body.state).toBe('reconnecting');
    expect(await here()).toEqual({ client: true, reader: false });
    expect((await call(r, 'POST', at('/join'))).body.state).toBe('active');

    const other = await paused();
    await call(other.r, 'POST', other.at('/leave'));
    // The reader's page is open again: it is not the reader's pause to end, so it only beats.
    for (let second = 25; second <= 35; second += 5) {
      now(second);
      await call(other.r, 'POST', other.at('/heartbeat'));
    }
    expect(await other.here()).toEqual({ client: false, reader: true });
    // A try to come back that the other doesn't answer: still there, by beats alone.
    await call(other.c, 'POST', other.at('/reconnect'));
    expect((await call(other.r, 'POST', other.at('/heartbeat'))).body.state).toBe('active');
  });

  test('SES-7: an empty body that is announced as JSON is none; where something has to be said it is refused', async () => {
    const { c, r, at } = await active();
    const json = { 'content-type': 'application/json' };
    expect(await call(c, 'POST', at('/leave'), undefined, json)).toMatchObject({
      status: 200,
      body: { state: 'paused' },
    });
    expect((await call(r, 'POST', at('/heartbeat'), undefined, json)).status).toBe(200);
    for (const path of ['/maximum', '/messages'])
      expect(await call(c, 'POST', at(path), undefined, json)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      });
    expect(await call(c, 'POST', at('/leave'), '{', json)).toMatchObject({
      status: 400,
      body: { code: 'invalid_json' },
    });
  });
});

describe('the room', () => {
  test('S11 SES-15: what is written is kept in order for both, once for each key; notes are their writer’s alone', async () => {
    const { c, r, at } = await active();
    const key = randomUUID();
    const say = (who: SignedIn, k: string, text: string) =>
      call(who, 'POST', at('/messages'), { key: k, text });
    expect(await say(c, key, 'Hello 🙂')).toMatchObject({
      status: 200,
      body: { number: 1, side: 'client', key },
    });
    expect((await say(c, key, 'Hello 🙂')).body.number).toBe(1);
    expect(await say(c, key, 'Other')).toMatchObject({ status: 409, body: { code: 'key_reused' } });
    // The same key of the other one is another message.
    expect((await say(r, key, 'Good evening')).body.number).toBe(2);
    const many = await Promise.all(
      Array.from({ length: 20 }, (_, n) => say(n % 2 ? c : r, randomUUID(), `line ${n}`)),
    );
    expect(many.map(({ body }) => body.number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, n) => n + 3),
    );
    for (const who of [c, r]) {
      const all = (await call(who, 'GET', at('/messages'))).body.messages;
      expect(all.map(({ number }: { number: number }) => number)).toEqual(
        Array.from({ length: 22 }, (_, n) => n + 1),
      );
      expect((await call(who, 'GET', at('/messages?after=20&limit=1'))).body.messages).toMatchObject([
        { number: 21 },
      ]);
    }
    for (const text of ['', 'x'.repeat(2_001), 'nul\0', 7, null])
      expect((await call(c, 'POST', at('/messages'), { key: randomUUID(), text })).status).toBe(400);

    expect((await call(c, 'PUT', at('/note'), { text: 'ask about the moon' })).status).toBe(200);
    expect((await call(r, 'GET', at('/note'))).body).toEqual({ text: '', updated_ms: null });
    expect((await call(c, 'GET', at('/note'))).body).toEqual({ text: 'ask about the moon', updated_ms: NOW });
    const admin = await server.signIn({ role: 'admin' });
    expect((await call(admin, 'GET', at('/note'))).status).toBe(404);
    expect((await call(admin, 'GET', at('/messages'))).status).toBe(404);
    await call(c, 'POST', at('/end'));
    expect(await say(c, randomUUID(), 'too late')).toMatchObject({
      status: 409,
      body: { code: 'session_ended' },
    });
    expect((await say(c, key, 'Hello 🙂')).body.number).toBe(1);
    expect((await call(c, 'PUT', at('/note'), { text: '' })).body.updated_ms).toBeNull();
    expect((await call(c, 'GET', at('/messages'))).body.messages).toHaveLength(22);
  });
});

describe('readers', () => {
  test('SES-12 D1: anybody may see who is online', async () => {
    server.clock.set(NOW);
    const one = await reader();
    const seen = await call(null, 'GET', `/api/readers/presence?reader_ids=${one.reader_id},nobody`);
    expect(seen).toMatchObject({
      status: 200,
      body: { readers: [{ reader_id: one.reader_id, status: 'online' }], server_time_ms: NOW },
    });
    expect((await call(null, 'GET', '/api/readers/presence')).body.readers.length).toBeGreaterThan(1);
    expect((await call(null, 'GET', '/api/readers/presence?reader_ids=%27')).status).toBe(400);
    expect((await call(one, 'GET', '/api/readers/me/presence')).body.wish).toBe('online');
    expect((await call(await client(), 'PUT', '/api/readers/me/presence', { status: 'online' })).status).toBe(
      403,
    );
    expect((await call(one, 'PUT', '/api/readers/me/presence', { status: 'busy' })).status).toBe(400);
  });
});

describe('staff', () => {
  test('SES-16 S12 R3: they see what is open, end it with a reason and give minutes back; both see it, and so does the audit log', async () => {
    const one = await active();
    const { c, r, id, at } = one;
    await beats(one, 5, 65);
    const admin = await server.signIn({ role: 'admin' });
    const live = await call(admin, 'GET', '/api/admin/sessions');
    expect(live.body.sessions.find((one: { id: string }) => one.id === id)).toMatchObject({
      you: 'staff',
      state: 'active',
      paid_minutes: 2,
      balance_cents: null,
    });
    expect(await call(admin, 'GET', at(''))).toMatchObject({ status: 200, body: { you: 'staff' } });
    for (const [path, body] of [
      ['end', { reason: 'reported by the client' }],
      ['give-back', { minutes: [2], reason: 'the picture froze' }],
    ] as const) {
      for (const who of [c, r])
        expect((await call(who, 'POST', `/api/admin/sessions/${id}/${path}`, body)).status).toBe(403);
      expect(
        (await call(admin, 'POST', `/api/admin/sessions/${id}/${path}`, { ...body, reason: '' })).status,
      ).toBe(400);
      expect((await call(admin, 'POST', `/api/admin/sessions/${randomUUID()}/${path}`, body)).status).toBe(
        404,
      );
      for (let time = 0; time < 2; time += 1)
        expect((await call(admin, 'POST', `/api/admin/sessions/${id}/${path}`, body)).status).toBe(200);
    }
    expect(
      (await call(admin, 'POST', `/api/admin/sessions/${id}/give-back`, { minutes: [1, 7], reason: 'x' }))
        .body,
    ).toMatchObject({ code: 'minute_not_charged', minutes: [7] });
    expect(
      (await call(admin, 'POST', `/api/admin/sessions/${id}/give-back`, { minutes: [2], reason: 'x' })).body
        .code,
    ).toBe('already_given_back');
    for (const who of [c, r])
      expect((await call(who, 'GET', at(''))).body).toMatchObject({
        end: { reason: 'ended_by_staff', by: 'staff', said: 'reported by the client' },
        given_back: [{ minute: 2, reason: 'the picture froze' }],
        cost_cents: 399,
      });
    const log = await server.audit.read({ limit: 10, subject: `session:${id}` } as never);
    expect(log.entries.map(({ action, actor_person_id }) => [action, actor_person_id])).toEqual([
      ['session.give_back', admin.person_id],
      ['session.end', admin.person_id],
    ]);
  });
});

describe('staff’s acts', () => {
  test('SES-16 S12: an id in capitals is the same session', async () => {
    const { c, id } = await active();
    server.clock.set(NOW + 12_000);
    await catchUp(server.db, server.clock);
    const admin = await server.signIn({ role: 'admin' });
    const url = `/api/admin/sessions/${id.toUpperCase()}/give-back`;
    expect(await call(admin, 'POST', url, { minutes: [1], reason: 'the sound was bad' })).toMatchObject({
      status: 200,
      body: { id, given_back: [{ minute: 1 }] },
    });
    expect((await call(c, 'GET', `/api/sessions/${id.toUpperCase()}`)).body.id).toBe(id);
  });

  test('SES-16: blanks are no reason; what is kept is without those around it', async () => {
    const { c, id, at } = await active();
    server.clock.set(NOW + 12_000);
    await catchUp(server.db, server.clock);
    const admin = await server.signIn({ role: 'admin' });
    for (const [path, more] of [
      ['end', {}],
      ['give-back', { minutes: [1] }],
    ] as const) {
      const say = (reason: string) =>
        call(admin, 'POST', `/api/admin/sessions/${id}/${path}`, { ...more, reason });
      for (const blank of [' ', ' \n ', '\u00a0\t'])
        expect(await say(blank)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
      expect((await say(`  ${path}: reported \n`)).status).toBe(200);
    }
    expect((await call(c, 'GET', at(''))).body).toMatchObject({
      end: { said: 'end: reported' },
      given_back: [{ reason: 'give-back: reported' }],
    });
  });

  test('SES-16: nobody is staff of their own session, as its client or as its reader', async () => {
    const { c, r, id, at } = await active();
    server.clock.set(NOW + 12_000);
    await catchUp(server.db, server.clock);
    for (const who of [c, r]) {
      const { person } = who;
      const put = await server.directory.putPerson({ ...person, version: 2, role: 'admin' });
      expect(put.ok).toBe(true);
      for (const [path, more] of [
        ['end', {}],
        ['give-back', { minutes: [1] }],
      ] as const)
        expect(
          await call(who, 'POST', `/api/admin/sessions/${id}/${path}`, { ...more, reason: 'mine' }),
        ).toMatchObject({ status: 403, body: { code: 'staff_in_session' } });
    }
    expect((await call(c, 'GET', at(''))).body).toMatchObject({ cost_cents: 399, given_back: [] });
  });

  test('SES-10 S12: what was given back before the end is in neither summary nor receipt', async () => {
    const one = await active();
    const { c, id, at } = one;
    await beats(one, 5, 125);
    const admin = await server.signIn({ role: 'admin' });
    const back = { minutes: [1], reason: 'the sound was bad' };
    await call(admin, 'POST', `/api/admin/sessions/${id}/give-back`, back);
    const sums = { charged_minutes: 2, paid_cents: 798, reader_cents: 559, platform_cents: 239 };
    expect((await call(c, 'POST', at('/end'))).body).toMatchObject({ cost_cents: 798, summary: sums });
    expect((await call(c, 'GET', at('/receipt'))).body.totals).toEqual({ ...sums, given_back_minutes: 1 });
  });
});

describe('a list', () => {
  test('S11: in pages, the newest first, none twice', async () => {
    server.clock.set(NOW);
    const c = await client();
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      server.clock.set(NOW + Math.floor(count / 2));
      const made = await call(c, 'POST', '/api/sessions', request(await reader()));
      ids.push(made.body.id);
      await call(c, 'POST', `/api/sessions/${made.body.id}/cancel`);
    }
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const page = await call(c, 'GET', `/api/sessions?limit=2${next ? `&before=${next}` : ''}`);
      seen.push(...page.body.sessions.map(({ id }: { id: string }) => id));
      next = page.body.next;
    }
    expect([...seen].sort()).toEqual([...ids].sort());
    expect(seen[0]).toBe(ids[4]);
  });
});

describe('reviews', () => {
  test('S13: the client’s own session with four paid minutes, once it is finalised; the CMS alone may ask', async () => {
    const { c, r, id, at } = await active();
    const right = async (person_id: string, of = id, caller: 'cms' | 'site' = 'cms') => {
      const url = `/service/sessions/${of}/review-right?person_id=${person_id}`;
      const answer = await server.app.inject(server.signed(caller, { method: 'GET', url }));
      return { status: answer.statusCode, ...answer.json() };
    };
    for (let second = 10; second <= 190; second += 10) {
      server.clock.set(NOW + second * 1_000);
      for (const who of [c, r]) await call(who, 'POST', at('/heartbeat'));
    }
    expect(await right(c.person_id)).toMatchObject({ may_review: false, why_not: 'not_finalized' });
    await call(c, 'POST', at('/end'));
    expect(await right(c.person_id)).toEqual({
      status: 200,
      may_review: true,
      why_not: null,
      reader_id: r.reader_id,
      paid_minutes: 4,
      ended_at_ms: NOW + 190_000,
    });
    for (const who of [r, await client()])
      expect(await right(who.person_id)).toMatchObject({ may_review: false, why_not: 'not_the_client' });
    // What staff gave back was not paid.
    const admin = await server.signIn({ role: 'admin' });
    const back = { minutes: [2], reason: 'the sound was bad' };
    expect((await call(admin, 'POST', `/api/admin/sessions/${id}/give-back`, back)).status).toBe(200);
    expect(await right(c.person_id)).toMatchObject({ why_not: 'too_few_minutes', paid_minutes: 3 });
    expect(await right(c.person_id, randomUUID())).toMatchObject({ status: 404, code: 'not_found' });
    expect(await right('me')).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(await right(c.person_id, 'nothing')).toMatchObject({ status: 400 });
    expect(await right(c.person_id, id, 'site')).toMatchObject({ status: 401 });
  });
});
