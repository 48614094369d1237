/** `pnpm --filter cms seed <world folder>`: fills the CMS with a world. For development only; production is refused. */
import path from 'node:path';
import { getPayload } from 'payload';
import { createConfig } from '../config.ts';
import { EXIT_CONFIGURATION, environmentOrExit } from '../environment.ts';
import { seed } from './seed.ts';
import { readWorld } from './world.ts';

const report = (line: string) => process.stdout.write(`${line}\n`);
const refuse = (line: string, code: number): never => {
  process.stderr.write(`${line}\n`);
  process.exit(code);
};

const environment = environmentOrExit();
if (environment.SOULSEER_ENV === 'production')
  refuse('The seed is not for production: it makes demo accounts.', EXIT_CONFIGURATION);
const [folder] = process.argv.slice(2);
if (!folder) refuse('Name the folder of the world: pnpm --filter cms seed <folder>', 64);

// Someone who waits wants to see lines of progress, not of the log; faults still show.
const config = createConfig({
  ...environment,
  LOG_LEVEL: environment.LOG_LEVEL === 'info' ? 'warn' : environment.LOG_LEVEL,
});
// Paths are as the caller typed them, though pnpm runs this in the package's folder.
const from = path.resolve(process.env.INIT_CWD ?? process.cwd(), folder as string);

const payload = await getPayload({ config });
try {
  const { created, updated, unchanged } = await seed(payload, {
    world: await readWorld(from),
    pictures: path.join(from, 'pictures'),
    issuer: environment.OIDC_ISSUER,
    report,
    now: Date.now,
  });
  const seconds = (performance.now() / 1000).toFixed(1);
  report(`seeded in ${seconds} s: ${created} made, ${updated} changed, ${unchanged} as they were`);
} catch (error) {
  refuse(`The seed failed: ${error instanceof Error ? error.message : String(error)}`, 1);
}
await payload.destroy();
process.exit(0);
