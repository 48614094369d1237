import { reader } from './reader.ts';

/** Readers who work from Africa, Asia and the Pacific. */
export const africaAsiaPacific = [
  reader({
    slug: 'kenji-morimoto',
    name: 'Kenji Morimoto',
    person_email: 'reader2@soulseer.test',
    headline:
      'The I Ching, three coins, and enough silence to hear the answer. Kyoto evenings, your mornings.',
    specialities: ['i-ching'],
    languages: ['ja', 'en'],
    time_zone: 'Asia/Tokyo',
    country: 'JP',
    years_of_experience: 29,
    rates: [699, 599, 399],
    featured: true,
    biography_markdown: `I bind books. It is slow work with paste and thread, and one has much time to think about what is inside them. In 1996 a customer brought a Book of Changes to be rebound, and I made the mistake of reading a page while the glue dried.

You ask a question; I throw the coins six times, and you may watch. Then I read you the judgement and the image, first as they were written, then as I understand them. *The well: they may move the town, but they cannot move the well.* People are often quiet for a minute after that. I leave that minute alone.

The book dislikes being asked twice and so do I. If the answer is uncomfortable we look at the moving lines, which show where the situation is already changing. That is where your freedom is, and it is usually larger than you feared.`,
  }),
  reader({
    slug: 'priya-raghunathan',
    name: 'Priya Raghunathan',
    headline: 'Vedic astrology and palmistry from Chennai. Scholarly, kind, and free of gemstone bills.',
    specialities: ['astrology', 'palmistry'],
    languages: ['ta', 'en', 'hi'],
    time_zone: 'Asia/Kolkata',
    country: 'IN',
    years_of_experience: 21,
    rates: [299, 249, 199],
    featured: false,
    biography_markdown: `My grandfather kept almanacs in a tin trunk and I was the only grandchild who was allowed to dust them. I took a degree in Sanskrit, taught for some years, and came back to the trunk in my thirties with better questions.

I read the Jyotish chart: the ascendant, the moon's mansion, the periods you are moving through. I explain every term as we go and you'll leave with a page of notes. If a tradition says something frightening about a placement I tell you that it does, who wrote it and when, and why I think you can set it down.

I don't prescribe gemstones, fasts or costly remedies. I don't match horoscopes for marriages against the wishes of the couple. A chart, in my view, is a reason to pay attention, and attention is free.`,
  }),
  reader({
    slug: 'thandiwe-mokoena',
    name: 'Thandiwe Mokoena',
    headline: 'Dreams, and the people who visit us in them. A steady voice from Johannesburg.',
    specialities: ['dream-work', 'mediumship'],
    languages: ['en', 'zu', 'st'],
    time_zone: 'Africa/Johannesburg',
    country: 'ZA',
    years_of_experience: 16,
    rates: [289, 239, 179],
    featured: false,
    biography_markdown: `In my family you didn't say "I had a dream about Gogo". You said "Gogo came". I've worked as a radio producer for most of my life and I still think that the difference between those two sentences deserves a whole programme.

Clients bring me dreams in which somebody appears: a parent, a friend, a stranger with a familiar coat. We go back in together, slowly. Who spoke first? What were they wearing? What did you want to say and not say? I don't claim to speak for the dead. I help you hear what you were given in the night.

I'm not a sangoma and don't borrow the word. If you need one, go to one, properly, with your family. If you need a careful listener who isn't frightened of tears, that I can be.`,
  }),
  reader({
    slug: 'wei-ling-tan',
    name: 'Tan Wei Ling',
    headline: 'Human Design and numerology for clear-headed people. Charts, options, next steps.',
    specialities: ['human-design', 'numerology'],
    languages: ['en', 'zh', 'ms'],
    time_zone: 'Asia/Singapore',
    country: 'SG',
    years_of_experience: 8,
    rates: [599, 549, 449],
    featured: false,
    biography_markdown: `I audited shipping companies for eleven years. My clients now enjoy hearing that, because it means I ask where a figure came from, and I ask the same of a chart. Where did this idea come from? Does it hold up against what you did last March?

A first session has an agenda and you'll get it in advance: ten minutes on how your chart is drawn, fifteen on how you make decisions when nobody is hurrying you, fifteen on one thing you would like to change. I finish on time.

I enjoy sceptics. I'm one, on weekdays. My position is that a system need not be proved in order to be a good set of questions, as long as nobody charges you as if it had been proved.`,
  }),
  reader({
    slug: 'hone-tamatea',
    name: 'Hone Tamatea',
    headline: 'Coaching for men who have gone quiet, and for everybody who loves one.',
    specialities: ['coaching', 'dream-work'],
    languages: ['en', 'mi'],
    time_zone: 'Pacific/Auckland',
    country: 'NZ',
    years_of_experience: 12,
    rates: [399, 349, 249],
    featured: false,
    biography_markdown: `Kia ora. I built boats in Whanganui until my shoulder gave up, and then I trained as a counsellor, because on the slipway I'd been doing half of that already. Blokes will tell you almost anything if you're both looking at a plank.

So we can talk while you walk, or while you do the dishes. Voice works well. I'll ask what's going on, what you've tried, and what you'd tell a mate in the same hole. We agree on one thing to do before next time, small enough that you really will.

Some people bring dreams, usually a bit embarrassed. Good. I don't interpret them; I ask what the dream wants you to look at, and we look. If I think you're not safe I'll say it straight and help you find someone to ring.`,
  }),
  reader({
    slug: 'fatou-diallo',
    name: 'Fatou Diallo',
    headline: 'Hands, breath and good humour, from Dakar. En français, en wolof, in English.',
    specialities: ['palmistry', 'energy-work'],
    languages: ['fr', 'wo', 'en'],
    time_zone: 'Africa/Dakar',
    country: 'SN',
    years_of_experience: 13,
    rates: [219, 189, null],
    featured: false,
    biography_markdown: `I have been a hairdresser, and when you braid hair for six hours you hold a person's head in your hands and learn to read what they aren't telling you. Later an old neighbour who read palms on the Corniche taught me her way of looking. She said: *first look at what the hand does when it thinks that nobody's looking.*

With me you'll show your hands on camera, or just describe them to me by voice; it works better than it should. I talk about how you give, how you hold on, how you rest. Then a few minutes of breathing with the hands open on the knees, because most of us live with them closed.

I laugh a good deal. I don't frighten people. Teranga means that the guest should leave with more than she brought.`,
  }),
  reader({
    slug: 'minh-anh-nguyen',
    name: 'Nguyễn Minh Anh',
    headline: 'I Ching and numbers for students, founders and other people with too many tabs open.',
    specialities: ['i-ching', 'numerology'],
    languages: ['vi', 'en'],
    time_zone: 'Asia/Ho_Chi_Minh',
    country: 'VN',
    years_of_experience: 5,
    rates: [169, 139, 99],
    featured: false,
    biography_markdown: `I'm the youngest reader here, I think. I write software in Saigon and throw coins at night. The hexagrams are the oldest binary code in the world and at first I loved them only for that; then my start-up failed and I loved them for other reasons.

My readings are mostly by chat. I type fast, I send you the hexagram, a short summary and the one line I'd stick on the fridge. You can copy the whole thing into your notes afterwards. Good for lunch breaks.

I will not tell you whether to quit or which coin to buy (please don't ask me about coins of that kind). I'll ask what you would do if the answer were already yes, and we look at why you're still sitting there.`,
  }),
  reader({
    slug: 'sam-ellery',
    name: 'Sam Ellery',
    headline: 'Queer-friendly astrology from Melbourne: charts as stories, not boxes. They/them.',
    specialities: ['astrology', 'human-design'],
    languages: ['en'],
    time_zone: 'Australia/Melbourne',
    country: 'AU',
    years_of_experience: 7,
    rates: [429, 379, 279],
    featured: false,
    biography_markdown: `Old astrology books are full of husbands and wives and which planet is manly. I love those books and I argue with them in the margins. If you've ever been handed a horoscope that did not leave room for you, come and argue with me too.

I read a chart like a novel with ten characters who all live in one house. Who's in the kitchen? Who never comes out of their room? Who pays the rent? By the end you know the household a bit better, and you may have worked out whom to invite to dinner.

I'm gentle around names, bodies and families, and I never assume any of them. I read for believers and for people who just like a good story well told. Both kinds usually stay for a second cup.`,
  }),
];
