import type { CollectionAfterChangeHook } from 'payload';
import { transactionOf } from '../../../database/sql.ts';
import { tellPeople } from '../../../directory/people.ts';

/** Whoever keeps a copy of a person hears of each change, if and only if it is committed. */
export const tellDirectory: CollectionAfterChangeHook = async ({ doc, req }) => {
  const [told] = await tellPeople(await transactionOf(req), [doc.id]);
  return { ...doc, version: told?.version };
};
