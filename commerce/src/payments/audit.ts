/** What the shop tells the audit log, which realtime keeps (docs/service-calls.md): staff's acts, their sign-ins, refusals. */

import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Clock } from '../clock';
import { describeError, type Log } from '../log';
import type { Outbox } from './outbox';

export interface Audited {
  /** A short name in small letters, such as `shop.refund`. */
  action: string;
  actor_person_id: string | null;
  subject: string | null;
  outcome: 'done' | 'refused' | 'failed';
  reason: string | null;
  /** The network address that it came from. */
  address: string | null;
  details?: Record<string, string | number | boolean | null>;
}

export interface Audit {
  /** Puts an event down. Never throws: what is audited goes on. */
  tell(event: Audited): Promise<void>;
}

export function createAudit({
  pool,
  outbox,
  clock,
  log,
}: {
  pool: Pool;
  outbox: Pick<Outbox, 'add'>;
  clock: Clock;
  log: Log;
}): Audit {
  return {
    async tell({ details = {}, subject, reason, ...event }) {
      const body = {
        ...event,
        at_ms: clock.now(),
        subject: subject?.slice(0, 200) ?? null,
        reason: reason?.slice(0, 500) ?? null,
        details,
      };
      try {
        await outbox.add(pool, { path: `/service/audit/${randomUUID()}`, body });
      } catch (error) {
        log.error('an event could not be put down for the audit log', { ...event, ...describeError(error) });
      }
    },
  };
}
