import type { Access } from 'payload';
import { isReader, isStaff } from '../../../access/person.ts';

/** Staff see everybody, readers their own account (the admin's account page). Clients have no business here. */
export const staffOrSelf: Access = ({ req }) => {
  if (isStaff(req)) return true;
  return isReader(req) ? { id: { equals: req.user?.id } } : false;
};
