import type { CollectionAfterChangeHook, CollectionBeforeDeleteHook } from 'payload';
import { transactionOf } from '../../../database/sql.ts';
import { tellFavourites } from '../../../directory/favourites.ts';

/** realtime, which knows who comes online, hears of each wish to be told; a favourite without one was never its business. */
export const tellNotice: CollectionAfterChangeHook = async ({ doc, previousDoc, req }) => {
  if (Boolean(doc.notify) !== Boolean(previousDoc?.notify))
    await tellFavourites(await transactionOf(req), [doc.id]);
  return doc;
};

export const tellNoNotice: CollectionBeforeDeleteHook = async ({ id, req }) =>
  tellFavourites(await transactionOf(req), [Number(id)], { dropped: true });
