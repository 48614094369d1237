import { describe, expect, it } from 'vitest';
import { isNear, type Searched, search, wordsOf } from '../src/search.ts';

const reader = (name: string, headline: string, ...specialities: string[]): Searched<string> => ({
  item: name,
  texts: [[name, 4], ...specialities.map((one) => [one, 3] as const), [headline, 2]],
});
const all = [
  reader('Amara Okafor', 'Tarot for people in the middle of a decision.', 'Tarot', 'Dream work'),
  reader('Tomasz Wierzbicki', 'Runes and plain words.', 'Runes'),
  reader('Zoë Łukasiewicz', 'Astrology that stays on the ground.', 'Astrology'),
  reader('Mediha Tan', 'I listen.', 'Mediumship'),
];

describe('D1: search forgives typing mistakes', () => {
  it.each([
    ['amara', ['Amara Okafor']],
    ['AMARA okafor', ['Amara Okafor']],
    ['amraa', ['Amara Okafor']],
    ['okafro', ['Amara Okafor']],
    ['wierzbiki', ['Tomasz Wierzbicki']],
    ['astrolgy', ['Zoë Łukasiewicz']],
    ['lukasiewicz', ['Zoë Łukasiewicz']],
    ['zoe', ['Zoë Łukasiewicz']],
    ['medumship', ['Mediha Tan']],
    ['dreem', ['Amara Okafor']],
    ['tarot decision', ['Amara Okafor']],
    // Unfinished, with a mistake in it.
    ['astrw', ['Zoë Łukasiewicz']],
  ])('“%s” finds %j', (typed, found) => {
    expect(search(typed, all)).toEqual(found);
  });

  it.each(['tarot runes', 'xylophone', 'ta%', 'an'])('“%s” doesn’t find what doesn’t fit', (typed) => {
    expect(search(typed, all).length).toBeLessThan(all.length);
    if (typed !== 'an' && typed !== 'ta%') expect(search(typed, all)).toEqual([]);
  });

  it('puts a name before a word in passing, and finds everybody when nothing is asked', () => {
    const two = [reader('Ann Lee', 'For lovers of rose gardens.'), reader('Rose Hill', 'I listen.')];
    expect(search('rose', two)).toEqual(['Rose Hill', 'Ann Lee']);
    expect(search('  ?! ', two)).toEqual(['Ann Lee', 'Rose Hill']);
  });

  it('counts a letter left out, added, changed, and two changed over as one mistake each', () => {
    for (const other of ['trot', 'tarrot', 'tarat', 'tarto']) expect(isNear('tarot', other, 1)).toBe(true);
    expect(isNear('tarot', 'tort', 1)).toBe(false);
    expect(isNear('', 'a', 1)).toBe(true);
    expect(wordsOf('Zoë’s Ørsted–straße')).toEqual(['zoe', 's', 'orsted', 'strasse']);
  });

  it('is done with long and hostile input at once', () => {
    const many = Array.from({ length: 500 }, (_, index) => reader(`Reader ${index}`, 'word '.repeat(25)));
    const began = performance.now();
    search(`${'a'.repeat(80)} ${'word '.repeat(16)}`, many);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
