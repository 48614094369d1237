/** One Postgres server from npm, on a folder of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Log } from '../log.ts';
import { Unavailable } from '../service.ts';
import { findBinaries } from './binaries.ts';
import { initialise } from './initialise.ts';
import { stopLeftover } from './leftover.ts';
import { findRunner, type Runner } from './runner.ts';

export interface ClusterOptions {
  host: string;
  port: number;
  dataDir: string;
  password: string;
  log: Log;
  /** Called once when the server ends without having been asked to. */
  onDeath: (reason: string) => void;
}

const settings = (host: string) => ({
  listen_addresses: host,
  // TCP only: a socket file in /tmp would be shared with whatever else runs on this machine.
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  effective_cache_size: '1GB',
  // Both are the defaults, said aloud: money is kept here, and tests kill this server.
  fsync: 'on',
  synchronous_commit: 'on',
  max_wal_size: '1GB',
  log_line_prefix: '',
  log_checkpoints: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
});

/** Starts the server and answers when it accepts connections. Throws `Unavailable` for a taken port or folder. */
export async function startCluster(options: ClusterOptions): Promise<{ stop: () => Promise<void> }> {
  const { host, port, password, log } = options;
  const dataDir = resolve(options.dataDir);
  const home = dirname(dataDir);
  await mkdir(home, { recursive: true });
  await stopLeftover(dataDir, log);
  await refuseTakenPort(host, port);

  const binaries = await findBinaries();
  const runner = await findRunner([home, dirname(binaries.postgres)]);
  if (!(await exists(join(dataDir, 'PG_VERSION')))) {
    // Made beside and moved into place, so that an interrupted first start leaves nothing half made.
    const fresh = `${dataDir}.new`;
    await rm(fresh, { recursive: true, force: true });
    await initialise({ initdb: binaries.initdb, runner, folder: fresh, password });
    await rm(dataDir, { recursive: true, force: true });
    await rename(fresh, dataDir);
    log.info('initialised', { data_dir: dataDir });
  }

  const flags = Object.entries(settings(host)).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = run(runner, binaries.postgres, ['-D', dataDir, '-p', String(port), ...flags]);
  const ended = new Promise<string>((done) => {
    server.once('close', (code, signal) => done(signal ? `signal ${signal}` : `exit code ${code}`));
    server.once('error', (error) => done(error.message));
  });
  const accepting = relay(server, log);
  const failed = await Promise.race([accepting, ended]);
  if (failed) throw new Error(`the server ended while it was starting (${failed}); the lines above say why`);

  let stopping = false;
  void ended.then((reason) => {
    if (!stopping) options.onDeath(reason);
  });
  return {
    async stop() {
      stopping = true;
      // SIGINT is Postgres's fast shutdown: sessions end, everything is written. After a Ctrl-C, which reaches the
      // whole process group, the server is on its way already and takes this as said twice.
      server.kill('SIGINT');
      await ended;
    },
  };
}

function run(runner: Runner, program: string, args: string[]): ChildProcess {
  const [command, all] = runner.wrap(program, args);
  return spawn(command, all, {
    ...runner.identity,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_MESSAGES: 'C' },
  });
}

/** Turns the server's own lines into ours, and resolves when it says that it accepts connections. */
function relay(server: ChildProcess, log: Log): Promise<undefined> {
  return new Promise((ready) => {
    if (!server.stderr) throw new Error('the server has no standard error');
    createInterface({ input: server.stderr }).on('line', (line) => {
      const [, severity = 'LOG', message = line.trim()] = /^(\w+):\s+(.*)$/.exec(line.trim()) ?? [];
      if (!message) return;
      if (severity === 'ERROR' || severity === 'FATAL' || severity === 'PANIC')
        log.error(message, { severity });
      else if (severity === 'WARNING') log.warn(message);
      else log.info(message, severity === 'LOG' ? {} : { severity });
      if (message.includes('ready to accept connections')) ready(undefined);
    });
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function refuseTakenPort(host: string, port: number): Promise<void> {
  await new Promise<void>((done, refuse) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      refuse(
        error.code === 'EADDRINUSE'
          ? new Unavailable(`port ${port} on ${host} is in use by another program`)
          : error,
      ),
    );
    probe.listen(port, host, () => probe.close(() => done()));
  });
}
