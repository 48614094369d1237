import type { CollectionBeforeDeleteHook } from 'payload';

/**
 * A thread goes with its posts, in the same transaction.
 * Local API without access: whoever may delete the thread may do that, so it isn't asked again.
 */
export const deletePosts: CollectionBeforeDeleteHook = async ({ id, req }) => {
  await req.payload.delete({ collection: 'forum-posts', where: { thread: { equals: id } }, req });
};
