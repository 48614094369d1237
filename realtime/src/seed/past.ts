/**
 * Plays sessions of the past through the real engine, with a clock that is set by hand: requests, beats, ticks, pauses, the
 * end, receipts. Each is one transaction, so whoever looks meanwhile sees a finalised session or none.
 */

import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { createAudit } from '../audit/audit.ts';
import { tick } from '../billing/tick.ts';
import type { Database } from '../database.ts';
import { topUp } from '../ledger/cards.ts';
import { createLedger } from '../ledger/ledger.ts';
import type { Signer } from '../receipts/sign.ts';
import { storeReceipt } from '../receipts/store.ts';
import type { Say } from '../sessions/announce.ts';
import { createRoom } from '../sessions/room.ts';
import type { Side } from '../sessions/session.ts';
import { createSessions, type Sessions } from '../sessions/sessions.ts';
import type { Whole } from './as-one.ts';
import type { PastSession, PastWorld } from './world.ts';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
/** Not heard for 15 s is absent. */
const BEAT_SECONDS = 14;
/** What people put into their wallets, in cents. */
const PACKS = [2_500, 5_000, 10_000, 25_000];
/** To start: the money of three minutes. */
const MINUTES_TO_START = 3;
const GRACE_SECONDS = 300;

/** Nobody's page is open in the past. */
const silent: Say = async () => ({ announce: () => undefined });

export interface Played {
  played: number;
  /** Were there before. */
  kept: number;
  /** Not played, since one of the two sits in a session right now. */
  busy: number;
}

interface Person {
  person_id: string;
  reader_id: string | null;
  video: number | null;
  voice: number | null;
  chat: number | null;
}

export interface PastParts {
  whole: Whole;
  log: Logger;
  issuer: string;
  signer: Signer;
  /** Midnight before which everything was, in milliseconds. */
  todayMs: number;
}

/** Everybody of the world whom the directory knows by now, by subject. */
async function findPeople(db: Database, issuer: string): Promise<Map<string, Person>> {
  const { rows } = await sql<Person & { subject: string }>`
    select p.subject, p.person_id, r.reader_id, r.video_cents as video, r.voice_cents as voice, r.chat_cents as chat
    from people p left join readers r on r.person_id = p.person_id and r.published where p.issuer = ${issuer}`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.subject, row]));
}

/** Whom the directory doesn't know yet of those that the world needs. */
export async function missingPeople(
  { whole, issuer }: Pick<PastParts, 'whole' | 'issuer'>,
  { sessions, staff }: PastWorld,
): Promise<string[]> {
  const known = await whole.asOne((db) => findPeople(db, issuer));
  const readers = sessions.filter((one) => !known.get(one.reader)?.reader_id).map(({ reader }) => reader);
  const others = [staff, ...sessions.map(({ client }) => client)].filter((subject) => !known.has(subject));
  return [...new Set([...readers, ...others])];
}

/** Plays all that is not there yet, in the order of time. Again it plays nothing. */
export async function playPast(parts: PastParts, { sessions, staff }: PastWorld): Promise<Played> {
  const result: Played = { played: 0, kept: 0, busy: 0 };
  for (const one of sessions) result[await parts.whole.asOne((db) => play(parts, db, one, staff))] += 1;
  return result;
}

/** The sessions of the world that are there, by their key. */
export async function playedSessions(
  { whole, issuer }: Pick<PastParts, 'whole' | 'issuer'>,
  { sessions }: PastWorld,
): Promise<Record<string, string>> {
  const keys = sessions.map(({ key }) => key);
  const { rows } = await whole.asOne((db) =>
    sql<{ key: string; id: string }>`
      select s.request_key as key, s.id from sessions s join people p on p.person_id = s.client_id
      where p.issuer = ${issuer} and s.request_key = any(${keys})`.execute(db),
  );
  return Object.fromEntries(rows.map(({ key, id }) => [key, id]));
}

