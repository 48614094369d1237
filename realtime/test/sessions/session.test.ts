/** Every pair of state and event, in the program and in the database, and that the two have one table. */

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DIAGRAM_FILE, drawStates } from '../../src/sessions/diagram.ts';
import {
  type Body,
  EVENTS,
  type EventType,
  GRACE_MS,
  MOVES,
  RECONNECT_MS,
  type Session,
  type SessionEvent,
  STATES,
  type State,
  transition,
} from '../../src/sessions/session.ts';
import { createMoney, type Money } from '../support/money.ts';

const NOW = 1_000_000_000;
const terms = {
  id: randomUUID(),
  version: 3,
  client_id: randomUUID(),
  reader_person_id: randomUUID(),
  reader_id: 'luna',
  modality: 'video' as const,
  rate_cents: 399,
  channel: 'channel',
  created_ms: NOW - 90_000,
};
const pause = {
  pauses: 1,
  grace_used_ms: 0,
  paused_ms: NOW - 10_000,
  grace_ends_ms: NOW + 290_000,
  pause_side: 'client' as const,
  pause_cause: 'lost' as const,
};
const end = { ended_ms: NOW - 1_000, end_reason: 'grace_expired' as const, ended_by: 'system' as const };
const bodies: Record<State, Body> = {
  created: { state: 'created' },
  waiting: {
    state: 'waiting',
    asked_ms: NOW - 1_000,
    deadline_ms: NOW + 59_000,
    accepted_ms: null,
    in: { client: true, reader: false },
  },
  active: { state: 'active', since_ms: NOW - 70_000, pauses: 0, grace_used_ms: 0 },
  paused: { state: 'paused', ...pause },
  reconnecting: {
    state: 'reconnecting',
    since_ms: NOW - 1_000,
    deadline_ms: NOW + 29_000,
    in: { client: true, reader: false },
    ...pause,
  },
  ended: { state: 'ended', ...end },
  finalized: { state: 'finalized', ...end, finalized_ms: NOW - 500 },
};
const events: Record<EventType, SessionEvent> = {
  ask: { type: 'ask' },
  accept: { type: 'accept', side: 'reader' },
  decline: { type: 'decline', side: 'reader' },
  cancel: { type: 'cancel', side: 'client' },
  join: { type: 'join', side: 'reader' },
  leave: { type: 'leave', side: 'client' },
  absent: { type: 'absent', side: 'client', last_ms: NOW - 16_000 },
  reconnect: { type: 'reconnect', side: 'reader' },
  beat: { type: 'beat', side: 'reader' },
  time: { type: 'time' },
  outage: { type: 'outage', last_ms: NOW - 40_000 },
  halt: { type: 'halt', reason: 'out_of_money', at_ms: NOW - 2_000 },
  end: { type: 'end', by: 'client' },
  suspend: { type: 'suspend' },
  finalise: { type: 'finalise' },
};
const at = (state: State, more: object = {}) => ({ ...terms, ...bodies[state], ...more }) as Session;

