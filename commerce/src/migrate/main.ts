import { checkEnvironment, orExit } from '../environment';
import { createLog } from '../log';
import { prepareProcess } from '../process';
import { migrate } from './run';

/** `migrate`: brings the database up to date. Ends with 0, with 1 when it failed, with 78 when the environment is wrong. */
async function main(): Promise<void> {
  const environment = orExit(() => checkEnvironment(process.env));
  const root = prepareProcess();
  const { captureMedusaLog } = require('../medusa-log') as typeof import('../medusa-log');
  captureMedusaLog(createLog('error', (line) => process.stderr.write(line)));
  await migrate(environment, root, (line) => process.stdout.write(`${line}\n`));
}

main().then(
  // Medusa leaves connections open.
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`The migration failed: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
