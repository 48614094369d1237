/** The sandbox's object storage: a guarded S3 port, and a public read-only door to the bucket `media`. */

import { readEnvironment, storageEnvironment } from '../environment.ts';
import { captureConsole, createLog } from '../log.ts';
import { runService } from '../service.ts';
import { startStorage } from './storage.ts';

const environment = readEnvironment('storage', storageEnvironment);
const log = createLog('storage', environment.LOG_LEVEL);
captureConsole(log);

await runService(log, async () => {
  const storage = await startStorage(environment, log);
  return storage.stop;
});
