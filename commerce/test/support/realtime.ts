import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { signRequest } from '../../src/identity/signature';
import { PACKAGE } from './build';
import { run } from './programs';
import { freePort } from './shop';

const FOLDER = join(PACKAGE, '../realtime');

/** realtime itself, with a database and roles of its own; the shop's calls are signed with `shopKey`. */
export async function openRealtime(shopKey: string) {
  const { TEST_POSTGRES_URL } = process.env;
  if (!TEST_POSTGRES_URL)
    throw new Error('TEST_POSTGRES_URL is not set: the tests need a Postgres superuser.');
  const name = `commerce_test_realtime_${randomBytes(6).toString('hex')}`;
  const [owner, runner] = [`${name}_owner`, name];
  const superuser = new Client({ connectionString: TEST_POSTGRES_URL });
  await superuser.connect();
  for (const role of [owner, runner]) await superuser.query(`create role ${role} login password 'password'`);
  await superuser.query(`create database ${name} owner ${owner}`);
  const urlOf = (role: string) => {
    const url = new URL(TEST_POSTGRES_URL);
    Object.assign(url, { pathname: name, username: role, password: 'password' });
    return url.href;
  };
  const database = new Client({ connectionString: urlOf(owner) });
  database.on('error', () => {});
  await database.connect();
  await database.query('revoke all on schema public from public');
  await database.query(`grant usage on schema public to ${runner}`);

  const machine = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
  const command = async (args: string[], env: Record<string, string>) =>
    (
      await promisify(execFile)(process.execPath, ['src/cli.ts', ...args], {
        cwd: FOLDER,
        env: { ...machine, ...env },
      })
    ).stdout;
  const port = await freePort();
  const environment = {
    SOULSEER_ENV: 'development',
    LOG_LEVEL: 'error',
    PORT: String(port),
    DATABASE_URL: urlOf(runner),
    DATABASE_OWNER_URL: urlOf(owner),
    SITE_URL: 'http://localhost:4721',
    CMS_URL: 'http://localhost:4722',
    OIDC_ISSUER: 'http://localhost:4725',
    OIDC_AUDIENCE: 'https://api.soulseer.test',
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'SoulSeer <hello@soulseer.test>',
    SERVICE_KEY_CMS_TO_REALTIME: 'c'.repeat(32),
    SERVICE_KEY_COMMERCE_TO_REALTIME: shopKey,
    SERVICE_KEY_SITE_TO_REALTIME: 'e'.repeat(32),
    SERVICE_KEY_REALTIME_TO_CMS: 'f'.repeat(32),
  };
  await command(['migrate'], environment);
  const key = (await command(['make-receipt-key', 'test'], {})).trim();
  const start = () =>
    run(
      'realtime',
      ['src/main.ts'],
      { ...environment, RECEIPT_KEYS: `[${key}]` },
      `http://localhost:${port}/ready`,
    );
  let program = await start();

  return {
    url: `http://localhost:${port}`,
    database,
    /** Of an account, such as `wallet:{person}`; nothing moved yet is 0. */
    async balance(account: string): Promise<number> {
      const { rows } = await database.query<{ cents: string }>(
        'select balance as cents from accounts where name = $1',
        [account],
      );
      return Number(rows[0]?.cents ?? 0);
    },
    /** Money in a wallet, as a captured card brings it. */
    async give(person_id: string, amount_cents: number): Promise<void> {
      const path = `/service/payments/test-${randomBytes(6).toString('hex')}`;
      const text = JSON.stringify({ person_id, amount_cents });
      const answer = await fetch(`http://localhost:${port}${path}`, {
        method: 'PUT',
        body: text,
        headers: {
          'content-type': 'application/json',
          ...signRequest(shopKey, { method: 'PUT', path, body: text }, Date.now()),
        },
      });
      if (!answer.ok) throw new Error(await answer.text());
    },
    /** What a person spends: a wallet order, held and captured. */
    async spend(person_id: string, amount_cents: number): Promise<void> {
      const id = `test-${randomBytes(6).toString('hex')}`;
      const ends_at_ms = Date.now() + 600_000;
      for (const [path, body] of [
        [`/service/holds/${id}`, { person_id, amount_cents, ends_at_ms, details: {} }],
        [`/service/holds/${id}/post`, { amount_cents }],
      ] as const) {
        const text = JSON.stringify(body);
        const answer = await fetch(`http://localhost:${port}${path}`, {
          method: 'PUT',
          body: text,
          headers: {
            'content-type': 'application/json',
            ...signRequest(shopKey, { method: 'PUT', path, body: text }, Date.now()),
          },
        });
        if (!answer.ok) throw new Error(await answer.text());
      }
    },
    /** A pause of all spending, as its person sets it (W8). */
    async pauseSpending(person_id: string): Promise<void> {
      await database.query(`select ledger_set_budget($1, $2, 'none', 'UTC', 0, now(), null)`, [
        `wallet:${person_id}`,
        `${person_id}:pause`,
      ]);
    },
    /** The most that a person may spend in a day, as they set it (W8). */
    async limitDay(person_id: string, cents: number): Promise<void> {
      await database.query(`select ledger_set_budget($1, $2, 'day', 'UTC', $3, now(), null)`, [
        `wallet:${person_id}`,
        `${person_id}:day`,
        cents,
      ]);
    },
    /** The whole ledger proven, or what is wrong with it. */
    verify: () => command(['verify-ledger'], environment),
    away: () => program.stop(),
    async back() {
      program = await start();
    },
    async close() {
      await program.stop();
      await database.end();
      await superuser.query(`drop database ${name} with (force)`);
      for (const role of [owner, runner]) await superuser.query(`drop role ${role}`);
      await superuser.end();
    },
  };
}

export type Realtime = Awaited<ReturnType<typeof openRealtime>>;