async function play(
  { log, issuer, signer, todayMs }: PastParts,
  db: Database,
  one: PastSession,
  staff: string,
): Promise<keyof Played> {
  const people = await findPeople(db, issuer);
  const [client, reader] = [people.get(one.client), people.get(one.reader)];
  const reader_id = reader?.reader_id;
  const rate = reader?.[one.modality];
  if (!client || !reader || !reader_id || !rate) throw new Error(`nobody can have had ${one.key}`);
  const who: Record<Side, string> = { client: client.person_id, reader: reader.person_id };

  const { rows: before } = await sql`
    select from sessions where client_id = ${who.client} and request_key = ${one.key}`.execute(db);
  if (before.length > 0) return 'kept';
  const { rows: seated } = await sql`
    select from session_seats where person_id in (${who.client}, ${who.reader})`.execute(db);
  if (seated.length > 0) return 'busy';

  let nowMs = todayMs - one.days_ago * DAY_MS + one.minute_of_day * 60 * SECOND_MS;
  const clock = { now: () => nowMs };
  const later = (seconds: number) => {
    nowMs += seconds * SECOND_MS;
  };
  const ledger = createLedger({ db, clock });
  const sessions = createSessions({
    db,
    clock,
    ledger,
    log,
    audit: createAudit({ db, clock }),
    storeReceipt: async (tx, sessionId, presence) => {
      await storeReceipt(tx, { sessionId, presence, signer, nowMs });
    },
    say: silent,
    moved: async () => undefined,
  });
  const room = createRoom({ db, clock, say: silent, current: sessions.current });

  // Enough for what will be.
  const minutes = Math.max(MINUTES_TO_START, Math.ceil(one.seconds / 60) + 1);
  const wanting = minutes * rate - (await ledger.balance(`wallet:${who.client}`));
  if (wanting > 0) {
    const amount_cents = PACKS.find((cents) => cents >= wanting) ?? wanting;
    const paid = await topUp(db, ledger, { person: who.client, id: `${one.key}-top-up`, amount_cents });
    if (!paid.ok) throw new Error(`no top-up for ${one.key}: ${paid.refused.code}`);
    later(120);
  }

  const presence = await beOnline(db, who.reader, nowMs);
  const maximum_minutes = one.ends === 'maximum' ? Math.max(1, Math.floor(one.seconds / 60)) : 60;
  const request = { reader_id, modality: one.modality, maximum_minutes, queue_if_busy: false };
  const made = await sessions.create(who.client, request, one.key);
  if (!made.ok) throw new Error(`${one.key} was refused: ${made.refused.code}`);
  const { id } = made.session;
  later(9);

  if (one.ends === 'declined') await good(sessions.decline(id, who.reader));
  else if (one.ends === 'cancelled') await good(sessions.cancel(id, who.client));
  else {
    await good(sessions.accept(id, who.reader));
    later(4);
    for (const side of ['client', 'reader'] as const) await good(sessions.join(id, who[side]));
    for (const [number, text] of one.messages.entries()) {
      later(3);
      await beat(sessions, id, [who.client, who.reader]);
      const from = number % 2 === 0 ? who.client : who.reader;
      const written = await room.write(id, from, uuidOf(`${one.key}:${number}`), text);
      if (!written.ok) throw new Error(`${one.key} could not be written in: ${written.code}`);
    }
    let left = one.seconds - 3 * one.messages.length;
    for (const { after_seconds, for_seconds } of one.pauses) {
      if (left <= after_seconds) break;
      await together(after_seconds);
      left -= after_seconds;
      await good(sessions.leave(id, who.client));
      await stay(for_seconds, [who.reader], false);
      await good(sessions.reconnect(id, who.client));
      await good(sessions.reconnect(id, who.reader));
    }
    // The maximum is reached before that.
    await together(one.ends === 'maximum' ? left + 120 : left);
    if (one.ends === 'lost') {
      await stay(20, [who.reader], true);
      await sessions.tend(id);
      later(GRACE_SECONDS);
      await sessions.tend(id);
    } else if (one.ends !== 'maximum') await good(sessions.end(id, who[one.ends]));
  }

  const ended = await sessions.read(id);
  if (ended?.state !== 'finalized') throw new Error(`${one.key} is ${ended?.state} in the end`);
  if (one.given_back) {
    later(5 * 3_600);
    const { minutes: back, reason } = one.given_back;
    const by = people.get(staff)?.person_id ?? '';
    const given = await sessions.giveBack(id, by, back, reason);
    // A session that was too short for it.
    if (!given.ok && given.refused.code !== 'minute_not_charged') throw new Error(given.refused.code);
  }
  await presence.restore();
  return 'played';

  async function stay(seconds: number, whose: string[], ticks: boolean): Promise<void> {
    for (let rest = seconds; rest > 0; rest -= BEAT_SECONDS) {
      later(Math.min(rest, BEAT_SECONDS));
      await beat(sessions, id, whose);
      if (ticks) await sessions.afterTick(await tick(db, clock));
    }
  }
  /** Until then, or until the money or the maximum ends it. */
  async function together(seconds: number): Promise<void> {
    for (let rest = seconds, beats = 1; rest > 0; rest -= BEAT_SECONDS, beats += 1) {
      later(Math.min(rest, BEAT_SECONDS));
      await beat(sessions, id, [who.client, who.reader]);
      // About once a minute: a late tick charges what is due as of its due time.
      if (beats % 4 !== 0 && rest > BEAT_SECONDS) continue;
      const charged = await tick(db, clock);
      await sessions.afterTick(charged);
      if (charged.some(({ session_id, stop_reason }) => session_id === id && stop_reason !== null)) return;
    }
  }
}

async function beat(sessions: Sessions, id: string, whose: string[]): Promise<void> {
  for (const person of whose) {
    const heard = await sessions.heartbeat(id, person);
    if (!heard.ok) throw new Error(`a beat was refused: ${heard.refused.code}`);
  }
}

async function good(acted: Promise<{ ok: boolean; refused?: { code: string } }>): Promise<void> {
  const { ok, refused } = await acted;
  if (!ok) throw new Error(`refused: ${refused?.code}`);
}

/** The reader is online at that time; what they say of themselves today comes back afterwards. */
async function beOnline(
  db: Database,
  readerPersonId: string,
  nowMs: number,
): Promise<{ restore: () => Promise<void> }> {
  const { rows } = await sql<{ wish: string; since_ms: string; until_ms: string }>`
    select wish, since_ms, until_ms from reader_presence where reader_person_id = ${readerPersonId} for update`.execute(
    db,
  );
  const today = rows[0] ?? { wish: 'offline', since_ms: String(nowMs), until_ms: String(nowMs) };
  await sql`
    insert into reader_presence (reader_person_id, wish, since_ms, until_ms) values (${readerPersonId}, 'online', ${nowMs}, ${nowMs + DAY_MS})
    on conflict (reader_person_id) do update set wish = excluded.wish, until_ms = excluded.until_ms`.execute(
    db,
  );
  return {
    async restore() {
      await sql`
        update reader_presence set wish = ${today.wish}, since_ms = ${today.since_ms}, until_ms = ${today.until_ms}
        where reader_person_id = ${readerPersonId}`.execute(db);
    },
  };
}

/** A message's key, the same whenever it is made. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
