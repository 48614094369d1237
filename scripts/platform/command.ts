import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { explain, Failure } from './failure.ts';
import { signalGroup, spawnNode } from './spawn-node.ts';

export interface Command {
  name: string;
  /** A program, or nothing for Node itself, which then can't outlive the launcher. */
  command?: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Where its whole output goes. */
  log: string;
  /** Told each line of its standard output. */
  onLine?: (line: string) => void;
  /** Ends it, and everything that it has started. */
  signal: AbortSignal;
}

const TAIL_LINES = 12;
const STOP_WITHIN_MS = 10_000;

/** Runs a command to its end, its output in a log file. @returns its standard output. Fails with the log's last lines. */
export async function runCommand(given: Command): Promise<string> {
  const { name, command, args, cwd, env, log, onLine, signal } = given;
  signal.throwIfAborted();
  const file = createWriteStream(log, { flags: 'a' });
  const child: ChildProcess = command
    ? spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    : spawnNode(args, { cwd, env, output: 'pipe' });

  let late: NodeJS.Timeout | undefined;
  const stop = (): void => {
    const { pid } = child;
    if (!pid) return;
    signalGroup(pid, 'SIGTERM');
    late = setTimeout(() => signalGroup(pid, 'SIGKILL'), STOP_WITHIN_MS);
  };
  signal.addEventListener('abort', stop, { once: true });

  const tail: string[] = [];
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    stream.pipe(file, { end: false });
    createInterface({ input: stream }).on('line', (line) => {
      if (stream === child.stdout) {
        output += `${line}\n`;
        onLine?.(line);
      }
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
    });
  }
  const how = await new Promise<number | NodeJS.Signals | Error | null>((resolve) => {
    file.once('error', resolve); // A full disk, most of all.
    child.once('error', resolve);
    child.once('close', (code, killed) => resolve(code ?? killed));
  });
  signal.removeEventListener('abort', stop);
  clearTimeout(late);
  file.end();
  if (how === 0) return output;
  if (how instanceof Error) {
    if (child.pid) signalGroup(child.pid, 'SIGTERM');
    throw explain(how);
  }
  if (/ENOSPC|No space left on device/i.test(tail.join('\n'))) {
    throw explain(Object.assign(new Error('full'), { code: 'ENOSPC' }));
  }
  throw new Failure(
    `${name} failed (${String(how)}). Its last lines, the rest is in ${path.relative(process.cwd(), log)}:\n${tail.map((line) => `    ${line}`).join('\n')}`,
  );
}
