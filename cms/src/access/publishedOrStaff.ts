import type { Access } from 'payload';
import { isStaff } from './person.ts';

/** Staff see drafts; everybody else what has been published. */
export const publishedOrStaff: Access = ({ req }) => isStaff(req) || { _status: { equals: 'published' } };
