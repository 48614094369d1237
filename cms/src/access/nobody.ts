import type { Access } from 'payload';

/** Not even staff: only the program itself. */
export const nobody: Access = () => false;
