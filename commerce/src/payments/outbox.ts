/** What realtime is to be told: a row first, then the call, again and again until it is taken. Each call has its own key. */

import type { Pool } from 'pg';
import type { Log } from '../log';
import type { Ledger } from './ledger';
import { messageOf } from './settle';
import type { Queryable } from './store';

const MOST_RETRY_S = 600;
const LEASE_S = 30;

export interface Outbox {
  /** Puts a call down, in the transaction of `db`. */
  add(db: Queryable, call: { path: string; body: unknown }): Promise<void>;
  /** Makes the calls that are due. @returns how many it tried */
  sweep(): Promise<number>;
}

export function createOutbox({
  pool,
  ledger,
  log,
}: {
  pool: Pool;
  ledger: Pick<Ledger, 'put'>;
  log: Log;
}): Outbox {
  return {
    async add(db, { path, body }) {
      await db.query(
        'insert into commerce_outbox (path, body) values ($1, $2) on conflict (path) do nothing',
        [path, JSON.stringify(body)],
      );
    },
    async sweep() {
      const { rows } = await pool.query<{ path: string; body: unknown; attempts: number }>(
        `update commerce_outbox set attempts = attempts + 1, due_at = now() + make_interval(secs => $1)
         where path in (select path from commerce_outbox where due_at <= now() order by due_at limit 50 for update skip locked)
         returning path, body, attempts`,
        [LEASE_S],
      );
      for (const { path, body, attempts } of rows) {
        try {
          const put = await ledger.put(path, body);
          // Another content under the same key can't become right by itself.
          if (!put.ok && put.code !== 'key_reused') throw new Error(put.code);
          if (!put.ok) log.error('realtime has another content under this key', { path });
          await pool.query('delete from commerce_outbox where path = $1', [path]);
        } catch (error) {
          const wait_s = Math.min(2 ** Math.min(attempts, 20), MOST_RETRY_S);
          await pool.query(
            'update commerce_outbox set due_at = now() + make_interval(secs => $2), last_error = $3 where path = $1',
            [path, wait_s, messageOf(error)],
          );
        }
      }
      return rows.length;
    },
  };
}
