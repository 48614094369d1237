import pg from 'pg';
import { secretOf } from './tokens.ts';

/** A program's database of the platform under test, as its superuser. */
export async function withDatabase<T>(name: string, work: (db: pg.Client) => Promise<T>): Promise<T> {
  const url = new URL(process.env.TEST_POSTGRES_URL ?? '');
  const db = new pg.Client({
    host: url.hostname,
    port: Number(url.port),
    user: 'postgres',
    password: secretOf('postgres_password'),
    database: name,
  });
  await db.connect();
  try {
    return await work(db);
  } finally {
    await db.end();
  }
}
