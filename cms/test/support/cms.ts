import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BasePayload, getPayload, type Payload, type SanitizedConfig } from 'payload';
import { Client } from 'pg';
import { createConfig } from '../../src/config.ts';
import { type Environment, readEnvironment } from '../../src/environment.ts';
import { migrate } from '../../src/migrate/migrate.ts';
import { testEnvironment } from './environment.ts';

export type Cms = {
  payload: Payload;
  config: SanitizedConfig;
  environment: Environment;
  /** Another process's view of the same database. */
  another: () => Promise<Payload>;
  close: () => Promise<void>;
};

type Options = {
  migrated?: boolean;
  storage?: { endpoint: string };
  /** What this test says of the outside. */
  environment?: Partial<Record<keyof Environment, string>>;
};

/** A whole CMS on a database of its own, made by the committed migrations. Without `storage`, nothing can be uploaded. */
export async function startCms({ migrated = true, storage, environment: given }: Options = {}): Promise<Cms> {
  const server = process.env.TEST_POSTGRES_URL;
  if (!server) throw new Error('TEST_POSTGRES_URL is missing: a Postgres where tests may create databases');
  const database = `cms_test_${randomBytes(6).toString('hex')}`;
  const admin = new Client(server);
  await admin.connect();
  await admin.query(`create database ${database}`);

  const environment = readEnvironment({
    ...testEnvironment,
    DATABASE_URL: Object.assign(new URL(server), { pathname: `/${database}` }).href,
    PAYLOAD_SECRET: randomBytes(16).toString('hex'),
    S3_ENDPOINT: storage?.endpoint ?? 'http://storage.invalid',
    ...given,
  });
  const config = await createConfig(environment);
  const payload = await getPayload({ config });
  const opened: Payload[] = [payload];
  if (migrated) await migrate(payload);
  return {
    payload,
    config,
    environment,
    another: async () => {
      const one = await new BasePayload().init({ config: createConfig(environment) });
      opened.push(one);
      return one;
    },
    close: async () => {
      // Payload keeps one connection of each pool for good, so `end` doesn't return; the database is dropped with force.
      for (const { db } of opened) {
        db.pool.on('error', () => {});
        await Promise.race([db.pool.end(), sleep(20)]);
      }
      await admin.query(`drop database ${database} with (force)`);
      await admin.end();
    },
  };
}
