import * as client from 'openid-client';
import type { Environment } from '../server/environment.ts';
import type { Tokens } from './sessions.ts';

/** The issuer doesn't answer, or not as an issuer does. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable';
}

/** The issuer, or the check of what it gave, said no. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused';
  /** Stable, as OAuth or openid-client name it. */
  readonly code: string;

  constructor(code: string, options?: ErrorOptions) {
    super(`sign-in refused: ${code}`, options);
    this.code = code;
  }
}

/** What one sign-in has to come back with. */
export interface SignInSecrets {
  state: string;
  nonce: string;
  verifier: string;
}

/** Who the issuer says it is. */
export interface Claims {
  issuer: string;
  subject: string;
  email?: string;
  email_verified?: boolean;
  display_name?: string;
}

export interface Issuer {
  /** @throws {IssuerUnavailable} like all of these. */
  signInUrl(secrets: SignInSecrets, again: boolean): Promise<URL>;
  /**
   * What the code in the callback's query is good for.
   *
   * @throws {SignInRefused}
   */
  exchange(query: string, secrets: SignInSecrets): Promise<{ tokens: Tokens; claims: Claims }>;
  /** New tokens, or `refused` when the refresh token is spent, revoked or was used by somebody else. */
  refresh(tokens: Tokens): Promise<Tokens | 'refused'>;
  revoke(refreshToken: string): Promise<void>;
  /** Where the issuer ends its own session and leads back to the home page. */
  signOutUrl(idToken: string | null): Promise<URL>;
}

const timeoutSeconds = 5;
/** How long what the issuer says of itself is taken as it is, in milliseconds. */
const metadataMs = 60 * 60_000;
/** An access token that names no end is taken to be good for so long. */
const defaultLifeSeconds = 300;

type Needed =
  | 'SOULSEER_ENV'
  | 'SITE_URL'
  | 'OIDC_ISSUER'
  | 'OIDC_AUDIENCE'
  | 'OIDC_CLIENT_ID'
  | 'OIDC_CLIENT_SECRET'
  | 'OIDC_CLAIMS_NAMESPACE';

