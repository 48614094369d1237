import { reader } from './reader.ts';

/** Readers who work from the Americas and from Hawaii. */
export const americas = [
  reader({
    slug: 'ruth-abramson',
    name: 'Ruth Abramson',
    headline: 'Thirty years of listening to dreams. You did the dreaming; we will do the homework together.',
    specialities: ['dream-work', 'tarot'],
    languages: ['en', 'he'],
    time_zone: 'America/New_York',
    country: 'US',
    years_of_experience: 31,
    rates: [799, 749, 499],
    featured: true,
    biography_markdown: `I ran the reference desk of a public library in Queens, and I'll tell you what that job is: people ask you the wrong question, and you help them find the right one without making them feel foolish. I went to a Jungian reading group in 1993 because it met in the building and had good cookies. I stayed for the dreams.

We take one dream a session. I write it down as you tell it and read it back, and we go through it like a text: what is on the page, what is only implied, where did the author hurry? I bring some mythology when it's useful and leave it at the door when it isn't.

This isn't therapy, and I don't pretend it is. I know some excellent therapists and have handed out their telephone numbers. What I offer is company in a strange landscape, and a good memory for details.`,
  }),
  reader({
    slug: 'cassius-monroe',
    name: 'Cassius Monroe',
    headline: 'New Orleans tarot and Lenormand, unhurried. Pull up a chair, tell me about it.',
    specialities: ['tarot', 'lenormand'],
    languages: ['en', 'fr'],
    time_zone: 'America/Chicago',
    country: 'US',
    years_of_experience: 18,
    rates: [459, 399, 279],
    featured: false,
    biography_markdown: `I play trombone four nights a week and I read cards on the other three. Folks think that's two trades. It's one: you listen to what the room is doing, and you come in when you've got something to add.

My table was on Jackson Square for eleven years, rain or shine, so I have read for bachelorettes, widowers, a bishop, and a man who had been awake for three days and needed a sandwich more than a spread. He got the sandwich. I read a big picture with tarot, and then lay a short line of Lenormand to bring it down to the street.

I don't do curses. I don't take them off, because I've yet to see one put on. If somebody told you that you've got one and named a price, you come talk to me. That one's on the short clock.`,
  }),
  reader({
    slug: 'joaquin-valdes',
    name: 'Joaquín Valdés',
    headline: 'Tarot as a picture book for grown-ups. En español o en inglés, with patience for both.',
    specialities: ['tarot', 'dream-work'],
    languages: ['es', 'en'],
    time_zone: 'America/Mexico_City',
    country: 'MX',
    years_of_experience: 12,
    rates: [259, 219, 159],
    featured: false,
    biography_markdown: `I illustrate books for children, and a page has to work before anybody has read a word. Tarot is like this too. I often start by laying one card and saying nothing. You look. After a minute you tell me what the people in it are about to do. That is your reading; everything afterwards is commentary.

My grandmother in Oaxaca told her dreams at breakfast, and we were expected to have opinions. I keep that custom with clients. Bring the dream with the flooded house in it; bring the one with your old teacher. We'll find the card that belongs to it.

Trabajo con calma. No adivino números, ni infidelidades, ni enfermedades. I read for what you can do with open eyes.`,
  }),
  reader({
    slug: 'mateus-aroeira',
    name: 'Mateus Aroeira',
    headline: 'Breath, body, cards. Restful sessions from Salvador for people who carry too much.',
    specialities: ['energy-work', 'tarot'],
    languages: ['pt', 'en', 'es'],
    time_zone: 'America/Bahia',
    country: 'BR',
    years_of_experience: 10,
    rates: [329, 289, null],
    featured: true,
    biography_markdown: `I taught capoeira to teenagers for a long time, and what I know about energy I learned from watching who could fall down and laugh. Bodies tell you quite quickly what a mouth will take an hour to say.

We begin with ten minutes of guided breathing. Nothing exotic; you can do it in an office chair. Then I ask where in the body the question sits, and we stay there. Towards the end I draw two or three cards, more as a goodbye than a verdict.

I want to be clear, because the words around this work can be slippery: I don't heal illness. If you're in pain, see a doctor first and me second. What I can offer is an hour in which nobody wants anything from you, and I've found that's rarer than it should be.

Axé.`,
  }),
  reader({
    slug: 'harpreet-gill',
    name: 'Harpreet Gill',
    headline: 'Numerology with the working shown. For people who like structure and a bit of wonder.',
    specialities: ['numerology', 'coaching'],
    languages: ['en', 'pa', 'hi'],
    time_zone: 'America/Vancouver',
    country: 'CA',
    years_of_experience: 9,
    rates: [349, 299, 249],
    featured: false,
    biography_markdown: `By day I teach maths to fourteen-year-olds in Surrey, BC. Numerology isn't maths, and I won't insult either by pretending it is. It's closer to poetry with a strict metre: a small set of rules which makes you say things you would not otherwise have said.

I'll show you every step on a shared sheet: your name, your date, the sums, what tradition says about the result, and where traditions disagree with one another, which they do. Then we put the sheet aside. What in it rang true? What annoyed you? The annoyances are often the interesting part.

I also coach students and parents through big transitions. There I use no numbers at all, unless you count the dates by which you said you'd send that application.`,
  }),
  reader({
    slug: 'rosa-quispe',
    name: 'Rosa Quispe',
    headline: 'Dream listening and gentle energy work, in Spanish and Quechua, from high in Cusco.',
    specialities: ['energy-work', 'dream-work'],
    languages: ['es', 'qu', 'en'],
    time_zone: 'America/Lima',
    country: 'PE',
    years_of_experience: 26,
    rates: [199, 149, 99],
    featured: false,
    biography_markdown: `I weave. My mother wove, and her mother, and when we sat at the loom we told what we had dreamt, because hands that are busy let the mouth speak honestly. That is the beginning of everything I do.

I don't sell ceremonies. What belongs to my village stays in my village. What I can share with anybody is a way of listening: I ask you to hold something in your hands while we talk, a stone, a cup, a ball of wool. I ask what you dreamt and where you felt it. We breathe. We find one small thing to put down and one to pick up again.

My connection is good in the mornings. My prices are low because I want my cousins to be able to afford me, and there's no other reason.`,
  }),
  reader({
    slug: 'noelani-kahale',
    name: 'Noelani Kahale',
    headline: 'Calm, ocean-paced energy sessions and tarot. Come as you are, leave lighter if we are lucky.',
    specialities: ['energy-work', 'tarot'],
    languages: ['en', 'ja'],
    time_zone: 'Pacific/Honolulu',
    country: 'US',
    years_of_experience: 15,
    rates: [449, 399, 299],
    featured: false,
    biography_markdown: `I was a lifeguard on the north shore of Oʻahu for twelve summers. You spend that job doing what looks like nothing, and it's all attention. I've tried to bring the same thing indoors.

Sessions with me are quiet. I lead you through a slow scan of the body, with the sound of the window open behind me, and you tell me what you notice. If a feeling comes up we let it come up and go down again; they do go down, like sets. I may draw a card if we want words at the end.

I come from a place whose traditions are often borrowed without asking, so I keep what I offer simple and my own. I don't treat illness and I don't touch trauma that belongs with a trained therapist. Rest, though. Rest I can do.`,
  }),
];
