/** The signed question to the CMS: who is this? It makes the person when new. */

import { type DirectoryPerson, directoryPerson, type PersonSeen } from '../../contract/directory.ts';
import { signRequest } from '../../contract/signature.ts';
import type { Clock } from '../clock.ts';
import { CmsUnreachable } from './directory.ts';

const PATH = '/api/service/people';
/** A person waits for this at their first request. */
const TIMEOUT_MS = 5_000;

/** `secret` is the first of SERVICE_KEY_REALTIME_TO_CMS. The answer throws `CmsUnreachable` when there is none to be had. */
export function createAskCms({
  cmsUrl,
  secret,
  clock,
}: {
  cmsUrl: string;
  secret: string;
  clock: Clock;
}): (seen: PersonSeen) => Promise<DirectoryPerson> {
  return async (seen) => {
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
      return directoryPerson.parse(await response.json());
    } catch (cause) {
      throw new CmsUnreachable(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  };
}
