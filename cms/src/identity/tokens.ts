/** Access tokens: whether one is genuine, ours and in time. What it says of roles is not asked. */

import { errors, jwtVerify } from 'jose';
import { type PersonSeen, personSeen } from 'realtime/contract';
import { type IssuerKeys, IssuerUnreachable } from './keys.ts';

/** How far clocks may be apart, in seconds. */
const LEEWAY_SECONDS = 5;
/** Longer is no token of any issuer. */
const MOST_CHARACTERS = 8_192;
/** What only an ID token has; an issuer may set the same audience in both. */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash'];

export type TokenCode =
  | 'not_signed_in'
  | 'token_malformed'
  | 'token_algorithm'
  | 'token_unknown_key'
  | 'token_signature'
  | 'token_type'
  | 'token_issuer'
  | 'token_audience'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'identity_unavailable';

export type TokenVerdict = { ok: true; seen: PersonSeen } | { ok: false; code: TokenCode };

export type Tokens = {
  /** Checks the value of an Authorization header. */
  verify(authorization: string | undefined): Promise<TokenVerdict>;
};

export function createTokens({
  issuer,
  audience,
  namespace = '',
  keys,
}: {
  /** Exactly as in the tokens. */
  issuer: string;
  audience: string;
  /** What stands before the names of claims that are not the standard's own, as Auth0 wants it. */
  namespace?: string | undefined;
  keys: IssuerKeys;
}): Tokens {
  return {
    async verify(authorization) {
      if (!authorization) return refuse('not_signed_in');
      const [, token] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
      if (!token || token.length > MOST_CHARACTERS) return refuse('token_malformed');
      try {
        const { payload: claims, protectedHeader } = await jwtVerify(token, (header) => keys.find(header), {
          algorithms: ['RS256'],
          issuer,
          audience,
          clockTolerance: LEEWAY_SECONDS,
          requiredClaims: ['sub', 'exp'],
        });
        const type = protectedHeader.typ?.toLowerCase().replace(/^application\//, '');
        if (type !== 'jwt' && type !== 'at+jwt') return refuse('token_type');
        if (ID_TOKEN_CLAIMS.some((name) => claims[name] !== undefined)) return refuse('token_type');
        const { sub } = claims;
        if (typeof sub !== 'string' || sub === '' || sub.length > 500) return refuse('token_malformed');
        return { ok: true, seen: seenIn(claims, { issuer, namespace }) };
      } catch (error) {
        const code = codeOf(error);
        if (code === undefined) throw error;
        return refuse(code);
      }
    },
  };
}

/** What a token's claims say of a person. A claim that is not as it should be is as good as none; `sub` has been checked. */
export function seenIn(
  claims: Readonly<Record<string, unknown>>,
  { issuer, namespace = '' }: { issuer: string; namespace?: string | undefined },
): PersonSeen {
  const claim = (name: string) => claims[name] ?? claims[`${namespace}${name}`];
  const email = personSeen.shape.email.safeParse(claim('email')).data;
  const name = claim('name');
  const displayName = typeof name === 'string' ? shownName(name) : '';
  return {
    issuer,
    subject: String(claims.sub),
    ...(email !== undefined && { email, email_verified: claim('email_verified') === true }),
    ...(displayName && { display_name: displayName }),
  };
}

/** Whole characters, nothing that isn't seen, at most 60. */
function shownName(name: string): string {
  const clean = name
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return clean
    .slice(0, 60)
    .replace(/[\ud800-\udbff]$/, '')
    .trim();
}

function refuse(code: TokenCode): TokenVerdict {
  return { ok: false, code };
}

/** What to call jose's refusal; nothing for an error that is none. */
function codeOf(error: unknown): TokenCode | undefined {
  if (error instanceof IssuerUnreachable) return 'identity_unavailable';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'token_algorithm';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'token_unknown_key';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'token_signature';
  if (error instanceof errors.JWTExpired) return 'token_expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'iss') return 'token_issuer';
    if (error.claim === 'aud') return 'token_audience';
    if (error.claim === 'nbf') return 'token_not_yet_valid';
    return 'token_malformed';
  }
  return error instanceof errors.JOSEError ? 'token_malformed' : undefined;
}
