import { APIError, type CollectionBeforeDeleteHook, type CollectionSlug } from 'payload';

type Use = { collection: CollectionSlug; field: string; plural: string };

/** Keeps a document that others need: says who uses it, where the database would only answer with a broken key. */
export function refuseWhileUsed(...uses: Use[]): CollectionBeforeDeleteHook {
  return async ({ id, req }) => {
    for (const { collection, field, plural } of uses) {
      // Local API without access: a use that the asker can't see is a use all the same, and only its number is told.
      const { totalDocs } = await req.payload.count({ collection, where: { [field]: { equals: id } }, req });
      if (totalDocs > 0) {
        throw new APIError(
          `Still used by ${totalDocs} ${plural}. Change those first.`,
          409,
          { code: 'in_use' },
          true,
        );
      }
    }
  };
}
