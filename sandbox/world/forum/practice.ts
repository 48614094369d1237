import { thread } from './thread.ts';

/** Cards, coins and runes; the sky; dreams. */
export const practice = [
  thread('cards-coins-runes', 'first-deck-advice', 'First deck: go classic or follow your heart?', [
    [
      'odalys',
      '2026-09-15T16:00',
      `Every guide says to start with the 1909 pictures. Every bone in my body wants the one with the foxes. Help.`,
    ],
    [
      'hana',
      '2026-09-15T16:52',
      `Owner of forty-three decks here. Buy the one you'll *pick up*. A deck that sits in a drawer teaches you nothing, however historical.`,
    ],
    [
      'tamsin',
      '2026-09-15T18:20',
      `Foxes, but check first that the minors have scenes on them and not just six foxes in a row. Otherwise you'll be learning by rote.`,
    ],
    [
      'reader',
      '2026-09-15T20:15',
      `What they said. And you needn't be given your first deck, whatever you've heard. You may buy your own cards. You're a grown woman with a debit card.`,
    ],
    ['odalys', '2026-09-20T11:00', `The foxes have arrived. The Hermit is a badger. I'm very happy.`],
  ]),
  thread('cards-coins-runes', 'the-tower-again', 'The Tower, four days running', [
    [
      'lorcan',
      '2026-09-28T07:40',
      `One card a day, shuffled properly, and the Tower turned up four mornings in a row. I'm not superstitious but I've moved the ladder.`,
    ],
    [
      'dagny',
      '2026-09-28T08:25',
      `Roughly one in thirty-seven million for a named card four times running, if you shuffle well. For *some* card to do it, seventy-eight times likelier. Do you shuffle well?`,
    ],
    ['lorcan', '2026-09-28T08:31', `Three overhand goes while the kettle boils.`],
    [
      'dagny',
      '2026-09-28T08:33',
      `You aren't shuffling, you're tidying. Seven riffles or a good two-handed stir on the table.`,
    ],
    ['tamsin', '2026-09-28T09:50', `And all the same: *is* there something that wants to come down, Lorcan?`],
    [
      'lorcan',
      '2026-09-29T07:38',
      `Stirred them on the table like a pudding. Ace of Cups. And yes, Tamsin, there is. The conservatory. I've had a man round to look.`,
    ],
  ]),
  thread('cards-coins-runes', 'reversals-yes-or-no', 'Reversed cards: yes or no?', [
    [
      'mirela',
      '2026-10-08T19:00',
      `I find them confusing. Half of me thinks it's a richer language, and half that it's seventy-eight more things to forget.`,
    ],
    ['hana', '2026-10-08T19:44', `Read upright for a year. After that you'll know if you miss anything.`],
    ['gus', '2026-10-08T20:30', `I can't tell which way up my pips are in any case. Problem solved.`],
    [
      'client2',
      '2026-10-09T08:10',
      `My reader uses reversals as "same thing, but turned inward" and that's the first explanation that has stuck.`,
    ],
  ]),
  thread('cards-coins-runes', 'hexagram-48-the-well', 'Hexagram 48, the Well: what do you do with it?', [
    [
      'viktor',
      '2026-10-25T18:20',
      `In the interest of science I threw coins about a decision at work. The Well. "They may move the town but not the well." I understood it immediately and I resent this.`,
    ],
    [
      'reader2',
      '2026-10-26T11:00',
      `Resentment is a respectable response to the Book of Changes. May I ask: in your case, what is the town, and what is the well?`,
    ],
    [
      'viktor',
      '2026-10-26T18:05',
      `The town is the department. They want to move me to another. The well is that I like teaching the young engineers, and that I could do anywhere.`,
    ],
    ['reader2', '2026-10-27T10:45', `Then you didn't need the coins. But they were quick, were they not?`],
    ['viktor', '2026-10-27T18:11', `They were quick.`],
    ['farah', '2026-10-27T20:00', `I have read this exchange aloud to three people.`],
  ]),
  thread('cards-coins-runes', 'lenormand-for-tarot-people', 'Lenormand for tarot people: where to begin?', [
    [
      'beatriz',
      '2026-11-10T15:30',
      `I read tarot passably. With Lenormand I stare at Mice + Letter + Garden like someone at a bus timetable.`,
    ],
    [
      'odalys',
      '2026-11-10T17:05',
      `It's grammar. First card noun, next card adjective. Something nibbled, a message, in public. A leaked e-mail!`,
    ],
    ['beatriz', '2026-11-10T17:20', `Oh! OH. It's a crossword.`],
    ['gus', '2026-11-10T19:00', `If it's a crossword, I'm in.`],
  ]),

  thread('the-sky', 'no-birth-time', 'Nobody knows when I was born', [
    [
      'farah',
      '2026-09-18T13:00',
      `My mother says "after lunch". My aunt says "during the power cut". Papers say nothing. Is a chart pointless without a time?`,
    ],
    [
      'dagny',
      '2026-09-18T13:50',
      `You lose the houses and the rising sign; the planets stay put and the moon is good to within a few degrees. Plenty left.`,
    ],
    [
      'ife',
      '2026-09-18T15:15',
      `Do ask the aunt *which* power cut. My cousin got hers to within twenty minutes from a football match.`,
    ],
    [
      'farah',
      '2026-09-24T18:40',
      `Update: the electricity board kept records. 14:10 to 15:25. My aunt is insufferable.`,
    ],
  ]),
  thread('the-sky', 'meteor-log-autumn', 'Autumn meteor log', [
    [
      'callum',
      '2026-10-21T05:10',
      `Orionids about now. I'm up anyway. Post what you see: place, how long you looked, how many, how cold.`,
    ],
    ['callum', '2026-10-22T05:25', `Fens, 15 minutes, 3, two jumpers.`],
    ['tamsin', '2026-10-22T06:40', `Whitby, 40 minutes, 0, cloud like a lid. Good tea though.`],
    ['hana', '2026-10-23T04:58', `Lisbon, rooftop, 30 minutes, 2, and one that I think was a drone.`],
    ['viktor', '2026-10-23T05:30', `Brno, 20 minutes, 5. Chillies brought indoors.`],
    ['callum', '2026-11-17T06:02', `Leonids tonight, and a moon that's only half in the way. Same rules.`],
    [
      'dagny',
      '2026-11-18T05:48',
      `Uppsala, one hour, 7, minus eleven. I wrote the log with a pencil because the pen froze.`,
    ],
  ]),
  thread('the-sky', 'saturn-return-at-29', 'So, about this Saturn return', [
    [
      'mirela',
      '2026-10-29T20:10',
      `I turn 29 in January and everyone has begun to say "ah, your Saturn return" in the tone people use for root canals. How bad is it?`,
    ],
    [
      'odalys',
      '2026-10-29T21:00',
      `I married badly at 28 and well at 31. Saturn may or may not have been present at either.`,
    ],
    [
      'client2',
      '2026-10-29T21:35',
      `Sam put it to me like this: at about twenty-nine you find out which of your furniture you bought yourself. I've never heard a better line on it.`,
    ],
    ['gus', '2026-10-30T08:00', `Wait until the second one. At 58 I took up the allotment.`],
    [
      'mirela',
      '2026-10-30T09:15',
      `All right. That sounds less like a root canal and more like moving house.`,
    ],
  ]),

  thread('dreams', 'the-house-with-more-rooms', 'The house with more rooms', [
    [
      'ife',
      '2026-09-10T06:30',
      `I've dreamt it again: my own flat, and behind the wardrobe a door, and behind it a whole set of rooms that I've been paying for and never used. Does anybody else have this one?`,
    ],
    ['hana', '2026-09-10T08:00', `Yes! Mine has a swimming pool, empty, very clean.`],
    ['farah', '2026-09-10T09:22', `Mine's always full of somebody else's coats.`],
    [
      'ife',
      '2026-09-10T19:45',
      `In mine this time there was a piano with the lid up. I haven't played since school.`,
    ],
    [
      'client',
      '2026-09-14T20:00',
      `I don't want to interpret it for you, house rules and so on. But are you going to look up the price of pianos?`,
    ],
    ['ife', '2026-09-14T20:21', `I already have.`],
  ]),
  thread('dreams', 'how-do-you-remember', 'How do you remember them at all?', [
    ['gus', '2026-10-14T08:10', `I wake up with nothing but a vague sense of having been busy.`],
    [
      'ife',
      '2026-10-14T08:42',
      `Don't move! Stay just as you woke, eyes shut, and ask "what was I feeling?" rather than "what happened?" The feeling has the story on a string.`,
    ],
    ['tamsin', '2026-10-14T09:30', `Pencil tied to the bed. Truly. One word in the dark is enough.`],
    [
      'gus',
      '2026-10-17T07:50',
      `I got one! A heron in a post office, and I was in the queue behind it. It had the right change.`,
    ],
    ['ife', '2026-10-17T08:05', `Gus, that's magnificent.`],
  ]),
  thread('dreams', 'recurring-exam', 'Sixty-one years old and still failing Latin', [
    [
      'dagny',
      '2026-11-06T07:00',
      `I have a doctorate. Twice a year I dream that they find out that I never sat the Latin paper and take the whole thing back.`,
    ],
    [
      'lorcan',
      '2026-11-06T07:48',
      `Mine is that I'm on stage and it's a play I've never read. I'm a plumber.`,
    ],
    [
      'viktor',
      '2026-11-06T18:30',
      `I asked my wife and she says in hers she *gives* the exam and has lost the papers. So there's no winning side.`,
    ],
    [
      'dagny',
      '2026-11-06T19:12',
      `Oddly comforting. Next time I'll look around for who else is in the room. Perhaps we're all there.`,
    ],
  ]),
  thread('dreams', 'dreaming-of-someone-gone', 'When somebody who died turns up, and it’s ordinary', [
    [
      'beatriz',
      '2026-11-15T22:10',
      `My grandmother was in my dream last night, and all she did was complain about the price of tomatoes. No message. No light. I woke up so happy.`,
    ],
    ['callum', '2026-11-16T05:30', `Best kind.`],
    ['ife', '2026-11-16T07:15', `In our house we'd say: she came to see if you're eating.`],
    ['beatriz', '2026-11-16T08:00', `I've bought tomatoes.`],
  ]),
];
