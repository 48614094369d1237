/**
 * Sessions: each change of state, its meter and its presence in one transaction. Whatever is overdue is done before anything
 * else is looked at, so that a late timer changes nothing; the sweep only makes sure that it is done in time.
 */

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { SessionRequest, SessionSummary } from '../../contract/session.ts';
import type { Audit } from '../audit/audit.ts';
import {
  createMeter,
  finalise,
  lockMeter,
  meansOf,
  minuteKey,
  pauseMeter,
  raiseMaximum,
  rewindMeter,
  startMeter,
  stopMeter,
  whyNotStart,
} from '../billing/meters.ts';
import { minutesLeft, whatStops } from '../billing/rules.ts';
import type { Charged } from '../billing/tick.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import type { Executor, Ledger } from '../ledger/ledger.ts';
import type { Presence } from '../receipts/receipt.ts';
import { type Say, saidOf } from './announce.ts';
import { isOverdue } from './overdue.ts';
import { isSeated, lockLine, mayRead, nextInLine } from './readers.ts';
import { beginRun, closeRun, openRun, presenceIn, readRuns, shortenLastRun } from './runs.ts';
import {
  ABSENT_MS,
  type By,
  deadlineOf,
  type HaltReason,
  isOpen,
  type RefusedMove,
  type Session,
  type SessionEvent,
  SIDES,
  type Side,
  sideOf,
  type Terms,
  transition,
} from './session.ts';
import {
  fromRow,
  insertSession,
  lockSession,
  noteGone,
  noteHeard,
  noteSeen,
  readSeen,
  readSession,
  SessionConflict,
  type SessionRow,
  storeMove,
} from './store.ts';
import { type Low, noteLow } from './warnings.ts';

/** Somebody who acts; `why` is kept with the move. */
interface Who {
  by: By;
  person_id?: string | undefined;
  why?: string | undefined;
}
const SYSTEM: Who = { by: 'system' };

/** Whoever does this is there while doing it. */
function actorOf(event: SessionEvent): Side | null {
  if (event.type === 'leave') return event.side;
  return event.type === 'end' && event.by !== 'staff' ? event.by : null;
}

/** What the wallet holds, only the client is told; the reader hears that something is in the way. */
function toldTo(side: Side, refused: Refusal): Refusal {
  return side === 'client' ? refused : { code: refused.code };
}

export type CreateRefusal =
  | { code: 'insufficient_balance'; needed_cents: number; available_cents: number }
  | { code: 'already_in_session'; session_id?: string }
  | {
      code:
        | 'reader_not_found'
        | 'reader_offline'
        | 'reader_away'
        | 'reader_busy'
        | 'modality_not_offered'
        | 'own_session'
        | 'spending_limit'
        | 'key_reused';
    };

export type Refusal =
  | {
      code:
        | RefusedMove
        | 'not_found'
        | 'spending_limit'
        | 'agreed_maximum'
        | 'not_a_raise'
        | 'staff_in_session';
    }
  | { code: 'insufficient_balance'; needed_cents?: number; available_cents?: number };

export type Acted = { ok: true; session: Session } | { ok: false; refused: Refusal };
export type Beat = { ok: true; state: Session['state']; version: number } | { ok: false; refused: Refusal };

export type GiveBackRefusal = {
  code: 'not_found' | 'minute_not_charged' | 'already_given_back' | 'staff_in_session';
  minutes?: number[];
};

/** Stores the receipt inside the transaction that finalises. */
export type StoreReceipt = (tx: Executor, sessionId: string, presence: Presence) => Promise<void>;

export interface SessionsParts {
  db: Database;
  clock: Clock;
  ledger: Ledger;
  log: Logger;
  audit: Pick<Audit, 'record'>;
  storeReceipt: StoreReceipt;
  say: Say;
  /** Told after the transaction that sessions have moved: somebody may be free now, or busy. */
  moved: () => Promise<void>;
}

const ATTEMPTS = 5;
/** Serialization failures and deadlocks: nothing was written, so it is tried again. */
const AGAIN = new Set(['40001', '40P01']);

export type Sessions = ReturnType<typeof createSessions>;

