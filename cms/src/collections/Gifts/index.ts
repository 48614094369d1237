import type { CollectionConfig } from 'payload';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { staffWritesAllRead } from '../../access/staffWritesAllRead.ts';
import { positionField } from '../../fields/position.ts';
import { slugField } from '../../fields/slug.ts';
import { wholeNumber } from '../../fields/wholeNumber.ts';

/** What viewers of a livestream can send to the reader. */
export const Gifts: CollectionConfig = {
  slug: 'gifts',
  access: staffWritesAllRead,
  defaultSort: 'position',
  admin: {
    group: 'Readings',
    useAsTitle: 'name',
    defaultColumns: ['name', 'picture', 'price_cents', 'position'],
    description: 'What viewers of a livestream can send to the reader.',
    hidden: onlyStaffSees,
  },
  fields: [
    { name: 'name', type: 'text', required: true, maxLength: 60 },
    { name: 'description', type: 'textarea', required: true, maxLength: 200 },
    { name: 'picture', type: 'upload', relationTo: 'media', required: true },
    wholeNumber({
      name: 'price_cents',
      label: 'Price in cents',
      min: 1,
      max: 100_000,
      required: true,
      admin: { description: '199 is $1.99.', step: 1 },
    }),
    slugField('name'),
    positionField,
  ],
};
