/** What the pictures of pages without a document of their own say. */
export const shareWords = {
  home: {
    kicker: 'Live readings',
    title: 'Somebody to think it through with',
    line: 'By video, voice or chat, paid by the minute.',
  },
  readers: {
    kicker: 'The directory',
    title: 'Readers',
    line: 'By speciality, language, price, and how you’d like to talk.',
  },
  articles: { kicker: 'To read first', title: 'Articles', line: 'On readings, questions and the sky.' },
  guides: {
    kicker: 'Kinds of reading',
    title: 'Guides',
    line: 'What each is, what it isn’t, and how to prepare.',
  },
  horoscopes: {
    kicker: 'Every day',
    title: 'Horoscopes',
    line: 'A few sentences for each sign, written to be thought about.',
  },
  faq: {
    kicker: 'Good to know',
    title: 'Questions and answers',
    line: 'What readings cost, how they work, and how we choose our readers.',
  },
  shop: {
    kicker: 'Made or chosen by our readers',
    title: 'Shop',
    line: 'Decks, candles, journals, audio and courses.',
  },
  'become-a-reader': {
    kicker: 'For readers',
    title: 'Read for others',
    line: 'Your own rates and hours, and 70 % of every minute.',
  },
} as const;
