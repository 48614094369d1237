import type { CollectionBeforeChangeHook, CollectionBeforeDeleteHook } from 'payload';
import { sql, transactionOf } from '../../../database/sql.ts';

/** Whatever staff decide answers the flags that are there. */
export const settleFlags: CollectionBeforeChangeHook = ({ data, operation, req }) =>
  operation === 'update' && req.user ? { ...data, flags_waiting: 0 } : data;

export const forgetFlags: CollectionBeforeDeleteHook = async ({ id, req }) => {
  await (await transactionOf(req)).execute(sql`delete from review_flags where review_id = ${id}`);
};
