import type { Reader } from '../payload-types.ts';

type RichText = Reader['biography'];
const format = { format: '', indent: 0, version: 1, direction: 'ltr' } as const;

/** Plain text as the admin's editor keeps it: an empty line begins a paragraph. Nothing in it is taken for markup. */
export function paragraphs(text: string): RichText {
  const blocks = text
    .split(/\n{2,}/)
    .map((block) => block.trim())
    .filter(Boolean);
  return {
    root: {
      ...format,
      type: 'root',
      children: blocks.map((block) => ({
        ...format,
        type: 'paragraph',
        textFormat: 0,
        children: block
          .split('\n')
          .flatMap((line, index) => [
            ...(index > 0 ? [{ type: 'linebreak', version: 1 }] : []),
            { type: 'text', version: 1, text: line, format: 0, detail: 0, mode: 'normal', style: '' },
          ]),
      })),
    },
  };
}
