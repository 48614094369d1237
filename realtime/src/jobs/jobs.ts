/**
 * What wakes others at a time: BullMQ's job schedulers, on Postgres, or on Redis where there is one. A job only wakes: it may
 * come late, twice or not at all, and nothing may depend on it.
 */

import { createPostgresBackend, Queue, runMigrations, Worker, type WorkerOptions } from 'bullmq';
import pg from 'pg';
import type { Logger } from 'pino';
import { MIGRATE_LOCK } from '../migrate.ts';

/** BullMQ's tables have a schema of their own. */
const SCHEMA = 'jobs';
const QUEUE = 'wake';
/** Of our keys in Redis. */
const PREFIX = 'soulseer:realtime:jobs';
/** How long a stop waits for what a lost server will not answer. */
const CLOSE_WITHIN_MS = 2_000;
const RETRY_MS = 3_000;

/** Brings BullMQ's tables up to date, as the role that owns the database, and lets the running role use them. */
export async function migrateJobs(options: { ownerUrl: string; runningRole: string }): Promise<void> {
  const client = new pg.Client({
    connectionString: options.ownerUrl,
    application_name: 'realtime migrate jobs',
  });
  await client.connect();
  try {
    // As all migrations: grants that are given twice at once fail one of the two.
    await client.query(MIGRATE_LOCK);
    await runMigrations(client, SCHEMA);
    const role = pg.escapeIdentifier(options.runningRole);
    await client.query(`
      GRANT USAGE ON SCHEMA ${SCHEMA} TO ${role};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${SCHEMA} TO ${role};
      GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ${SCHEMA} TO ${role};
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${SCHEMA} TO ${role};
    `);
  } finally {
    await client.end();
  }
}

export interface Jobs {
  stop(): Promise<void>;
}

/**
 * Has each of `wake` called every so often, on one of the nodes that share the server. Never throws: where the server can't be
 * reached it says so and tries again.
 */
export function startJobs(options: {
  databaseUrl: string;
  redisUrl?: string | undefined;
  log: Logger;
  wake: Record<string, { everyMs: number; work: () => Promise<void> }>;
}): Jobs {
  const { log, wake } = options;
  // The same complaint again and again says nothing new.
  let complaint = '';
  const complain = (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    if (message === complaint) return;
    complaint = message;
    log.warn({ error: message }, 'the jobs can’t be reached; timers go on without them');
  };

  async function run(job: { name: string }): Promise<void> {
    // A job of another version of the program: nothing of ours.
    if (Object.hasOwn(wake, job.name)) await wake[job.name]?.work();
  }

  let opened: Opened | undefined;
  let stopping = false;
  let retry: NodeJS.Timeout | undefined;
  const begin = async () => {
    const begun = options.redisUrl
      ? openRedis(options.redisUrl, run)
      : openPostgres(options.databaseUrl, run);
    const { queue, worker } = begun;
    opened = begun;
    queue.on('error', complain);
    worker.on('error', complain);
    worker.on('completed', () => {
      complaint = '';
    });
    try {
      await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
      for (const [name, { everyMs }] of Object.entries(wake))
        await queue.upsertJobScheduler(
          name,
          { every: everyMs },
          { name, opts: { attempts: 1, removeOnComplete: true, removeOnFail: true } },
        );
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
  concurrency: 1,
  // Only what a killed node left: the next wake is as good.
  stalledInterval: 30_000,
  maxStalledCount: 0,
  runRetryDelay: RETRY_MS,
} satisfies Partial<WorkerOptions>;

function openPostgres(connectionString: string, run: Process) {
  const connection = {
    connectionString,
    schema: SCHEMA,
    application_name: 'realtime jobs',
    max: 2,
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
