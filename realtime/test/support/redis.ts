import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './process.ts';

/** Where redis-server is: REDIS_SERVER_PATH, which `npm test` sets, or on PATH. */
function findRedisServer(): string {
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'redis-server'));
  const found = [process.env.REDIS_SERVER_PATH ?? '', ...places].find(existsSync);
  if (!found)
    throw new Error(
      'No redis-server: what production runs on Redis can’t be tested. Install one (on Debian: apt-get install redis-server) or name it in REDIS_SERVER_PATH.',
    );
  return found;
}

/** A Redis of the test's own that keeps nothing on disk. */
export async function startRedis(): Promise<{ url: string; stop: () => Promise<void> }> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'soulseer-redis-'));
  const child = spawn(
    findRedisServer(),
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
    { stdio: 'ignore' },
  );
  const exited = once(child, 'exit');
  for (let answers = false; !answers; await pause(20)) {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
    answers = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false)).once('connect', () => socket.destroy());
    });
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
