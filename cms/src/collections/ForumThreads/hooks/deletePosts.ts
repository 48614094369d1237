import type { CollectionBeforeDeleteHook } from 'payload';

/** A thread goes with its posts, in the same transaction. Whoever may delete the thread may do that, so access isn't asked again. */
export const deletePosts: CollectionBeforeDeleteHook = async ({ id, req }) => {
  await req.payload.delete({ collection: 'forum-posts', where: { thread: { equals: id } }, req });
};
