/** The bus over LISTEN and NOTIFY: one connection that does both. */

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Backend, BackendEvents } from './bus.ts';

const CHANNEL = 'soulseer_bus';
/** Postgres takes payloads of less than 8000 bytes; the rest is the piece's head. */
const MOST_PIECE = 7_900;
/** A connection that gives no answer for so long is given up. */
const ANSWER_WITHIN_MS = 5_000;
const ASK_EVERY_MS = 10_000;
const LONGEST_PAUSE_MS = 3_000;

/**
 * A batch is cut into pieces `sender:batch:left:text` that fit, all in one statement: it is notified whole, in order, or
 * not at all. The batch's number keeps Postgres from taking two equal payloads for one.
 */
export function openPostgresBus(url: string, events: BackendEvents, log: Logger): Backend {
  const sender = randomUUID();
  const closing = new AbortController();
  let current: pg.Client | undefined;
  let batches = 0;
  const pieces = new Map<string, string>();

  function received(payload: string): void {
    const [from = '', batch = '', left = ''] = payload.split(':', 3);
    const key = `${from}:${batch}`;
    const text = (pieces.get(key) ?? '') + payload.slice(key.length + left.length + 2);
    if (left === '0') {
      pieces.delete(key);
      events.received(text);
    } else pieces.set(key, text);
  }

  async function listen(): Promise<void> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'realtime bus',
      keepAlive: true,
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      query_timeout: ANSWER_WITHIN_MS,
    });
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('error', (error) => log.warn({ error: error.message }, 'the bus lost its connection'));
    const end = () => client.end().catch(() => undefined);
    // Whether somebody is still there: a network that swallows everything tells nobody that it does.
    const asking = setInterval(() => client.query('SELECT 1').catch(end), ASK_EVERY_MS);
    try {
      await client.connect();
      client.on('notification', ({ payload = '' }) => received(payload));
      await client.query(`LISTEN ${CHANNEL}`);
      if (closing.signal.aborted) return;
      pieces.clear();
      current = client;
      events.listening();
      await ended;
    } finally {
      clearInterval(asking);
      current = undefined;
      await end();
    }
  }

  async function keepListening(): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; failures += 1) {
      try {
        await listen();
        failures = 0;
      } catch (error) {
        log.warn({ error: error instanceof Error ? error.message : String(error) }, 'the bus can’t connect');
      }
      const ms = Math.min(LONGEST_PAUSE_MS, 100 * 2 ** failures) * (0.5 + Math.random() / 2);
      await pause(ms, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }
  const kept = keepListening();

  return {
    async send(batch) {
      if (!current) throw new Error('the bus is not connected');
      batches += 1;
      const ascii = asciiJson(batch);
      const count = Math.ceil(ascii.length / MOST_PIECE);
      const payloads = Array.from(
        { length: count },
        (_, index) =>
          `${sender}:${batches}:${count - 1 - index}:${ascii.slice(index * MOST_PIECE, (index + 1) * MOST_PIECE)}`,
      );
      await current.query('SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload', [
        CHANNEL,
        payloads,
      ]);
    },
    async close() {
      closing.abort();
      await current?.end();
      await kept;
    },
  };
}

/** Every character one byte, so that a text can be cut anywhere. */
function asciiJson(json: string): string {
  return json.replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
