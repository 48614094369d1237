import type { CmsWorld } from './schema.ts';

export const home: CmsWorld['home'] = {
  blocks: [
    {
      kind: 'hero',
      title: 'Somebody to think it through with, by lamplight',
      text: 'Talk with a reader by video, voice or chat, and pay by the minute. You see the rate before you begin, the cost as you go, and a receipt when you leave. Nobody here will tell you that you are cursed.',
    },
    {
      kind: 'featured_readers',
      title: 'People, before anything else',
      readers: [
        'amara-okafor',
        'kenji-morimoto',
        'leila-haddad',
        'maeve-oconnell',
        'mateus-aroeira',
        'ruth-abramson',
      ],
    },
    { kind: 'online_readers', title: 'Here now' },
    {
      kind: 'steps',
      title: 'From a question to a quiet hour',
      steps: [
        {
          title: 'Find a voice you trust',
          text: 'Every reader has written their own page: how they work, what they leave alone, which languages they speak. Read two or three before you choose.',
        },
        {
          title: 'Begin with enough for three minutes',
          text: 'Put money in your wallet with a card. A session starts when both of you are there, and the clock stops whenever one of you is not.',
        },
        {
          title: 'Leave whenever you like',
          text: 'You can end at any moment and pay no more than the minutes you were together. Limits that you set on your own spending are kept, also against your own late-night wishes.',
        },
        {
          title: 'Keep what was useful',
          text: 'Your notes are yours alone. Write down what struck you, sleep on it, and throw away the rest.',
        },
      ],
    },
    {
      kind: 'horoscopes',
      title: 'Something for today',
      text: 'A few sentences for each sign, written to be thought about. Nobody’s future is in them.',
    },
    {
      kind: 'articles',
      title: 'From our articles',
      articles: ['preparing-for-a-first-reading', 'what-a-reader-cannot-tell-you', 'reading-your-moon-sign'],
    },
    { kind: 'guides', title: 'What each kind of reading is' },
    {
      kind: 'call_to_action',
      title: 'No hurry. The lamp stays on.',
      text: 'Look around, read an article, listen in on the forum. A reading is for reflection and company; it does not replace a doctor, a lawyer or a good friend. When you have a question worth an evening, somebody is here in nearly every time zone.',
      label: 'Meet our readers',
      to: '/readers',
    },
  ],
};
