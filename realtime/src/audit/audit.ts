/** The audit log: append-only, by grants and by a trigger. */

import { randomUUID } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { AuditEntry, AuditEvent, AuditPage, AuditQuery } from '../../contract/audit.ts';
import type { Clock } from '../clock.ts';
import type { Tables } from '../database.ts';
import { withoutSecrets } from './redact.ts';

type Executor = Kysely<Tables> | Transaction<Tables>;

/** An act of ours, as a module tells it. */
export type OwnEvent = Pick<AuditEvent, 'action' | 'outcome'> &
  Partial<Omit<AuditEvent, 'action' | 'outcome'>>;

export interface Audit {
  /** Keeps an event that a program tells, once for each id. */
  keep(event_id: string, source: AuditEntry['source'], event: AuditEvent): Promise<void>;
  /** Keeps an act of our own; inside `transaction` it is there if and only if the act is. */
  record(event: OwnEvent, transaction?: Executor): Promise<void>;
  /** A page, the newest first. */
  read(query: AuditQuery): Promise<AuditPage>;
}

export function createAudit({ db, clock }: { db: Kysely<Tables>; clock: Clock }): Audit {
  async function insert(
    executor: Executor,
    event_id: string,
    source: AuditEntry['source'],
    { at_ms, details, ...event }: AuditEvent,
  ): Promise<void> {
    await executor
      .insertInto('audit_log')
      .values({
        ...event,
        event_id,
        source,
        happened_at: new Date(at_ms),
        recorded_at: new Date(clock.now()),
        details: JSON.stringify(withoutSecrets(details)),
      })
      .onConflict((conflict) => conflict.column('event_id').doNothing())
      .execute();
  }

  return {
    keep: (event_id, source, event) => insert(db, event_id, source, event),

    record: (event, transaction = db) =>
      insert(transaction, randomUUID(), 'realtime', {
        at_ms: clock.now(),
        actor_person_id: null,
        subject: null,
        reason: null,
        address: null,
        details: {},
        ...event,
      }),

    async read({ cursor, limit, from_ms, until_ms, ...equal }) {
      let rows = db.selectFrom('audit_log').selectAll();
      if (cursor !== undefined) rows = rows.where('id', '<', cursor);
      if (from_ms !== undefined) rows = rows.where('happened_at', '>=', new Date(from_ms));
      if (until_ms !== undefined) rows = rows.where('happened_at', '<', new Date(until_ms));
      for (const name of ['action', 'outcome', 'source', 'actor_person_id', 'subject'] as const) {
        const value = equal[name];
        if (value !== undefined) rows = rows.where(name, '=', value);
      }
      // One more than asked for tells whether there is a next page.
      const found = await rows
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      const shown = found.slice(0, limit);
      return {
        entries: shown.map(({ happened_at, recorded_at, details, ...row }) => ({
          ...row,
          details: details as AuditEntry['details'],
          at_ms: happened_at.getTime(),
          recorded_at_ms: recorded_at.getTime(),
        })),
        next_cursor: found.length > limit ? (shown.at(-1)?.id ?? null) : null,
      };
    },
  };
}
