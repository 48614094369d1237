import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { directoryPerson, directoryReader } from 'realtime/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { seePerson } from '../src/directory/people.ts';
import { type Sender, startSender } from '../src/directory/sender.ts';
import { createLogger } from '../src/logger.ts';
import type { Cms } from './support/cms.ts';
import { testEnvironment } from './support/environment.ts';
import { type Receiver, startReceiver } from './support/receiver.ts';
import { type SeededCms, startSeededCms } from './support/seeded.ts';

const DESTINATIONS = ['realtime', 'commerce', 'site'] as const;
const receivers = {} as Record<(typeof DESTINATIONS)[number], Receiver>;
const senders: Sender[] = [];
const processes: ChildProcess[] = [];

const open = async () => {
  receivers.realtime = await startReceiver(testEnvironment.SERVICE_KEY_CMS_TO_REALTIME);
  receivers.commerce = await startReceiver(testEnvironment.SERVICE_KEY_CMS_TO_COMMERCE);
  receivers.site = await startReceiver(testEnvironment.SERVICE_KEY_CMS_TO_SITE);
  return {
    REALTIME_URL: receivers.realtime.url,
    COMMERCE_URL: receivers.commerce.url,
    SITE_URL: receivers.site.url,
  };
};
const close = () => Promise.all(DESTINATIONS.map((name) => receivers[name]?.stop()));

function send(cms: Cms): Sender {
  const { payload, environment } = cms;
  const sender = startSender({ payload, environment, logger: createLogger('silent') });
  senders.push(sender);
  return sender;
}

const waitingIn = async (cms: Cms, destination?: string): Promise<number> => {
  const { rows } = await cms.payload.db.pool.query(
    `select count(*)::int as count from outbox where kind not in ('audit', 'content') and ($1::text is null or destination = $1)`,
    [destination ?? null],
  );
  return rows[0].count;
};

afterEach(async () => {
  for (const name of DESTINATIONS) receivers[name]?.answer(undefined);
  // Whatever a test left stopped.
  await receivers.realtime?.start();
  await Promise.all(senders.splice(0).map((sender) => sender.stop()));
  for (const child of processes.splice(0)) child.kill('SIGKILL');
});

let cms: SeededCms;
beforeAll(async () => {
  cms = await startSeededCms(await open());
});
afterAll(async () => {
  await cms?.close();
  await close();
});

