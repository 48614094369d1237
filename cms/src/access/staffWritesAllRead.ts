import type { CollectionConfig } from 'payload';
import { anyone } from './anyone.ts';
import { staff } from './staff.ts';

/** Public reference data: anybody reads it, only staff change it. */
export const staffWritesAllRead = {
  create: staff,
  read: anyone,
  update: staff,
  delete: staff,
} satisfies CollectionConfig['access'];
