import type { CollectionConfig } from 'payload';
import { anyone } from '../../access/anyone.ts';
import { nobody } from '../../access/nobody.ts';
import { wholeNumber } from '../../fields/wholeNumber.ts';

const count = (name: string) =>
  wholeNumber({ name, min: 0, max: 100_000_000, required: true, defaultValue: 0 });

/**
 * What a reader's shown reviews come to, written with each of them (reviews/rating.ts) and by nobody. It stands apart from the
 * reader, whose page is written whole from a form and from earlier versions.
 */
export const Ratings: CollectionConfig = {
  slug: 'ratings',
  access: { create: nobody, read: anyone, update: nobody, delete: nobody },
  disableDuplicate: true,
  lockDocuments: false,
  defaultSort: '-weighted',
  admin: { hidden: true },
  fields: [
    { name: 'reader', type: 'relationship', relationTo: 'readers', required: true, unique: true },
    count('count'),
    ...['one', 'two', 'three', 'four', 'five'].map(count),
    { name: 'average', type: 'number', min: 1, max: 5, required: true },
    { name: 'weighted', type: 'number', min: 1, max: 5, required: true, index: true },
  ],
};
