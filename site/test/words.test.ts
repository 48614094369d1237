import { describe, expect, it } from 'vitest';
import {
  counted,
  countryName,
  day,
  languageName,
  listed,
  lowestRate,
  money,
  placeOf,
  timeIn,
} from '../src/text/words.ts';

describe('words', () => {
  it('writes money, numbers and lists', () => {
    expect(money(399)).toBe('$3.99');
    expect(money(123_456)).toBe('$1,234.56');
    expect(counted(1, 'reader')).toBe('1 reader');
    expect(counted(0, 'reader')).toBe('0 readers');
    expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
  });

  it('names languages and countries, and gives back what it does not know', () => {
    expect(languageName('pt')).toBe('Portuguese');
    expect(languageName('not a tag')).toBe('not a tag');
    expect(countryName('PT')).toBe('Portugal');
    expect(countryName('?')).toBe('?');
  });

  it('tells days and the time of day in a place, also over a change of the clocks', () => {
    expect(day('2026-10-02T08:00:00.000Z')).toBe('2 October 2026');
    expect(timeIn('Europe/London', new Date('2026-03-29T00:59:00Z'))).toBe('00:59');
    expect(timeIn('Europe/London', new Date('2026-03-29T01:00:00Z'))).toBe('02:00');
    expect(timeIn('Asia/Kathmandu', new Date('2026-01-01T00:00:00Z'))).toBe('05:45');
    expect(placeOf('America/Argentina/Buenos_Aires')).toBe('Buenos Aires');
  });

  it('finds the lowest rate among those offered', () => {
    expect(lowestRate({ video: 399, chat: 249 })).toBe(249);
    expect(lowestRate({})).toBe(null);
  });
});
