import type { CollectionAfterChangeHook, CollectionAfterDeleteHook } from 'payload';
import { transactionOf } from '../../../database/sql.ts';
import { tellReaderGone, tellReaders } from '../../../directory/readers.ts';

/**
 * Whoever keeps a copy of a reader hears of each change of what is public. What is told is read from the published row, so a
 * draft beside it changes nothing; one that is new is nobody's business yet.
 */
export const tellChange: CollectionAfterChangeHook = async ({ doc, operation, req }) => {
  if (operation === 'update' || doc._status === 'published')
    await tellReaders(await transactionOf(req), [doc.id]);
  return doc;
};

export const tellDeletion: CollectionAfterDeleteHook = async ({ doc, req }) => {
  await tellReaderGone(await transactionOf(req), doc);
};
