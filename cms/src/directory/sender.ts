import { setTimeout as sleep } from 'node:timers/promises';
import type { Payload } from 'payload';
import type { Logger } from 'pino';
import { serviceSecrets, signRequest } from 'realtime/contract/signature';
import { databaseOf, rowsOf, sql } from '../database/sql.ts';
import type { Environment } from '../environment.ts';
import type { Destination } from './outbox.ts';

type Row = {
  kind: string;
  key: string;
  number: string;
  payload: object;
  attempts: number;
  waited_ms: number;
};
export type SenderOptions = {
  payload: Payload;
  environment: Environment;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
};
export type Sender = {
  /** Looks for something to send now. */
  wake: () => void;
  /** What is under way is finished, three seconds at most; what is not is sent again by whoever comes next. */
  stop: () => Promise<void>;
};

/** The longest that an answer is waited for. */
const TIMEOUT_MS = 3_000;
/** A row that a sender took and never came back from, because it died, is free again after this. */
const LEASE_MS = 10_000;
const POLL_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** How many rows are under way to one destination at a time, on one node. */
const WIDTH = 4;
const REPORT_EVERY_MS = 60_000;

const PATHS: Record<string, (key: string) => string> = {
  person: (key) => `/service/directory/people/${encodeURIComponent(key)}`,
  reader: (key) => `/service/directory/readers/${encodeURIComponent(key)}`,
  content: (key) => `/service/content/${encodeURIComponent(key)}`,
  // Two ids that need no escaping, with the slash between them.
  favourite: (key) => `/service/favourites/${key}`,
  mail: (key) => `/service/mails/${encodeURIComponent(key)}`,
  audit: (key) => `/service/audit/${encodeURIComponent(key)}`,
};

/**
 * Sends what stands in the outbox. Any number of nodes may do so: a row is taken by a lease, so one document is never under way
 * twice to one destination, and each destination has lanes of its own, so one that is down holds up no other.
 */
export function startSender({ payload, environment, logger }: SenderOptions): Sender {
  const destinations: Record<Destination, { url: string; secret: string }> = {
    realtime: { url: environment.REALTIME_URL, secret: environment.SERVICE_KEY_CMS_TO_REALTIME },
    commerce: { url: environment.COMMERCE_URL, secret: environment.SERVICE_KEY_CMS_TO_COMMERCE },
    site: { url: environment.SITE_URL, secret: environment.SERVICE_KEY_CMS_TO_SITE },
  };
  const stopping = new AbortController();
  const lanes = Object.entries(destinations).map(([name, { url, secret }]) =>
    createLane({
      take: () => take(payload, name),
      send: (row) => send(url, serviceSecrets(secret)[0] as string, row),
      finish: (row, failure) => finish(payload, name, row, failure),
      failed: (row, failure) =>
        logger.warn(
          { destination: name, kind: row.kind, key: row.key, attempts: row.attempts, reason: failure },
          'could not be told, will be tried again',
        ),
      broken: (error) => logger.error({ err: error, destination: name }, 'the outbox can’t be read'),
      stopped: stopping.signal,
    }),
  );
  const wake = () => {
    for (const lane of lanes) lane.wake();
  };
  const poll = setInterval(wake, POLL_MS);
  const report = setInterval(() => void reportWaiting(payload, logger), REPORT_EVERY_MS);
  const listening = listen(payload, wake, stopping.signal);
  wake();

  return {
    wake,
    stop: async () => {
      stopping.abort();
      clearInterval(poll);
      clearInterval(report);
      await Promise.race([Promise.all([listening, ...lanes.map(({ idle }) => idle())]), sleep(TIMEOUT_MS)]);
    },
  };
}

type Lane = {
  take: () => Promise<Row | undefined>;
  /** @returns why it was not taken, or nothing. */
  send: (row: Row) => Promise<string | undefined>;
  finish: (row: Row, failure: string | undefined) => Promise<void>;
  failed: (row: Row, failure: string) => void;
  broken: (error: unknown) => void;
  stopped: AbortSignal;
};