/** What comes of each pair at this moment: a state, `same`, or the code of a refusal. Written out, not made from the table. */
const EXPECTED: Record<State, Record<EventType, string>> = {
  created: {
    ask: 'waiting',
    accept: 'not_asked_yet',
    decline: 'not_asked_yet',
    cancel: 'ended',
    join: 'not_asked_yet',
    leave: 'not_asked_yet',
    absent: 'not_asked_yet',
    reconnect: 'not_asked_yet',
    beat: 'not_asked_yet',
    time: 'not_asked_yet',
    outage: 'not_asked_yet',
    halt: 'not_asked_yet',
    end: 'ended',
    suspend: 'ended',
    finalise: 'not_asked_yet',
  },
  waiting: {
    ask: 'same',
    accept: 'waiting',
    decline: 'ended',
    cancel: 'ended',
    join: 'active',
    leave: 'waiting',
    absent: 'waiting',
    reconnect: 'not_started',
    beat: 'same',
    time: 'not_yet',
    outage: 'waiting',
    halt: 'ended',
    end: 'ended',
    suspend: 'ended',
    finalise: 'not_started',
  },
  active: {
    ask: 'same',
    accept: 'same',
    decline: 'already_started',
    cancel: 'already_started',
    join: 'same',
    leave: 'paused',
    absent: 'paused',
    reconnect: 'same',
    beat: 'same',
    time: 'same',
    outage: 'same',
    halt: 'ended',
    end: 'ended',
    suspend: 'ended',
    finalise: 'already_started',
  },
  paused: {
    ask: 'same',
    accept: 'same',
    decline: 'session_paused',
    cancel: 'session_paused',
    join: 'session_paused',
    leave: 'same',
    absent: 'same',
    reconnect: 'reconnecting',
    beat: 'same',
    time: 'not_yet',
    outage: 'paused',
    halt: 'ended',
    end: 'ended',
    suspend: 'ended',
    finalise: 'session_paused',
  },
  reconnecting: {
    ask: 'same',
    accept: 'same',
    decline: 'session_reconnecting',
    cancel: 'session_reconnecting',
    join: 'active',
    leave: 'paused',
    absent: 'reconnecting',
    reconnect: 'active',
    beat: 'active',
    time: 'not_yet',
    outage: 'reconnecting',
    halt: 'ended',
    end: 'ended',
    suspend: 'ended',
    finalise: 'session_reconnecting',
  },
  ended: {
    ask: 'session_ended',
    accept: 'session_ended',
    decline: 'session_ended',
    cancel: 'session_ended',
    join: 'session_ended',
    leave: 'same',
    absent: 'same',
    reconnect: 'grace_expired',
    beat: 'session_ended',
    time: 'same',
    outage: 'same',
    halt: 'same',
    end: 'same',
    suspend: 'same',
    finalise: 'finalized',
  },
  finalized: {
    ask: 'session_ended',
    accept: 'session_ended',
    decline: 'session_ended',
    cancel: 'session_ended',
    join: 'session_ended',
    leave: 'same',
    absent: 'same',
    reconnect: 'grace_expired',
    beat: 'session_ended',
    time: 'same',
    outage: 'same',
    halt: 'same',
    end: 'same',
    suspend: 'same',
    finalise: 'same',
  },
};
const pairs = STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const));

