import { type DirectoryPerson, directoryPerson, type PersonSeen } from 'realtime/contract';
import { signRequest } from 'realtime/contract/signature';

/** The CMS, which knows who everybody is, doesn't answer. */
export class PeopleUnavailable extends Error {
  override readonly name = 'PeopleUnavailable';
}

export interface People {
  /**
   * Whoever has just signed in, made by the CMS when it sees them for the first time.
   *
   * @throws {PeopleUnavailable}
   */
  seen(person: PersonSeen, requestId: string): Promise<DirectoryPerson>;
}

const timeoutMs = 5_000;
const path = '/api/service/people';

interface Options {
  cmsUrl: string;
  /** The key by which calls to the CMS are signed. */
  secret: string;
  clock?: () => number;
}

/** Asks the CMS, signed: docs/service-calls.md. */
export function createPeople({ cmsUrl, secret, clock = Date.now }: Options): People {
  return {
    async seen(person, requestId) {
      const body = JSON.stringify(person);
      try {
        const response = await fetch(`${cmsUrl}${path}`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-request-id': requestId,
            ...signRequest(secret, { method: 'POST', path, body }, clock()),
          },
          body,
          signal: AbortSignal.timeout(timeoutMs),
        });
        if (!response.ok) throw new Error(`the CMS answered ${response.status}`);
        return directoryPerson.parse(await response.json());
      } catch (cause) {
        throw new PeopleUnavailable('the CMS did not say who this is', { cause });
      }
    },
  };
}
