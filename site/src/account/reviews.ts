import { z } from 'zod';
import { type Answer, type Asker, refusedWith } from '../calls.ts';
import type { Session } from '../identity/sessions.ts';

const ownReview = z.object({
  id: z.number(),
  session_id: z.string(),
  stars: z.number(),
  text: z.string(),
  answer: z.string().nullable(),
  state: z.enum(['shown', 'hidden']),
  editable_until_ms: z.number(),
});
export type OwnReview = z.infer<typeof ownReview>;

export interface Written {
  session_id: string;
  stars: number;
  text: string;
}

/** Reviews, in the name of whoever writes, answers or flags them (S13). Who may, the CMS says. */
export interface Reviews {
  /** One's own of these sessions. */
  own(session: Session, sessionIds: readonly string[], requestId: string): Promise<Answer<OwnReview[]>>;
  /** Writes one, or changes the one that is there. */
  write(session: Session, review: Written, requestId: string): Promise<Answer<unknown>>;
  answer(session: Session, id: string, text: string, requestId: string): Promise<Answer<unknown>>;
  flag(session: Session, id: string, reason: string, requestId: string): Promise<Answer<unknown>>;
}

const isId = /^[1-9]\d{0,8}$/;

/** Asks the CMS in a person's name. `changed` is called when something that pages show has changed. */
export function createReviews({ ask, changed }: { ask: Asker; changed: () => void }): Reviews {
  const send = async (session: Session, requestId: string, path: string, body: unknown) => {
    const answer = await ask(session, requestId, { method: 'POST', path, body, answer: z.unknown() });
    if (answer.ok) changed();
    return answer;
  };
  return {
    async own(session, sessionIds, requestId) {
      if (sessionIds.length === 0) return { ok: true, value: [] };
      const answer = await ask(session, requestId, {
        path: `/api/reviews/mine?session_ids=${sessionIds.map(encodeURIComponent).join(',')}`,
        answer: z.object({ reviews: z.array(ownReview) }),
      });
      return answer.ok ? { ok: true, value: answer.value.reviews } : answer;
    },
    write: (session, review, requestId) => send(session, requestId, '/api/reviews/write', review),
    answer: async (session, id, text, requestId) =>
      isId.test(id)
        ? send(session, requestId, `/api/reviews/${id}/answer`, { text })
        : refusedWith('not_found', 404),
    flag: async (session, id, reason, requestId) =>
      isId.test(id)
        ? send(session, requestId, `/api/reviews/${id}/flag`, { reason })
        : refusedWith('not_found', 404),
  };
}
