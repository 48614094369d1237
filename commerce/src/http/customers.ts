/** Where the site changes a person's access token for Medusa's: sees to it that Medusa knows the person, then lets it go on. */

import { Router } from 'express';
import type { Accounts } from '../identity/accounts';
import { CmsUnreachable } from '../identity/ask-cms';
import type { Directory } from '../identity/directory';
import type { KnownPerson } from '../identity/person';
import type { TokenCode, Tokens } from '../identity/tokens';
import { describeError, type Log } from '../log';
import { caught } from './caught';
import { type Limit, type Limits, tooMany } from './limits';
import { sendProblem } from './problem';

/** For one account: a token of Medusa's lasts, so nobody needs many. */
const BY_ACCOUNT: Limit = { name: 'customer token', most: 120, seconds: 60 };
/** Refused ones only, since all that are good come from the site's one address. */
const REFUSED_BY_ADDRESS: Limit = { name: 'customer refused', most: 300, seconds: 60 };

const DETAILS: Record<TokenCode | 'account_suspended', string> = {
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
  account_suspended: 'This account is suspended.',
};

export function customers({
  tokens,
  directory,
  accounts,
  limits,
  log,
}: {
  tokens: Tokens;
  directory: Pick<Directory, 'find'>;
  accounts: Pick<Accounts, 'ensure'>;
  limits: Limits;
  log: Log;
}): Router {
  const router = Router();
  router.post(
    '/auth/customer/soulseer',
    caught(async (request, response, next) => {
      const refuse = async (code: keyof typeof DETAILS) => {
        const wait_s = await limits.take(REFUSED_BY_ADDRESS, request.ip ?? '');
        if (wait_s !== undefined) return tooMany(response, wait_s);
        const status = code === 'identity_unavailable' ? 503 : code === 'account_suspended' ? 403 : 401;
        if (status === 401)
          response.setHeader(
            'www-authenticate',
            code === 'not_signed_in' ? 'Bearer' : 'Bearer error="invalid_token"',
          );
        return sendProblem(response, status, code, DETAILS[code]);
      };

      const verdict = await tokens.verify(request.headers.authorization);
      if (!verdict.ok) return refuse(verdict.code);
      const { issuer, subject } = verdict.claims;
      const wait_s = await limits.take(BY_ACCOUNT, JSON.stringify([issuer, subject]));
      if (wait_s !== undefined) return tooMany(response, wait_s);
      let person: KnownPerson;
      try {
        person = await directory.find(verdict.claims);
      } catch (error) {
        if (!(error instanceof CmsUnreachable)) throw error;
        log.warn('the CMS could not be asked for a person', describeError(error));
        return refuse('identity_unavailable');
      }
      if (person.status === 'suspended') return refuse('account_suspended');
      await accounts.ensure(person.person_id);
      response.setHeader('cache-control', 'no-store');
      return next();
    }),
  );
  return router;
}
