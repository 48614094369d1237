import type { Access } from 'payload';
import { activePerson } from './person.ts';

/** What somebody keeps for themselves: nobody else sees it, not even staff. */
export const ownPerson: Access = ({ req }) => {
  const person = activePerson(req);
  return person ? { person: { equals: person.id } } : false;
};
