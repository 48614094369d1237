import type { Access } from 'payload';
import { isReader, isStaff } from '../../../access/person.ts';

/** Staff, and the reader whose profile it is. */
export const staffOrOwner: Access = ({ req }) => {
  if (isStaff(req)) return true;
  return isReader(req) ? { person: { equals: req.user?.id } } : false;
};

/** The same for the history of a profile: by whose the profile is now, not whose it was then. */
export const versionsForStaffOrOwner: Access = ({ req }) => {
  if (isStaff(req)) return true;
  return isReader(req) ? { 'parent.person': { equals: req.user?.id } } : false;
};