describe('SES-1: each pair of state and event in the program', () => {
  test.each(pairs)('%s, %s', (state, event) => {
    const result = transition(at(state), events[event], NOW);
    const came = result.ok ? (result.session?.state ?? 'same') : result.code;
    expect(came).toBe(EXPECTED[state][event]);
    if (result.ok && result.session) expect(MOVES[state][event]).toContain(result.session.state);
  });

  test('SES-1: nothing that the table doesn’t have ever comes of any event, at any time', () => {
    const side = fc.constantFrom('client' as const, 'reader' as const);
    const sometime = fc.integer({ min: NOW - 400_000, max: NOW + 400_000 });
    fc.assert(
      fc.property(
        fc.constantFrom(...STATES),
        fc.constantFrom(...EVENTS),
        side,
        sometime,
        sometime,
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 0, max: 900_000 }),
        fc.record({ client: fc.boolean(), reader: fc.boolean() }),
        (state, type, whose, now, last, pauses, used, inside) => {
          const more = {
            ...('pauses' in bodies[state] ? { pauses, grace_used_ms: used } : {}),
            ...('in' in bodies[state] ? { in: inside } : {}),
          };
          const event = {
            ...events[type],
            ...('side' in events[type] ? { side: whose } : {}),
            last_ms: last,
            at_ms: last,
          };
          const result = transition(at(state, more), event as SessionEvent, now);
          if (!result.ok || result.session === null) return;
          const next = result.session;
          expect(MOVES[state][type]).toContain(next.state);
          // Terms stay; and each state has its own fields, no more.
          expect(next).toMatchObject(terms);
          const fields = Object.keys(next).filter((key) => !(key in terms));
          expect(fields.sort()).toEqual(Object.keys(bodies[next.state]).sort());
          if ('pauses' in next) expect(next.pauses).toBeLessThanOrEqual(5);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('SES-1: every state is reachable, and finalized is the only end', () => {
    const reached = new Set<State>(['created']);
    for (const from of reached) for (const to of Object.values(MOVES[from]).flat()) reached.add(to);
    expect([...reached].sort()).toEqual([...STATES].sort());
    expect(STATES.filter((state) => Object.keys(MOVES[state]).length === 0)).toEqual(['finalized']);
  });

  test('SES-3: accept and decline are the reader’s, cancel is the client’s', () => {
    for (const type of ['accept', 'decline'] as const)
      expect(transition(at('waiting'), { type, side: 'client' }, NOW)).toEqual({
        ok: false,
        code: 'only_the_reader',
      });
    expect(transition(at('waiting'), { type: 'cancel', side: 'reader' }, NOW)).toEqual({
      ok: false,
      code: 'only_the_client',
    });
    const over = at('ended', { end_reason: 'declined' });
    expect(transition(over, { type: 'decline', side: 'reader' }, NOW)).toEqual({ ok: true, session: null });
    expect(transition(over, { type: 'cancel', side: 'client' }, NOW)).toEqual({
      ok: false,
      code: 'session_ended',
    });
  });

  test('SES-7: the sixth pause ends it, and so does a pause when the grace in all is used up', () => {
    const sixth = transition(at('active', { pauses: 5 }), events.leave, NOW);
    expect(sixth).toMatchObject({
      ok: true,
      session: { state: 'ended', end_reason: 'too_many_pauses', ended_by: 'client' },
    });
    const used = transition(at('active', { pauses: 3, grace_used_ms: 900_000 }), events.leave, NOW);
    expect(used).toMatchObject({ ok: true, session: { state: 'ended', end_reason: 'grace_expired' } });
    const little = transition(at('active', { pauses: 3, grace_used_ms: 840_000 }), events.leave, NOW);
    expect(little).toMatchObject({
      ok: true,
      session: { state: 'paused', grace_ends_ms: NOW + 60_000, pauses: 4 },
    });
  });

  test('SES-7: coming back counts the grace that was used, a failed try goes on with the same pause', () => {
    const trying = transition(at('paused'), events.reconnect, NOW);
    expect(trying).toMatchObject({
      ok: true,
      session: { state: 'reconnecting', deadline_ms: NOW + RECONNECT_MS },
    });
    if (!trying.ok || !trying.session) throw new Error('refused');
    expect(transition(trying.session, { type: 'beat', side: 'client' }, NOW + 4_000)).toMatchObject({
      ok: true,
      session: { state: 'active', since_ms: NOW + 4_000, grace_used_ms: 10_000 },
      meter: { do: 'start' },
    });
    expect(transition(trying.session, { type: 'time' }, NOW + RECONNECT_MS)).toMatchObject({
      ok: true,
      session: { ...pause, state: 'paused' },
    });
    // At the very end of the grace it is too late, noticed or not.
    expect(transition(at('paused'), events.reconnect, pause.grace_ends_ms)).toEqual({
      ok: false,
      code: 'grace_expired',
    });
    const last = transition(at('paused'), events.reconnect, pause.grace_ends_ms - 1);
    if (!last.ok || !last.session) throw new Error('refused');
    expect(transition(last.session, { type: 'time' }, pause.grace_ends_ms + RECONNECT_MS)).toMatchObject({
      ok: true,
      session: { state: 'ended', end_reason: 'grace_expired' },
    });
  });

  test('SES-8: what no node was there for counts as nobody’s time', () => {
    expect(transition(at('paused'), events.outage, NOW)).toMatchObject({
      ok: true,
      // Paused 10 s ago, within the outage of 40 s: it gets its whole grace.
      session: { grace_ends_ms: NOW + GRACE_MS },
    });
    expect(transition(at('waiting'), events.outage, NOW)).toMatchObject({
      ok: true,
      session: { deadline_ms: NOW + 60_000 },
    });
  });
});

describe('SES-1: the database holds to the same table', () => {
  let money: Money;
  beforeAll(async () => {
    money = await createMoney();
  });
  afterAll(() => money.close());

  const table = STATES.flatMap((from) =>
    EVENTS.flatMap((event) => (MOVES[from][event] ?? []).map((to) => `${from} ${event} ${to}`)),
  ).sort();

  test('SES-1: the migration has the program’s table, word for word, and so has the database', async () => {
    const file = await readFile(join(import.meta.dirname, '../../migrations/000008_sessions.sql'), 'utf8');
    const rows = [...file.matchAll(/^ {2}\('(\w+)', '(\w+)', '(\w+)'\)[,;]$/gm)].map(([, ...row]) =>
      row.join(' '),
    );
    expect(rows.sort()).toEqual(table);
    const stored = await money.query<{ from_state: string; event: string; to_state: string }>(
      'select * from session_moves',
    );
    expect(
      stored.map(({ from_state, event, to_state }) => `${from_state} ${event} ${to_state}`).sort(),
    ).toEqual(table);
    const [states] = await money.query<{ all: string }>(
      `select enum_range(null::session_state)::text as all`,
    );
    expect(states?.all).toBe(`{${STATES.join(',')}}`);
  });

  /** The columns of a state's own fields, as SQL. */
  const columns: Record<State, string> = {
    created: '',
    waiting: 'asked_ms = 1, client_in = true, reader_in = false, deadline_ms = 2',
    active: 'since_ms = 1, pauses = 0, grace_used_ms = 0',
    paused: `paused_ms = 1, grace_ends_ms = 2, pause_side = 'client', pause_cause = 'left', pauses = 1, grace_used_ms = 0`,
    reconnecting: `since_ms = 1, deadline_ms = 2, client_in = true, reader_in = false, paused_ms = 1, grace_ends_ms = 2, pause_side = 'client', pause_cause = 'left', pauses = 1, grace_used_ms = 0`,
    ended: `ended_ms = 1, end_reason = 'declined', ended_by = 'reader'`,
    finalized: `ended_ms = 1, end_reason = 'declined', ended_by = 'reader', finalized_ms = 2, summary = '{}'`,
  };
  const nothing = `asked_ms = null, accepted_ms = null, client_in = null, reader_in = null, deadline_ms = null, since_ms = null, paused_ms = null,
    grace_ends_ms = null, pause_side = null, pause_cause = null, pauses = null, grace_used_ms = null, ended_ms = null, end_reason = null,
    ended_by = null, finalized_ms = null, summary = null`;
  const set = (state: State) => {
    const own = columns[state].split(', ').filter(Boolean);
    const names = own.map((one) => one.split(' = ')[0]);
    const rest = nothing.split(/,\s+/).filter((one) => !names.includes(one.split(' = ')[0]));
    return [...own, ...rest].join(', ');
  };
  const WAY: Record<State, [EventType, State][]> = {
    created: [],
    waiting: [['ask', 'waiting']],
    active: [
      ['ask', 'waiting'],
      ['join', 'active'],
    ],
    paused: [
      ['ask', 'waiting'],
      ['join', 'active'],
      ['leave', 'paused'],
    ],
    reconnecting: [
      ['ask', 'waiting'],
      ['join', 'active'],
      ['leave', 'paused'],
      ['reconnect', 'reconnecting'],
    ],
    ended: [['cancel', 'ended']],
    finalized: [
      ['cancel', 'ended'],
      ['finalise', 'finalized'],
    ],
  };
  const move = (id: string, event: string, to: State, more = '') =>
    `update sessions set version = version + 1, state = '${to}', ${set(to)}, moved_ms = 5, moved_event = '${event}', moved_by = 'system'${more} where id = '${id}'`;

  async function brought(state: State): Promise<string> {
    const id = randomUUID();
    await money.query(
      `insert into sessions (id, client_id, reader_person_id, reader_id, modality, rate_cents, channel, created_ms, moved_ms, moved_by)
       values ($1, $2, $3, 'luna', 'video', 399, $4, 1, 1, 'client')`,
      [id, randomUUID(), randomUUID(), `${id.replaceAll('-', '')}0000`],
    );
    for (const [event, to] of WAY[state]) await money.query(move(id, event, to));
    return id;
  }

  test.each(STATES)('SES-1: from %s, every event to every state, also as the owner', async (from) => {
    const id = await brought(from);
    // Each tried in a block that undoes it, so that the next begins from the same; all in one statement.
    const tries = EVENTS.flatMap((event) =>
      STATES.map(
        (to) => `begin ${move(id, event, to)}; raise exception 'moved' using errcode = 'SL777';
          exception when sqlstate 'SL777' then came := came || '${from} ${event} ${to}'::text; when check_violation then null; end;`,
      ),
    );
    const [row] = await money
      .as(
        'owner',
        `do $x$ declare came text[] = '{}'; begin ${tries.join('\n')} perform set_config('test.came', to_json(came)::text, false); end $x$;`,
      )
      .then(() => money.as('owner', `select current_setting('test.came') as came`));
    const came = JSON.parse(String(row?.['came'])) as string[];
    expect(came.sort()).toEqual(table.filter((one) => one.startsWith(`${from} `)));
  });

  test('SES-2: each move is an event that nobody can change, the owner included', async () => {
    const id = await brought('paused');
    const rows = await money.query<{ version: number; event: string; to_state: string }>(
      'select version, event, to_state from session_events where session_id = $1 order by version',
      [id],
    );
    expect(rows).toEqual([
      { version: 1, event: 'create', to_state: 'created' },
      { version: 2, event: 'ask', to_state: 'waiting' },
      { version: 3, event: 'join', to_state: 'active' },
      { version: 4, event: 'leave', to_state: 'paused' },
    ]);
    await expect(money.query('delete from session_events')).rejects.toThrow('permission denied');
    await expect(
      money.query(
        `insert into session_events values ($1, 9, 1, null, 'ended', 'end', 'system', null, null)`,
        [id],
      ),
    ).rejects.toThrow('permission denied');
    await expect(money.as('owner', `update session_events set event = 'join'`)).rejects.toThrow(
      'append-only',
    );
    await expect(money.as('owner', 'delete from sessions')).rejects.toThrow('append-only');
    await expect(money.query('delete from session_seats')).rejects.toThrow('permission denied');
  });

  test('SES-1: a state carries its own fields only, versions go one by one, and the terms never change', async () => {
    const id = await brought('active');
    await expect(
      money.query(move(id, 'leave', 'paused').replace('asked_ms = null', 'asked_ms = 1')),
    ).rejects.toThrow('sessions_body');
    await expect(
      money.query(move(id, 'leave', 'paused').replace('version + 1', 'version + 2')),
    ).rejects.toThrow('no move leads');
    await expect(money.query(move(id, 'leave', 'paused', ', rate_cents = 1'))).rejects.toThrow(
      'permission denied',
    );
    await expect(money.as('owner', move(id, 'leave', 'paused', ', rate_cents = 1'))).rejects.toThrow(
      'terms of a session',
    );
    await expect(money.query(`update sessions set moved_why = 'x' where id = $1`, [id])).rejects.toThrow(
      'no move leads',
    );
  });
});

test('SES-1: the diagram in the docs is drawn from the table as it is now', async () => {
  expect(await readFile(DIAGRAM_FILE, 'utf8')).toBe(drawStates());
});
