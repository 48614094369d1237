import type { CollectionConfig } from 'payload';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { publishedOrStaff } from '../../access/publishedOrStaff.ts';
import { staff } from '../../access/staff.ts';
import { seoField } from '../../fields/seo.ts';
import { slugField } from '../../fields/slug.ts';

/** What one kind of reading is, for somebody who has never had one. */
export const Guides: CollectionConfig = {
  slug: 'guides',
  access: { create: staff, read: publishedOrStaff, readVersions: staff, update: staff, delete: staff },
  versions: { drafts: { schedulePublish: true }, maxPerDoc: 50 },
  defaultSort: 'title',
  admin: {
    group: 'Publishing',
    useAsTitle: 'title',
    defaultColumns: ['title', 'speciality', 'updatedAt', '_status'],
    listSearchableFields: ['title', 'slug'],
    description: 'One guide to each kind of reading. A draft is seen by staff only.',
    hidden: onlyStaffSees,
  },
  fields: [
    { name: 'title', type: 'text', required: true, maxLength: 120 },
    { name: 'summary', type: 'textarea', required: true, maxLength: 400 },
    { name: 'body', type: 'richText', required: true },
    seoField,
    {
      name: 'speciality',
      type: 'relationship',
      relationTo: 'specialities',
      required: true,
      unique: true,
      admin: { position: 'sidebar', description: 'The kind of reading; each has one guide at most.' },
    },
    slugField('title'),
  ],
};
