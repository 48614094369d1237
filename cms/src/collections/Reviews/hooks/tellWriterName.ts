import type { CollectionBeforeReadHook } from 'payload';
import { tellAuthorName } from '../../../fields/author.ts';

/** A reading is a private matter: of whoever wrote about one no more than the first word of their name is public. */
export const tellWriterName: CollectionBeforeReadHook = async (args) => {
  const doc = await tellAuthorName(args);
  const name: unknown = doc.author_name;
  return { ...doc, author_name: typeof name === 'string' ? (name.trim().split(/\s+/)[0] ?? null) : null };
};
