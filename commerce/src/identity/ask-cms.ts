/** The signed question to the CMS: who is this? It makes the person when new. */

import type { Clock } from '../clock';
import { type DirectoryPerson, directoryPerson, type PersonSeen } from './person';
import { signRequest } from './signature';

const PATH = '/api/service/people';
/** Somebody waits for this at their first request. */
const TIMEOUT_MS = 5_000;

/** The CMS can't tell us who somebody is. */
export class CmsUnreachable extends Error {
  override readonly name = 'CmsUnreachable';
}

/** `secret` is the first of SERVICE_KEY_COMMERCE_TO_CMS. The answer throws `CmsUnreachable` when there is none to be had. */
export function createAskCms({ cmsUrl, secret, clock }: { cmsUrl: string; secret: string; clock: Clock }) {
  return async (seen: PersonSeen): Promise<DirectoryPerson> => {
    const body = JSON.stringify(seen);
    try {
      const response = await fetch(new URL(PATH, cmsUrl), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...signRequest(secret, { method: 'POST', path: PATH, body }, clock.now()),
        },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!response.ok) throw new Error(`the CMS answered ${response.status}`);
      const person = directoryPerson.parse(await response.json());
      if (person.issuer !== seen.issuer || person.subject !== seen.subject)
        throw new Error('the CMS answered with another person');
      return person;
    } catch (cause) {
      throw new CmsUnreachable(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  };
}
