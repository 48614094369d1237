import { randomBytes } from 'node:crypto';
import type { Logger } from '../server/logger.ts';
import { type Problem, problems } from '../server/problem.ts';
import type { AccessToken, AccessTokens } from './access-token.ts';
import { type Cookies, readCookies } from './cookies.ts';
import { type Issuer, IssuerUnavailable, SignInRefused, type SignInSecrets } from './issuer.ts';
import type { Outbox } from './outbox.ts';
import { type People, PeopleUnavailable } from './people.ts';
import { returnPath } from './return-to.ts';
import type { Seal } from './seal.ts';
import { type Session, type Sessions, sessionSeconds, type Visitor } from './sessions.ts';

/** Leads a browser on, with cookies set or cleared. */
export interface Onward {
  location: string;
  cookies: string[];
}

/** What belongs to the request that asks. */
export interface Asking {
  cookie: string | undefined;
  /** The visitor's address, for the audit log. */
  address: string;
  request_id: string;
}

export interface Identity {
  /** Whose browser it is. Never throws: without the database nobody is known. */
  visitor(cookie: string | undefined): Promise<Visitor>;
  accessToken(session: Session): Promise<AccessToken>;
  /** Leads to the issuer. `again` has it ask who it is even when it knows. */
  begin(given: { returnTo: string | null; again: boolean }, asking: Asking): Promise<Onward | Problem>;
  /** The issuer has led back, with this query. */
  finish(query: string, asking: Asking): Promise<Onward | Problem>;
  /** Ends the session here, at the issuer and at realtime. */
  signOut(asking: Asking): Promise<Onward | Problem>;
}

interface UnderWay extends SignInSecrets {
  return_to: string;
  expires_at_ms: number;
}

interface Options {
  siteUrl: string;
  /** Exactly as it stands in tokens. */
  issuerName: string;
  cookies: Cookies;
  seal: Seal;
  sessions: Sessions;
  accessTokens: AccessTokens;
  issuer: Issuer;
  people: People;
  outbox: Outbox;
  log: Logger;
  clock?: () => number;
}

/** Somebody may make an account on the way: an hour. */
const signInSeconds = 60 * 60;
/** Tabs in which one browser may be signing in at once; the oldest are forgotten. */
const mostSignIns = 6;

