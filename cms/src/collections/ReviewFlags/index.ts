import type { CollectionConfig } from 'payload';
import { nobody } from '../../access/nobody.ts';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { staff } from '../../access/staff.ts';

/** Why somebody thinks that a review should not be shown: one a person and review, for staff to read. */
export const ReviewFlags: CollectionConfig = {
  slug: 'review-flags',
  labels: { singular: 'Flag', plural: 'Flags of reviews' },
  access: { create: nobody, read: staff, update: nobody, delete: nobody },
  disableDuplicate: true,
  lockDocuments: false,
  defaultSort: '-createdAt',
  indexes: [{ fields: ['person', 'review'], unique: true }],
  admin: {
    group: 'Readings',
    useAsTitle: 'reason',
    defaultColumns: ['reason', 'review', 'person', 'createdAt'],
    description: 'Why somebody thinks that a review should not be shown.',
    hidden: onlyStaffSees,
  },
  fields: [
    { name: 'reason', type: 'textarea', required: true, maxLength: 500 },
    { name: 'review', type: 'relationship', relationTo: 'reviews', required: true, index: true },
    { name: 'person', type: 'relationship', relationTo: 'people', required: true, index: true },
  ],
};
