/**
 * A session's states and the one table of allowed moves. Pure: `transition` says what an event makes of a session at `now`,
 * and what the meter has to do with it. The same table stands in the database as `session_moves`, where a trigger holds to it.
 * Times are milliseconds since 1970.
 */

export const STATES = [
  'created',
  'waiting',
  'active',
  'paused',
  'reconnecting',
  'ended',
  'finalized',
] as const;
export type State = (typeof STATES)[number];

export const EVENTS = [
  'ask',
  'accept',
  'decline',
  'cancel',
  'join',
  'leave',
  'absent',
  'reconnect',
  'beat',
  'time',
  'outage',
  'halt',
  'end',
  'suspend',
  'finalise',
] as const;
export type EventType = (typeof EVENTS)[number];

/** Where each event may lead from each state. What is not here is refused, or is a repetition that changes nothing. */
export const MOVES: Record<State, Partial<Record<EventType, readonly State[]>>> = {
  created: { ask: ['waiting'], cancel: ['ended'], end: ['ended'], suspend: ['ended'] },
  waiting: {
    accept: ['waiting', 'active'],
    decline: ['ended'],
    cancel: ['ended'],
    join: ['waiting', 'active'],
    leave: ['waiting'],
    absent: ['waiting'],
    time: ['ended'],
    outage: ['waiting'],
    halt: ['ended'],
    end: ['ended'],
    suspend: ['ended'],
  },
  active: {
    leave: ['paused', 'ended'],
    absent: ['paused', 'ended'],
    halt: ['ended'],
    end: ['ended'],
    suspend: ['ended'],
  },
  paused: {
    reconnect: ['reconnecting'],
    time: ['ended'],
    outage: ['paused'],
    halt: ['ended'],
    end: ['ended'],
    suspend: ['ended'],
  },
  reconnecting: {
    join: ['reconnecting', 'active'],
    reconnect: ['reconnecting', 'active'],
    beat: ['reconnecting', 'active'],
    leave: ['paused'],
    absent: ['reconnecting'],
    time: ['paused', 'ended'],
    outage: ['reconnecting'],
    halt: ['ended'],
    end: ['ended'],
    suspend: ['ended'],
  },
  ended: { finalise: ['finalized'] },
  finalized: {},
};

export type Side = 'client' | 'reader';
export const SIDES = ['client', 'reader'] as const satisfies readonly Side[];
/** Who makes a move: one of the two, staff, or nobody but the time. */
export type By = Side | 'staff' | 'system';

export const END_REASONS = [
  'ended_by_client',
  'ended_by_reader',
  'ended_by_staff',
  'out_of_money',
  'spending_limit',
  'agreed_maximum',
  'grace_expired',
  'too_many_pauses',
  'declined',
  'cancelled',
  'not_answered',
  'not_joined',
  'suspended',
] as const;
export type EndReason = (typeof END_REASONS)[number];
/** Reasons that the meter gives. */
export type HaltReason = 'out_of_money' | 'spending_limit' | 'agreed_maximum';

/** What is agreed when a session is created and never changes. */
export interface Terms {
  id: string;
  version: number;
  client_id: string;
  reader_person_id: string;
  reader_id: string;
  modality: 'video' | 'voice' | 'chat';
  rate_cents: number;
  channel: string;
  created_ms: number;
}

/** Grace used up so far, for which there is a limit in all. */
interface Graces {
  pauses: number;
  grace_used_ms: number;
}

interface Pause extends Graces {
  paused_ms: number;
  grace_ends_ms: number;
  /** Who was lost or left. */
  pause_side: Side;
  pause_cause: 'left' | 'lost';
}

export type Created = { state: 'created' };
export type Waiting = {
  state: 'waiting';
  asked_ms: number;
  /** The reader has to answer until then, and once that is done both have to come in. */
  deadline_ms: number;
  accepted_ms: number | null;
  in: Record<Side, boolean>;
};
export type Active = { state: 'active'; since_ms: number } & Graces;
export type Paused = { state: 'paused' } & Pause;
export type Reconnecting = {
  state: 'reconnecting';
  since_ms: number;
  deadline_ms: number;
  /** Heard since `since_ms`. */
  in: Record<Side, boolean>;
} & Pause;
interface End {
  ended_ms: number;
  end_reason: EndReason;
  ended_by: By;
}
export type Ended = { state: 'ended' } & End;
export type Finalized = { state: 'finalized'; finalized_ms: number } & End;

