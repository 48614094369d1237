/** What two people do with a session, by the rules of time and money. Numbers of examples are those of money.md. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { createWorld, ok, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  expect((await verifyLedger(world.db)).findings).toEqual([]);
  await world.close();
});
beforeEach(() => world.now(0));

const refused = (code: string, more: object = {}) => ({ ok: false, refused: { code, ...more } });

describe('asking', () => {
  test('SES-5 S3: a reader who is online: a session that waits, at the reader’s rate, with a channel that can’t be guessed', async () => {
    const { id, client, reader } = await world.waiting();
    const session = await world.state(id);
    expect(session).toMatchObject({
      state: 'waiting',
      client_id: client,
      reader_person_id: reader.id,
      rate_cents: 399,
      deadline_ms: world.at(60),
    });
    expect(session.channel).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(await world.events(id)).toMatchObject([
      { from_state: null, event: 'create', to_state: 'created', by: 'client' },
      { from_state: 'created', event: 'ask', to_state: 'waiting', by: 'client' },
    ]);
    // A new rate is for new sessions.
    await world.query('update readers set video_cents = 999 where reader_id = $1', [reader.reader_id]);
    expect((await world.state(id)).rate_cents).toBe(399);
  });

  test('SES-5 S3: refused: unknown, hidden or own reader, a modality not offered, away, offline', async () => {
    const client = await world.client();
    const reader = await world.reader();
    expect(await world.ask(client, { id: '', reader_id: 'nobody' })).toEqual(refused('reader_not_found'));
    expect(await world.ask(client, reader, { modality: 'chat' })).toEqual(refused('modality_not_offered'));
    expect(await world.ask(reader.id, reader)).toEqual(refused('own_session'));
    await world.readers.say(reader.id, 'away');
    expect(await world.ask(client, reader)).toEqual(refused('reader_away'));
    await world.readers.say(reader.id, 'online');
    world.now(90);
    expect(await world.ask(client, reader)).toEqual(refused('reader_offline'));
    world.now(0);
    expect(await world.ask(client, await world.reader({ online: false }))).toEqual(refused('reader_offline'));
    await world.query('update readers set published = false where reader_id = $1', [reader.reader_id]);
    expect(await world.ask(client, reader)).toEqual(refused('reader_not_found'));
    const gone = await world.reader();
    await world.suspend(gone.id);
    expect(await world.ask(client, gone)).toEqual(refused('reader_not_found'));
  });

  test('SES-5 BIL-10 example 8: 1000 cents at 399: insufficient_balance, needed 1197, and nothing is taken', async () => {
    const [client, reader] = [await world.client(1_000), await world.reader()];
    expect(await world.ask(client, reader)).toEqual(
      refused('insufficient_balance', { needed_cents: 1_197, available_cents: 1_000 }),
    );
    // Nobody sits anywhere for it.
    expect(await world.ask(await world.client(), reader)).toMatchObject({ ok: true });
  });

  test('SES-5 W8: a limit that would stop minute 1, or a pause on spending: spending_limit', async () => {
    const [client, reader] = [await world.client(), await world.reader()];
    const account = `wallet:${client}`;
    await world.ledger.setBudget({ account, key: `${client}:day`, limit_cents: 398, time_zone: 'UTC' });
    expect(await world.ask(client, reader)).toEqual(refused('spending_limit'));
    const paused = await world.client();
    await world.ledger.setPause({ account: `wallet:${paused}`, on: true });
    expect(await world.ask(paused, reader)).toEqual(refused('spending_limit'));
  });

  test('SES-5 W2: the same key again is the same session, also at once; with another request it is refused', async () => {
    const [client, reader] = [await world.client(), await world.reader()];
    const all = await Promise.all(Array.from({ length: 8 }, () => world.ask(client, reader, {}, 'key-1')));
    const ids = all.map((made) => (made.ok ? made.session.id : made.refused.code));
    expect(ids).toEqual(Array(8).fill(ids[0]));
    expect(all.filter((made) => made.ok && !made.replayed)).toHaveLength(1);
    expect(await world.ask(client, reader, { maximum_minutes: 5 }, 'key-1')).toEqual(refused('key_reused'));
    // Another's key of the same name is another key.
    expect(await world.ask(await world.client(), reader, {}, 'key-1')).toEqual(refused('reader_busy'));
    // A request that was refused has no result to answer with: it may be tried again.
    const poor = await world.client(10);
    const other = await world.reader();
    expect(await world.ask(poor, other, {}, 'key-2')).toMatchObject(refused('insufficient_balance'));
    await world.ledger.post({
      kind: 'top_up',
      key: `more:${poor}`,
      legs: [
        { account: 'card_clearing', amount_cents: -5_000 },
        { account: `wallet:${poor}`, amount_cents: 5_000 },
      ],
    });
    expect(await world.ask(poor, other, {}, 'key-2')).toMatchObject({ ok: true, replayed: false });
  });

  test('SES-4 S3: a person sits in one session, as client or as reader', async () => {
    const one = await world.waiting();
    const other = await world.reader();
    expect(await world.ask(one.client, other)).toEqual(refused('already_in_session', { session_id: one.id }));
    expect(await world.ask(await world.client(), one.reader)).toEqual(refused('reader_busy'));
    // A reader who is somebody's client is busy for others; and a busy reader can be nobody's client.
    const rich = await world.reader();
    await world.ledger.post({
      kind: 'top_up',
      key: `more:${rich.id}`,
      legs: [
        { account: 'card_clearing', amount_cents: -50_000 },
        { account: `wallet:${rich.id}`, amount_cents: 50_000 },
      ],
    });
    expect(await world.ask(rich.id, other)).toMatchObject({ ok: true });
    expect(await world.ask(await world.client(), rich)).toEqual(refused('reader_busy'));
    expect(await world.ask(other.id, rich)).toMatchObject(refused('already_in_session'));
    await ok(world.sessions.cancel(one.id, one.client));
    expect(await world.ask(one.client, await world.reader())).toMatchObject({ ok: true });
    // In the database too, whoever writes.
    const seats = await world.query('select person_id from session_seats group by 1 having count(*) > 1');
    expect(seats).toEqual([]);
  });

  test('SES-4: two who ask for each other at once, many times: never two sessions of one person, never a deadlock', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [a, b] = [await world.reader(), await world.reader()];
      for (const one of [a, b])
        await world.ledger.post({
          kind: 'top_up',
          key: `more:${one.id}`,
          legs: [
            { account: 'card_clearing', amount_cents: -5_000 },
            { account: `wallet:${one.id}`, amount_cents: 5_000 },
          ],
        });
      const made = await Promise.all([
        world.ask(a.id, b),
        world.ask(b.id, a),
        world.ask(await world.client(), a),
      ]);
      expect(made.filter((one) => one.ok).length).toBe(1);
      for (const one of made)
        if (!one.ok) expect(['reader_busy', 'already_in_session']).toContain(one.refused.code);
    }
  });
});

describe('waiting', () => {
  test('SES-3 S6: declined, cancelled: ended with that reason, nothing charged, finalised', async () => {
    const one = await world.waiting();
    expect(await world.sessions.decline(one.id, one.client)).toEqual(refused('only_the_reader'));
    await ok(world.sessions.decline(one.id, one.reader.id));
    expect(await world.state(one.id)).toMatchObject({
      state: 'finalized',
      end_reason: 'declined',
      ended_by: 'reader',
    });
    // The answer was lost and the browser tries again.
    await ok(world.sessions.decline(one.id, one.reader.id));
    const two = await world.waiting();
    await ok(world.sessions.join(two.id, two.client));
    await ok(world.sessions.cancel(two.id, two.client));
    expect(await world.summary(two.id)).toMatchObject({ charged_minutes: 0, paid_cents: 0, active_ms: 0 });
    expect(await world.wallet(two.client)).toBe(100_000);
    expect(world.receipts.has(two.id)).toBe(false);
  });

  test('SES-3 SES-9: not answered in 60 s: ended as of then, late or not, and the reader is away', async () => {
    const one = await world.waiting();
    world.now(59.999);
    await world.sweep();
    expect((await world.state(one.id)).state).toBe('waiting');
    world.now(63);
    // Nobody has swept yet; the answer is too late all the same.
    expect(await world.sessions.accept(one.id, one.reader.id)).toEqual(refused('session_ended'));
    expect(await world.state(one.id)).toMatchObject({
      end_reason: 'not_answered',
      ended_ms: world.at(60),
      ended_by: 'system',
    });
    expect((await world.readers.own(one.reader.id)).status).toBe('away');
    expect(await world.ask(await world.client(), one.reader)).toEqual(refused('reader_away'));
  });

  test('SES-3: accepted, but somebody never comes in: not_joined; a tab that died counts as not in', async () => {
    const one = await world.waiting();
    await ok(world.sessions.join(one.id, one.client));
    world.now(50);
    // The client's tab is long dead when the reader comes: they don't meet.
    const session = await ok(world.sessions.join(one.id, one.reader.id));
    expect(session).toMatchObject({
      state: 'waiting',
      in: { client: false, reader: true },
      deadline_ms: world.at(110),
    });
    for (let at = 55; at < 110; at += 5) {
      world.now(at);
      expect(await world.sessions.heartbeat(one.id, one.reader.id)).toMatchObject({
        ok: true,
        state: 'waiting',
      });
    }
    world.now(110);
    await world.sweep();
    expect(await world.state(one.id)).toMatchObject({ state: 'finalized', end_reason: 'not_joined' });
    expect((await world.readers.own(one.reader.id)).wish).toBe('online');
  });

  test('SES-3: accepted first, then both come in: active, and the clock runs', async () => {
    const one = await world.waiting();
    await ok(world.sessions.accept(one.id, one.reader.id));
    expect((await ok(world.sessions.join(one.id, one.reader.id))).state).toBe('waiting');
    expect((await ok(world.sessions.join(one.id, one.client))).state).toBe('active');
    // A reload, a second click: nothing changes.
    const before = await world.state(one.id);
    for (const act of [world.sessions.join, world.sessions.accept, world.sessions.reconnect])
      await ok(act(one.id, one.reader.id));
    expect(await world.state(one.id)).toEqual(before);
    const [meter] = await world.query('select running, running_since_ms from meters where session_id = $1', [
      one.id,
    ]);
    expect(meter).toEqual({ running: true, running_since_ms: String(world.at(0)) });
  });

  test('SES-9: the money went elsewhere before both were in: ended, out_of_money', async () => {
    const one = await world.waiting({ cents: 1_200 });
    const gift = await world.ledger.post({
      kind: 'gift',
      key: `gift:${one.id}`,
      budgets: [`${one.client}:day`, `${one.client}:week`],
      legs: [
        { account: `wallet:${one.client}`, amount_cents: -100 },
        { account: `earnings:${one.reader.id}`, amount_cents: 70 },
        { account: 'revenue', amount_cents: 30 },
      ],
    });
    expect(gift.ok).toBe(true);
    await ok(world.sessions.join(one.id, one.client));
    const session = await ok(world.sessions.join(one.id, one.reader.id));
    expect(session).toMatchObject({ state: 'ended', end_reason: 'out_of_money' });
    expect(await world.wallet(one.client)).toBe(1_100);
  });
});

describe('together', () => {
  test('SES-10 S7 example 1: active 125 s, ended by the client: 1197, reader 838', async () => {
    const one = await world.active();
    await world.both(one, 0, 125);
    const session = await ok(world.sessions.end(one.id, one.client));
    expect(session).toMatchObject({
      state: 'ended',
      end_reason: 'ended_by_client',
      ended_by: 'client',
      ended_ms: world.at(125),
    });
    expect(await world.state(one.id)).toMatchObject({ state: 'finalized' });
    expect(await world.summary(one.id)).toEqual({
      active_ms: 125_000,
      charged_minutes: 3,
      owed_minutes: 3,
      given_back: [],
      missing_minutes: 0,
      paid_cents: 1_197,
      reader_cents: 838,
      platform_cents: 359,
      pauses: 0,
    });
    expect(await world.wallet(one.client)).toBe(100_000 - 1_197);
    // Once more changes nothing.
    await ok(world.sessions.end(one.id, one.reader.id));
    expect(await world.state(one.id)).toMatchObject({ end_reason: 'ended_by_client' });
    const presence = world.receipts.get(one.id);
    expect([1, 2, 3].map((minute) => presence?.(minute))).toEqual([
      { client_ms: 60_000, reader_ms: 60_000 },
      { client_ms: 60_000, reader_ms: 60_000 },
      { client_ms: 5_000, reader_ms: 5_000 },
    ]);
  });

  test('SES-6 example 2: active 8 s, connection lost, grace runs out: nothing', async () => {
    const one = await world.active();
    await world.both(one, 0, 5);
    world.now(8);
    await world.sessions.heartbeat(one.id, one.client);
    await world.sessions.heartbeat(one.id, one.reader.id);
    world.now(22.999);
    await world.sweep();
    expect((await world.state(one.id)).state).toBe('active');
    world.now(23);
    await world.sweep();
    expect(await world.state(one.id)).toMatchObject({
      state: 'paused',
      pause_cause: 'lost',
      grace_ends_ms: world.at(323),
    });
    world.now(330);
    await world.sweep();
    expect(await world.state(one.id)).toMatchObject({
      state: 'finalized',
      end_reason: 'grace_expired',
      ended_ms: world.at(323),
    });
    expect(await world.summary(one.id)).toMatchObject({
      active_ms: 8_000,
      charged_minutes: 0,
      owed_minutes: 0,
    });
    expect(await world.wallet(one.client)).toBe(100_000);
    expect(await world.sessions.reconnect(one.id, one.client)).toEqual(refused('grace_expired'));
  });

  test('SES-7 S5 example 4: leaves at 90 s, back after two minutes, ended at active time 120.000 s: the end wins', async () => {
    const one = await world.active();
    await world.both(one, 0, 90);
    expect(await ok(world.sessions.leave(one.id, one.client))).toMatchObject({
      state: 'paused',
      pause_side: 'client',
      pause_cause: 'left',
      pauses: 1,
    });
    await ok(world.sessions.leave(one.id, one.client));
    expect(await world.sessions.join(one.id, one.client)).toEqual(refused('session_paused'));
    for (let at = 95; at < 210; at += 5) {
      world.now(at);
      expect(await world.sessions.heartbeat(one.id, one.reader.id)).toMatchObject({ state: 'paused' });
      await world.tick();
    }
    world.now(210);
    expect((await ok(world.sessions.reconnect(one.id, one.client))).state).toBe('reconnecting');
    expect(await world.sessions.heartbeat(one.id, one.reader.id)).toMatchObject({
      ok: true,
      state: 'active',
    });
    await world.both(one, 210, 240);
    await ok(world.sessions.end(one.id, one.reader.id));
    expect(await world.summary(one.id)).toMatchObject({
      active_ms: 120_000,
      charged_minutes: 2,
      paid_cents: 798,
      pauses: 1,
    });
    const presence = world.receipts.get(one.id);
    expect(presence?.(2)).toEqual({ client_ms: 60_000, reader_ms: 60_000 });
  });

  test('SES-6 S4 example 5: client’s last beat at 118 s, noticed at 133 s: minute 3 is given back', async () => {
    const one = await world.active();
    await world.both(one, 0, 115);
    world.now(118);
    await world.sessions.heartbeat(one.id, one.client);
    for (const at of [120, 121, 125, 130]) {
      world.now(at);
      await world.sessions.heartbeat(one.id, one.reader.id);
      await world.tick();
    }
    expect(await world.wallet(one.client)).toBe(100_000 - 3 * 399);
    world.now(133);
    await world.sweep();
    expect(await world.state(one.id)).toMatchObject({ state: 'paused', pause_side: 'client' });
    world.now(433);
    await world.sweep();
    expect(await world.summary(one.id)).toMatchObject({
      active_ms: 118_000,
      charged_minutes: 2,
      given_back: [3],
      paid_cents: 798,
    });
    expect(await world.wallet(one.client)).toBe(100_000 - 798);
    const presence = world.receipts.get(one.id);
    // In minute 3 the reader was there alone.
    expect(presence?.(2)).toEqual({ client_ms: 58_000, reader_ms: 60_000 });
    expect(presence?.(3)).toEqual({ client_ms: 0, reader_ms: 13_000 });
  });

  test('SES-6 SES-7 example 6: as 5, but back in time; ended at active 185 s: 1596', async () => {
    const one = await world.active();
    await world.both(one, 0, 115);
    world.now(118);
    await world.sessions.heartbeat(one.id, one.client);
    for (const at of [120, 121, 125, 130]) {
      world.now(at);
      await world.sessions.heartbeat(one.id, one.reader.id);
      await world.tick();
    }
    world.now(133);
    // Nobody has swept: the late beat itself finds the loss, and does not bridge it.
    expect(await world.sessions.heartbeat(one.id, one.client)).toMatchObject({ ok: true, state: 'paused' });
    world.now(140);
    await ok(world.sessions.reconnect(one.id, one.client));
    await ok(world.sessions.reconnect(one.id, one.reader.id));
    await world.both(one, 140, 205);
    world.now(207);
    await ok(world.sessions.end(one.id, one.client));
    expect(await world.summary(one.id)).toMatchObject({
      active_ms: 185_000,
      charged_minutes: 4,
      paid_cents: 1_596,
    });
  });

  test('SES-17 S4: the client leaves while the reader is silently gone and never comes back: as of the reader’s last beat', async () => {
    const one = await world.active();
    await world.both(one, 0, 115);
    for (const at of [120, 125, 126]) {
      world.now(at);
      await world.sessions.heartbeat(one.id, one.client);
      await world.tick();
    }
    expect(await world.wallet(one.client)).toBe(100_000 - 3 * 399);
    // 11 s of silence, which is no absence yet.
    await ok(world.sessions.leave(one.id, one.client));
    expect(await world.state(one.id)).toMatchObject({ pause_side: 'client', pause_cause: 'left' });
    world.now(440);
    await world.sweep();
    expect(await world.summary(one.id)).toMatchObject({
      active_ms: 115_000,
      charged_minutes: 2,
      given_back: [3],
      paid_cents: 798,
    });
    const presence = world.receipts.get(one.id);
    expect(presence?.(2)).toEqual({ client_ms: 60_000, reader_ms: 55_000 });
    expect(presence?.(3)).toEqual({ client_ms: 6_000, reader_ms: 0 });
  });

  test('SES-17 BIL-5: back too late, the gap is not bridged and the paid minute is used first; in time, it is', async () => {
    for (const [back, active] of [
      [130, 115_000],
      [129, 126_000],
    ] as const) {
      world.now(0);
      const one = await world.active();
      await world.both(one, 0, 115);
      world.now(120);
      await world.sessions.heartbeat(one.id, one.client);
      world.now(126);
      await world.tick();
      await ok(world.sessions.leave(one.id, one.client));
      world.now(back);
      expect(await world.sessions.heartbeat(one.id, one.reader.id)).toMatchObject({ state: 'paused' });
      world.now(140);
      await world.sessions.heartbeat(one.id, one.reader.id);
      await ok(world.sessions.reconnect(one.id, one.client));
      await ok(world.sessions.reconnect(one.id, one.reader.id));
      const [meter] = await world.query('select active_ms, paid_minutes from meters where session_id = $1', [
        one.id,
      ]);
      expect([back, meter]).toEqual([back, { active_ms: String(active), paid_minutes: 3 }]);
      await world.both(one, 140, 190);
      await ok(world.sessions.end(one.id, one.client));
      expect(await world.summary(one.id)).toMatchObject({
        active_ms: active + 50_000,
        charged_minutes: 3,
        given_back: [],
      });
    }
  });

  test('SES-17: both leave one after the other, or the one left alone ends it: both were there', async () => {
    for (const act of ['leave', 'end'] as const) {
      world.now(0);
      const one = await world.active();
      await world.both(one, 0, 60);
      world.now(64);
      await ok(world.sessions.leave(one.id, one.client));
      world.now(68);
      await ok(world.sessions[act](one.id, one.reader.id));
      world.now(500);
      await world.sweep();
      expect(await world.summary(one.id)).toMatchObject({ active_ms: 64_000, charged_minutes: 2 });
    }
  });

  test.each([
    ['ended by the client', 16, 115_000, []],
    ['ended by the client, the reader silent and not yet absent', 12, 127_000, []],
    ['ended by the client, the reader’s next beat on its way', 6, 121_000, []],
    ['ended by staff, both silent', 16, 115_000, [3]],
    ['left and ended by the client', 16, 115_000, []],
    ['left for the sixth time', 12, 127_000, []],
  ] as const)('SES-17 S4: %s', async (how, silent, active, back) => {
    const one = await world.active();
    await world.both(one, 0, 115);
    world.now(115 + silent);
    const byStaff = how.includes('staff');
    if (!byStaff) await world.sessions.heartbeat(one.id, one.client);
    await world.tick();
    if (how.includes('sixth')) {
      // As after five pauses, by the moves that lead there.
      const pause = `pause_side = 'client', pause_cause = 'left', pauses = 5, paused_ms = 1, grace_ends_ms = 2`;
      for (const [event, fields] of [
        ['leave', `state = 'paused', since_ms = null, ${pause}`],
        [
          'reconnect',
          `state = 'reconnecting', since_ms = ${world.at(0)}, deadline_ms = 2, client_in = true, reader_in = true`,
        ],
        [
          'beat',
          `state = 'active', deadline_ms = null, client_in = null, reader_in = null, paused_ms = null, grace_ends_ms = null,
           pause_side = null, pause_cause = null`,
        ],
      ])
        await world.query(
          `update sessions set version = version + 1, moved_event = '${event}', ${fields} where id = $1`,
          [one.id],
        );
    }
    if (how.includes('left')) await ok(world.sessions.leave(one.id, one.client));
    if (byStaff) await ok(world.sessions.endByStaff(one.id, randomUUID(), 'reported'));
    else await ok(world.sessions.end(one.id, one.client));
    expect(await world.state(one.id)).toMatchObject({ state: 'finalized', ended_ms: world.at(115 + silent) });
    expect(await world.summary(one.id)).toMatchObject({ active_ms: active, given_back: back });
  });

  test('SES-9 S6 example 7: wallet 1300: ends as of 180 s, out_of_money, when the tick says so', async () => {
    const one = await world.active({ cents: 1_300 });
    await world.both(one, 0, 180);
    world.now(181);
    const caught = await world.tick();
    expect(caught.charged).toMatchObject([{ stop_reason: 'out_of_money' }]);
    await world.sweep();
    expect(await world.state(one.id)).toMatchObject({
      state: 'finalized',
      end_reason: 'out_of_money',
      ended_ms: world.at(180),
      ended_by: 'system',
    });
    expect(await world.wallet(one.client)).toBe(103);
  });

  test('SES-9: a pause or an end that comes first finds the money gone: as of the due time, with the meter’s reason', async () => {
    for (const act of ['leave', 'end'] as const) {
      world.now(0);
      const one = await world.active({ cents: 1_300 });
      await world.both(one, 0, 180);
      world.now(184);
      expect(await ok(world.sessions[act](one.id, one.client))).toMatchObject({
        state: 'ended',
        end_reason: 'out_of_money',
        ended_ms: world.at(180),
      });
      expect(await world.summary(one.id)).toMatchObject({
        active_ms: 180_000,
        charged_minutes: 3,
        missing_minutes: 0,
      });
    }
  });

  test('SES-6 SES-9: the sweep asleep, the tick awake: money that ran out after an unnoticed loss is given back', async () => {
    const one = await world.active({ cents: 1_300 });
    await world.both(one, 0, 20);
    for (const at of [70, 130, 190]) {
      world.now(at);
      await world.tick();
    }
    expect(await world.wallet(one.client)).toBe(103);
    await world.sweep();
    expect(await world.state(one.id)).toMatchObject({ state: 'finalized', end_reason: 'out_of_money' });
    expect(await world.summary(one.id)).toMatchObject({
      active_ms: 20_000,
      charged_minutes: 1,
      given_back: [3, 2],
    });
    expect(await world.wallet(one.client)).toBe(1_300 - 399);
  });

  test('SES-9 BIL-14 example 12: a maximum of 2 minutes ends it at 120 s; raised in time it goes on', async () => {
    const one = await world.active({ maximum: 2 });
    await world.both(one, 0, 100);
    expect(await world.sessions.raise(one.id, one.reader.id, 3)).toEqual(refused('only_the_client'));
    expect(await world.sessions.raise(one.id, one.client, 1)).toEqual(refused('not_a_raise'));
    await ok(world.sessions.raise(one.id, one.client, 3));
    await ok(world.sessions.raise(one.id, one.client, 3));
    await world.both(one, 100, 170);
    expect((await world.state(one.id)).state).toBe('active');
    await world.both(one, 175, 180);
    world.now(180.001);
    await world.tick();
    await world.sweep();
    expect(await world.state(one.id)).toMatchObject({
      end_reason: 'agreed_maximum',
      ended_ms: world.at(180),
    });
    expect(await world.sessions.raise(one.id, one.client, 9)).toEqual(refused('session_ended'));
  });

  test('SES-7: coming back wants money for the next minute, unless some of a paid one is left', async () => {
    const one = await world.active({ cents: 1_197 });
    await world.both(one, 0, 150);
    await ok(world.sessions.leave(one.id, one.client));
    world.now(160);
    // Nothing in the wallet, half a paid minute left.
    expect(await world.wallet(one.client)).toBe(0);
    await ok(world.sessions.reconnect(one.id, one.client));
    await ok(world.sessions.reconnect(one.id, one.reader.id));
    await world.both(one, 160, 190);
    await ok(world.sessions.leave(one.id, one.client));
    world.now(195);
    expect(await world.sessions.reconnect(one.id, one.client)).toEqual(
      refused('insufficient_balance', { needed_cents: 399, available_cents: 0 }),
    );
    expect((await world.state(one.id)).state).toBe('paused');
  });

  test('SES-7 S5: five pauses and no more; the sixth ends it', async () => {
    const one = await world.active();
    let at = 5;
    for (let pause = 1; pause <= 6; pause += 1) {
      world.now(at);
      const session = await ok(world.sessions.leave(one.id, one.reader.id));
      if (pause === 6)
        expect(session).toMatchObject({ state: 'ended', end_reason: 'too_many_pauses', ended_by: 'reader' });
      else {
        world.now(at + 2);
        await ok(world.sessions.reconnect(one.id, one.reader.id));
        await ok(world.sessions.reconnect(one.id, one.client));
        at += 4;
      }
    }
    expect(await world.summary(one.id)).toMatchObject({ pauses: 5 });
  });

  test('SES-7 S5: 15 minutes of grace in all, however they are split, and failed tries to come back give none', async () => {
    const one = await world.active();
    let at = 5;
    let used = 0;
    for (const seconds of [290, 290, 290]) {
      world.now(at);
      await ok(world.sessions.leave(one.id, one.client));
      // Tries that nobody answers: each is 30 s, and the pause goes on behind them.
      world.now(at + 10);
      await ok(world.sessions.reconnect(one.id, one.client));
      world.now(at + 45);
      await world.sweep();
      expect(await world.state(one.id)).toMatchObject({ state: 'paused', grace_ends_ms: world.at(at + 300) });
      world.now(at + seconds);
      await ok(world.sessions.reconnect(one.id, one.client));
      await ok(world.sessions.reconnect(one.id, one.reader.id));
      used += seconds;
      at += seconds + 3;
    }
    world.now(at);
    expect(await ok(world.sessions.leave(one.id, one.client))).toMatchObject({
      state: 'paused',
      grace_used_ms: used * 1_000,
      grace_ends_ms: world.at(at + 30),
    });
    world.now(at + 30);
    expect(await world.sessions.reconnect(one.id, one.client)).toEqual(refused('grace_expired'));
    expect(await world.state(one.id)).toMatchObject({ state: 'finalized', end_reason: 'grace_expired' });
  });

  test('SES-8 example 10: all nodes dead from 100 s for 40 s: active time goes on from 100 s', async () => {
    await world.stayOnline();
    const one = await world.active();
    const waits = await world.waiting({ seconds: 0 });
    await ok(world.sessions.accept(waits.id, waits.reader.id));
    const pausing = await world.active();
    await ok(world.sessions.leave(pausing.id, pausing.client));
    const before = await world.state(pausing.id);
    await world.sweep();
    await world.both(one, 0, 100);
    await world.query('update session_sweeps set ran_ms = $1', [world.at(100)]);
    await world.query(
      `update sessions set deadline_ms = $1, version = version + 1, moved_event = 'accept' where id = $2`,
      [world.at(110), waits.id],
    );
    world.now(140);
    await world.sweepAfterSilence();
    expect(await world.state(one.id)).toMatchObject({ state: 'paused', grace_ends_ms: world.at(440) });
    expect(await world.state(pausing.id)).toMatchObject({
      state: 'paused',
      grace_ends_ms: (before as { grace_ends_ms: number }).grace_ends_ms + 40_000,
    });
    expect(await world.state(waits.id)).toMatchObject({ state: 'waiting', deadline_ms: world.at(150) });
    expect(await world.wallet(one.client)).toBe(100_000 - 798);
    world.now(150);
    await ok(world.sessions.reconnect(one.id, one.client));
    await ok(world.sessions.reconnect(one.id, one.reader.id));
    await world.both(one, 150, 170);
    expect(await world.wallet(one.client)).toBe(100_000 - 798);
    world.now(170.001);
    await world.tick();
    expect(await world.wallet(one.client)).toBe(100_000 - 1_197);
    // A second turn finds nothing of that.
    const events = (await world.events(one.id)).length;
    await world.sweep();
    expect((await world.events(one.id)).length).toBe(events);
  });

  test('SES-11 A1: suspending either ends it at the next turn; a reader who is one no longer, likewise', async () => {
    for (const who of ['client', 'reader', 'role'] as const) {
      world.now(0);
      const one = await world.active();
      await world.both(one, 0, 20);
      if (who === 'role')
        await world.query(`update people set role = 'client' where person_id = $1`, [one.reader.id]);
      else await world.suspend(who === 'client' ? one.client : one.reader.id);
      await world.sweep();
      expect(await world.state(one.id)).toMatchObject({
        state: 'finalized',
        end_reason: 'suspended',
        ended_ms: world.at(20),
      });
      expect(await world.summary(one.id)).toMatchObject({ charged_minutes: 1 });
    }
  });

  test('SES-15: strangers, and ids that are none: not_found, whatever they try', async () => {
    const one = await world.active();
    const stranger = await world.client();
    for (const act of ['join', 'leave', 'reconnect', 'end', 'accept', 'decline', 'cancel'] as const) {
      expect(await world.sessions[act](one.id, stranger)).toEqual(refused('not_found'));
      expect(await world.sessions[act](randomUUID(), one.client)).toEqual(refused('not_found'));
    }
    expect(await world.sessions.heartbeat(one.id, stranger)).toEqual(refused('not_found'));
    expect(await world.sessions.raise(one.id, stranger, 99)).toEqual(refused('not_found'));
    expect((await world.state(one.id)).state).toBe('active');
  });

  test('SES-16 S12: staff end it with a reason, and give back any minutes, each once', async () => {
    const staff = randomUUID();
    const one = await world.active();
    await world.both(one, 0, 125);
    expect(await world.sessions.giveBack(one.id, staff, [4], 'x')).toEqual(
      refused('minute_not_charged', { minutes: [4] }),
    );
    // While it runs, too.
    expect(await world.sessions.giveBack(one.id, staff, [1, 1], 'the sound was bad')).toMatchObject({
      ok: true,
    });
    await ok(world.sessions.endByStaff(one.id, staff, 'reported'));
    expect(await world.state(one.id)).toMatchObject({ end_reason: 'ended_by_staff', ended_by: 'staff' });
    const ending = (await world.events(one.id)).find(({ event }) => event === 'end');
    expect(ending).toMatchObject({ by: 'staff', person_id: staff, why: 'reported' });
    // Minute 1 was not paid in the end.
    expect(await world.summary(one.id)).toMatchObject({
      charged_minutes: 2,
      owed_minutes: 3,
      given_back: [],
      paid_cents: 798,
      reader_cents: 559,
      platform_cents: 239,
    });
    expect(await world.sessions.giveBack(one.id, staff, [1, 2], 'more')).toEqual(
      refused('already_given_back', { minutes: [1] }),
    );
    const both = await Promise.all([
      world.sessions.giveBack(one.id, staff, [3, 2], 'once more'),
      world.sessions.giveBack(one.id, staff, [2, 3], 'once more'),
    ]);
    expect(both).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await world.wallet(one.client)).toBe(100_000);
    expect(await world.earnings(one.reader.id)).toBe(0);
    await expect(world.query('update session_give_backs set reason = $1', ['y'])).rejects.toThrow(
      'permission denied',
    );
    expect(await world.sessions.endByStaff(randomUUID(), staff, 'x')).toEqual(refused('not_found'));
  });

  test('SES-16 R3: what staff end by the clock’s own end, or after it, is not told as done by them', async () => {
    const staff = randomUUID();
    const audited = (id: string) =>
      world.query('select outcome, details, reason from audit_log where subject = $1', [`session:${id}`]);
    const stopped = async (seconds: number) => {
      world.now(0);
      const one = await world.active({ maximum: 2 });
      await world.both(one, 0, 120);
      world.now(seconds);
      return one;
    };
    // The end itself finds it; the tick had found it and nobody had looked; the grace was over.
    const found = await stopped(124);
    const ticked = await stopped(124);
    await world.tick();
    const paused = await stopped(60);
    await ok(world.sessions.leave(paused.id, paused.client));
    for (const [one, at, why] of [
      [found, 124, 'agreed_maximum'],
      [ticked, 124, 'agreed_maximum'],
      [paused, 420, 'grace_expired'],
    ] as const) {
      world.now(at);
      for (let time = 0; time < 2; time += 1) await ok(world.sessions.endByStaff(one.id, staff, 'reported'));
      expect(await world.state(one.id)).toMatchObject({ end_reason: why, ended_by: 'system' });
      expect(await audited(one.id)).toEqual([
        { outcome: 'failed', details: { already_ended: why }, reason: 'reported' },
      ]);
    }
    const mine = await stopped(120);
    await ok(world.sessions.endByStaff(mine.id, staff, 'reported'));
    expect(await audited(mine.id)).toEqual([{ outcome: 'done', details: {}, reason: 'reported' }]);
    // What had long ended is not ended again.
    const over = await stopped(120);
    await ok(world.sessions.end(over.id, over.client));
    await ok(world.sessions.endByStaff(over.id, staff, 'reported'));
    expect(await audited(over.id)).toEqual([]);
  });

  test('SES-17 SES-9: the sweep sets active time back in a pause, and so does a look at it', async () => {
    for (const look of ['sweep', 'current'] as const) {
      world.now(0);
      const one = await world.active();
      await world.both(one, 0, 50);
      world.now(60);
      await world.sessions.heartbeat(one.id, one.client);
      await ok(world.sessions.leave(one.id, one.client));
      const active = async () =>
        (await world.query('select active_ms from meters where session_id = $1', [one.id]))[0];
      for (const [at, ms] of [
        [64.999, '60000'],
        [65, '50000'],
      ] as const) {
        world.now(at);
        await (look === 'sweep' ? world.sweep() : world.sessions.current(one.id));
        expect([look, at, await active()]).toEqual([look, at, { active_ms: ms }]);
      }
    }
  });

  test('SES-10: many nodes finalise at once: one summary, one receipt', async () => {
    const one = await world.active();
    await world.both(one, 0, 30);
    // The end's own attempt fails, so that the sweeps have it to do.
    const store = world.receipts.set.bind(world.receipts);
    world.receipts.set = () => {
      throw new Error('the disk is full');
    };
    await ok(world.sessions.end(one.id, one.client));
    world.receipts.set = store;
    expect((await world.state(one.id)).state).toBe('ended');
    const done = await Promise.all(Array.from({ length: 6 }, () => world.sessions.finalise(one.id)));
    expect(done.filter(Boolean)).toHaveLength(1);
    expect(await world.state(one.id)).toMatchObject({ state: 'finalized' });
    expect((await world.events(one.id)).filter(({ event }) => event === 'finalise')).toHaveLength(1);
  });
});
