import type { GroupField } from 'payload';
import { wholeNumber } from './wholeNumber.ts';

/** $100 a minute. */
const MAX_CENTS = 10_000;

const rate = (name: string, label: string) =>
  wholeNumber({
    name,
    label,
    min: 1,
    max: MAX_CENTS,
    admin: { width: '33%', placeholder: 'Not offered', step: 1 },
  });

/** What a minute costs in each way of meeting, in cents. Empty means that it isn't offered. */
export const ratesField: GroupField = {
  name: 'rates',
  type: 'group',
  label: 'Rates a minute',
  admin: {
    description: 'In cents (399 is $3.99). Leave a field empty if you do not offer that kind of reading.',
  },
  fields: [
    {
      type: 'row',
      fields: [
        rate('video_cents_per_minute', 'Video'),
        rate('voice_cents_per_minute', 'Voice'),
        rate('chat_cents_per_minute', 'Chat'),
      ],
    },
  ],
};
