import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../src/clock.ts';
import { type Database, openDatabase } from '../../src/database.ts';
import { createLog } from '../../src/log.ts';
import { readMigrations } from '../../src/migrate.ts';
import { createMetrics } from '../../src/operations/metrics.ts';
import { type BrowserReports, createBrowserReports } from '../../src/reports/reports.ts';
import { buildServer } from '../../src/server.ts';
import { createDatabase, type TestDatabase } from './database.ts';

export const NOW = Date.UTC(2026, 10, 20, 12);

export interface TestServer {
  app: FastifyInstance;
  db: Database;
  database: TestDatabase;
  browserReports: BrowserReports;
  /** Every log line so far. */
  lines: () => Record<string, unknown>[];
  clock: { now: () => number; set: (ms: number) => void };
  setStopping: (value: boolean) => void;
  close: () => Promise<void>;
}

/** The real server on a database of its own, with a clock that stands still and a log that can be read. */
export async function createServer(
  more: (app: FastifyInstance) => void = () => undefined,
): Promise<TestServer> {
  const database = await createDatabase();
  const written: string[] = [];
  const log = createLog('info', { write: (line) => written.push(line) });
  let now = NOW;
  let stopping = false;
  const clock: Clock & { set: (ms: number) => void } = { now: () => now, set: (ms) => (now = ms) };
  const db = openDatabase(database.url, log);
  const metrics = createMetrics();
  const browserReports = createBrowserReports({
    db,
    clock,
    count: (kind) => metrics.browserReports.inc({ kind }),
  });
  const migrations = await readMigrations();
  const app = await buildServer({
    log,
    clock,
    db,
    migrations,
    metrics,
    browserReports,
    isStopping: () => stopping,
  });
  more(app);
  return {
    app,
    db,
    database,
    browserReports,
    clock,
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    setStopping: (value) => (stopping = value),
    async close() {
      await app.close();
      await db.destroy();
      await database.drop();
    },
  };
}
