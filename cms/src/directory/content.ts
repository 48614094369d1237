import type { CollectionConfig, GlobalConfig, PayloadRequest } from 'payload';
import { type Db, transactionOf } from '../database/sql.ts';
import { nextNumber, tell } from './outbox.ts';

/** Tells the site that something it shows has changed, so that it forgets what it has read; which of it, it need not know. */
async function tellContent(db: Db, key: string): Promise<void> {
  const number = await nextNumber(db);
  await tell(db, { kind: 'content', key, payload: { version: number }, number, to: ['site'] });
}

const told = async (req: PayloadRequest, key: string) => tellContent(await transactionOf(req), key);

/**
 * A collection that the site shows: its changes are told in their transaction. Only a draft's beginning is not: whether a later
 * one stands beside something that is public, or takes that away, no hook can tell (it is given the newest version, not the public one).
 */
export function shownCollection(collection: CollectionConfig): CollectionConfig {
  const { slug, hooks = {} } = collection;
  return {
    ...collection,
    hooks: {
      ...hooks,
      afterChange: [
        ...(hooks.afterChange ?? []),
        async ({ doc, operation, req }) => {
          if (operation === 'update' || doc._status !== 'draft') await told(req, slug);
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
