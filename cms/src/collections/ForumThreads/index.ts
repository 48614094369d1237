import type { CollectionConfig } from 'payload';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { staffWritesAllRead } from '../../access/staffWritesAllRead.ts';
import { authorFields, tellAuthorName } from '../../fields/author.ts';
import { slugField } from '../../fields/slug.ts';
import { deletePosts } from './hooks/deletePosts.ts';

/** A conversation in the community. What is said stands in its posts, the first of them included. */
export const ForumThreads: CollectionConfig = {
  slug: 'forum-threads',
  labels: { singular: 'Thread', plural: 'Threads' },
  access: staffWritesAllRead,
  defaultSort: '-created_on',
  admin: {
    group: 'Community',
    useAsTitle: 'title',
    defaultColumns: ['title', 'category', 'author', 'created_on', 'pinned'],
    description: 'Conversations of the community.',
    hidden: onlyStaffSees,
  },
  forceSelect: { author: true },
  hooks: { beforeDelete: [deletePosts], beforeRead: [tellAuthorName] },
  fields: [
    { name: 'title', type: 'text', required: true, maxLength: 140 },
    { name: 'category', type: 'relationship', relationTo: 'forum-categories', required: true, index: true },
    slugField('title'),
    ...authorFields,
    {
      name: 'created_on',
      label: 'Written on',
      type: 'date',
      required: true,
      index: true,
      admin: { position: 'sidebar', date: { pickerAppearance: 'dayAndTime' } },
    },
    {
      name: 'pinned',
      type: 'checkbox',
      defaultValue: false,
      admin: { position: 'sidebar', description: 'Kept at the top of its category.' },
    },
  ],
};
