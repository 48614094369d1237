import type { CollectionAfterChangeHook, CollectionAfterDeleteHook } from 'payload';
import { transactionOf } from '../../../database/sql.ts';
import { rateReader } from '../../../reviews/rating.ts';

/** A reader's figures change with their reviews, or not at all. */
export const rateAfterChange: CollectionAfterChangeHook = async ({ doc, req }) => {
  await rateReader(await transactionOf(req), idOf(doc.reader));
  return doc;
};

export const rateAfterDelete: CollectionAfterDeleteHook = async ({ doc, req }) => {
  await rateReader(await transactionOf(req), idOf(doc.reader));
};

/** A relation is an id, or the document once populated. */
const idOf = (relation: number | { id: number }): number =>
  typeof relation === 'object' ? relation.id : relation;
