import type { CmsWorld } from './schema.ts';

type Guide = CmsWorld['guides'][number];

/** A guide as it is written here: what it is, what happens, and what to bring. */
function guide(
  speciality: string,
  title: string,
  summary: string,
  [what, how, bring]: readonly [string, string, string],
): Guide {
  return {
    slug: `what-${speciality}-is`,
    speciality,
    title,
    summary,
    body_markdown: `## What it is\n\n${what}\n\n## What happens\n\n${how}\n\n## What to bring\n\n${bring}`,
  };
}

/** One for each kind of reading. */
export const guides: Guide[] = [
  guide(
    'tarot',
    'A first tarot reading',
    'Seventy-eight pictures, and a question that they are laid around.',
    [
      'A deck of 78 cards: 22 of the great turns of a life, 56 of its days. The pictures are old, and what they mean has always depended on who asks and who looks.',
      'You say what you have in mind. The reader shuffles, lays a few cards, and tells you what each shows and how they speak to each other. A good reader asks as often as they tell.',
      'A question that begins with “how” or “what” rather than “when” or “will”. Paper, if you like to write.',
    ],
  ),
  guide(
    'astrology',
    'A first look at your chart',
    'The sky at the minute of your birth, read as a map of temper.',
    [
      'A chart shows where sun, moon and planets stood when you were born, and in which houses of the sky. It describes leanings, not sentences.',
      'The reader has drawn your chart before you meet, and walks through it with you: what is strong, what pulls in two directions, and what the sky of this year touches.',
      'Date, place and, if you can find it, the minute of your birth. Without the minute much can be said still, and a reader will tell you what can’t.',
    ],
  ),
  guide(
    'mediumship',
    'Sitting with a medium',
    'For those who miss somebody, with care and without promises.',
    [
      'A medium says what they perceive of people who have died. Nobody can prove it, and an honest medium doesn’t try to.',
      'You sit together quietly. The medium tells you what comes, and asks only whether it means something to you, so as not to be led.',
      'Somebody in mind, and little said of them beforehand. If the loss is fresh, wait a while: grief is better held by a person beside you first.',
    ],
  ),
  guide(
    'numerology',
    'What numbers are read for',
    'Your date and name as a handful of numbers, and what has been seen in them.',
    [
      'Numerology adds the digits of a date and the letters of a name until small numbers remain, and reads those as themes.',
      'The reader works out your numbers in front of you, so that you can follow each step, and then talks of what you recognise in them.',
      'Your full name at birth, the name that you use today, and your date of birth.',
    ],
  ),
  guide('runes', 'Casting runes', 'Twenty-four signs of an old alphabet, drawn by hand from a bag.', [
    'Runes were letters first, and each had a name: cattle, hail, gift, birch. Casting them takes the names for pictures of what is going on.',
    'The reader draws one, three or more and speaks of them in turn. It is a plain way of reading: few signs, short answers.',
    'One matter that is stuck. Runes are good at showing what it hangs on.',
  ]),
  guide(
    'i-ching',
    'Asking the Book of Changes',
    'Three coins, six lines, and a text that has been read for three thousand years.',
    [
      'The I Ching has 64 short chapters, each made of six whole or broken lines. Coins or yarrow stalks choose one, and often a second into which it changes.',
      'You throw six times, or the reader does for you. Then you read the chapter together, slowly: its pictures are of wells, wagons, wind over water.',
      'Patience, and a question about how to act. The book answers badly when it is asked what others will do.',
    ],
  ),
  guide('palmistry', 'Having your palm read', 'The lines of a hand, which change more than people think.', [
    'Palmistry looks at the shape of the hand, the lines and the small hills under the fingers, and reads them for temper and habits.',
    'You hold both palms to the camera, in good light. The reader compares them: one is said to show what you came with, the other what you made of it.',
    'Daylight or a lamp beside you, and clean hands. It works by video, not by voice alone.',
  ]),
  guide(
    'dream-work',
    'Working with a dream',
    'Nobody knows what your dream means but you. Somebody can help you to find it.',
    [
      'A dream is treated as a letter from yourself. Dictionaries of symbols are of little use: your staircase isn’t mine.',
      'You tell the dream as if it happened now. The reader asks about places, feelings and the odd detail, until one of them begins to speak.',
      'The dream, written down as soon as you woke, with the things that make no sense.',
    ],
  ),
  guide(
    'coaching',
    'An hour of coaching',
    'No cards and no stars: questions, and something that you’ll do on Tuesday.',
    [
      'Coaching looks forward. It takes a wish that is vague and works on it until it is a step.',
      'You talk, the reader asks. At the end you say what you will do, and by when, and perhaps when you will talk again.',
      'Something that you have been putting off. Coaching is no therapy, and a good coach says so when that is what you need.',
    ],
  ),
  guide(
    'lenormand',
    'Thirty-six small cards',
    'Ship, letter, garden, key: everyday pictures, read in pairs.',
    [
      'Lenormand cards show plain things, and no card means much by itself. They are read like words in a sentence.',
      'The reader lays a line or a square and reads the neighbours: letter beside house, fox beside ring. It is good for matters of every day.',
      'A concrete question: the flat, the job, the letter that hasn’t come.',
    ],
  ),
  guide(
    'human-design',
    'Reading a Human Design chart',
    'A young system that draws how you decide, and asks you to try it.',
    [
      'Human Design was put together in the 1980s from astrology, the I Ching and other sources. Its chart describes how somebody is said to decide best.',
      'The reader explains your type and what it proposes, and you look for where your life agrees and where it doesn’t.',
      'Date, place and minute of birth, and a decision that lies before you to try it on.',
    ],
  ),
  guide('energy-work', 'A session of energy work', 'Quiet, attention and breath, at a distance.', [
    'Energy work is a guided rest. Traditions explain it in different ways; what people report is calm.',
    'You sit or lie down. The reader speaks you through it, falls silent for a time, and asks afterwards what you noticed.',
    'A place where nobody disturbs you. It heals no illness: for that, please see a doctor.',
  ]),
];
