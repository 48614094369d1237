import { type SessionView, sessionList, sessionView } from 'realtime/contract';
import type { z } from 'zod';
import type { Identity } from '../identity/identity.ts';
import type { Session } from '../identity/sessions.ts';
import type { Logger } from '../server/logger.ts';
import type { Known } from './account.ts';

/** A person's own sessions, as realtime tells them. */
export interface Readings {
  /** One of theirs; null when there is none of that id for them. */
  one(session: Session, id: string, requestId: string): Promise<Known<SessionView | null>>;
  /** A page of them, the newest first; `before` is the `next` of the page before. */
  list(
    session: Session,
    before: string | null,
    requestId: string,
  ): Promise<Known<z.infer<typeof sessionList>>>;
}

interface Options {
  realtimeUrl: string;
  identity: Identity;
  log: Logger;
}

const timeoutMs = 3_000;
const pageSize = 20;
const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createReadings({ realtimeUrl, identity, log }: Options): Readings {
  async function ask<T>(
    session: Session,
    path: string,
    requestId: string,
    schema: z.ZodType<T>,
  ): Promise<Known<T | null>> {
    const access = await identity.accessToken(session);
    if (access.state !== 'good') return { known: false };
    try {
      const response = await fetch(`${realtimeUrl}${path}`, {
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${access.token}`,
          'x-request-id': requestId,
        },
        signal: AbortSignal.timeout(timeoutMs),
      });
      const body: unknown = await response.json();
      if (response.status === 404) return { known: true, value: null };
      const value = response.ok ? schema.safeParse(body) : undefined;
      if (value?.success) return { known: true, value: value.data };
      log.warn({ request_id: requestId, path, status: response.status }, 'no answer to show');
    } catch (error) {
      log.warn({ request_id: requestId, path, err: error }, 'no answer to show');
    }
    return { known: false };
  }

  return {
    one: async (session, id, requestId) =>
      isId.test(id)
        ? ask(session, `/api/sessions/${id}`, requestId, sessionView)
        : { known: true, value: null },

    async list(session, before, requestId) {
      const query = new URLSearchParams({ limit: String(pageSize), ...(before ? { before } : {}) });
      const answer = await ask(session, `/api/sessions?${query}`, requestId, sessionList);
      return answer.known && answer.value ? { known: true, value: answer.value } : { known: false };
    },
  };
}
