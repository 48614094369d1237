import type { CollectionConfig } from 'payload';
import { anybodySignedIn } from '../../access/anybodySignedIn.ts';
import { nobodyField } from '../../access/nobody.ts';
import { ownPerson } from '../../access/ownPerson.ts';
import { keepOwner, needsPublishedReader } from './hooks/keepOwner.ts';
import { tellNoNotice, tellNotice } from './hooks/tellNotice.ts';

/** Readers whom somebody keeps in mind (D3). Private: the reader isn't told by whom. */
export const Favourites: CollectionConfig = {
  slug: 'favourites',
  access: { create: anybodySignedIn, read: ownPerson, update: ownPerson, delete: ownPerson },
  disableDuplicate: true,
  lockDocuments: false,
  defaultSort: '-createdAt',
  admin: { hidden: true },
  indexes: [{ fields: ['person', 'reader'], unique: true }],
  hooks: {
    beforeValidate: [keepOwner],
    beforeChange: [needsPublishedReader],
    afterChange: [tellNotice],
    beforeDelete: [tellNoNotice],
  },
  fields: [
    {
      name: 'reader',
      type: 'relationship',
      relationTo: 'readers',
      required: true,
      index: true,
      access: { update: nobodyField },
    },
    {
      name: 'notify',
      label: 'Tell me when they come online',
      type: 'checkbox',
      defaultValue: false,
    },
    {
      name: 'person',
      type: 'relationship',
      relationTo: 'people',
      required: true,
      index: true,
      access: { read: nobodyField, create: nobodyField, update: nobodyField },
    },
  ],
};
