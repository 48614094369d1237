import { fileOf } from './files.ts';
import type { CommerceWorld, Product } from './schema.ts';

type Written = Omit<Product, 'kind' | 'pictures' | 'file' | 'weight_grams' | 'stock' | 'reader_slug'> & {
  /** What the picture shows. */
  alt: string;
  reader_slug?: string;
};

const withPicture = ({ alt, reader_slug, ...rest }: Written) => ({
  ...rest,
  pictures: [{ file: `products/${rest.handle}.avif`, alt }],
  reader_slug: reader_slug ?? null,
});

const digital = (written: Written): Product => ({
  ...withPicture(written),
  kind: 'digital',
  file: fileOf(written),
  weight_grams: null,
  stock: null,
});

const physical = ({
  weight_grams,
  stock,
  ...written
}: Written & { weight_grams: number; stock: number }): Product => ({
  ...withPicture(written),
  kind: 'physical',
  file: null,
  weight_grams,
  stock,
});

export const productCategories: CommerceWorld['categories'] = [
  {
    slug: 'decks',
    name: 'Decks & runes',
    description: 'Cards, coins and stones to read with, printed and made in small runs.',
  },
  {
    slug: 'candles',
    name: 'Candles & light',
    description: 'Something to light when you sit down, and to put out when you have finished.',
  },
  {
    slug: 'journals',
    name: 'Journals & paper',
    description: 'Paper that takes ink well. For what struck you, before you forget it.',
  },
  {
    slug: 'objects',
    name: 'Crystals & objects',
    description: 'Pleasant things to hold. We sell them as beautiful, not as medicine.',
  },
  {
    slug: 'audio',
    name: 'Audio',
    description: 'Guided meditations and bedtime listening, recorded by our readers at home.',
  },
  {
    slug: 'e-books',
    name: 'E-books',
    description: 'Short, useful books to read on any screen. EPUB and PDF, yours to keep.',
  },
  {
    slug: 'courses',
    name: 'Courses',
    description: 'Lessons to follow at your own pace. No live sessions, no certificates, no upselling.',
  },
  {
    slug: 'printables',
    name: 'Printables',
    description: 'Sheets to print at home: spreads, calendars and journal pages.',
  },
];

