/**
 * Numbered, forward-only SQL files, each run once, in order, in a transaction of its own, by the role that owns the
 * database. A file that was run is never changed: its checksum is kept, and a changed one is refused.
 */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

export const MIGRATIONS_FOLDER = join(import.meta.dirname, '../migrations');

/** Held by whoever migrates, until the connection ends. */
export const MIGRATE_LOCK = `SELECT pg_advisory_lock(hashtext('realtime.migrate'))`;

export interface Migration {
  number: number;
  name: string;
  sql: string;
  checksum: string;
}

/** The files and the database disagree about the past. */
export class MigrationRefused extends Error {
  override name = 'MigrationRefused';
}

/** Reads the files of a folder in order. Throws `MigrationRefused` when the numbers have a gap or a double. */
export async function readMigrations(folder = MIGRATIONS_FOLDER): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file, index) => {
      const match = /^(\d{6})_([a-z0-9_]+)\.sql$/.exec(file);
      if (!match || Number(match[1]) !== index + 1) {
        throw new MigrationRefused(
          `migrations must be numbered 000001, 000002 and so on without a gap: ${file}`,
        );
      }
      const sql = await readFile(join(folder, file), 'utf8');
      return { number: index + 1, name: file, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Brings the database at `ownerUrl` up to date and answers the names of the files that were run. Safe to start many
 * times at once: they wait for each other. In the files `:"running_role"` stands for the role that is granted rights,
 * written as psql writes it.
 */
export async function migrate(options: {
  ownerUrl: string;
  runningRole: string;
  migrations: Migration[];
}): Promise<string[]> {
  const { ownerUrl, runningRole, migrations } = options;
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'realtime migrate' });
  await client.connect();
  try {
    // Held by the connection, so it is let go of even when we are killed.
    await client.query(MIGRATE_LOCK);
    const role = pg.escapeIdentifier(runningRole);
    await client.query(`
      CREATE TABLE IF NOT EXISTS schema_migrations (
        number     integer PRIMARY KEY,
        name       text NOT NULL,
        checksum   text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
      );
      GRANT SELECT ON schema_migrations TO ${role};
    `);
    const { rows: applied } = await client.query<{ number: number; name: string; checksum: string }>(
      'SELECT number, name, checksum FROM schema_migrations ORDER BY number',
    );
    refuseChangedPast(applied, migrations);

    const pending = migrations.filter(({ number }) => !applied.some((row) => row.number === number));
    for (const migration of pending) {
      await client.query('BEGIN');
      try {
        await client.query(migration.sql.replaceAll(':"running_role"', role));
        await client.query('INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)', [
          migration.number,
          migration.name,
          migration.checksum,
        ]);
        await client.query('COMMIT');
      } catch (cause) {
        await client.query('ROLLBACK');
        throw new Error(
          `${migration.name} failed: ${cause instanceof Error ? cause.message : String(cause)}`,
          { cause },
        );
      }
    }
    return pending.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

/** A newer database than our files is fine, as after rolling a release back; a different past is not. */
function refuseChangedPast(
  applied: { number: number; name: string; checksum: string }[],
  migrations: Migration[],
): void {
  for (const row of applied) {
    const file = migrations.find(({ number }) => number === row.number);
    if (file && (file.checksum !== row.checksum || file.name !== row.name)) {
      throw new MigrationRefused(
        `${file.name} is not what was run here as ${row.name}: a migration that was run is never changed, add a new one`,
      );
    }
  }
}
