import pg from 'pg';
import type { Logger } from '../server/logger.ts';

export type Database = pg.Pool;

/** Opens a pool on the site's own database. It connects when first asked, and again after the server was away. */
export function openDatabase(url: string, log: Logger): Database {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'site',
    max: 20,
    connectionTimeoutMillis: 3_000,
    // A server that has gone silent must not hold a visitor for ever.
    query_timeout: 10_000,
    statement_timeout: 10_000,
    idle_in_transaction_session_timeout: 20_000,
  });
  const lost = (error: Error) => log.warn({ error: error.message }, 'a database connection was lost');
  pool.on('error', lost);
  // One that breaks while it is lent out says so itself; unheard, that would end the process.
  pool.on('connect', (client) => client.on('error', lost));
  return pool;
}

/** Runs `work` in a transaction: committed when it resolves, rolled back when it throws. */
export async function inTransaction<T>(
  db: Database,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await db.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    await client.query('ROLLBACK').then(
      () => client.release(),
      (broken: Error) => client.release(broken),
    );
    throw error;
  }
}
