import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../', import.meta.url));

/** The build, copied elsewhere with `node_modules` beside it, as the launcher runs it. */
export interface Build extends AsyncDisposable {
  main: string;
}

/** @throws when there is no build: `pnpm --filter site build` makes it. */
export async function copyBuild(): Promise<Build> {
  await stat(join(folder, 'dist/main.js')).catch((cause: unknown) => {
    throw new Error('site/dist is missing: run `pnpm --filter site build` first', { cause });
  });
  const place = await mkdtemp(join(tmpdir(), 'soulseer-site-'));
  await cp(join(folder, 'dist'), join(place, 'dist'), { recursive: true });
  await symlink(join(folder, 'node_modules'), join(place, 'node_modules'));
  return { main: join(place, 'dist/main.js'), [Symbol.asyncDispose]: () => rm(place, { recursive: true }) };
}

export interface Run {
  url: string;
  /** Lines of its log so far. */
  log: Record<string, unknown>[];
  /** Ends it by a signal and gives its exit code. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts the built site with an environment, and waits until it listens. */
export async function runSite(main: string, environment: Record<string, string>): Promise<Run> {
  const child = start(main, environment);
  const log: Record<string, unknown>[] = [];
  let rest = '';
  const listening = new Promise<number>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const entry = JSON.parse(line) as Record<string, unknown>;
        log.push(entry);
        if (entry.message === 'site listens') resolve(entry.port as number);
      }
    });
    child.once('exit', (code) => reject(new Error(`site ended with ${code} before it listened`)));
  });
  const url = `http://127.0.0.1:${await listening}`;
  return {
    url,
    log,
    async stop(signal) {
      if (child.exitCode !== null) return child.exitCode;
      // 'close', not 'exit': its last lines are in by then.
      const ended = once(child, 'close') as Promise<[number | null]>;
      child.kill(signal);
      return (await ended)[0];
    },
  };
}

/** Starts the built site where it can't start, and gives how it ended. */
export async function runRefused(
  main: string,
  environment: Record<string, string>,
): Promise<{ code: number | null; told: string }> {
  const child = start(main, environment);
  let told = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, told };
}

function start(main: string, environment: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [main], {
    cwd: tmpdir(),
    env: { NODE_ENV: 'production', PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
