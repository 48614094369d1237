/** What the world does by itself some time after: a disputed card is disputed, a slow refund ends. */

import type { Work } from './work.ts';

export type LaterAct = 'dispute' | 'fail_refund' | 'finish_refund';

export async function later({ db, settings }: Work, act: LaterAct, target: string): Promise<void> {
  await db.query(
    'INSERT INTO payments.later (due_at, act, target) VALUES (now() + make_interval(secs => $1), $2, $3)',
    [settings.laterMs / 1_000, act, target],
  );
}
