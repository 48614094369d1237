import type { Gift } from './schema.ts';

const gift = (slug: string, name: string, price_cents: number, description: string, alt: string) => ({
  slug,
  name,
  description,
  price_cents,
  alt,
});

/** What viewers of a live stream can send, the smallest first. */
export const gifts: Gift[] = [
  gift('star', 'Star', 50, 'A small thank-you, easily given.', 'A golden five-pointed star'),
  gift('clover', 'Clover', 100, 'For a bit of luck, which nobody can promise.', 'A four-leaved clover'),
  gift('feather', 'Feather', 150, 'Something said lightly that landed well.', 'A dusk-blue feather'),
  gift('candle', 'Candle', 200, 'Keep going, we’re listening.', 'A lit candle in a holder'),
  gift(
    'cup-of-tea',
    'Cup of tea',
    350,
    'You have been talking for a while. Sit down.',
    'A steaming cup of tea',
  ),
  gift('rose', 'Rose', 500, 'With warmth.', 'A terracotta rose on its stem'),
  gift('key', 'Key', 750, 'You opened a door for me.', 'An ornate golden key'),
  gift('lantern', 'Lantern', 1000, 'For light on a dark stretch of road.', 'A glowing lantern'),
  gift('moon', 'Moon', 2000, 'For a whole evening well spent.', 'A crescent moon with a sleeping face'),
  gift('comet', 'Comet', 3500, 'Something rare went past.', 'A comet with a long tail'),
  gift(
    'observatory',
    'Observatory',
    6000,
    'You helped me see a long way.',
    'A small observatory with an open dome',
  ),
  gift(
    'sunrise',
    'Sunrise',
    10000,
    'The largest gift there is. Please give it only if you can spare it.',
    'The sun rising over the sea',
  ),
].map(({ alt, ...rest }, position) => ({
  ...rest,
  picture: { file: `gifts/${rest.slug}.avif`, alt },
  position,
}));
