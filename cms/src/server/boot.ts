import { setTimeout as sleep } from 'node:timers/promises';
import { getPayload, type Payload } from 'payload';
import { databaseOf } from '../database/sql.ts';
import { type Sender, startSender } from '../directory/sender.ts';
import { environmentOrExit } from '../environment.ts';
import { runDueJobs } from '../jobs/jobs.ts';
import { createLogger } from '../logger.ts';
import config from '../payload.config.ts';
import { sweepLimits } from '../protection/limits.ts';
import { logRequests } from './requestLog.ts';
import { stopGracefully } from './stop.ts';

const environment = environmentOrExit();
const logger = createLogger(environment.LOG_LEVEL);
const requests = logRequests(logger, environment.TRUSTED_PROXIES);
/** How late something may be published. */
const JOBS_EVERY_MS = 5_000;
const SWEEP_EVERY_MS = 10 * 60_000;

// Begun now so that the first visitor doesn't wait for it. Without a database the CMS lives on, not ready, and tries again.
let started: Payload | undefined;
let sender: Sender | undefined;
const stopping = new AbortController();

async function start(): Promise<void> {
  while (!stopping.signal.aborted) {
    try {
      const payload = await getPayload({ config });
      started = payload;
      sender = startSender({ payload, environment, logger });
      setInterval(() => {
        runDueJobs(payload).catch((error: unknown) =>
          logger.warn({ err: error }, 'what is due could not be done'),
        );
      }, JOBS_EVERY_MS).unref();
      setInterval(() => {
        sweepLimits(databaseOf(payload)).catch((error: unknown) =>
          logger.warn({ err: error }, 'could not sweep'),
        );
      }, SWEEP_EVERY_MS).unref();
      logger.info({ environment: environment.SOULSEER_ENV }, 'ready');
      return;
    } catch (error) {
      logger.error({ err: error }, 'not ready yet');
      await sleep(5_000, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
    }
  }
}
void start();

stopGracefully(logger, requests, async () => {
  stopping.abort();
  await sender?.stop();
  // Payload's adapter keeps one connection checked out for good, so the pool never says that it has ended.
  await Promise.race([started?.db.pool.end(), sleep(100)]);
});
