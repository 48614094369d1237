import { people } from './people.ts';
import type { PastSession } from './schema.ts';

/** Numbers that a seed decides (mulberry32), so that the past is the same whenever it is made. */
function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const SESSIONS = 112;
const DAYS = 90;
/** The readers of the demo world who have an account, and what each offers. */
const READERS = ['reader@soulseer.test', 'reader2@soulseer.test'];

const OPENINGS: [client: string, reader: string][] = [
  ['Hello! I have been turning the same question over for weeks.', 'Good evening. Tell me where it begins.'],
  ['Can you see the card I drew this morning?', 'I can. Hold it a little closer, please.'],
  ['It is about the move. I keep putting it off.', 'Then let us look at what staying costs you.'],
  ['Last time you said “wait for the thaw”. It came.', 'I remember. What did it uncover?'],
  ['I only have a few minutes, is that all right?', 'A few minutes is enough for one honest answer.'],
];

const ENDS: PastSession['ends'][] = [
  'client',
  'client',
  'reader',
  'client',
  'maximum',
  'client',
  'lost',
  'reader',
];

/** Who had a session with whom, when and for how long, as the engine of realtime is to play it. */
export function makePast(): PastSession[] {
  const next = random(5);
  const upTo = (n: number) => Math.floor(next() * n);
  const clients = people.filter(({ role, status }) => role === 'client' && status === 'active');
  const [first, second, ...others] = clients.map(({ subject }) => subject);
  const readers = READERS.map((email) => people.find((one) => one.email === email)?.subject);
  if (!first || !second || readers.some((one) => one === undefined))
    throw new Error('the demo accounts are not among the people');
  return Array.from({ length: SESSIONS }, (_, n): PastSession => {
    // The two demo clients come often, the others now and then.
    const client = n % 4 === 0 ? first : n % 4 === 2 ? second : (others[upTo(others.length)] ?? first);
    const unanswered = n % 19 === 7;
    const seconds = 60 * (2 + upTo(n % 5 === 0 ? 20 : 9)) + upTo(60);
    const opening = OPENINGS[n % OPENINGS.length];
    return {
      key: `past-${n + 1}`,
      client,
      reader: readers[n % 3 === 0 ? 1 : 0] as string,
      days_ago: DAYS - Math.floor((n * (DAYS - 1)) / SESSIONS),
      // No two of one day at the same hour.
      minute_of_day: (9 + (n % 11)) * 60 + upTo(10),
      modality: n % 6 === 4 ? 'voice' : 'video',
      seconds: unanswered ? 0 : seconds,
      ends: unanswered ? (n % 2 === 0 ? 'declined' : 'cancelled') : (ENDS[upTo(ENDS.length)] ?? 'client'),
      pauses: n % 7 === 3 ? [{ after_seconds: 75 + upTo(30), for_seconds: 20 + upTo(100) }] : [],
      messages: unanswered || !opening || n % 2 === 1 ? [] : [...opening],
      given_back:
        n % 28 === 16 ? { minutes: [1], reason: 'The picture froze for most of the first minute.' } : null,
    };
  }).sort((a, b) => b.days_ago - a.days_ago || a.minute_of_day - b.minute_of_day);
}
