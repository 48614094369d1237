import type { CollectionConfig } from 'payload';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { staffWritesAllRead } from '../../access/staffWritesAllRead.ts';
import { positionField } from '../../fields/position.ts';
import { slugField } from '../../fields/slug.ts';
import { refuseWhileUsed } from '../../hooks/refuseWhileUsed.ts';

/** Rooms of the community. */
export const ForumCategories: CollectionConfig = {
  slug: 'forum-categories',
  labels: { singular: 'Forum category', plural: 'Forum categories' },
  access: staffWritesAllRead,
  defaultSort: 'position',
  admin: {
    group: 'Community',
    useAsTitle: 'name',
    defaultColumns: ['name', 'description', 'position'],
    description: 'Rooms of the community, in the order in which they are shown.',
    hidden: onlyStaffSees,
  },
  hooks: {
    beforeDelete: [refuseWhileUsed({ collection: 'forum-threads', field: 'category', plural: 'threads' })],
  },
  fields: [
    { name: 'name', type: 'text', required: true, maxLength: 60 },
    { name: 'description', type: 'textarea', required: true, maxLength: 300 },
    slugField('name'),
    positionField,
  ],
};
