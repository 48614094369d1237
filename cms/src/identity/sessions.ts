import { createHash, randomBytes } from 'node:crypto';
import { type Db, rowsOf, sql } from '../database/sql.ts';

/** A session that nobody uses ends after this, in seconds. */
export const IDLE_SECONDS = 8 * 3600;
/** However busy it is, it ends after this. */
const LONGEST_SECONDS = 5 * 24 * 3600;
/** The time somebody has to sign in at the issuer. */
const ATTEMPT_SECONDS = 15 * 60;

export type Session = {
  person: number;
  role: string;
  status: string;
  expires: Date;
  id_token: string | null;
};

/** What was said to the issuer when somebody set out to sign in. */
export type Attempt = { state: string; nonce: string; verifier: string; return_to: string };

/** The database knows a secret's hash only: who reads it can't be somebody else with it. */
const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');
const newSecret = () => randomBytes(32).toString('base64url');

/** @returns what goes into the browser's cookie, always new. */
export async function openSession(db: Db, person: number, idToken: string | null): Promise<string> {
  const secret = newSecret();
  await db.execute(sql`
    insert into admin_sessions (id_hash, person_id, id_token, expires_at)
    values (${hashOf(secret)}, ${person}, ${idToken}, now() + make_interval(secs => ${IDLE_SECONDS}))`);
  await db.execute(sql`delete from admin_sessions where expires_at < now()`);
  return secret;
}

/** The session of a cookie, with how the person stands at this moment. */
export async function findSession(db: Db, secret: string): Promise<Session | undefined> {
  const [row] = await rowsOf<Omit<Session, 'expires'> & { expires: string | Date }>(
    db,
    sql`select s.person_id as person, p.role, p.status, s.expires_at as expires, s.id_token
        from admin_sessions s join people p on p.id = s.person_id
        where s.id_hash = ${hashOf(secret)} and s.expires_at > now()`,
  );
  return row && { ...row, expires: new Date(row.expires) };
}

/** Puts the end off, as far as it may be. @returns the new end. */
export async function extendSession(db: Db, secret: string): Promise<Date | undefined> {
  const [row] = await rowsOf<{ expires_at: string | Date }>(
    db,
    sql`update admin_sessions
        set expires_at = least(now() + make_interval(secs => ${IDLE_SECONDS}),
                               created_at + make_interval(secs => ${LONGEST_SECONDS}))
        where id_hash = ${hashOf(secret)} and expires_at > now() returning expires_at`,
  );
  return row && new Date(row.expires_at);
}

/** @returns the issuer's ID token of it, with which the session there is ended. */
export async function endSession(db: Db, secret: string): Promise<{ id_token: string | null } | undefined> {
  const [row] = await rowsOf<{ id_token: string | null }>(
    db,
    sql`delete from admin_sessions where id_hash = ${hashOf(secret)} returning id_token`,
  );
  return row;
}

/** @returns what binds the attempt to the browser. */
export async function beginAttempt(db: Db, { state, nonce, verifier, return_to }: Attempt): Promise<string> {
  const secret = newSecret();
  await db.execute(sql`
    insert into sign_in_attempts (id_hash, state, nonce, verifier, return_to, expires_at)
    values (${hashOf(secret)}, ${state}, ${nonce}, ${verifier}, ${return_to}, now() + make_interval(secs => ${ATTEMPT_SECONDS}))`);
  await db.execute(sql`delete from sign_in_attempts where expires_at < now()`);
  return secret;
}

/** An attempt counts once. */
export async function takeAttempt(db: Db, secret: string): Promise<Attempt | undefined> {
  const [row] = await rowsOf<Attempt>(
    db,
    sql`delete from sign_in_attempts where id_hash = ${hashOf(secret)} and expires_at > now()
        returning state, nonce, verifier, return_to`,
  );
  return row;
}
