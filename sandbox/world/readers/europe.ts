import { reader } from './reader.ts';

/** Readers who work from Europe. */
export const europe = [
  reader({
    slug: 'amara-okafor',
    name: 'Amara Okafor',
    person_email: 'reader@soulseer.test',
    headline:
      'Tarot for people in the middle of a decision. Warm, direct, and I will ask you what you already know.',
    specialities: ['tarot', 'coaching'],
    languages: ['en', 'ig'],
    time_zone: 'Europe/London',
    country: 'GB',
    years_of_experience: 14,
    rates: [399, 349, 249],
    featured: true,
    biography_markdown: `I grew up over my aunt's fabric shop in Peckham, where half the neighbourhood came to buy lace and stayed to talk. I learned there that most people arrive with one question and leave with a better one. The cards came later, from a flatmate who was moving out and didn't want to carry them.

Before this I spent nine years in housing advice. It taught me to be plain: what do we know, what do we not know, what can you do on Monday? I read tarot in just that spirit. I lay five or seven cards, describe what I see, and then I want to hear where it lands with you and where it doesn't.

I don't read for people who aren't in the room. If you ask what he is thinking, I'll turn the question round to you, kindly. And if what you need is a solicitor, a doctor or a long sleep, I'll say so.

*First time?* Come with one question written on paper. It helps more than you'd think.`,
  }),
  reader({
    slug: 'maeve-oconnell',
    name: "Maeve O'Connell",
    headline: 'A quiet medium in County Clare. I promise you attention, and nothing that I cannot keep.',
    specialities: ['mediumship'],
    languages: ['en', 'ga'],
    time_zone: 'Europe/Dublin',
    country: 'IE',
    years_of_experience: 22,
    rates: [549, 499, null],
    featured: true,
    biography_markdown: `My grandmother laid an extra place at table every November and nobody thought it odd. I suppose I have been keeping that place laid ever since. I was a district nurse for most of my working life, and I have sat with more families at the end than I could count.

A sitting with me is slow. We say who you are missing and we are quiet for a while. I tell you what comes: sometimes a turn of phrase, sometimes a garden gate, sometimes very little. I can't summon anybody, and I'd be wary of anyone who said they could. If nothing comes in the first ten minutes I'll tell you and we stop there.

**Please don't come to me in the first weeks of a loss.** Let your own people hold you first. I'll still be here in the spring.`,
  }),
  reader({
    slug: 'tomasz-wierzbicki',
    name: 'Tomasz Wierzbicki',
    headline: 'Runes and plain words. One question, three stones, no fog.',
    specialities: ['runes', 'tarot'],
    languages: ['pl', 'en', 'de'],
    time_zone: 'Europe/Warsaw',
    country: 'PL',
    years_of_experience: 11,
    rates: [249, 199, 149],
    featured: false,
    biography_markdown: `I repair stringed instruments in Kraków, and I cut my runes from the offcuts: ash, maple, one very old piece of spruce. I say this because people expect robes. There are no robes. There is a workbench, and quite often a cat.

The rune poems are a thousand years old and some of them are jokes. That is what I love about them. *Wealth is a comfort to everyone, yet each must share it.* You can take such a line home and use it. I draw three, read you what the old verses say, and then we talk about your actual life.

A cast takes me fifteen minutes. Most clients don't need more, and I'll tell you when we are done rather than let the clock run.`,
  }),
  reader({
    slug: 'leila-haddad',
    name: 'Leila Haddad',
    headline: 'Natal charts read slowly, in Arabic, French or English. Your sky is not your sentence.',
    specialities: ['astrology'],
    languages: ['ar', 'fr', 'en'],
    time_zone: 'Europe/Paris',
    country: 'FR',
    years_of_experience: 17,
    rates: [599, 549, 399],
    featured: true,
    biography_markdown: `The first star atlas I owned was my father's; he was a navigator out of Tripoli and he taught me the names before I could read: Aldebaran, the follower; Algol, the ghoul; Betelgeuse, which nobody spells properly. I studied history of science in Marseille and wrote about the astronomers of Baghdad, who saw no quarrel between measuring the sky and wondering at it.

I work with the birth chart in the older way, planet by planet, with its dignities and its troubles. I find that people are relieved to be described precisely. We look at where you are strong without noticing, and where you have been pushing a locked door.

I don't predict deaths, divorces or exam results. I will talk about seasons: a year for building, a year for letting a thing lie fallow. If you don't know your time of birth, come anyway. There is plenty left to read.

Je reçois aussi en français, et بالعربية بكل سرور.`,
  }),
  reader({
    slug: 'ingrid-solheim',
    name: 'Ingrid Solheim',
    headline: 'Dreams and runes from above the Arctic Circle. Bring the dream that will not leave you alone.',
    specialities: ['dream-work', 'runes'],
    languages: ['nb', 'en', 'sv'],
    time_zone: 'Europe/Oslo',
    country: 'NO',
    years_of_experience: 9,
    rates: [449, 399, 299],
    featured: false,
    biography_markdown: `In Tromsø we have two months without a sunrise, and people here take their dreams seriously because there is a great deal of time for them. I keep a notebook by the bed and I have done since I was eleven. There are forty-one of them now, on one shelf.

When you bring me a dream I'll ask you to tell it twice, the second time in the present tense and slowly. Something nearly always changes between the two. I don't own a dictionary of symbols. A bear in your dream is *your* bear: what kind, how near, was it raining?

Sometimes we end with a single rune, as a title for what we found. Sometimes we end with a cup of coffee each, a thousand miles apart, and nothing needs a title.`,
  }),
  reader({
    slug: 'marguerite-delacroix',
    name: 'Marguerite Delacroix',
    headline: 'Forty years with the little Lenormand. Short sentences, small cards, useful answers.',
    specialities: ['lenormand'],
    languages: ['fr', 'en'],
    time_zone: 'Europe/Paris',
    country: 'FR',
    years_of_experience: 40,
    rates: [null, 299, 249],
    featured: false,
    biography_markdown: `I had a stationery shop in Lyon for thirty years and I read cards in the back room on Thursdays. The shop is now a place for telephones. I kept the room in my head, and the Thursdays have become most evenings.

The Lenormand is a deck of household things: a broom, a stork, a ring, a mouse. One reads it as one reads a shopping list, left to right, with some curiosity about who wrote it. It is not a deep deck, Monsieur, Madame, it is a *clear* one. For the depths I recommend the sea.

I read by voice or in writing, never by camera. My hair is my own affair. I answer quickly, I am seldom solemn, and I do not flatter.`,
  }),
  reader({
    slug: 'sofia-papadaki',
    name: 'Sofia Papadaki',
    headline: 'Astrology for timing: when to begin, when to wait, when to leave it to other people.',
    specialities: ['astrology', 'tarot'],
    languages: ['el', 'en'],
    time_zone: 'Europe/Athens',
    country: 'GR',
    years_of_experience: 8,
    rates: [349, 299, 199],
    featured: false,
    biography_markdown: `I trained as a stage manager. My whole profession was knowing the moment: lights, *now*; curtain, wait, wait, *now*. When I found electional astrology I laughed out loud, because here were people two thousand years ago doing my job for harvests and weddings.

So that is my corner of it. You tell me what you're about to begin, and I look at the weeks ahead with you and suggest which ones have a following wind. You still have to sail the boat. I've seen beautiful charts come to nothing because no one answered their e-mail.

I'm quick and I like to laugh. If you want hushed tones and incense I'm probably not for you; there are lovely people here who are.`,
  }),
  reader({
    slug: 'eleanor-whitcombe',
    name: 'Eleanor Whitcombe',
    headline:
      'Seventy-four, unshockable, and a good listener. Mediumship and tea-table tarot from Edinburgh.',
    specialities: ['mediumship', 'tarot'],
    languages: ['en'],
    time_zone: 'Europe/London',
    country: 'GB',
    years_of_experience: 48,
    rates: [499, 449, null],
    featured: false,
    biography_markdown: `I taught infants for thirty-five years and there is very little you can tell me that I have not heard, usually from somebody standing on a chair. I was brought up in a spiritualist church in Leith where the hymns were dreadful and the kindness was real, and I try to keep the second without the first.

People come to me mostly to talk about somebody. We do that. If I have an impression I give it to you as it arrives, without polishing, and you tell me honestly if it means nothing. I would far rather be wrong than clever.

I keep a strict rule about how often: not more than once in a month with the same client about the same loss. A sitting ought to send you back into your own life, dear, not keep you out of it.`,
  }),
  reader({
    slug: 'oleksandr-bondar',
    name: 'Oleksandr Bondar',
    headline:
      'A palmist with a carpenter’s eye. I read how you have used your hands, not how long you will live.',
    specialities: ['palmistry'],
    languages: ['uk', 'pl', 'en'],
    time_zone: 'Europe/Kyiv',
    country: 'UA',
    years_of_experience: 13,
    rates: [299, null, null],
    featured: false,
    biography_markdown: `My uncle made window frames in Poltava and could tell who had planed a board by running his thumb along it. I do something similar. A hand is a record: which fingers lead, what you grip too tightly, where you have been careful.

I need a camera and decent light, both palms, and then the backs, which everybody forgets and which say the most. I describe what I see, you correct me, and by the third correction we are usually talking about something that matters.

There is no line for the length of a life. There is no line for how many children. Whoever tells you otherwise wants something from you. I have nothing to sell but forty careful minutes, and less if less will do.`,
  }),
  reader({
    slug: 'zeynep-aydin',
    name: 'Zeynep Aydın',
    headline: 'Tarot the way we read coffee cups at home: many small pictures, one honest conversation.',
    specialities: ['tarot', 'palmistry'],
    languages: ['tr', 'en', 'de'],
    time_zone: 'Europe/Istanbul',
    country: 'TR',
    years_of_experience: 10,
    rates: [279, 229, 179],
    featured: false,
    biography_markdown: `In our house you turned the cup over, waited for it to cool, and then all the women leaned in. A fish is luck, a road is news, and my aunt Nermin found a wedding in absolutely every cup. What I remember is the leaning in.

I studied graphic design, which is only another way of asking what a picture does to a person. With tarot I work from the image: where does your eye go first, who are you in this scene, who has just left it? You'll do half the talking. It works better like that.

I am gentle with worries and firm with obsessions. If you ask me the same question three times in one week I'll send you out for a walk along the water instead, and I'll mean it with love.`,
  }),
  reader({
    slug: 'jasper-van-dijk',
    name: 'Jasper van Dijk',
    headline: 'Human Design without the jargon, and coaching for people who are tired of being efficient.',
    specialities: ['human-design', 'coaching'],
    languages: ['nl', 'en', 'de'],
    time_zone: 'Europe/Amsterdam',
    country: 'NL',
    years_of_experience: 7,
    rates: [499, 449, 299],
    featured: false,
    biography_markdown: `I was a project manager until I burned out in a supermarket, next to the yoghurt. It took a year. During it somebody showed me a Human Design chart, and I was sceptical, being Dutch. But one sentence in it, that I should wait to be asked, turned out to be the single most useful experiment I have ever made.

I offer it to you exactly like that: as an experiment. We look at your chart for twenty minutes, choose one thing to try for two weeks, and then you tell me if your days got any lighter. If not, we throw it away. No type is better than another and nothing here is destiny.

The rest of my work is ordinary coaching, with a lot of quiet in it. I ask short questions. I don't mind silence. I will not optimise you.`,
  }),
  reader({
    slug: 'yasmin-rahimi',
    name: 'Yasmin Rahimi',
    headline: 'Between two languages, two cities, two lives? I coach people who are in between.',
    specialities: ['coaching', 'tarot'],
    languages: ['fa', 'de', 'en'],
    time_zone: 'Europe/Berlin',
    country: 'DE',
    years_of_experience: 6,
    rates: [379, 329, 229],
    featured: false,
    biography_markdown: `I was born in Shiraz and grew up in Bremen, and I spent my twenties being asked where I was really from. At home, when a question was too large, my mother opened Hafez at random and read the page aloud. The poem never answered. It always helped.

I trained as a systemic coach and I use tarot cards in about half my sessions, in the way she used the poet: to get a third voice into the room. We look at what you carry over from the place you left, what you would like to set down, and whom you need to tell.

My clients are migrants, career changers, the newly divorced, the newly retired. I work in Farsi, German and English, and in the mixture of all three that we really speak.`,
  }),
  reader({
    slug: 'lucia-ferraro',
    name: 'Lucia Ferraro',
    headline: 'Lenormand and old Italian sibilla cards. Lively, practical, allergic to doom.',
    specialities: ['lenormand', 'astrology'],
    languages: ['it', 'en', 'es'],
    time_zone: 'Europe/Rome',
    country: 'IT',
    years_of_experience: 19,
    rates: [329, 279, 199],
    featured: false,
    biography_markdown: `In Naples everyone has a cousin who reads cards, and in our family the cousin is me. I began at eleven, under the kitchen table, with a deck that had lost its seven of cups. I still deal it sometimes. One gets fond of a gap.

I like real questions: shall I take the flat, how do I talk to my sister, what is going on in that office? I lay nine cards in a square and read them as a little scene with a beginning and an end. You'll get an opinion from me. You are most welcome to disagree with it, loudly.

About illness, court cases and the lottery I say nothing at all. For the lottery, because my grandmother would rise from her grave wanting a share.`,
  }),
];
