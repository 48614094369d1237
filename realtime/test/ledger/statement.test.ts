/** What people are told of their own money: entries (W7), limits (W8) and earnings (W10). */

import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Earnings, WalletEntries, WalletLimits } from '../../contract/wallet.ts';
import { createMeter, finalise, startMeter, stopMeter } from '../../src/billing/meters.ts';
import { tick } from '../../src/billing/tick.ts';
import { budgetKeys, type Command } from '../../src/ledger/ledger.ts';
import { splitPayment } from '../../src/ledger/split.ts';
import { createServer, NOW, type SignedIn, type TestServer } from '../support/server.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;

let server: TestServer;
beforeAll(async () => {
  server = await createServer();
});
beforeEach(() => server.clock.set(NOW));
afterAll(() => server.close());

/** A token of now: the clock is moved by days. */
const headersOf = async ({ person }: SignedIn) => ({
  authorization: `Bearer ${await server.issuer.token({ sub: person.subject })}`,
});

async function ask<T>(who: SignedIn, url: string, body?: unknown): Promise<[status: number, body: T]> {
  const response = await server.app.inject({
    method: body === undefined ? 'GET' : 'PUT',
    url,
    headers: await headersOf(who),
    ...(body === undefined ? {} : { payload: body as object }),
  });
  return [response.statusCode, response.json() as T];
}
const get = async <T>(who: SignedIn, url: string) => (await ask<T>(who, url))[1];
const entriesOf = (who: SignedIn, query = '') => get<WalletEntries>(who, `/api/wallet/entries${query}`);
const limitsOf = (who: SignedIn, query = '') => get<WalletLimits>(who, `/api/wallet/limits${query}`);
const setLimits = (who: SignedIn, body: object) => ask<WalletLimits>(who, '/api/wallet/limits', body);

async function shop(method: string, url: string, body?: unknown): Promise<void> {
  const response = await server.app.inject(
    server.signed('commerce', { method, url: `/service/${url}`, body }),
  );
  expect(response.statusCode, response.body).toBe(200);
}
async function paid(cents: number): Promise<SignedIn & { payment_id: string }> {
  const who = await server.signIn();
  const payment_id = `pi_${randomUUID()}`;
  if (cents > 0)
    await shop('PUT', `payments/${payment_id}`, { person_id: who.person_id, amount_cents: cents });
  return { ...who, payment_id };
}
async function reader(name = 'Luna'): Promise<SignedIn> {
  const who = await server.signIn({ role: 'reader' });
  await server.ledger.open(`earnings:${who.person_id}`);
  await server.directory.putReader({
    reader_id: who.person_id,
    version: 1,
    person_id: who.person_id,
    slug: 'luna',
    name,
    published: true,
    time_zone: 'Europe/Lisbon',
    rates: { video_cents: 399, voice_cents: null, chat_cents: null },
  });
  return who;
}
function gift(from: SignedIn, to: SignedIn, cents: number, more: Partial<Command> = {}): Command {
  const { reader: part, platform } = splitPayment(cents);
  return {
    kind: 'gift',
    key: randomUUID(),
    budgets: budgetKeys(from.person_id),
    legs: [
      { account: `wallet:${from.person_id}`, amount_cents: -cents },
      { account: `earnings:${to.person_id}`, amount_cents: part },
      { account: 'revenue', amount_cents: platform },
    ],
    ...more,
  } as Command;
}
const post = async (...commands: Command[]) =>
  expect(await server.ledger.post(...commands)).toMatchObject({ ok: true });

/** A session from `startMs` on, not yet running. */
async function meter(client: SignedIn, of: SignedIn, rate = 399): Promise<string> {
  const session_id = randomUUID();
  const made = await server.db.transaction().execute((tx) =>
    createMeter(tx, server.ledger, {
      session_id,
      client: client.person_id,
      reader: of.person_id,
      rate_cents: rate,
      maximum_minutes: 600,
    }),
  );
  expect(made.ok).toBe(true);
  return session_id;
}
const start = (id: string) => server.db.transaction().execute((tx) => startMeter(tx, id, server.clock.now()));
const stop = (id: string, at = server.clock.now(), until = at) =>
  server.db.transaction().execute((tx) => stopMeter(tx, id, at, 'client', until));
