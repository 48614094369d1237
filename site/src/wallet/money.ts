import {
  type EntryKind,
  type WalletEntries,
  type WalletLimits,
  type WalletLimitsRequest,
  walletEntries,
  walletLimits,
} from 'realtime/contract';
import type { z } from 'zod';
import type { Identity } from '../identity/identity.ts';
import type { Session } from '../identity/sessions.ts';
import type { Logger } from '../server/logger.ts';
import { type Answer, call, refusedWith } from './calls.ts';
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
}

interface Options {
  realtimeUrl: string;
  identity: Pick<Identity, 'accessToken'>;
  log: Logger;
}

const timeoutMs = 5_000;

/** Asks realtime in a person's name, with their access token. */
export function createMoney({ realtimeUrl, identity, log }: Options): Money {
  interface Asked<T> {
    method?: 'GET' | 'PUT';
    path: string;
    body?: unknown;
    answer: z.ZodType<T>;
  }

  async function ask<T>(
    session: Session,
    requestId: string,
    { path, ...rest }: Asked<T>,
  ): Promise<Answer<T>> {
    const access = await identity.accessToken(session);
    if (access.state !== 'good') return refusedWith(access.state === 'ended' ? 'ended' : 'unavailable');
    return call({ ...rest, url: `${realtimeUrl}${path}`, token: access.token, requestId, timeoutMs, log });
  }

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
