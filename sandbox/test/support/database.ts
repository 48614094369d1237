import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** The superuser's address of the cluster that tests may use. */
export function adminUrl(): string {
  const url = process.env.TEST_POSTGRES_URL;
  if (!url)
    throw new Error('TEST_POSTGRES_URL is missing: the superuser address of a Postgres that tests may use');
  return url;
}

export function databaseUrl(name: string, user?: { name: string; password: string }): string {
  const url = new URL(adminUrl());
  url.pathname = `/${name}`;
  if (user) {
    url.username = user.name;
    url.password = user.password;
  }
  return url.href;
}

export async function query<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

export function randomName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`;
}

/** A database of the test's own. `drop` fails when a connection to it was left open. */
export async function createDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = randomName('sandbox_test');
  await query(adminUrl(), `CREATE DATABASE ${name}`);
  return {
    url: databaseUrl(name),
    drop: async () => {
      await query(adminUrl(), `DROP DATABASE ${name}`);
    },
  };
}