async function tickAt(ms: number) {
  server.clock.set(ms);
  return tick(server.db, server.clock);
}

describe('entries', () => {
  test('LED-29 W7: each movement says what it was for, what it moved and what was there after it', async () => {
    const [client, luna] = [await paid(5_000), await reader()];
    const session = await meter(client, luna);
    await start(session);
    await tickAt(NOW + 125 * SECOND);
    // Lost at 100 s, and noticed now: the third minute is given back.
    await stop(session, NOW + 125 * SECOND, NOW + 100 * SECOND);
    await server.db.transaction().execute((tx) => finalise(tx, server.ledger, session));
    await post(gift(client, luna, 500, { details: { session_id: session } }));
    const hold = randomUUID();
    const ends_at_ms = NOW + HOUR;
    const details = { order_id: 'order_1', title: 'Candles' };
    await shop('PUT', `holds/${hold}`, {
      person_id: client.person_id,
      amount_cents: 900,
      ends_at_ms,
      details,
    });
    await shop('PUT', `holds/${hold}/post`, { amount_cents: 800 });
    await shop('PUT', `holds/${hold}/refunds/1`, { amount_cents: 300 });
    const refund = { person_id: client.person_id, payment_id: client.payment_id, amount_cents: 100 };
    await shop('PUT', `refunds/${hold}`, { ...refund, ends_at_ms });
    await shop('PUT', `refunds/${hold}/post`, refund);

    const { entries, next } = await entriesOf(client);
    expect(next).toBeNull();
    const nothing = {
      of_kind: null,
      session_id: null,
      minute: null,
      reader: null,
      payment_id: null,
      details: null,
    };
    const with_luna = { ...nothing, session_id: session, reader: { name: 'Luna', slug: 'luna' } };
    const now = NOW + 125 * SECOND;
    const of_card = { ...nothing, payment_id: client.payment_id };
    expect(entries.toReversed()).toEqual([
      { ...of_card, number: 1, at_ms: NOW, kind: 'top_up', amount_cents: 5_000, balance_after_cents: 5_000 },
      {
        ...with_luna,
        number: 2,
        at_ms: NOW + 10 * SECOND,
        kind: 'minute',
        minute: 1,
        amount_cents: -399,
        balance_after_cents: 4_601,
      },
      {
        ...with_luna,
        number: 3,
        at_ms: NOW + 60 * SECOND,
        kind: 'minute',
        minute: 2,
        amount_cents: -399,
        balance_after_cents: 4_202,
      },
      {
        ...with_luna,
        number: 4,
        at_ms: NOW + 120 * SECOND,
        kind: 'minute',
        minute: 3,
        amount_cents: -399,
        balance_after_cents: 3_803,
      },
      {
        ...with_luna,
        number: 5,
        at_ms: now,
        kind: 'reversal',
        of_kind: 'minute',
        minute: 3,
        amount_cents: 399,
        balance_after_cents: 4_202,
      },
      { ...with_luna, number: 6, at_ms: now, kind: 'gift', amount_cents: -500, balance_after_cents: 3_702 },
      {
        ...nothing,
        number: 7,
        at_ms: now,
        kind: 'reserve',
        details,
        amount_cents: -900,
        balance_after_cents: 2_802,
      },
      {
        ...nothing,
        number: 8,
        at_ms: now,
        kind: 'settle',
        details,
        amount_cents: 100,
        balance_after_cents: 2_902,
      },
      {
        ...nothing,
        number: 9,
        at_ms: now,
        kind: 'order_refund',
        details,
        amount_cents: 300,
        balance_after_cents: 3_202,
      },
      {
        ...of_card,
        number: 10,
        at_ms: now,
        kind: 'refund_reserve',
        amount_cents: -100,
        balance_after_cents: 3_102,
      },
    ]);
    expect(await get(client, '/api/wallet')).toEqual({ balance_cents: 3_102, debt_cents: 0 });
    // By kind, by time, and both.
    const numbers = async (query: string) =>
      (await entriesOf(client, query)).entries.map(({ number }) => number);
    expect(await numbers('?kind=minute,reversal')).toEqual([5, 4, 3, 2]);
    expect(await numbers(`?from_ms=${NOW + 60 * SECOND}&to_ms=${NOW + 120 * SECOND}`)).toEqual([3]);
    expect(await numbers(`?kind=top_up&from_ms=${NOW + 1}`)).toEqual([]);
  });

  test('LED-29 W7: pages hang together while more is written; nobody sees another’s', async () => {
    const [client, luna] = [await paid(100_000), await reader()];
    for (let i = 0; i < 6; i += 1) await post(...Array.from({ length: 4 }, () => gift(client, luna, 100)));
    const seen: number[] = [];
    let next: string | null = null;
    do {
      const page: WalletEntries = await entriesOf(client, `?limit=7${next ? `&before=${next}` : ''}`);
      expect(page.entries.length).toBeLessThanOrEqual(7);
      seen.push(...page.entries.map(({ number }) => number));
      next = page.next;
      await post(gift(client, luna, 100));
    } while (next);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => 25 - i));
    const other = await paid(0);
    expect(await entriesOf(other)).toEqual({ entries: [], next: null });
    expect(await entriesOf(other, '?before=20')).toEqual({ entries: [], next: null });
    // A reader's wallet is not what they earn.
    expect(await entriesOf(luna)).toEqual({ entries: [], next: null });
  });

  test.each([
    'before=x',
    'before=-1',
    'before=1.5',
    'before=0',
    'before=99999999999',
    'limit=0',
    'limit=201',
    'limit=x',
    'limit=-5',
    'kind=nonsense',
    'kind=minute,',
    'kind=payout',
    'kind=gift&kind=minute',
    'from_ms=x',
    'from_ms=-1',
    'to_ms=99999999999999999',
    'format=xml',
  ])('LED-29: ?%s is refused', async (query) => {
    const client = await paid(0);
    const [status, body] = await ask<{ code: string }>(client, `/api/wallet/entries?${query}`);
    expect([status, body.code]).toEqual([400, 'invalid_request']);
  });

  test('LED-29 W7: the file has all, as text that no spreadsheet computes', async () => {
    const [client, luna] = [await paid(100_000), await reader('=HYPERLINK("http://x","y"), \u00e9')];
    await post(gift(client, luna, 100));
    const hold = randomUUID();
    await shop('PUT', `holds/${hold}`, {
      person_id: client.person_id,
      amount_cents: 50,
      ends_at_ms: NOW + HOUR,
      details: { title: 'a "b", c' },
    });
    // More than is read at once.
    await sql`
      select ledger_post(jsonb_agg(jsonb_build_object('kind', 'gift', 'key', 'many:' || n || ${client.person_id},
        'budgets', ${JSON.stringify(budgetKeys(client.person_id))}::jsonb,
        'legs', jsonb_build_array(jsonb_build_array(${`wallet:${client.person_id}`}::text, -1), jsonb_build_array(${`earnings:${luna.person_id}`}::text, 1)))), ${new Date(NOW)}::timestamptz)
      from generate_series(1, 1100) n`.execute(server.db);
    for (const [url, accept] of [
      ['/api/wallet/entries?format=csv', 'application/json'],
      ['/api/wallet/entries', 'text/csv'],
    ] as const) {
      const file = await server.app.inject({ url, headers: { ...client.headers, accept } });
      expect(file.headers).toMatchObject({
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="soulseer-wallet.csv"',
        'cache-control': 'no-store',
      });
      const lines = file.body.split('\r\n');
      expect(lines[0]).toBe(
        '\uFEFFnumber,time,kind,taken_back,amount_cents,balance_after_cents,reader,session,minute,payment,details',
      );
      expect(lines).toHaveLength(1 + 1_103 + 1);
      const at = new Date(NOW).toISOString();
      expect(lines.slice(-4)).toEqual([
        `3,${at},reserve,,-50,99850,,,,,"{""title"":""a \\""b\\"", c""}"`,
        `2,${at},gift,,-100,99900,"'=HYPERLINK(""http://x"",""y""), \u00e9",,,,`,
        `1,${at},top_up,,100000,100000,,,,${client.payment_id},`,
        '',
      ]);
      // No cell but those of numbers begins as a formula does.
      expect(lines.slice(1).filter((line) => /(^|,)"?[=+@\t]|(^|,)"?-(?!\d+,)/.test(line))).toEqual([]);
    }
    const json = await server.app.inject({
      url: '/api/wallet/entries?format=json',
      headers: { ...client.headers, accept: 'text/csv' },
    });
    expect(json.headers['content-type']).toContain('application/json');
    const filtered = await server.app.inject({
      url: '/api/wallet/entries?format=csv&kind=top_up',
      headers: client.headers,
    });
    expect(filtered.body.split('\r\n')).toHaveLength(3);
  });
});

