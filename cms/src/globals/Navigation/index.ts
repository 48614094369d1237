import type { Field, GlobalConfig } from 'payload';
import { anyone } from '../../access/anyone.ts';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { staff } from '../../access/staff.ts';
import { placeField } from '../../fields/place.ts';

const links = (name: string, label: string, maxRows: number): Field => ({
  name,
  label,
  type: 'array',
  maxRows,
  fields: [
    {
      type: 'row',
      fields: [
        { name: 'label', type: 'text', required: true, maxLength: 40 },
        placeField({ name: 'to', label: 'Leads to' }),
      ],
    },
  ],
});

/** The links at the top of every page, and at its foot. */
export const Navigation: GlobalConfig = {
  slug: 'navigation',
  label: 'Navigation and footer',
  access: { read: anyone, update: staff },
  admin: {
    group: 'Publishing',
    description: 'The links at the top of every page and at its foot.',
    hidden: onlyStaffSees,
  },
  fields: [
    links('header', 'At the top', 7),
    {
      name: 'footer',
      label: 'At the foot',
      type: 'array',
      maxRows: 4,
      labels: { singular: 'Column', plural: 'Columns' },
      fields: [{ name: 'title', type: 'text', required: true, maxLength: 40 }, links('links', 'Links', 8)],
    },
  ],
};
