import type { Access, FieldAccess } from 'payload';
import { isStaff } from './person.ts';

/** Active administrators. */
export const staff = (({ req }) => isStaff(req)) satisfies Access;

/** The same for one field. */
export const staffField: FieldAccess = ({ req }) => isStaff(req);
