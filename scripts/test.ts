import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { explain, Failure } from './platform/failure.ts';

// `npm test`: everything, on its own ports, data and builds, beside a running platform. With --quick (`pnpm check`) it
// leaves out what needs the whole platform; names of Vitest projects after it choose among the rest.
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, deep: { type: 'boolean', default: false } },
});

// The platform's own modules read these, so they are set before those are loaded.
process.env.SOULSEER_HOME = path.join(process.env.SOULSEER_HOME || '.soulseer', 'test');
if (options.deep) process.env.SOULSEER_TESTS = 'deep';

const { BUILT_PROGRAMS, build, buildHashes } = await import('./platform/build.ts');
const { HOME, LOGS, DATA, portsFrom } = await import('./platform/layout.ts');
const { describePrograms } = await import('./platform/programs.ts');
const { readOrMakeSecrets } = await import('./platform/secrets.ts');
const { createSteps } = await import('./platform/steps.ts');
const { createSupervisor } = await import('./platform/supervisor.ts');
const { runChecks } = await import('./testing/checks.ts');
const { findChromium } = await import('./testing/chromium.ts');
const { freePortBase, launch } = await import('./testing/platform.ts');
const { sum } = await import('./testing/report.ts');
const { runVitest } = await import('./testing/vitest.ts');

const FIRST_PORT_BASE = 4420;
const UNIT = ['realtime', 'sandbox', 'cms', 'commerce', 'site', 'scripts'];

const steps = createSteps();
const counts: { passed: number; failed: number }[] = [];

/** The builds that some tests run, and later the platform. */
async function builds(): Promise<void> {
  const hashes = await buildHashes(process.env);
  const never = new AbortController().signal;
  for (const program of BUILT_PROGRAMS) {
    await steps.run(`build of ${program}`, (progress) =>
      build(program, hashes[program], { env: process.env, signal: never, progress }),
    );
  }
}

/** Unit and integration tests, with a Postgres for them. */
async function units(base: number): Promise<void> {
  const secrets = readOrMakeSecrets(HOME);
  const { postgres } = describePrograms(portsFrom(base), secrets);
  const supervisor = createSupervisor({ logs: LOGS, say: (line) => steps.say(`  ${line}`) });
  try {
    await steps.run('Postgres for the tests', async () => {
      supervisor.start(postgres);
      await supervisor.untilReady('postgres', 60_000);
    });
    const TEST_POSTGRES_URL = `postgres://postgres:${secrets.postgres_password}@127.0.0.1:${portsFrom(base).postgres}/postgres`;
    const projects = positionals.length > 0 ? positionals : UNIT;
    counts.push(
      await runVitest({
        name: 'units',
        projects,
        env: { TEST_POSTGRES_URL },
        coverage: positionals.length === 0,
      }),
    );
  } finally {
    await supervisor.stop(['postgres']);
  }
}

/** The whole platform from empty data, looked at through a browser; then started, killed and stopped. */
async function whole(base: number, CHROMIUM_PATH: string): Promise<void> {
  const ports = portsFrom(base);
  const env = { SOULSEER_PORT_BASE: String(base), SOULSEER_HOME: HOME, CHROMIUM_PATH };
  const addresses = Object.fromEntries(
    Object.entries(ports).map(([name, port]) => [
      `TEST_${name.toUpperCase()}_URL`,
      `http://localhost:${port}`,
    ]),
  );
  const platform = launch(['--fresh', '--yes'], env, (text) => process.stdout.write(text));
  try {
    await platform.ready;
    counts.push(await runVitest({ name: 'browser', projects: ['browser'], env: { ...env, ...addresses } }));
  } finally {
    const code = await platform.interrupt();
    counts.push(code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
  }
  counts.push(await runVitest({ name: 'platform', projects: ['platform'], env: { ...env, ...addresses } }));
}

try {
  for (const folder of [DATA, LOGS]) mkdirSync(folder, { recursive: true });
  const chromium = options.quick ? '' : findChromium((line) => steps.say(`  ${line}`));
  const base = await freePortBase(FIRST_PORT_BASE);
  if (positionals.length === 0) counts.push(await runChecks(steps));
  await builds();
  await units(base);
  if (!options.quick) await whole(base, chromium);
} catch (error) {
  const reason = explain(error);
  steps.say(
    `\n✗ ${reason instanceof Failure ? reason.message : String(reason instanceof Error ? reason.stack : reason)}`,
  );
  counts.push({ passed: 0, failed: 1 });
}
steps.end();
const { passed, failed } = sum(counts);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
