import type { CmsWorld } from './schema.ts';

/** Pages of plain words. They say what the platform does, and nothing that it doesn't. */
export const pages: CmsWorld['pages'] = [
  {
    slug: 'about',
    title: 'About SoulSeer',
    summary: 'A place to talk with a reader, paid by the minute, with nothing hidden.',
    body_markdown: `SoulSeer brings people who would like to be listened to together with readers who do it for a living: tarot, astrology, dreams, the cards of their own grandmothers.

## What we hold to

- You see what a minute costs before it begins, and what you have spent while it runs.
- The clock runs only while both of you are there. When somebody’s connection breaks, it stops.
- Every session ends with a receipt that you can check yourself, minute by minute.
- Readers set their own rates and hours, and keep 70 % of every minute.

## What a reading is not

It is a conversation for guidance and entertainment. It is no medical, legal or financial advice, and nobody here can see the future for certain. A reader who tells you that you are cursed, and that it costs extra to lift it, has no place here: please tell us.`,
  },
  {
    slug: 'safety',
    title: 'Safety',
    summary: 'How we keep the room safe, and where to turn when it is more than a reading can hold.',
    body_markdown: `## If you are in danger

If you or somebody near you may come to harm, call the emergency number of where you are. A reader can’t help you there, and we don’t want you to wait for one.

- Everywhere in the European Union: **112**
- In the United States and Canada: **911**; for thoughts of suicide, call or text **988**
- In the United Kingdom and Ireland: **999** or **112**; Samaritans: **116 123**
- Elsewhere: [findahelpline.com](https://findahelpline.com) lists lines by country

## What readers agree to

1. No predictions of death, illness, pregnancy or the outcome of a trial.
2. No fear for sale: no curses, no rituals that cost extra, no pressure to stay longer.
3. No contact and no payment outside SoulSeer.
4. What you say stays between you, unless somebody is in danger.

## What you can do

You can leave a room at any moment, and the meter stops. You can set yourself a limit for a day, a week or a session, and lower it at once; raising it takes a day. And you can always write to us.

SoulSeer is for people of 18 years and more.`,
  },
  {
    slug: 'terms',
    title: 'Terms of use',
    summary: 'What you and we agree on when you use SoulSeer.',
    body_markdown: `These are the terms of the demonstration. An installation for real people needs terms of its own, written for the country that it works in.

## Who may use it

You have to be 18 years old or more. One person has one account, and keeps it to themselves.

## Readings

Readings are for guidance and entertainment. They are given by independent readers, who are responsible for what they say. We check who they are before their page is public.

## Money

Prices are in US dollars. A minute is paid when it begins, from the money in your wallet, at the rate that was shown when the session was made. The [refund rules](/refunds) say when money goes back.

## What isn’t allowed

Threats, hate, deceit, recording somebody without their consent, and arranging contact or payment outside SoulSeer. Who does so may be suspended, which ends their sessions at once.

## When something goes wrong

Write to us. We can give back any minute of any session, with the reason for both to see.`,
  },
  {
    slug: 'privacy',
    title: 'Privacy',
    summary: 'What we know of you, why, and who else sees it.',
    body_markdown: `## What we keep

- **Your account:** your name, your email address, and how you sign in. Passwords are the sign-in service’s; we never see them.
- **Your wallet:** every movement of money, with its time. These can’t be changed by anybody, not even by us.
- **Your sessions:** when both of you were there, and what it cost. Picture and sound are not recorded.
- **What you write:** chats for both who took part, notes for you alone. A review is for everybody, and shows your first name.

## Who sees it

Your reader sees the name that you show to others. Staff see your account when they need to help you, and what they do is written down. Card numbers go to the payment service and never reach us.

If you apply to become a reader, your documents are seen by those of our staff who decide, and by nobody else.

## Cookies

One keeps you signed in, and one tells us your time zone, so that times are yours. There are no advertisements here, and nobody is told what you look at.

## Your rights

You can ask for everything that we know of you, and you can close your account. Movements of money stay, without your name.`,
  },
  {
    slug: 'refunds',
    title: 'Refund rules',
    summary: 'When money goes back, how much of it, and how long that takes.',
    body_markdown: `## Readings

- Under ten seconds together, nothing is charged.
- A minute that was charged although one of you was already gone is given back by itself when the session ends. In doubt it is decided for you.
- If something went wrong with a reading, write to us within 14 days. We can give back some of its minutes or all of them, and both of you see the reason.

## Money in your wallet

Money that you put in by card and haven’t spent goes back to that card when you ask for it. What has been spent on readings can’t be taken back from the card; it goes back to the wallet first, as above.

## The shop

Digital goods can be given back until they are downloaded. Other goods can be sent back within 14 days.

## How long it takes

To the wallet: at once. To a card: usually five to ten days, which is the bank’s time and not ours.`,
  },
];

export const faq: CmsWorld['faq'] = [
  {
    question: 'What does a reading cost?',
    answer_markdown:
      'Each reader sets a rate a minute for video, voice and chat, and it stands on their page. You pay for minutes that begin while both of you are there, and for no others.',
    topic: 'money',
    position: 0,
  },
  {
    question: 'How much do I need to begin?',
    answer_markdown:
      'Enough for three minutes at the reader’s rate. That way nobody is cut off before they have said hello.',
    topic: 'money',
    position: 1,
  },
  {
    question: 'What happens when my money runs out?',
    answer_markdown:
      'You are told three, two and one minute before. You can add money without leaving the room. If you don’t, the session ends with the minute that you have paid for.',
    topic: 'money',
    position: 2,
  },
  {
    question: 'What if the connection breaks?',
    answer_markdown:
      'The meter stops. You have five minutes to come back, and go on where you were; the rest of a minute that was paid already is used first.',
    topic: 'readings',
    position: 3,
  },
  {
    question: 'Is a reading recorded?',
    answer_markdown:
      'No. Picture and sound go from one of you to the other and are not kept. A chat is kept for both of you.',
    topic: 'readings',
    position: 4,
  },
  {
    question: 'Can a reader tell me what will happen?',
    answer_markdown:
      'No, and a good one says so. A reading is for guidance and entertainment: somebody looks at your question with you, from a side that you may not have tried.',
    topic: 'readings',
    position: 5,
  },
  {
    question: 'How do you choose readers?',
    answer_markdown:
      'Somebody of ours reads every application and looks at the documents that come with it. You can [apply](/become-a-reader) if you are 18 or older.',
    topic: 'readers',
    position: 6,
  },
  {
    question: 'How can I set myself a limit?',
    answer_markdown:
      'In your wallet: for a day, for a week, for a session, or a pause on all spending. A lower limit counts at once, a higher one after a day.',
    topic: 'account',
    position: 7,
  },
];

export const navigation: CmsWorld['navigation'] = {
  header: [
    { label: 'Readers', to: '/readers' },
    { label: 'Articles', to: '/articles' },
    { label: 'Shop', to: '/shop' },
  ],
  footer: [
    {
      title: 'SoulSeer',
      links: [
        { label: 'About us', to: '/about' },
        { label: 'Guides', to: '/guides' },
        { label: 'Horoscopes', to: '/horoscopes' },
        { label: 'Questions and answers', to: '/faq' },
        { label: 'Become a reader', to: '/become-a-reader' },
      ],
    },
    {
      title: 'Good to know',
      links: [
        { label: 'Safety', to: '/safety' },
        { label: 'Refund rules', to: '/refunds' },
        { label: 'Terms of use', to: '/terms' },
        { label: 'Privacy', to: '/privacy' },
      ],
    },
  ],
};
