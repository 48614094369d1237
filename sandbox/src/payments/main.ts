/** The sandbox's payments service: a stand-in for the part of Stripe that the shop uses. */

import { paymentsEnvironment, readEnvironment } from '../environment.ts';
import { captureConsole, createLog } from '../log.ts';
import { runService } from '../service.ts';
import { startPayments } from './payments.ts';

const environment = readEnvironment('payments', paymentsEnvironment);
const log = createLog('payments', environment.LOG_LEVEL);
captureConsole(log);

await runService(log, async () => {
  const payments = await startPayments(environment, log);
  return payments.stop;
});
