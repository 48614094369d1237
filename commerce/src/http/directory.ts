/** Where the CMS tells us of people: docs/service-calls.md. */

import { Router } from 'express';
import type { Clock } from '../clock';
import type { Accounts } from '../identity/accounts';
import type { Directory } from '../identity/directory';
import { directoryPerson } from '../identity/person';
import { refusalOf, type SignatureCode } from '../identity/signature';
import { bytesOf, jsonOf, rawBody } from './body';
import { caught } from './caught';
import { sendProblem } from './problem';

const DETAILS: Record<SignatureCode, string> = {
  signature_missing: 'This is for our own programs: the call must be signed.',
  signature_unknown_key: 'The call is signed with a key that is not known here.',
  signature_wrong: 'The signature is not that of this call.',
  signature_expired: 'The call was signed too long ago, or by a wrong clock.',
};

export function directoryRoutes({
  directory,
  accounts,
  secrets,
  clock,
}: {
  directory: Pick<Directory, 'keep'>;
  accounts: Pick<Accounts, 'bring'>;
  /** Of SERVICE_KEY_CMS_TO_COMMERCE. */
  secrets: readonly string[];
  clock: Clock;
}): Router {
  const router = Router();
  router.put(
    '/service/directory/people/:person_id',
    // The signature covers the body as it was sent.
    rawBody('64kb'),
    caught(async (request, response) => {
      const bytes = bytesOf(request.body);
      const { method, originalUrl: path } = request;
      const header = (name: string) => request.get(name);
      const refusal = refusalOf(secrets, { method, path, body: bytes, header }, clock.now());
      if (refusal) return sendProblem(response, 401, refusal, DETAILS[refusal]);
      const { data: person } = directoryPerson.safeParse(jsonOf(bytes));
      if (!person || person.person_id !== request.params.person_id)
        return sendProblem(response, 400, 'invalid_request', 'The body is not the person of this address.');
      const kept = await directory.keep(person);
      if (!kept.ok)
        return sendProblem(response, 409, kept.code, 'Another person has this issuer and subject here.');
      // Also for a version that is known: it may have been kept and then not brought, as when the process ended between.
      await accounts.bring(person.person_id);
      response.status(204).end();
    }),
  );
  return router;
}
