import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { explain, Failure } from './failure.ts';

export interface Command {
  name: string;
  command: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Where its whole output goes. */
  log: string;
  /** Told each line of its standard output. */
  onLine?: (line: string) => void;
  signal?: AbortSignal;
}

const TAIL_LINES = 12;

/** Runs a command to its end, its output in a log file. @returns its standard output. Fails with the log's last lines. */
export async function runCommand({
  name,
  command,
  args,
  cwd,
  env,
  log,
  onLine,
  signal,
}: Command): Promise<string> {
  const file = createWriteStream(log, { flags: 'a' });
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const stop = () => {
    if (child.pid) process.kill(-child.pid, 'SIGTERM');
  };
  signal?.addEventListener('abort', stop, { once: true });
  const tail: string[] = [];
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
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
    child.once('error', resolve);
    child.once('close', (code, killed) => resolve(code ?? killed));
  });
  signal?.removeEventListener('abort', stop);
  file.end();
  if (how === 0) return output;
  if (how instanceof Error) throw explain(how);
  if (/ENOSPC|No space left on device/i.test(tail.join('\n')))
    throw explain(Object.assign(new Error('full'), { code: 'ENOSPC' }));
  throw new Failure(
    `${name} failed (${String(how)}). Its last lines, the rest is in ${path.relative(process.cwd(), log)}:\n${tail.map((line) => `    ${line}`).join('\n')}`,
  );
}
