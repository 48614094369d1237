import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  MIGRATIONS_FOLDER,
  type Migration,
  MigrationRefused,
  migrate,
  readMigrations,
} from '../src/migrate.ts';
import { query } from './support/cluster.ts';
import { createDatabase, type TestDatabase } from './support/database.ts';

let folder: string;
let database: TestDatabase;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soulseer-migrations-'));
  database = await createDatabase({ empty: true });
});

afterEach(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const run = async (migrations?: Migration[]) =>
  migrate({
    ownerUrl: database.ownerUrl,
    runningRole: database.runner,
    migrations: migrations ?? (await readMigrations(folder)),
  });
const write = (name: string, sql: string) => writeFile(join(folder, name), sql);

describe('migrating', () => {
  it('runs each file once, in order', async () => {
    await write('000001_first.sql', 'CREATE TABLE first (value int)');
    expect(await run()).toEqual(['000001_first.sql']);
    await write('000002_second.sql', 'ALTER TABLE first ADD other int; INSERT INTO first VALUES (1, 2)');
    expect(await run()).toEqual(['000002_second.sql']);
    expect(await run()).toEqual([]);
    expect(await query(database.ownerUrl, 'SELECT * FROM first')).toEqual([{ value: 1, other: 2 }]);
    const rows = await query(
      database.ownerUrl,
      'SELECT number, name, length(checksum) AS length FROM schema_migrations ORDER BY number',
    );
    expect(rows).toEqual([
      { number: 1, name: '000001_first.sql', length: 64 },
      { number: 2, name: '000002_second.sql', length: 64 },
    ]);
  });

  it('started many times at once runs each file once', async () => {
    await write(
      '000001_slow.sql',
      'CREATE TABLE slow (value int); SELECT pg_sleep(0.2); INSERT INTO slow VALUES (1)',
    );
    await write('000002_next.sql', 'INSERT INTO slow VALUES (2)');
    const results = await Promise.all([run(), run(), run(), run()]);
    expect(results.filter((names) => names.length > 0)).toEqual([['000001_slow.sql', '000002_next.sql']]);
    expect(await query(database.ownerUrl, 'SELECT value FROM slow ORDER BY value')).toEqual([
      { value: 1 },
      { value: 2 },
    ]);
  });

  it('refuses a file that was changed or renamed after it was run, and does nothing', async () => {
    await write('000001_first.sql', 'CREATE TABLE first (value int)');
    await run();
    await write('000001_first.sql', 'CREATE TABLE first (value bigint)');
    await write('000002_second.sql', 'CREATE TABLE second (value int)');
    await expect(run()).rejects.toThrow(MigrationRefused);
    await expect(query(database.ownerUrl, 'SELECT 1 FROM second')).rejects.toThrow(/does not exist/);

    await rm(join(folder, '000001_first.sql'));
    await write('000001_renamed.sql', 'CREATE TABLE first (value int)');
    await expect(run()).rejects.toThrow(/000001_renamed.sql is not what was run here as 000001_first.sql/);
  });

  it('takes a failed file back whole, keeps those before it, and goes on when it is mended', async () => {
    await write('000001_good.sql', 'CREATE TABLE good (value int)');
    await write('000002_bad.sql', 'CREATE TABLE half (value int); SELECT nonsense');
    await expect(run()).rejects.toThrow(/000002_bad.sql failed: column "nonsense" does not exist/);
    await expect(query(database.ownerUrl, 'SELECT 1 FROM half')).rejects.toThrow(/does not exist/);
    await write('000002_bad.sql', 'CREATE TABLE half (value int)');
    expect(await run()).toEqual(['000002_bad.sql']);
  });

  it('refuses a gap, a double and a name that is none', async () => {
    await write('000002_second.sql', 'SELECT 1');
    await expect(readMigrations(folder)).rejects.toThrow(MigrationRefused);
    await write('000001_first.sql', 'SELECT 1');
    await write('000001_twin.sql', 'SELECT 1');
    await expect(readMigrations(folder)).rejects.toThrow(MigrationRefused);
    await rm(join(folder, '000001_twin.sql'));
    await write('three.sql', 'SELECT 1');
    await expect(readMigrations(folder)).rejects.toThrow(/three.sql/);
  });

  it('leaves a database alone that is ahead of its files, as after a release was rolled back', async () => {
    await write('000001_first.sql', 'CREATE TABLE first (value int)');
    const old = await readMigrations(folder);
    await write('000002_second.sql', 'CREATE TABLE second (value int)');
    await run();
    expect(await run(old)).toEqual([]);
  });
});

describe('our migrations', () => {
  it('give the running role what it needs and nothing more', async () => {
    await copyFile(
      join(MIGRATIONS_FOLDER, '000001_browser_reports.sql'),
      join(folder, '000001_browser_reports.sql'),
    );
    await run();
    const as = (text: string) => query(database.url, text);
    await as(
      `INSERT INTO browser_reports (received_at, kind, page_url) VALUES (now(), 'crash', 'x'), (now() - interval '31 days', 'old', 'x')`,
    );
    expect(await as('SELECT sweep_browser_reports() AS gone')).toEqual([{ gone: 1 }]);
    expect(await as('SELECT kind FROM browser_reports')).toEqual([{ kind: 'crash' }]);
    expect(await as('SELECT count(*)::int AS count FROM schema_migrations')).toEqual([{ count: 1 }]);

    for (const text of [
      `UPDATE browser_reports SET kind = 'x'`,
      'DELETE FROM browser_reports',
      'TRUNCATE browser_reports',
      'DROP TABLE browser_reports',
      'ALTER TABLE browser_reports ADD more int',
      'CREATE TABLE mine (value int)',
      'CREATE SCHEMA mine',
      `INSERT INTO schema_migrations (number, name, checksum) VALUES (2, 'x', 'x')`,
      'DELETE FROM schema_migrations',
      'CREATE OR REPLACE FUNCTION sweep_browser_reports() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$',
    ]) {
      await expect(as(text), text).rejects.toThrow(/permission denied|must be owner/);
    }
    // Giving rights away is not refused, it just does nothing.
    await as('GRANT ALL ON browser_reports TO PUBLIC');
    expect(
      await as(
        `SELECT has_table_privilege('public', 'browser_reports', 'SELECT, INSERT, UPDATE, DELETE') AS given`,
      ),
    ).toEqual([{ given: false }]);
  });
});
