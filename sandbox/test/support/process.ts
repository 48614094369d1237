import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const root = join(import.meta.dirname, '../..');

export interface Running {
  child: ChildProcess;
  /** Everything written so far, standard output and error. */
  output: () => string;
  exited: Promise<number | null>;
  /** Waits for a text in the output. */
  says: (text: string) => Promise<void>;
}

/** Runs a program of the sandbox as a real process, with this environment and nothing of ours. */
export function runProgram(file: string, environment: Record<string, string>): Running {
  const child = spawn(process.execPath, [file], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return {
    child,
    exited,
    output: () => output,
    async says(text) {
      for (const deadline = Date.now() + 30_000; Date.now() < deadline; await pause(20)) {
        if (output.includes(text)) return;
        if (child.exitCode !== null) break;
      }
      throw new Error(`"${text}" was never said:\n${output}`);
    },
  };
}
