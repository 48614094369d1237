/** From an Authorization header to an active person: the token is checked, the directory knows the rest. */

import type { Denial, Identified } from '../access.ts';
import { CmsUnreachable, type Directory, type KnownPerson } from '../directory/directory.ts';
import type { TokenCode, Tokens } from './tokens.ts';

const TITLES: Record<TokenCode | 'account_suspended', string> = {
  not_signed_in: 'Sign in first',
  token_malformed: 'The access token can’t be read',
  token_algorithm: 'The access token is not signed with RS256',
  token_unknown_key: 'The access token is signed with a key that the issuer does not have',
  token_signature: 'The signature of the access token is wrong',
  token_type: 'This is no access token',
  token_issuer: 'The access token is from another issuer',
  token_audience: 'The access token is for something else',
  token_expired: 'The access token has ended',
  token_not_yet_valid: 'The access token does not count yet',
  identity_unavailable: 'Who you are can’t be found out at the moment, try again soon',
  account_suspended: 'This account is suspended',
};

export interface IdentityParts {
  tokens: Tokens;
  directory: Pick<Directory, 'find'>;
  /** Told why somebody could not be found out. */
  failed: (error: Error) => void;
}

export function createIdentity({ tokens, directory, failed }: IdentityParts) {
  return async function identify(authorization: string | undefined): Promise<Identified> {
    const verdict = await tokens.verify(authorization);
    if (!verdict.ok) return deny(verdict.code);
    let known: KnownPerson;
    try {
      known = await directory.find(verdict.claims);
    } catch (error) {
      if (!(error instanceof CmsUnreachable)) throw error;
      failed(error);
      return deny('identity_unavailable');
    }
    const { person_id, role, display_name, time_zone, status } = known;
    if (status === 'suspended') return deny('account_suspended', person_id);
    return { ok: true, person: { person_id, role, display_name, ...(time_zone ? { time_zone } : {}) } };
  };
}

function deny(code: keyof typeof TITLES, person_id?: string): Identified {
  const status: Denial['status'] =
    code === 'identity_unavailable' ? 503 : code === 'account_suspended' ? 403 : 401;
  return { ok: false, denial: { status, code, title: TITLES[code], ...(person_id ? { person_id } : {}) } };
}
