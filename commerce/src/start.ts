import { checkEnvironment, orExit } from './environment';
import { prepareProcess } from './process';

const environment = orExit(() => checkEnvironment(process.env));
const root = prepareProcess();
const { serve } = require('./server') as typeof import('./server');

serve(environment, root).catch((error: unknown) => {
  process.stderr.write(`commerce could not start: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
