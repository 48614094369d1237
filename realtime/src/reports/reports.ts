/** Keeps what browsers report, for 30 days. */

import { sql } from 'kysely';
import type { Reports as GivenReports } from '../../contract/http.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import { trimReports } from './trim.ts';

/** Kinds that have a metric of their own; the rest share one, or anybody could make as many as they like. */
const KNOWN_KINDS = new Set([
  'csp-violation',
  'permissions-policy-violation',
  'document-policy-violation',
  'deprecation',
  'intervention',
  'crash',
  'coep',
  'coop',
  'network-error',
  'integrity-violation',
]);

export interface BrowserReports {
  /** Keeps the reports of one call, trimmed. */
  record(given: GivenReports): Promise<void>;
  /** Deletes what is older than 30 days and answers how many. */
  sweep(): Promise<number>;
}

export function createBrowserReports({
  db,
  clock,
  count,
}: {
  db: Database;
  clock: Clock;
  /** Told of each report's kind. */
  count: (kind: string) => void;
}): BrowserReports {
  return {
    async record(given) {
      const received_at = new Date(clock.now());
      const trimmed = trimReports(given);
      await db
        .insertInto('browser_reports')
        .values(trimmed.map((one) => ({ ...one, received_at })))
        .execute();
      for (const { kind } of trimmed) count(KNOWN_KINDS.has(kind) ? kind : 'other');
    },
    async sweep() {
      const { rows } = await sql<{ gone: number }>`SELECT sweep_browser_reports() AS gone`.execute(db);
      return rows[0]?.gone ?? 0;
    },
  };
}
