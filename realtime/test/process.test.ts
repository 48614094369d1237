import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeReceiptKey } from '../src/receipts/keys.ts';
import { query } from './support/cluster.ts';
import { createDatabase, type TestDatabase } from './support/database.ts';
import { freePort, type Running, runProgram } from './support/process.ts';

let database: TestDatabase;
let port: number;
let receiptKeys: string;
const started: Running[] = [];

beforeAll(async () => {
  database = await createDatabase();
  port = await freePort();
  receiptKeys = JSON.stringify([await makeReceiptKey('test')]);
});

afterAll(async () => {
  for (const program of started) {
    program.child.kill('SIGKILL');
    await program.exited;
  }
  // The server notices a killed client when it next reads from it.
  await query(database.ownerUrl, 'SELECT pg_sleep(0.2)');
  await database.drop();
});

function start(more: Record<string, string> = {}, args = ['src/main.ts']): Running {
  const program = runProgram(args, {
    SOULSEER_ENV: 'development',
    PORT: String(port),
    DATABASE_URL: database.url,
    SITE_URL: 'http://localhost:4321',
    CMS_URL: 'http://localhost:4322',
    OIDC_ISSUER: 'http://localhost:4325',
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'SoulSeer <hello@soulseer.test>',
    OIDC_AUDIENCE: 'https://api.soulseer.test',
    SERVICE_KEY_CMS_TO_REALTIME: 'c'.repeat(32),
    SERVICE_KEY_COMMERCE_TO_REALTIME: 'd'.repeat(32),
    SERVICE_KEY_SITE_TO_REALTIME: 'e'.repeat(32),
    SERVICE_KEY_REALTIME_TO_CMS: 'f'.repeat(32),
    RECEIPT_KEYS: receiptKeys,
    ...more,
  });
  started.push(program);
  return program;
}

/** A request whose body is sent only in part, so that it is in flight for as long as we like. */
async function beginReport(): Promise<{ socket: Socket; finish: () => void; answer: Promise<string> }> {
  const body = JSON.stringify([{ type: 'crash', url: 'https://soulseer.example/' }]);
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let text = '';
  socket.on('data', (chunk) => (text += chunk));
  const answer = once(socket, 'close').then(() => text);
  socket.write(
    `POST /api/reports HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
  );
  return { socket, finish: () => socket.write(body.slice(10)), answer };
}

describe('the process', () => {
  it('serves, and on SIGTERM finishes what is in flight, takes nothing new, and exits 0', async () => {
    const program = start();
    await program.says('Server listening');
    expect((await fetch(`http://localhost:${port}/ready`)).status).toBe(200);

    const inFlight = await beginReport();
    // The server has it once it has answered one that came after.
    await fetch(`http://localhost:${port}/health`);
    program.child.kill('SIGTERM');
    await program.says('stopping');
    await expect(fetch(`http://localhost:${port}/ready`)).rejects.toThrow();
    expect(program.child.exitCode).toBeNull();
    inFlight.finish();
    expect(await inFlight.answer).toMatch(/^HTTP\/1\.1 204/);
    expect(await program.exited).toBe(0);
    expect(
      await query(database.ownerUrl, `SELECT kind FROM browser_reports WHERE kind = 'crash'`),
    ).toHaveLength(1);
    for (const line of program.output().trim().split('\n')) {
      expect(JSON.parse(line)).toMatchObject({
        program: 'realtime',
        level: expect.any(String),
        time: expect.any(String),
        message: expect.any(String),
      });
    }
    expect(
      await query(
        database.ownerUrl,
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'realtime'`,
      ),
    ).toEqual([]);
  });

  it('does not wait for ever for a request that never ends', async () => {
    const program = start();
    await program.says('Server listening');
    const stuck = await beginReport();
    await fetch(`http://localhost:${port}/health`);
    const began = performance.now();
    program.child.kill('SIGINT');
    expect(await program.exited).toBe(0);
    expect(performance.now() - began).toBeLessThan(10_000);
    stuck.socket.destroy();
  });

  it('names everything wrong with its environment at once and exits 78', async () => {
    const program = start({ PORT: 'x', DATABASE_URL: '', SITE_URL: 'nowhere' });
    expect(await program.exited).toBe(78);
    for (const name of ['PORT', 'DATABASE_URL', 'SITE_URL'])
      expect(program.output()).toContain(`  ${name}: `);
  });

  it('refuses the sandbox in production and exits 78', async () => {
    const program = start({ SOULSEER_ENV: 'production' });
    expect(await program.exited).toBe(78);
    for (const name of ['DATABASE_URL', 'SITE_URL'])
      expect(program.output()).toContain(`  ${name}: is an address of this machine`);
  });

  it('names a port in use in one line and exits 69', async () => {
    const blocker = createServer().listen(port, '127.0.0.1');
    await once(blocker, 'listening');
    const program = start();
    expect(await program.exited).toBe(69);
    expect(program.output()).toContain(`port ${port} on 127.0.0.1 is in use by another program`);
    blocker.close();
    await once(blocker, 'close');
  });

  it('starts without a database, says that it is not ready, and stays up', async () => {
    const program = start({ DATABASE_URL: `postgres://realtime:x@127.0.0.1:${await freePort()}/realtime` });
    await program.says('Server listening');
    const ready = await fetch(`http://localhost:${port}/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'not_ready', checks: { database: 'does not answer' } },
    ]);
    program.child.kill('SIGTERM');
    expect(await program.exited).toBe(0);
  });

  it('crashes loudly on a promise that nobody caught', async () => {
    const program = start({}, [
      '--import',
      'data:text/javascript,setTimeout(()=>Promise.reject(new Error("forgotten")),700)',
      'src/main.ts',
    ]);
    expect(await program.exited).toBe(1);
    const lines = program
      .output()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: string; message: string });
    expect(lines.find(({ level }) => level === 'fatal')?.message).toBe('crashed: unhandledRejection');
    expect(program.output()).toContain('forgotten');
  });
});

describe('soulseer migrate', () => {
  it('migrates, twice at once, and a second time does nothing', async () => {
    const empty = await createDatabase({ empty: true });
    const run = () =>
      start({ DATABASE_URL: empty.url, DATABASE_OWNER_URL: empty.ownerUrl }, ['src/cli.ts', 'migrate']);
    const both = [run(), run()];
    expect(await Promise.all(both.map(({ exited }) => exited))).toEqual([0, 0]);
    expect(both.filter((one) => one.output().includes('"message":"migrated"'))).toHaveLength(1);
    const again = run();
    expect(await again.exited).toBe(0);
    expect(again.output()).toContain('nothing to migrate');
    await empty.drop();
  });

  it('says what is missing, what it is for, and how it is used', async () => {
    const program = start({}, ['src/cli.ts', 'migrate']);
    expect(await program.exited).toBe(78);
    expect(program.output()).toContain(
      '  DATABASE_OWNER_URL: is missing. It is the database, as the role that owns it and migrates.',
    );
    const unknown = start({}, ['src/cli.ts', 'toString']);
    expect(await unknown.exited).toBe(64);
    expect(unknown.output()).toContain('usage: soulseer <command>');
  });

  it('fails without showing the password when the database can’t be reached', async () => {
    const program = start(
      { DATABASE_OWNER_URL: `postgres://owner:top-secret@127.0.0.1:${await freePort()}/realtime` },
      ['src/cli.ts', 'migrate'],
    );
    expect(await program.exited).toBe(1);
    expect(program.output()).toContain('could not migrate');
    expect(program.output()).not.toContain('top-secret');
  });
});
