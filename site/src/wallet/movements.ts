import type { EntryKind } from 'realtime/contract';
import { nextDate, startOfDay } from '../text/times.ts';

/** What movements can be narrowed to, and what realtime calls that. */
export const kindsOf = {
  added: ['top_up', 'promotion'],
  readings: ['minute'],
  gifts: ['gift', 'tip'],
  shop: ['purchase', 'reserve', 'settle', 'release', 'order_refund'],
  back: [
    'reversal',
    'refund_reserve',
    'refund_settle',
    'refund_release',
    'card_refund',
    'refund_failed',
    'dispute_open',
    'dispute_won',
  ],
} as const satisfies Record<string, readonly EntryKind[]>;
export type MovementKind = keyof typeof kindsOf;

/** What the page of a wallet is asked for. */
export interface MovementsQuery {
  kind?: MovementKind;
  /** Days as they were given, “2026-11-24”, both included. */
  from?: string;
  to?: string;
  from_ms?: number;
  /** The moment after the last day. */
  to_ms?: number;
  /** Only what was before this one. */
  before?: string;
}

/** Reads the query of a wallet's page; a value that can't be one is left out and named. */
export function readMovementsQuery(
  params: URLSearchParams,
  timeZone: string,
): { query: MovementsQuery; wrong: string[] } {
  const query: MovementsQuery = {};
  const wrong: string[] = [];
  const kind = params.get('kind');
  if (kind && Object.hasOwn(kindsOf, kind)) query.kind = kind as MovementKind;
  else if (kind) wrong.push('kind');
  for (const name of ['from', 'to'] as const) {
    const date = params.get(name);
    if (!date) continue;
    const ms = startOfDay(name === 'to' && isDate(date) ? nextDate(date) : date, timeZone);
    if (ms === undefined || ms < 0 || ms > latestMs) wrong.push(name);
    else Object.assign(query, { [name]: date, [`${name}_ms`]: ms });
  }
  const before = params.get('before');
  if (before && /^[1-9]\d{0,9}$/.test(before)) query.before = before;
  else if (before) wrong.push('before');
  return { query, wrong };
}

/** The latest moment that realtime is asked about. */
const latestMs = 8_000_000_000_000;

function isDate(date: string): boolean {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(date) && !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}

/** The address of a wallet's page with another query. Another choice begins at the newest again. */
export function movementsHref({ kind, from, to }: MovementsQuery, before?: string): string {
  const params = new URLSearchParams();
  if (kind) params.set('kind', kind);
  if (from) params.set('from', from);
  if (to) params.set('to', to);
  if (before) params.set('before', before);
  const search = params.toString();
  return `/wallet${search ? `?${search}` : ''}#movements`;
}
