import type { CollectionConfig } from 'payload';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { publishedOrStaff } from '../../access/publishedOrStaff.ts';
import { staff } from '../../access/staff.ts';
import { seoField } from '../../fields/seo.ts';
import { slugField } from '../../fields/slug.ts';

/** Pages of plain words: about, safety, terms, privacy, refunds. */
export const Pages: CollectionConfig = {
  slug: 'pages',
  access: { create: staff, read: publishedOrStaff, readVersions: staff, update: staff, delete: staff },
  versions: { drafts: { schedulePublish: true }, maxPerDoc: 50 },
  defaultSort: 'title',
  admin: {
    group: 'Publishing',
    useAsTitle: 'title',
    defaultColumns: ['title', 'slug', 'updatedAt', '_status'],
    listSearchableFields: ['title', 'slug'],
    description: 'Pages of plain words, such as the terms. A draft is seen by staff only.',
    hidden: onlyStaffSees,
  },
  fields: [
    { name: 'title', type: 'text', required: true, maxLength: 120 },
    {
      name: 'summary',
      type: 'textarea',
      required: true,
      maxLength: 400,
      admin: { description: 'One or two sentences under the title.' },
    },
    { name: 'body', type: 'richText', required: true },
    seoField,
    slugField('title'),
  ],
};