describe('limits', () => {
  test('LED-30 W8: without limits there is what was spent; set, it counts what was spent before', async () => {
    const [client, luna] = [await paid(10_000), await reader()];
    await post(gift(client, luna, 300));
    const none = { limit_cents: null, coming: null };
    // 20 November 2026 is a Friday; Los Angeles is 8 hours behind UTC.
    const zone = 'America/Los_Angeles';
    expect(await limitsOf(client, `?time_zone=${zone}`)).toEqual({
      day: { ...none, spent_cents: 300, ends_at_ms: Date.UTC(2026, 10, 21, 8), time_zone: zone },
      week: { ...none, spent_cents: 300, ends_at_ms: Date.UTC(2026, 10, 23, 8), time_zone: zone },
      session: none,
      pause: { on: false, until_ms: null },
    });
    const [status, set] = await setLimits(client, { time_zone: zone, day_cents: 1_000, week_cents: 2_000 });
    expect([status, set.day.limit_cents, set.day.spent_cents, set.week.limit_cents]).toEqual([
      200, 1_000, 300, 2_000,
    ]);
    expect((await server.ledger.post(gift(client, luna, 701))).ok).toBe(false);
    await post(gift(client, luna, 700));
    expect((await limitsOf(client)).day).toMatchObject({ spent_cents: 1_000, time_zone: zone });
    // Nobody has spent since the day ended, and still it is a new one.
    server.clock.set(Date.UTC(2026, 10, 21, 8));
    expect(await limitsOf(client)).toMatchObject({
      day: { limit_cents: 1_000, spent_cents: 0, ends_at_ms: Date.UTC(2026, 10, 22, 8) },
      week: { limit_cents: 2_000, spent_cents: 1_000 },
    });
    expect(await limitsOf(await paid(0))).toMatchObject({ day: { limit_cents: null, spent_cents: 0 } });
  });

  test('LED-21 LED-30 W8: lower at once, higher after 24 hours; the same raise again doesn’t begin anew; some leave the others', async () => {
    const [client, luna] = [await paid(10_000), await reader()];
    const time_zone = 'UTC';
    await setLimits(client, { time_zone, day_cents: 500, week_cents: 5_000, session_cents: 2_000 });
    const raised = (await setLimits(client, { time_zone, day_cents: 900, session_cents: null }))[1];
    expect(raised).toMatchObject({
      day: { limit_cents: 500, coming: { limit_cents: 900, at_ms: NOW + 24 * HOUR } },
      week: { limit_cents: 5_000, coming: null },
      session: { limit_cents: 2_000, coming: { limit_cents: null, at_ms: NOW + 24 * HOUR } },
    });
    server.clock.set(NOW + 5 * HOUR);
    const again = (
      await setLimits(client, { time_zone, day_cents: 900, session_cents: null, week_cents: 600 })
    )[1];
    expect(again).toMatchObject({
      day: raised.day,
      session: raised.session,
      week: { limit_cents: 600, coming: null },
    });
    // The present limit again cancels it; a lower one holds at once.
    expect((await setLimits(client, { time_zone, session_cents: 2_000 }))[1].session).toEqual({
      limit_cents: 2_000,
      coming: null,
    });
    expect((await setLimits(client, { time_zone, session_cents: 1_000 }))[1].session.limit_cents).toBe(1_000);
    server.clock.set(NOW + 24 * HOUR - 1);
    expect((await server.ledger.post(gift(client, luna, 501))).ok).toBe(false);
    server.clock.set(NOW + 24 * HOUR);
    expect((await limitsOf(client)).day).toMatchObject({ limit_cents: 900, coming: null });
    expect((await server.ledger.post(gift(client, luna, 601))).ok).toBe(false);
    await post(gift(client, luna, 600));
  });

  test('LED-21 LED-30 W8: a pause stops all spending at once; taken back it ends after 24 hours, once', async () => {
    const [client, luna] = [await paid(10_000), await reader()];
    const time_zone = 'UTC';
    const session = await meter(client, luna);
    await start(session);
    await tickAt(NOW + 10 * SECOND);
    expect((await setLimits(client, { time_zone, pause: { on: true } }))[1].pause).toEqual({
      on: true,
      until_ms: null,
    });
    expect(await server.ledger.post(gift(client, luna, 10))).toMatchObject({
      refused: { code: 'spending_paused' },
    });
    // The running session ends with its paid minute.
    expect(await tickAt(NOW + 61 * SECOND)).toMatchObject([
      { minutes: 0, stop_reason: 'spending_limit', stopped_at_ms: NOW + 60 * SECOND },
    ]);
    server.clock.set(NOW + HOUR);
    const off = { time_zone, pause: { on: false } };
    const until = { on: true, until_ms: NOW + 25 * HOUR };
    expect((await setLimits(client, off))[1].pause).toEqual(until);
    server.clock.set(NOW + 2 * HOUR);
    expect((await setLimits(client, off))[1].pause).toEqual(until);
    server.clock.set(NOW + 25 * HOUR);
    expect((await limitsOf(client)).pause).toEqual({ on: false, until_ms: null });
    await post(gift(client, luna, 10));
    // With an end of its own, which is never before 24 hours.
    const ends = (await setLimits(client, { time_zone, pause: { on: true, until_ms: NOW } }))[1];
    expect(ends.pause).toEqual({ on: true, until_ms: NOW + 49 * HOUR });
  });

  test('LED-19 W8: a day of limits over the change of clocks has its 23 and 25 hours', async () => {
    const client = await paid(0);
    for (const [at, ends] of [
      [Date.UTC(2026, 2, 29, 0, 30), Date.UTC(2026, 2, 29, 23)],
      [Date.UTC(2026, 9, 24, 23, 30), Date.UTC(2026, 9, 26, 0)],
    ] as const) {
      server.clock.set(at);
      expect((await limitsOf(client, '?time_zone=Europe/London')).day.ends_at_ms).toBe(ends);
    }
    server.clock.set(Date.UTC(2027, 2, 28, 0, 30));
    const [, set] = await setLimits(client, { time_zone: 'Europe/London', day_cents: 10 });
    expect(set.day.ends_at_ms).toBe(Date.UTC(2027, 2, 28, 23));
  });

  test.each([
    {},
    { time_zone: '' },
    { time_zone: 'Mars/Olympus' },
    { time_zone: 'UTC', day_cents: -1 },
    { time_zone: 'UTC', day_cents: 1.5 },
    { time_zone: 'UTC', day_cents: 1_000_000_000 },
    { time_zone: 'UTC', day_cents: '5' },
    { time_zone: 'UTC', month_cents: 5 },
    { time_zone: 'UTC', pause: true },
    { time_zone: 'UTC', pause: { on: 'yes' } },
    { time_zone: 'UTC', week_cents: 5, person_id: randomUUID() },
  ])('LED-30: %j is refused, and nothing is set', async (body) => {
    const client = await paid(0);
    const [status, told] = await ask<{ code: string }>(client, '/api/wallet/limits', {
      ...body,
      ...('time_zone' in body && body.time_zone === 'Mars/Olympus' ? { day_cents: 5, session_cents: 5 } : {}),
    });
    expect([status, told.code]).toEqual([400, 'invalid_request']);
    expect(await limitsOf(client)).toMatchObject({
      day: { limit_cents: null },
      week: { limit_cents: null },
      session: { limit_cents: null },
    });
  });

  test('LED-30: a time zone that is none is refused when asking too', async () => {
    const client = await paid(0);
    for (const zone of ['Mars/Olympus', '', 'x'.repeat(65)]) {
      const [status] = await ask(client, `/api/wallet/limits?time_zone=${zone}`);
      expect(status).toBe(400);
    }
  });

  test('BIL-16 W8: a maximum for a session binds those that are open when it is lowered, with what they have cost', async () => {
    const [client, luna, sol] = [await paid(100_000), await reader(), await reader('Sol')];
    const time_zone = 'UTC';
    const first = await meter(client, luna, 100);
    await start(first);
    await tickAt(NOW + 125 * SECOND);
    expect((await setLimits(client, { time_zone, session_cents: 450 }))[0]).toBe(200);
    // Three minutes were paid; the fourth still fits, the fifth does not.
    expect(await tickAt(NOW + 181 * SECOND)).toMatchObject([{ minutes: 1, minutes_left: 0 }]);
    expect(await tickAt(NOW + 241 * SECOND)).toMatchObject([
      { minutes: 0, paid_minutes: 4, stop_reason: 'spending_limit', stopped_at_ms: NOW + 240 * SECOND },
    ]);
    // A session of its own has the whole of it.
    const second = await meter(client, sol, 200);
    await start(second);
    const began = server.clock.now();
    expect(await tickAt(began + 61 * SECOND)).toMatchObject([{ minutes: 2, minutes_left: 0 }]);
    // A raise is for sessions that begin after it came true, and lifts none that runs.
    await setLimits(client, { time_zone, session_cents: 5_000 });
    expect(await tickAt(began + 121 * SECOND)).toMatchObject([{ minutes: 0, stop_reason: 'spending_limit' }]);
    server.clock.set(server.clock.now() + 24 * HOUR);
    const third = await meter(client, luna, 200);
    await start(third);
    const later = server.clock.now();
    expect(await tickAt(later + 181 * SECOND)).toMatchObject([{ minutes: 4, stop_reason: null }]);
    // Lowered below what it has cost: it ends with its paid minute.
    await setLimits(client, { time_zone, session_cents: 100 });
    expect(await tickAt(later + 241 * SECOND)).toMatchObject([{ minutes: 0, stop_reason: 'spending_limit' }]);
    // What would not let a first minute through lets no session start.
    const fourth = await meter(client, luna, 200);
    expect(await start(fourth)).toMatchObject({ ok: false, code: 'spending_limit' });
    await stop(fourth);
  });

  test('BIL-16 W8: while a session is being charged, its maximum is lowered and raised: no deadlock, never above it', async () => {
    const [client, luna] = [await paid(1_000_000), await reader()];
    const session = await meter(client, luna, 100);
    await start(session);
    // Each minute races with a lowering that leaves room for what was charged before it.
    for (let i = 1; i <= 20; i += 1)
      await Promise.all([
        tickAt(NOW + i * 60 * SECOND),
        ...(i > 12 ? [] : [0, 1]).map(async () => {
          const [status] = await setLimits(client, { time_zone: 'UTC', session_cents: 1_000 - 10 * (i - 1) });
          expect(status).toBe(200);
        }),
      ]);
    await tickAt(NOW + 30 * 60 * SECOND);
    const { rows } = await sql<{ paid_minutes: number; limit_cents: string; used_cents: string }>`
      select m.paid_minutes, b.limit_cents, b.used_cents from meters m join budgets b on b.id = m.budget_id
      where m.session_id = ${session}`.execute(server.db);
    const [row] = rows;
    expect(Number(row?.used_cents)).toBe(100 * Number(row?.paid_minutes));
    // It may have ended before the lowest came.
    expect(Number(row?.used_cents)).toBeLessThanOrEqual(Number(row?.limit_cents));
    expect(Number(row?.limit_cents)).toBeLessThanOrEqual(1_000);
    expect((await limitsOf(client)).session.limit_cents).toBe(890);
  });
});

