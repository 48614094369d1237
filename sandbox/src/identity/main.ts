/** The sandbox's identity service: OpenID Connect, with a sign-in page that lists the demo accounts. */

import { identityEnvironment, readEnvironment } from '../environment.ts';
import { captureConsole, createLog } from '../log.ts';
import { runService } from '../service.ts';
import { startIdentity } from './identity.ts';

const environment = readEnvironment('identity', identityEnvironment);
const log = createLog('identity', environment.LOG_LEVEL);
captureConsole(log);

await runService(log, async () => {
  const identity = await startIdentity(environment, log);
  return identity.stop;
});
