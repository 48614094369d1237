import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../../src/database/migrations.ts';

export interface TestDatabase extends AsyncDisposable {
  url: string;
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
}

/** A database of the test's own, with the site's tables in it unless it is to be `empty`. */
export async function createDatabase({ empty = false } = {}): Promise<TestDatabase> {
  const admin = process.env.TEST_POSTGRES_URL;
  if (!admin)
    throw new Error('TEST_POSTGRES_URL is missing: the superuser address of a Postgres that tests may use');
  const name = `site_test_${randomBytes(6).toString('hex')}`;
  const run = async <Row extends pg.QueryResultRow>(url: string, text: string, values: unknown[] = []) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  };
  await run(admin, `CREATE DATABASE ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  if (!empty) await migrate(url.href);
  return {
    url: url.href,
    query: (text, values) => run(url.href, text, values),
    async [Symbol.asyncDispose]() {
      await run(admin, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
