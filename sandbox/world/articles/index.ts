import { readdirSync, readFileSync } from 'node:fs';
import type { Article, CmsWorld } from '../schema.ts';

export const articleCategories: CmsWorld['article_categories'] = [
  { slug: 'first-steps', name: 'First steps' },
  { slug: 'the-craft', name: 'The craft' },
  { slug: 'sky-and-seasons', name: 'Sky & seasons' },
  { slug: 'care-and-boundaries', name: 'Care & boundaries' },
];

/** An article is a Markdown file here: `name: value` lines, a line of three dashes, the text. Its name is its slug. */
function readArticle(name: string): Article {
  const source = readFileSync(new URL(name, import.meta.url), 'utf8');
  const end = source.indexOf('\n---\n');
  if (end < 0) throw new Error(`${name}: no line of three dashes after its heading lines`);
  const heading = new Map(
    source
      .slice(0, end)
      .split('\n')
      .map((line) => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2).trim()] as const;
      }),
  );
  const value = (key: string) => {
    const found = heading.get(key);
    if (!found) throw new Error(`${name}: no ${key}`);
    return found;
  };
  const slug = name.replace(/\.md$/, '');
  return {
    slug,
    title: value('title'),
    summary: value('summary'),
    body_markdown: source.slice(end + 5).trim(),
    cover: { file: `covers/${slug}.avif`, alt: value('cover') },
    category: value('category'),
    author_name: value('author'),
    related_readers: value('related').split(', '),
    published_at: value('published'),
  };
}

/** Every article, the oldest first. */
export const articles: Article[] = readdirSync(new URL('.', import.meta.url))
  .filter((name) => name.endsWith('.md'))
  .map(readArticle)
  .sort((a, b) => a.published_at.localeCompare(b.published_at));
