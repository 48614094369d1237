import type { Access, AccessResult } from 'payload';
import { isReader, isStaff } from '../../../access/person.ts';

/** Staff see every profile; a reader their own, drafts included; everybody else those that are published. */
export const readReaders: Access = ({ req }): AccessResult => {
  if (isStaff(req)) return true;
  if (isReader(req)) return { person: { equals: req.user?.id } };
  return { _status: { equals: 'published' } };
};
