import { resolve } from 'node:path';
import { checkSeedEnvironment, orExit } from '../environment';
import { createLog } from '../log';
import { prepareProcess } from '../process';
import { seed } from './run';

/**
 * `seed <directory of the world>`: progress lines, and as the last line `{"publishable_key":"pk_…"}`.
 * Ends with 0, with 1 when it failed, with 2 when the directory isn't named, with 78 when the environment is wrong.
 */
async function main(): Promise<void> {
  const given = process.argv[2];
  if (given === undefined) {
    process.stderr.write('Usage: seed <directory of the world>\n');
    process.exit(2);
  }
  // pnpm runs scripts in the package's folder and keeps in INIT_CWD where it was called.
  const directory = resolve(process.env.INIT_CWD ?? process.cwd(), given);
  const environment = orExit(() => checkSeedEnvironment(process.env));
  const root = prepareProcess();
  const { captureMedusaLog } = require('../medusa-log') as typeof import('../medusa-log');
  captureMedusaLog(createLog('error', (line) => process.stderr.write(line)));
  const seeded = await seed(environment, root, directory, (line) => process.stdout.write(`${line}\n`));
  process.stdout.write(`${JSON.stringify(seeded)}\n`);
}

main().then(
  // Medusa leaves connections open.
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`The seed failed: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
