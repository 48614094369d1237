import type { Payload } from 'payload';

/** Any numbers that nothing else in this database locks. */
export const LOCKS = { migrate: 0x63_6d_73_01, seed: 0x63_6d_73_02 } as const;

/** Runs `work` while no other process holds the same lock; waits as long as one does. */
export async function withLock<T>(
  payload: Payload,
  lock: keyof typeof LOCKS,
  work: () => Promise<T>,
): Promise<T> {
  const guard = await payload.db.pool.connect();
  try {
    await guard.query('select pg_advisory_lock($1)', [LOCKS[lock]]);
    return await work();
  } finally {
    // Closing the session is what gives the lock back, whatever happened.
    guard.release(true);
  }
}
