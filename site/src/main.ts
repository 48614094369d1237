import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import { type Environment, EnvironmentError, readEnvironment } from './server/environment.ts';
import { createHttpServer, stopServer } from './server/http.ts';
import { createLogger } from './server/logger.ts';
import type { Pages } from './server/pages.ts';
import { createServices } from './services.ts';

// environment → services → pages → server → graceful stop: the only place where things are put together.

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
const log = createLogger(environment.LOG_LEVEL);

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
const files = sirv(fileURLToPath(new URL('./client', import.meta.url)), {
  brotli: true,
  gzip: true,
  setHeaders(response, path) {
    // The name of what lies under /_astro holds a hash of its content.
    response.setHeader(
      'Cache-Control',
      path.startsWith('/_astro/') ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
    );
  },
});

let stopping = false;
const server = createHttpServer({
  environment,
  log,
  status: services.forPages.status,
  files,
  pages: app,
  isStopping: () => stopping,
  services: services.forPages,
  rateLimits: services.rateLimits,
  isDatabaseThere: services.isDatabaseThere,
  onChange: services.onChange,
});

server.once('error', (error) => {
  log.fatal({ error: error.message }, `site can't listen on ${environment.HOST}:${environment.PORT}`);
  process.exit(1);
});
server.listen(environment.PORT, environment.HOST, () => {
  log.info({ address: environment.HOST, port: (server.address() as AddressInfo).port }, 'site listens');
});

async function stop(signal: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.info({ signal }, 'site is stopping');
  await stopServer(server, 8_000);
  await services.stop();
  log.info('site has stopped');
  process.exit(0);
}
process.on('SIGTERM', (signal) => void stop(signal));
process.on('SIGINT', (signal) => void stop(signal));
