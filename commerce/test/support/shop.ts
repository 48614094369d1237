import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { DirectoryPerson } from '../../src/identity/person';
import { signRequest } from '../../src/identity/signature';
import { BUILD, PACKAGE } from './build';
import { openCms } from './cms';
import { AUDIENCE, openIssuer } from './issuer';

/** How a program ended and what it wrote. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface S3rver {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
}

/**
 * A shop of its own: a copy of the build in a folder elsewhere (as it is run), a database with a role that owns
 * nothing else, an S3 storage, and a small world.
 */
export async function openShop() {
  const { TEST_POSTGRES_URL } = process.env;
  if (!TEST_POSTGRES_URL)
    throw new Error('TEST_POSTGRES_URL is not set: the tests need a Postgres superuser.');
  const folder = await mkdtemp(join(tmpdir(), 'commerce-'));
  const root = join(folder, 'build');
  await cp(BUILD, root, { recursive: true });
  await symlink(join(PACKAGE, 'node_modules'), join(root, 'node_modules'));

  const name = `commerce_test_${randomBytes(6).toString('hex')}`;
  const superuser = new Client({ connectionString: TEST_POSTGRES_URL });
  await superuser.connect();
  await superuser.query(`create role ${name} login password 'password'`);
  await superuser.query(`create database ${name} owner ${name}`);
  const databaseUrl = new URL(TEST_POSTGRES_URL);
  Object.assign(databaseUrl, { pathname: name, username: name, password: 'password' });

  const Storage = createRequire(__filename)('@20minutes/s3rver') as new (options: object) => S3rver;
  const storage = new Storage({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory: join(folder, 's3'),
    configureBuckets: [{ name: 'media' }, { name: 'private' }],
  });
  const { port: s3Port } = await storage.run();
  const client = { id: 'soulseer-commerce', secret: 'sandbox-secret-of-the-client' };
  const askingKey = `sandbox-${randomBytes(24).toString('hex')}`;
  const tellingKey = `sandbox-${randomBytes(24).toString('hex')}`;
  const issuer = await openIssuer(client);
  const cms = await openCms(askingKey);
  const port = await freePort();
  const origin = `http://localhost:${port}`;

  const environment: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    SOULSEER_ENV: 'development',
    PORT: String(port),
    DATABASE_URL: databaseUrl.href,
    JWT_SECRET: 'sandbox-secret-for-tokens',
    COOKIE_SECRET: 'sandbox-secret-for-cookies',
    COMMERCE_URL: origin,
    SITE_URL: 'http://localhost:4721',
    CMS_URL: cms.url,
    REALTIME_URL: 'http://localhost:4724',
    OIDC_ISSUER: issuer.url,
    OIDC_AUDIENCE: AUDIENCE,
    OIDC_CLIENT_ID: client.id,
    OIDC_CLIENT_SECRET: client.secret,
    SERVICE_KEY_CMS_TO_COMMERCE: tellingKey,
    SERVICE_KEY_COMMERCE_TO_CMS: askingKey,
    SERVICE_KEY_COMMERCE_TO_REALTIME: 'sandbox-key-of-the-shop-to-realtime',
    STRIPE_SECRET_KEY: 'sandbox-secret-key-of-tests',
    STRIPE_WEBHOOK_SECRET: 'sandbox-webhook-secret-of-tests',
    // Nobody is there; tests of payments give another.
    STRIPE_API_URL: 'http://localhost:9',
    S3_ENDPOINT: `http://127.0.0.1:${s3Port}`,
    S3_REGION: 'auto',
    S3_ACCESS_KEY_ID: 'S3RVER',
    S3_SECRET_ACCESS_KEY: 'S3RVER',
    S3_MEDIA_BUCKET: 'media',
    S3_PRIVATE_BUCKET: 'private',
    MEDIA_URL: 'http://localhost:4732',
    SEED_PUBLISHABLE_KEY: `pk_${randomBytes(32).toString('hex')}`,
  };

  const database = new Client({ connectionString: databaseUrl.href });
  // Tests take the database away and give it back.
  database.on('error', () => {});
  await database.connect();
  const running = new Set<ChildProcess>();

  const launch = (program: string, args: string[], change: Record<string, string | undefined> = {}) => {
    const env = { ...environment, ...change };
    // From another folder than the build's: no program may depend on where it is called.
    const child = spawn(process.execPath, [join(root, 'src', program), ...args], { env, cwd: folder });
    running.add(child);
    const written = { stdout: '', stderr: '' };
    child.stdout.on('data', (data) => (written.stdout += data));
    child.stderr.on('data', (data) => (written.stderr += data));
    const ended = once(child, 'close').then(([code]): Ended => {
      running.delete(child);
      return { code, ...written };
    });
    return { child, ended, written };
  };

  return {
    origin,
    environment,
    folder,
    name,
    superuser,
    database,
    s3Port,
    issuer,
    cms,
    /** What the CMS does when a person is made or changed: tells the shop, signed. */
    tell(person: DirectoryPerson, change: { secret?: string; nowMs?: number; body?: string } = {}) {
      const path = `/service/directory/people/${person.person_id}`;
      const body = JSON.stringify(person);
      const headers = signRequest(
        change.secret ?? tellingKey,
        { method: 'PUT', path, body },
        change.nowMs ?? Date.now(),
      );
      return fetch(`${origin}${path}`, {
        method: 'PUT',
        body: change.body ?? body,
        headers: { 'content-type': 'application/json', ...headers },
      });
    },
    /** Runs `migrate/main.js` or another of the programs to its end. */
    run: (program: string, args: string[] = [], change?: Record<string, string | undefined>) =>
      launch(program, args, change).ended,
    /** Starts the server, and waits until it is ready. */
    async start(change?: Record<string, string | undefined>) {
      const { child, ended, written } = launch('start.js', [], change);
      const address = change?.PORT ? `http://localhost:${change.PORT}` : origin;
      let over = false;
      void ended.then(() => (over = true));
      while (
        !(await fetch(`${address}/ready`).then(
          (it) => it.ok,
          () => false,
        ))
      ) {
        if (over) throw new Error(`The server ended: ${written.stderr}${written.stdout}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return {
        address,
        lines: () =>
          written.stdout
            .trim()
            .split('\n')
            .map((line): Record<string, unknown> => JSON.parse(line)),
        stderr: () => written.stderr,
        stop: async () => {
          child.kill('SIGTERM');
          return ended;
        },
        kill: async () => {
          child.kill('SIGKILL');
          return ended;
        },
      };
    },
    async writeWorld(world: object, pictures: Record<string, Buffer>) {
      const directory = join(folder, 'world');
      await mkdir(join(directory, 'pictures'), { recursive: true });
      await writeFile(join(directory, 'commerce.json'), JSON.stringify(world));
      for (const [file, bytes] of Object.entries(pictures))
        await writeFile(join(directory, 'pictures', file), bytes);
      return directory;
    },
    async close() {
      for (const child of running) child.kill('SIGKILL');
      await database.end();
      await superuser.query(`drop database ${name} with (force)`);
      await superuser.query(`drop role ${name}`);
      await superuser.end();
      await storage.close();
      await issuer.close();
      await cms.close();
      await rm(folder, { recursive: true });
    },
  };
}

export type Shop = Awaited<ReturnType<typeof openShop>>;

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
