import type { CollectionBeforeValidateHook } from 'payload';

const STANDING = ['slug', 'person', 'featured'] as const;

/**
 * An earlier version brings back words, picture and rates; whose page it is, where it lies and whether it is featured stay as they
 * are now. (Payload leaves out what a reader may not write, and would empty it here.)
 */
export const keepStandingOnRestore: CollectionBeforeValidateHook = ({ data, originalDoc, context }) =>
  context.isRestoringVersion && data
    ? { ...data, ...Object.fromEntries(STANDING.map((name) => [name, originalDoc?.[name]])) }
    : data;
