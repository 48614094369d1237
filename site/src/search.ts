// Search in a list that fits in memory, with typing mistakes forgiven. Linear in what is searched.

/** Something to be found, and how much finding a word in each of its texts is worth. */
export interface Searched<T> {
  item: T;
  texts: readonly (readonly [text: string, worth: number])[];
}

/** Small letters without accents; “Łukasz” and “lukasz” are the same. */
function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ł/g, 'l')
    .replace(/ø/g, 'o')
    .replace(/ß/g, 'ss');
}

export const wordsOf = (text: string): string[] => plain(text).match(/[\p{L}\p{N}]+/gu) ?? [];

/** How many letters may be wrong: none in short words, where everything is near everything. */
const mistakes = (word: string): number => (word.length < 4 ? 0 : word.length < 8 ? 1 : 2);

/**
 * Whether one word becomes the other by at most `most` letters left out, added, taken for another, or two beside each
 * other changed over (optimal string alignment, only as far as it matters).
 */
export function isNear(one: string, other: string, most: number): boolean {
  if (Math.abs(one.length - other.length) > most) return false;
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const now = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (now[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      now.push(cost);
    }
    if (Math.min(...now) > most) return false;
    [before, last] = [last, now];
  }
  return (last[other.length] ?? 0) <= most;
}

/** How well a word that was typed fits one that is there, from 0 to 1. The last word may be unfinished. */
function closeness(typed: string, there: string): number {
  if (typed === there) return 1;
  if (typed.length >= 2 && there.startsWith(typed)) return 0.8;
  const most = mistakes(typed);
  if (most === 0) return 0;
  if (isNear(typed, there, most)) return 0.6;
  // An unfinished word with a mistake in it.
  return there.length > typed.length && isNear(typed, there.slice(0, typed.length), 1) ? 0.4 : 0;
}

/** What fits every word that was typed, the best first; all that is there when nothing was. */
export function search<T>(typed: string, all: readonly Searched<T>[]): T[] {
  const asked = [...new Set(wordsOf(typed))].slice(0, 8);
  if (asked.length === 0) return all.map(({ item }) => item);
  const found: { item: T; worth: number }[] = [];
  for (const { item, texts } of all) {
    const words = texts.flatMap(([text, worth]) => wordsOf(text).map((word) => ({ word, worth })));
    const worths = asked.map((one) =>
      words.reduce((best, { word, worth }) => Math.max(best, closeness(one, word) * worth), 0),
    );
    if (worths.every((worth) => worth > 0))
      found.push({ item, worth: worths.reduce((sum, worth) => sum + worth, 0) });
  }
  return found.sort((one, other) => other.worth - one.worth).map(({ item }) => item);
}
