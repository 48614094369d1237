import type { CollectionConfig } from 'payload';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { staffWritesAllRead } from '../../access/staffWritesAllRead.ts';
import { slugField } from '../../fields/slug.ts';
import { refuseWhileUsed } from '../../hooks/refuseWhileUsed.ts';

/** Sections that articles are filed under. */
export const ArticleCategories: CollectionConfig = {
  slug: 'article-categories',
  labels: { singular: 'Article category', plural: 'Article categories' },
  access: staffWritesAllRead,
  defaultSort: 'name',
  admin: {
    group: 'Publishing',
    useAsTitle: 'name',
    defaultColumns: ['name', 'slug'],
    description: 'Sections that articles are filed under.',
    hidden: onlyStaffSees,
  },
  hooks: {
    beforeDelete: [refuseWhileUsed({ collection: 'articles', field: 'category', plural: 'articles' })],
  },
  fields: [{ name: 'name', type: 'text', required: true, maxLength: 60 }, slugField('name')],
};