/** OpenID Connect with the issuer of the environment: found by its discovery document when first needed. */
export function createIssuer(environment: Pick<Environment, Needed>, clock: () => number = Date.now): Issuer {
  const { OIDC_ISSUER, OIDC_AUDIENCE, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, SITE_URL } = environment;
  const callback = `${SITE_URL}/auth/callback`;
  const plainHttp = environment.SOULSEER_ENV !== 'production' && OIDC_ISSUER.startsWith('http:');
  let found: { at: number; configuration: client.Configuration } | undefined;
  let finding: Promise<client.Configuration> | undefined;

  async function find(): Promise<client.Configuration> {
    const configuration = await client.discovery(
      new URL(OIDC_ISSUER),
      OIDC_CLIENT_ID,
      undefined,
      client.ClientSecretBasic(OIDC_CLIENT_SECRET),
      {
        timeout: timeoutSeconds,
        // ID tokens are checked against the issuer's keys too, not only by the connection that they came over.
        execute: [client.enableNonRepudiationChecks, ...(plainHttp ? [client.allowInsecureRequests] : [])],
      },
    );
    found = { at: clock(), configuration };
    return configuration;
  }

  async function configuration(): Promise<client.Configuration> {
    if (found && clock() - found.at < metadataMs) return found.configuration;
    finding ??= find().finally(() => {
      finding = undefined;
    });
    try {
      return await finding;
    } catch (cause) {
      // What it said of itself before is better than nothing.
      if (found) return found.configuration;
      throw new IssuerUnavailable('the issuer could not be asked about itself', { cause });
    }
  }

  function tokensOf(answer: client.TokenEndpointResponse, before?: Tokens): Tokens {
    const now = clock();
    return {
      access_token: answer.access_token,
      issued_at_ms: now,
      expires_at_ms: now + 1_000 * (answer.expires_in ?? defaultLifeSeconds),
      refresh_token: answer.refresh_token ?? before?.refresh_token ?? null,
      id_token: answer.id_token ?? before?.id_token ?? null,
    };
  }

  return {
    async signInUrl({ state, nonce, verifier }, again) {
      return client.buildAuthorizationUrl(await configuration(), {
        redirect_uri: callback,
        audience: OIDC_AUDIENCE,
        scope: 'openid profile email offline_access',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
        ...(again ? { prompt: 'login' } : {}),
      });
    },

    async exchange(query, { state, nonce, verifier }) {
      try {
        const answer = await client.authorizationCodeGrant(
          await configuration(),
          new URL(`${callback}${query}`),
          { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true },
        );
        const claims = answer.claims();
        if (!claims) throw new SignInRefused('no_id_token');
        return { tokens: tokensOf(answer), claims: claimsOf(claims, environment.OIDC_CLAIMS_NAMESPACE) };
      } catch (error) {
        throw refusedOrUnavailable(error);
      }
    },

    async refresh(tokens) {
      if (!tokens.refresh_token) return 'refused';
      try {
        const answer = await client.refreshTokenGrant(await configuration(), tokens.refresh_token);
        return tokensOf(answer, tokens);
      } catch (cause) {
        if (cause instanceof client.ResponseBodyError && cause.error === 'invalid_grant') return 'refused';
        throw new IssuerUnavailable('the issuer gave no new tokens', { cause });
      }
    },

    async revoke(refreshToken) {
      try {
        await client.tokenRevocation(await configuration(), refreshToken, {
          token_type_hint: 'refresh_token',
        });
      } catch (cause) {
        throw new IssuerUnavailable('the issuer did not revoke a refresh token', { cause });
      }
    },

    async signOutUrl(idToken) {
      const known = await configuration();
      if (known.serverMetadata().end_session_endpoint) {
        return client.buildEndSessionUrl(known, {
          post_logout_redirect_uri: `${SITE_URL}/`,
          ...(idToken ? { id_token_hint: idToken } : {}),
        });
      }
      // Auth0 without its setting for the standard way.
      const url = new URL('v2/logout', OIDC_ISSUER.endsWith('/') ? OIDC_ISSUER : `${OIDC_ISSUER}/`);
      url.search = new URLSearchParams({ client_id: OIDC_CLIENT_ID, returnTo: `${SITE_URL}/` }).toString();
      return url;
    },
  };
}

function refusedOrUnavailable(error: unknown): Error {
  if (error instanceof SignInRefused || error instanceof IssuerUnavailable) return error;
  if (error instanceof client.AuthorizationResponseError)
    return new SignInRefused(error.error, { cause: error });
  if (error instanceof client.ResponseBodyError && error.status < 500 && error.error !== 'invalid_client')
    return new SignInRefused(error.error, { cause: error });
  if (error instanceof client.ClientError && error.code && !/TIMEOUT|NOT_CONFORM/.test(error.code))
    return new SignInRefused(error.code.toLowerCase(), { cause: error });
  return new IssuerUnavailable('the issuer gave no tokens', { cause: error });
}

/** Claims by their plain names, or as some issuers want them: under a namespace that is an address. */
export function claimsOf(claims: client.IDToken, namespace: string | undefined): Claims {
  const prefix = namespace && (namespace.endsWith('/') ? namespace : `${namespace}/`);
  const claim = (name: string) => claims[name] ?? (prefix ? claims[`${prefix}${name}`] : undefined);
  const email = claim('email');
  const verified = claim('email_verified');
  const name = [claim('name'), claim('nickname')].find((one) => typeof one === 'string' && one.trim() !== '');
  return {
    issuer: claims.iss,
    subject: claims.sub,
    ...(typeof email === 'string' && email !== '' ? { email } : {}),
    ...(typeof verified === 'boolean' ? { email_verified: verified } : {}),
    ...(typeof name === 'string' ? { display_name: name.trim().slice(0, 60) } : {}),
  };
}