describe('A3: what waits in the outbox', () => {
  let count = 0;
  beforeEach(async () => {
    await cms.payload.db.pool.query('delete from outbox');
    for (const name of DESTINATIONS) receivers[name].told.length = 0;
  });

  const somebody = async () => {
    count += 1;
    const person = await seePerson(cms.payload, {
      issuer: testEnvironment.OIDC_ISSUER,
      subject: `auth0|${count}`,
      display_name: `Name ${count}`,
    });
    const { rows } = await cms.payload.db.pool.query('select id from people where person_id = $1', [
      person.person_id,
    ]);
    return { ...person, id: rows[0].id as number, path: `/service/directory/people/${person.person_id}` };
  };
  const rename = (id: number, display_name: string) =>
    cms.payload.update({ collection: 'people', id, data: { display_name } });
  const nameAt = (name: (typeof DESTINATIONS)[number], at: string) =>
    receivers[name].kept.get(at)?.display_name;
  /** What came of one document, never an older version after a newer one that was taken. */
  const versionsAt = (name: (typeof DESTINATIONS)[number], at: string) =>
    receivers[name].told
      .filter((told) => told.path === at && told.status < 300)
      .map(({ body }) => body.version as number);

  test('comes to everybody whom it concerns, signed, each call with a nonce of its own', async () => {
    send(cms);
    const { path: at, person_id } = await somebody();
    for (const name of DESTINATIONS) {
      await expect.poll(() => receivers[name].kept.get(at)).toBeDefined();
      expect(directoryPerson.parse(receivers[name].kept.get(at)).person_id).toBe(person_id);
    }
    await expect.poll(() => waitingIn(cms)).toBe(0);
  });

  test('for one that is down waits for it, and holds up no other', async () => {
    await receivers.realtime.stop();
    send(cms);
    const { id, path: at } = await somebody();
    await expect.poll(() => waitingIn(cms)).toBe(1);
    await rename(id, 'Newer');
    await expect.poll(() => nameAt('site', at)).toBe('Newer');
    await expect.poll(() => nameAt('commerce', at)).toBe('Newer');
    await expect.poll(() => waitingIn(cms)).toBe(1);
    const { rows } = await cms.payload.db.pool.query('select destination, attempts, last_error from outbox');
    expect(rows).toEqual([
      { destination: 'realtime', attempts: expect.any(Number), last_error: expect.anything() },
    ]);
    await receivers.realtime.start();
    // Of its states it hears the newest, once it is there.
    await expect.poll(() => nameAt('realtime', at)).toBe('Newer');
    expect(versionsAt('realtime', at)).toHaveLength(1);
    await expect.poll(() => waitingIn(cms)).toBe(0);
  });

  test.each([500, 404, 409])('that is answered %d is tried again, and the rest goes on', async (status) => {
    const bad = await somebody();
    let refused = 0;
    receivers.commerce.answer(({ path: at }) => {
      if (at !== bad.path || refused >= 2) return undefined;
      refused += 1;
      return status;
    });
    const good = await somebody();
    send(cms);
    await expect.poll(() => receivers.commerce.kept.has(good.path)).toBe(true);
    await expect.poll(() => receivers.commerce.kept.has(bad.path)).toBe(true);
    expect(
      receivers.commerce.told.filter(({ path: at }) => at === bad.path).map((one) => one.status),
    ).toEqual([status, status, 204]);
    await expect.poll(() => waitingIn(cms)).toBe(0);
  });

  test('that is always refused stays, with growing pauses', async () => {
    const { path: at } = await somebody();
    receivers.site.answer(() => 409);
    send(cms);
    const attempts = () => receivers.site.told.length;
    await expect.poll(attempts).toBeGreaterThanOrEqual(4);
    const pause = async () =>
      (
        await cms.payload.db.pool.query(
          `select extract(epoch from next_attempt_at - now())::float8 as s from outbox where destination = 'site'`,
        )
      ).rows[0].s;
    await expect.poll(pause).toBeGreaterThan(1);
    expect(receivers.site.kept.has(at)).toBe(false);
    expect(await waitingIn(cms, 'site')).toBe(1);
  });

  test('for one that is slow is given up after three seconds and sent again, while others pass', async () => {
    const slow = await somebody();
    let asked = 0;
    receivers.realtime.answer(async ({ path: at }) => {
      if (at !== slow.path) return 204;
      asked += 1;
      if (asked === 1) await sleep(4_500);
      return 204;
    });
    const quick = await somebody();
    const began = performance.now();
    send(cms);
    await expect.poll(() => receivers.realtime.kept.has(quick.path)).toBe(true);
    await expect.poll(() => asked, { timeout: 15_000 }).toBeGreaterThan(1);
    expect(performance.now() - began).toBeGreaterThan(3_000);
    await expect.poll(() => waitingIn(cms)).toBe(0);
    // It was taken twice: the same state, which changes nothing.
    expect(nameAt('realtime', slow.path)).toBe(slow.display_name);
  });

  test('and becomes newer while the older state is under way is sent after it, never before', async () => {
    const { id, path: at } = await somebody();
    let arrived = () => {};
    const first = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = 0;
    receivers.realtime.answer(async () => {
      asked += 1;
      if (asked > 1) return 204;
      arrived();
      await held;
      return 204;
    });
    send(cms);
    send(cms); // Another node: a document is under way once all the same.
    await first;
    for (const name of ['One', 'Two', 'Three']) await rename(id, name);
    await sleep(500);
    expect(asked).toBe(1);
    release();
    await expect.poll(() => nameAt('realtime', at)).toBe('Three');
    const versions = versionsAt('realtime', at);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    expect(versions).toHaveLength(2);
    await expect.poll(() => waitingIn(cms)).toBe(0);
  });

  test('when the process that sends it is killed with -9 is sent by another: nothing is lost, and nothing goes back', async () => {
    const people = [];
    for (let n = 0; n < 12; n += 1) people.push(await somebody());
    const child = startSenderProcess(cms);
    // realtime is in the middle of it, and leaves some unanswered; the site has taken one, which nobody noted any more.
    let asked = 0;
    receivers.realtime.answer(async () => {
      asked += 1;
      if (asked > 4) await sleep(60_000, undefined, { ref: false });
      return 204;
    });
    receivers.site.answer(async () => {
      while (asked <= 4) await sleep(10);
      child.kill('SIGKILL');
      return 204;
    });
    await once(child, 'exit');
    for (const name of ['realtime', 'site'] as const) receivers[name].answer(undefined);
    const waiting = await waitingIn(cms, 'realtime');
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThan(people.length + 1);
    expect(await waitingIn(cms, 'site')).toBe(people.length);
    const [unchanged, ...changed] = people;
    // Changed between the two: the state that was under way must not win.
    await Promise.all(changed.map(({ id, person_id }) => rename(id, `Later ${person_id.slice(0, 8)}`)));

    send(cms);
    await expect.poll(() => waitingIn(cms), { timeout: 30_000 }).toBe(0);
    for (const name of DESTINATIONS) {
      for (const { path: at, person_id } of changed) {
        expect([name, nameAt(name, at)]).toEqual([name, `Later ${person_id.slice(0, 8)}`]);
        const versions = versionsAt(name, at);
        expect(versions).toEqual(versions.toSorted((a, b) => a - b));
      }
      // What was sent twice was the same.
      const { path: at = '', display_name } = unchanged ?? {};
      expect(nameAt(name, at)).toBe(display_name);
      expect(new Set(versionsAt(name, at)).size).toBe(1);
    }
  }, 120_000);
});

