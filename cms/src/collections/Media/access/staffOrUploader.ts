import type { Access } from 'payload';
import { isReader, isStaff } from '../../../access/person.ts';

/** Staff, and the reader who uploaded the picture. */
export const staffOrUploader: Access = ({ req }) => {
  if (isStaff(req)) return true;
  return isReader(req) ? { uploaded_by: { equals: req.user?.id } } : false;
};
