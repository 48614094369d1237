import { type ReviewRight, reviewRight } from 'realtime/contract';
import { serviceSecrets, signRequest } from 'realtime/contract/signature';
import type { Environment } from '../environment.ts';

const TIMEOUT_MS = 5_000;

/** What realtime knows of a session and a person; `none` where there is no such session, `unavailable` when it can't be asked. */
export type AskReviewRight = (
  session_id: string,
  person_id: string,
) => Promise<ReviewRight | 'none' | 'unavailable'>;

/** Asks realtime by a signed call (docs/service-calls.md). */
export function createAskReviewRight(
  { REALTIME_URL, SERVICE_KEY_CMS_TO_REALTIME }: Environment,
  failed: (error: unknown) => void,
): AskReviewRight {
  const [secret = ''] = serviceSecrets(SERVICE_KEY_CMS_TO_REALTIME);
  return async (session_id, person_id) => {
    const path = `/service/sessions/${session_id}/review-right?person_id=${person_id}`;
    try {
      const response = await fetch(`${REALTIME_URL}${path}`, {
        headers: signRequest(secret, { method: 'GET', path }, Date.now()),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.status === 404) return 'none';
      if (!response.ok) throw new Error(`realtime answered ${response.status}`);
      return reviewRight.parse(await response.json());
    } catch (error) {
      failed(error);
      return 'unavailable';
    }
  };
}