describe('A3: a reader', () => {
  const update = (id: number, data: object, draft = false) =>
    cms.payload.update({ collection: 'readers', id, data, ...(draft && { draft: true }) } as never);

  test('that is published, drafted, taken back, published again and deleted is told so, in this order', async () => {
    send(cms);
    const id = await cms.idOf('readers', 'noor-star');
    await update(id, { _status: 'published' });
    const at = `/service/directory/readers/${id}`;
    const told = (name: 'realtime' | 'site') => {
      const kept = receivers[name].kept.get(at);
      return kept && directoryReader.parse(kept);
    };
    const both = async (wanted: Partial<ReturnType<typeof told>>) => {
      for (const name of ['realtime', 'site'] as const) {
        await expect.poll(() => told(name)).toMatchObject(wanted as object);
      }
      return told('realtime')?.version as number;
    };
    const versions = [await both({ published: true, name: 'Noor Star', person_id: null })];

    // A draft beside it changes nothing of what is public.
    await update(id, { name: 'Somebody else' }, true);
    await both({ published: true, name: 'Noor Star' });
    await update(id, { name: 'Noor S.', _status: 'published' });
    versions.push(await both({ published: true, name: 'Noor S.' }));
    await update(id, { _status: 'draft' });
    versions.push(await both({ published: false }));
    await update(id, { _status: 'published' });
    versions.push(await both({ published: true }));
    await cms.payload.delete({ collection: 'readers', id });
    versions.push(
      await both({
        published: false,
        slug: 'noor-star',
        rates: { video_cents: null, voice_cents: null, chat_cents: null },
      }),
    );
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    expect(new Set(versions).size).toBe(versions.length);
    expect(receivers.commerce.kept.has(at)).toBe(false);
  });

  test('whose change is undone is told to nobody', async () => {
    const id = await cms.idOf('readers', 'rhea-sun');
    const before = await cms.payload.db.pool.query(`select number from outbox where kind = 'reader'`);
    await expect(
      cms.payload.update({ collection: 'readers', id, data: { slug: 'remi-moon', _status: 'published' } }),
    ).rejects.toThrow();
    const after = await cms.payload.db.pool.query(`select number from outbox where kind = 'reader'`);
    expect(after.rows).toEqual(before.rows);
  });
});

/** It sends after some seconds, when it has begun. */
function startSenderProcess(cms: Cms): ChildProcess {
  const { environment } = cms;
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'support/senderProcess.ts')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: Object.fromEntries(
      Object.entries({ ...environment, NODE_ENV: undefined, PATH: process.env.PATH }).flatMap(
        ([name, value]) => (value === undefined ? [] : [[name, String(value)]]),
      ),
    ) as NodeJS.ProcessEnv,
  });
  processes.push(child);
  return child;
}
