import { type CollectionBeforeValidateHook, ValidationError } from 'payload';

/** The longest biography, in characters of its text. */
export const biographyCharacters = 20_000;
/** Of all that the editor keeps of it: what stands around the words, too. */
const storedCharacters = 40 * biographyCharacters;

/** Every page that shows a reader carries the biography: one of megabytes is refused with a word, drafts included. */
export const limitBiography: CollectionBeforeValidateHook = ({ data, req }) => {
  const biography: unknown = data?.biography;
  if (typeof biography !== 'object' || biography === null) return data;
  const stored = JSON.stringify(biography);
  if (stored.length > storedCharacters || charactersOf(stored) > biographyCharacters)
    throw new ValidationError(
      {
        collection: 'readers',
        req,
        errors: [
          {
            path: 'biography',
            message: `A biography has at most ${biographyCharacters.toLocaleString('en')} characters. Shorten it, and keep the rest for an article.`,
          },
        ],
      },
      req.t,
    );
  return data;
};

/** How many characters there are in the texts of it, escapes counted as written. */
function charactersOf(stored: string): number {
  let characters = 0;
  for (const [, text = ''] of stored.matchAll(/"text":"((?:[^"\\]|\\.)*)"/g)) characters += text.length;
  return characters;
}
