import type { Access, FieldAccess } from 'payload';

/** Not even staff: only the program itself. */
export const nobody: Access = () => false;

/** The same for one field. */
export const nobodyField: FieldAccess = () => false;
