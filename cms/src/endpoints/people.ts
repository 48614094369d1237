import type { Endpoint } from 'payload';
import { personSeen } from 'realtime/contract';
import { serviceSecrets, verifyRequest } from 'realtime/contract/signature';
import { z } from 'zod';
import { problem } from '../api/problem.ts';
import { databaseOf } from '../database/sql.ts';
import { seePerson } from '../directory/people.ts';
import type { Environment } from '../environment.ts';
import { addressOf, networkOf } from '../protection/address.ts';
import { auditRefusal } from '../protection/audit.ts';
import { LIMITS, overLimit } from '../protection/limits.ts';
import { tooMany } from './tooMany.ts';

const DETAILS = {
  signature_missing: 'This is for our own programs: the call must be signed.',
  signature_unknown_key: 'The call is signed with a key that is not known here.',
  signature_wrong: 'The signature is not that of this call.',
  signature_expired: 'The call was signed too long ago, or by a wrong clock.',
};

/** Text that a database can keep: Postgres knows no NUL, and nobody half a character. */
const keepable = personSeen.refine(
  (seen) =>
    Object.values(seen).every(
      (value) => typeof value !== 'string' || (!value.includes('\0') && value.isWellFormed()),
    ),
  'has characters that can’t be kept',
);

/** `POST /api/service/people`: our programs ask who somebody is whom they don't know yet (docs/service-calls.md). */
export function peopleEndpoint(environment: Environment): Endpoint {
  const callers = {
    realtime: serviceSecrets(environment.SERVICE_KEY_REALTIME_TO_CMS),
    site: serviceSecrets(environment.SERVICE_KEY_SITE_TO_CMS),
    commerce: serviceSecrets(environment.SERVICE_KEY_COMMERCE_TO_CMS),
  };
  return {
    method: 'post',
    path: '/service/people',
    handler: async (req) => {
      const db = databaseOf(req.payload);
      const address = addressOf(req.headers);
      const body = new Uint8Array((await req.arrayBuffer?.()) ?? []);
      const { pathname, search } = new URL(req.url ?? '', environment.CMS_URL);
      const verdict = verifyRequest(
        callers,
        {
          method: 'POST',
          path: `${pathname}${search}`,
          body,
          header: (name) => req.headers.get(name) ?? undefined,
        },
        Date.now(),
      );
      if (!verdict.ok) {
        const wait = await overLimit(db, LIMITS.wrongSignature, networkOf(address));
        if (wait) return tooMany(wait);
        await auditRefusal(db, { action: 'service.people', reason: verdict.code, address });
        return problem(401, verdict.code, DETAILS[verdict.code]);
      }
      const wait = await overLimit(db, LIMITS.service, verdict.caller);
      if (wait) return tooMany(wait);

      const { data: seen, error } = keepable.safeParse(parseJson(body));
      if (!seen) return problem(400, 'invalid_request', z.prettifyError(error));
      if (seen.issuer !== environment.OIDC_ISSUER)
        return problem(400, 'unknown_issuer', 'People come from our own issuer only.');
      return Response.json(await seePerson(req.payload, seen), { headers: { 'cache-control': 'no-store' } });
    },
  };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