export function createSessions({ db, clock, ledger, log, audit, storeReceipt, say, moved }: SessionsParts) {
  /** Runs `work` in a transaction, again when somebody was faster; what has moved is said, and what ended is finalised. */
  async function inTransaction<T>(work: (tx: Executor, moves: Session[]) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const moves: Session[] = [];
      try {
        const { result, said } = await db.transaction().execute(async (tx) => {
          const result = await work(tx, moves);
          return { result, said: moves.length > 0 ? await say(tx, moves.flatMap(saidOf)) : null };
        });
        said?.announce();
        if (moves.length > 0) await after(moves);
        return result;
      } catch (error) {
        const again = error instanceof SessionConflict || AGAIN.has((error as { code?: string }).code ?? '');
        if (!again || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** The truth is stored; what comes now may fail, and the sweep does it again. */
  async function after(moves: Session[]): Promise<void> {
    try {
      for (const id of new Set(moves.filter(({ state }) => state === 'ended').map(({ id }) => id)))
        await finaliseOne(id);
    } catch (error) {
      log.warn({ err: error }, 'could not finalise yet');
    }
    try {
      await moved();
    } catch (error) {
      log.warn({ err: error }, 'could not tell who is free');
    }
  }

  /** One event: state, meter and run. A meter that turns out to have run dry ends the session instead. */
  async function step(
    tx: Executor,
    session: Session,
    event: SessionEvent,
    who: Who,
    nowMs: number,
    moves: Session[],
  ): Promise<{ ok: true; session: Session } | { ok: false; code: RefusedMove }> {
    const result = transition(session, event, nowMs);
    if (!result.ok) return result;
    const { id } = session;
    if (result.session === null) {
      // Of two who leave, the second moves nothing and is gone all the same.
      if (event.type === 'leave') await noteGone(tx, id, event.side, nowMs);
      return { ok: true, session };
    }
    const halted = (reason: HaltReason, at_ms: number) =>
      step(tx, session, { type: 'halt', reason, at_ms }, SYSTEM, nowMs, moves);
    let next = result.session;
    if (result.meter?.do === 'start') {
      const started = await startMeter(tx, id, nowMs);
      if (!started.ok) {
        if (started.code === 'insufficient_balance') return halted('out_of_money', nowMs);
        if (started.code === 'spending_limit') return halted('spending_limit', nowMs);
        throw new Error(`the meter of session ${id} did not start: ${started.code}`);
      }
      await beginRun(tx, id, nowMs, (await lockMeter(tx, id)).active_ms);
    } else if (result.meter) {
      const over = result.meter.do === 'stop';
      const as_of_ms = over
        ? await trueEnd(tx, session, event, result.meter.as_of_ms, nowMs)
        : result.meter.as_of_ms;
      if (over) await doubtPause(tx, session, nowMs, ABSENT_MS);
      const stopped =
        result.meter.do === 'pause'
          ? await pauseMeter(tx, id, nowMs, as_of_ms)
          : await stopMeter(tx, id, nowMs, result.meter.reason, as_of_ms);
      // Told by the move itself: the page reads the session anew.
      if (!over && stopped.charged) await noteLow(tx, [stopped.charged], nowMs);
      const expected = result.meter.do === 'stop' ? result.meter.reason : null;
      if (stopped.stop_reason !== expected) {
        const meter = await lockMeter(tx, id);
        return halted(stopped.stop_reason as HaltReason, meter.stopped_at_ms ?? nowMs);
      }
      if (session.state === 'active') await endRun(tx, session, event, as_of_ms, nowMs, ABSENT_MS);
    }
    next = await storeMove(tx, session, next, nowMs, { event: event.type, ...who });
    if (event.type === 'leave') await noteGone(tx, id, event.side, nowMs);
    // Whoever doesn't answer is not there; the next client should not ring in vain.
    if (next.state === 'ended' && next.end_reason === 'not_answered') {
      await sql`update reader_presence set wish = 'away' where reader_person_id = ${next.reader_person_id} and wish = 'online'`.execute(
        tx,
      );
    }
    moves.push(next);
    return { ok: true, session: next };
  }

  /** SES-17: where active time ends at an end that no sweep came before: whoever had not been heard for 15 s was there until the last beat. */
  async function trueEnd(
    tx: Executor,
    session: Session,
    event: SessionEvent,
    asOfMs: number,
    nowMs: number,
  ): Promise<number> {
    if (session.state !== 'active' || event.type === 'halt' || event.type === 'absent') return asOfMs;
    const seen = await readSeen(tx, session.id);
    const lasts = SIDES.filter((side) => side !== actorOf(event))
      .map((side) => seen[side]?.seen_ms ?? asOfMs)
      .filter((last) => nowMs - last >= ABSENT_MS);
    return Math.max(session.since_ms, Math.min(asOfMs, ...lasts));
  }

  /**
   * SES-17: somebody left, and the other has not been heard since for `silentMs` or longer: was there until the last beat, before
   * the pause. The clock's end is set back to that.
   */
  async function doubtPause(tx: Executor, session: Session, nowMs: number, silentMs: number): Promise<void> {
    if (!('pause_side' in session) || session.pause_cause !== 'left') return;
    const other = session.pause_side === 'client' ? 'reader' : 'client';
    const last = (await readSeen(tx, session.id))[other]?.seen_ms;
    if (last === undefined || nowMs - last < silentMs) return;
    const activeMs = await shortenLastRun(tx, session.id, other, last);
    if (activeMs !== null) await rewindMeter(tx, session.id, activeMs);
  }

  /**
   * Closes the run: until when the clock ran, and until when each was there. Whoever was silent for `silentMs` was there
   * until the last beat.
   */
  async function endRun(
    tx: Executor,
    session: Session,
    event: SessionEvent,
    asOfMs: number,
    nowMs: number,
    silentMs: number,
  ): Promise<void> {
    const seen = await readSeen(tx, session.id);
    const last = (side: Side) => seen[side]?.seen_ms ?? asOfMs;
    const end = event.type === 'halt' ? Math.min(nowMs, event.at_ms) : nowMs;
    const until = (side: Side) =>
      side === actorOf(event) || nowMs - last(side) < silentMs ? end : Math.min(end, last(side));
    let ranUntil = asOfMs;
    if (event.type === 'halt') {
      // The money ended at `end`, by the tick; who was lost before that had not been noticed.
      ranUntil = Math.min(asOfMs, until('client'), until('reader'));
      const run = await openRun(tx, session.id);
      if (run && ranUntil < asOfMs)
        await rewindMeter(tx, session.id, run.active_before_ms + Math.max(0, ranUntil - run.from_ms));
    }
    await closeRun(tx, session.id, ranUntil, {
      client: Math.max(ranUntil, until('client')),
      reader: Math.max(ranUntil, until('reader')),
    });
  }

  /** Does whatever is overdue: a loss, a deadline, a meter that the tick has stopped, a suspension. */
  async function settle(tx: Executor, given: Session, nowMs: number, moves: Session[]): Promise<Session> {
    let session = given;
    await doubtPause(tx, session, nowMs, ABSENT_MS);
    for (;;) {
      const event = await overdue(tx, session, nowMs);
      if (!event) return session;
      const done = await step(tx, session, event, SYSTEM, nowMs, moves);
      // A repetition moves nothing: go no further than once around.
      if (!done.ok || done.session === session) return session;
      session = done.session;
    }
  }

  async function overdue(tx: Executor, session: Session, nowMs: number): Promise<SessionEvent | null> {
    if (!isOpen(session.state)) return null;
    if (session.state === 'active' || session.state === 'waiting' || session.state === 'reconnecting') {
      const seen = await readSeen(tx, session.id);
      const lost = SIDES.filter((side) => {
        const inside = session.state === 'active' || session.in[side];
        return inside && nowMs - (seen[side]?.seen_ms ?? 0) >= ABSENT_MS;
      });
      const [side] = lost.sort((a, b) => (seen[a]?.seen_ms ?? 0) - (seen[b]?.seen_ms ?? 0));
      if (side) return { type: 'absent', side, last_ms: seen[side]?.seen_ms ?? 0 };
    }
    const deadline = deadlineOf(session);
    if (deadline !== null && deadline <= nowMs) return { type: 'time' };
    if (session.state === 'active') {
      const meter = await lockMeter(tx, session.id);
      if (meter.stop_reason !== null)
        return {
          type: 'halt',
          reason: meter.stop_reason as HaltReason,
          at_ms: meter.stopped_at_ms ?? nowMs,
        };
    }
    return (await isBarred(tx, session)) ? { type: 'suspend' } : null;
  }

  /** One of the two is suspended, or the reader is a reader no longer. */
  async function isBarred(tx: Executor, session: Session): Promise<boolean> {
    const { rows } = await sql`
      select from people where person_id in (${session.client_id}, ${session.reader_person_id})
        and (status <> 'active' or (person_id = ${session.reader_person_id} and role <> 'reader')) limit 1`.execute(
      tx,
    );
    return rows.length > 0;
  }

  /** What is overdue, then the event. A stranger is told that there is no such session. */
  async function act(
    id: string,
    personId: string,
    event: (side: Side) => SessionEvent,
    check?: (tx: Executor, session: Session, side: Side, nowMs: number) => Promise<Refusal | null>,
  ): Promise<Acted> {
    return inTransaction(async (tx, moves): Promise<Acted> => {
      const locked = await lockSession(tx, id);
      const side = locked && sideOf(locked, personId);
      if (!locked || !side) return { ok: false, refused: { code: 'not_found' } };
      const nowMs = clock.now();
      const session = await settle(tx, locked, nowMs, moves);
      const what = event(side);
      if (await isFromBefore(tx, session, what, nowMs)) return { ok: true, session };
      // Whoever does something is there.
      if ('pause_side' in session) await noteHeard(tx, id, side, nowMs);
      const refused = await check?.(tx, session, side, nowMs);
      if (refused) return { ok: false, refused: toldTo(side, refused) };
      const done = await step(tx, session, what, { by: side, person_id: personId }, nowMs, moves);
      if (!done.ok) return { ok: false, refused: { code: done.code } };
      const comes = what.type === 'join' || what.type === 'reconnect' || what.type === 'beat';
      if (comes && isOpen(done.session.state) && (!('in' in done.session) || done.session.in[side]))
        await noteSeen(tx, id, side, nowMs);
      return { ok: true, session: done.session };
    });
  }

  /**
   * A beat that was on its way when its sender left says nothing of now. Once it can't be that any more, a beat is of a page
   * that has come back: in a pause that is all it says.
   */
  async function isFromBefore(
    tx: Executor,
    session: Session,
    event: SessionEvent,
    nowMs: number,
  ): Promise<boolean> {
    if (event.type !== 'beat' || !('pause_side' in session)) return false;
    const seen = (await readSeen(tx, session.id))[event.side];
    return seen !== undefined && !seen.here && nowMs - seen.seen_ms < ABSENT_MS;
  }

  /** S5: coming back wants money for the next minute, unless some of a paid one is left. */
  async function checkMoney(
    tx: Executor,
    session: Session,
    _side: Side,
    nowMs: number,
  ): Promise<Refusal | null> {
    if (session.state !== 'paused') return null;
    if (nowMs >= session.grace_ends_ms) return { code: 'grace_expired' };
    const meter = await lockMeter(tx, session.id);
    const means = await meansOf(tx, meter, nowMs);
    if (meter.paid_minutes === 0) {
      const refused = whyNotStart(means);
      if (refused?.code === 'insufficient_balance')
        return {
          code: refused.code,
          needed_cents: refused.needed_cents,
          available_cents: refused.available_cents,
        };
      return refused && { code: refused.code };
    }
    if (meter.active_ms < meter.paid_minutes * 60_000) return null;
    const stops = whatStops(means, meter.paid_minutes);
    if (stops === 'out_of_money')
      return {
        code: 'insufficient_balance',
        needed_cents: means.rate_cents,
        available_cents: means.balance_cents,
      };
    return stops && { code: stops };
  }

  async function create(
    clientId: string,
    request: SessionRequest,
    key: string | null,
  ): Promise<{ ok: true; session: Session; replayed: boolean } | { ok: false; refused: CreateRefusal }> {
    const { reader_id, modality, maximum_minutes } = request;
    const request_hash = createHash('sha256')
      .update(JSON.stringify([reader_id, modality, maximum_minutes]))
      .digest('hex');
    /** What the same key has come to already. */
    const answered = async () => {
      if (key === null) return undefined;
      const { rows } = await sql<SessionRow>`
        select * from sessions where client_id = ${clientId} and request_key = ${key}`.execute(db);
      const [row] = rows;
      if (!row) return undefined;
      if (row['request_hash'] !== request_hash)
        return { ok: false as const, refused: { code: 'key_reused' as const } };
      return { ok: true as const, session: fromRow(row), replayed: true };
    };
    /** What stands in the way may be the session of this very request, tried twice at once. */
    const unlessAnswered = async (refused: CreateRefusal) =>
      (await answered()) ?? { ok: false as const, refused };

    const before = await answered();
    if (before) return before;
    const known = await findReader(db, clientId, request, clock.now());
    if ('code' in known) return unlessAnswered(known);

    const id = randomUUID();
    let refused: CreateRefusal | undefined;
    try {
      const session = await inTransaction(async (tx, moves) => {
        // S3: whoever is next in line may have changed since, so it is judged again with the line held still.
        await lockLine(tx, known.reader_person_id);
        const nowMs = clock.now();
        const found = await findReader(tx, clientId, request, nowMs);
        if ('code' in found) {
          refused = found;
          throw new Refused();
        }
        const { reader_person_id, rate_cents } = found;
        const made = await insertSession(
          tx,
          {
            id,
            client_id: clientId,
            reader_person_id,
            reader_id,
            modality,
            rate_cents,
            channel: randomBytes(24).toString('base64url'),
            created_ms: nowMs,
            request_key: key,
            request_hash: key === null ? null : request_hash,
          },
          { person_id: clientId },
        );
        const asked = await step(
          tx,
          made,
          { type: 'ask' },
          { by: 'client', person_id: clientId },
          nowMs,
          moves,
        );
        if (!asked.ok) throw new Error(`a new session refused to be asked for: ${asked.code}`);
        const meter = await createMeter(tx, ledger, {
          session_id: id,
          client: clientId,
          reader: reader_person_id,
          rate_cents,
          maximum_minutes,
        });
        if (!meter.ok) throw new Error(`no meter for session ${id}: ${meter.code}`);
        const poor = whyNotStart(await meansOf(tx, await lockMeter(tx, id), nowMs));
        if (poor) {
          const { ok: _, ...why } = poor;
          refused = why;
          throw new Refused();
        }
        await sql`delete from reader_queue where client_id = ${clientId} and reader_person_id = ${reader_person_id}`.execute(
          tx,
        );
        return asked.session;
      });
      return { ok: true, session, replayed: false };
    } catch (error) {
      if (error instanceof Refused && refused) return unlessAnswered(refused);
      const { code, constraint, message } = error as { code?: string; constraint?: string; message?: string };
      // The same request, tried twice at once: the other one was first.
      if (code === '23505' && constraint === 'sessions_request') return create(clientId, request, key);
      if ((code === '23505' && constraint === 'sessions_open_reader') || message === 'reader_busy')
        return unlessAnswered({ code: 'reader_busy' });
      if ((code === '23505' && constraint === 'sessions_open_client') || message === 'already_in_session')
        return unlessAnswered(await alreadyIn(clientId));
      throw error;
    }
  }

  async function alreadyIn(personId: string): Promise<CreateRefusal> {
    const { rows } = await sql<{ session_id: string }>`
      select session_id from session_seats where person_id = ${personId}`.execute(db);
    return { code: 'already_in_session', ...(rows[0] ? { session_id: rows[0].session_id } : {}) };
  }

  /**
   * Whom and at what rate. First without a lock, so that most are refused cheaply; then under the line's, where it is decided.
   * A reader for whom somebody else waits is as good as taken.
   */
  async function findReader(
    tx: Executor,
    clientId: string,
    { reader_id, modality }: SessionRequest,
    nowMs: number,
  ): Promise<{ reader_person_id: string; rate_cents: number } | CreateRefusal> {
    const { rows } = await sql<{
      person_id: string;
      rate: number | null;
      wish: string | null;
      until_ms: string | null;
      seated: boolean;
      next_id: string | null;
      client_session: string | null;
    }>`
      select r.person_id, case ${modality}::text when 'video' then r.video_cents when 'voice' then r.voice_cents else r.chat_cents end as rate,
        w.wish, w.until_ms, ${isSeated(sql`r.person_id`)} as seated,
        ${nextInLine(sql`r.person_id`, nowMs)} as next_id,
        (select session_id from session_seats where person_id = ${clientId}) as client_session
      from readers r left join reader_presence w on w.reader_person_id = r.person_id
      where r.reader_id = ${reader_id} and ${mayRead(sql`r.person_id`)}`.execute(tx);
    const [reader] = rows;
    if (!reader) return { code: 'reader_not_found' };
    if (reader.person_id === clientId) return { code: 'own_session' };
    if (reader.rate === null) return { code: 'modality_not_offered' };
    if (reader.client_session) return { code: 'already_in_session', session_id: reader.client_session };
    if (reader.seated) return { code: 'reader_busy' };
    const wish = reader.until_ms !== null && Number(reader.until_ms) > nowMs ? reader.wish : 'offline';
    if (wish === 'away') return { code: 'reader_away' };
    if (wish !== 'online') return { code: 'reader_offline' };
    if (reader.next_id !== null && reader.next_id !== clientId) return { code: 'reader_busy' };
    return { reader_person_id: reader.person_id, rate_cents: reader.rate };
  }

  /** Heard in the room. Mostly one statement; a beat that comes too late, or that moves something, is judged under the lock. */
  async function heartbeat(id: string, personId: string): Promise<Beat> {
    const nowMs = clock.now();
    const { rows } = await sql<{ state: Session['state']; version: number }>`
      update session_presence p set seen_ms = greatest(p.seen_ms, ${nowMs}) from sessions s
      where p.session_id = ${id} and s.id = p.session_id and p.here and p.seen_ms > ${nowMs - ABSENT_MS}
        and p.side = case ${personId}::uuid when s.client_id then 'client' when s.reader_person_id then 'reader' end
        and s.state in ('waiting', 'active', 'paused') and coalesce(s.deadline_ms, s.grace_ends_ms, 9223372036854775807) > ${nowMs}
      returning s.state, s.version`.execute(db);
    if (rows[0]) return { ok: true, ...rows[0] };
    const acted = await act(id, personId, (side) => ({ type: 'beat', side }));
    return acted.ok ? { ok: true, state: acted.session.state, version: acted.session.version } : acted;
  }

  /** Brings an ended session's money to what is owed and stores its receipt; once, whoever comes first. */
  async function finaliseOne(id: string): Promise<boolean> {
    const said = await db.transaction().execute(async (tx) => {
      const session = await lockSession(tx, id);
      if (session?.state !== 'ended') return null;
      const money = await finalise(tx, ledger, id);
      const runs = await readRuns(tx, id);
      const result = transition(session, { type: 'finalise' }, clock.now());
      if (!result.ok || !result.session) throw new Error(`session ${id} would not be finalised`);
      const paid = await paidFor(tx, id, money.charged_minutes + money.given_back.length);
      const summary: SessionSummary = {
        active_ms: money.active_ms,
        // Each minute costs the rate; what staff gave back before is not among them.
        charged_minutes: paid.paid_cents / session.rate_cents,
        owed_minutes: money.owed_minutes,
        given_back: money.given_back,
        missing_minutes: money.missing_minutes,
        ...paid,
        pauses: Math.max(0, runs.length - 1),
      };
      const final = await storeMove(
        tx,
        session,
        result.session,
        clock.now(),
        { event: 'finalise', by: 'system' },
        summary,
      );
      if (runs.length > 0) await storeReceipt(tx, id, presenceIn(runs));
      return say(tx, saidOf(final));
    });
    said?.announce();
    return said !== null;
  }

  /** What a session's minutes came to, less what was given back. */
  async function paidFor(tx: Executor, id: string, minutes: number) {
    const keys = Array.from({ length: minutes }, (_, index) => minuteKey(id, index + 1));
    const { rows } = await sql<{ kind: string; cents: string }>`
      with minutes as (select id from transfers where key = any (${keys}::text[]))
      select a.kind::text as kind, sum(e.amount) as cents
      from (select id from minutes union all select r.id from transfers r join minutes m on r.reverses = m.id) t
      join entries e on e.transfer_id = t.id join accounts a on a.id = e.account_id group by 1`.execute(tx);
    const of = (kind: string) => Number(rows.find((row) => row.kind === kind)?.cents ?? 0);
    return { paid_cents: 0 - of('wallet'), reader_cents: of('earnings'), platform_cents: of('revenue') };
  }

  /** Does what is overdue for one session. */
  function tend(id: string): Promise<boolean> {
    return inTransaction(async (tx, moves) => {
      const session = await lockSession(tx, id);
      if (session) await settle(tx, session, clock.now(), moves);
      return moves.length > 0;
    });
  }

  /** A session as it is by the clock: what is overdue is done first, as before any act. One query when nothing is. */
  async function current(id: string): Promise<Session | undefined> {
    const { rows } = await sql<SessionRow>`
      select s.*, s.state not in ('ended', 'finalized') and ${isOverdue(clock.now())} as overdue from sessions s
      where s.id = ${id}`.execute(db);
    const [row] = rows;
    if (!row?.['overdue']) return row && fromRow(row);
    await tend(id);
    return readSession(db, id);
  }

  /** R3: what came of a staff member's ending: it may have turned out that the session was over by then. */
  function recordEnd(tx: Executor, session: Session, staffId: string, why: string): Promise<void> {
    const found = 'end_reason' in session && session.ended_by !== 'staff' ? session.end_reason : null;
    return audit.record(
      {
        action: 'session.end',
        outcome: found === null ? 'done' : 'failed',
        actor_person_id: staffId,
        subject: `session:${session.id}`,
        reason: why,
        details: found === null ? {} : { already_ended: found },
      },
      tx,
    );
  }

  return {
    create,
    heartbeat,
    current,
    finalise: finaliseOne,
    read: (id: string) => readSession(db, id),
    join: (id: string, person: string) => act(id, person, (side) => ({ type: 'join', side })),
    leave: (id: string, person: string) => act(id, person, (side) => ({ type: 'leave', side })),
    reconnect: (id: string, person: string) =>
      act(id, person, (side) => ({ type: 'reconnect', side }), checkMoney),
    accept: (id: string, person: string) => act(id, person, (side) => ({ type: 'accept', side })),
    decline: (id: string, person: string) => act(id, person, (side) => ({ type: 'decline', side })),
    cancel: (id: string, person: string) => act(id, person, (side) => ({ type: 'cancel', side })),
    end: (id: string, person: string) => act(id, person, (side) => ({ type: 'end', by: side })),

    /** Ended by staff, with a reason that is kept. */
    async endByStaff(id: string, staffId: string, why: string): Promise<Acted> {
      return inTransaction(async (tx, moves): Promise<Acted> => {
        const locked = await lockSession(tx, id);
        if (!locked) return { ok: false, refused: { code: 'not_found' } };
        if (sideOf(locked, staffId)) return { ok: false, refused: { code: 'staff_in_session' } };
        const nowMs = clock.now();
        const session = await settle(tx, locked, nowMs, moves);
        const who: Who = { by: 'staff', person_id: staffId, why };
        const done = await step(tx, session, { type: 'end', by: 'staff' }, who, nowMs, moves);
        // The same again, of what had ended already, is nothing new.
        if (done.ok && isOpen(locked.state)) await recordEnd(tx, done.session, staffId, why);
        return done.ok ? done : { ok: false, refused: { code: done.code } };
      });
    },

    /** BIL-14: more minutes by the client's consent. The same again changes nothing. */
    async raise(id: string, personId: string, maximum: number): Promise<Acted> {
      return inTransaction(async (tx, moves): Promise<Acted> => {
        const locked = await lockSession(tx, id);
        const side = locked && sideOf(locked, personId);
        if (!locked || !side) return { ok: false, refused: { code: 'not_found' } };
        if (side !== 'client') return { ok: false, refused: { code: 'only_the_client' } };
        const session = await settle(tx, locked, clock.now(), moves);
        if (!isOpen(session.state)) return { ok: false, refused: { code: 'session_ended' } };
        const meter = await lockMeter(tx, id);
        if (meter.maximum_minutes === maximum) return { ok: true, session };
        if (!(await raiseMaximum(tx, id, maximum)))
          return {
            ok: false,
            refused: { code: meter.stop_reason === null ? 'not_a_raise' : 'session_ended' },
          };
        return { ok: true, session };
      });
    },

    /** Minutes that the client can still pay, or the paid one that runs: what a token is worth. */
    async canGoOn(session: Session, side: Side): Promise<Refusal | null> {
      return db.transaction().execute(async (tx) => {
        const meter = await lockMeter(tx, session.id);
        const nowMs = clock.now();
        const means = await meansOf(tx, meter, nowMs);
        const paidUntil = meter.paid_minutes * 60_000;
        const active = meter.active_ms + Math.max(0, nowMs - (meter.running_since_ms ?? nowMs));
        if (active < paidUntil || minutesLeft(means, meter.paid_minutes) > 0) return null;
        const stops = whatStops(means, meter.paid_minutes);
        if (stops !== 'out_of_money' && stops !== null) return { code: stops };
        return toldTo(side, {
          code: 'insufficient_balance',
          needed_cents: means.rate_cents,
          available_cents: means.balance_cents,
        });
      });
    },

    /** S12: any charged minutes, each once, whatever the state. */
    async giveBack(
      id: string,
      staffId: string,
      minutes: number[],
      reason: string,
    ): Promise<{ ok: true; session: Session } | { ok: false; refused: GiveBackRefusal }> {
      const wanted = [...new Set(minutes)].sort((a, b) => b - a);
      return inTransaction(async (tx, moves) => {
        const session = await lockSession(tx, id);
        if (!session) return { ok: false as const, refused: { code: 'not_found' as const } };
        // S12: nobody gives themselves money, nor takes it from their own client.
        if (sideOf(session, staffId))
          return { ok: false as const, refused: { code: 'staff_in_session' as const } };
        const { rows } = await sql<{ minute: number; charged: boolean; back: boolean; same: boolean }>`
          select k.minute, t.id is not null as charged, r.id is not null as back,
            coalesce(g.staff_id = ${staffId} and g.reason = ${reason}, false) as same
          from unnest(${wanted}::integer[]) k (minute)
          left join transfers t on t.key = 'session:' || ${id}::text || ':minute:' || k.minute
          left join transfers r on r.reverses = t.id
          left join session_give_backs g on g.session_id = ${id} and g.minute = k.minute`.execute(tx);
        const uncharged = rows.filter(({ charged }) => !charged).map(({ minute }) => minute);
        if (uncharged.length > 0)
          return {
            ok: false as const,
            refused: { code: 'minute_not_charged' as const, minutes: uncharged },
          };
        // The same call again, after an answer that was lost.
        if (rows.every(({ same }) => same)) return { ok: true as const, session };
        const back = rows.filter((row) => row.back).map(({ minute }) => minute);
        if (back.length > 0)
          return { ok: false as const, refused: { code: 'already_given_back' as const, minutes: back } };
        const posted = await ledger.within(tx).post(
          ...wanted.map((minute) => ({
            kind: 'reversal' as const,
            key: `staff:${minuteKey(id, minute)}`,
            reverses: minuteKey(id, minute),
            details: { by: staffId, reason },
          })),
        );
        if (!posted.ok)
          throw new Error(`could not give back: ${posted.refused.code} ${posted.refused.subject}`);
        await sql`
          insert into session_give_backs (session_id, minute, at_ms, staff_id, reason)
          select ${id}, minute, ${clock.now()}, ${staffId}, ${reason} from unnest(${wanted}::integer[]) k (minute)`.execute(
          tx,
        );
        await audit.record(
          {
            action: 'session.give_back',
            outcome: 'done',
            actor_person_id: staffId,
            subject: `session:${id}`,
            reason,
            details: { minutes: wanted },
          },
          tx,
        );
        moves.push(session);
        return { ok: true as const, session };
      });
    },

    tend,

    /** Rule 2 of the meter: no node ran since `lastMs`. Nobody's deadline runs meanwhile. In the caller's transaction. */
    async shiftDeadlines(tx: Executor, ids: string[], lastMs: number, nowMs: number): Promise<void> {
      const moves: Session[] = [];
      for (const id of ids) {
        const session = await lockSession(tx, id);
        if (session) await step(tx, session, { type: 'outage', last_ms: lastMs }, SYSTEM, nowMs, moves);
      }
      // Nobody's page was told anything for a while; the rooms find what is kept.
      if (moves.length > 0) await say(tx, moves.flatMap(saidOf));
    },

    /**
     * After a tick: whose meter has stopped is ended at once, whose money runs low is noted (W9). Answers the people of those
     * that were charged, and the new warnings.
     */
    async afterTick(charged: Charged[]): Promise<{ terms: Map<string, Terms>; lows: Low[] }> {
      const ids = charged.map(({ session_id }) => session_id);
      const { rows } = await sql<SessionRow>`select * from sessions where id = any (${ids}::uuid[])`.execute(
        db,
      );
      const lows = await noteLow(db, charged, clock.now());
      for (const { session_id, stop_reason } of charged) if (stop_reason !== null) await tend(session_id);
      return { terms: new Map(rows.map((row) => [row.id, fromRow(row)])), lows };
    },
  };
}

/** Undoes the transaction of a refusal that the caller knows already. */
class Refused extends Error {}
