import { fileURLToPath } from 'node:url';
import { createAnswers } from './server/answers.ts';
import { type Environment, EnvironmentError, readEnvironment } from './server/environment.ts';
import { createFront } from './server/front.ts';
import { createLogger, createTurns, toStdout } from './server/logger.ts';
import type { Pages } from './server/pages.ts';
import { createServices } from './services.ts';

// environment → services → pages → front → graceful stop: the only place where things are put together.

function environmentOrExit(): Environment {
  try {
    return readEnvironment(process.env);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}

// What is built is meant to be run, not debugged: React takes its quick half by this name.
Object.assign(process.env, { NODE_ENV: process.env.NODE_ENV ?? 'production' });

const environment = environmentOrExit();
const turns = createTurns();
const log = createLogger(environment.LOG_LEVEL, toStdout(turns));

// Nobody caught it, so nobody knows what state we are in: say so and let the supervisor start us anew.
// Before the pages come: Astro listens to rejections too, and would only note them. Who listens first is told first.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    log.fatal({ err: error }, `crashed: ${event}`);
    process.exit(1);
  });
}

const services = createServices(environment, log);

const { app } = (await import(new URL('./pages/entry.mjs', import.meta.url).href)) as { app: Pages };

let stopping = false;
const front = createFront();
const answer = createAnswers({
  environment,
  log,
  status: services.forPages.status,
  pages: app,
  isStopping: () => stopping,
  services: services.forPages,
  rateLimits: services.rateLimits,
  isDatabaseThere: services.isDatabaseThere,
  onChange: services.onChange,
  front,
});
const { HOST, PORT, LOG_LEVEL, SITE_URL, SOULSEER_ENV } = environment;
// Its thread takes a moment to start: a signal that comes meanwhile is heeded too.
process.on('SIGTERM', (signal) => void stop(signal));
process.on('SIGINT', (signal) => void stop(signal));
const listens = await front.start({
  environment: { HOST, PORT, LOG_LEVEL, SITE_URL, SOULSEER_ENV },
  files: fileURLToPath(new URL('./client', import.meta.url)),
  turns,
  log,
  answer,
  failed(what, error) {
    log.fatal({ error }, what);
    process.exit(1);
  },
});
log.info(listens, 'site listens');

async function stop(signal: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.info({ signal }, 'site is stopping');
  await front.stop(8_000);
  await services.stop();
  log.info('site has stopped');
  process.exit(0);
}
