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
  updatedAt: '2026-10-02T08:00:00.000Z',
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

const about = {
  id: 1,
  updatedAt: '2026-10-02T08:00:00.000Z',
  slug: 'about',
  title: 'About <us>',
  summary: 'Who we are.',
  body: text('We are here.'),
  seo: { title: 'Who we are', description: 'In a few words.', picture: null, unlisted: false },
};

const guide = { ...about, slug: 'what-tarot-is', title: 'A first tarot reading', seo: {}, speciality: tarot };

const question = {
  id: 1,
  question: 'What does it cost?',
  answer: text('See the page.'),
  topic: 'money',
  position: 0,
};

export const navigation = {
  header: [
    { label: 'Readers', to: '/readers' },
    { label: 'Our guides', to: '/guides' },
  ],
  footer: [{ title: 'Good to know', links: [{ label: 'Safety', to: '/safety#help' }] }],
};

const ratings = [
  { id: 1, reader: 1, count: 2, one: 0, two: 0, three: 0, four: 1, five: 1, average: 4.5, weighted: 4.1 },
  { id: 2, reader: 2, count: 1, one: 0, two: 0, three: 0, four: 0, five: 1, average: 5, weighted: 4.1111 },
];

const review = {
  id: 5,
  stars: 5,
  text: 'Calm </p><script>alert(1)</script>\nand <b>kind</b>.',
  author_name: 'Cleo <i>',
  written_at: '2026-10-02T08:00:00.000Z',
  edited_at: null,
  answer: null,
};

const article = {
  id: 1,
  updatedAt: '2026-10-02T08:00:00.000Z',
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

/** One for today, and one for tomorrow. */
const horoscopes = () =>
  [0, 1].map((days) => ({
    id: days + 1,
    sign: 'leo',
    date: `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)}T12:00:00.000Z`,
    text: `A <b>day</b> ${days === 0 ? 'of rest' : 'of work'}.\n\nAnd a second thought.`,
    author_name: 'Leila',
  }));

const home = {
  blocks: [
    { blockType: 'hero', title: 'Somebody to think it through with', text: 'Talk with a reader.' },
    // The second one is a draft, which comes as its id.
    { blockType: 'featured_readers', title: 'People', readers: [amara, 99] },
    { blockType: 'online_readers', title: 'Here now' },
    { blockType: 'steps', title: 'How it goes', steps: [{ title: 'Find a voice', text: 'Read.' }] },
    { blockType: 'guides', title: 'What each kind of reading is' },
    { blockType: 'articles', title: 'From our articles', articles: [article] },
    { blockType: 'horoscopes', title: 'For today', text: '' },
    { blockType: 'quote', text: 'It was <b>calm</b>.', author_name: 'Somebody' },
    { blockType: 'text_and_picture', title: 'A room of one’s own', text: 'One.\n\nTwo.', picture: portrait },
    {
      blockType: 'call_to_action',
      title: 'No hurry.',
      text: 'Look around.',
      label: 'Meet them',
      to: '/readers',
    },
  ],
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
      return page(asked.includes('[slug][equals]') && !asked.includes('the-longest-night') ? [] : [article]);
    case '/api/globals/navigation':
      return navigation;
    case '/api/pages':
      return page([about]);
    case '/api/guides':
      return page([guide]);
    case '/api/horoscopes':
      return page(
        horoscopes().filter(({ date }) => {
          const [from = '', to = ''] = asked.match(/\d{4}-\d\d-\d\dT[\d:.]+Z/g) ?? [];
          return from <= date && date <= to;
        }),
      );
    case '/api/faq':
      return page([question]);
    case '/api/redirects':
      return page([
        { id: 1, from: '/old/page', to: '/about', permanent: true },
        { id: 2, from: '/for-now', to: 'https://elsewhere.test/x', permanent: false },
      ]);
    case '/api/ratings':
      return page(ratings);
    case '/api/reviews':
      return page(asked.includes('equals]=1') ? [review] : []);
    case '/api/reviews/mine':
      return { reviews: [] };
    case '/api/favourites':
      return page([{ id: 3, reader: 1 }]);
    case '/api/readers/summary':
      return { readers: 2, languages: ['en', 'ig', 'pl'], lowest_cents_per_minute: 99 };
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
  response.end(JSON.stringify(body ?? { code: 'not_found', errors: [{ message: 'Not Found' }] }));
}
