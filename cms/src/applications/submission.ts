import { z } from 'zod';
import { isCountry } from '../fields/country.ts';
import { isLanguage, type LanguageTag } from '../fields/languages.ts';
import { isTimeZone } from '../fields/timeZone.ts';
import { EXTENSIONS, type FileType, fileTypeOf, pictureProblem } from './fileTypes.ts';

/** One thing that is wrong, by the name of its part of the form. */
export type FieldError = { field: string; message: string };

export type CheckedFile = { name: string; type: FileType; data: Uint8Array };

/** An application that can be taken, but for what only the database knows. */
export type Submission = {
  name: string;
  headline: string;
  biography: string;
  /** Slugs, each once. */
  specialities: string[];
  languages: LanguageTag[];
  country: string;
  time_zone: string;
  years_of_experience: number;
  rates: Record<`${Modality}_cents_per_minute`, number | null>;
  portrait: CheckedFile;
  documents: CheckedFile[];
};

export type Checked = { ok: true; submission: Submission } | { ok: false; errors: FieldError[] };

type Modality = (typeof MODALITIES)[number];
const MODALITIES = ['video', 'voice', 'chat'] as const;
const MEGABYTE = 1024 * 1024;
const MOST_FILE_BYTES = 4 * MEGABYTE;
const MOST_DOCUMENTS = 5;
const PORTRAIT_TYPES: readonly FileType[] = ['image/jpeg', 'image/png', 'image/webp', 'image/avif'];
const DOCUMENT_TYPES: readonly FileType[] = ['application/pdf', 'image/jpeg', 'image/png'];

/** One line or several, without what nobody sees and no database keeps. */
const words = (missing: string, least: number, most: number) =>
  z
    .string({ error: missing })
    .transform((value) => value.replace(/\r\n?/g, '\n').trim())
    .refine((value) => value.length >= least, missing)
    .refine((value) => value.length <= most, `That is longer than ${most.toLocaleString('en')} characters.`)
    .refine(
      (value) => value.isWellFormed() && !/[^\P{Cc}\n\t]/u.test(value),
      'It has characters that can’t be kept.',
    );
const line = (missing: string, most: number) =>
  words(missing, 1, most).refine((value) => !/[\n\t]/.test(value), 'Write it in one line.');

const cents = z
  .string()
  .regex(/^\d{1,6}$/, 'Give each rate in whole cents a minute.')
  .transform(Number)
  .refine((value) => value >= 50 && value <= 10_000, 'Give each rate from 0.50 to 100.00 dollars a minute.');

const schema = z.object({
  name: line('Tell us the name that clients will see.', 80),
  headline: line('Write one line about your readings.', 140),
  biography: words('Write at least a few sentences: 100 characters or more.', 100, 5_000),
  specialities: z
    .array(z.string({ error: 'Choose from the list.' }).max(80, 'Choose from the list.'))
    .min(1, 'Choose at least one.')
    .transform((slugs) => [...new Set(slugs)])
    .refine((slugs) => slugs.length <= 5, 'Choose five at most: what you do best.'),
  languages: z
    .array(z.string({ error: 'Choose from the list.' }).refine(isLanguage, 'Choose from the list.'))
    .min(1, 'Choose at least one.')
    .transform((tags) => [...new Set(tags)] as LanguageTag[]),
  country: z.string({ error: 'Choose the country that you live in.' }).refine(isCountry, {
    error: 'Choose the country that you live in.',
  }),
  time_zone: z.string({ error: 'Choose your time zone from the list.' }).refine(isTimeZone, {
    error: 'Choose your time zone from the list.',
  }),
  years_of_experience: z
    .string({ error: 'Give a whole number of years, 0 to 80.' })
    .regex(/^\d{1,2}$/, 'Give a whole number of years, 0 to 80.')
    .transform(Number)
    .refine((years) => years <= 80, 'Give a whole number of years, 0 to 80.'),
  rates: z
    .object({
      video_cents_per_minute: cents.optional(),
      voice_cents_per_minute: cents.optional(),
      chat_cents_per_minute: cents.optional(),
    })
    .refine(
      (rates) => Object.values(rates).some((one) => one !== undefined),
      'Offer at least one way of talking.',
    ),
});

