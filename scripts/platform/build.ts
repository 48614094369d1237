import {
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { runCommand } from './command.ts';
import { BUILDS, LOGS, ROOT } from './layout.ts';
import { withLock } from './lock.ts';

/** The programs that have to be built, the folder that their build leaves, and whether that holds its packages itself. */
const BUILT = {
  site: { output: 'dist', complete: false },
  cms: { output: 'dist', complete: true },
  commerce: { output: '.medusa/server', complete: false },
} as const;
export type BuiltProgram = keyof typeof BUILT;
export const BUILT_PROGRAMS = Object.keys(BUILT) as BuiltProgram[];

const turbo = path.join(ROOT, 'node_modules/.bin/turbo');
const lock = path.join(ROOT, 'node_modules/.soulseer-build');

/** What each build would be made from, as Turbo counts it. */
export async function buildHashes(
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Record<BuiltProgram, string>> {
  const filters = BUILT_PROGRAMS.map((program) => `--filter=${program}`);
  const answer = await runCommand({
    name: 'turbo',
    command: turbo,
    args: ['run', 'build', ...filters, '--dry=json'],
    cwd: ROOT,
    env,
    log: path.join(LOGS, 'build.log'),
    signal,
  });
  const plan = JSON.parse(answer) as { tasks: { package: string; hash: string }[] };
  const hashes = BUILT_PROGRAMS.map((program) => {
    const task = plan.tasks.find((task) => task.package === program);
    if (!task) throw new Error(`turbo plans no build of ${program}`);
    return [program, task.hash];
  });
  return Object.fromEntries(hashes) as Record<BuiltProgram, string>;
}

/** Whether this platform's own copy of a build is the one that the sources would give. */
export function isBuilt(program: BuiltProgram, hash: string): boolean {
  const stamp = path.join(BUILDS, program, '.hash');
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;
}

interface BuildOptions {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  progress: (text: string) => void;
}

/**
 * Builds a program and copies the result under `BUILDS`, from where it runs: so a build for the tests never changes
 * files under a running platform.
 */
export async function build(
  program: BuiltProgram,
  hash: string,
  { env, signal, progress }: BuildOptions,
): Promise<void> {
  const target = path.join(BUILDS, program);
  const { output, complete } = BUILT[program];
  const waiting = (owner: number) => progress(`waiting for the build of process ${owner}`);
  await withLock(`${lock}-${program}`, waiting, async () => {
    await runCommand({
      name: `building ${program}`,
      command: turbo,
      args: ['run', 'build', `--filter=${program}`, '--output-logs=new-only'],
      cwd: ROOT,
      env,
      log: path.join(LOGS, `build-${program}.log`),
      signal,
    });
    if (isBuilt(program, hash)) return;
    const fresh = `${target}.new`;
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { recursive: true });
    cpSync(path.join(ROOT, program, output), path.join(fresh, output), {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
    });
    if (!complete) symlinkSync(path.join(ROOT, program, 'node_modules'), path.join(fresh, 'node_modules'));
    writeFileSync(path.join(fresh, '.hash'), hash);
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
  });
}
