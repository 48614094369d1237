const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

export interface Fitted {
  /** Pixels. */
  size: number;
  lines: string[];
}

interface Frame {
  /** Pixels. */
  width: number;
  height: number;
  /** From line to line, in font sizes. */
  leading: number;
  /** Font sizes in pixels, the largest first. */
  sizes: readonly number[];
}

/** More than any picture can hold: the rest is not even measured. */
const mostCharacters = 400;

/** One line of plain text: no line breaks, no emoji, for which there may be no typeface, nor the invisible signs that turn the direction of what follows. */
const plain = (text: string): string =>
  text
    .slice(0, mostCharacters)
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .replace(/\p{RGI_Emoji}/gv, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/**
 * Breaks text into lines that fit, in the largest size in which all of it does; what doesn’t fit in the smallest ends with “…”.
 *
 * @param measure gives the width of a text in pixels, in a font of so many pixels.
 */
export function fitted(
  text: string,
  { width, height, leading, sizes }: Frame,
  measure: (text: string, size: number) => number,
): Fitted {
  const words = plain(text);
  const mostLines = (size: number) => Math.max(1, Math.floor(height / (size * leading)));
  for (const size of sizes) {
    const lines = broken(words, (part) => measure(part, size) <= width);
    if (lines.length <= mostLines(size) && lines.every((line) => measure(line, size) <= width))
      return { size, lines };
  }
  const size = sizes.at(-1) as number;
  const most = mostLines(size);
  const fits = (part: string) => measure(part, size) <= width;
  const lines = broken(words, fits).flatMap((line) => (fits(line) ? [line] : cut(line, fits)));
  if (lines.length <= most) return { size, lines };
  let last = lines[most - 1] as string;
  while (last && !fits(`${last}…`)) last = last.slice(0, lastGrapheme(last)?.index ?? 0);
  return { size, lines: [...lines.slice(0, most - 1), `${last.trimEnd()}…`] };
}

/** At spaces: a word longer than a line has one of its own. */
function broken(text: string, fits: (part: string) => boolean): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').filter(Boolean)) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && fits(longer)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Within a word, never within what is read as one character. */
function cut(word: string, fits: (part: string) => boolean): string[] {
  const lines = [''];
  for (const { segment } of graphemes.segment(word)) {
    const longer = `${lines.at(-1)}${segment}`;
    if (lines.at(-1) === '' || fits(longer)) lines[lines.length - 1] = longer;
    else lines.push(segment);
  }
  return lines;
}

const lastGrapheme = (text: string) => [...graphemes.segment(text)].at(-1);
