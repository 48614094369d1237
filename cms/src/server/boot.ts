import { setTimeout as sleep } from 'node:timers/promises';
import { getPayload, type Payload } from 'payload';
import { environmentOrExit } from '../environment.ts';
import { createLogger } from '../logger.ts';
import config from '../payload.config.ts';
import { logRequests } from './requestLog.ts';
import { stopGracefully } from './stop.ts';

const environment = environmentOrExit();
const logger = createLogger(environment.LOG_LEVEL);
const requests = logRequests(logger);

// Begun now so that the first visitor doesn't wait for it. Without a database the CMS lives on, not ready, and tries again.
let started: Payload | undefined;
getPayload({ config }).then(
  (payload) => {
    started = payload;
    logger.info({ environment: environment.SOULSEER_ENV }, 'ready');
  },
  (error: unknown) => logger.error({ err: error }, 'not ready yet'),
);

stopGracefully(logger, requests, async () => {
  // Payload's adapter keeps one connection checked out for good, so the pool never says that it has ended.
  await Promise.race([started?.db.pool.end(), sleep(100)]);
});
