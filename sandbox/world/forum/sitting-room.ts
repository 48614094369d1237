import { thread } from './thread.ts';

/** Welcome, After a reading, and the tea room. */
export const sittingRoom = [
  thread(
    'welcome',
    'house-rules-in-plain-words',
    'House rules, in plain words',
    [
      [
        'admin',
        '2026-09-01T09:00',
        `Hello everybody. These are the rules, and they're short.

1. **Be kind to the person, exact about the thing.** You can disagree with an idea without weighing its owner.
2. **No diagnosing.** Not from a card, not from a chart, not from a dream.
3. **No readings for people who didn't ask.** That includes other people's exes.
4. **No selling in threads.** Readers have their pages for that.
5. **If you're not safe, please don't wait for a reply here.** Ring your local emergency number or a helpline. We'd rather lose a post than you.

Flag anything that troubles you; a person will look at it, not a machine.`,
      ],
      [
        'gus',
        '2026-09-01T11:42',
        `Short indeed. My allotment association's rules run to nineteen pages and two of them are about hoses.`,
      ],
      [
        'farah',
        '2026-09-01T12:05',
        `Thank you for number three. It's the one that made me leave another place.`,
      ],
      [
        'reader',
        '2026-09-01T18:20',
        `Seconding three, as a reader. I'd add: "I'd rather not" is a whole sentence, here and in a session.`,
      ],
    ],
    true,
  ),
  thread(
    'welcome',
    'say-hello-here',
    'Say hello here',
    [
      [
        'admin',
        '2026-09-02T08:30',
        `Who are you, where are you, and what's on your windowsill? Believers, doubters and the merely curious are all welcome.`,
      ],
      [
        'tamsin',
        '2026-09-02T10:11',
        `Tamsin, Whitby. I knit for a living, more or less. On the sill: a dead basil, a jug of sea glass, and one tarot card that the cat has bitten (the Five of Cups, fair enough).`,
      ],
      [
        'viktor',
        '2026-09-02T13:47',
        `Viktor, Brno. Engineer, sceptic. My wife had a reading with Kenji and came out so calm that I wanted to know what it was. Windowsill: chilli plants, eleven.`,
      ],
      [
        'ife',
        '2026-09-03T07:55',
        `Ife, Lagos and sometimes Leeds. I'm here for the dreams board. There's a radio on my windowsill that only gets one station, and it's a good one.`,
      ],
      [
        'hana',
        '2026-09-03T21:30',
        `Hana from Osaka, living in Lisbon. I collect decks and use about two of them. Windowsill: two doves, not invited.`,
      ],
      [
        'callum',
        '2026-09-05T06:15',
        `Callum. Eel country, the Fens. I get up early for the milk tanker, so I see more sky than most of you. Nothing on the sill, it's all condensation.`,
      ],
      [
        'client',
        '2026-09-05T19:40',
        `Nora, Bristol. I booked a first reading for next week and I'm ridiculously nervous. Windowsill: post I haven't opened.`,
      ],
      [
        'tamsin',
        '2026-09-05T20:02',
        `Welcome, Nora! Nervous is fine. Do open the post though, it's usually the dentist.`,
      ],
    ],
    true,
  ),
  thread('welcome', 'how-does-the-wallet-work', 'How does paying by the minute work, really?', [
    [
      'odalys',
      '2026-10-06T15:20',
      `I read the page and I think I get it, but can somebody who has done it explain it as if to an aunt?`,
    ],
    [
      'client',
      '2026-10-06T16:04',
      `I can try! You put money in first. The reader's rate is fixed when you start and it stays at that. Each minute is paid as it begins, and there's a little counter on the screen the whole time. When I lost my wifi on the train the clock stopped, and I had a few minutes to come back.`,
    ],
    [
      'client2',
      '2026-10-06T16:31',
      `Adding: you can set your own limits, say £20 a week. I set mine low on purpose. Making it *higher* takes a day, making it lower is immediate. I found that oddly considerate.`,
    ],
    ['odalys', '2026-10-06T17:10', `This aunt has understood. Thank you both.`],
  ]),
  thread('welcome', 'reading-in-a-second-language', 'Do you read in your mother tongue or in English?', [
    [
      'mirela',
      '2026-11-02T18:00',
      `I'm Romanian and my English is all right for work. But for *this*? I wonder if I should wait until somebody speaks my language.`,
    ],
    [
      'hana',
      '2026-11-02T19:25',
      `I did both. In Japanese I was more polite and hid more. In English I had fewer words, so I said the thing itself. Strange but true.`,
    ],
    [
      'reader2',
      '2026-11-03T10:05',
      `As one who reads in a second language every day: we are allowed to go slowly. Tell your reader at the start. A good one will be glad, since slowness helps them as well.`,
    ],
    ['mirela', '2026-11-03T12:40', `That's encouraging. I'll try, with a dictionary beside the tea.`],
  ]),

  thread(
    'after-a-reading',
    'my-first-reading-not-what-i-expected',
    'My first reading was not what I expected (good)',
    [
      [
        'client',
        '2026-09-12T20:45',
        `So I did it. Twenty-six minutes with Amara. I'd prepared a big speech about my job and she let me finish and then asked, "And what would you like to be *asked* about?" I cried a bit, which annoyed me, and then we talked about my mum.

She didn't predict anything. I'd been half hoping for a date and a tall stranger. I came out with one sentence on a piece of paper, and it's on the fridge.`,
      ],
      [
        'farah',
        '2026-09-12T21:10',
        `"What would you like to be asked about" is going on *my* fridge. Well done, Nora.`,
      ],
      [
        'gus',
        '2026-09-13T07:32',
        `I was also hoping for a tall stranger. I'm five foot four, so they'd not have to try hard.`,
      ],
      [
        'dagny',
        '2026-09-13T08:15',
        `It's worth writing down today what you felt, not only what was said. In a month you'll be glad of it.`,
      ],
      ['client', '2026-09-13T09:01', `Done, two pages. Also: opened the post. It was the dentist.`],
    ],
  ),
  thread('after-a-reading', 'how-long-do-you-wait', 'How long do you wait before another reading?', [
    [
      'beatriz',
      '2026-10-01T14:00',
      `I noticed that I'd booked three in ten days, all on the same question. Not proud of it. Does anybody have a rule that works?`,
    ],
    [
      'lorcan',
      '2026-10-01T14:38',
      `Mine: not until I've *done* one thing the last one suggested. Kept me away for two months once. Turned out I was avoiding a phone call.`,
    ],
    [
      'client2',
      '2026-10-01T15:22',
      `I put a pause on my spending in the wallet settings for a fortnight. It's a blunt instrument, but I'm a blunt person.`,
    ],
    [
      'reader',
      '2026-10-01T19:06',
      `From the other side of the table: we notice, and we don't think less of you. If a question keeps coming back it usually wants an action or a grief, not another card. I send people away for four weeks and they nearly always come back with a better question.`,
    ],
    [
      'beatriz',
      '2026-10-01T19:45',
      `"An action or a grief." Ouch, and thank you. It's the phone call for me too, I think.`,
    ],
    ['lorcan', '2026-10-01T20:03', `Ring them, Beatriz. Worst case you get an answering machine.`],
    ['beatriz', '2026-10-04T17:30', `Rang. It was fine! It was actually *fine*.`],
  ]),
  thread('after-a-reading', 'when-a-reading-misses', 'When a reading simply misses', [
    [
      'viktor',
      '2026-10-18T20:00',
      `I promised my wife to try it. I tried it. The reader was pleasant and nothing fitted. I said so at minute eight and she said, "Then let's stop, I don't want you to pay for my guessing." I was impressed by that more than I would have been by a hit.`,
    ],
    ['ife', '2026-10-18T20:41', `That's the mark of a good one, isn't it? The wrong ones argue you into it.`],
    [
      'tamsin',
      '2026-10-19T08:20',
      `I had a miss which turned into a hit about a year later, and I still don't know if that's mystery or memory. I enjoy not knowing.`,
    ],
    ['viktor', '2026-10-19T18:12', `It's memory. But I concede the enjoyment.`],
  ]),
  thread('after-a-reading', 'sitting-with-maeve', 'A sitting about my father', [
    [
      'callum',
      '2026-11-08T05:40',
      `Not much of a writer, but here. Dad died in March last year. I sat with Maeve on Friday, early, before the tanker. Mostly it was quiet. She said something about a gate that had to be lifted before it would shut. We had one. You had to lift it.

I don't know what I think about it. Lots of farms have gates. But I'd not thought of that gate in twenty years, and then I thought about him lifting it, and that was a good morning.`,
    ],
    ['ife', '2026-11-08T06:50', `You're a fine writer, Callum. Thank you for telling us.`],
    ['gus', '2026-11-08T09:14', `Nothing clever to say. Just: I read it, and I'm glad you had the morning.`],
    ['tamsin', '2026-11-08T10:30', `What Gus said.`],
    ['callum', '2026-11-09T05:35', `Ta, all of you.`],
  ]),
  thread('after-a-reading', 'notes-app-or-paper', 'Notes app or paper?', [
    [
      'mirela',
      '2026-11-14T12:00',
      `During a session, do you type, scribble, or just listen? I scribble, and then can't read it.`,
    ],
    [
      'hana',
      '2026-11-14T12:33',
      `Listen. Then five minutes with a pen as soon as we hang up. If I can't remember it after five minutes it wasn't for me.`,
    ],
    [
      'client2',
      '2026-11-14T13:10',
      `There's a notes panel in the room that only you can see. I type single words in there: "gate", "autumn", "ask her". Enough to hang the rest on.`,
    ],
    [
      'odalys',
      '2026-11-14T16:48',
      `Paper, in the back of the recipe book. My daughter will inherit some puzzling soups.`,
    ],
  ]),

  thread('tea-room', 'what-are-you-reading-no-cards', 'What are you reading? (No cards)', [
    [
      'gus',
      '2026-10-10T18:00',
      `Actual books. I've just finished one about a lighthouse in which nothing happens for three hundred pages and I was sorry when it ended.`,
    ],
    [
      'dagny',
      '2026-10-10T18:44',
      `A history of salt. I read out one fact a day at dinner. My family has asked for a smaller book.`,
    ],
    ['farah', '2026-10-10T20:09', `Poems, on the tram. Four stops is exactly one poem.`],
    ['viktor', '2026-10-11T07:15', `The manual of a heat pump. The plot is weak.`],
    [
      'tamsin',
      '2026-10-11T09:27',
      `A knitting pattern from 1911 that begins "Cast on in the usual manner" and assumes I know what that was.`,
    ],
  ]),
  thread('tea-room', 'sceptics-corner', 'Sceptics’ corner: why are you here?', [
    [
      'viktor',
      '2026-10-22T19:00',
      `Friendly question for those who, like me, don't believe that the cards know anything. What do you get out of it?`,
    ],
    [
      'client2',
      '2026-10-22T19:35',
      `Half an hour a month in which somebody listens and then hands me a picture. I don't need the picture to be magic. My piano isn't magic either.`,
    ],
    [
      'dagny',
      '2026-10-22T20:18',
      `Randomness. I'm a statistician, and I think people underrate it. A random prompt gets you out of the rut your mind is in. The old oracles were idea generators with good typography.`,
    ],
    ['ife', '2026-10-23T06:44', `I do believe, as it happens, and I like this thread very much.`],
    ['viktor', '2026-10-23T07:02', `Then you're welcome in it. There's coffee.`],
    ['lorcan', '2026-10-23T12:30', `I'm an agnostic about everything including the coffee.`],
  ]),
  thread('tea-room', 'small-good-things-november', 'Small good things, November', [
    [
      'tamsin',
      '2026-11-01T08:00',
      `Monthly thread! One small good thing each. I'll start: found a whole fossil on the beach, the size of a biscuit.`,
    ],
    ['hana', '2026-11-01T10:12', `The doves had one egg. It's now a very ugly child and we love it.`],
    [
      'callum',
      '2026-11-02T05:20',
      `Saw the Orionids after all, four in ten minutes, standing in a yard in my socks.`,
    ],
    ['beatriz', '2026-11-04T21:00', `My brother rang ME.`],
    ['gus', '2026-11-05T17:45', `The association has repealed one page about hoses.`],
    ['client', '2026-11-11T22:05', `Gave notice at work today. Terrified, happy, went to bed at nine.`],
    ['farah', '2026-11-12T07:30', `NORA! That's no small thing at all. Well done.`],
  ]),
];
