import type { CollectionBeforeDeleteHook } from 'payload';
import { sql, transactionOf } from '../../../database/sql.ts';

/** Whoever kept a reader in mind has nothing to keep once the reader is no more. */
export const forgetFavourites: CollectionBeforeDeleteHook = async ({ id, req }) => {
  await (await transactionOf(req)).execute(sql`delete from favourites where reader_id = ${id}`);
};
