import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { parseWorld, type World } from '../../src/seed/world.ts';

/** A world with one or two of everything. */
export const smallWorld: World = parseWorld({
  people: [
    {
      email: 'admin@soulseer.test',
      subject: 'sandbox|admin-soulseer-test',
      display_name: 'Ada Admin',
      role: 'admin',
      status: 'active',
    },
    {
      email: 'reader@soulseer.test',
      subject: 'sandbox|reader-soulseer-test',
      display_name: 'Rhea',
      role: 'reader',
      status: 'active',
    },
    {
      email: 'reader2@soulseer.test',
      subject: 'sandbox|reader2-soulseer-test',
      display_name: 'Remi',
      role: 'reader',
      status: 'active',
    },
    {
      email: 'client@soulseer.test',
      subject: 'sandbox|client-soulseer-test',
      display_name: 'Cleo',
      role: 'client',
      status: 'active',
    },
    {
      email: 'client2@soulseer.test',
      subject: 'sandbox|client2-soulseer-test',
      display_name: 'Cato',
      role: 'client',
      status: 'active',
    },
    {
      email: 'suspended@soulseer.test',
      subject: 'sandbox|suspended-soulseer-test',
      display_name: 'Sid',
      role: 'client',
      status: 'suspended',
    },
  ],
  specialities: [
    { slug: 'tarot', name: 'Tarot', description: 'Seventy-eight cards.' },
    { slug: 'astrology', name: 'Astrology', description: 'The sky at your birth.' },
  ],
  readers: [
    reader('rhea-sun', 'Rhea Sun', 'reader@soulseer.test', ['tarot', 'astrology']),
    reader('remi-moon', 'Remi Moon', 'reader2@soulseer.test', ['astrology']),
    reader('noor-star', 'Noor Star', null, ['tarot']),
  ],
  article_categories: [{ slug: 'guides', name: 'Guides' }],
  articles: [
    {
      slug: 'first-reading',
      title: 'Your first reading',
      summary: 'What happens, and what does not.',
      body_markdown:
        '## Before\n\nBring **one** question.\n\n- quiet\n- water\n\n[A reader](https://example.org) will ask.',
      cover: { file: 'covers/first-reading.png', alt: 'A table with two cups' },
      category: 'guides',
      author_name: 'Ada',
      related_readers: ['rhea-sun'],
      published_at: '2026-11-01T09:00:00.000Z',
    },
  ],
  gifts: [
    {
      slug: 'rose',
      name: 'Rose',
      description: 'A red rose.',
      price_cents: 199,
      picture: { file: 'gifts/rose.png', alt: 'A rose' },
      position: 1,
    },
  ],
  forum_categories: [{ slug: 'hello', name: 'Hello', description: 'Say hello.', position: 1 }],
  forum_threads: [
    {
      slug: 'new-here',
      title: 'New here',
      category: 'hello',
      author_email: 'client@soulseer.test',
      created_on: '2026-11-02T10:00:00.000Z',
      pinned: false,
      posts: [
        {
          author_email: 'client@soulseer.test',
          body_markdown: 'Hello all.',
          created_on: '2026-11-02T10:00:00.000Z',
        },
        {
          author_email: 'reader@soulseer.test',
          body_markdown: 'Welcome, *Cleo*.',
          created_on: '2026-11-02T11:00:00.000Z',
        },
      ],
    },
  ],
  pages: [
    {
      slug: 'about',
      title: 'About us',
      summary: 'Who we are.',
      body_markdown: 'We are [here](/readers), and **nowhere** else.',
    },
  ],
  guides: [
    {
      slug: 'what-tarot-is',
      speciality: 'tarot',
      title: 'A first tarot reading',
      summary: 'Seventy-eight pictures.',
      body_markdown: '## What it is\n\nCards.',
    },
  ],
  faq: [{ question: 'What does it cost?', answer_markdown: 'See the page.', topic: 'money', position: 0 }],
  navigation: {
    header: [{ label: 'Readers', to: '/readers' }],
    footer: [{ title: 'SoulSeer', links: [{ label: 'About us', to: '/about' }] }],
  },
  horoscopes: [
    { sign: 'leo', days_from_today: 0, text: 'A day of rest.', author_name: 'Rhea Sun' },
    { sign: 'leo', days_from_today: 1, text: 'A day of work.', author_name: 'Rhea Sun' },
  ],
  home: {
    blocks: [
      { kind: 'hero', title: 'Be heard', text: 'Talk with a reader you choose.' },
      { kind: 'featured_readers', title: 'People', readers: ['rhea-sun'] },
      { kind: 'articles', title: 'To read', articles: ['first-reading'] },
      { kind: 'steps', title: 'How', steps: [{ title: 'Choose', text: 'Find somebody.' }] },
    ],
  },
});

function reader(slug: string, name: string, person_email: string | null, specialities: string[]) {
  return {
    slug,
    name,
    person_email,
    headline: `${name} reads calmly`,
    biography_markdown: `I am ${name}.\n\nI read **slowly**.`,
    portrait: { file: `portraits/${slug}.png`, alt: `Portrait of ${name}` },
    specialities,
    languages: ['en', 'fr'],
    time_zone: 'Europe/London',
    country: 'GB',
    years_of_experience: 7,
    rates: { video_cents_per_minute: 499, voice_cents_per_minute: 399, chat_cents_per_minute: null },
    featured: false,
  };
}

/** Draws a plain picture for each file that the world names, in a folder that `close` removes. */
export async function drawPictures(world: World): Promise<{ folder: string; close: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cms-world-'));
  const files = [
    ...world.readers.map((r) => r.portrait),
    ...world.articles.map((a) => a.cover),
    ...world.gifts.map((g) => g.picture),
  ];
  await Promise.all(files.map(({ file }, index) => drawPicture(folder, file, index)));
  return { folder, close: () => rm(folder, { recursive: true, force: true }) };
}

export async function drawPicture(folder: string, file: string, shade: number): Promise<void> {
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
  const background = { r: (shade * 40) % 256, g: 60, b: 120 };
  await sharp({ create: { width: 600, height: 800, channels: 3, background } })
    .png()
    .toFile(path.join(folder, file));
}
