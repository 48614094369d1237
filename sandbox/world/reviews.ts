import { makePast } from './past.ts';
import type { Review } from './schema.ts';

type Said = [stars: number, text: string, answer?: string];

/** What clients say of readings that the past has, the oldest first. Whether each may be said, the CMS asks realtime. */
const SAID: Said[] = [
  [5, 'I came with one question and left with a better one. No drama, no fog.'],
  [4, 'Calm and to the point. I would have liked a little more time for the last card.'],
  [5, 'Listened first. That alone was worth it.', 'Thank you. Listening is most of the work.'],
  [5, 'Very clear about what can’t be known. I trust somebody who says so.'],
  [
    3,
    'A pleasant talk, but we only touched my question at the end.',
    'You are right, and I am sorry. Begin with the question next time, and hold me to it.',
  ],
  [5, 'Third time here. Remembers what we spoke about, and asks how it went.'],
  [4, 'Good eye for what I was avoiding. The line crackled for a moment.'],
  [5, 'I cried a little and then laughed. Both were needed.'],
  [5, 'Honest, warm, and ended when we were done instead of when my money was.'],
  [4, 'Useful. I wrote three pages in my journal afterwards.'],
  [
    2,
    'It was too general for me. I had hoped for something closer to my situation.',
    'I hear that. Some evenings a picture stays shut, and then I should say so sooner.',
  ],
  [5, 'Explained each card as we went, so that I could disagree. I did, once, and that was the key.'],
  [5, 'Exactly what I needed before a hard conversation with my brother.'],
  [4, 'Kind voice, good questions.'],
  [
    5,
    'I was sceptical. I still am, but I slept well for the first time in weeks.',
    'Stay sceptical, and sleep well.',
  ],
  [5, 'Short, precise, generous.'],
  [3, 'Fine, though it felt a bit hurried.'],
  [5, 'The image of the thaw has stayed with me all month.'],
  [4, 'Knows a lot and doesn’t show it off.'],
  [
    5,
    'Told me plainly that this is a matter for a lawyer and not for cards. Respect.',
    'And I hope that the lawyer was a good one.',
  ],
  [5, 'My connection broke off and we went on right where we were.'],
  [4, 'A thoughtful half hour. I will come back in the new year.'],
  [5, 'Saw the pattern in five minutes that I had circled for five years.'],
  [
    1,
    'Not for me. I wanted a yes or a no.',
    'I don’t give those, and should have told you so before we began.',
  ],
  [5, 'Gentle with my grief, and never pretended to speak for anybody.'],
  [5, 'I recommend this to everybody who thinks too much.'],
  [4, 'Good. The end came a little suddenly because my limit was reached, my own fault.'],
  [5, 'Patient with my bad English.'],
  [5, 'Funny, even. I hadn’t expected that.'],
  [4, 'Helped me to see what staying would cost.'],
  [5, 'Careful with words. I left lighter.'],
  [
    5,
    'It came as it was said: wait, and look again in spring. I did.',
    'I remember. I am glad that you waited.',
  ],
];

/** Fewer are surely too short to be reviewed. */
const LEAST_SECONDS = 300;

export function makeReviews(): Review[] {
  const eligible = makePast().filter(
    ({ seconds, ends, given_back }) =>
      seconds >= LEAST_SECONDS && ends !== 'declined' && ends !== 'cancelled' && given_back === null,
  );
  return eligible
    .filter((_, n) => n % 2 === 0)
    .slice(0, SAID.length)
    .map(({ key, client, reader }, n) => {
      const [stars, text, answer = null] = SAID[n] as Said;
      return { session: key, client, reader, stars, text, answer, hours_after: 1 + ((n * 7) % 40) };
    });
}