/** Reads and checks the form of an application; tells all that is wrong with it at once. */
export async function checkSubmission(form: FormData): Promise<Checked> {
  const one = (name: string) => {
    const [value, more] = form.getAll(name);
    // Twice is as good as not at all: nobody knows which was meant.
    return typeof value === 'string' && value !== '' && more === undefined ? value : undefined;
  };
  const rate = (modality: Modality) => one(`${modality}_cents_per_minute`);
  const parsed = schema.safeParse({
    name: one('name'),
    headline: one('headline'),
    biography: one('biography'),
    specialities: form.getAll('specialities'),
    languages: form.getAll('languages'),
    country: one('country'),
    time_zone: one('time_zone'),
    years_of_experience: one('years_of_experience'),
    rates: Object.fromEntries(MODALITIES.map((each) => [`${each}_cents_per_minute`, rate(each)])),
  });
  const errors: FieldError[] = [];
  for (const { path, message } of parsed.error?.issues ?? []) {
    const field = path.filter((part) => typeof part === 'string').join('.');
    if (!errors.some((known) => known.field === field)) errors.push({ field, message });
  }

  const portraits = form.getAll('portrait');
  const portrait = portraits.length === 1 ? await checkFile(portraits[0], PORTRAIT_TYPES, 'me') : undefined;
  if (!portrait) errors.push({ field: 'portrait', message: 'Choose one picture of yourself.' });
  else if (typeof portrait === 'string')
    errors.push({ field: 'portrait', message: PORTRAIT_WORDS[portrait] });

  const documents: CheckedFile[] = [];
  const given = form.getAll('documents');
  if (given.length === 0)
    errors.push({ field: 'documents', message: 'Add at least one document that shows who you are.' });
  else if (given.length > MOST_DOCUMENTS)
    errors.push({ field: 'documents', message: `Add ${MOST_DOCUMENTS} documents at most.` });
  else {
    for (const [index, value] of given.entries()) {
      const document = await checkFile(value, DOCUMENT_TYPES, `document-${index + 1}`);
      if (typeof document === 'string') {
        errors.push({ field: 'documents', message: DOCUMENT_WORDS[document] });
        break;
      }
      documents.push(document);
    }
  }

  if (!parsed.success || errors.length > 0 || !portrait || typeof portrait === 'string')
    return { ok: false, errors };
  const { rates, ...rest } = parsed.data;
  return {
    ok: true,
    submission: {
      ...rest,
      rates: {
        video_cents_per_minute: rates.video_cents_per_minute ?? null,
        voice_cents_per_minute: rates.voice_cents_per_minute ?? null,
        chat_cents_per_minute: rates.chat_cents_per_minute ?? null,
      },
      portrait,
      documents,
    },
  };
}

type FileProblem = 'no_file' | 'too_large' | 'wrong_type' | 'broken' | 'too_many_pixels';
const PORTRAIT_WORDS: Record<FileProblem, string> = {
  no_file: 'Choose one picture of yourself.',
  too_large: 'The picture is larger than 4 MB.',
  wrong_type: 'The picture is to be a JPEG, PNG, WebP or AVIF.',
  broken: 'That picture can’t be read. Save it anew, or choose another.',
  too_many_pixels: 'That picture is too large to work with: 40 megapixels are the most.',
};
const DOCUMENT_WORDS: Record<FileProblem, string> = {
  no_file: 'Add at least one document that shows who you are.',
  too_large: 'One of them is larger than 4 MB.',
  wrong_type: 'Each document is to be a PDF, JPEG or PNG.',
  broken: 'One of the pictures can’t be read. Save it anew, or choose another.',
  too_many_pixels: 'One of the pictures is too large to work with: 40 megapixels are the most.',
};

/** What a file says of its type counts for nothing; its bytes do. */
async function checkFile(
  value: FormDataEntryValue | undefined,
  types: readonly FileType[],
  otherwise: string,
): Promise<CheckedFile | FileProblem> {
  if (!(value instanceof File) || value.size === 0) return 'no_file';
  if (value.size > MOST_FILE_BYTES) return 'too_large';
  const data = new Uint8Array(await value.arrayBuffer());
  const type = fileTypeOf(data);
  if (!type || !types.includes(type)) return 'wrong_type';
  const problem = type === 'application/pdf' ? undefined : await pictureProblem(data);
  return problem ?? { name: `${stemOf(value.name) || otherwise}.${EXTENSIONS[type]}`, type, data };
}

/** The name without folders and without its extension, which is given anew by what the file is. */
function stemOf(name: string): string {
  const last = name.toWellFormed().split(/[\\/]/).pop() ?? '';
  return last
    .replace(/\.[^.]*$/, '')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
    .slice(0, 80)
    .toWellFormed();
}
