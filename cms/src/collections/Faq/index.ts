import type { CollectionConfig } from 'payload';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { publishedOrStaff } from '../../access/publishedOrStaff.ts';
import { staff } from '../../access/staff.ts';
import { positionField } from '../../fields/position.ts';

/** Questions that people ask before they ask us. */
export const Faq: CollectionConfig = {
  slug: 'faq',
  labels: { singular: 'Question', plural: 'Questions and answers' },
  access: { create: staff, read: publishedOrStaff, readVersions: staff, update: staff, delete: staff },
  versions: { drafts: { schedulePublish: true }, maxPerDoc: 50 },
  defaultSort: 'position',
  admin: {
    group: 'Publishing',
    useAsTitle: 'question',
    defaultColumns: ['question', 'topic', 'position', '_status'],
    description:
      'Questions and answers, in the order in which they are shown. A draft is seen by staff only.',
    hidden: onlyStaffSees,
  },
  fields: [
    { name: 'question', type: 'text', required: true, unique: true, maxLength: 200 },
    { name: 'answer', type: 'richText', required: true },
    {
      name: 'topic',
      type: 'select',
      required: true,
      index: true,
      options: [
        { value: 'readings', label: 'Readings' },
        { value: 'money', label: 'Money' },
        { value: 'readers', label: 'Readers' },
        { value: 'account', label: 'Your account' },
      ],
      admin: { position: 'sidebar' },
    },
    positionField,
  ],
};