export type Body = Created | Waiting | Active | Paused | Reconnecting | Ended | Finalized;
export type Session = Terms & Body;

export type SessionEvent =
  | { type: 'ask' | 'time' | 'finalise' | 'suspend' }
  | { type: 'accept' | 'decline' | 'cancel' | 'join' | 'reconnect' | 'beat'; side: Side }
  | { type: 'leave'; side: Side }
  /** Not heard for 15 s; `last_ms` is the earlier of the two last heartbeats. */
  | { type: 'absent'; side: Side; last_ms: number }
  /** No node ran since `last_ms`. */
  | { type: 'outage'; last_ms: number }
  /** The meter stopped as of `at_ms`. */
  | { type: 'halt'; reason: HaltReason; at_ms: number }
  | { type: 'end'; by: Side | 'staff' };

/** What the meter does in the same transaction. `as_of_ms`: where active time ends. */
export type MeterMove =
  | { do: 'start' }
  | { do: 'pause'; as_of_ms: number }
  | { do: 'stop'; as_of_ms: number; reason: EndReason };

export type RefusedMove =
  | 'not_asked_yet'
  | 'not_started'
  | 'already_started'
  | 'session_paused'
  | 'session_reconnecting'
  | 'session_ended'
  | 'grace_expired'
  | 'only_the_reader'
  | 'only_the_client'
  | 'not_yet';

export type Transition =
  | { ok: true; session: Session; meter: MeterMove | null }
  /** A repetition: nothing is to be done, and nobody is to be told that it is wrong. */
  | { ok: true; session: null }
  | { ok: false; code: RefusedMove };

/** How long a reader may think, and then both may take to come in. */
export const ANSWER_MS = 60_000;
/** Not heard for so long is absent. */
export const ABSENT_MS = 15_000;
export const GRACE_MS = 5 * 60_000;
export const GRACE_IN_ALL_MS = 15 * 60_000;
export const PAUSES_IN_ALL = 5;
export const RECONNECT_MS = 30_000;

const REFUSED_IN: Record<State, RefusedMove> = {
  created: 'not_asked_yet',
  waiting: 'not_started',
  active: 'already_started',
  paused: 'session_paused',
  reconnecting: 'session_reconnecting',
  ended: 'session_ended',
  finalized: 'session_ended',
};

/** What a browser, a timer or a second node may say again without harm. */
const REPEATED: Record<State, readonly EventType[]> = {
  created: [],
  waiting: ['ask', 'beat'],
  active: ['ask', 'accept', 'join', 'reconnect', 'beat', 'time', 'outage'],
  paused: ['ask', 'accept', 'leave', 'absent', 'beat'],
  reconnecting: ['ask', 'accept'],
  ended: ['end', 'leave', 'absent', 'time', 'outage', 'halt', 'suspend'],
  finalized: ['end', 'leave', 'absent', 'time', 'outage', 'halt', 'suspend', 'finalise'],
};

const SAME: Transition = { ok: true, session: null };
const refuse = (code: RefusedMove): Transition => ({ ok: false, code });

/** What `event` makes of `session` at `now`. Allowed is only what MOVES says. */
export function transition(session: Session, event: SessionEvent, now: number): Transition {
  if (!MOVES[session.state][event.type]) return withoutMove(session, event);
  const terms = termsOf(session);
  const end = (end_reason: EndReason, ended_by: By, ended_ms = now, as_of_ms = ended_ms): Transition => ({
    ok: true,
    session: { ...terms, state: 'ended', ended_ms, end_reason, ended_by },
    meter: { do: 'stop', as_of_ms, reason: end_reason },
  });
  const stay = (body: Body): Transition => ({ ok: true, session: { ...terms, ...body }, meter: null });

  switch (event.type) {
    case 'ask':
      return stay({
        state: 'waiting',
        asked_ms: now,
        deadline_ms: now + ANSWER_MS,
        accepted_ms: null,
        in: { client: false, reader: false },
      });
    case 'decline':
      return event.side === 'reader' ? end('declined', 'reader') : refuse('only_the_reader');
    case 'cancel':
      return event.side === 'client' ? end('cancelled', 'client') : refuse('only_the_client');
    case 'suspend':
      return end('suspended', 'system');
    case 'halt':
      return end(event.reason, 'system', event.at_ms);
    case 'end':
      return end(`ended_by_${event.by}`, event.by);
    case 'finalise':
      return session.state === 'ended'
        ? stay({ ...bodyOf(session), state: 'finalized', finalized_ms: now })
        : SAME;
    default:
      return inState(session, event, now, stay, end);
  }
}

