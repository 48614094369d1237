/** Readers' presence and the line for a busy one. */

import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { estimateWait } from '../../src/sessions/estimate.ts';
import { lockLine, MOST_IN_LINE } from '../../src/sessions/readers.ts';
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
const many = (count: number) => Promise.all(Array.from({ length: count }, () => world.client()));
/** In line without being looked at: whoever was refused a moment ago, when the reader is free by now. */
const getIn = (who: string, reader: TestReader) =>
  world.readers.getInLine(who, reader.reader_id, 'video', true);
const topUp = (who: string) =>
  world.ledger.post({
    kind: 'top_up',
    key: randomUUID(),
    legs: [
      { account: 'card_clearing', amount_cents: -5_000 },
      { account: `wallet:${who}`, amount_cents: 5_000 },
    ],
  });
/** Somebody waits for a line that is held still. */
const oneWaits = () =>
  expect
    .poll(() =>
      world.query(
        `select from pg_locks where locktype = 'advisory' and not granted
         and database = (select oid from pg_database where datname = current_database())`,
      ),
    )
    .toHaveLength(1);
const placeOf = async (who: string) => (await world.readers.places(who))[0];

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

describe('a reader who takes no clients', () => {
  const ways: [string, (reader: TestReader) => Promise<unknown>][] = [
    ['suspended', (reader) => world.suspend(reader.id)],
    [
      'a reader no longer',
      (reader) => sql`update people set role = 'client' where person_id = ${reader.id}`.execute(world.db),
    ],
    [
      'not published',
      (reader) =>
        sql`update readers set published = false where reader_id = ${reader.reader_id}`.execute(world.db),
    ],
  ];
  test.each(ways)(
    'SES-12 SES-13 A1: %s: told as offline, gives no turn, and the line is closed',
    async (_, stop) => {
      const [one, free] = [await world.waiting(), await world.reader()];
      const [a, b] = await many(2);
      await getIn(a as string, one.reader);
      await getIn(b as string, free);
      await stop(free);
      await stop(one.reader);
      await world.sweep();
      await world.sweep();
      expect([told(free.reader_id), told(b as string)]).toEqual([['online', 'offline'], ['queue_closed']]);
      // Though a session may go on for a while.
      expect([told(one.reader.reader_id).at(-1), told(a as string)]).toEqual(['offline', ['queue_closed']]);
      expect([await placeOf(a as string), await placeOf(b as string)]).toEqual([undefined, undefined]);
      expect(await world.readers.own(free.id)).toMatchObject({ status: 'offline', queue_length: 0 });
      expect(await world.readers.say(free.id, 'online')).toMatchObject({ status: 'offline' });
      expect(told(free.reader_id)).toEqual(['online', 'offline']);
      expect(await world.readers.getInLine(a as string, free.reader_id, 'video', true)).toMatchObject({
        refused: { code: 'reader_not_found' },
      });
    },
  );
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
    expect(told(a)).toEqual(['turn', 'queue_closed']);
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

  test('SES-13 S3: who waits goes before who does not, also while nobody has the turn', async () => {
    const reader = await world.reader();
    await world.stayOnline();
    const [a, b, c, outsider] = (await many(4)) as [string, string, string, string];
    for (const who of [a, b, c]) await getIn(who, reader);
    const refused = { ok: false, refused: { code: 'reader_busy' } };
    // The turn was not given yet.
    expect(await statusOf(reader)).toBe('busy');
    expect([await world.ask(outsider, reader), await world.ask(b, reader)]).toEqual([refused, refused]);
    await world.readers.refresh();
    world.now(120);
    // It has run out, and no sweep has come by.
    expect(await statusOf(reader)).toBe('busy');
    for (const who of [outsider, a, c]) expect(await world.ask(who, reader)).toEqual(refused);
    expect(await placeOf(a)).toBeUndefined();
    expect(await getIn(a, reader)).toMatchObject({ ok: true, place: { place: 3 } });
    expect((await world.ask(b, reader)).ok).toBe(true);
    expect(await placeOf(b)).toBeUndefined();
    expect(await placeOf(c)).toMatchObject({ place: 1, turn_until_ms: null });
  });

  test('SES-13 S3: nobody slips in while a session ends, however often they try', async () => {
    for (let round = 0; round < 3; round += 1) {
      const one = await world.waiting();
      const first = await world.client();
      await getIn(first, one.reader);
      const tryOften = async (who: string) => {
        for (let count = 0; count < 15; count += 1) if ((await world.ask(who, one.reader)).ok) return true;
        return false;
      };
      const outsiders = await many(6);
      const [, ...won] = await Promise.all([
        ok(world.sessions.cancel(one.id, one.client)),
        ...outsiders.map(tryOften),
      ]);
      expect(won).toEqual(Array(6).fill(false));
      expect((await world.ask(first, one.reader)).ok).toBe(true);
    }
  });

  test('SES-13: it is decided with the line held still: who got in line a moment before is next', async () => {
    const reader = await world.reader();
    const [first, outsider] = (await many(2)) as [string, string];
    let asked: ReturnType<World['ask']> | undefined;
    await world.db.transaction().execute(async (tx) => {
      await lockLine(tx, reader.id);
      // Nobody is in line yet as far as this one sees.
      asked = world.ask(outsider, reader);
      await oneWaits();
      await sql`
        insert into reader_queue (reader_person_id, client_id, modality, joined_ms)
        values (${reader.id}, ${first}, 'video', 0)`.execute(tx);
    });
    expect(await asked).toEqual({ ok: false, refused: { code: 'reader_busy' } });
    expect((await world.ask(first, reader)).ok).toBe(true);
  });

  test('SES-12 SES-13: who is suspended just before a turn is given gives none', async () => {
    const reader = await world.reader();
    const a = await world.client();
    await getIn(a, reader);
    let refreshed: Promise<number> | undefined;
    await world.db.transaction().execute(async (tx) => {
      await lockLine(tx, reader.id);
      refreshed = world.readers.refresh();
      await oneWaits();
      await world.suspend(reader.id);
    });
    await refreshed;
    await world.sweep();
    expect(told(a)).toEqual(['queue_closed']);
  });

  test('SES-13: while the reader can’t come the turn is taken back, and the place stays', async () => {
    const [reader, other] = [await world.reader(), await world.reader()];
    await world.stayOnline();
    const a = await world.client();
    await getIn(a, reader);
    await world.readers.refresh();
    world.now(60);
    await world.readers.say(reader.id, 'away');
    expect(await placeOf(a)).toMatchObject({ place: 1, turn_until_ms: null });
    world.now(130);
    await world.sweep();
    await world.readers.say(reader.id, 'online');
    expect(await placeOf(a)).toMatchObject({ turn_until_ms: world.at(250) });
    // Sits down as another's client.
    await sql`update reader_presence set until_ms = 99999999999999`.execute(world.db);
    await topUp(reader.id);
    const theirs = await world.ask(reader.id, other);
    if (!theirs.ok) throw new Error(theirs.refused.code);
    expect(await placeOf(a)).toMatchObject({ place: 1, turn_until_ms: null });
    // Longer than the turn was.
    await ok(world.sessions.join(theirs.session.id, reader.id));
    await ok(world.sessions.join(theirs.session.id, other.id));
    await world.both({ id: theirs.session.id, client: reader.id, reader: other }, 130, 260);
    await world.sweep();
    expect(await placeOf(a)).toMatchObject({ place: 1, turn_until_ms: null });
    await ok(world.sessions.end(theirs.session.id, reader.id));
    expect(await placeOf(a)).toMatchObject({ turn_until_ms: world.at(380) });
    expect(told(a)).toEqual(['turn', 'turn', 'turn']);
    // Nobody is in the way now, and nobody takes it.
    world.now(380);
    await world.sweep();
    expect([await placeOf(a), told(a).at(-1)]).toEqual([undefined, 'queue_closed']);
  });

  test('SES-13: who has the turn and sits down with another passes it on and keeps the place', async () => {
    const [reader, other] = [await world.reader(), await world.reader()];
    const [a, b] = (await many(2)) as [string, string];
    for (const who of [a, b]) await getIn(who, reader);
    await world.readers.refresh();
    expect((await world.ask(a, other)).ok).toBe(true);
    expect(await placeOf(a)).toMatchObject({ place: 1, turn_until_ms: null });
    expect(await placeOf(b)).toMatchObject({ place: 2, turn_until_ms: world.at(120) });
  });

  test('SES-13: each turn is told once, whoever looks at the same moment', async () => {
    const readers = await Promise.all(Array.from({ length: 4 }, () => world.reader()));
    const clients = await many(4);
    for (const [index, reader] of readers.entries()) await getIn(clients[index] as string, reader);
    await Promise.all(Array.from({ length: 20 }, () => world.readers.refresh()));
    expect(clients.map(told)).toEqual(Array(4).fill(['turn']));
  });

  test('SES-13 A1: a suspended client keeps nobody waiting', async () => {
    const reader = await world.reader();
    const [gone, b, c] = (await many(3)) as [string, string, string];
    for (const who of [gone, b, c]) await getIn(who, reader);
    await world.readers.refresh();
    await world.suspend(gone);
    // Even before anybody has looked.
    expect(await world.ask(c, reader)).toMatchObject({ refused: { code: 'reader_busy' } });
    await world.readers.personChanged(gone);
    expect([await placeOf(gone), told(gone)]).toEqual([undefined, ['turn', 'queue_closed']]);
    expect(await placeOf(b)).toMatchObject({ place: 1, turn_until_ms: world.at(120) });
    await world.suspend(b);
    expect((await world.ask(c, reader)).ok).toBe(true);
  });

  test('SES-13: the limits of a line and of a client hold, however many come at once', async () => {
    const one = await world.waiting();
    await sql`
      insert into reader_queue (reader_person_id, client_id, modality, joined_ms)
      select ${one.reader.id}, gen_random_uuid(), 'video', 0 from generate_series(1, ${MOST_IN_LINE - 3}::integer)`.execute(
      world.db,
    );
    const late = await many(20);
    const lines = await Promise.all(
      late.map((who) => world.readers.getInLine(who, one.reader.reader_id, 'video')),
    );
    const places = lines.flatMap((line) => (line.ok ? [line.place.place] : []));
    expect(places.sort()).toEqual([MOST_IN_LINE - 2, MOST_IN_LINE - 1, MOST_IN_LINE]);
    const full = lines.flatMap((line) => (line.ok ? [] : [line.refused.code]));
    expect(full).toEqual(Array(17).fill('queue_full'));
    const client = await world.client();
    const taken = await Promise.all(Array.from({ length: 12 }, () => world.waiting()));
    const asked = await Promise.all(
      taken.map(({ reader }) => world.readers.getInLine(client, reader.reader_id, 'video')),
    );
    expect(asked.filter((line) => line.ok)).toHaveLength(5);
    expect(await world.readers.places(client)).toHaveLength(5);
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
    // S3: how long the reader will be away, or somebody else's client, nobody knows.
    const unknown = { place: 1, turn_until_ms: null, estimate_ms: null };
    await world.readers.say(reader.id, 'away');
    expect(await placeOf(a)).toMatchObject(unknown);
    const [open] = await world.query<{ session_id: string }>(
      'select session_id from session_seats where person_id = $1',
      [reader.id],
    );
    await ok(world.sessions.end(open?.session_id as string, reader.id));
    expect(await placeOf(a)).toMatchObject(unknown);
    await world.readers.say(reader.id, 'online');
    expect([await placeOf(a), await placeOf(b)]).toMatchObject([
      { estimate_ms: 0 },
      { estimate_ms: 120_000 },
    ]);
    await topUp(reader.id);
    expect((await world.ask(reader.id, await world.reader({ video: 1 }))).ok).toBe(true);
    expect(await placeOf(a)).toMatchObject(unknown);
  });
});

test('SES-4 SES-13 S3: 200 clients at once for one reader: one session, 199 told reader_busy, and all in line', async () => {
  const reader = await world.reader();
  const clients = await Promise.all(Array.from({ length: 200 }, () => world.client(5_000)));
  const asked = await Promise.all(
    clients.map(async (client, index) => {
      const made = await world.ask(client, reader, {}, `key-${index}`);
      return made.ok ? null : { code: made.refused.code, line: await getIn(client, reader) };
    }),
  );
  const refused = asked.flatMap((one) => one ?? []);
  expect(refused.map(({ code }) => code)).toEqual(Array(199).fill('reader_busy'));
  expect(refused.filter(({ line }) => !line.ok)).toEqual([]);
  const places = await Promise.all(clients.map(placeOf));
  const numbers = places.flatMap((place) => place?.place ?? []).sort((one, other) => one - other);
  expect(numbers).toEqual(Array.from({ length: 199 }, (_, index) => index + 1));
  const open = await world.query('select from sessions where reader_person_id = $1', [reader.id]);
  expect(open).toHaveLength(1);
});
