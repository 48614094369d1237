import type { Speciality } from './schema.ts';

export const specialities: Speciality[] = [
  {
    slug: 'tarot',
    name: 'Tarot',
    description:
      'Seventy-eight pictures laid out beside your question. A good tarot reading describes where you stand, what pulls at you, and what you might be stepping over.',
  },
  {
    slug: 'astrology',
    name: 'Astrology',
    description:
      'The sky at the moment you were born, read as a map of temperament and timing. Bring your birth date, place and, if you can find it, the time.',
  },
  {
    slug: 'mediumship',
    name: 'Mediumship',
    description:
      'A quiet sitting given to somebody you have lost. Our mediums promise no contact and no proof; they offer what comes, with care for the person who is grieving.',
  },
  {
    slug: 'numerology',
    name: 'Numerology',
    description:
      'Patterns found in a name and a date of birth. Tidy, structured and surprisingly talkative: a good way in for people who like to see the working.',
  },
  {
    slug: 'runes',
    name: 'Runes',
    description:
      'Twenty-four old letters, each with a weather of its own. Rune casts are short and plain-spoken, and suit one clear question.',
  },
  {
    slug: 'i-ching',
    name: 'I Ching',
    description:
      'The Book of Changes answers a question with an image and a direction of movement. It seldom says yes or no; it shows how a situation is turning.',
  },
  {
    slug: 'palmistry',
    name: 'Palmistry',
    description:
      'Hands held up to the camera, and a conversation about how you use them. Palmists here speak of character and habit, never of how long you will live.',
  },
  {
    slug: 'dream-work',
    name: 'Dream work',
    description:
      'You bring a dream and somebody listens to it properly. The dreamer always has the last word about what it means.',
  },
  {
    slug: 'coaching',
    name: 'Coaching',
    description:
      'Practical conversations about a decision, a change or a stuck place, with something you can try by the end of the week.',
  },
  {
    slug: 'lenormand',
    name: 'Lenormand',
    description:
      'Thirty-six small cards of everyday things: a letter, a key, a ship. Lenormand is read in sentences and is at its best with practical matters.',
  },
  {
    slug: 'human-design',
    name: 'Human Design',
    description:
      'A modern system that draws a chart from your birth details and asks how you decide, rest and work with others. Treat it as an experiment to try on.',
  },
  {
    slug: 'energy-work',
    name: 'Energy work',
    description:
      'Guided attention to breath, body and mood. Restful rather than medical: it sits beside proper care and never in place of it.',
  },
];
