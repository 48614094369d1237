import * as client from 'openid-client';
import type { Endpoint, PayloadHandler, PayloadRequest } from 'payload';
import { personSeen } from 'realtime/contract';
import { databaseOf, rowsOf, sql } from '../database/sql.ts';
import { seePerson } from '../directory/people.ts';
import type { Environment } from '../environment.ts';
import type { Identity } from '../identity/identity.ts';
import { IssuerAway } from '../identity/openid.ts';
import { beginAttempt, endSession, findSession, openSession, takeAttempt } from '../identity/sessions.ts';
import { addressOf, networkOf } from '../protection/address.ts';
import { audit, auditRefusal } from '../protection/audit.ts';
import { LIMITS, overLimit } from '../protection/limits.ts';

/** Why somebody is back at the sign-in page without being signed in; the page says it in words (SignIn.tsx). */
export type Refused =
  | 'clients'
  | 'suspended'
  | 'expired'
  | 'declined'
  | 'failed'
  | 'unavailable'
  | 'too_many';

/** Pages of the admin, and nothing that a browser could take for another host. */
const RETURN_TO = /^\/admin(?:\/[\w-][\w.-]*)*\/?(?:\?[\w.~%=&[\]-]*)?$/;

/** Signing in to the admin and out of it: pages lead here, and from here to the issuer and back. */
export function authEndpoints(environment: Environment, { openId, cookies }: Identity): Endpoint[] {
  const to = (location: string, ...set: string[]): Response => {
    const headers = new Headers({ location, 'cache-control': 'no-store' });
    for (const cookie of set) headers.append('set-cookie', cookie);
    return new Response(null, { status: 303, headers });
  };
  const login = (refused?: Refused, ...set: string[]) =>
    to(`${environment.CMS_URL}/admin/login${refused ? `?refused=${refused}` : ''}`, ...set);

  /** What goes wrong with the issuer is told in words on the sign-in page, not as an error. */
  const guarded =
    (handler: PayloadHandler): PayloadHandler =>
    async (req) => {
      if (await overLimit(databaseOf(req.payload), LIMITS.signIn, networkOf(addressOf(req.headers))))
        return login('too_many');
      return handler(req);
    };

  const begin: PayloadHandler = async (req) => {
    const wanted = new URL(req.url ?? '', environment.CMS_URL).searchParams.get('return_to') ?? '';
    try {
      const { url, attempt } = await openId.begin();
      const secret = await beginAttempt(databaseOf(req.payload), {
        ...attempt,
        return_to: RETURN_TO.test(wanted) ? wanted : '/admin',
      });
      return to(url.href, cookies.set(cookies.attempt, secret, 15 * 60));
    } catch (error) {
      if (!(error instanceof IssuerAway)) throw error;
      req.payload.logger.warn({ err: error }, 'the issuer is away');
      return login('unavailable');
    }
  };

  const finish: PayloadHandler = async (req) => {
    const db = databaseOf(req.payload);
    const address = addressOf(req.headers);
    const over = cookies.set(cookies.attempt, null);
    const refuse = async (refused: Refused, reason: string, actor_person_id: string | null = null) => {
      await auditRefusal(db, { action: 'cms.sign_in', reason, actor_person_id, address });
      return login(refused, over);
    };

    const secret = cookies.read(req.headers, cookies.attempt);
    const attempt = secret && (await takeAttempt(db, secret));
    if (!attempt) return login('expired', over);
    const { search } = new URL(req.url ?? '', environment.CMS_URL);
    const came = await openId.finish(search, attempt).catch((error: unknown) => error as Error);
    if (came instanceof IssuerAway) return login('unavailable', over);
    if (came instanceof Error) {
      req.payload.logger.info({ err: came }, 'a sign-in was refused');
      const declined = came instanceof client.AuthorizationResponseError && came.error === 'access_denied';
      return declined ? login('declined', over) : refuse('failed', 'the issuer’s answer was not good');
    }

    const person = await seePerson(req.payload, personSeen.parse(came.seen));
    if (person.status !== 'active') return refuse('suspended', 'account_suspended', person.person_id);
    if (person.role === 'client') return refuse('clients', 'role_not_allowed', person.person_id);

    // Whoever was signed in before in this browser no longer is, and the new session has an id that nobody knew before.
    const old = cookies.read(req.headers, cookies.session);
    if (old) await endSession(db, old);
    const [row] = await rowsOf<{ id: number }>(
      db,
      sql`select id from people where person_id = ${person.person_id}`,
    );
    const session = await openSession(db, row?.id as number, came.idToken);
    await audit(db, {
      action: 'cms.sign_in',
      outcome: 'done',
      actor_person_id: person.person_id,
      subject: `person:${person.person_id}`,
      address,
    });
    return to(`${environment.CMS_URL}${attempt.return_to}`, over, cookies.set(cookies.session, session));
  };

  /** @returns the ID token of the session that was ended, if there was one. */
  const signOut = async (req: PayloadRequest): Promise<string | null> => {
    const db = databaseOf(req.payload);
    const secret = cookies.read(req.headers, cookies.session);
    if (!secret) return null;
    const session = await findSession(db, secret);
    const ended = await endSession(db, secret);
    if (session) {
      const [person] = await rowsOf<{ person_id: string }>(
        db,
        sql`select person_id from people where id = ${session.person}`,
      );
      await audit(db, {
        action: 'cms.sign_out',
        outcome: 'done',
        actor_person_id: person?.person_id ?? null,
        subject: person ? `person:${person.person_id}` : null,
        address: addressOf(req.headers),
      });
    }
    return ended?.id_token ?? null;
  };

  const leave: PayloadHandler = async (req) => {
    const idToken = await signOut(req);
    const gone = cookies.set(cookies.session, null);
    // Without an ID token the issuer would ask whom to sign out; our own session is ended all the same.
    const there = idToken ? await openId.endSessionUrl(idToken).catch(() => undefined) : undefined;
    return there ? to(there.href, gone) : login(undefined, gone);
  };

  return [
    { method: 'get', path: '/auth/sign-in', handler: guarded(begin) },
    { method: 'get', path: '/auth/callback', handler: guarded(finish) },
    { method: 'post', path: '/auth/sign-out', handler: leave },
  ];
}
