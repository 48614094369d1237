import type { CollectionConfig } from 'payload';
import { staff, staffField } from '../../access/staff.ts';
import { countryField } from '../../fields/country.ts';
import { languagesField } from '../../fields/languages.ts';
import { ratesField } from '../../fields/rates.ts';
import { slugField } from '../../fields/slug.ts';
import { timeZoneField } from '../../fields/timeZone.ts';
import { wholeNumber } from '../../fields/wholeNumber.ts';
import { readReaders } from './access/readReaders.ts';
import { staffOrOwner, versionsForStaffOrOwner } from './access/staffOrOwner.ts';
import { forgetWithReader } from './hooks/forgetWithReader.ts';
import { keepStandingOnRestore } from './hooks/keepStandingOnRestore.ts';
import { biographyCharacters, limitBiography } from './hooks/limitBiography.ts';
import { tellChange, tellDeletion } from './hooks/tellDirectory.ts';

/** A reader's public profile, kept by the reader; what decides standing (address, person, featured) is kept by staff. */
export const Readers: CollectionConfig = {
  slug: 'readers',
  access: {
    create: staff,
    read: readReaders,
    readVersions: versionsForStaffOrOwner,
    update: staffOrOwner,
    delete: staff,
  },
  versions: { drafts: true, maxPerDoc: 50 },
  disableDuplicate: true,
  hooks: {
    beforeValidate: [keepStandingOnRestore, limitBiography],
    afterChange: [tellChange],
    beforeDelete: [forgetWithReader],
    afterDelete: [tellDeletion],
  },
  defaultSort: 'name',
  admin: {
    group: 'Readings',
    useAsTitle: 'name',
    defaultColumns: ['name', 'portrait', 'specialities', 'languages', 'featured', '_status'],
    listSearchableFields: ['name', 'slug', 'headline'],
    description: 'The profiles that clients choose from. A change is seen by others once it is published.',
  },
  fields: [
    {
      type: 'tabs',
      tabs: [
        {
          label: 'Profile',
          fields: [
            { name: 'name', type: 'text', required: true, maxLength: 80 },
            {
              name: 'headline',
              type: 'text',
              required: true,
              maxLength: 140,
              admin: { description: 'One line under the name, at most 140 characters.' },
            },
            {
              name: 'portrait',
              type: 'upload',
              relationTo: 'media',
              required: true,
              admin: { description: 'A calm, well lit picture of you, upright or square.' },
            },
            {
              name: 'biography',
              type: 'richText',
              required: true,
              admin: {
                description: `At most ${biographyCharacters.toLocaleString('en')} characters.`,
              },
            },
          ],
        },
        {
          label: 'Practice',
          fields: [
            {
              name: 'specialities',
              type: 'relationship',
              relationTo: 'specialities',
              hasMany: true,
              required: true,
              admin: { description: 'What you read. The first is shown most prominently.' },
            },
            languagesField,
            wholeNumber({
              name: 'years_of_experience',
              label: 'Years of experience',
              min: 0,
              max: 80,
              required: true,
              admin: { width: '50%', step: 1 },
            }),
            ratesField,
          ],
        },
        {
          label: 'Place and time',
          fields: [{ type: 'row', fields: [timeZoneField, countryField] }],
        },
      ],
    },
    slugField('name'),
    {
      name: 'person',
      type: 'relationship',
      relationTo: 'people',
      unique: true,
      filterOptions: { role: { equals: 'reader' } },
      access: {
        create: staffField,
        read: ({ req, doc }) => staffField({ req }) || (!!req.user && idOf(doc?.person) === req.user.id),
        update: staffField,
      },
      admin: { position: 'sidebar', description: 'The account that may edit this profile.' },
    },
    {
      name: 'featured',
      type: 'checkbox',
      defaultValue: false,
      index: true,
      access: { create: staffField, update: staffField },
      admin: { position: 'sidebar', description: 'Shown first where readers are listed.' },
    },
  ],
};

/** A relation is an id, or the document once populated. */
function idOf(relation: unknown): unknown {
  return typeof relation === 'object' && relation !== null && 'id' in relation ? relation.id : relation;
}
