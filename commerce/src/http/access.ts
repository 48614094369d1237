/** Enforces who may call what (rules.ts), before Medusa sees the request. What Medusa guards beyond that stays guarded. */

import type { RequestHandler, Response } from 'express';
import { errors, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Clock } from '../clock';
import type { Directory } from '../identity/directory';
import { type KnownPerson, personIdOf } from '../identity/person';
import { caught } from './caught';
import { notFound, sendProblem } from './problem';
import { whoMayCall } from './rules';
import { destroy } from './session';

/** What Medusa's token of a customer says, as far as we ask. */
const customerToken = z.object({ actor_type: z.literal('customer'), actor_id: z.string() });

type Verdict = { person: KnownPerson } | { code: 'token_malformed' | 'token_expired' };

/** Must come after the session. */
export function access({
  directory,
  jwtSecret,
  clock,
}: {
  directory: Pick<Directory, 'byId'>;
  /** With which Medusa signs its tokens. */
  jwtSecret: string;
  clock: Clock;
}): RequestHandler {
  const secret = new TextEncoder().encode(jwtSecret);

  async function customerOf(authorization: string): Promise<Verdict> {
    const [, token] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
    if (!token) return { code: 'token_malformed' };
    try {
      const { payload } = await jwtVerify(token, secret, {
        algorithms: ['HS256'],
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp'],
      });
      const said = customerToken.safeParse(payload).data;
      const person_id = personIdOf('cus', said?.actor_id);
      const person = person_id && (await directory.byId(person_id));
      return person ? { person } : { code: 'token_malformed' };
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { code: 'token_expired' };
      if (error instanceof errors.JOSEError) return { code: 'token_malformed' };
      throw error;
    }
  }

  return caught(async (request, response, next) => {
    const who = whoMayCall(request.method, request.path);
    if (who === 'nobody') return void notFound(request, response, next);
    if (who === 'cms' || who === 'stripe') return next();

    if (who === 'admin') {
      // Medusa would take a token or an API key as well; here a session is the one way in.
      delete request.headers.authorization;
      const person_id = personIdOf('user', request.session.auth_context?.actor_id);
      const person = person_id && (await directory.byId(person_id));
      if (person && person.role === 'admin' && person.status === 'active') {
        response.locals.person_id = person_id;
        return next();
      }
      if (request.session.auth_context) await destroy(request);
      return notSignedIn(response, 'not_signed_in', 'Sign in first.');
    }

    // Below /auth the header holds the site's access token, which http/customers.ts reads.
    const { authorization } = request.headers;
    if (!/^\/store(\/|$)/i.test(request.path)) return next();
    if (authorization === undefined) {
      if (who === 'anyone') return next();
      return notSignedIn(response, 'not_signed_in', 'Sign in first.');
    }
    const verdict = await customerOf(authorization);
    if ('code' in verdict)
      return notSignedIn(response, verdict.code, 'The token can’t be believed, or has ended.');
    if (verdict.person.status === 'suspended')
      return sendProblem(response, 403, 'account_suspended', 'This account is suspended.');
    response.locals.person_id = verdict.person.person_id;
    return next();
  });
}

function notSignedIn(response: Response, code: string, detail: string): void {
  response.setHeader(
    'www-authenticate',
    code === 'not_signed_in' ? 'Bearer' : 'Bearer error="invalid_token"',
  );
  sendProblem(response, 401, code, detail);
}
