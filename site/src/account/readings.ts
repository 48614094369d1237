import { type SessionView, sessionList, sessionView } from 'realtime/contract';
import type { z } from 'zod';
import type { Answer, Asker } from '../calls.ts';
import type { Session } from '../identity/sessions.ts';

export type SessionPage = z.infer<typeof sessionList>;

/** Readings, as their own people and staff see them. */
export interface Readings {
  /** One of theirs; null when there is none of that id for them. */
  one(session: Session, id: string, requestId: string): Promise<Answer<SessionView | null>>;
  /** One's own, the newest first; `before` is the `next` of the page before. */
  own(
    session: Session,
    page: { limit: number; before?: string | null },
    requestId: string,
  ): Promise<Answer<SessionPage>>;
  /** Those that are open now; for staff. */
  live(session: Session, requestId: string): Promise<Answer<SessionPage>>;
  /** Ends one, with a reason that both see; for staff. */
  end(session: Session, id: string, reason: string, requestId: string): Promise<Answer<SessionView>>;
}

const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Asks realtime in a person's name. */
export function createReadings({ ask }: { ask: Asker }): Readings {
  return {
    async one(session, id, requestId) {
      if (!isId.test(id)) return { ok: true, value: null };
      const answer = await ask(session, requestId, { path: `/api/sessions/${id}`, answer: sessionView });
      return answer.ok || answer.refused.status !== 404 ? answer : { ok: true, value: null };
    },

    own: (session, { limit, before }, requestId) =>
      ask(session, requestId, {
        path: `/api/sessions?${new URLSearchParams({ limit: String(limit), ...(before ? { before } : {}) })}`,
        answer: sessionList,
      }),

    live: (session, requestId) =>
      ask(session, requestId, { path: '/api/admin/sessions', answer: sessionList }),

    end: (session, id, reason, requestId) =>
      ask(session, requestId, {
        method: 'POST',
        path: `/api/admin/sessions/${encodeURIComponent(id)}/end`,
        body: { reason },
        answer: sessionView,
      }),
  };
}
