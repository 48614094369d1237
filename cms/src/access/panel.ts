import type { PayloadRequest } from 'payload';
import { isReader, isStaff } from './person.ts';

/** Who may enter the admin: active staff and active readers. */
export const panel = ({ req }: { req: PayloadRequest }): boolean => isStaff(req) || isReader(req);
