/**
 * Numbered, forward-only SQL files, each run once, in order, in a transaction of its own. A file that was run is never
 * changed: its checksum is kept, and a changed one is refused.
 */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const folder = fileURLToPath(new URL('./migrations/', import.meta.url));

interface Migration {
  number: number;
  name: string;
  sql: string;
  checksum: string;
}

/** The files and the database disagree about the past. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
}

async function readMigrations(): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file, index) => {
      if (Number(/^(\d{6})_[a-z0-9_]+\.sql$/.exec(file)?.[1]) !== index + 1)
        throw new MigrationRefused(`migrations are to be numbered 000001, 000002 and so on: ${file}`);
      const sql = await readFile(new URL(`./migrations/${file}`, import.meta.url), 'utf8');
      return { number: index + 1, name: file, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Brings the database at `url` up to date and gives the names of the files that were run. Safe to start many times at
 * once: they wait for each other.
 *
 * @throws {MigrationRefused} when a file that was run here has been changed since.
 */
export async function migrate(url: string): Promise<string[]> {
  const migrations = await readMigrations();
  const client = new pg.Client({ connectionString: url, application_name: 'site migrate' });
  await client.connect();
  try {
    // Held by the connection, so it is let go of even when we are killed.
    await client.query(`SELECT pg_advisory_lock(hashtext('site.migrate'))`);
    await client.query(`
      CREATE TABLE IF NOT EXISTS schema_migrations (
        number     integer PRIMARY KEY,
        name       text NOT NULL,
        checksum   text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
      )`);
    const { rows: applied } = await client.query<Pick<Migration, 'number' | 'name' | 'checksum'>>(
      'SELECT number, name, checksum FROM schema_migrations ORDER BY number',
    );
    // A newer database than our files is fine, as after rolling a release back; a different past is not.
    for (const row of applied) {
      const file = migrations.find(({ number }) => number === row.number);
      if (file && (file.checksum !== row.checksum || file.name !== row.name))
        throw new MigrationRefused(
          `${file.name} is not what was run here as ${row.name}: a migration that was run is never changed, add a new one`,
        );
    }
    const pending = migrations.filter(({ number }) => !applied.some((row) => row.number === number));
    for (const { number, name, sql, checksum } of pending) {
      await client.query('BEGIN');
      try {
        await client.query(sql);
        await client.query('INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)', [
          number,
          name,
          checksum,
        ]);
        await client.query('COMMIT');
      } catch (cause) {
        await client.query('ROLLBACK');
        throw new Error(`${name} failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
          cause,
        });
      }
    }
    return pending.map(({ name }) => name);
  } finally {
    await client.end();
  }
}
