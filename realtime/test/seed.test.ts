/** Sessions of the past, played through the real engine. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyLedger } from '../src/ledger/verify.ts';
import { createLog } from '../src/log.ts';
import { makeReceiptKey, openReceiptKeys, type ReceiptKeys } from '../src/receipts/keys.ts';
import { verifyReceipt } from '../src/receipts/verify.ts';
import { openWhole, type Whole } from '../src/seed/as-one.ts';
import { missingPeople, playPast } from '../src/seed/past.ts';
import type { PastSession, PastWorld } from '../src/seed/world.ts';
import { createMoney, type Money, START } from './support/money.ts';

let money: Money;
let whole: Whole;
let keys: ReceiptKeys;
const log = createLog('silent', { write: () => undefined });
const ISSUER = 'http://issuer.test';

beforeAll(async () => {
  money = await createMoney();
  whole = await openWhole(money.database.url);
  keys = await openReceiptKeys(JSON.stringify([await makeReceiptKey('running')]));
});
afterAll(async () => {
  await whole.close();
  await money.close();
});

async function person(subject: string, role: 'client' | 'reader' | 'admin'): Promise<string> {
  const id = await money.person();
  await money.query(
    `insert into people (person_id, version, issuer, subject, email_verified, display_name, role, status, updated_at)
     values ($1, 1, $2, $3, false, 'Somebody', $4, 'active', now())`,
    [id, ISSUER, subject, role],
  );
  return id;
}

const past = (key: string, more: Partial<PastSession> = {}): PastSession => ({
  key,
  client: 'client',
  reader: 'reader',
  days_ago: 30 - Number(key),
  minute_of_day: 600,
  modality: 'video',
  seconds: 125,
  ends: 'client',
  pauses: [],
  messages: [],
  given_back: null,
  ...more,
});
const world: PastWorld = {
  staff: 'admin',
  sessions: [
    past('1'),
    past('2', { messages: ['Hello', 'Good evening'], pauses: [{ after_seconds: 65, for_seconds: 40 }] }),
    past('3', { ends: 'maximum' }),
    past('4', { ends: 'lost' }),
    past('5', { ends: 'declined', seconds: 0 }),
    past('6', { ends: 'cancelled', seconds: 0 }),
    past('7', { ends: 'reader', given_back: { minutes: [1], reason: 'the picture froze' } }),
  ],
};

test('S8 W7 RCP-6: a past is real: charged, ended, finalised with receipts of the running key; again it plays nothing', async () => {
  const parts = { whole, log, issuer: ISSUER, signer: keys.signer, todayMs: START };
  expect(await missingPeople(parts, world)).toEqual(['reader', 'admin', 'client']);
  const [client, reader] = [await person('client', 'client'), await person('reader', 'reader')];
  await person('admin', 'admin');
  expect(await missingPeople(parts, world)).toEqual(['reader']);
  await money.query(
    `insert into readers (reader_id, version, person_id, slug, name, published, time_zone, video_cents, updated_at)
     values ('luna', 1, $1, 'luna', 'Luna', true, 'Europe/London', 399, now())`,
    [reader],
  );
  expect(await missingPeople(parts, world)).toEqual([]);
  // The reader is at it right now.
  await money.query(
    `insert into reader_presence (reader_person_id, wish, since_ms, until_ms, told) values ($1, 'online', 7, $2, 'online')`,
    [reader, START + 90_000],
  );

  expect(await playPast(parts, world)).toEqual({ played: 7, kept: 0, busy: 0 });
  expect(await playPast(parts, world)).toEqual({ played: 0, kept: 7, busy: 0 });

  const rows = await money.query<Record<string, unknown> & { id: string; request_key: string }>(
    `select id, request_key, state, end_reason, created_ms, summary->>'charged_minutes' as minutes, summary->>'pauses' as pauses,
       (select count(*)::int from session_messages m where m.session_id = s.id) as messages,
       (select count(*)::int from session_give_backs g where g.session_id = s.id) as back from sessions s order by created_ms`,
  );
  expect(
    rows.map(({ end_reason, minutes, pauses, messages, back }) => [
      end_reason,
      minutes,
      pauses,
      messages,
      back,
    ]),
  ).toEqual([
    ['ended_by_client', '3', '0', 0, 0],
    ['ended_by_client', '3', '1', 2, 0],
    ['agreed_maximum', '2', '0', 0, 0],
    ['grace_expired', '3', '0', 0, 0],
    ['declined', '0', '0', 0, 0],
    ['cancelled', '0', '0', 0, 0],
    ['ended_by_reader', '3', '0', 0, 1],
  ]);
  expect(rows.every(({ state, created_ms }) => state === 'finalized' && Number(created_ms) < START)).toBe(
    true,
  );
  const receipts = await money.query<{ receipt: string; created_at: Date }>(
    'select receipt, created_at from receipts',
  );
  expect(receipts).toHaveLength(5);
  for (const { receipt, created_at } of receipts) {
    expect(await verifyReceipt(receipt, keys.published)).toMatchObject({ ok: true });
    expect(created_at.getTime()).toBeLessThan(START);
  }
  // 3 + 3 + 2 + 3 + 3 minutes, one of which came back.
  const spent = 13 * 399;
  const [toppedUp] = await money.query<{ cents: string }>(
    `select sum(-e.amount) as cents from entries e join accounts a on a.id = e.account_id join transfers t on t.id = e.transfer_id
     where a.kind = 'card_clearing' and t.created_at < $1`,
    [new Date(START)],
  );
  expect(await money.ledger.balance(`wallet:${client}`)).toBe(Number(toppedUp?.cents) - spent);
  expect(await money.ledger.balance(`earnings:${reader}`)).toBeGreaterThan(0);
  expect((await verifyLedger(money.db)).findings).toEqual([]);

  expect(await money.query('select wish, since_ms, until_ms, told from reader_presence')).toEqual([
    { wish: 'online', since_ms: '7', until_ms: String(START + 90_000), told: 'online' },
  ]);
  expect(await money.query('select 1 from session_seats')).toEqual([]);
});

test('S4: a past session is there whole or not at all, and leaves out who sits in one now', async () => {
  const [client, reader] = await money.query<{ person_id: string }>(
    `select person_id from people where subject in ('client', 'reader') order by subject`,
  );
  const parts = { whole, log, issuer: ISSUER, signer: keys.signer, todayMs: START };
  const before = await money.query('select count(*) from transfers');
  await expect(
    playPast(
      { ...parts, signer: { ...keys.signer, sign: () => Promise.reject(new Error('no key')) } },
      {
        ...world,
        sessions: [past('8')],
      },
    ),
  ).rejects.toThrow();
  expect(await money.query(`select 1 from sessions where request_key = '8'`)).toEqual([]);
  expect(await money.query('select count(*) from transfers')).toEqual(before);
  expect(await money.query('select 1 from session_seats')).toEqual([]);

  await money.query(
    `insert into sessions (id, client_id, reader_person_id, reader_id, modality, rate_cents, channel, created_ms, moved_ms, moved_by)
     values ($1, $2, $3, 'luna', 'video', 399, $4, 1, 1, 'client')`,
    [randomUUID(), client?.person_id, reader?.person_id, 'x'.repeat(32)],
  );
  await money.query(
    `update sessions set version = 2, state = 'waiting', moved_event = 'ask', asked_ms = 1, client_in = false, reader_in = false, deadline_ms = 2
     where channel = $1`,
    ['x'.repeat(32)],
  );
  expect(await playPast(parts, { ...world, sessions: [past('9')] })).toEqual({ played: 0, kept: 0, busy: 1 });
});
