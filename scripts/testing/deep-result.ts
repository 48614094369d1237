import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';
import { ROOT } from '../platform/layout.ts';
import type { Count } from './report.ts';

/** Keeps the result of `npm run test:deep` in docs/deep-tests.md. */
export function writeDeepResult({
  passed,
  failed,
  rounds,
  minutes,
}: Count & { rounds: number; minutes: number }): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: ROOT,
    encoding: 'utf8',
  }).trim();
  const machine = `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
  const text = `# The long tier of tests

The last \`npm run test:deep\`, which wrote this page: ${rounds} rounds of everything at ${commit}, ${new Date().toISOString().slice(0, 10)}, on ${machine}.

**${passed} passed, ${failed} failed** in ${minutes.toFixed(0)} minutes.
`;
  writeFileSync(path.join(ROOT, 'docs/deep-tests.md'), text);
}
