/** realtime: environment → pool → modules → server → graceful stop. The only place where things are put together. */

import { systemClock } from './clock.ts';
import { openDatabase } from './database.ts';
import { readEnvironment, serveEnvironment } from './environment.ts';
import { createLog } from './log.ts';
import { readMigrations } from './migrate.ts';
import { createMetrics } from './operations/metrics.ts';
import { createBrowserReports } from './reports/reports.ts';
import { buildServer } from './server.ts';
import { startSweeper } from './sweeper.ts';

const HOUR_MS = 60 * 60_000;
/** A supervisor gives a process ten seconds to stop; what is in flight gets a little less. */
const STOP_WITHIN_MS = 8_000;

const environment = readEnvironment(serveEnvironment);
const log = createLog(environment.LOG_LEVEL);

// Nobody caught it, so nobody knows what state we are in: say so and let the supervisor start us anew.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    log.fatal({ err: error }, `crashed: ${event}`);
    process.exit(1);
  });
}

const clock = systemClock;
const db = openDatabase(environment.DATABASE_URL, log);
const migrations = await readMigrations();
const metrics = createMetrics();
const browserReports = createBrowserReports({
  db,
  clock,
  count: (kind) => metrics.browserReports.inc({ kind }),
});

let stopping = false;
const server = await buildServer({
  log,
  clock,
  db,
  migrations,
  metrics,
  browserReports,
  isStopping: () => stopping,
});
const sweeper = startSweeper({ name: 'browser_reports', everyMs: HOUR_MS, work: browserReports.sweep, log });

async function stop(signal: NodeJS.Signals): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.info({ signal }, 'stopping');
  setTimeout(() => server.server.closeAllConnections(), STOP_WITHIN_MS).unref();
  await server.close();
  await sweeper.stop();
  await db.destroy();
  log.info('stopped');
  process.exit(0);
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

try {
  await server.listen({ host: environment.HOST, port: environment.PORT });
} catch (error) {
  const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  const message = taken
    ? `port ${environment.PORT} on ${environment.HOST} is in use by another program`
    : 'could not listen';
  log.fatal(taken ? {} : { err: error }, message);
  process.exit(taken ? 69 : 1);
}
