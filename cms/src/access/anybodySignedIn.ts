import type { Access } from 'payload';
import { activePerson } from './person.ts';

/** Whoever has an account that isn't suspended. */
export const anybodySignedIn: Access = ({ req }) => activePerson(req) !== null;
