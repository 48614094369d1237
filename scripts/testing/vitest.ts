import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { HOME, ROOT } from '../platform/layout.ts';
import { type Count, countOf, failuresOf, type Long, longTests } from './report.ts';

interface Run {
  name: string;
  projects: string[];
  /** Parts of paths; files that have none of them are left out. None given: all files. */
  files?: string[];
  env: Record<string, string>;
  coverage?: boolean;
  /** Files that run side by side; as their projects say unless it is given. */
  workers?: number;
  signal: AbortSignal;
}

/** From how many seconds on a test is told by name. */
const LONG_SECONDS = 5;

/** Runs some of the Vitest projects, their output on the terminal, and counts. */
export async function runVitest({
  name,
  projects,
  files = [],
  env,
  coverage = false,
  workers,
  signal,
}: Run): Promise<Count & { long: Long[]; failures: string[] }> {
  signal.throwIfAborted();
  const report = path.join(HOME, `vitest-${name}.json`);
  rmSync(report, { force: true });
  const args = ['run', ...files, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  // Chosen files may all be in another run; one that chooses none in any fails for having passed none.
  if (files.length > 0) args.push('--passWithNoTests');
  if (coverage) args.push('--coverage');
  if (workers) args.push(`--maxWorkers=${workers}`);
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
  return {
    ...countOf(report, code),
    long: longTests(report, LONG_SECONDS),
    failures: failuresOf(report, code),
  };
}
