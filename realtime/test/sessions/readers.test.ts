/** Readers' presence and the line for a busy one. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { estimateWait } from '../../src/sessions/estimate.ts';
import { createWorld, ok, type TestReader, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  world.now(0);
  world.news.length = 0;
});

const statusOf = async (reader: TestReader) => (await world.readers.statuses([reader.reader_id]))[0]?.status;
const told = (to: string) => world.news.filter((one) => one.to === to).map(({ what }) => what);

describe('presence', () => {
  test('SES-12 D1: online, away and offline hold 90 s, each change told once', async () => {
    const reader = await world.reader();
    expect(await statusOf(reader)).toBe('online');
    world.now(60);
    await world.readers.say(reader.id, 'online');
    world.now(149.999);
    await world.sweep();
    expect(await statusOf(reader)).toBe('online');
    // A dead tab.
    world.now(150);
    await world.sweep();
    await world.sweep();
    expect(await statusOf(reader)).toBe('offline');
    await world.readers.say(reader.id, 'away');
    await world.readers.say(reader.id, 'away');
    await world.readers.say(reader.id, 'offline');
    expect(told(reader.reader_id)).toEqual(['online', 'offline', 'away', 'offline']);
  });

  test('SES-12: busy from the request to the end; offline while suspended or hidden', async () => {
    const one = await world.waiting();
    expect(await statusOf(one.reader)).toBe('busy');
    // Even when the page that says online has gone.
    world.now(95);
    await world.both(one, 0, 0);
    world.now(5);
    await ok(world.sessions.cancel(one.id, one.client));
    expect(await statusOf(one.reader)).toBe('online');
    expect(told(one.reader.reader_id)).toEqual(['online', 'busy', 'online']);
    await world.suspend(one.reader.id);
    expect(await statusOf(one.reader)).toBeUndefined();
    const never = await world.reader({ online: false });
    expect(await statusOf(never)).toBe('offline');
    expect(await world.readers.own(never.id)).toMatchObject({ status: 'offline', queue_length: 0 });
  });

  test('SES-12 SES-8: an outage takes nobody offline', async () => {
    const reader = await world.reader();
    await world.sweep();
    world.now(300);
    await world.sweepAfterSilence();
    expect(await statusOf(reader)).toBe('online');
    expect(told(reader.reader_id)).toEqual(['online']);
  });
});

describe('in line', () => {
  test('SES-13 S3: one place each, in order; the first has the turn when the reader is free, and nobody else', async () => {
    const one = await world.waiting();
    const [a, b] = [await world.client(), await world.client()];
    const place = (who: string) => world.readers.places(who).then(([first]) => first);
    expect(await world.readers.getInLine(a, one.reader.reader_id, 'video')).toMatchObject({
      ok: true,
      place: { place: 1 },
    });
    world.now(1);
    expect(await world.readers.getInLine(b, one.reader.reader_id, 'voice')).toMatchObject({
      ok: true,
      place: { place: 2 },
    });
    expect(await world.readers.getInLine(a, one.reader.reader_id, 'voice')).toMatchObject({
      ok: true,
      place: { place: 1, modality: 'video', estimate_ms: null },
    });
    world.now(10);
    await ok(world.sessions.cancel(one.id, one.client));
    expect(await place(a)).toMatchObject({ turn_until_ms: world.at(130), estimate_ms: 0 });
    expect(world.news.filter(({ what }) => what === 'turn')).toEqual([
      { to: a, what: 'turn', more: { reader_id: one.reader.reader_id, until_ms: world.at(130) } },
    ]);
    // For others the reader is as busy as before.
    expect(await statusOf(one.reader)).toBe('busy');
    expect(await world.ask(b, one.reader)).toMatchObject({ refused: { code: 'reader_busy' } });
    expect(await world.ask(await world.client(), one.reader)).toMatchObject({
      refused: { code: 'reader_busy' },
    });
    const made = await world.ask(a, one.reader);
    expect(made.ok).toBe(true);
    expect(await place(a)).toBeUndefined();
    expect(await place(b)).toMatchObject({ place: 1 });
  });

  test('SES-13: a turn that nobody takes passes on; leaving passes it on at once', async () => {
    const one = await world.waiting();
    const [a, b, c] = [await world.client(), await world.client(), await world.client()];
    for (const who of [a, b, c]) await world.readers.getInLine(who, one.reader.reader_id, 'video');
    await ok(world.sessions.cancel(one.id, one.client));
    world.now(60);
    await world.readers.say(one.reader.id, 'online');
    world.now(120);
    await world.sweep();
    expect(await world.readers.places(a)).toEqual([]);
    expect(await world.readers.places(b)).toMatchObject([{ turn_until_ms: world.at(240) }]);
    await world.readers.leaveLine(b, one.reader.reader_id);
    expect(await world.readers.places(c)).toMatchObject([{ turn_until_ms: world.at(240) }]);
    // The reader goes: the line is closed, and those in it are told.
    await world.readers.say(one.reader.id, 'offline');
    expect(told(c)).toEqual(['turn', 'queue_closed']);
    expect(await world.readers.places(c)).toEqual([]);
  });

  test('SES-13: whoever sits in a session is passed over for now; an away reader gives no turn', async () => {
    const one = await world.waiting();
    const [a, b] = [await world.client(), await world.client()];
    for (const who of [a, b]) await world.readers.getInLine(who, one.reader.reader_id, 'video');
    const other = await world.reader();
    const busy = await world.ask(a, other);
    if (!busy.ok) throw new Error(busy.refused.code);
    await world.readers.say(one.reader.id, 'away');
    await ok(world.sessions.cancel(one.id, one.client));
    expect(
      [...(await world.readers.places(a)), ...(await world.readers.places(b))].map((p) => p.turn_until_ms),
    ).toEqual([null, null]);
    await world.readers.say(one.reader.id, 'online');
    expect(await world.readers.places(b)).toMatchObject([{ turn_until_ms: world.at(120), place: 2 }]);
    expect(await world.readers.places(a)).toMatchObject([{ turn_until_ms: null, place: 1 }]);
  });

  test('SES-13: no line where there is nothing to wait for, for oneself, or beyond what is fair', async () => {
    const free = await world.reader();
    const client = await world.client();
    const line = (who: string, id: string) => world.readers.getInLine(who, id, 'video');
    expect(await line(client, free.reader_id)).toEqual({ ok: false, refused: { code: 'reader_free' } });
    expect(await line(client, 'nobody')).toEqual({ ok: false, refused: { code: 'reader_not_found' } });
    expect(await line(free.id, free.reader_id)).toEqual({ ok: false, refused: { code: 'own_session' } });
    await world.readers.say(free.id, 'offline');
    expect(await line(client, free.reader_id)).toEqual({ ok: false, refused: { code: 'reader_offline' } });
    for (let count = 0; count < 5; count += 1) {
      const one = await world.waiting();
      expect(await line(client, one.reader.reader_id)).toMatchObject({ ok: true });
    }
    const sixth = await world.waiting();
    expect(await line(client, sixth.reader.reader_id)).toEqual({
      ok: false,
      refused: { code: 'too_many_places' },
    });
  });

  test('SES-13: the estimate is the rest of this session and a usual one for each ahead, or null', () => {
    const minutes = (...all: number[]) => all.map((one) => one * 60_000);
    expect(estimateWait(minutes(10, 20), 0, 0)).toBeNull();
    expect(estimateWait(minutes(10, 20, 30), 0, 0)).toBe(20 * 60_000);
    expect(estimateWait(minutes(10, 20, 30), 15 * 60_000, 0)).toBe(10 * 60_000);
    expect(estimateWait(minutes(10, 20, 30), 15 * 60_000, 2)).toBe(50 * 60_000);
    expect(estimateWait(minutes(10, 20, 30), null, 1)).toBe(20 * 60_000);
    expect(estimateWait(minutes(10, 20, 30, 40), null, 1)).toBe(25 * 60_000);
    // Longer than any there was: nobody knows.
    expect(estimateWait(minutes(10, 20, 30), 31 * 60_000, 0)).toBeNull();
  });

  test('SES-13: judged by what this reader’s sessions have really been', async () => {
    await world.stayOnline();
    const reader = await world.reader();
    let at = 0;
    for (const seconds of [60, 120, 180]) {
      world.now(at);
      await world.readers.say(reader.id, 'online');
      const client = await world.client();
      const made = await world.ask(client, reader);
      if (!made.ok) throw new Error(made.refused.code);
      await ok(world.sessions.join(made.session.id, client));
      await ok(world.sessions.join(made.session.id, reader.id));
      await world.both({ id: made.session.id, client, reader }, at, at + seconds);
      await ok(world.sessions.end(made.session.id, client));
      at += seconds + 10;
    }
    world.now(at);
    await world.readers.say(reader.id, 'online');
    expect((await world.ask(await world.client(), reader)).ok).toBe(true);
    world.now(at + 20);
    const [a, b] = [await world.client(), await world.client()];
    expect(await world.readers.getInLine(a, reader.reader_id, 'video')).toMatchObject({
      place: { estimate_ms: 100_000 },
    });
    expect(await world.readers.getInLine(b, reader.reader_id, 'video')).toMatchObject({
      place: { estimate_ms: 220_000 },
    });
  });
});

test('SES-4 SES-13 S3: 200 clients at once for one reader: one session, 199 told reader_busy, and in line those who asked', async () => {
  const reader = await world.reader();
  const clients = await Promise.all(Array.from({ length: 200 }, () => world.client(5_000)));
  const asked = await Promise.all(
    clients.map(async (client, index) => {
      const made = await world.ask(client, reader, {}, `key-${index}`);
      if (made.ok || index % 5 !== 0) return made;
      expect(await world.readers.getInLine(client, reader.reader_id, 'video', true)).toMatchObject({
        ok: true,
      });
      return made;
    }),
  );
  expect(asked.filter((made) => made.ok)).toHaveLength(1);
  const refusals = asked.filter((made) => !made.ok).map((made) => (made.ok ? '' : made.refused.code));
  expect(refusals).toEqual(Array(199).fill('reader_busy'));
  const [count] = await world.query<{ open: string; line: string; places: string }>(
    `select (select count(*) from sessions where reader_person_id = $1) as open, count(*) as line, count(distinct number) as places
     from reader_queue where reader_person_id = $2`,
    [reader.id, reader.id],
  );
  const winner = asked.findIndex((made) => made.ok);
  expect(count).toEqual({
    open: '1',
    line: String(winner % 5 === 0 ? 39 : 40),
    places: String(winner % 5 === 0 ? 39 : 40),
  });
});
