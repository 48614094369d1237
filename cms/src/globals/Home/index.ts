import type { GlobalConfig } from 'payload';
import { anyone } from '../../access/anyone.ts';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { staff } from '../../access/staff.ts';

/** The home page's words and choices. */
export const Home: GlobalConfig = {
  slug: 'home',
  label: 'Home page',
  access: { read: anyone, update: staff },
  admin: {
    group: 'Publishing',
    description: 'The home page’s words, and who and what is shown on it.',
    hidden: onlyStaffSees,
  },
  fields: [
    { name: 'hero_title', label: 'Title', type: 'text', required: true, maxLength: 120 },
    { name: 'hero_text', label: 'Text under the title', type: 'textarea', required: true, maxLength: 400 },
    {
      name: 'featured_readers',
      label: 'Featured readers',
      type: 'relationship',
      relationTo: 'readers',
      hasMany: true,
      maxRows: 12,
    },
    {
      name: 'featured_articles',
      label: 'Featured articles',
      type: 'relationship',
      relationTo: 'articles',
      hasMany: true,
      maxRows: 6,
    },
    {
      name: 'steps',
      type: 'array',
      label: 'How it works',
      maxRows: 6,
      admin: { description: 'The steps to a reading, in order.' },
      fields: [
        { name: 'title', type: 'text', required: true, maxLength: 80 },
        { name: 'text', type: 'textarea', required: true, maxLength: 300 },
      ],
    },
    { name: 'closing_title', label: 'Closing title', type: 'text', maxLength: 120 },
    { name: 'closing_text', label: 'Closing text', type: 'textarea', maxLength: 400 },
  ],
};
