import type { GlobalConfig } from 'payload';
import { blocks as validateBlocks } from 'payload/shared';
import { onlyStaffSees } from '../../access/onlyStaffSees.ts';
import { publishedOrStaff } from '../../access/publishedOrStaff.ts';
import { staff } from '../../access/staff.ts';
import { blocks } from './blocks.ts';

/** The home page, which staff compose of blocks. */
export const Home: GlobalConfig = {
  slug: 'home',
  label: 'Home page',
  access: { read: publishedOrStaff, readVersions: staff, update: staff },
  versions: { drafts: { schedulePublish: true }, max: 50 },
  admin: {
    group: 'Publishing',
    description: 'What the home page is made of, from top to bottom. A draft is seen by staff only.',
    hidden: onlyStaffSees,
  },
  fields: [
    {
      name: 'blocks',
      type: 'blocks',
      blocks,
      maxRows: 16,
      // A page has one title.
      validate: (value, options) =>
        blocksOf(value).filter(({ blockType }) => blockType === 'hero').length > 1
          ? 'Only one opening: its title is the page’s own.'
          : validateBlocks(value, options),
      admin: { description: 'Begin with an opening: its title is the page’s own.' },
    },
  ],
};

const blocksOf = (value: unknown) => (Array.isArray(value) ? (value as { blockType?: string }[]) : []);
