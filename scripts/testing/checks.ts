import { spawn } from 'node:child_process';
import path from 'node:path';
import { ROOT } from '../platform/layout.ts';
import type { Steps } from '../platform/steps.ts';
import type { Count } from './report.ts';

const bin = (name: string) => path.join(ROOT, 'node_modules/.bin', name);

/** What is checked without running the programs. Each counts as one test. */
const CHECKS: { title: string; command: string; args: string[] }[] = [
  { title: 'format and lint', command: bin('biome'), args: ['ci', '--error-on-warnings', '.'] },
  { title: 'type-aware lint', command: bin('oxlint'), args: ['--type-aware', '--deny-warnings', '.'] },
  {
    title: 'types of the five folders',
    command: bin('turbo'),
    args: ['run', 'types', '--output-logs=errors-only'],
  },
  { title: 'types of scripts', command: bin('tsc'), args: ['-p', '.'] },
  { title: 'types of tests', command: bin('tsc'), args: ['-p', 'test'] },
  { title: 'no dead code', command: bin('knip'), args: [] },
];

/** Runs every check, two at a time, and prints the whole output of those that fail. */
export async function runChecks(steps: Steps): Promise<Count & { failures: string[] }> {
  const waiting = [...CHECKS];
  const count = { passed: 0, failed: 0, failures: [] as string[] };
  const worker = async (): Promise<void> => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const { title, command, args } = check;
      let output = '';
      const code = await steps
        .run(title, async () => {
          const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
          for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding('utf8').on('data', (text: string) => {
              output += text;
            });
          }
          const code = await new Promise<number | null>((resolve, reject) => {
            child.once('error', reject);
            child.once('close', resolve);
          });
          if (code !== 0) throw new Error(title);
          return code;
        })
        .catch(() => 1);
      if (code === 0) count.passed += 1;
      else {
        count.failed += 1;
        count.failures.push(`✗ ${title}`);
        steps.say(output);
      }
    }
  };
  await Promise.all([worker(), worker()]);
  return count;
}
