import { z } from 'zod';
import { type Answer, type Asker, refusedWith } from '../calls.ts';
import type { Session } from '../identity/sessions.ts';

export interface Favourite {
  reader_id: string;
  /** They wish to be told when the reader comes online. */
  notify: boolean;
}

/** Readers whom somebody keeps in mind (D3): theirs alone. */
export interface Favourites {
  /** The last kept first; at most 200. */
  own(session: Session, requestId: string): Promise<Answer<Favourite[]>>;
  /** Keeps a reader in mind; again changes nothing. */
  keep(session: Session, readerId: string, requestId: string): Promise<Answer<unknown>>;
  /** Wishes to be told when a reader who is kept comes online, or no more. */
  notify(session: Session, readerId: string, notify: boolean, requestId: string): Promise<Answer<unknown>>;
  /** Keeps them no more; again changes nothing. */
  drop(session: Session, readerId: string, requestId: string): Promise<Answer<unknown>>;
}

const isId = /^[1-9]\d{0,8}$/;
const list = z.object({
  docs: z.array(
    z.object({
      reader: z.union([z.number(), z.object({ id: z.number() })]),
      notify: z.boolean().nullish(),
    }),
  ),
});

/** Asks the CMS in a person's name. */
export function createFavourites({ ask }: { ask: Asker }): Favourites {
  const own: Favourites['own'] = async (session, requestId) => {
    const answer = await ask(session, requestId, {
      path: '/api/favourites?depth=0&limit=200&sort=-createdAt',
      answer: list,
    });
    if (!answer.ok) return answer;
    return {
      ok: true,
      value: answer.value.docs.map(({ reader, notify }) => ({
        reader_id: String(typeof reader === 'number' ? reader : reader.id),
        notify: notify === true,
      })),
    };
  };
  return {
    own,
    async keep(session, readerId, requestId) {
      if (!isId.test(readerId)) return refusedWith('not_found', 404);
      const kept = await ask(session, requestId, {
        method: 'POST',
        path: '/api/favourites',
        body: { reader: Number(readerId) },
        answer: z.unknown(),
      });
      if (kept.ok || kept.refused.status !== 400) return kept;
      // The CMS says the same of one that is kept already as of one that can't be.
      const present = await own(session, requestId);
      return present.ok && present.value.some(({ reader_id }) => reader_id === readerId)
        ? { ok: true, value: null }
        : kept;
    },
    async notify(session, readerId, notify, requestId) {
      if (!isId.test(readerId)) return refusedWith('not_found', 404);
      const changed = await ask(session, requestId, {
        method: 'PATCH',
        path: `/api/favourites?where[reader][equals]=${readerId}&depth=0`,
        body: { notify },
        answer: list,
      });
      return changed.ok && changed.value.docs.length === 0 ? refusedWith('not_found', 404) : changed;
    },
    drop: async (session, readerId, requestId) =>
      isId.test(readerId)
        ? ask(session, requestId, {
            method: 'DELETE',
            path: `/api/favourites?where[reader][equals]=${readerId}`,
            answer: z.unknown(),
          })
        : refusedWith('not_found', 404),
  };
}
