import { type CollectionConfig, ValidationError } from 'payload';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { staffWritesAllRead } from '../../access/staffWritesAllRead.ts';
import { isPath, placeField } from '../../fields/place.ts';

/** Addresses that were something once. */
export const Redirects: CollectionConfig = {
  slug: 'redirects',
  access: staffWritesAllRead,
  defaultSort: 'from',
  admin: {
    group: 'Publishing',
    useAsTitle: 'from',
    defaultColumns: ['from', 'to', 'permanent'],
    description: 'Old addresses of the site, and where they lead now.',
    hidden: onlyStaffSees,
  },
  fields: [
    {
      name: 'from',
      label: 'Old address',
      type: 'text',
      required: true,
      unique: true,
      maxLength: 200,
      admin: { placeholder: '/old-page' },
      hooks: {
        // With and without a slash at the end is one address.
        beforeValidate: [
          ({ value }) => (typeof value === 'string' ? value.trim().replace(/(.)\/+$/, '$1') : value),
        ],
      },
      validate: (value: unknown) =>
        (isPath(value) && value !== '/') || 'Use a path of the site such as /old-page; not the home page.',
    },
    placeField({ name: 'to', label: 'Leads to' }),
    {
      name: 'permanent',
      type: 'checkbox',
      defaultValue: true,
      admin: { position: 'sidebar', description: 'For good: browsers and search engines remember it.' },
    },
  ],
  hooks: {
    beforeValidate: [
      ({ data, originalDoc }) => {
        const { from, to } = { ...originalDoc, ...data } as { from?: unknown; to?: unknown };
        if (typeof to !== 'string' || to.replace(/(.)\/+$/, '$1') !== from) return data;
        throw new ValidationError({
          collection: 'redirects',
          errors: [{ path: 'to', message: 'It would lead to itself.' }],
        });
      },
    ],
  },
};
