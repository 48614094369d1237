import type { IncomingMessage, ServerResponse } from 'node:http';

// What the CMS answers, in the shape in which Payload's REST API gives it.

const media = 'http://media.example.test';

export const tarot = { id: 1, slug: 'tarot', name: 'Tarot', description: 'Cards.' };

const portrait = {
  id: 7,
  alt: 'A woman at a window',
  url: `${media}/amara.avif`,
  width: 960,
  height: 1200,
  sizes: { card: { url: `${media}/amara-480x600.avif`, width: 480, height: 600 } },
};

const text = (words: string) => ({
  root: {
    type: 'root',
    children: [{ type: 'paragraph', children: [{ type: 'text', text: words, format: 0 }] }],
  },
});

export const amara = {
  id: 1,
  slug: 'amara-okafor',
  name: 'Amara Okafor',
  headline: 'Tarot for people in the <middle> of a decision.',
  biography: text('I grew up over a shop & <b>liked</b> it.'),
  portrait,
  specialities: [tarot],
  languages: ['en', 'ig'],
  time_zone: 'Europe/London',
  country: 'GB',
  years_of_experience: 14,
  rates: { video_cents_per_minute: 399, voice_cents_per_minute: 349, chat_cents_per_minute: 249 },
  featured: true,
};

export const tomasz = {
  ...amara,
  id: 2,
  slug: 'tomasz-wierzbicki',
  name: 'Tomasz Wierzbicki',
  headline: 'Runes and plain words.',
  languages: ['pl', 'en'],
  time_zone: 'Europe/Warsaw',
  country: 'PL',
  rates: { video_cents_per_minute: null, voice_cents_per_minute: null, chat_cents_per_minute: 99 },
};

const article = {
  id: 1,
  slug: 'the-longest-night',
  title: 'The longest night',
  summary: 'On waiting.',
  body: text('It was dark.'),
  cover: { ...portrait, url: `${media}/night.avif` },
  category: { id: 1, slug: 'sky', name: 'Sky' },
  author_name: 'Sam',
  related_readers: [amara],
  published_at: '2026-10-02T08:00:00.000Z',
};

const home = {
  hero_title: 'Somebody to think it through with',
  hero_text: 'Talk with a reader.',
  // The second one is a draft, which comes as its id.
  featured_readers: [amara, 99],
  featured_articles: [article],
  steps: [{ title: 'Find a voice', text: 'Read.' }],
  closing_title: 'No hurry.',
  closing_text: 'Look around.',
};

const page = (docs: unknown[]) => ({
  docs,
  totalDocs: docs.length,
  totalPages: 1,
  page: 1,
  hasNextPage: false,
});

function bodyFor(url: URL): unknown {
  const asked = decodeURIComponent(url.search);
  switch (url.pathname) {
    case '/ready':
      return { status: 'ready' };
    case '/api/globals/home':
      return home;
    case '/api/specialities':
      return page([tarot]);
    case '/api/articles':
      return page(asked.includes('[slug]') && !asked.includes('the-longest-night') ? [] : [article]);
    case '/api/readers':
      if (asked.includes('[slug][equals]') && !asked.includes('specialities')) {
        return page([amara, tomasz].filter(({ slug }) => asked.includes(slug)));
      }
      return page(asked.includes('rates.video') ? [amara] : [amara, tomasz]);
    default:
      return undefined;
  }
}

/** Answers like the CMS with two readers, one article and a home page. */
export function answerAsCms(request: IncomingMessage, response: ServerResponse): void {
  const body = bodyFor(new URL(request.url ?? '/', 'http://cms'));
  response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body ?? { errors: [{ message: 'Not Found' }] }));
}
