import type { GlobalConfig } from 'payload';
import { anyone } from '../../access/anyone.ts';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { staff } from '../../access/staff.ts';
import { blocks } from './blocks.ts';

/** The home page, which staff compose of blocks. */
export const Home: GlobalConfig = {
  slug: 'home',
  label: 'Home page',
  access: { read: anyone, update: staff },
  admin: {
    group: 'Publishing',
    description: 'What the home page is made of, from top to bottom. Public as soon as it is saved.',
    hidden: onlyStaffSees,
  },
  fields: [
    {
      name: 'blocks',
      type: 'blocks',
      blocks,
      maxRows: 16,
      admin: { description: 'Begin with an opening: its title is the page’s own.' },
    },
  ],
};
