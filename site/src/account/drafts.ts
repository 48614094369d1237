import type * as documents from 'cms/types';
import { z } from 'zod';
import type { Answer, Asker } from '../calls.ts';
import { articleView, guideView, pageView } from '../cms/documents.ts';
import type { Article, Guide, TextPage } from '../cms/views.ts';
import type { Session } from '../identity/sessions.ts';

export type Draft =
  | { collection: 'articles'; article: Article }
  | { collection: 'guides' | 'pages'; page: TextPage | Guide };

/** Drafts, as staff see them; the CMS shows them to nobody else. */
export interface Drafts {
  /** Null when there is none of that id. */
  one(session: Session, collection: string, id: string, requestId: string): Promise<Answer<Draft | null>>;
}

const document = z.looseObject({ id: z.number() });

/** Asks the CMS in a person's name. */
export function createDrafts({ ask }: { ask: Asker }): Drafts {
  return {
    async one(session, collection, id, requestId) {
      if (!/^(articles|guides|pages)$/.test(collection) || !/^[1-9]\d{0,8}$/.test(id))
        return { ok: true, value: null };
      const answer = await ask(session, requestId, {
        path: `/api/${collection}/${id}?draft=true&depth=2`,
        answer: document,
      });
      if (!answer.ok) return answer.refused.status === 404 ? { ok: true, value: null } : answer;
      // The shape is the CMS's own; its generated types say which.
      const found: unknown = answer.value;
      if (collection === 'articles')
        return { ok: true, value: { collection, article: articleView(found as documents.Article) } };
      return {
        ok: true,
        value:
          collection === 'guides'
            ? { collection, page: guideView(found as documents.Guide) }
            : { collection: 'pages', page: pageView(found as documents.Page) },
      };
    },
  };
}
