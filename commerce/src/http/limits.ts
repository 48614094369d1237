import type { RequestHandler } from 'express';
import type { Pool } from 'pg';
import { caught } from './caught';
import { sendProblem } from './problem';

/** At most `most` within `seconds`. */
export interface Limit {
  name: string;
  most: number;
  seconds: number;
}

export interface Limits {
  /** Counts one more of `key`; answers after how many seconds to come back, or nothing when it is within the limit. */
  take(limit: Limit, key: string): Promise<number | undefined>;
  /** Forgets what is over. */
  sweep(): Promise<void>;
}

/** Counted in Postgres, so that the limits hold over all nodes. */
export function createLimits(pool: Pool): Limits {
  return {
    async take({ name, most, seconds }, key) {
      const { rows } = await pool.query<{ count: number; left_s: number }>(
        `insert into commerce_limit as known (key, ends_at, count) values ($1, now() + make_interval(secs => $2), 1)
         on conflict (key) do update set
           count = case when known.ends_at <= now() then 1 else known.count + 1 end,
           ends_at = case when known.ends_at <= now() then excluded.ends_at else known.ends_at end
         returning count, ceil(extract(epoch from ends_at - now()))::int as left_s`,
        [`${name} ${key}`.slice(0, 600), seconds],
      );
      const [counted] = rows;
      return counted && counted.count > most ? Math.max(1, counted.left_s) : undefined;
    },
    async sweep() {
      await pool.query('delete from commerce_limit where ends_at <= now()');
    },
  };
}

/** Refuses with 429 whoever comes too often from one address. */
export function limitByAddress(limits: Limits, limit: Limit): RequestHandler {
  return caught(async (request, response, next) => {
    const wait_s = await limits.take(limit, request.ip ?? '');
    if (wait_s === undefined) return next();
    return tooMany(response, wait_s);
  });
}

/** Answers 429. */
export function tooMany(response: Parameters<RequestHandler>[1], wait_s: number): void {
  response.setHeader('retry-after', String(wait_s));
  sendProblem(response, 429, 'too_many_requests', `That was too often. Try again in ${wait_s} s.`);
}
