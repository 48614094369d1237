/** What a page asks realtime by way of the site: agreed refusals come back as problems with a code, and never as exceptions. */

import type { QueuePlace } from 'realtime/contract';
import type { TicketAnswer } from './socket.ts';

/** Why something wasn't done. `code` is realtime's or the site's; `unreachable` when there was no answer at all. */
export interface Refusal {
  status: number;
  code: string;
  title: string;
  /** Seconds after which to ask again, where that was said. */
  retry_after?: number;
  needed_cents?: number;
  available_cents?: number;
  session_id?: string;
  queue?: QueuePlace;
}

export type Answer<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface CallOptions {
  body?: unknown;
  /** Makes a second try the same request. */
  key?: string;
}

export type Api = <T>(method: Method, path: string, options?: CallOptions) => Promise<Answer<T>>;

const timeoutMs = 12_000;
const unreachable: Refusal = { status: 0, code: 'unreachable', title: 'There is no connection just now' };

/** Calls at the page's own site, which adds who is asking. */
export function createApi(base = '', fetch = globalThis.fetch): Api {
  return async <T>(method: Method, path: string, { body, key }: CallOptions = {}): Promise<Answer<T>> => {
    try {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      const value = text === '' ? null : (JSON.parse(text) as unknown);
      if (response.ok) return { ok: true, value: value as T };
      const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
      const told = (value ?? {}) as Partial<Refusal>;
      return {
        ok: false,
        refusal: {
          ...told,
          status: response.status,
          code: told.code ?? 'unexpected_answer',
          title: told.title ?? 'That didn’t work',
          ...(Number.isFinite(wait) ? { retry_after: wait } : {}),
        },
      };
    } catch {
      return { ok: false, refusal: unreachable };
    }
  };
}

/** Who isn't let in now won't be in a minute; all else may pass. */
const final = new Set([400, 401, 403, 404]);

/** A ticket for one connection of the socket. */
export async function getTicket(api: Api): Promise<TicketAnswer> {
  const answer = await api<{ ticket: string }>('POST', '/api/socket-tickets');
  if (answer.ok) return { ok: true, ticket: answer.value.ticket };
  const { code, status } = answer.refusal;
  return { ok: false, code, again: !final.has(status) };
}
