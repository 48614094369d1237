import type * as documents from 'cms/types';
import { z } from 'zod';
import type { Answer, Asker } from '../calls.ts';
import { articleView, guideView, homeView, pageView, questionView } from '../cms/documents.ts';
import type { Article, Guide, Home, Question, TextPage } from '../cms/views.ts';
import type { Session } from '../identity/sessions.ts';

export type Draft =
  | { of: 'article'; article: Article }
  | { of: 'page'; page: TextPage | Guide }
  | { of: 'question'; question: Question }
  | { of: 'home'; home: Home };

/** What the CMS's admin tells of a form that hasn't been saved: the document as it would be. */
export const unsaved = z.record(z.string(), z.unknown());
export type Unsaved = z.infer<typeof unsaved>;

/** Drafts, as staff see them; the CMS shows them to nobody else. */
export interface Drafts {
  /**
   * @param collection or `globals`, of which `id` is the name then.
   * @param typed what stands in the form, instead of what was saved last.
   * @returns null when there is none of that id.
   */
  one(
    session: Session,
    collection: string,
    id: string,
    requestId: string,
    typed?: Unsaved,
  ): Promise<Answer<Draft | null>>;
}

// The shape is the CMS's own; its generated types say which.
const views: Record<string, (found: unknown) => Draft> = {
  articles: (found) => ({ of: 'article', article: articleView(found as documents.Article) }),
  guides: (found) => ({ of: 'page', page: guideView(found as documents.Guide) }),
  pages: (found) => ({ of: 'page', page: pageView(found as documents.Page) }),
  faq: (found) => ({ of: 'question', question: questionView(found as documents.Faq) }),
  'globals/home': (found) => ({ of: 'home', home: homeView(found as documents.Home) }),
};

const depth = 2;

/** Asks the CMS in a person's name. */
export function createDrafts({ ask }: { ask: Asker }): Drafts {
  return {
    async one(session, collection, id, requestId, typed) {
      const path = `${collection}/${id}`;
      const kind = collection === 'globals' ? path : collection;
      const view = Object.hasOwn(views, kind) ? views[kind] : undefined;
      if (!view || !(collection === 'globals' || /^[1-9]\d{0,8}$/.test(id))) return { ok: true, value: null };
      const answer = await ask(session, requestId, {
        answer: unsaved,
        ...(typed
          ? {
              // A reading that carries the document: the CMS fills in what it refers to.
              method: 'POST' as const,
              headers: { 'x-payload-http-method-override': 'GET' },
              path: `/api/${path}`,
              body: { data: typed, depth, draft: true },
            }
          : { path: `/api/${path}?draft=true&depth=${depth}` }),
      });
      if (!answer.ok) return answer.refused.status === 404 ? { ok: true, value: null } : answer;
      return { ok: true, value: view(answer.value) };
    },
  };
}
