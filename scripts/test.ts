import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { complaintOf, Failure } from './platform/failure.ts';
import type { Long } from './testing/report.ts';

// `npm test`: everything, on its own ports, data and builds, beside a running platform. With --quick (`pnpm check`) it
// leaves out what needs the whole platform; names of Vitest projects choose among the rest. With --deep the long tier:
// the same with SOULSEER_TESTS=deep, three times over, its result kept in docs/deep-tests.md. With --files=a,b only test files
// with such a part in their path, units as well as those in a browser, and with --rounds=n so many times:
// `npm run test:deep -- --quick realtime --files=test/billing`, `npm run test:deep -- --files=browser/breaks`.
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    deep: { type: 'boolean', default: false },
    files: { type: 'string' },
    rounds: { type: 'string' },
  },
});

// The platform's own modules read these, so they are set before those are loaded.
process.env.SOULSEER_HOME = path.join(process.env.SOULSEER_HOME || '.soulseer', 'test');
if (options.deep) process.env.SOULSEER_TESTS = 'deep';

const { BUILT_PROGRAMS, build, buildHashes } = await import('./platform/build.ts');
const { HOME, LOGS, DATA, portsFrom } = await import('./platform/layout.ts');
const { takeLock } = await import('./platform/lock.ts');
const { describePrograms } = await import('./platform/programs.ts');
const { readOrMakeSecrets } = await import('./platform/secrets.ts');
const { createSteps } = await import('./platform/steps.ts');
const { createSupervisor } = await import('./platform/supervisor.ts');
const { runChecks } = await import('./testing/checks.ts');
const { findChromium } = await import('./testing/chromium.ts');
const { writeDeepResult } = await import('./testing/deep-result.ts');
const { freePortBase, launch } = await import('./testing/platform.ts');
const { findRedisServer } = await import('./testing/redis.ts');
const { sum } = await import('./testing/report.ts');
const { runVitest } = await import('./testing/vitest.ts');

const FIRST_PORT_BASE = 4420;
const UNIT = ['realtime', 'sandbox', 'cms', 'commerce', 'site', 'scripts'];
/** On two cores Vitest would run one file at a time, and most of them wait for Postgres or for processes. */
const WORKERS = Math.max(2, availableParallelism() - 1);
const DEEP_ROUNDS = 3;
const rounds = Number(options.rounds ?? (options.deep ? DEEP_ROUNDS : 1));
const files = options.files?.split(',') ?? [];
/** Programs whose tests run no build. */
const FROM_SOURCE = ['realtime', 'sandbox'];

const steps = createSteps();
const stopping = new AbortController();
const { signal } = stopping;
const counts: { passed: number; failed: number; long?: Long[]; failures?: string[] }[] = [];
/** What has to be stopped when somebody stops the tests. */
const running = new Set<() => Promise<unknown>>();

/** The builds that some tests run, and later the platform. */
async function builds(): Promise<void> {
  const hashes = await buildHashes(process.env, signal);
  for (const program of BUILT_PROGRAMS) {
    await steps.run(`build of ${program}`, (progress) =>
      build(program, hashes[program], { env: process.env, signal, progress }),
    );
  }
}

/** What tests use that no package brings. */
interface Tools {
  CHROMIUM_PATH: string;
  REDIS_SERVER_PATH: string;
}

/** Unit and integration tests, with a Postgres for them. */
async function units(base: number, tools: Tools): Promise<void> {
  const secrets = readOrMakeSecrets(HOME);
  const { postgres } = describePrograms(portsFrom(base), secrets);
  const supervisor = createSupervisor({ logs: LOGS, say: (line) => steps.say(`  ${line}`) });
  const stop = () => supervisor.stop(['postgres']);
  running.add(stop);
  try {
    await steps.run('Postgres for the tests', async () => {
      supervisor.start(postgres);
      await supervisor.untilReady('postgres', 60_000);
    });
    const TEST_POSTGRES_URL = `postgres://postgres:${secrets.postgres_password}@127.0.0.1:${portsFrom(base).postgres}/postgres`;
    const projects = positionals.length > 0 ? positionals : UNIT;
    const coverage = positionals.length === 0 && files.length === 0;
    const env = { ...tools, TEST_POSTGRES_URL };
    counts.push(await runVitest({ name: 'units', projects, files, env, coverage, workers: WORKERS, signal }));
  } finally {
    await stop();
    running.delete(stop);
  }
}

/** The whole platform from empty data, looked at through a browser; then started, killed and stopped. */
async function whole(base: number, tools: Tools): Promise<void> {
  const env = {
    SOULSEER_PORT_BASE: String(base),
    SOULSEER_HOME: HOME,
    ...tools,
    ...Object.fromEntries(
      Object.entries(portsFrom(base)).map(([name, port]) => [
        `TEST_${name.toUpperCase()}_URL`,
        `http://localhost:${port}`,
      ]),
    ),
  };
  signal.throwIfAborted();
  const platform = launch(['--fresh', '--yes'], env, (text) => process.stdout.write(text));
  running.add(platform.interrupt);
  try {
    await platform.ready;
    counts.push(await runVitest({ name: 'browser', projects: ['browser'], files, env, signal }));
  } finally {
    const code = await platform.interrupt();
    running.delete(platform.interrupt);
    counts.push(
      code === 0
        ? { passed: 1, failed: 0 }
        : { passed: 0, failed: 1, failures: [`✗ the platform ended with exit code ${code}`] },
    );
  }
  counts.push(await runVitest({ name: 'platform', projects: ['platform'], files, env, signal }));
}

function onSignal(name: NodeJS.Signals): void {
  if (signal.aborted) return;
  steps.say(`\n  Stopping the tests (${name}) …`);
  stopping.abort();
  void Promise.allSettled([...running].map((stop) => stop())).then(() => {
    unlock();
    process.exit(130);
  });
}

let unlock = (): void => {};

async function main(): Promise<void> {
  for (const folder of [DATA, LOGS]) mkdirSync(folder, { recursive: true });
  const lock = takeLock(path.join(HOME, 'testing'));
  if (typeof lock === 'number') throw new Failure(`Tests run in this checkout already (process ${lock}).`);
  unlock = lock;
  const say = (line: string) => steps.say(`  ${line}`);
  const tools = { CHROMIUM_PATH: findChromium(say), REDIS_SERVER_PATH: findRedisServer(say) };
  const base = await freePortBase(FIRST_PORT_BASE);
  if (positionals.length === 0) counts.push(await runChecks(steps));
  const sources =
    options.quick && positionals.length > 0 && positionals.every((name) => FROM_SOURCE.includes(name));
  if (!sources) await builds();
  for (let round = 0; round < rounds; round += 1) {
    await units(base, tools);
    if (!options.quick) await whole(base, tools);
  }
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
const began = Date.now();
try {
  await main();
} catch (error) {
  if (signal.aborted) await new Promise(() => {}); // onSignal ends the process when everything has stopped.
  counts.push({ passed: 0, failed: 1, failures: [complaintOf(error)] });
}
unlock();
steps.end();
const total = sum(counts);
if (options.deep)
  writeDeepResult({
    ...total,
    ran: [
      'npm run test:deep',
      ...(process.argv.length > 3 ? ['--'] : []),
      ...process.argv.slice(2).filter((word) => word !== '--deep'),
    ].join(' '),
    rounds,
    minutes: (Date.now() - began) / 60_000,
    long: counts.flatMap(({ long = [] }) => long),
  });
for (const failure of counts.flatMap(({ failures = [] }) => failures)) console.log(`\n${failure}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
