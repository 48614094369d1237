/** The OpenID provider, set up to behave as Auth0 does for this platform. */

import Provider, { errors, interactionPolicy } from 'oidc-provider';
import type pg from 'pg';
import type { IdentityEnvironment } from '../environment.ts';
import type { Accounts } from './accounts.ts';
import type { Keys } from './keys.ts';
import { errorPage, logoutPage, pageHeaders, signedOutPage } from './pages.ts';
import { createRecords } from './records.ts';

const DAY = 24 * 60 * 60;
const SCOPES = ['openid', 'profile', 'email', 'offline_access'];

interface Parts {
  environment: IdentityEnvironment;
  pool: pg.Pool;
  keys: Keys;
  accounts: Accounts;
}

/** Makes the provider; every client in the environment is first-party, so nobody is asked for consent. */
export function createProvider({ environment, pool, keys, accounts }: Parts): Provider {
  const { ISSUER, AUDIENCE, CLIENTS, ACCESS_TOKEN_SECONDS } = environment;
  const policy = interactionPolicy.base();
  // Known as a prompt, see `askForRefreshToken`, but without a reason left to show it.
  policy.get('consent')?.checks.clear();

  return new Provider(ISSUER, {
    adapter: (model: string) => createRecords(pool, model),
    jwks: keys.jwks as never,
    clients: CLIENTS.map((client) => ({
      ...client,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic' as const,
      id_token_signed_response_alg: 'RS256' as const,
    })),
    scopes: SCOPES,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    // As Auth0: the claims of the scopes are in the ID token, no second request needed.
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    pkce: { required: () => true },
    interactions: { policy, url: (_context, interaction) => `/interaction/${interaction.uid}` },
    cookies: {
      keys: keys.cookies,
      names: { session: 'sandbox_session', interaction: 'sandbox_interaction', resume: 'sandbox_resume' },
      long: { httpOnly: true, sameSite: 'lax' },
      short: { httpOnly: true, sameSite: 'lax' },
    },
    // Auth0 names the audience in a parameter of its own, and takes `screen_hint=signup`.
    extraParams: {
      audience(_context: unknown, value: string | undefined) {
        if (value !== undefined && value !== AUDIENCE) throw new errors.InvalidTarget('unknown audience');
      },
      screen_hint: null,
    } as never,
    features: {
      devInteractions: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_context, client, token) => client.clientId === token.clientId,
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => {
          const asked = context.oidc.entities.IdTokenHint?.payload.sub === context.oidc.session?.accountId;
          const page = logoutPage(form, asked);
          context.set(pageHeaders({ formTargets: returnOrigins(CLIENTS), script: page.script }));
          context.body = page.html;
        },
        postLogoutSuccessSource: (context) => {
          context.set(pageHeaders({}));
          context.body = signedOutPage();
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource) => {
          if (resource !== AUDIENCE) throw new errors.InvalidTarget('unknown audience');
          return {
            audience: AUDIENCE,
            scope: SCOPES.join(' '),
            accessTokenTTL: ACCESS_TOKEN_SECONDS,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          };
        },
      },
    },
    ttl: {
      AccessToken: ACCESS_TOKEN_SECONDS,
      AuthorizationCode: 60,
      IdToken: 60 * 60,
      Interaction: 60 * 60,
      Session: 14 * DAY,
      Grant: 30 * DAY,
      RefreshToken: 30 * DAY,
    },
    rotateRefreshToken: true,
    loadExistingGrant: async (context) => {
      const { client, session, provider } = context.oidc;
      if (!client || !session?.accountId) return undefined;
      const kept = session.grantIdFor(client.clientId);
      const existing = kept ? await provider.Grant.find(kept) : undefined;
      if (existing) return existing;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(SCOPES.join(' '));
      grant.addResourceScope(AUDIENCE, SCOPES.join(' '));
      await grant.save();
      return grant;
    },
    findAccount: async (_context, sub) => {
      const account = await accounts.find(sub);
      if (!account) return undefined;
      return {
        accountId: account.sub,
        claims: () => ({
          sub: account.sub,
          email: account.email,
          email_verified: true,
          name: account.display_name,
        }),
      };
    },
    clientBasedCORS: () => false,
    renderError: (context, out) => {
      context.set(pageHeaders({}));
      context.type = 'html';
      context.body = errorPage(out.error, out.error_description);
    },
  });
}

/** Where a form of ours may end up: Chromium holds redirects after a form to `form-action` too. */
export function returnOrigins(clients: IdentityEnvironment['CLIENTS']): string[] {
  const all = clients.flatMap((client) => [...client.redirect_uris, ...client.post_logout_redirect_uris]);
  return [...new Set(all.map((uri) => new URL(uri).origin))];
}

/**
 * Auth0 answers a refresh token to whoever asks for `offline_access`. The provider does so only where the request also
 * says `prompt=consent`, so that is added on the way in.
 */
export function askForRefreshToken(address: string): string {
  const url = new URL(address, 'http://localhost');
  if (url.pathname !== '/auth' || !url.searchParams.get('scope')?.split(' ').includes('offline_access'))
    return address;
  const prompts = new Set(url.searchParams.get('prompt')?.split(' ').filter(Boolean));
  if (prompts.has('none')) return address;
  url.searchParams.set('prompt', [...prompts.add('consent')].join(' '));
  return url.pathname + url.search;
}
