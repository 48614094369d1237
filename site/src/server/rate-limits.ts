import { Redis } from 'ioredis';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Database } from '../database/database.ts';
import { networkOf } from './address.ts';
import type { Logger } from './logger.ts';

/** What may be done how often: `points` in `duration` seconds, by account and by address. */
const rules = {
  /** Beginning and finishing a sign-in. */
  sign_in: { address: { points: 120, duration: 60 } },
  /** Whatever changes something. */
  change: { account: { points: 240, duration: 60 }, address: { points: 600, duration: 60 } },
  /** Applications, which are large. */
  application: { account: { points: 30, duration: 3_600 }, address: { points: 120, duration: 3_600 } },
} as const satisfies Record<
  string,
  Partial<Record<'account' | 'address', { points: number; duration: number }>>
>;

export type Limited = keyof typeof rules;

export interface RateLimits {
  /** Counts one more; gives the seconds to wait when it is one too many. Never throws: what can't be counted is let pass. */
  take(what: Limited, who: { address: string; person_id: string | null }): Promise<number | null>;
  stop(): Promise<void>;
}

/** A request waits no longer than this for Redis to count it. */
const answerWithinMs = 500;

interface Options {
  db: Database;
  redisUrl: string | undefined;
  log: Logger;
}

/** Limits that hold over all nodes: counted in Redis where there is one, otherwise in Postgres, and by each node while neither answers. */
export function createRateLimits({ db, redisUrl, log }: Options): RateLimits {
  const redis = redisUrl
    ? new Redis(redisUrl, {
        enableOfflineQueue: false,
        maxRetriesPerRequest: 1,
        connectTimeout: 3_000,
        // A store that has gone silent must not hold a visitor.
        commandTimeout: answerWithinMs,
        // Soon there again, however long it was away.
        retryStrategy: (times) => Math.min(100 * times, 2_000),
      })
    : undefined;
  redis?.on('error', (error) => log.warn({ error: error.message }, 'redis could not be reached'));

  function limiter(keyPrefix: string, rule: { points: number; duration: number }): RateLimiterAbstract {
    const insuranceLimiter = new RateLimiterMemory({ ...rule, keyPrefix });
    return redis
      ? new RateLimiterRedis({
          ...rule,
          keyPrefix: `site:${keyPrefix}`,
          storeClient: redis,
          insuranceLimiter,
        })
      : new RateLimiterPostgres({
          ...rule,
          keyPrefix,
          storeClient: db,
          storeType: 'pool',
          tableName: 'rate_limits',
          tableCreated: true,
          insuranceLimiter,
        });
  }

  const limiters = new Map<string, RateLimiterAbstract>();
  for (const [what, rule] of Object.entries(rules))
    for (const [by, limit] of Object.entries(rule))
      limiters.set(`${what}:${by}`, limiter(`${what}:${by}`, limit));

  return {
    async take(what, { address, person_id }) {
      const keys = { account: person_id, address: networkOf(address) };
      let wait: number | null = null;
      for (const by of ['account', 'address'] as const) {
        const counted = limiters.get(`${what}:${by}`);
        if (!counted || !keys[by]) continue;
        try {
          await counted.consume(keys[by]);
        } catch (error) {
          if (error instanceof RateLimiterRes)
            wait = Math.max(wait ?? 1, Math.ceil(error.msBeforeNext / 1_000));
          else log.error({ err: error }, 'limits could not be counted');
        }
      }
      return wait;
    },
    async stop() {
      redis?.disconnect();
    },
  };
}
