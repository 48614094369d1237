import { Pool, type PoolClient, type PoolConfig } from 'pg';
import { describeError, type Log } from './log';

/** A pool of connections; one that is lost is told and replaced, whoever has it at that moment. */
export function openPool(options: PoolConfig, log: Log): Pool {
  const pool = new Pool(options);
  const lost = (error: Error) => log.warn('database connection lost', describeError(error));
  pool.on('error', lost);
  // One that breaks while it is lent out says so itself; unheard, that would end the process.
  pool.on('connect', (client) => client.on('error', lost));
  return pool;
}

/** Runs `work` in a transaction of its own, which what it throws takes back. */
export async function transaction<T>(pool: Pool, work: (db: PoolClient) => Promise<T>): Promise<T> {
  const db = await pool.connect();
  let broken: Error | undefined;
  try {
    await db.query('begin');
    const done = await work(db);
    await db.query('commit');
    return done;
  } catch (error) {
    await db.query('rollback').catch((lost: Error) => {
      broken = lost;
    });
    throw error;
  } finally {
    db.release(broken);
  }
}
