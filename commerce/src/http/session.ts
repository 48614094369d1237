import connectPgSimple from 'connect-pg-simple';
import type { RequestHandler } from 'express';
import session from 'express-session';
import type { Pool } from 'pg';
import type { Environment } from '../environment';
import type { Log } from '../log';

/** Created by the migration. */
const SESSION_TABLE = 'http_session';
const TEN_HOURS_MS = 10 * 60 * 60 * 1000;

/** What Medusa has to know about the cookie too, to clear it when somebody signs out. */
export function sessionOptions(environment: Partial<Environment>) {
  return {
    // Cookies are shared by all ports of a host, so each program's has a name of its own.
    sessionOptions: { name: 'commerce_session', ttl: TEN_HOURS_MS, secret: environment.COOKIE_SECRET },
    cookieOptions: {
      httpOnly: true,
      sameSite: 'lax' as const,
      // Medusa would always set Secure in production, and so lock out http on localhost.
      secure: environment.COMMERCE_URL?.startsWith('https:') ?? true,
    },
  };
}

/**
 * Sessions kept in Postgres, so that being signed in survives a restart. Medusa itself offers memory, Redis and
 * DynamoDB only; but its own `express-session` steps aside for a request that has a session already.
 */
export function sessions(
  environment: Environment,
  pool: Pool,
  log: Log,
): { middleware: RequestHandler; close(): Promise<void> } {
  const { sessionOptions: options, cookieOptions } = sessionOptions(environment);
  const Store = connectPgSimple(session);
  const store = new Store({
    pool,
    tableName: SESSION_TABLE,
    disableTouch: true,
    errorLog: (...parts: unknown[]) => log.error('session store', { error: parts.map(String).join(' ') }),
  });
  const middleware = session({
    name: options.name,
    secret: environment.COOKIE_SECRET,
    store,
    resave: false,
    saveUninitialized: false,
    proxy: true,
    cookie: { ...cookieOptions, maxAge: options.ttl },
  });
  return { middleware, close: async () => store.close() };
}
