import type { CollectionConfig } from 'payload';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { publishedOrStaff } from '../../access/publishedOrStaff.ts';
import { staff } from '../../access/staff.ts';
import { dayOf } from './day.ts';
import { signs } from './signs.ts';

/** A few sentences for one sign and one day (X1). */
export const Horoscopes: CollectionConfig = {
  slug: 'horoscopes',
  access: { create: staff, read: publishedOrStaff, readVersions: staff, update: staff, delete: staff },
  versions: { drafts: { schedulePublish: true }, maxPerDoc: 5 },
  defaultSort: '-date',
  indexes: [{ fields: ['sign', 'date'], unique: true }],
  admin: {
    group: 'Publishing',
    useAsTitle: 'sign',
    defaultColumns: ['sign', 'date', 'author_name', '_status'],
    description: 'One for each sign and day. A day that has none says so on the site.',
    hidden: onlyStaffSees,
  },
  fields: [
    {
      name: 'sign',
      type: 'select',
      required: true,
      options: signs.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) })),
    },
    {
      name: 'date',
      label: 'Day',
      type: 'date',
      required: true,
      index: true,
      // Whatever the hour, a day is a day: two of one sign can’t differ by it.
      hooks: {
        beforeValidate: [
          ({ value }) =>
            typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? dayOf(value) : value,
        ],
      },
      admin: { date: { pickerAppearance: 'dayOnly', displayFormat: 'd MMM yyyy' } },
    },
    {
      name: 'text',
      type: 'textarea',
      required: true,
      maxLength: 1_200,
      admin: {
        description:
          'Plain words; an empty line begins a new paragraph. For reflection: nothing is foretold.',
      },
    },
    { name: 'author_name', label: 'Author', type: 'text', required: true, maxLength: 80 },
  ],
};
