import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './ports.ts';

export interface TestRedis extends AsyncDisposable {
  url: string;
  /** It stops answering, its connections still open; `false` has it go on. */
  freeze(frozen: boolean): void;
  /** Killed, as a machine that is gone; on the same port again with `start`. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Where redis-server is: REDIS_SERVER_PATH, which `npm test` sets, or on PATH. */
function findRedisServer(): string {
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'redis-server'));
  const found = [process.env.REDIS_SERVER_PATH ?? '', ...places].find(existsSync);
  if (!found)
    throw new Error(
      'No redis-server: install one (apt-get install redis-server) or name it in REDIS_SERVER_PATH.',
    );
  return found;
}

/** A Redis of the test's own that keeps nothing on disk. */
export async function startRedis(): Promise<TestRedis> {
  const program = findRedisServer();
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'soulseer-redis-'));
  const settings = { port, bind: '127.0.0.1', save: '', appendonly: 'no', dir: folder };
  let child = run();

  function run() {
    const given = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    return spawn(program, given, { stdio: 'ignore' });
  }

  async function untilThere(): Promise<void> {
    for (let there = false; !there; await pause(20)) {
      if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
      there = await new Promise<boolean>((resolve) => {
        const socket = createConnection(port, '127.0.0.1', () => resolve(true));
        socket.once('error', () => resolve(false)).once('connect', () => socket.destroy());
      });
    }
  }

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  await untilThere();
  return {
    url: `redis://127.0.0.1:${port}`,
    freeze: (frozen) => void child.kill(frozen ? 'SIGSTOP' : 'SIGCONT'),
    kill,
    async start() {
      child = run();
      await untilThere();
    },
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
