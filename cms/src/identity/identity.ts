import type { AuthStrategy, Payload, PayloadRequest, TypedUser } from 'payload';
import { databaseOf, rowsOf, sql } from '../database/sql.ts';
import { seePerson } from '../directory/people.ts';
import type { Environment } from '../environment.ts';
import { type Cookies, createCookies } from './cookies.ts';
import { createIssuerKeys } from './keys.ts';
import { createOpenId, type OpenId } from './openid.ts';
import { endSession, findSession } from './sessions.ts';
import { createTokens, type TokenCode } from './tokens.ts';

/** Why somebody who showed a token is turned away. */
export type Denial = {
  status: 401 | 403 | 503;
  code: TokenCode | 'account_suspended';
  detail: string;
  person_id?: string;
};
type Known = { ok: true; user: TypedUser } | { ok: false; denial: Denial };

/** Who asks, and how they sign in. */
export type Identity = {
  openId: OpenId;
  cookies: Cookies;
  /** Whom the `Authorization: Bearer` header stands for; nothing when there is no such header. */
  byToken: (payload: Payload, headers: Headers) => Promise<Known | undefined>;
  strategies: AuthStrategy[];
};

const DETAILS: Record<Denial['code'], string> = {
  not_signed_in: 'Sign in first.',
  token_malformed: 'The access token can’t be read.',
  token_algorithm: 'The access token is not signed with RS256.',
  token_unknown_key: 'The access token is signed with a key that the issuer does not have.',
  token_signature: 'The signature of the access token is wrong.',
  token_type: 'This is no access token.',
  token_issuer: 'The access token is from another issuer.',
  token_audience: 'The access token is for something else.',
  token_expired: 'The access token has ended.',
  token_not_yet_valid: 'The access token does not count yet.',
  identity_unavailable: 'Who you are can’t be found out at the moment. Try again soon.',
  account_suspended: 'This account is suspended. Please write to us if you think that is a mistake.',
};

/** `failed` is told when the issuer could not be asked. */
export function createIdentity(environment: Environment, failed: (error: Error) => void): Identity {
  const cookies = createCookies(environment.CMS_URL);
  const tokens = createTokens({
    issuer: environment.OIDC_ISSUER,
    audience: environment.OIDC_AUDIENCE,
    namespace: environment.OIDC_CLAIMS_NAMESPACE,
    keys: createIssuerKeys({ issuer: environment.OIDC_ISSUER, failed }),
  });
  // The handler asks before the strategy does, about the very same headers: one answer serves both.
  const answers = new WeakMap<Headers, Promise<Known | undefined>>();

  async function ask(payload: Payload, headers: Headers): Promise<Known | undefined> {
    const authorization = headers.get('authorization');
    if (authorization === null || !/^bearer\b/i.test(authorization)) return undefined;
    const verdict = await tokens.verify(authorization);
    if (!verdict.ok) return { ok: false, denial: denial(verdict.code) };
    const { person_id, status } = await seePerson(payload, verdict.seen);
    if (status !== 'active') return { ok: false, denial: { ...denial('account_suspended'), person_id } };
    const [row] = await rowsOf<{ id: number }>(
      databaseOf(payload),
      sql`select id from people where person_id = ${person_id}`,
    );
    return { ok: true, user: await userOf(payload, row?.id as number, 'token') };
  }

  const byToken: Identity['byToken'] = (payload, headers) => {
    const known = answers.get(headers) ?? ask(payload, headers);
    answers.set(headers, known);
    return known;
  };

  return {
    openId: createOpenId(environment),
    cookies,
    byToken,
    strategies: [
      {
        name: 'token',
        authenticate: async ({ payload, headers }) => {
          const known = await byToken(payload, headers);
          return { user: known?.ok ? known.user : null };
        },
      },
      {
        name: 'session',
        authenticate: async ({ payload, headers }) => {
          const secret = cookies.read(headers, cookies.session);
          // Whoever shows a token is whom the token says and nobody else.
          if (!secret || headers.has('authorization') || isForeign(headers, environment.CMS_URL))
            return { user: null };
          const session = await findSession(databaseOf(payload), secret);
          if (!session) return { user: null };
          if (session.status !== 'active' || session.role === 'client') {
            await endSession(databaseOf(payload), secret);
            return { user: null };
          }
          const user = await userOf(payload, session.person, 'session');
          return { user: Object.assign(user, { _sessionEnds: session.expires.getTime() }) };
        },
      },
    ],
  };
}

function denial(code: Denial['code']): Denial {
  const status = code === 'identity_unavailable' ? 503 : code === 'account_suspended' ? 403 : 401;
  return { status, code, detail: DETAILS[code] };
}

/**
 * A cookie counts for our own pages only. A browser names the page's origin on all but plain navigations; where it would say so
 * and doesn't, on a server function of the admin, that is foreign as well.
 */
function isForeign(headers: Headers, ours: string): boolean {
  const origin = headers.get('origin');
  if (origin !== null) return origin !== ours;
  return headers.has('next-action');
}

// Local API without access: this finds out who asks, so nobody is known yet who could have any.
async function userOf(payload: Payload, id: number, strategy: string): Promise<TypedUser> {
  const person = await payload.findByID({ collection: 'people', id, depth: 0 });
  return { ...person, collection: 'people', _strategy: strategy } as TypedUser;
}

/** When the session of the asker ends, in seconds since 1970. */
export function sessionEnd({ user }: Pick<PayloadRequest, 'user'>): number {
  const ends = (user as { _sessionEnds?: number } | null)?._sessionEnds;
  return Math.floor((ends ?? Date.now()) / 1000);
}
