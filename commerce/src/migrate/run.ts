import { Client } from 'pg';
import type { Environment } from '../environment';
import { fingerprintOf } from '../fingerprint';
import { migrateJobs } from '../payments/jobs';
import { createStamps, readStamp, writeStamp } from '../stamp';
import { createPayments } from './payments';
import { createShop } from './shop';
import { MEDUSA_TABLES, OWN_TABLES } from './tables';

/** Everything that decides what tables there are; Medusa's versions are pinned in package.json. */
const SCHEMA_SOURCES = [
  'package.json',
  'medusa-config.ts',
  'medusa-config.js',
  'src/modules',
  'src/links',
  'src/migration-scripts',
  'src/migrate',
];

/** Any number that no other program takes as an advisory lock in this database. */
const LOCK = 7_301_001;

/**
 * Brings the database up to date: Medusa's modules, links and data scripts, then our own tables; then counts them.
 * Concurrent runs wait for one another. When nothing changed since the last run it is done in a moment.
 * @param root folder of `medusa-config`
 * @throws when the number of Medusa's tables isn't the expected one.
 */
export async function migrate(
  environment: Environment,
  root: string,
  say: (line: string) => void,
): Promise<void> {
  const client = new Client({ connectionString: environment.DATABASE_URL });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    const fingerprint = await fingerprintOf(root, SCHEMA_SOURCES);
    if ((await readStamp(client, 'migrate', fingerprint)) !== undefined) {
      await assertTables(client);
      say('Nothing has changed since the last migration.');
      return;
    }
    await migrateMedusa(root, say);
    await createSessions(client);
    await createPeople(client);
    await createLimits(client);
    await createPayments(client);
    await createShop(client);
    await migrateJobs(client);
    await createStamps(client);
    await assertTables(client);
    await writeStamp(client, 'migrate', fingerprint);
    say(`Migrated: ${MEDUSA_TABLES} tables of Medusa's and ${OWN_TABLES.length} of our own.`);
  } finally {
    await client.end();
  }
}

/** The same two steps as `medusa db:migrate`, in this process instead of two more. */
async function migrateMedusa(root: string, say: (line: string) => void): Promise<void> {
  // Imported only when there is something to do: loading Medusa takes seconds.
  const { initializeContainer } =
    require('@medusajs/medusa/loaders/index') as typeof import('@medusajs/medusa/loaders/index');
  const commands = {
    ...(require('@medusajs/medusa/commands/db/migrate') as typeof import('@medusajs/medusa/commands/db/migrate')),
    ...(require('@medusajs/medusa/commands/db/run-scripts') as typeof import('@medusajs/medusa/commands/db/run-scripts')),
  };
  const container = await initializeContainer(root);
  const logger = container.resolve('logger');
  say('Migrating modules and links …');
  const migrated = await commands.migrate({
    directory: root,
    skipLinks: false,
    skipScripts: true,
    skipSearch: true,
    // Whether a table of a removed link may go is for a person to decide; this runs unattended.
    executeAllLinks: false,
    executeSafeLinks: true,
    executeAllSearch: false,
    executeSafeSearch: true,
    logger,
    container,
  });
  if (!migrated) throw new Error('Medusa could not migrate its modules.');
  say('Running data scripts …');
  await commands.runMigrationScripts({ directory: root, container, logger });
}

async function createSessions(client: Client): Promise<void> {
  await client.query(
    `create table if not exists http_session (sid varchar primary key, sess json not null, expire timestamp(6) not null)`,
  );
  await client.query('create index if not exists http_session_expire on http_session (expire)');
}

/** Our own copy of the directory. `brought_version` is the version by which Medusa's rows of the person were made or mended. */
async function createPeople(client: Client): Promise<void> {
  await client.query(`create table if not exists commerce_person (
    person_id uuid primary key,
    version bigint not null check (version > 0),
    brought_version bigint,
    issuer text not null,
    subject text not null,
    email text,
    email_verified boolean not null,
    display_name text not null,
    role text not null check (role in ('client', 'reader', 'admin')),
    status text not null check (status in ('active', 'suspended')),
    updated_at timestamptz not null default now(),
    unique (issuer, subject)
  )`);
}

/** Counts that may be lost with a crash, so the log of the database is spared them. */
async function createLimits(client: Client): Promise<void> {
  await client.query(`create unlogged table if not exists commerce_limit (
    key text primary key,
    ends_at timestamptz not null,
    count int not null
  )`);
  await client.query('create index if not exists commerce_limit_ends_at on commerce_limit (ends_at)');
}

async function assertTables(client: Client): Promise<void> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from pg_tables where schemaname = current_schema() and tablename <> all ($1)`,
    [OWN_TABLES],
  );
  const found = rows[0]?.count ?? 0;
  if (found !== MEDUSA_TABLES) {
    throw new Error(
      `Medusa has ${found} tables where ${MEDUSA_TABLES} are expected (src/migrate/tables.ts).`,
    );
  }
}
