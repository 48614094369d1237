import { inject } from 'vitest';
import { adminUrl, databaseUrl, query, randomName } from './cluster.ts';

export interface TestDatabase {
  name: string;
  /** As the role that runs. */
  url: string;
  ownerUrl: string;
  runner: string;
  /** Fails when a connection was left open. */
  drop: () => Promise<void>;
}

/** A database of the test's own: migrated, or `{ empty: true }`. */
export async function createDatabase({ empty = false } = {}): Promise<TestDatabase> {
  const { name: template, owner, runner, password } = inject('realtimeTemplate');
  const name = randomName('realtime_test');
  await query(
    adminUrl(),
    `CREATE DATABASE ${name} OWNER ${owner} TEMPLATE ${empty ? 'template0' : template}`,
  );
  if (empty)
    await query(
      databaseUrl(name),
      `REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO ${runner}`,
    );
  return {
    name,
    url: databaseUrl(name, runner, password),
    ownerUrl: databaseUrl(name, owner, password),
    runner,
    drop: async () => {
      await query(adminUrl(), `DROP DATABASE ${name}`);
    },
  };
}
