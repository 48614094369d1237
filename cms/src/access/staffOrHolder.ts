import type { Access } from 'payload';
import { isReader, isStaff } from './person.ts';

/** Whose work on a document locks it: staff see all locks, a reader their own. */
export const staffOrHolder: Access = ({ req }) => {
  if (isStaff(req)) return true;
  return isReader(req) ? { 'user.value': { equals: req.user?.id } } : false;
};
