/** Puts the identity service together: database → keys → accounts → provider → sign-in pages → door. */

import pg from 'pg';
import type { IdentityEnvironment } from '../environment.ts';
import { errorFields, type Log } from '../log.ts';
import { openDoor } from '../service.ts';
import { createAccounts } from './accounts.ts';
import { createInteractions } from './interactions.ts';
import { loadKeys } from './keys.ts';
import { askForRefreshToken, createProvider, returnOrigins } from './provider.ts';
import { migrate, sweep } from './records.ts';

const SWEEP_EVERY_MS = 10 * 60_000;

/** Starts the service and answers how to stop it. */
export async function startIdentity(
  environment: IdentityEnvironment,
  log: Log,
): Promise<{ stop: () => Promise<void> }> {
  const pool = new pg.Pool({
    connectionString: environment.DATABASE_URL,
    max: 10,
    application_name: 'identity',
  });
  // A server that restarts drops idle connections; the pool makes new ones.
  const lost = (error: Error) => log.warn('a database connection was lost', { error: error.message });
  pool.on('error', lost);
  // One that breaks while it is lent out says so itself; unheard, that would end the process.
  pool.on('connect', (client) => client.on('error', lost));

  try {
    await migrate(pool);
    const accounts = createAccounts({
      pool,
      file: environment.ACCOUNTS_FILE,
      demoPassword: environment.DEMO_PASSWORD,
    });
    const provider = createProvider({ environment, pool, keys: await loadKeys(pool), accounts });
    provider.on('server_error', (_context, error) => log.error('request failed', errorFields(error)));
    const interactions = createInteractions({
      provider,
      accounts,
      formTargets: returnOrigins(environment.CLIENTS),
    });
    const serve = provider.callback();

    const sweeper = setInterval(() => {
      sweep(pool).catch((error) => log.warn('could not sweep expired records', errorFields(error)));
    }, SWEEP_EVERY_MS);
    await sweep(pool);

    const door = await openDoor({
      host: environment.HOST,
      port: environment.PORT,
      log,
      checks: { database: () => pool.query('SELECT 1') },
      handler: async (request, response) => {
        // Every address that the provider makes must be the issuer's, however this request reached us.
        request.headers.host = new URL(environment.ISSUER).host;
        request.url = askForRefreshToken(request.url ?? '/');
        if (await interactions(request, response)) return;
        await serve(request, response);
      },
    });

    return {
      async stop() {
        clearInterval(sweeper);
        await door.close();
        await pool.end();
      },
    };
  } catch (error) {
    await pool.end();
    throw error;
  }
}
