/** Puts the payments service together: database → deliveries → what happens by itself → API → door. */

import pg from 'pg';
import type { PaymentsEnvironment } from '../environment.ts';
import type { Log } from '../log.ts';
import { openDoor, sendProblem } from '../service.ts';
import { createApi } from './api.ts';
import { controlRoutes } from './control.ts';
import { dashboardPage } from './dashboard.ts';
import { migrate, transaction } from './database.ts';
import { startDeliverer } from './deliveries.ts';
import { hostedPage } from './hosted.ts';
import { isOwnForm, notice, STYLES_PATH, sendPage, sendStyles } from './pages.ts';
import { API_ROUTES } from './routes.ts';
import type { Settings, Work } from './work.ts';
import { startWorld } from './world.ts';

const DELIVERY_TIMEOUT_MS = 10_000;
const MOST_RETRY_MS = 5 * 60_000;
const WORLD_EVERY_MS = 1_000;

/** Starts the service and answers how to stop it. */
export async function startPayments(
  environment: PaymentsEnvironment,
  log: Log,
): Promise<{ stop: () => Promise<void> }> {
  const pool = new pg.Pool({
    connectionString: environment.DATABASE_URL,
    max: 20,
    application_name: 'payments',
  });
  // A server that restarts drops idle connections; the pool makes new ones.
  const lost = (error: Error) => log.warn('a database connection was lost', { error: error.message });
  pool.on('error', lost);
  // One that breaks while it is lent out says so itself; unheard, that would end the process.
  pool.on('connect', (client) => client.on('error', lost));

  const settings: Settings = {
    origin: environment.ORIGIN,
    endpoints: environment.WEBHOOK_ENDPOINTS,
    laterMs: environment.LATER_MS,
  };
  try {
    await migrate(pool);
    const deliverer = startDeliverer({
      pool,
      endpoints: settings.endpoints,
      log,
      timeoutMs: DELIVERY_TIMEOUT_MS,
      retryMs: environment.RETRY_MS,
      mostRetryMs: MOST_RETRY_MS,
    });
    const onWrite = () => deliverer.wake();
    const stopWorld = startWorld({ pool, settings, log, everyMs: WORLD_EVERY_MS, onWrite });
    // What people do on pages has no request of the API behind it.
    const run = <Result>(work: (work: Work) => Promise<Result>) =>
      transaction(pool, (db) =>
        work({
          db,
          now: Math.floor(Date.now() / 1_000),
          request: { id: null, idempotency_key: null },
          settings,
        }),
      );
    // A name of somebody else that leads to this machine must not open the dashboard to their pages.
    const { host } = new URL(settings.origin);
    const hosts = new Set([host, `127.0.0.1:${environment.PORT}`]);
    const api = createApi({
      pool,
      settings,
      secretKey: environment.STRIPE_SECRET_KEY,
      log,
      routes: [...API_ROUTES, ...controlRoutes(deliverer)],
      onWrite,
    });
    try {
      const door = await openDoor({
        host: environment.HOST,
        port: environment.PORT,
        log,
        checks: { database: () => pool.query('SELECT 1') },
        handler: async (request, response) => {
          const path = request.url ?? '/';
          if (path.startsWith('/v1/') || path.startsWith('/sandbox/')) return api(request, response);
          if (path === STYLES_PATH) return sendStyles(response);
          if (!hosts.has(request.headers.host ?? '')) {
            return sendProblem(response, 421, 'wrong_host', 'This is not the address of these pages');
          }
          if (request.method === 'POST' && !isOwnForm(request, settings.origin)) {
            return sendPage(
              response,
              notice(403, 'Not from here', 'That form did not come from a page of ours.'),
            );
          }
          const page = (await hostedPage(request, run)) ?? (await dashboardPage(request, run, deliverer));
          sendPage(response, page ?? notice(404, 'Nothing here', 'This address leads nowhere.'));
          if (request.method === 'POST') onWrite();
        },
      });
      return {
        async stop() {
          await door.close();
          await stopWorld();
          await deliverer.stop();
          await pool.end();
        },
      };
    } catch (error) {
      await stopWorld();
      await deliverer.stop();
      throw error;
    }
  } catch (error) {
    await pool.end();
    throw error;
  }
}