describe('earnings', () => {
  test('LED-31 W10: by day and week of the reader’s time zone and by session; what was given back is told as such', async () => {
    const [client, luna] = [await paid(100_000), await reader()];
    // Lisbon's summer time ended on Sunday 25 October 2026 at 01:00 UTC: that day has 25 hours.
    const night = Date.UTC(2026, 9, 24, 22, 59, 30);
    server.clock.set(night);
    const session = await meter(client, luna, 399);
    await start(session);
    await tickAt(night + 125 * SECOND);
    await stop(session, night + 125 * SECOND, night + 100 * SECOND);
    await server.db.transaction().execute((tx) => finalise(tx, server.ledger, session));
    server.clock.set(Date.UTC(2026, 9, 25, 23, 59));
    await post(gift(client, luna, 1_000, { details: { session_id: session } }));
    server.clock.set(Date.UTC(2026, 9, 26, 0, 0));
    await post(gift(client, luna, 100), {
      kind: 'payout',
      key: randomUUID(),
      legs: [
        { account: `earnings:${luna.person_id}`, amount_cents: -200 },
        { account: 'payouts', amount_cents: 200 },
      ],
    });
    server.clock.set(Date.UTC(2026, 9, 27));
    const told = await get<Earnings>(luna, '/api/earnings');
    const row = { session_id: null, other_cents: 0, given_back_cents: 0, gifts_cents: 0 };
    expect(told).toEqual({
      balance_cents: 279 + 280 + 700 + 70 - 200,
      time_zone: 'Europe/Lisbon',
      next: null,
      rows: [
        {
          ...row,
          starts_on: '2026-10-26',
          starts_at_ms: Date.UTC(2026, 9, 26),
          ends_at_ms: Date.UTC(2026, 9, 27),
          minutes: 0,
          minutes_cents: 0,
          gifts_cents: 70,
          total_cents: 70,
        },
        {
          ...row,
          starts_on: '2026-10-25',
          starts_at_ms: Date.UTC(2026, 9, 24, 23),
          ends_at_ms: Date.UTC(2026, 9, 26),
          minutes: 1,
          minutes_cents: 280 + 279,
          gifts_cents: 700,
          given_back_cents: -279,
          total_cents: 980,
        },
        {
          ...row,
          starts_on: '2026-10-24',
          starts_at_ms: Date.UTC(2026, 9, 23, 23),
          ends_at_ms: Date.UTC(2026, 9, 24, 23),
          minutes: 1,
          minutes_cents: 279,
          total_cents: 279,
        },
      ],
    });
    const weeks = await get<Earnings>(luna, '/api/earnings?by=week');
    expect(weeks.rows.map(({ starts_on, total_cents }) => [starts_on, total_cents])).toEqual([
      ['2026-10-26', 70],
      ['2026-10-19', 279 + 980],
    ]);
    const elsewhere = await get<Earnings>(luna, '/api/earnings?time_zone=Asia/Tokyo');
    expect(elsewhere.rows.map(({ starts_on }) => starts_on)).toEqual(['2026-10-26', '2026-10-25']);
    expect((await get<Earnings>(luna, '/api/earnings?by=session')).rows).toEqual([
      {
        ...row,
        starts_on: null,
        session_id: session,
        starts_at_ms: night + 10 * SECOND,
        ends_at_ms: Date.UTC(2026, 9, 25, 23, 59),
        minutes: 2,
        minutes_cents: 279 + 280 + 279,
        gifts_cents: 700,
        given_back_cents: -279,
        total_cents: 279 + 280 + 700,
      },
    ]);
  });

  test('LED-31 W10: sessions come a page at a time; another reader’s are not there; a client has none', async () => {
    const [client, luna, sol] = [await paid(100_000), await reader(), await reader('Sol')];
    const sessions: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      const id = randomUUID();
      sessions.push(id);
      server.clock.set(NOW + i * HOUR);
      await post(gift(client, luna, 100, { details: { session_id: id } }));
    }
    const seen: (string | null)[] = [];
    let next: string | null = null;
    do {
      const page: Earnings = await get(
        luna,
        `/api/earnings?by=session&limit=2${next ? `&before=${next}` : ''}`,
      );
      seen.push(...page.rows.map(({ session_id }) => session_id));
      next = page.next;
    } while (next);
    expect(seen).toEqual(sessions.toReversed());
    expect(await get<Earnings>(sol, '/api/earnings?by=session')).toMatchObject({
      balance_cents: 0,
      rows: [],
    });
    const [status, refused] = await ask<{ code: string }>(client, '/api/earnings');
    expect([status, refused.code]).toEqual([403, 'role_not_allowed']);
  });

  test.each([
    'by=month',
    'time_zone=Mars/Olympus',
    'from_ms=5&to_ms=4',
    `from_ms=0&to_ms=${NOW}`,
    'by=session&before=x',
    'by=session&before=1_2',
    'by=session&limit=1000',
    'from_ms=-1',
  ])('LED-31: ?%s is refused', async (query) => {
    const [status, body] = await ask<{ code: string }>(await reader(), `/api/earnings?${query}`);
    expect([status, body.code]).toEqual([400, 'invalid_request']);
  });
});
