import { once } from 'node:events';
import { createServer } from 'node:http';
import loadMedusa from '@medusajs/medusa/loaders/index';
import express from 'express';
import { Pool } from 'pg';
import type { Environment } from './environment';
import { accessLog } from './http/access-log';
import { health } from './http/health';
import { paging } from './http/paging';
import { notFound, problems } from './http/problem';
import { requestId } from './http/request-id';
import { sessions } from './http/session';
import { createLog, describeError } from './log';
import { captureMedusaLog } from './medusa-log';

const STOP_WITHIN_MS = 10_000;
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Loads Medusa and serves it until SIGTERM or SIGINT. `medusa start` does not let anything in front of Medusa's own
 * middleware, nor choose the session store, so this takes its place; what it calls is what that command calls.
 * @param root folder of `medusa-config`
 */
export async function serve(environment: Environment, root: string): Promise<void> {
  const started = performance.now();
  const log = createLog(environment.LOG_LEVEL, (line) => process.stdout.write(line));
  captureMedusaLog(log);
  // Nothing is in flight until the server listens, so until then it may simply end.
  const stopAtOnce = () => process.exit(0);
  for (const signal of STOP_SIGNALS) process.on(signal, stopAtOnce);
  process.on('unhandledRejection', (reason) => log.error('unhandled rejection', describeError(reason)));

  const pool = new Pool({
    connectionString: environment.DATABASE_URL,
    max: 4,
    connectionTimeoutMillis: 3000,
    query_timeout: 3000,
  });
  pool.on('error', (error) => log.warn('database connection lost', describeError(error)));
  const session = sessions(environment, pool, log);

  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', 1);
  app.use(requestId, accessLog(log), problems, health(pool));
  // Medusa answers here before it has checked the signature; card payments get a route of their own.
  app.use('/hooks/payment', notFound);
  app.use(['/store', '/admin'], paging);
  app.use(session.middleware);
  const medusa = await loadMedusa({ directory: root, expressApp: app });
  app.use(notFound);

  const server = createServer(app).listen(Number(environment.PORT), environment.HOST);
  await once(server, 'listening');
  log.info('listening', {
    host: environment.HOST,
    port: Number(environment.PORT),
    boot_ms: Math.round(performance.now() - started),
  });

  let stopping = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log.info('stopping', { signal });
    const force = setTimeout(() => server.closeAllConnections(), STOP_WITHIN_MS);
    server.close();
    server.closeIdleConnections();
    await once(server, 'close');
    clearTimeout(force);
    await medusa.shutdown();
    await session.close();
    await pool.end();
    log.info('stopped');
    process.exit(0);
  };
  for (const signal of STOP_SIGNALS) {
    process.off(signal, stopAtOnce);
    process.on(signal, () => {
      stop(signal).catch((error: unknown) => {
        log.error('could not stop cleanly', describeError(error));
        process.exit(1);
      });
    });
  }
}
