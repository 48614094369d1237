import type { CmsWorld, ForumThread } from '../schema.ts';
import { practice } from './practice.ts';
import { sittingRoom } from './sitting-room.ts';

export const forumCategories: CmsWorld['forum_categories'] = [
  {
    slug: 'welcome',
    name: 'Welcome & house rules',
    description: 'How this place works, and where to say hello.',
    position: 0,
  },
  {
    slug: 'cards-coins-runes',
    name: 'Cards, coins & runes',
    description: 'Decks, spreads, hexagrams, staves: the craft of it.',
    position: 1,
  },
  {
    slug: 'the-sky',
    name: 'The sky',
    description: 'Charts, phases, eclipses, and plain looking up.',
    position: 2,
  },
  {
    slug: 'dreams',
    name: 'Dreams',
    description: 'Tell one, listen to one. The dreamer has the last word.',
    position: 3,
  },
  {
    slug: 'after-a-reading',
    name: 'After a reading',
    description: 'What stayed with you, what you did with it, what you would do differently.',
    position: 4,
  },
  { slug: 'tea-room', name: 'The tea room', description: 'Everything else, with biscuits.', position: 5 },
];

export const forumThreads: ForumThread[] = [...sittingRoom, ...practice];