export const products: Product[] = [
  physical({
    handle: 'lantern-tarot',
    title: 'The Lantern Tarot',
    subtitle: 'Seventy-eight cards in a linen box',
    description:
      'A full tarot deck drawn in cut paper: few colours, clear gestures, no skulls for the sake of skulls. The cards follow the familiar Rider–Waite–Smith order, so any guidebook fits. Printed on 350 g matt card, 70 × 120 mm, with a folded sheet of short meanings. A good first deck; also a calm one if yours has become too loud.',
    categories: ['decks'],
    price_cents: 3900,
    weight_grams: 420,
    stock: 64,
    alt: 'A deck of cards in an indigo box, with three illustrated cards fanned out before it',
  }),
  physical({
    handle: 'little-lenormand',
    title: 'Little Lenormand',
    subtitle: 'Thirty-six small cards, chosen by Marguerite',
    description:
      'A pocket Lenormand with one plain symbol to a card: key, ship, clover, letter. Marguerite Delacroix advised on the pictures and insisted that the mice look like mice. 57 × 89 mm, rounded corners, tuck box. The leaflet explains how to read three cards in a row, which is most of what you need.',
    categories: ['decks'],
    price_cents: 1900,
    weight_grams: 130,
    stock: 120,
    reader_slug: 'marguerite-delacroix',
    alt: 'Four small cards with a key, a ship, a clover and a letter',
  }),
  physical({
    handle: 'ash-wood-runes',
    title: 'Ash-wood runes',
    subtitle: 'Twenty-four staves cut by hand in Kraków',
    description:
      'Tomasz cuts these from offcuts of instrument-grade ash, burns in the letters and finishes them with linseed oil. Every set differs a little in grain and colour. In a wool pouch, with the Old English rune poem on a card. If one is ever lost, write to us and he cuts another.',
    categories: ['decks', 'objects'],
    price_cents: 4600,
    weight_grams: 260,
    stock: 18,
    reader_slug: 'tomasz-wierzbicki',
    alt: 'Pale wooden rune pieces spilling out of a cloth pouch',
  }),
  physical({
    handle: 'three-coins',
    title: 'Three coins',
    subtitle: 'Brass coins for the I Ching, in a paper sleeve',
    description:
      'Three plain brass coins with a square hole, one side smooth and one side marked with a wave, so that you never have to remember which is heads. 28 mm across. The sleeve unfolds into a table of the sixty-four hexagrams.',
    categories: ['decks'],
    price_cents: 1400,
    weight_grams: 60,
    stock: 90,
    reader_slug: 'kenji-morimoto',
    alt: 'Three round brass coins with square holes beside a hexagram of six lines',
  }),
  physical({
    handle: 'reading-cloth',
    title: 'Reading cloth, night sky',
    subtitle: 'Cotton cloth, 60 × 60 cm',
    description:
      'A soft cotton square, screen-printed by hand with the moon in eight phases. It keeps cards from sliding and makes a kitchen table feel like somewhere else. Wash at thirty degrees; it fades a little, and kindly.',
    categories: ['decks', 'objects'],
    price_cents: 2400,
    weight_grams: 110,
    stock: 41,
    alt: 'A folded indigo cloth printed with a ring of moon phases',
  }),
  physical({
    handle: 'beeswax-pillar',
    title: 'Beeswax pillar',
    subtitle: 'Unscented, burns for about forty hours',
    description:
      'Pure beeswax from two keepers in Shropshire, with a cotton wick. It smells faintly of honey and of nothing else. Stand it on a plate, keep it away from curtains and cats, and trim the wick to five millimetres.',
    categories: ['candles'],
    price_cents: 2200,
    weight_grams: 380,
    stock: 75,
    alt: 'A tall golden candle burning on a small dish',
  }),
  physical({
    handle: 'first-light-candle',
    title: 'First Light',
    subtitle: 'Soy candle with bergamot and cedar',
    description:
      'A candle for the hour before the house wakes up. Bergamot first, then cedar, then not much at all. Soy wax in a reusable stoneware cup; about thirty hours. The cup goes through the dishwasher afterwards and makes a fair espresso cup.',
    categories: ['candles'],
    price_cents: 2800,
    weight_grams: 340,
    stock: 52,
    alt: 'A candle in a rose-coloured stoneware cup with a rising sun on it',
  }),
  physical({
    handle: 'twelve-tapers',
    title: 'Twelve tapers',
    subtitle: 'Dinner candles in twelve dusk colours',
    description:
      'A box of twelve slim tapers running from ivory through rose to deep blue: one for each month, one for each sign, or one for each friend at the table. Unscented stearin, made in Denmark. Seven hours each.',
    categories: ['candles'],
    price_cents: 2600,
    weight_grams: 620,
    stock: 33,
    alt: 'A row of slim candles in colours from ivory to deep blue, tied with string',
  }),
  physical({
    handle: 'paper-moon-lamp',
    title: 'Paper moon lamp',
    subtitle: 'A folding paper lamp with a warm light',
    description:
      'A round washi lamp on a small oak stand. It folds flat, runs from any USB socket, and dims by touch to about the light of two candles. The bulb can be replaced, so the lamp needn’t be.',
    categories: ['candles', 'objects'],
    price_cents: 5400,
    weight_grams: 540,
    stock: 14,
    alt: 'A glowing round paper lamp with ribs, on a small wooden stand',
  }),
  physical({
    handle: 'night-journal',
    title: 'Night journal',
    subtitle: 'Cloth-bound, with pages for dreams',
    description:
      'Bound in indigo cloth with a ribbon. Left-hand pages are ruled for what you dreamt, right-hand pages are blank for what you make of it later. It opens flat, so you can write in it half asleep. 192 pages of cream paper that doesn’t glare.',
    categories: ['journals'],
    price_cents: 2400,
    weight_grams: 390,
    stock: 88,
    reader_slug: 'ingrid-solheim',
    alt: 'A closed indigo journal with a golden crescent on the cover and a ribbon',
  }),
  physical({
    handle: 'year-and-a-day',
    title: 'A Year and a Day',
    subtitle: 'A journal of one card or one line each day',
    description:
      'Three hundred and sixty-six small boxes, undated, each with room for a card, a line and the weather. Begin whenever you like. By spring you’ll start to see your own patterns, which is the whole idea.',
    categories: ['journals'],
    price_cents: 2900,
    weight_grams: 460,
    stock: 47,
    alt: 'An open journal with small boxes on its pages and a pencil across it',
  }),
  physical({
    handle: 'letters-unsent',
    title: 'Letters unsent',
    subtitle: 'Writing set for things you may never post',
    description:
      'Twenty sheets, ten envelopes and a stick of terracotta sealing wax. Maeve recommends it to people who have something left to say to somebody who can’t answer. You can also just write to your sister.',
    categories: ['journals'],
    price_cents: 1800,
    weight_grams: 240,
    stock: 60,
    reader_slug: 'maeve-oconnell',
    alt: 'An ivory envelope sealed with terracotta wax, a sheet of paper and a pen',
  }),
  physical({
    handle: 'clear-quartz-point',
    title: 'Clear quartz point',
    subtitle: 'One hand-picked crystal, 7–9 cm',
    description:
      'A natural quartz point from a small family mine in Minas Gerais; we can name it and we pay what they ask. It is lovely to look at and cool in the hand. It won’t cure, protect or attract anything, apart from the eye.',
    categories: ['objects'],
    price_cents: 3200,
    weight_grams: 150,
    stock: 26,
    alt: 'A tall faceted crystal in pale blue and ivory, catching the light',
  }),
  physical({
    handle: 'rose-quartz-palm-stone',
    title: 'Rose quartz palm stone',
    subtitle: 'A smooth stone to hold while you talk',
    description:
      'An oval about the size of a plum, polished until it has no edges left. Several of our readers ask clients to hold something while they talk, because busy hands make for honest sentences. A smooth pebble from a beach does just as well.',
    categories: ['objects'],
    price_cents: 1600,
    weight_grams: 120,
    stock: 57,
    alt: 'A smooth rose-coloured stone resting on a little dish',
  }),
  physical({
    handle: 'brass-pendulum',
    title: 'Brass pendulum',
    subtitle: 'Turned brass on a fine chain',
    description:
      'A small, well-balanced pendulum turned by an instrument maker. It follows the tiny movements of your own hand: that is how it works, and it’s also why it can be interesting. Please don’t use it for anything that a doctor, a bank or a map should answer.',
    categories: ['objects'],
    price_cents: 2700,
    weight_grams: 70,
    stock: 31,
    alt: 'A pointed brass pendulum hanging from a fine chain above a drawn circle',
  }),
  physical({
    handle: 'tea-for-a-long-evening',
    title: 'Tea for a long evening',
    subtitle: 'Lemon balm, oat straw and orange peel, 80 g',
    description:
      'A loose herbal tea without caffeine, blended in Bristol for us. It tastes of a garden after rain. Enough for about forty cups, in a tin that can be refilled. It contains lemon balm, oat straw, orange peel, rose and nothing else.',
    categories: ['objects'],
    price_cents: 1200,
    weight_grams: 170,
    stock: 110,
    alt: 'A round sage-green tea tin beside a steaming cup',
  }),

  digital({
    handle: 'arriving-meditation',
    title: 'Arriving',
    subtitle: 'A ten-minute meditation before a reading · MP3',
    description:
      'Noelani recorded this on her porch, and you can hear the sea if you listen for it. Ten minutes to come in from your day, notice how you are and find the question underneath the question. Three versions: with voice and sea, voice only, and sea only.',
    categories: ['audio'],
    price_cents: 600,
    reader_slug: 'noelani-kahale',
    alt: 'A vinyl record with a blue label of ocean waves, half out of its sleeve',
  }),
  digital({
    handle: 'setting-down-the-day',
    title: 'Setting down the day',
    subtitle: 'Guided breathing for the evening · MP3, 22 minutes',
    description:
      'Mateus’s evening practice, in Portuguese and in English. You lie down, you breathe, you go through the day backwards and put each thing down. Most people don’t hear the ending, which is a compliment.',
    categories: ['audio'],
    price_cents: 900,
    reader_slug: 'mateus-aroeira',
    alt: 'A sound wave drawn as a row of rounded bars under a setting sun',
  }),
  digital({
    handle: 'eight-walks-under-the-moon',
    title: 'Eight walks under the moon',
    subtitle: 'Audio series for the eight lunar phases · MP3',
    description:
      'Eight short recordings to take outdoors, one for each phase of the moon. Sam tells you what to look for in the sky, a story from somewhere in the world, and one question to carry round the block. Each lasts between twelve and sixteen minutes.',
    categories: ['audio'],
    price_cents: 1900,
    reader_slug: 'sam-ellery',
    alt: 'Headphones around a full moon, with the phases in an arc above',
  }),
  digital({
    handle: 'songs-for-sitting-still',
    title: 'Songs for sitting still',
    subtitle: 'Slow trombone and rain · album, FLAC and MP3',
    description:
      'Cassius, his trombone, a tin roof and a long New Orleans afternoon. Seven pieces without words, made for laying cards, writing letters or doing very little. Thirty-eight minutes.',
    categories: ['audio'],
    price_cents: 1200,
    reader_slug: 'cassius-monroe',
    alt: 'A record on a turntable seen from above, with the arm resting on it',
  }),
  digital({
    handle: 'how-to-choose-a-reader-ebook',
    title: 'A Good Question',
    subtitle: 'How to ask, and whom · e-book, 64 pages',
    description:
      'Amara’s short book about the part of a reading that happens before it: finding out what you want to know, saying it in one sentence, choosing who should hear it, and spotting the people who should not. With worksheets and two very honest chapters about money.',
    categories: ['e-books'],
    price_cents: 1100,
    reader_slug: 'amara-okafor',
    alt: 'A book standing upright with a golden keyhole on its cover',
  }),
  digital({
    handle: 'navigators-stars',
    title: 'The Navigator’s Stars',
    subtitle: 'Arabic star names and their stories · e-book',
    description:
      'Leila Haddad tells where forty star names come from and what the sailors, shepherds and mathematicians who used them were looking for. Part history, part memoir of a father with a sextant. With charts that you can really find your way by.',
    categories: ['e-books'],
    price_cents: 1400,
    reader_slug: 'leila-haddad',
    alt: 'A dark blue book with a constellation on its cover, lying on another book',
  }),
  digital({
    handle: 'dream-is-a-letter',
    title: 'A Dream is a Letter',
    subtitle: 'Notes from thirty years of listening · e-book',
    description:
      'Ruth Abramson on how to read your own dreams without a dictionary. Nine chapters, each built around one dream (told with permission), each ending with an exercise you can do before breakfast. Funny, in places.',
    categories: ['e-books'],
    price_cents: 1300,
    reader_slug: 'ruth-abramson',
    alt: 'An open book from which a paper letter and stars rise',
  }),
  digital({
    handle: 'tarot-from-the-pictures',
    title: 'Tarot from the pictures',
    subtitle: 'A course in twelve lessons · video and PDF',
    description:
      'Zeynep teaches tarot without lists of keywords. Each lesson takes one group of cards and asks you to look: at hands, at doors, at the weather. You’ll need any deck with illustrated minor arcana. About six hours of video, with subtitles, and a workbook.',
    categories: ['courses'],
    price_cents: 8900,
    reader_slug: 'zeynep-aydin',
    alt: 'A screen showing a large eye made of card shapes, with small cards below',
  }),
  digital({
    handle: 'birth-chart-slowly',
    title: 'Your birth chart, slowly',
    subtitle: 'A course in ten lessons · video and PDF',
    description:
      'One planet a week, in plain language. By the end you’ll be able to read your own chart and, with tact, a friend’s. Leila explains where traditions disagree, and never tells you what will happen on a Tuesday.',
    categories: ['courses'],
    price_cents: 9900,
    reader_slug: 'leila-haddad',
    alt: 'A round birth chart with twelve houses and planets as coloured dots',
  }),
  digital({
    handle: 'coins-and-changes',
    title: 'Coins and changes',
    subtitle: 'The I Ching in six evenings · video and PDF',
    description:
      'How to ask, how to cast, how to read the lines that move. Kenji speaks slowly and leaves pauses; you’re meant to use them. You need three coins of any kind and a quiet table.',
    categories: ['courses'],
    price_cents: 6900,
    reader_slug: 'kenji-morimoto',
    alt: 'A hexagram of broken and whole lines above a calm mountain and a sun',
  }),
  digital({
    handle: 'nine-spreads',
    title: 'Nine spreads on nine sheets',
    subtitle: 'Printable tarot layouts · PDF, A4 and Letter',
    description:
      'Layouts to print and lay your cards on, from a single card for the morning to a ten-card spread for the end of a year. Each sheet has one honest question at every position, and room for notes.',
    categories: ['printables'],
    price_cents: 500,
    reader_slug: 'sofia-papadaki',
    alt: 'Printed sheets with outlines where cards are to be laid',
  }),
  digital({
    handle: 'moon-calendar-2027',
    title: 'Moon calendar 2027',
    subtitle: 'A year of phases on one sheet · PDF, A3 to A5',
    description:
      'Every night of 2027 on one poster, as a small moon. Eclipses are marked, and times are given in UTC with a note on how to shift them to yours. Two versions: night (indigo) and paper (ivory, kinder to your printer).',
    categories: ['printables'],
    price_cents: 700,
    alt: 'A poster with rows of small moons growing and shrinking',
  }),
  digital({
    handle: 'morning-pages-for-dreams',
    title: 'Morning pages for dreams',
    subtitle: 'Thirty printable journal sheets · PDF',
    description:
      'One sheet a morning for a month: a box for the dream, a box for the feeling, and a small empty stage to draw it on. Made for people who say that they can’t draw.',
    categories: ['printables'],
    price_cents: 400,
    reader_slug: 'joaquin-valdes',
    alt: 'A stack of printed journal pages with a small drawing of a house on a hill',
  }),
  digital({
    handle: 'number-worksheets',
    title: 'Show your working',
    subtitle: 'Numerology worksheets · PDF and spreadsheet',
    description:
      'Harpreet’s own sheets for working out the usual numbers from a name and a date, with three traditions side by side so that you can see where they part company. Includes a page titled “What this can’t tell you”.',
    categories: ['printables'],
    price_cents: 500,
    reader_slug: 'harpreet-gill',
    alt: 'A worksheet with a grid of coloured circles and a pencil',
  }),
];
