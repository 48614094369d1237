import type { CollectionConfig } from 'payload';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { staffWritesAllRead } from '../../access/staffWritesAllRead.ts';
import { authorFields, tellAuthorName } from '../../fields/author.ts';
import { positionField } from '../../fields/position.ts';

/** One contribution to a thread. */
export const ForumPosts: CollectionConfig = {
  slug: 'forum-posts',
  labels: { singular: 'Post', plural: 'Posts' },
  access: staffWritesAllRead,
  defaultSort: 'position',
  admin: {
    group: 'Community',
    defaultColumns: ['thread', 'author', 'created_on', 'position'],
    description: 'What people wrote in the threads.',
    hidden: onlyStaffSees,
  },
  forceSelect: { author: true },
  hooks: { beforeRead: [tellAuthorName] },
  fields: [
    { name: 'thread', type: 'relationship', relationTo: 'forum-threads', required: true, index: true },
    { name: 'body', type: 'richText', required: true },
    ...authorFields,
    {
      name: 'created_on',
      label: 'Written on',
      type: 'date',
      required: true,
      index: true,
      admin: { position: 'sidebar', date: { pickerAppearance: 'dayAndTime' } },
    },
    positionField,
  ],
};
