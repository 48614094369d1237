import type { Access } from 'payload';

/** Public. */
export const anyone: Access = () => true;
