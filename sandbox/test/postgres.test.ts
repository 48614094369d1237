import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from './support/database.ts';
import { freePort } from './support/ports.ts';
import { type Running, runProgram } from './support/process.ts';

const PASSWORD = 'sandbox-test';
const READY = 'ready to accept connections';

let folder: string;
let port: number;
const started: Running[] = [];

function start(more: Record<string, string> = {}): Running {
  const program = runProgram('src/postgres/main.ts', {
    SOULSEER_ENV: 'development',
    PORT: String(port),
    DATA_DIR: join(folder, 'postgres'),
    POSTGRES_PASSWORD: PASSWORD,
    ...more,
  });
  started.push(program);
  return program;
}

async function serverPid(): Promise<number> {
  return Number((await readFile(join(folder, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0]);
}

const url = (password = PASSWORD) => `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soulseer-postgres-'));
  port = await freePort();
});

afterAll(async () => {
  for (const program of started) {
    if (program.child.exitCode === null && program.child.signalCode === null) program.child.kill('SIGTERM');
    await program.exited;
  }
  await rm(folder, { recursive: true, force: true });
});

describe('the sandbox’s Postgres', () => {
  it('starts on an empty folder, keeps data safe, asks for the password and stops cleanly', async () => {
    const program = start();
    await program.says(READY);
    const [settings] = await query(
      url(),
      `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
        current_setting('listen_addresses') AS listen_addresses, current_setting('max_connections') AS max_connections,
        current_setting('server_encoding') AS server_encoding`,
    );
    expect(settings).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      listen_addresses: '127.0.0.1',
      max_connections: '200',
      server_encoding: 'UTF8',
    });
    if (process.getuid?.() === 0) {
      // The folder is closed to others: of root's rights the server has CAP_DAC_READ_SEARCH (bit 2), and no other.
      const status = await readFile(`/proc/${await serverPid()}/status`, 'utf8');
      expect(status).toMatch(/^CapEff:\t0*4$/m);
      expect(status).not.toMatch(/^Uid:\t0\t/m);
    }
    await query(url(), 'CREATE TABLE kept (value int); INSERT INTO kept VALUES (7)');
    await expect(query(url('wrong'), 'SELECT 1')).rejects.toThrow(/password authentication failed/);

    program.child.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    expect(program.output()).toContain('database system is shut down');
    for (const line of program.output().trim().split('\n')) {
      expect(JSON.parse(line)).toMatchObject({
        program: 'postgres',
        level: expect.any(String),
        time: expect.any(String),
      });
    }
  });

  it('takes over after its own kill -9: the server left behind is stopped cleanly and the data is there', async () => {
    const killed = start();
    await killed.says(READY);
    const left = await serverPid();
    killed.child.kill('SIGKILL');
    await killed.exited;
    expect(() => process.kill(left, 0)).not.toThrow();

    const program = start();
    await program.says(READY);
    expect(program.output()).toContain('stopping a server left by a killed process');
    // A clean stop of the one left means that nothing had to be recovered.
    expect(program.output()).not.toContain('was not properly shut down');
    expect(await serverPid()).not.toBe(left);
    expect(await query(url(), 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
    program.child.kill('SIGINT');
    expect(await program.exited).toBe(0);
  });

  it('exits non-zero at once when the server dies, and recovers at the next start', async () => {
    const program = start();
    await program.says(READY);
    await query(url(), 'INSERT INTO kept VALUES (8)');
    process.kill(await serverPid(), 'SIGKILL');
    expect(await program.exited).toBe(1);
    expect(program.output()).toContain('the server died');

    // Postgres refuses the folder until the last of the old server's children has gone; a supervisor tries again.
    let again = start();
    for (let tries = 0; tries < 20; tries += 1) {
      const up = await again.says(READY).then(
        () => true,
        () => false,
      );
      if (up) break;
      await pause(200);
      again = start();
    }
    expect(await query(url(), 'SELECT value FROM kept ORDER BY value')).toEqual([{ value: 7 }, { value: 8 }]);
    again.child.kill('SIGTERM');
    expect(await again.exited).toBe(0);
  });

  it('leaves another running sandbox’s server alone', async () => {
    const first = start();
    await first.says(READY);
    const second = start({ PORT: String(await freePort()) });
    expect(await second.exited).toBe(69);
    expect(second.output()).toContain('another sandbox');
    expect(await query(url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(0);
  });

  it('names a port in use in one line', async () => {
    const blocker = createServer().listen(port, '127.0.0.1');
    try {
      const program = start();
      expect(await program.exited).toBe(69);
      expect(program.output().trim().split('\n')).toHaveLength(1);
      expect(program.output()).toContain(`port ${port} on 127.0.0.1 is in use by another program`);
    } finally {
      await new Promise((done) => blocker.close(done));
    }
  });
});
