import {
  type Earnings,
  type EntryKind,
  earnings,
  type WalletEntries,
  type WalletLimits,
  type WalletLimitsRequest,
  walletEntries,
  walletLimits,
} from 'realtime/contract';
import type { Answer, Asker } from '../calls.ts';
import type { Session } from '../identity/sessions.ts';
import type { MovementsQuery } from './movements.ts';
import { kindsOf } from './movements.ts';

/** What realtime knows of somebody's own money. */
export interface Money {
  /** What happened to the wallet, the newest first (W7). */
  movements(
    session: Session,
    query: MovementsQuery,
    limit: number,
    requestId: string,
  ): Promise<Answer<WalletEntries>>;
  /** Limits that bind now, and raises that wait (W8). */
  limits(session: Session, timeZone: string, requestId: string): Promise<Answer<WalletLimits>>;
  /** Sets what is named. Lower holds at once, higher and none after 24 hours. */
  setLimits(session: Session, change: WalletLimitsRequest, requestId: string): Promise<Answer<WalletLimits>>;
  /** What a reader has earned since a moment (W10). */
  earnings(
    session: Session,
    query: { by: 'day' | 'week'; from_ms: number; time_zone: string },
    requestId: string,
  ): Promise<Answer<Earnings>>;
}

/** Asks realtime in a person's name. */
export function createMoney({ ask }: { ask: Asker }): Money {
  return {
    movements: (session, query, limit, requestId) =>
      ask(session, requestId, {
        path: `/api/wallet/entries?${entriesParams(query, { limit: String(limit) })}`,
        answer: walletEntries,
      }),

    limits: (session, timeZone, requestId) =>
      ask(session, requestId, {
        path: `/api/wallet/limits?time_zone=${encodeURIComponent(timeZone)}`,
        answer: walletLimits,
      }),

    setLimits: (session, change, requestId) =>
      ask(session, requestId, {
        method: 'PUT',
        path: '/api/wallet/limits',
        body: change,
        answer: walletLimits,
      }),

    earnings: (session, { by, from_ms, time_zone }, requestId) =>
      ask(session, requestId, {
        path: `/api/earnings?${new URLSearchParams({ by, from_ms: String(from_ms), time_zone })}`,
        answer: earnings,
      }),
  };
}

/** A page's query as realtime is asked it. */
export function entriesParams(query: MovementsQuery, more: Record<string, string> = {}): string {
  const kinds: readonly EntryKind[] = query.kind ? kindsOf[query.kind] : [];
  const params = new URLSearchParams(more);
  if (kinds.length > 0) params.set('kind', kinds.join(','));
  if (query.from_ms !== undefined) params.set('from_ms', String(query.from_ms));
  if (query.to_ms !== undefined) params.set('to_ms', String(query.to_ms));
  if (query.before !== undefined) params.set('before', query.before);
  return params.toString();
}
