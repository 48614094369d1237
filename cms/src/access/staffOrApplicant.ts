import type { Access } from 'payload';
import { activePerson, isStaff } from './person.ts';

/** Staff see every application; whoever applied sees their own, and of it what its fields give out. */
export const staffOrApplicant: Access = ({ req }) => {
  if (isStaff(req)) return true;
  const person = activePerson(req);
  return person ? { person: { equals: person.id } } : false;
};
