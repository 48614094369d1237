/** Sessions on a database of their own: people and readers as the directory has them, a clock that is set by hand. */

import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { expect } from 'vitest';
import type { SessionRequest } from '../../contract/session.ts';
import { createAudit } from '../../src/audit/audit.ts';
import { catchUp } from '../../src/billing/loop.ts';
import { createLog } from '../../src/log.ts';
import type { Presence } from '../../src/receipts/receipt.ts';
import type { Said } from '../../src/sessions/announce.ts';
import { createReaders } from '../../src/sessions/readers.ts';
import type { Session } from '../../src/sessions/session.ts';
import { createSessions } from '../../src/sessions/sessions.ts';
import { createSweep } from '../../src/sessions/sweep.ts';
import { createMoney, type Money } from '../support/money.ts';

export interface TestReader {
  id: string;
  reader_id: string;
}

export type World = Awaited<ReturnType<typeof createWorld>>;

export async function createWorld() {
  const money: Money = await createMoney();
  const { db, clock, ledger } = money;
  const log = createLog('silent', { write: () => undefined });
  const said: Said[] = [];
  const news: { to: string; what: string; more: unknown }[] = [];
  const receipts = new Map<string, Presence>();
  const readers = createReaders({
    db,
    clock,
    news: {
      presence: async (reader_id, status) => void news.push({ to: reader_id, what: status, more: null }),
      turn: async (to, more) => void news.push({ to, what: 'turn', more }),
      queueClosed: async (to, more) => void news.push({ to, what: 'queue_closed', more }),
      cameOnline: async (ids) =>
        void news.push(...ids.map((to) => ({ to: `came:${to}`, what: 'online', more: null }))),
    },
  });
  const sessions = createSessions({
    db,
    clock,
    ledger,
    log,
    storeReceipt: async (_tx, id, presence) => {
      if (receipts.has(id)) throw new Error(`a second receipt for ${id}`);
      receipts.set(id, presence);
    },
    audit: createAudit({ db, clock }),
    say: async (_tx, messages) => ({ announce: () => void said.push(...messages) }),
    moved: async () => void (await readers.refresh()),
  });
  const sweep = createSweep({ db, clock, log, sessions, readers });

  async function person(role: 'client' | 'reader', cents = 0): Promise<string> {
    const id = await money.person(cents);
    await sql`
      insert into people (person_id, version, issuer, subject, email_verified, display_name, role, status, updated_at)
      values (${id}, 1, 'test', ${id}, false, 'Somebody', ${role}, 'active', now())`.execute(db);
    return id;
  }

  const world = {
    ...money,
    log,
    readers,
    sessions,
    /** As after an outage since the last sweep, when that is long enough ago. */
    sweepAfterSilence: sweep,
    /** A turn of a sweep that has been at it all along, however far the test's clock was set. */
    async sweep() {
      await sql`update session_sweeps set ran_ms = ${clock.now()}`.execute(db);
      return sweep();
    },
    said,
    news,
    receipts,
    /** Seconds after START. */
    now: (seconds: number) => clock.set(money.at(seconds)),
    client: (cents = 100_000) => person('client', cents),
    /** A published reader who is online, at 399 a minute by video. */
    async reader({
      video = 399,
      voice = 299,
      chat = null as number | null,
      online = true,
    } = {}): Promise<TestReader> {
      const id = await person('reader');
      const reader_id = randomUUID();
      await sql`
        insert into readers (reader_id, version, person_id, slug, name, published, time_zone, video_cents, voice_cents, chat_cents, updated_at)
        values (${reader_id}, 1, ${id}, ${reader_id}, 'Luna', true, 'Europe/London', ${video}, ${voice}, ${chat}, now())`.execute(
        db,
      );
      if (online) await readers.say(id, 'online');
      return { id, reader_id };
    },
    /** Keeps readers online however long the test's clock runs. */
    stayOnline: () =>
      sql`update reader_presence set until_ms = 99999999999999 where wish = 'online'`.execute(db),
    suspend: (id: string) => sql`update people set status = 'suspended' where person_id = ${id}`.execute(db),
    ask: (
      client: string,
      reader: TestReader,
      more: Partial<SessionRequest> = {},
      key: string | null = null,
    ) =>
      sessions.create(
        client,
        {
          reader_id: reader.reader_id,
          modality: 'video',
          maximum_minutes: 60,
          queue_if_busy: false,
          ...more,
        },
        key,
      ),
    /** A session that waits, at `seconds`. */
    async waiting(options: { cents?: number; seconds?: number; maximum?: number } = {}) {
      const { cents = 100_000, seconds = 0, maximum = 60 } = options;
      world.now(seconds);
      const [client, reader] = [await world.client(cents), await world.reader()];
      const made = await world.ask(client, reader, { maximum_minutes: maximum });
      if (!made.ok) throw new Error(made.refused.code);
      return { id: made.session.id, client, reader };
    },
    /** A session that is active since `seconds`. */
    async active(options: { cents?: number; seconds?: number; maximum?: number } = {}) {
      const one = await world.waiting(options);
      await ok(sessions.join(one.id, one.client));
      await ok(sessions.join(one.id, one.reader.id));
      return one;
    },
    /** Both beat every 10 s from `from` to `to`, in seconds, and at the end; the tick runs as often. */
    async both(one: { id: string; client: string; reader: TestReader }, from: number, to: number) {
      for (let at = from; ; at = Math.min(to, at + 10)) {
        world.now(at);
        await Promise.all([
          sessions.heartbeat(one.id, one.client),
          sessions.heartbeat(one.id, one.reader.id),
        ]);
        await world.tick();
        if (at >= to) return;
      }
    },
    tick: () => catchUp(db, clock),
    state: async (id: string) => (await sessions.read(id)) as Session,
    async summary(id: string) {
      const { rows } = await sql<{ summary: Record<string, unknown> }>`
        select summary from sessions where id = ${id}`.execute(db);
      return rows[0]?.summary;
    },
    events: async (id: string) =>
      money.query<{
        from_state: string | null;
        event: string;
        to_state: string;
        by: string;
        why: string | null;
      }>(
        'select from_state, event, to_state, by, person_id, why from session_events where session_id = $1 order by version',
        [id],
      ),
    wallet: (id: string) => ledger.balance(`wallet:${id}`),
    earnings: (id: string) => ledger.balance(`earnings:${id}`),
  };
  return world;
}

/** The session of an act that has to go well. */
export async function ok(
  acted: Promise<{ ok: true; session: Session } | { ok: false; refused: { code: string } }>,
): Promise<Session> {
  const result = await acted;
  expect(result).toMatchObject({ ok: true });
  if (!result.ok) throw new Error(result.refused.code);
  return result.session;
}
