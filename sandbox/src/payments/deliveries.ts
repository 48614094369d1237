/** Sends events to the endpoints: signed, tried again with back-off until one answers 2xx, over restarts too. */

import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { errorFields, type Log } from '../log.ts';
import type { Endpoint } from './work.ts';

const AT_ONCE = 8;
/** Longest time without a look at the table, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

export interface Attempt {
  event: string;
  endpoint: string;
  /** HTTP status, or nothing when none came. */
  status: number | null;
  error: string | null;
}

interface Row {
  id: string;
  event_id: string;
  endpoint: string;
  attempts: number;
  body: unknown;
}

export interface Deliverer {
  /** There may be something to send. */
  wake(): void;
  /** Sends what is held, one after the other in this order, and answers what came of each. */
  release(ids: string[]): Promise<Attempt[]>;
  stop(): Promise<void>;
}

/** `t=…,v1=…`: https://docs.stripe.com/webhooks/signature */
export function signPayload(payload: string, secret: string, seconds: number): string {
  const signature = createHmac('sha256', secret).update(`${seconds}.${payload}`).digest('hex');
  return `t=${seconds},v1=${signature}`;
}

/** `retryMs` is the pause after the first failure; it doubles up to `mostRetryMs`. */
export function startDeliverer({
  pool,
  endpoints,
  log,
  timeoutMs,
  retryMs,
  mostRetryMs,
}: {
  pool: pg.Pool;
  endpoints: Endpoint[];
  log: Log;
  timeoutMs: number;
  retryMs: number;
  mostRetryMs: number;
}): Deliverer {
  const stopping = new AbortController();
  const running = new Set<Promise<unknown>>();
  const secrets = new Map(endpoints.map(({ url, secret }) => [url, secret]));
  let waker = Promise.withResolvers<void>();

  /** Takes what is due (or one row by its id) for as long as a try may last; a try that dies is tried again after that. */
  async function claim(most: number, id?: string): Promise<Row[]> {
    const { rows } = await pool.query<Row>(
      `UPDATE payments.deliveries AS delivery
       SET attempts = attempts + 1, held = false, next_at = now() + make_interval(secs => $3)
       FROM payments.events AS event
       WHERE event.id = delivery.event_id AND delivery.id IN (
         SELECT id FROM payments.deliveries
         WHERE delivered_at IS NULL AND endpoint = ANY($1)
           AND (CASE WHEN $4::bigint IS NULL THEN NOT held AND next_at <= now() ELSE id = $4 END)
         ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED)
       RETURNING delivery.id, delivery.event_id, delivery.endpoint, delivery.attempts, event.body`,
      [[...secrets.keys()], most, (timeoutMs + 5_000) / 1_000, id ?? null],
    );
    return rows;
  }

  async function send({ id, event_id, endpoint, attempts, body }: Row): Promise<Attempt> {
    const attempt: Attempt = { event: event_id, endpoint, status: null, error: null };
    const payload = JSON.stringify(body, null, 2);
    try {
      const response = await fetch(endpoint, {
        method: 'POST',
        body: payload,
        redirect: 'manual',
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(timeoutMs)]),
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'user-agent': 'Stripe/1.0 (SoulSeer sandbox)',
          'stripe-signature': signPayload(
            payload,
            secrets.get(endpoint) ?? '',
            Math.floor(Date.now() / 1_000),
          ),
        },
      });
      await response.body?.cancel();
      attempt.status = response.status;
    } catch (error) {
      attempt.error = reasonOf(error);
    }
    const delivered = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
    const backOffMs = Math.min(retryMs * 2 ** Math.min(attempts - 1, 30), mostRetryMs);
    await pool.query(
      `UPDATE payments.deliveries SET last_status = $2, last_error = $3,
         delivered_at = CASE WHEN $4 THEN now() END,
         next_at = CASE WHEN $4 THEN next_at ELSE now() + make_interval(secs => $5) END
       WHERE id = $1`,
      [id, attempt.status, attempt.error, delivered, backOffMs / 1_000],
    );
    if (!delivered) {
      log.debug('an event was not taken', { ...attempt, attempts, again_in_ms: backOffMs });
    }
    return attempt;
  }

  function begin(row: Row): void {
    const task = send(row)
      .catch((error: unknown) => log.warn('could not deliver an event', errorFields(error)))
      .finally(() => {
        running.delete(task);
        wake();
      });
    running.add(task);
  }

  function wake(): void {
    waker.resolve();
  }

  /** Milliseconds until something is due. */
  async function untilDue(): Promise<number> {
    const { rows } = await pool.query<{ ms: string | null }>(
      `SELECT extract(epoch FROM min(next_at) - now()) * 1000 AS ms FROM payments.deliveries
       WHERE delivered_at IS NULL AND NOT held AND endpoint = ANY($1)`,
      [[...secrets.keys()]],
    );
    const ms = rows[0]?.ms;
    return ms === null || ms === undefined ? LOOK_EVERY_MS : Math.max(20, Math.ceil(Number(ms)));
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      waker = Promise.withResolvers<void>();
      let waitMs = LOOK_EVERY_MS;
      try {
        const free = AT_ONCE - running.size;
        const rows = free > 0 ? await claim(free) : [];
        for (const row of rows) begin(row);
        if (running.size < AT_ONCE) waitMs = Math.min(waitMs, await untilDue());
      } catch (error) {
        log.warn('could not look for events to deliver', errorFields(error));
      }
      const timer = new AbortController();
      const signal = AbortSignal.any([stopping.signal, timer.signal]);
      await Promise.race([waker.promise, pause(waitMs, undefined, { signal }).catch(() => {})]);
      timer.abort();
    }
  }
  const looping = loop();

  return {
    wake,
    async release(ids) {
      const attempts: Attempt[] = [];
      for (const id of ids) {
        const [row] = await claim(1, id);
        if (!row) continue;
        const task = send(row);
        running.add(task);
        try {
          attempts.push(await task);
        } finally {
          running.delete(task);
        }
      }
      return attempts;
    },
    async stop() {
      stopping.abort();
      wake();
      await looping;
      await Promise.allSettled(running);
    },
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
