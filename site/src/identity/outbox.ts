import { randomUUID } from 'node:crypto';
import { signRequest } from 'realtime/contract/signature';
import { type Database, inTransaction } from '../database/database.ts';
import type { Logger } from '../server/logger.ts';

/** What the audit log is told. No secret, no token, no body. */
export interface AuditEvent {
  action: 'sign_in' | 'sign_out' | 'session_ended' | 'refusal';
  outcome: 'done' | 'refused';
  actor_person_id: string | null;
  /** What it was about: a route, or nothing. */
  subject: string | null;
  /** Stable, snake_case. */
  reason: string | null;
  /** The visitor's address. */
  address: string | null;
  details?: Record<string, string>;
}

export interface Outbox {
  /** Notes something for the audit log, without anybody waiting for it. Never throws. */
  audit(event: AuditEvent): void;
  /** Tells realtime that a person has signed out, so that their sockets are closed. */
  signedOut(personId: string): Promise<void>;
  /** Waits for what is being noted, and stops sending. */
  stop(): Promise<void>;
}

interface Options {
  db: Database;
  log: Logger;
  realtimeUrl: string;
  /** The key by which calls to realtime are signed. */
  secret: string;
  clock?: () => number;
}

const everyMs = 2_000;
const batch = 20;
const timeoutMs = 5_000;
const longestPauseMs = 5 * 60_000;
/** Refusals of strangers that one node notes in a minute; more of them say nothing new, and could fill the disk. */
const strangersAMinute = 60;

/**
 * Calls to realtime that must arrive but that nobody waits for: kept in the database until realtime has accepted them,
 * under an id that realtime takes once. Nodes share the work, each row is one node's at a time.
 */
export function createOutbox({ db, log, realtimeUrl, secret, clock = Date.now }: Options): Outbox {
  const writing = new Set<Promise<unknown>>();
  let strangers = { minute: 0, count: 0 };
  let stopped = false;
  let sending: Promise<void> | undefined;
  let again = false;

  const put = (path: string, id: string, body: unknown) =>
    db.query('INSERT INTO outbox (id, path, body) VALUES ($1, $2, $3)', [id, path, JSON.stringify(body)]);

  function tooMany(event: AuditEvent): boolean {
    if (event.actor_person_id !== null) return false;
    const minute = Math.floor(clock() / 60_000);
    if (strangers.minute !== minute) strangers = { minute, count: 0 };
    strangers.count += 1;
    return strangers.count > strangersAMinute;
  }

  async function call(path: string, body: unknown): Promise<'accepted' | 'refused' | 'later'> {
    const text = JSON.stringify(body);
    try {
      const response = await fetch(`${realtimeUrl}${path}`, {
        method: 'PUT',
        headers: {
          'content-type': 'application/json',
          ...signRequest(secret, { method: 'PUT', path, body: text }, clock()),
        },
        body: text,
        signal: AbortSignal.timeout(timeoutMs),
      });
      await response.body?.cancel();
      if (response.ok) return 'accepted';
      log.warn(
        { path: path.replace(/[^/]+$/, '…'), status: response.status },
        'realtime did not accept a signed call',
      );
      // It will never take what it can't read; for the rest a later time may be better.
      return response.status === 400 || response.status === 422 ? 'refused' : 'later';
    } catch {
      return 'later';
    }
  }

  /** Sends one batch and says whether there may be more. */
  const sendSome = () =>
    inTransaction(db, async (client) => {
      const { rows } = await client.query<{ id: string; path: string; body: unknown; attempts: number }>(
        `SELECT id, path, body, attempts FROM outbox WHERE due_at <= now()
         ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED`,
        [batch],
      );
      const results = await Promise.all(rows.map(({ path, body }) => call(path, body)));
      for (const [index, row] of rows.entries()) {
        if (results[index] === 'later') {
          const pauseMs = Math.min(longestPauseMs, 1_000 * 2 ** Math.min(row.attempts, 10));
          await client.query(
            `UPDATE outbox SET attempts = attempts + 1, due_at = now() + make_interval(secs => $2) WHERE id = $1`,
            [row.id, pauseMs / 1_000],
          );
        } else await client.query('DELETE FROM outbox WHERE id = $1', [row.id]);
      }
      return rows.length === batch && !results.includes('later');
    });

  function send(): void {
    if (stopped) return;
    again = true;
    sending ??= (async () => {
      try {
        while (again && !stopped) {
          again = false;
          if (await sendSome()) again = true;
        }
      } catch (error) {
        log.warn({ err: error }, 'the outbox could not be read');
      } finally {
        sending = undefined;
      }
    })();
  }

  const timer = setInterval(send, everyMs);

  return {
    audit(event) {
      if (tooMany(event)) return;
      const id = randomUUID();
      const body = { at_ms: clock(), details: {}, ...event };
      const write = put(`/service/audit/${id}`, id, body)
        .then(send, (error: unknown) =>
          log.error({ err: error, audit: body }, 'could not be noted for the audit log'),
        )
        .finally(() => writing.delete(write));
      writing.add(write);
    },

    async signedOut(personId) {
      const id = randomUUID();
      await put(`/service/sign-outs/${id}`, id, { person_id: personId, at_ms: clock() });
      send();
    },

    async stop() {
      clearInterval(timer);
      await Promise.allSettled(writing);
      stopped = true;
      await sending;
    },
  };
}
