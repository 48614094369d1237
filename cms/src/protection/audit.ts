import { randomUUID } from 'node:crypto';
import type { Db } from '../database/sql.ts';
import { tell } from '../directory/outbox.ts';
import { networkOf } from './address.ts';
import { LIMITS, overLimit } from './limits.ts';

/** What goes into the audit log, which realtime keeps. No secret, no token and no body belongs in here. */
export type Act = {
  /** A short name in small letters: `people.update`. */
  action: string;
  outcome: 'done' | 'refused' | 'failed';
  actor_person_id?: string | null;
  /** What it was done to: `person:{person_id}`, `articles:{id}`. */
  subject?: string | null;
  reason?: string | null;
  address?: string;
  details?: Record<string, unknown>;
};

/** Puts an act into the outbox; within `db`'s transaction, when it is one. */
export async function audit(db: Db, act: Act): Promise<void> {
  const {
    action,
    outcome,
    actor_person_id = null,
    subject = null,
    reason = null,
    address,
    details = {},
  } = act;
  await tell(db, {
    kind: 'audit',
    key: randomUUID(),
    payload: {
      at_ms: Date.now(),
      actor_person_id,
      action,
      subject,
      outcome,
      reason: reason?.slice(0, 500) ?? null,
      address: address && address !== 'unknown' ? address.slice(0, 64) : null,
      details,
    },
  });
}

/** A refusal, unless its address has been refused so often that one more says nothing. */
export async function auditRefusal(db: Db, act: Omit<Act, 'outcome'> & { address: string }): Promise<void> {
  if (await overLimit(db, LIMITS.audit, networkOf(act.address))) return;
  await audit(db, { ...act, outcome: 'refused' });
}
