import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { bringUp } from './platform/bring-up.ts';
import { complaintOf, Failure } from './platform/failure.ts';
import { DATA, HOME, LOGS, portBase, portsFrom, WORLD } from './platform/layout.ts';
import { takeLock } from './platform/lock.ts';
import { checkDisk, checkPorts } from './platform/preflight.ts';
import { describePrograms } from './platform/programs.ts';
import { readOrMakeSecrets } from './platform/secrets.ts';
import { createSteps } from './platform/steps.ts';
import { summary } from './platform/summary.ts';
import { createSupervisor } from './platform/supervisor.ts';

const began = Date.now();
const steps = createSteps();
const stopping = new AbortController();
const supervisor = createSupervisor({
  logs: LOGS,
  record: path.join(HOME, 'processes.json'),
  say: (line) => steps.say(`  ${line}`),
});
let unlock = (): void => {};
let settled: Promise<unknown> = Promise.resolve();

/** Stops what runs, in the order in which it leans on each other, and ends with this code. */
async function end(code: number): Promise<never> {
  stopping.abort();
  await supervisor.stop([]); // From here on nothing is started.
  await settled;
  await supervisor.stop(['site', 'realtime', 'cms', 'commerce']);
  await supervisor.stop(['identity', 'payments', 'storage', 'mail']);
  await supervisor.stop(['postgres']);
  unlock();
  steps.say('  Everything has stopped.');
  steps.end();
  process.exit(code);
}

function onSignal(signal: NodeJS.Signals): void {
  if (stopping.signal.aborted) return; // npm passes on a Ctrl-C that the terminal has sent to us already.
  steps.say(`\n  Stopping everything (${signal}) …`);
  void end(0);
}

/** Throws the data away, after asking. Pictures, builds and secrets stay, since they hold nothing of anybody. */
async function empty(yes: boolean): Promise<void> {
  if (!yes) {
    if (!process.stdin.isTTY) {
      throw new Failure(
        '--fresh deletes all data and asks first; where nobody can answer, say --fresh --yes.',
      );
    }
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const question = `  This deletes every account, message and figure under ${DATA}.\n  Type “fresh” to go on: `;
    const answer = await terminal.question(question).catch(() => ''); // Ctrl-C or Ctrl-D is a no.
    terminal.close();
    if (answer.trim() !== 'fresh') throw new Failure('Nothing was deleted.');
  }
  rmSync(DATA, { recursive: true, force: true });
}

function readOptions(): { fresh: boolean; yes: boolean } {
  try {
    return parseArgs({
      options: { fresh: { type: 'boolean', default: false }, yes: { type: 'boolean', default: false } },
    }).values;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new Failure(`${what} There are: --fresh (empty data, asks first) and --yes (doesn’t ask).`, {
      cause: error,
    });
  }
}

/** `npm start`: from whatever is there to a running platform, until Ctrl-C. */
async function main(): Promise<void> {
  const options = readOptions();
  const base = portBase();
  const ports = portsFrom(base);
  checkDisk(HOME);
  const lock = takeLock(path.join(HOME, 'running'));
  if (typeof lock === 'number') {
    throw new Failure(
      `SoulSeer runs from ${HOME} already (process ${lock}): stop that one first, with Ctrl-C.`,
    );
  }
  unlock = lock;
  await checkPorts(ports, base);
  if (options.fresh) await empty(options.yes);
  for (const folder of [DATA, LOGS, WORLD]) mkdirSync(folder, { recursive: true });

  const programs = describePrograms(ports, readOrMakeSecrets(HOME));
  const platform = bringUp({ programs, supervisor, steps, stopping: stopping.signal });
  settled = platform.settled;
  await platform.ready;
  steps.say(summary(ports, Date.now() - began));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
try {
  await main();
} catch (error) {
  if (!stopping.signal.aborted) {
    steps.say(`\n${complaintOf(error)}`);
    await end(1);
  }
}
