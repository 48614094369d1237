import type { CollectionConfig } from 'payload';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { publishedOrStaff } from '../../access/publishedOrStaff.ts';
import { staff } from '../../access/staff.ts';
import { seoField } from '../../fields/seo.ts';
import { slugField } from '../../fields/slug.ts';

/** Articles and guides of the site. */
export const Articles: CollectionConfig = {
  slug: 'articles',
  access: { create: staff, read: publishedOrStaff, readVersions: staff, update: staff, delete: staff },
  versions: { drafts: { schedulePublish: true }, maxPerDoc: 50 },
  defaultSort: '-published_at',
  admin: {
    group: 'Publishing',
    useAsTitle: 'title',
    defaultColumns: ['title', 'category', 'author_name', 'published_at', '_status'],
    listSearchableFields: ['title', 'slug', 'author_name'],
    description: 'Articles of the site. A draft is seen by staff only.',
    hidden: onlyStaffSees,
  },
  fields: [
    { name: 'title', type: 'text', required: true, maxLength: 120 },
    {
      name: 'summary',
      type: 'textarea',
      required: true,
      maxLength: 400,
      admin: { description: 'Two sentences, for lists and for search engines.' },
    },
    { name: 'cover', type: 'upload', relationTo: 'media', required: true },
    { name: 'body', type: 'richText', required: true },
    {
      name: 'related_readers',
      label: 'Related readers',
      type: 'relationship',
      relationTo: 'readers',
      hasMany: true,
      maxRows: 6,
      admin: { description: 'Readers shown below the article.' },
    },
    seoField,
    slugField('title'),
    {
      name: 'category',
      type: 'relationship',
      relationTo: 'article-categories',
      required: true,
      admin: { position: 'sidebar' },
    },
    {
      name: 'author_name',
      label: 'Author',
      type: 'text',
      required: true,
      maxLength: 80,
      admin: { position: 'sidebar' },
    },
    {
      name: 'published_at',
      label: 'Published on',
      type: 'date',
      required: true,
      index: true,
      admin: {
        position: 'sidebar',
        date: { pickerAppearance: 'dayAndTime' },
        description: 'The date shown; articles are listed by it.',
      },
    },
  ],
};
