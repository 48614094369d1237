/**
 * What wakes the inbox: a BullMQ job for each event, on Postgres, or on Redis where there is one. A job only wakes: it may
 * come late, twice or not at all, and the sweeper finds what it left (inbox.ts).
 */

import { createPostgresBackend, Queue, runMigrations, Worker } from 'bullmq';
import type { ClientBase } from 'pg';
import { describeError, type Log } from '../log';

/** BullMQ's tables have a schema of their own. */
const SCHEMA = 'jobs';
const QUEUE = 'stripe-events';
/** Of our keys in Redis. */
const PREFIX = 'soulseer:commerce:jobs';
/** How long a stop waits for what a lost server will not answer. */
const CLOSE_WITHIN_MS = 2_000;
const RETRY_MS = 3_000;
const CONCURRENCY = 4;

/** Brings BullMQ's tables up to date. */
export async function migrateJobs(client: ClientBase): Promise<void> {
  await runMigrations(client as Parameters<typeof runMigrations>[0], SCHEMA);
}

export interface Jobs {
  /** Has `id` worked at on one of the nodes, after a while when told so. Never throws. */
  wake(id: string, delay_ms?: number): void;
  stop(): Promise<void>;
}

/** Never throws: where the server can't be reached it says so and tries again. */
export function startJobs({
  databaseUrl,
  redisUrl,
  log,
  work,
}: {
  databaseUrl: string;
  redisUrl?: string | undefined;
  log: Log;
  work: (id: string) => Promise<void>;
}): Jobs {
  const run = async (job: { name: string }) => work(job.name);
  // The same complaint again and again says nothing new.
  let complaint = '';
  const complain = (error: unknown) => {
    const told = describeError(error);
    if (told.error === complaint) return;
    complaint = String(told.error);
    log.warn('the jobs can’t be reached; the sweeper goes on without them', told);
  };

  let opened: Opened | undefined;
  let stopping = false;
  let retry: NodeJS.Timeout | undefined;
  const begin = async () => {
    const begun = redisUrl ? openRedis(redisUrl, run) : openPostgres(databaseUrl, run);
    const { queue, worker } = begun;
    opened = begun;
    queue.on('error', complain);
    worker.on('error', complain);
    worker.on('completed', () => {
      complaint = '';
    });
    try {
      await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
      if (!stopping) worker.run().catch(complain);
    } catch (error) {
      if (stopping) return;
      complain(error);
      // BullMQ keeps what its first connection was refused with, and its worker would then ask again without a pause: it begins
      // anew, and no worker runs before it has been connected.
      opened = undefined;
      await close(begun).catch(complain);
      if (!stopping) retry = setTimeout(begin, RETRY_MS);
    }
  };
  void begin();

  return {
    wake(id, delay_ms = 0) {
      // Without a connection the sweeper finds it.
      opened?.queue
        .add(id, {}, { delay: delay_ms, attempts: 1, removeOnComplete: true, removeOnFail: true })
        .catch(complain);
    },
    async stop() {
      stopping = true;
      clearTimeout(retry);
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, CLOSE_WITHIN_MS);
      await Promise.race([opened && close(opened).catch(complain), late.promise]);
      clearTimeout(timer);
    },
  };
}

type Opened = ReturnType<typeof openPostgres> | ReturnType<typeof openRedis>;

async function close({ queue, worker }: Opened): Promise<void> {
  await worker.close();
  await queue.close();
}

type Process = (job: { name: string }) => Promise<void>;

/** Nobody reads what BullMQ tells of each job. */
const queueOptions = { streams: { events: { maxLen: 100 } } };
const workerOptions = {
  autorun: false,
  concurrency: CONCURRENCY,
  stalledInterval: 30_000,
  maxStalledCount: 0,
  runRetryDelay: RETRY_MS,
};

function openPostgres(connectionString: string, run: Process) {
  const connection = {
    connectionString,
    schema: SCHEMA,
    application_name: 'commerce jobs',
    max: 3,
    connectionTimeoutMillis: 3_000,
    query_timeout: 10_000,
    keepAlive: true,
  };
  return {
    queue: new Queue(QUEUE, { connection, ...queueOptions }, createPostgresBackend),
    worker: new Worker(QUEUE, run, { connection, ...workerOptions }, createPostgresBackend),
  };
}

function openRedis(url: string, run: Process) {
  const connection = { url, maxRetriesPerRequest: null, connectTimeout: 3_000 };
  return {
    queue: new Queue(QUEUE, { connection, prefix: PREFIX, ...queueOptions }),
    worker: new Worker(QUEUE, run, { connection, prefix: PREFIX, ...workerOptions }),
  };
}
