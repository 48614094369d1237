import type { CollectionConfig, GlobalConfig, PayloadRequest } from 'payload';
import { type Db, transactionOf } from '../database/sql.ts';
import { nextNumber, tell } from './outbox.ts';

/** Tells the site that something it shows has changed, so that it forgets what it has read; which of it, it need not know. */
async function tellContent(db: Db, key: string): Promise<void> {
  const number = await nextNumber(db);
  await tell(db, { kind: 'content', key, payload: { version: number }, number, to: ['site'] });
}

/** A draft beside another draft is nobody's business but staff's. */
const isOnlyDraft = (before: { _status?: unknown } | undefined, after: { _status?: unknown }): boolean =>
  after._status === 'draft' && before?._status !== 'published';

const told = async (req: PayloadRequest, key: string) => tellContent(await transactionOf(req), key);

/** A collection that the site shows: each change of what is public is told in its transaction. */
export function shownCollection(collection: CollectionConfig): CollectionConfig {
  const { slug, hooks = {} } = collection;
  return {
    ...collection,
    hooks: {
      ...hooks,
      afterChange: [
        ...(hooks.afterChange ?? []),
        async ({ doc, previousDoc, req }) => {
          if (!isOnlyDraft(previousDoc, doc)) await told(req, slug);
          return doc;
        },
      ],
      afterDelete: [...(hooks.afterDelete ?? []), async ({ req }) => told(req, slug)],
    },
  };
}

/** The same for a global. */
export function shownGlobal(global: GlobalConfig): GlobalConfig {
  const { slug, hooks = {} } = global;
  return {
    ...global,
    hooks: {
      ...hooks,
      afterChange: [
        ...(hooks.afterChange ?? []),
        async ({ doc, req }) => {
          await told(req, slug);
          return doc;
        },
      ],
    },
  };
}
