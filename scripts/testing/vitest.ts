import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { HOME, ROOT } from '../platform/layout.ts';
import { type Count, countOf } from './report.ts';

interface Run {
  name: string;
  projects: string[];
  env: Record<string, string>;
  coverage?: boolean;
  signal: AbortSignal;
}

/** Runs some of the Vitest projects, their output on the terminal, and counts. */
export async function runVitest({ name, projects, env, coverage = false, signal }: Run): Promise<Count> {
  signal.throwIfAborted();
  const report = path.join(HOME, `vitest-${name}.json`);
  rmSync(report, { force: true });
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  if (coverage) args.push('--coverage');
  for (const project of projects) args.push(`--project=${project}`);
  const child = spawn(path.join(ROOT, 'node_modules/.bin/vitest'), args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
    signal,
    killSignal: 'SIGTERM',
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return countOf(report, code);
}
