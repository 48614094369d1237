import type { CollectionConfig } from 'payload';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { staffWritesAllRead } from '../../access/staffWritesAllRead.ts';
import { slugField } from '../../fields/slug.ts';
import { refuseWhileUsed } from '../../hooks/refuseWhileUsed.ts';

/** Kinds of reading: tarot, astrology, coaching… */
export const Specialities: CollectionConfig = {
  slug: 'specialities',
  labels: { singular: 'Speciality', plural: 'Specialities' },
  access: staffWritesAllRead,
  defaultSort: 'name',
  admin: {
    group: 'Readings',
    useAsTitle: 'name',
    defaultColumns: ['name', 'slug', 'description'],
    description: 'What readers can offer, and clients can filter by.',
    hidden: onlyStaffSees,
  },
  hooks: {
    beforeDelete: [refuseWhileUsed({ collection: 'guides', field: 'speciality', plural: 'guides' })],
  },
  fields: [
    { name: 'name', type: 'text', required: true, maxLength: 60 },
    { name: 'description', type: 'textarea', required: true, maxLength: 400 },
    slugField('name'),
  ],
};
