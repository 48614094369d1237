import { type SessionView, sessionList, sessionView } from 'realtime/contract';
import type { z } from 'zod';
import type { Answer, Asker } from '../calls.ts';
import type { Session } from '../identity/sessions.ts';

export type SessionPage = z.infer<typeof sessionList>;

/** Readings, as their own people and staff see them. */
export interface Readings {
  /** One's own, the newest first. */
  own(session: Session, limit: number, requestId: string): Promise<Answer<SessionPage>>;
  /** Those that are open now; for staff. */
  live(session: Session, requestId: string): Promise<Answer<SessionPage>>;
  /** Ends one, with a reason that both see; for staff. */
  end(session: Session, id: string, reason: string, requestId: string): Promise<Answer<SessionView>>;
}

/** Asks realtime in a person's name. */
export function createReadings({ ask }: { ask: Asker }): Readings {
  return {
    own: (session, limit, requestId) =>
      ask(session, requestId, { path: `/api/sessions?limit=${limit}`, answer: sessionList }),

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
