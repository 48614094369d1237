import { execFileSync } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';
import { ROOT } from '../platform/layout.ts';
import type { Count, Long } from './report.ts';
import { writeSection } from './section.ts';

const FILE = path.join(ROOT, 'docs/deep-tests.md');
const INTRODUCTION = `# The long tier of tests

Each part is written by the command that is its title; nothing here is edited by hand.
`;
const MOST_TOLD = 30;

/** Keeps the result of `npm run test:deep` in docs/deep-tests.md, in place of what the same command had there. `ran` is the command as it was given. */
export function writeDeepResult({
  ran,
  passed,
  failed,
  rounds,
  minutes,
  long,
}: Count & { ran: string; rounds: number; minutes: number; long: Long[] }): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: ROOT,
    encoding: 'utf8',
  }).trim();
  const machine = `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
  const section = `## \`${ran}\`

${rounds === 1 ? 'One round' : `${rounds} rounds in a row`} at ${commit}, ${new Date().toISOString().slice(0, 10)}, on ${machine}: **${passed} passed, ${failed} failed** in ${minutes.toFixed(0)} minutes. What took longest:

| test | | seconds |
|---|---|---|
${longest(long)}
`;
  writeSection(FILE, INTRODUCTION, ran, section);
}

/** One row a test, of however many rounds: its longest time, and whether it passed in all of them. */
function longest(long: Long[]): string {
  const tests = new Map<string, Long>();
  for (const test of long) {
    const before = tests.get(test.title) ?? test;
    tests.set(test.title, {
      title: test.title,
      passed: before.passed && test.passed,
      seconds: Math.max(before.seconds, test.seconds),
    });
  }
  return [...tests.values()]
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, MOST_TOLD)
    .map(
      ({ title, passed, seconds }) =>
        `| ${title.replaceAll('|', '\\|')} | ${passed ? 'passed' : '**failed**'} | ${seconds.toFixed(0)} |`,
    )
    .join('\n');
}
