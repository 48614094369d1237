import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import Stripe from 'stripe';
import { PACKAGE } from './build';
import { freePort } from './shop';

/** A database of its own and the role that owns it. */
export async function openDatabase(prefix: string) {
  const { TEST_POSTGRES_URL } = process.env;
  if (!TEST_POSTGRES_URL)
    throw new Error('TEST_POSTGRES_URL is not set: the tests need a Postgres superuser.');
  const name = `${prefix}_${randomBytes(6).toString('hex')}`;
  const superuser = new Client({ connectionString: TEST_POSTGRES_URL });
  await superuser.connect();
  await superuser.query(`create role ${name} login password 'password'`);
  await superuser.query(`create database ${name} owner ${name}`);
  const url = new URL(TEST_POSTGRES_URL);
  Object.assign(url, { pathname: name, username: name, password: 'password' });
  return {
    name,
    url: url.href,
    superuser,
    async drop() {
      await superuser.query(`drop database ${name} with (force)`);
      await superuser.query(`drop role ${name}`);
      await superuser.end();
    },
  };
}

/** One of the workspace's programs that run as they are, until it says that it is ready. */
export async function run(
  folder: string,
  args: string[],
  environment: Record<string, string>,
  readyUrl: string,
): Promise<{ stop(): Promise<void> }> {
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: join(PACKAGE, '..', folder),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, SOULSEER_ENV: 'development', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let written = '';
  child.stdout?.on('data', (data) => (written += data));
  child.stderr?.on('data', (data) => (written += data));
  const ended = once(child, 'close');
  let over = false;
  void ended.then(() => (over = true));
  while (
    !(await fetch(readyUrl).then(
      (it) => it.ok,
      () => false,
    ))
  ) {
    if (over) throw new Error(`${folder} ${args.join(' ')} ended: ${written}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

export const STRIPE_SECRET_KEY = 'sandbox-secret-key-of-tests';
export const STRIPE_WEBHOOK_SECRET = 'sandbox-webhook-secret-of-tests';

/** The sandbox's storage as a process, which takes what is signed alone. @returns what the shop has to know of it */
export async function openStorage() {
  const folder = await mkdtemp(join(tmpdir(), 'commerce-storage-'));
  const [port, mediaPort] = [await freePort(), await freePort()];
  const key = { S3_ACCESS_KEY_ID: 'shop-of-tests', S3_SECRET_ACCESS_KEY: 'sandbox-secret-of-tests' };
  const program = await run(
    'sandbox',
    ['src/storage/main.ts'],
    { ...key, PORT: String(port), MEDIA_PORT: String(mediaPort), DATA_DIR: folder, LOG_LEVEL: 'error' },
    `http://localhost:${port}/ready`,
  );
  return {
    environment: { ...key, S3_ENDPOINT: `http://localhost:${port}` },
    async close() {
      await program.stop();
      await rm(folder, { recursive: true });
    },
  };
}

export type Storage = Awaited<ReturnType<typeof openStorage>>;

/** The payments sandbox as a process, sending its events to `webhookUrl`. */
export async function openStripe(webhookUrl: string) {
  const database = await openDatabase('commerce_test_stripe');
  const port = await freePort();
  const environment = {
    PORT: String(port),
    LOG_LEVEL: 'error',
    ORIGIN: `http://localhost:${port}`,
    DATABASE_URL: database.url,
    STRIPE_SECRET_KEY,
    WEBHOOK_ENDPOINTS: JSON.stringify([{ url: webhookUrl, secret: STRIPE_WEBHOOK_SECRET }]),
    RETRY_MS: '100',
    LATER_MS: '100',
  };
  const start = () => run('sandbox', ['src/payments/main.ts'], environment, `http://localhost:${port}/ready`);
  let program = await start();
  const stripe = new Stripe(STRIPE_SECRET_KEY, {
    host: 'localhost',
    port,
    protocol: 'http',
    telemetry: false,
    maxNetworkRetries: 0,
  });
  const control = async <Answer = Record<string, unknown>>(
    path: string,
    params: Record<string, unknown> = {},
  ): Promise<Answer> => (await stripe.rawRequest('POST', path, params)) as never;
  return {
    url: `http://localhost:${port}`,
    stripe,
    control,
    /** As a person on the hosted page, with one of the well-known cards. */
    pay: (checkout_session: string, number = '4242424242424242', more: Record<string, unknown> = {}) =>
      control<{ done?: string; declined?: { code: string } }>(
        `/sandbox/checkout/sessions/${checkout_session}/pay`,
        {
          card: { number, exp_month: 12, exp_year: new Date().getUTCFullYear() + 2, cvc: '123' },
          email: 'casey@soulseer.test',
          ...more,
        },
      ),
    away: () => program.stop(),
    async back() {
      program = await start();
    },
    async close() {
      await program.stop();
      await database.drop();
    },
  };
}

export type StripeSandbox = Awaited<ReturnType<typeof openStripe>>;
