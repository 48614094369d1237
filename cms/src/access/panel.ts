import type { Access, PayloadHandler, PayloadRequest } from 'payload';
import { problem } from '../api/problem.ts';
import { activePerson, isReader, isStaff } from './person.ts';

/** Who may enter the admin: active staff and active readers. */
export const panel = ({ req }: { req: PayloadRequest }): boolean => isStaff(req) || isReader(req);

/** What Payload's own rule says, for those who may enter the admin and nobody else. */
export const panelOnly =
  (rule: Access): Access =>
  (args) =>
    panel(args) && rule(args);

/** An endpoint for those who may enter the admin. */
export const panelEndpoint =
  (handler: PayloadHandler): PayloadHandler =>
  (req) => {
    if (!activePerson(req)) return problem(401, 'not_signed_in', 'Sign in first.');
    return panel({ req }) ? handler(req) : problem(403, 'role_not_allowed', 'This is for readers and staff.');
  };
