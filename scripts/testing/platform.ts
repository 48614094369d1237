import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { portsFrom, ROOT } from '../platform/layout.ts';
import { isTaken } from '../platform/preflight.ts';

const READY = /SoulSeer is ready after/;

/** The first base from here on whose ports are all free, so that tests run beside whatever else does. */
export async function freePortBase(from: number): Promise<number> {
  for (let base = from; base < 60_000; base += 20) {
    const taken = await Promise.all(Object.values(portsFrom(base)).map(isTaken));
    if (!taken.includes(true)) return base;
  }
  throw new Error('no free ports');
}

export interface Launched {
  child: ChildProcess;
  /** What it has printed so far. */
  output: () => string;
  /** Resolves when it says that it is ready; fails when it ends before. */
  ready: Promise<void>;
  /** Its exit code, when it has ended. */
  exited: Promise<number | null>;
  /** As Ctrl-C in a terminal: the signal goes to every process of its group. */
  interrupt: () => Promise<number | null>;
}

/** Starts a platform as `npm start` does, in a process group of its own, as a terminal would. */
export function launch(
  args: string[],
  env: Record<string, string>,
  echo?: (text: string) => void,
  checkout = ROOT,
): Launched {
  const child = spawn(process.execPath, [path.join(checkout, 'scripts/bootstrap.cjs'), 'start', ...args], {
    cwd: checkout,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  let settle: { resolve: () => void; reject: (error: Error) => void };
  const ready = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  ready.catch(() => {}); // Whoever doesn't wait for it looks at `exited`.
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      echo?.(text);
      if (READY.test(output)) settle.resolve();
    });
  }
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      settle.reject(new Error(`the platform ended with ${code}:\n${output}`));
      resolve(code);
    });
  });
  const interrupt = () => {
    if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
    return exited;
  };
  return { child, output: () => output, ready, exited, interrupt };
}
