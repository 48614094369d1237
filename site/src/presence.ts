import { type ReaderStatus, readersPresence } from 'realtime/contract';
import { call } from './calls.ts';
import { createCache } from './cms/cache.ts';
import type { Logger } from './server/logger.ts';

/** By the reader's id; nothing when nobody can say. */
export type Statuses = Map<string, ReaderStatus> | null;

export interface Presence {
  /** How every published reader is now, by an answer that is a few seconds old at most. Never throws. */
  all(requestId: string): Promise<Statuses>;
}

/** How long realtime isn't asked again after it didn't answer. */
const pauseMs = 5_000;

/** Who is online, as realtime tells anybody. */
export function createPresence({ realtimeUrl, log }: { realtimeUrl: string; log: Logger }): Presence {
  let pausedUntil = 0;
  const cache = createCache({ max_age: 2_000, stale_while_revalidate: 0, stale_if_error: 20_000 }, 1);

  async function ask(requestId: string): Promise<Map<string, ReaderStatus>> {
    const answer = await call({
      url: `${realtimeUrl}/api/readers/presence`,
      token: undefined,
      requestId,
      answer: readersPresence,
      timeoutMs: 1_500,
      log,
    });
    if (!answer.ok) throw new Error('realtime did not say who is online');
    return new Map(answer.value.readers.map(({ reader_id, status }) => [reader_id, status]));
  }

  return {
    async all(requestId) {
      // Pages don't wait again and again for what isn't there.
      if (performance.now() < pausedUntil) return null;
      try {
        return await cache.read('all', () => ask(requestId));
      } catch {
        pausedUntil = performance.now() + pauseMs;
        return null;
      }
    },
  };
}
