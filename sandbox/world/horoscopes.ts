import type { CmsWorld } from './schema.ts';

/** From the day before the world is first seen to a fortnight after: so many days each sign has something to read. */
const DAYS = { first: -1, last: 14 };

/** What each sign is asked about, in turn. Written to be thought about; nobody’s future is in it. */
const openings = {
  aries: [
    'Something you began in a hurry is asking for its second half. Go back to it before you start the next thing.',
    'You are quicker than the room today. Say your thought, and then wait longer than is comfortable for somebody else’s.',
    'An argument you won last week may not be finished for the other person. Ask how they left it.',
  ],
  taurus: [
    'You know what you want for supper and not what you want from the year. Begin with the supper; the rest follows more often than one thinks.',
    'Somebody mistakes your patience for agreement. A plain sentence now saves a long one later.',
    'What you own has begun to own an afternoon of yours each week. Give one thing away and see how that feels.',
  ],
  gemini: [
    'Two people are waiting for an answer, and you have written both of them in your head. Send the shorter one today.',
    'You can explain everything except why you are tired. Leave the explaining, and look at the calendar.',
    'A story you tell often has changed a little. The part you now leave out may be the interesting one.',
  ],
  cancer: [
    'You are looking after somebody who has not asked for it. Find out whether they would rather be asked.',
    'Home is a place with a door in both directions. Invite somebody in, or go out; either would do you good.',
    'An old kindness comes to mind. The person who did it would like to hear that you remember.',
  ],
  leo: [
    'You have done good work where nobody was looking. Let it be enough for one evening, and then mention it.',
    'Praise is easy to give today and oddly hard to take. Practise with a simple thank you.',
    'Somebody near you is learning what you already know. Let them be slow at it.',
  ],
  virgo: [
    'The list is nearly done, and a new list is already growing beside it. Stop between the two for an hour.',
    'You see the mistake before anybody else does. Decide first whether it matters.',
    'A thing you have been putting right for others could use your hands at home.',
  ],
  libra: [
    'You have weighed it long enough; the scales have not moved since Sunday. Choose the one you would defend to a friend.',
    'Keeping the peace has a price, and you have been paying it alone. Name the sum.',
    'Beauty is no luxury today. Move one chair, or walk the longer way.',
  ],
  scorpio: [
    'You have guessed what somebody meant. You are often right; ask all the same.',
    'A door you closed quietly can be left closed quietly. Nobody needs the reasons again.',
    'What you keep to yourself is asking for one listener, and not for an audience.',
  ],
  sagittarius: [
    'The map is more interesting than the packing, as ever. Pack one thing today.',
    'You promised something in good spirits. Look whether the promise still fits, and say so if it does not.',
    'A long way off is not the only place where something new may be learned. Try next door.',
  ],
  capricorn: [
    'The mountain will be there tomorrow. So will your friends, though not for ever at the same table.',
    'You carry a duty that nobody gave you. Put it down for a day and see who notices.',
    'Good work is a slow conversation. Yours has reached a point at which it would like an answer.',
  ],
  aquarius: [
    'You have the right idea for everybody and no plan for Thursday. Begin with Thursday.',
    'It is possible to be on the side of mankind and still forget to ring your sister.',
    'Something that you call a principle may be a habit in good clothes. Look at the seams.',
  ],
  pisces: [
    'Not every mood in the room is yours. Ask of each one where it came from.',
    'You have dreamed your way through the hard part already. Now write down the first step, in ink.',
    'A boundary is no wall. It is the line from which somebody can wave to you.',
  ],
} as const;

/** What the day asks of everybody. */
const closings = [
  'A question for the evening: what would be enough?',
  'If you only do one thing, let it be the one that takes ten minutes and has waited a month.',
  'Write down three sentences before you sleep, and read them at breakfast.',
  'Leave the telephone in another room for an hour, and see what comes up.',
  'Ask somebody how they are, and stay for the answer.',
];

const signs = Object.keys(openings) as (keyof typeof openings)[];
const days = Array.from({ length: DAYS.last - DAYS.first + 1 }, (_, index) => DAYS.first + index);

export const horoscopes: CmsWorld['horoscopes'] = days.flatMap((day) =>
  signs.map((sign, index) => {
    const at = day - DAYS.first;
    const opening = openings[sign][at % 3] ?? openings[sign][0];
    return {
      sign,
      days_from_today: day,
      text: `${opening}\n\n${closings[(at + index) % closings.length]}`,
      author_name: ['Leila Haddad', 'Ruth Abramson'][index % 2] ?? 'Leila Haddad',
    };
  }),
);