function createLane({ take, send, finish, failed, broken, stopped }: Lane) {
  const working = new Set<Promise<void>>();

  async function work(): Promise<void> {
    try {
      while (!stopped.aborted) {
        const row = await take();
        if (!row) return;
        wake(); // There may be more than one.
        const failure = await send(row);
        if (failure !== undefined) failed(row, failure);
        await finish(row, failure);
      }
    } catch (error) {
      if (!stopped.aborted) broken(error);
    }
  }

  function wake(): void {
    if (stopped.aborted || working.size >= WIDTH) return;
    const one = work().finally(() => working.delete(one));
    working.add(one);
  }

  return { wake, idle: () => Promise.all(working) };
}

/** The next row that is due and nobody has under way. */
async function take(payload: Payload, destination: string): Promise<Row | undefined> {
  const [row] = await rowsOf<Row>(
    databaseOf(payload),
    sql`with next as (
          select destination, kind, key from outbox
          where destination = ${destination} and next_attempt_at <= now()
            and (leased_until is null or leased_until <= now())
          order by priority, number limit 1 for update skip locked
        )
        update outbox set leased_until = now() + make_interval(secs => ${LEASE_MS / 1000}), attempts = attempts + 1
        from next where outbox.destination = next.destination and outbox.kind = next.kind and outbox.key = next.key
        returning outbox.kind, outbox.key, outbox.number, outbox.payload, outbox.attempts`,
  );
  return row;
}

async function send(url: string, secret: string, { kind, key, payload }: Row): Promise<string | undefined> {
  const path = PATHS[kind]?.(key);
  if (!path) return `nobody knows what a ${kind} is`;
  const body = JSON.stringify(payload);
  try {
    const response = await fetch(`${url}${path}`, {
      method: 'PUT',
      headers: {
        'content-type': 'application/json',
        ...signRequest(secret, { method: 'PUT', path, body }, Date.now()),
      },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `answered ${response.status}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
    return cause || (error instanceof Error ? error.message : String(error));
  }
}

/** A newer state that came in between stays, and is due at once. */
async function finish(
  payload: Payload,
  destination: string,
  { kind, key, number, attempts }: Row,
  failure: string | undefined,
): Promise<void> {
  const row = sql`destination = ${destination} and kind = ${kind} and key = ${key}`;
  const db = databaseOf(payload);
  if (failure === undefined) await db.execute(sql`delete from outbox where ${row} and number = ${number}`);
  // A quarter of a second, then twice as long each time; not all at the same moment.
  const pause =
    Math.min(LONGEST_PAUSE_MS, 250 * 2 ** Math.min(attempts - 1, 20)) * (0.8 + 0.4 * Math.random());
  await db.execute(sql`
    update outbox
    set leased_until = null, last_error = ${failure ?? null},
        next_attempt_at = case when number = ${number} then now() + make_interval(secs => ${pause / 1000}) else next_attempt_at end
    where ${row}`);
}

async function reportWaiting(payload: Payload, logger: SenderOptions['logger']): Promise<void> {
  const waiting = await waitingInOutbox(payload).catch(() => []);
  for (const one of waiting)
    if (one.oldest_seconds >= 30) logger.warn(one, 'the outbox waits for a destination');
}

/** How many rows wait for each destination, and for how long the oldest has. */
export async function waitingInOutbox(
  payload: Payload,
): Promise<{ destination: string; waiting: number; oldest_seconds: number }[]> {
  return rowsOf(
    databaseOf(payload),
    sql`select destination, count(*)::int as waiting, extract(epoch from now() - min(created_at))::int as oldest_seconds
        from outbox group by destination order by destination`,
  );
}

/**
 * Hears of commits on a connection of its own, and makes another when it is lost. It only makes things quicker: what is not
 * heard is found by the timer.
 */
async function listen(payload: Payload, wake: () => void, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted) {
    try {
      const client = await payload.db.pool.connect();
      try {
        const over = new Promise<void>((resolve) => {
          client.on('error', () => resolve());
          client.on('end', () => resolve());
          stopped.addEventListener('abort', () => resolve(), { once: true });
        });
        client.on('notification', wake);
        await client.query('listen outbox');
        await over;
      } finally {
        client.release(true);
      }
    } catch {
      // The timer serves meanwhile.
    }
    if (!stopped.aborted) await sleep(POLL_MS, undefined, { signal: stopped }).catch(() => {});
  }
}
