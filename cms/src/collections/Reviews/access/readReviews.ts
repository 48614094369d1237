import type { Access, AccessResult } from 'payload';
import { isReader, isStaff } from '../../../access/person.ts';

/** Staff see every review; a reader those of themselves that are shown, as everybody sees all that are. */
export const readReviews: Access = ({ req }): AccessResult => {
  if (isStaff(req)) return true;
  const shown = { state: { equals: 'shown' } };
  return isReader(req) ? { and: [shown, { 'reader.person': { equals: req.user?.id } }] } : shown;
};
