import { promisify } from 'node:util';
import connectPgSimple from 'connect-pg-simple';
import type { Request, RequestHandler } from 'express';
import session from 'express-session';
import type { Pool } from 'pg';
import type { Environment } from '../environment';
import type { Log } from '../log';

declare module 'express-session' {
  interface SessionData {
    /** Who is signed in, in the form in which Medusa reads it. Only staff have a session. */
    auth_context: {
      actor_id: string;
      actor_type: 'user';
      auth_identity_id: string;
      app_metadata: { user_id: string };
      user_metadata: Record<string, never>;
    };
    /** What the issuer said of them, with which its own session can be ended. */
    staff_id_token: string;
    /** A sign-in that is under way at the issuer. */
    staff_sign_in: { state: string; nonce: string; verifier: string };
    /** Why somebody was not let in, until they were told. */
    staff_problem: StaffProblem;
    /** Somebody who is out of here and still signed in at the issuer; whether they asked to leave. */
    staff_leaving: { id_token: string; asked: boolean };
  }
}

/** Why somebody was not let in, as the sign-in page tells them (admin/widgets/sign-in.tsx). */
export type StaffProblem = 'sign_in_over' | 'role_not_allowed' | 'account_suspended' | 'identity_unavailable';

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

export function regenerate({ session }: Request): Promise<void> {
  return promisify(session.regenerate.bind(session))() as Promise<void>;
}

/** Before anything is answered: a browser follows a redirect as soon as it sees one. */
export function save({ session }: Request): Promise<void> {
  return promisify(session.save.bind(session))() as Promise<void>;
}

/** Before anything is answered, too: whoever was told that they are signed out must not find the session still open. */
export function destroy({ session }: Request): Promise<void> {
  return promisify(session.destroy.bind(session))() as Promise<void>;
}
