/** The sandbox's Postgres: initialises its folder when empty, runs the server, stops it cleanly. */

import { postgresEnvironment, readEnvironment } from '../environment.ts';
import { createLog } from '../log.ts';
import { runService } from '../service.ts';
import { startCluster } from './cluster.ts';

const environment = readEnvironment('postgres', postgresEnvironment);
const log = createLog('postgres', environment.LOG_LEVEL);

await runService(log, async () => {
  const cluster = await startCluster({
    host: environment.HOST,
    port: environment.PORT,
    dataDir: environment.DATA_DIR,
    password: environment.POSTGRES_PASSWORD,
    log,
    // The supervisor starts us anew, and with us a server that recovers from its log.
    onDeath: (reason) => {
      log.error('the server died', { reason });
      process.exit(1);
    },
  });
  return cluster.stop;
});
