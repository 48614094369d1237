/** What the benchmarks share: a durable Postgres, a migrated database of their own, rounds in random order, medians. */

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { migrate, readMigrations } from '../src/migrate.ts';

/** Files of the log, of 16 MB: more than a benchmark of writing needs. */
const LOG_FILES = 320;

export interface Bench {
  /** As superuser, as owner and as the running role. */
  adminUrl: string;
  url: string;
  drop: () => Promise<void>;
}

/** BENCH_POSTGRES_URL, or a Postgres of our own with checkpoints far apart. Refuses one that forgets what it committed. */
async function server(writes: boolean): Promise<{ url: string; stop: () => Promise<void> }> {
  const given = process.env['BENCH_POSTGRES_URL'];
  if (given) return { url: given, stop: async () => undefined };
  const { startCluster } = await import('../../sandbox/src/postgres/cluster.ts');
  const { createLog } = await import('../../sandbox/src/log.ts');
  const dataDir = join(mkdtempSync(join(tmpdir(), 'soulseer-bench-')), 'postgres');
  const port = await freePort();
  const onDeath = (reason: string) => {
    throw new Error(reason);
  };
  const cluster = await startCluster({
    host: '127.0.0.1',
    port,
    dataDir,
    password: 'bench',
    log: createLog('bench', 'error'),
    onDeath,
  });
  const url = `postgres://postgres:bench@127.0.0.1:${port}/postgres`;
  await run(url, `ALTER SYSTEM SET max_wal_size = '16GB'`);
  await run(url, `ALTER SYSTEM SET min_wal_size = '16GB'`);
  await run(url, `ALTER SYSTEM SET checkpoint_timeout = '30min'`);
  await run(url, 'SELECT pg_reload_conf()');
  if (writes) await fillLog(url);
  return {
    url,
    stop: async () => {
      await cluster.stop();
      rmSync(dirname(dataDir), { recursive: true, force: true });
    },
  };
}

/**
 * A server that has run for some days writes its log into files that it has already. A new one makes each 16 MB first, which
 * whoever happens to be writing waits for: so they are made, and given back by a checkpoint, before anything is measured.
 */
async function fillLog(url: string): Promise<void> {
  await run(
    url,
    `DO $$ BEGIN
      FOR i IN 1..${LOG_FILES} LOOP
        PERFORM pg_logical_emit_message(false, 'bench', '');
        PERFORM pg_switch_wal();
      END LOOP;
    END $$`,
  );
  await run(url, 'CHECKPOINT');
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(address && typeof address === 'object' ? address.port : 0));
    });
  });

export async function run(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

const at = (url: string, database: string, role?: string) => {
  const address = new URL(url);
  address.pathname = `/${database}`;
  if (role) {
    address.username = role;
    address.password = 'bench';
  }
  return address.href;
};

/**
 * A migrated database with the two roles; with `writes`, its server is ready for a benchmark of writing. `drop` takes it all
 * away again.
 */
export async function createBench(name: string, { writes = false } = {}): Promise<Bench> {
  const { url, stop } = await server(writes);
  const database = `led_bench_${name}_${process.pid}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    const { rows } = await client.query(`SHOW ${setting}`);
    if (rows[0][setting] !== 'on')
      throw new Error(`${setting} is ${rows[0][setting]}: nothing that is measured so counts`);
  }
  for (const role of ['owner', 'runner'])
    await client.query(`CREATE ROLE ${database}_${role} LOGIN PASSWORD 'bench'`);
  await client.query(`CREATE DATABASE ${database} OWNER ${database}_owner`);
  await run(
    at(url, database),
    `REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO ${database}_runner`,
  );
  await migrate({
    ownerUrl: at(url, database, `${database}_owner`),
    runningRole: `${database}_runner`,
    migrations: await readMigrations(),
  });
  return {
    adminUrl: at(url, database),
    url: at(url, database, `${database}_runner`),
    async drop() {
      await client.query(`DROP DATABASE ${database} WITH (FORCE)`);
      for (const role of ['owner', 'runner']) await client.query(`DROP ROLE ${database}_${role}`);
      await client.end();
      await stop();
    },
  };
}

/** Runs every contender once a round in random order; the first round is thrown away. Answers what each measured. */
export async function race<Name extends string>(
  rounds: number,
  contenders: Record<Name, () => Promise<number>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contenders) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round <= rounds; round += 1) {
    const order = names.map((name) => ({ name, luck: Math.random() })).sort((a, b) => a.luck - b.luck);
    for (const { name } of order) {
      const value = await contenders[name]();
      if (round > 0) results[name].push(value);
    }
    process.stderr.write(
      `round ${round}/${rounds}: ${names.map((name) => `${name} ${Math.round(results[name].at(-1) ?? 0)}`).join(', ')}\n`,
    );
  }
  return results;
}
