/**
 * Random lives of sessions on a real Postgres: both people, ticks, sweeps, staff and lost connections, several at once. What
 * they come to is checked against what must hold of any life, and against a record of when both were truly there.
 */

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { owedMinutes } from '../../src/billing/rules.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { ABSENT_MS, MOVES, type Side, type State } from '../../src/sessions/session.ts';
import { DEEP } from '../support/depth.ts';
import { createWorld, type TestReader, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const ACTS = [
  'join',
  'leave',
  'reconnect',
  'heartbeat',
  'accept',
  'end',
  'cancel',
  'decline',
  'raise',
  'tick',
  'sweep',
  'staff_end',
  'give_back',
  'finalise',
  'ask_another',
] as const;
type Act = (typeof ACTS)[number];
type Step =
  | { do: 'race'; acts: { act: Act; side: Side }[] }
  | { do: 'pass'; seconds: number; ticks: boolean; sweeps: boolean }
  | { do: 'vanish' | 'return'; side: Side };

const side = fc.constantFrom('client' as const, 'reader' as const);
/** Whatever ends a session is rare, or nothing else would ever happen. */
const act = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.constantFrom<Act>('join', 'reconnect', 'heartbeat', 'accept', 'tick', 'sweep'),
  },
  { weight: 5, arbitrary: fc.constantFrom<Act>('leave', 'raise', 'finalise', 'ask_another', 'give_back') },
  { weight: 1, arbitrary: fc.constantFrom<Act>('end', 'cancel', 'decline', 'staff_end') },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('race' as const),
      acts: fc.array(fc.record({ act, side }), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      seconds: fc.oneof(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 20, max: 150 }),
        fc.integer({ min: 290, max: 320 }),
      ),
      ticks: fc.boolean(),
      sweeps: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('vanish' as const, 'return' as const), side }) },
);

interface Life {
  id: string;
  client: string;
  reader: TestReader;
  cents: number;
  now: number;
  /** Sends beats. */
  alive: Record<Side, boolean>;
  /** When each was heard, in milliseconds. */
  heard: Record<Side, number[]>;
  gaveBack: number;
}

/** Milliseconds in which both were there: between two signs of somebody that are less than 15 s apart they were. */
function together({ heard }: Life): number {
  const stretches = (of: Side) => {
    const found: [from: number, until: number][] = [];
    for (const at of heard[of].toSorted((a, b) => a - b)) {
      const last = found.at(-1);
      if (last && at - last[1] < ABSENT_MS) last[1] = at;
      else found.push([at, at]);
    }
    return found;
  };
  const readers = stretches('reader');
  return stretches('client').reduce(
    (sum, [from, until]) =>
      readers.reduce(
        (inner, other) => inner + Math.max(0, Math.min(until, other[1]) - Math.max(from, other[0])),
        sum,
      ),
    0,
  );
}

const hears = (life: Life, of: Side) => life.heard[of].push(life.now * 1_000);
const who = (life: Life, of: Side) => (of === 'client' ? life.client : life.reader.id);

async function doAct(life: Life, { act, side: of }: { act: Act; side: Side }): Promise<unknown> {
  const { sessions } = world;
  const { id } = life;
  switch (act) {
    case 'tick':
      return sessions.afterTick((await world.tick()).charged);
    case 'sweep':
      return world.sweep();
    case 'staff_end':
      return sessions.endByStaff(id, randomUUID(), 'by staff');
    case 'give_back': {
      const back = await sessions.giveBack(id, randomUUID(), [1], `reason ${randomUUID()}`);
      if (back.ok) life.gaveBack += 1;
      return back;
    }
    case 'raise':
      return sessions.raise(id, life.client, 90);
    case 'finalise':
      return sessions.finalise(id);
    case 'ask_another':
      return world.ask(await world.client(), life.reader);
    case 'heartbeat':
      if (!life.alive[of]) return undefined;
      hears(life, of);
      return sessions.heartbeat(id, who(life, of));
    case 'join':
    case 'reconnect':
      // Whoever comes has a page that beats.
      life.alive[of] = true;
      hears(life, of);
      return sessions[act](id, who(life, of));
    case 'leave':
    case 'end':
      hears(life, of);
      return sessions[act](id, who(life, of));
    default:
      return sessions[act](id, who(life, of));
  }
}

async function pass(life: Life, seconds: number, ticks: boolean, sweeps: boolean): Promise<void> {
  const until = life.now + seconds;
  while (life.now < until) {
    const length = Math.min(10, until - life.now);
    life.now += length;
    world.now(life.now);
    const alive = (['client', 'reader'] as const).filter((of) => life.alive[of]);
    for (const of of alive) hears(life, of);
    await Promise.all([
      ...alive.map((of) => world.sessions.heartbeat(life.id, who(life, of))),
      ...(ticks ? [world.tick()] : []),
    ]);
    if (sweeps) await world.sweep();
  }
}

