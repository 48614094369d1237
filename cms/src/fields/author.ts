import { type CollectionBeforeReadHook, createDataloaderCacheKey, type Field } from 'payload';
import { staffField } from '../access/staff.ts';
import type { Person } from '../payload-types.ts';

/** Who wrote something in the forum. The person stays unread by the public; only the name they chose to show is given out. */
export const authorFields: Field[] = [
  {
    name: 'author',
    type: 'relationship',
    relationTo: 'people',
    required: true,
    index: true,
    access: { read: staffField },
    admin: { position: 'sidebar' },
  },
  {
    name: 'author_name',
    label: 'Name shown',
    type: 'text',
    virtual: true,
    admin: { readOnly: true, position: 'sidebar', description: 'The name that others see.' },
  },
];

/**
 * Fills `author_name`. The loader asks for all authors of a list at once.
 * Local API without access: the name that somebody shows is public, the person is not, and no more than the name is read.
 */
export const tellAuthorName: CollectionBeforeReadHook = async ({ doc, req }) => {
  if (typeof doc.author !== 'number') return doc;
  const person = (await req.payloadDataLoader.load(
    createDataloaderCacheKey({
      collectionSlug: 'people',
      currentDepth: 0,
      depth: 0,
      docID: doc.author,
      draft: false,
      fallbackLocale: null,
      locale: 'all',
      overrideAccess: true,
      select: { display_name: true },
      showHiddenFields: false,
      transactionID: req.transactionID as number | string,
    }),
  )) as unknown as Person | null;
  return { ...doc, author_name: person?.display_name ?? null };
};