/** What depends on the state that it finds. */
function inState(session: Session, event: SessionEvent, now: number, stay: Stay, end: Finish): Transition {
  switch (session.state) {
    case 'waiting':
      return inWaiting(session, event, now, stay, end);
    case 'active':
      return event.type === 'leave' || event.type === 'absent' ? pause(session, event, now, end) : SAME;
    case 'paused':
      return inPaused(session, event, now, stay, end);
    case 'reconnecting':
      return inReconnecting(session, event, now, stay, end);
    default:
      return SAME;
  }
}

type Stay = (body: Body) => Transition;
type Finish = (reason: EndReason, by: By, endedMs?: number, asOfMs?: number) => Transition;

function withoutMove(session: Session, event: SessionEvent): Transition {
  if (REPEATED[session.state].includes(event.type)) return SAME;
  if (session.state === 'ended' || session.state === 'finalized') {
    const done = { decline: 'declined', cancel: 'cancelled' } as const;
    if ((event.type === 'decline' || event.type === 'cancel') && done[event.type] === session.end_reason)
      return SAME;
    if (event.type === 'reconnect' && session.end_reason === 'grace_expired') return refuse('grace_expired');
  }
  return refuse(REFUSED_IN[session.state]);
}

function inWaiting(
  session: Terms & Waiting,
  event: SessionEvent,
  now: number,
  stay: Stay,
  end: Finish,
): Transition {
  const body = bodyOf(session);
  /** Active as soon as the reader said yes and both are in. */
  const settle = (next: Waiting): Transition =>
    next.accepted_ms !== null && next.in.client && next.in.reader
      ? {
          ok: true,
          session: { ...termsOf(session), state: 'active', since_ms: now, pauses: 0, grace_used_ms: 0 },
          meter: { do: 'start' },
        }
      : stay(next);
  switch (event.type) {
    case 'accept':
    case 'join': {
      if (event.type === 'accept' && event.side !== 'reader') return refuse('only_the_reader');
      const accepts = event.side === 'reader' && session.accepted_ms === null;
      const comes = event.type === 'join' && !session.in[event.side];
      if (!accepts && !comes) return SAME;
      return settle({
        ...body,
        ...(accepts ? { accepted_ms: now, deadline_ms: now + ANSWER_MS } : {}),
        in: comes ? { ...session.in, [event.side]: true } : session.in,
      });
    }
    case 'leave':
    case 'absent':
      return session.in[event.side] ? stay({ ...body, in: { ...session.in, [event.side]: false } }) : SAME;
    case 'time':
      if (now < session.deadline_ms) return refuse('not_yet');
      return end(session.accepted_ms === null ? 'not_answered' : 'not_joined', 'system', session.deadline_ms);
    case 'outage':
      return stay({
        ...body,
        deadline_ms: session.deadline_ms + since(event.last_ms, session.accepted_ms ?? session.asked_ms, now),
      });
    default:
      return SAME;
  }
}

/** Active time ends where both were last there; the grace begins when that was noticed. */
function pause(
  session: Terms & Active,
  event: Extract<SessionEvent, { type: 'leave' | 'absent' }>,
  now: number,
  end: Finish,
): Transition {
  const as_of_ms = event.type === 'absent' ? Math.min(now, Math.max(event.last_ms, session.since_ms)) : now;
  const grace = Math.min(GRACE_MS, GRACE_IN_ALL_MS - session.grace_used_ms);
  if (session.pauses >= PAUSES_IN_ALL) return end('too_many_pauses', event.side, now, as_of_ms);
  if (grace <= 0) return end('grace_expired', event.side, now, as_of_ms);
  return {
    ok: true,
    session: {
      ...termsOf(session),
      state: 'paused',
      pauses: session.pauses + 1,
      grace_used_ms: session.grace_used_ms,
      paused_ms: now,
      grace_ends_ms: now + grace,
      pause_side: event.side,
      pause_cause: event.type === 'leave' ? 'left' : 'lost',
    },
    meter: { do: 'pause', as_of_ms },
  };
}

