import type { ForumThread } from '../schema.ts';

/** Author's account name, when (UTC, to the minute), and what they wrote. */
type Post = [author: string, written: string, body_markdown: string];

/** A thread: its first post opens it. */
export const thread = (
  category: string,
  slug: string,
  title: string,
  posts: [Post, ...Post[]],
  pinned = false,
): ForumThread => {
  const written = posts.map(([author, time, body_markdown]) => ({
    author_email: `${author}@soulseer.test`,
    body_markdown,
    created_on: `${time}:00Z`,
  }));
  const { author_email, created_on } = written[0] as (typeof written)[number];
  return { slug, title, category, author_email, created_on, pinned, posts: written };
};
