/**
 * How often somebody may ask, counted for all nodes together: in the database, or in Redis with REDIS_URL. When the store
 * doesn't answer each process counts for itself, since a limiter must not take the service down.
 */

import { Redis } from 'ioredis';
import pg from 'pg';
import type { Logger } from 'pino';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Clock } from '../clock.ts';

const MINUTE_SECONDS = 60;
/** A request waits no longer than this to be counted. */
const ANSWER_WITHIN_MS = 500;
/** How long the store is let alone when it did not answer. */
const AWAY_MS = 5_000;

export interface Limits {
  /** Counts one request of `key` under the limit `name`. Answers in how many seconds to come again, or nothing when all is well. */
  count(limit: { name: string; perMinute: number }, key: string): Promise<number | undefined>;
  /** Forgets what is over, and answers how many. */
  sweep(): Promise<number>;
  close(): Promise<void>;
}

interface Store {
  limiter(name: string, points: number): RateLimiterAbstract;
  sweep(): Promise<number>;
  close(): Promise<void>;
}

export function createLimits({
  databaseUrl,
  redisUrl,
  clock,
  log,
}: {
  databaseUrl: string;
  redisUrl?: string | undefined;
  clock: Clock;
  log: Logger;
}): Limits {
  const store = redisUrl ? openRedis(redisUrl, log) : openPostgres(databaseUrl, log);
  const limiters = new Map<string, { shared: RateLimiterAbstract; own: RateLimiterAbstract }>();
  let awayUntil = Number.NEGATIVE_INFINITY;

  function limitersOf(name: string, points: number) {
    let both = limiters.get(name);
    if (!both) {
      const own = new RateLimiterMemory({ keyPrefix: name, points, duration: MINUTE_SECONDS });
      both = { shared: store.limiter(name, points), own };
      limiters.set(name, both);
    }
    return both;
  }

  return {
    async count({ name, perMinute }, key) {
      const { shared, own } = limitersOf(name, perMinute);
      if (clock.now() >= awayUntil) {
        try {
          return await consume(shared, key);
        } catch (error) {
          awayUntil = clock.now() + AWAY_MS;
          log.warn(
            { error: error instanceof Error ? error.message : String(error) },
            'requests are counted by this process alone: the store of the limits does not answer',
          );
        }
      }
      return consume(own, key);
    },
    sweep: () => store.sweep(),
    close: () => store.close(),
  };
}

/** Seconds to wait, or nothing. What the store throws is thrown. */
async function consume(limiter: RateLimiterAbstract, key: string): Promise<number | undefined> {
  try {
    await limiter.consume(key);
    return undefined;
  } catch (error) {
    if (error instanceof RateLimiterRes) return Math.max(1, Math.ceil(error.msBeforeNext / 1_000));
    throw error;
  }
}

/** Connections of its own, so that requests that are counted don't wait behind those that work. */
function openPostgres(url: string, log: Logger): Store {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'realtime limits',
    max: 4,
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
    statement_timeout: ANSWER_WITHIN_MS,
  });
  const lost = (error: Error) => log.warn({ error: error.message }, 'a connection of the limits was lost');
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  return {
    limiter: (name, points) =>
      new RateLimiterPostgres({
        storeClient: pool,
        storeType: 'pool',
        tableName: 'rate_limits',
        tableCreated: true,
        clearExpiredByTimeout: false,
        keyPrefix: name,
        points,
        duration: MINUTE_SECONDS,
        // Who is over is refused from memory, which costs the database nothing.
        inMemoryBlockOnConsumed: points + 1,
      }),
    async sweep() {
      const { rowCount } = await pool.query(
        'DELETE FROM rate_limits WHERE expire < (extract(epoch FROM now()) * 1000)::bigint',
      );
      return rowCount ?? 0;
    },
    close: () => pool.end(),
  };
}

function openRedis(url: string, log: Logger): Store {
  const redis = new Redis(url, {
    connectionName: 'realtime limits',
    commandTimeout: ANSWER_WITHIN_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', (error: Error) => log.warn({ error: error.message }, 'the limits’ Redis'));
  return {
    limiter: (name, points) =>
      new RateLimiterRedis({
        storeClient: redis,
        rejectIfRedisNotReady: true,
        keyPrefix: `soulseer:limit:${name}`,
        points,
        duration: MINUTE_SECONDS,
        inMemoryBlockOnConsumed: points + 1,
      }),
    // Redis forgets by itself.
    sweep: async () => 0,
    async close() {
      redis.disconnect();
    },
  };
}
