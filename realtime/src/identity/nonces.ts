/** Nonces of signed calls that count once: remembered for as long as the signature would be believed. */

import { SIGNATURE_WINDOW_MS } from '../../contract/signature.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';

export interface Nonces {
  /** False when it was there already. */
  remember(nonce: string): Promise<boolean>;
  /** Forgets those whose call has expired, and answers how many. */
  sweep(): Promise<number>;
}

export function createNonces({ db, clock }: { db: Database; clock: Clock }): Nonces {
  return {
    async remember(nonce) {
      const kept = await db
        .insertInto('service_nonces')
        .values({ nonce, seen_at: new Date(clock.now()) })
        .onConflict((conflict) => conflict.doNothing())
        .returning('nonce')
        .executeTakeFirst();
      return kept !== undefined;
    },
    async sweep() {
      // A caller's clock may be ahead by the whole window; then its call is believed for twice that. A minute more for ours.
      const before = new Date(clock.now() - 2 * SIGNATURE_WINDOW_MS - 60_000);
      const { numDeletedRows } = await db
        .deleteFrom('service_nonces')
        .where('seen_at', '<', before)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}