function inPaused(
  session: Terms & Paused,
  event: SessionEvent,
  now: number,
  stay: Stay,
  end: Finish,
): Transition {
  switch (event.type) {
    case 'reconnect':
      // Late by the clock is late, whether or not anybody has noticed yet.
      if (now >= session.grace_ends_ms) return refuse('grace_expired');
      return stay({
        ...bodyOf(session),
        state: 'reconnecting',
        since_ms: now,
        deadline_ms: now + RECONNECT_MS,
        in: { client: event.side === 'client', reader: event.side === 'reader' },
      });
    case 'time':
      return now < session.grace_ends_ms
        ? refuse('not_yet')
        : end('grace_expired', 'system', session.grace_ends_ms);
    case 'outage':
      return stay(shifted(bodyOf(session), since(event.last_ms, session.paused_ms, now)));
    default:
      return SAME;
  }
}

function inReconnecting(
  session: Terms & Reconnecting,
  event: SessionEvent,
  now: number,
  stay: Stay,
  end: Finish,
): Transition {
  const { since_ms, deadline_ms, in: heard, ...pause } = bodyOf(session);
  const back: Paused = { ...pause, state: 'paused' };
  switch (event.type) {
    case 'join':
    case 'reconnect':
    case 'beat': {
      if (heard[event.side]) return SAME;
      const both = { ...heard, [event.side]: true };
      if (!(both.client && both.reader)) return stay({ ...bodyOf(session), in: both });
      return {
        ok: true,
        session: {
          ...termsOf(session),
          state: 'active',
          since_ms: now,
          pauses: session.pauses,
          // Waiting for the second of the two is nobody's absence.
          grace_used_ms: session.grace_used_ms + since_ms - session.paused_ms,
        },
        meter: { do: 'start' },
      };
    }
    case 'leave':
      return stay(back);
    case 'absent':
      return heard[event.side] ? stay({ ...bodyOf(session), in: { ...heard, [event.side]: false } }) : SAME;
    case 'time':
      if (now < deadline_ms) return refuse('not_yet');
      // The pause goes on where it was; it doesn't begin anew.
      return deadline_ms >= session.grace_ends_ms ? end('grace_expired', 'system', deadline_ms) : stay(back);
    case 'outage': {
      const lost = since(event.last_ms, since_ms, now);
      return stay({
        ...bodyOf(session),
        ...shifted(back, lost),
        state: 'reconnecting',
        since_ms: since_ms + lost,
        deadline_ms: deadline_ms + lost,
      });
    }
    default:
      return SAME;
  }
}

/** How much of an outage since `lastMs` fell into what began at `beganMs`. */
const since = (lastMs: number, beganMs: number, now: number) => Math.max(0, now - Math.max(lastMs, beganMs));

/** Time in which no node ran counts as nobody's grace. */
const shifted = (pause: Paused, ms: number): Paused => ({
  ...pause,
  paused_ms: pause.paused_ms + ms,
  grace_ends_ms: pause.grace_ends_ms + ms,
});

function termsOf(session: Session): Terms {
  const { id, version, client_id, reader_person_id, reader_id, modality, rate_cents, channel, created_ms } =
    session;
  return { id, version, client_id, reader_person_id, reader_id, modality, rate_cents, channel, created_ms };
}

/** The session without its terms. */
function bodyOf<B extends Body>(session: Terms & B): B {
  const {
    id,
    version,
    client_id,
    reader_person_id,
    reader_id,
    modality,
    rate_cents,
    channel,
    created_ms,
    ...body
  } = session;
  return body as unknown as B;
}

/** When time itself will move this session, or null. */
export function deadlineOf(session: Session): number | null {
  switch (session.state) {
    case 'waiting':
    case 'reconnecting':
      return session.deadline_ms;
    case 'paused':
      return session.grace_ends_ms;
    default:
      return null;
  }
}

export const isOpen = (state: State): boolean => state !== 'ended' && state !== 'finalized';

export function sideOf(session: Terms, personId: string): Side | null {
  if (session.client_id === personId) return 'client';
  return session.reader_person_id === personId ? 'reader' : null;
}
