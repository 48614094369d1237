/** Signing in to the admin by OpenID Connect, with code, PKCE, state and nonce; and signing out, of the issuer too. */

import { type Request, Router } from 'express';
import * as oidc from 'openid-client';
import type { Environment } from '../environment';
import type { Accounts } from '../identity/accounts';
import { CmsUnreachable } from '../identity/ask-cms';
import type { Directory } from '../identity/directory';
import { authIdentityIdOf, type KnownPerson, toldIn, userIdOf } from '../identity/person';
import { describeError, type Log } from '../log';
import type { Audit } from '../payments/audit';
import { caught } from './caught';
import { type Limit, type Limits, limitByAddress } from './limits';
import { destroy, regenerate, type StaffProblem, save } from './session';

/** How long somebody may take at the issuer, and how long what it said is kept to sign out with, in milliseconds. */
const INTERLUDE_MS = 10 * 60_000;
const ISSUER_TIMEOUT_S = 5;
const BY_ADDRESS: Limit = { name: 'staff sign-in', most: 60, seconds: 300 };

export function staff({
  environment,
  directory,
  accounts,
  audit,
  limits,
  log,
}: {
  environment: Environment;
  directory: Pick<Directory, 'find'>;
  accounts: Pick<Accounts, 'ensure'>;
  audit: Audit;
  limits: Limits;
  log: Log;
}): Router {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_CLAIMS_NAMESPACE, COMMERCE_URL } =
    environment;
  const callback = `${COMMERCE_URL}/auth/staff/callback`;
  let found: Promise<oidc.Configuration> | undefined;

  /** Found when it is first needed, since the issuer may start after us; and again when that failed. */
  function issuer(): Promise<oidc.Configuration> {
    found ??= oidc
      .discovery(
        new URL(OIDC_ISSUER),
        OIDC_CLIENT_ID,
        undefined,
        oidc.ClientSecretBasic(OIDC_CLIENT_SECRET),
        {
          timeout: ISSUER_TIMEOUT_S,
          execute: OIDC_ISSUER.startsWith('http:') ? [oidc.allowInsecureRequests] : [],
        },
      )
      .catch((error: unknown) => {
        found = undefined;
        throw error;
      });
    return found;
  }

  /** Who the issuer says has come back, or why that can't be said. */
  async function arrived(
    request: Request,
  ): Promise<{ person: KnownPerson; id_token: string } | { problem: StaffProblem; id_token?: string }> {
    const pending = request.session.staff_sign_in;
    // Good for one try, whatever comes of it.
    delete request.session.staff_sign_in;
    if (!pending) return { problem: 'sign_in_over' };
    let id_token: string | undefined;
    try {
      const answer = await oidc.authorizationCodeGrant(
        await issuer(),
        new URL(request.originalUrl, COMMERCE_URL),
        {
          pkceCodeVerifier: pending.verifier,
          expectedState: pending.state,
          expectedNonce: pending.nonce,
          idTokenExpected: true,
        },
      );
      const claims = answer.claims();
      id_token = answer.id_token;
      if (!claims || !id_token) return { problem: 'sign_in_over' };
      const person = await directory.find({
        issuer: OIDC_ISSUER,
        subject: claims.sub,
        ...toldIn(claims, OIDC_CLAIMS_NAMESPACE),
      });
      return { person, id_token };
    } catch (error) {
      log.warn('a sign-in of staff did not succeed', describeError(error));
      if (error instanceof CmsUnreachable)
        return { problem: 'identity_unavailable', ...(id_token ? { id_token } : {}) };
      const answered =
        error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError;
      const isNetwork = error instanceof TypeError || (error as Error).name === 'TimeoutError';
      return { problem: !answered && isNetwork ? 'identity_unavailable' : 'sign_in_over' };
    }
  }

  const router = Router();
  router.use('/auth/staff', (_request, response, next) => {
    response.setHeader('cache-control', 'no-store');
    next();
  });

  /** What the sign-in page shows: why somebody was not let in, and whether the issuer's session is still to be ended. */
  router.get('/auth/staff', (request, response) => {
    const { staff_problem = null, staff_leaving } = request.session;
    delete request.session.staff_problem;
    response.json({ problem: staff_problem, signed_out: staff_leaving?.asked ?? false });
  });

  router.get(
    '/auth/staff/sign-in',
    limitByAddress(limits, BY_ADDRESS),
    caught(async (request, response) => {
      const configuration = await issuer().catch((error: unknown) => {
        log.warn('the issuer could not be asked', describeError(error));
      });
      if (!configuration) {
        request.session.staff_problem = 'identity_unavailable';
        await save(request);
        return response.redirect(303, '/app/login');
      }
      const verifier = oidc.randomPKCECodeVerifier();
      const pending = { verifier, state: oidc.randomState(), nonce: oidc.randomNonce() };
      request.session.staff_sign_in = pending;
      if (!request.session.auth_context) request.session.cookie.maxAge = INTERLUDE_MS;
      const address = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: callback,
        scope: 'openid email profile',
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: pending.state,
        nonce: pending.nonce,
      });
      await save(request);
      response.redirect(303, address.href);
    }),
  );

  router.get(
    '/auth/staff/callback',
    limitByAddress(limits, BY_ADDRESS),
    caught(async (request, response) => {
      const result = await arrived(request);
      const problem =
        'problem' in result
          ? result.problem
          : result.person.status === 'suspended'
            ? 'account_suspended'
            : result.person.role === 'admin'
              ? undefined
              : 'role_not_allowed';
      await audit.tell({
        action: 'shop.sign_in',
        actor_person_id: 'person' in result ? result.person.person_id : null,
        subject: null,
        outcome: problem || !('person' in result) ? 'refused' : 'done',
        reason: problem ?? null,
        address: request.ip ?? null,
      });
      if (!problem && 'person' in result) await accounts.ensure(result.person.person_id);
      // A new id, so that nobody who knew the old one is signed in with it.
      await regenerate(request);
      const { session } = request;
      if (problem || 'problem' in result) {
        session.cookie.maxAge = INTERLUDE_MS;
        session.staff_problem = problem ?? 'sign_in_over';
        // So that they can sign in as somebody else: the issuer would let the same person in again.
        if (result.id_token) session.staff_leaving = { id_token: result.id_token, asked: false };
        await save(request);
        return response.redirect(303, '/app/login');
      }
      const { person_id } = result.person;
      session.auth_context = {
        actor_id: userIdOf(person_id),
        actor_type: 'user',
        auth_identity_id: authIdentityIdOf(person_id),
        app_metadata: { user_id: userIdOf(person_id) },
        user_metadata: {},
      };
      session.staff_id_token = result.id_token;
      await save(request);
      log.info('staff signed in', { person_id });
      response.redirect(303, '/app');
    }),
  );

  /** What the admin's own menu calls. The page then goes on to sign out at the issuer. */
  router.delete(
    '/auth/session',
    caught(async (request, response) => {
      const { staff_id_token: id_token } = request.session;
      await regenerate(request);
      if (id_token) {
        request.session.cookie.maxAge = INTERLUDE_MS;
        request.session.staff_leaving = { id_token, asked: true };
      }
      await save(request);
      response.json({ success: true });
    }),
  );

  router.get(
    '/auth/staff/sign-out',
    caught(async (request, response) => {
      const leaving = request.session.staff_leaving;
      // Without one nobody has asked to leave: a link from elsewhere signs nobody out.
      if (!leaving) return response.redirect(303, '/app/login');
      await destroy(request);
      response.redirect(303, await endOfIssuersSession(leaving.id_token));
    }),
  );

  async function endOfIssuersSession(id_token: string): Promise<string> {
    const home = `${COMMERCE_URL}/app/login`;
    try {
      const leave = { id_token_hint: id_token, post_logout_redirect_uri: home };
      return oidc.buildEndSessionUrl(await issuer(), leave).href;
    } catch (error) {
      log.warn('the issuer’s session could not be ended', describeError(error));
      return home;
    }
  }

  return router;
}