/** Signs people in and out, and knows who they are. */
export function createIdentity(options: Options): Identity {
  const { siteUrl, issuerName, cookies, seal, sessions, accessTokens, issuer, people, outbox, log } = options;
  const clock = options.clock ?? Date.now;

  const purpose = (state: string) => `sign-in ${state}`;

  function underWay(state: string, given: Map<string, string>): UnderWay | undefined {
    const sealed = given.get(cookies.signIn(state));
    if (!state || !sealed) return undefined;
    const opened = seal.open(Buffer.from(sealed, 'base64url'), purpose(state)) as UnderWay | undefined;
    return opened && opened.expires_at_ms > clock() ? opened : undefined;
  }

  /** Takes a refresh token back. Nobody waits for it, and it ends by itself when the issuer can't be asked. */
  function revoke(refreshToken: string | null | undefined): void {
    if (!refreshToken) return;
    issuer
      .revoke(refreshToken)
      .catch((error: unknown) => log.warn({ err: error }, 'a refresh token was not revoked'));
  }

  async function visitor(cookie: string | undefined): Promise<Visitor> {
    const id = readCookies(cookie).get(cookies.session);
    if (!id) return { state: 'nobody' };
    try {
      return await sessions.find(id);
    } catch (error) {
      log.error({ err: error }, 'sessions could not be read');
      return { state: 'unknown' };
    }
  }

  function refused(code: string, { address }: Asking, personId: string | null): void {
    outbox.audit({
      action: 'sign_in',
      outcome: 'refused',
      actor_person_id: personId,
      subject: null,
      reason: code.slice(0, 100),
      address,
    });
  }

  return {
    visitor,
    accessToken: (session) => accessTokens.of(session),

    async begin({ returnTo, again }, { cookie }) {
      const secrets = {
        state: randomBytes(32).toString('base64url'),
        nonce: randomBytes(32).toString('base64url'),
        verifier: randomBytes(48).toString('base64url'),
      };
      try {
        const url = await issuer.signInUrl(secrets, again);
        const kept: UnderWay = {
          ...secrets,
          return_to: returnPath(returnTo, siteUrl),
          expires_at_ms: clock() + 1_000 * signInSeconds,
        };
        const sealed = seal.close(kept, purpose(secrets.state)).toString('base64url');
        const others = [...readCookies(cookie).keys()].filter(cookies.isSignIn);
        return {
          location: url.href,
          cookies: [
            ...others.slice(0, Math.max(0, others.length - mostSignIns + 1)).map(cookies.clear),
            cookies.set(cookies.signIn(secrets.state), sealed, signInSeconds),
          ],
        };
      } catch (error) {
        if (!(error instanceof IssuerUnavailable)) throw error;
        log.error({ err: error }, 'nobody can sign in');
        return problems.identity_unavailable;
      }
    },

    async finish(query, asking) {
      const given = readCookies(asking.cookie);
      const state = new URLSearchParams(query).get('state') ?? '';
      const before = await visitor(asking.cookie);
      const expected = underWay(state, given);
      if (!expected) {
        // Come back to by the browser's own button, most likely.
        if (before.state === 'somebody') return { location: '/dashboard', cookies: [] };
        refused('sign_in_unknown', asking, null);
        return problems.sign_in_lost;
      }
      const over = cookies.clear(cookies.signIn(state));
      try {
        const { tokens, claims } = await issuer.exchange(query, expected);
        if (claims.issuer !== issuerName) throw new SignInRefused('wrong_issuer');
        let id: string | null;
        let personId: string;
        try {
          const person = await people.seen(claims, asking.request_id);
          personId = person.person_id;
          id = await sessions.begin(person, tokens);
        } catch (error) {
          revoke(tokens.refresh_token);
          throw error;
        }
        if (!id) {
          revoke(tokens.refresh_token);
          refused('account_suspended', asking, personId);
          return problems.account_suspended;
        }
        if (before.state === 'somebody') revoke((await sessions.end(before.id_hash))?.refresh_token);
        outbox.audit({
          action: 'sign_in',
          outcome: 'done',
          actor_person_id: personId,
          subject: null,
          reason: null,
          address: asking.address,
        });
        return {
          location: expected.return_to,
          cookies: [over, cookies.set(cookies.session, id, sessionSeconds)],
        };
      } catch (error) {
        if (error instanceof SignInRefused) {
          log.warn({ err: error }, 'a sign-in was refused');
          refused(error.code, asking, null);
          return error.code === 'access_denied' ? problems.sign_in_declined : problems.sign_in_refused;
        }
        log.error({ err: error }, 'a sign-in could not be finished');
        const known = error instanceof IssuerUnavailable || error instanceof PeopleUnavailable;
        return known ? problems.identity_unavailable : problems.sessions_unavailable;
      }
    },

    async signOut({ cookie, address }) {
      const over = cookies.clear(cookies.session);
      const who = await visitor(cookie);
      if (who.state === 'unknown') return problems.sessions_unavailable;
      if (who.state !== 'somebody') return { location: '/', cookies: [over] };
      const { person_id } = who.person;
      // First, since a socket that is closed in vain comes back by itself, and one that is forgotten stays.
      await outbox.signedOut(person_id);
      const tokens = await sessions.end(who.id_hash);
      outbox.audit({
        action: 'sign_out',
        outcome: 'done',
        actor_person_id: person_id,
        subject: null,
        reason: null,
        address,
      });
      revoke(tokens?.refresh_token);
      try {
        return { location: (await issuer.signOutUrl(tokens?.id_token ?? null)).href, cookies: [over] };
      } catch (error) {
        log.warn({ err: error }, 'signed out here, but not at the issuer');
        return { location: '/', cookies: [over] };
      }
    },
  };
}
