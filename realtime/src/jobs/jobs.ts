/**
 * What wakes others at a time: BullMQ's job schedulers, on Postgres, or on Redis where there is one. A job only wakes: it may
 * come late, twice or not at all, and nothing may depend on it.
 */

import { createPostgresBackend, Queue, runMigrations, Worker, type WorkerOptions } from 'bullmq';
import pg from 'pg';
import type { Logger } from 'pino';

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
  const opened = options.redisUrl ? openRedis(options.redisUrl, run) : openPostgres(options.databaseUrl, run);
  const { queue, worker } = opened;
  // The same complaint again and again says nothing new.
  let complaint = '';
  const complain = (error: Error) => {
    if (error.message === complaint) return;
    complaint = error.message;
    log.warn({ error: error.message }, 'the jobs can’t be reached; timers go on without them');
  };
  queue.on('error', complain);
  worker.on('error', complain);
  worker.on('completed', () => {
    complaint = '';
  });

  async function run(job: { name: string }): Promise<void> {
    // A job of another version of the program: nothing of ours.
    if (Object.hasOwn(wake, job.name)) await wake[job.name]?.work();
  }

  let stopping = false;
  let retry: NodeJS.Timeout | undefined;
  const schedule = async () => {
    try {
      for (const [name, { everyMs }] of Object.entries(wake))
        await queue.upsertJobScheduler(
          name,
          { every: everyMs },
          { name, opts: { attempts: 1, removeOnComplete: true, removeOnFail: true } },
        );
    } catch (error) {
      if (stopping) return;
      complain(error instanceof Error ? error : new Error(String(error)));
      retry = setTimeout(schedule, RETRY_MS);
    }
  };
  const scheduled = schedule();

  return {
    async stop() {
      stopping = true;
      clearTimeout(retry);
      const closed = scheduled.then(async () => {
        await worker.close();
        await queue.close();
      });
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, CLOSE_WITHIN_MS);
      await Promise.race([closed.catch(complain), late.promise]);
      clearTimeout(timer);
    },
  };
}

type Process = (job: { name: string }) => Promise<void>;

/** Nobody reads what BullMQ tells of each job. */
const queueOptions = { streams: { events: { maxLen: 100 } } };
const workerOptions = {
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