/** What must hold at any moment. */
async function check(life: Life): Promise<void> {
  const session = await world.state(life.id);
  const [row] = await world.query<{
    running: boolean;
    paid: number;
    active: string;
    stop: string | null;
    since: string | null;
    seats: string;
    open_runs: string;
    charged: string;
  }>(
    `select m.running, m.paid_minutes as paid, m.active_ms as active, m.stop_reason as stop, m.running_since_ms as since,
      (select count(*) from session_seats t where t.session_id = s.id) as seats,
      (select count(*) from session_runs r where r.session_id = s.id and r.until_ms is null) as open_runs,
      (select count(*) from transfers t where t.key like 'session:' || s.id || ':minute:%' and t.kind = 'minute') as charged
     from sessions s join meters m on m.session_id = s.id where s.id = $1`,
    [life.id],
  );
  if (!row) throw new Error('no meter');
  const over = session.state === 'ended' || session.state === 'finalized';
  // The tick may have stopped the meter of a session that nobody has looked at since.
  expect(row.running).toBe(session.state === 'active' && row.stop === null);
  expect(Number(row.open_runs)).toBe(session.state === 'active' ? 1 : 0);
  expect(row.stop !== null || !over).toBe(true);
  expect(Number(row.seats)).toBe(over ? 0 : 2);
  expect(Number(row.charged)).toBe(row.paid);
  expect(await world.wallet(life.client)).toBeGreaterThanOrEqual(0);

  const events = await world.events(life.id);
  let state: string | null = null;
  for (const event of events) {
    expect(event.from_state).toBe(state);
    if (state !== null) expect(MOVES[state as State][event.event as never]).toContain(event.to_state);
    state = event.to_state;
  }
  expect(state).toBe(session.state);
  expect(events.filter(({ to_state }) => to_state === 'finalized').length).toBeLessThanOrEqual(1);
  expect(
    events
      .filter(({ event }) => event === 'leave' || event === 'absent')
      .filter(({ to_state }) => to_state === 'paused').length,
  ).toBeLessThanOrEqual(
    5 +
      events.filter(({ from_state, to_state }) => from_state === 'reconnecting' && to_state === 'paused')
        .length,
  );
}

async function live(cents: number, maximum: number, steps: Step[]): Promise<void> {
  world.now(0);
  const [client, reader] = [await world.client(cents), await world.reader()];
  await world.stayOnline();
  const made = await world.ask(client, reader, { maximum_minutes: maximum });
  if (!made.ok) throw new Error(made.refused.code);
  const life: Life = {
    id: made.session.id,
    client,
    reader,
    cents,
    now: 0,
    alive: { client: false, reader: false },
    heard: { client: [], reader: [] },
    gaveBack: 0,
  };
  // Most lives begin well, so that there is something to race for.
  for (const of of ['client', 'reader'] as const) await doAct(life, { act: 'join', side: of });
  for (const one of steps) {
    if (one.do === 'race') await Promise.all(one.acts.map((each) => doAct(life, each)));
    else if (one.do === 'pass') await pass(life, one.seconds, one.ticks, one.sweeps);
    else life.alive[one.side] = one.do === 'return';
    await check(life);
  }
  // Everybody goes away: time alone brings any session to its end.
  life.alive = { client: false, reader: false };
  for (let round = 0; round < 6; round += 1) {
    life.now += 320;
    world.now(life.now);
    await world.tick();
    await world.sweep();
  }
  await check(life);
  const session = await world.state(life.id);
  expect(session.state).toBe('finalized');
  const summary = (await world.summary(life.id)) as {
    active_ms: number;
    charged_minutes: number;
    owed_minutes: number;
    missing_minutes: number;
    paid_cents: number;
    given_back: number[];
  };
  expect(summary.owed_minutes).toBe(owedMinutes(summary.active_ms));
  expect(summary.charged_minutes * 399).toBe(summary.paid_cents);
  expect(summary.charged_minutes + summary.missing_minutes).toBeLessThanOrEqual(summary.owed_minutes);
  if (life.gaveBack === 0)
    expect(summary.charged_minutes + summary.missing_minutes).toBe(summary.owed_minutes);
  // S4: when it ends, the other may be silent and not absent yet, and nobody can know. Every other second was there.
  expect(summary.active_ms).toBeLessThanOrEqual(together(life) + ABSENT_MS);
  // Money: the wallet has what the summary says, and what staff gave back, each minute once.
  const [given] = await world.query<{ n: string }>(
    `select count(*) as n from session_give_backs where session_id = $1`,
    [life.id],
  );
  expect(Number(given?.n)).toBe(life.gaveBack);
  const [reversed] = await world.query<{ n: string }>(
    `select count(*) as n from transfers t join transfers r on r.reverses = t.id where t.key like 'session:' || $1::text || ':minute:%'`,
    [life.id],
  );
  const [charged] = await world.query<{ n: number }>(
    'select paid_minutes as n from meters where session_id = $1',
    [life.id],
  );
  const kept = Number(charged?.n) - Number(reversed?.n);
  expect(await world.wallet(life.client)).toBe(life.cents - kept * 399);
  if (life.gaveBack === 0) expect(summary.paid_cents).toBe(kept * 399);
}

test(
  'SES-1 SES-2 SES-4 SES-6 SES-7 SES-9 SES-10 SES-17 BIL-11: whatever both, ticks, grace and staff do at once, every life of a session holds to the rules',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1_197, 1_300, 3_000, 100_000),
        fc.constantFrom(2, 5, 60),
        fc.array(step, { minLength: 5, maxLength: 25 }),
        live,
      ),
      { numRuns: DEEP ? 400 : 8, endOnFailure: !DEEP },
    );
    expect((await verifyLedger(world.db)).findings).toEqual([]);
  },
  DEEP ? 3_600_000 : 300_000,
);
