import * as client from 'openid-client';
import type { PersonSeen } from 'realtime/contract';
import type { Environment } from '../environment.ts';
import type { Attempt } from './sessions.ts';
import { seenIn } from './tokens.ts';

const SCOPE = 'openid profile email';

/** The issuer can't be reached, or what it says of itself is not right. */
export class IssuerAway extends Error {
  override name = 'IssuerAway';
}

export type OpenId = {
  /** Where to send somebody who wants to sign in, and what to remember until they are back. */
  begin: () => Promise<{ url: URL; attempt: Omit<Attempt, 'return_to'> }>;
  /** Who came back. Throws when the answer is not good. */
  finish: (search: string, attempt: Attempt) => Promise<{ seen: PersonSeen; idToken: string }>;
  /** Where the issuer's own session is ended; nothing when the issuer has no such place. */
  endSessionUrl: (idToken: string | null) => Promise<URL | undefined>;
};

/** The CMS as a client of the issuer: authorization code with PKCE, state and nonce. */
export function createOpenId(environment: Environment): OpenId {
  const callback = `${environment.CMS_URL}/api/auth/callback`;
  let found: Promise<client.Configuration> | undefined;

  /** What the issuer says of itself, asked for once; a question that failed is asked again. */
  function issuer(): Promise<client.Configuration> {
    found ??= client
      .discovery(
        new URL(environment.OIDC_ISSUER),
        environment.OIDC_CLIENT_ID,
        undefined,
        client.ClientSecretBasic(environment.OIDC_CLIENT_SECRET),
        // Plain http is for one machine only: production refuses such an issuer (environment.ts).
        {
          timeout: 5,
          execute: environment.OIDC_ISSUER.startsWith('http:') ? [client.allowInsecureRequests] : [],
        },
      )
      .then((configuration) => {
        const named = configuration.serverMetadata().issuer;
        if (named !== environment.OIDC_ISSUER)
          throw new Error(`the issuer calls itself ${named}, not ${environment.OIDC_ISSUER}`);
        return configuration;
      })
      .catch((cause: unknown) => {
        found = undefined;
        throw new IssuerAway('the issuer can’t be asked', { cause });
      });
    return found;
  }

  return {
    async begin() {
      const configuration = await issuer();
      const verifier = client.randomPKCECodeVerifier();
      const [state, nonce] = [client.randomState(), client.randomNonce()];
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: callback,
        scope: SCOPE,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      return { url, attempt: { state, nonce, verifier } };
    },

    async finish(search, { state, nonce, verifier }) {
      const tokens = await client.authorizationCodeGrant(await issuer(), new URL(`${callback}${search}`), {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims || !tokens.id_token || claims.sub.length > 500) throw new Error('the issuer names nobody');
      const seen = seenIn(claims, {
        issuer: environment.OIDC_ISSUER,
        namespace: environment.OIDC_CLAIMS_NAMESPACE,
      });
      return { seen, idToken: tokens.id_token };
    },

    async endSessionUrl(idToken) {
      const configuration = await issuer();
      if (!configuration.serverMetadata().end_session_endpoint) return undefined;
      return client.buildEndSessionUrl(configuration, {
        post_logout_redirect_uri: `${environment.CMS_URL}/admin/login`,
        ...(idToken && { id_token_hint: idToken }),
      });
    },
  };
}
