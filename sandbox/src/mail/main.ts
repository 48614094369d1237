/** The sandbox's mail: accepts every message, sends none on, shows them in a browser. */

import { mailEnvironment, readEnvironment } from '../environment.ts';
import { captureConsole, createLog } from '../log.ts';
import { runService } from '../service.ts';
import { startMail } from './mail.ts';

const environment = readEnvironment('mail', mailEnvironment);
const log = createLog('mail', environment.LOG_LEVEL);
captureConsole(log);

await runService(log, async () => {
  const mail = await startMail(environment, log);
  return mail.stop;
});
