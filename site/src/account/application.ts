import { z } from 'zod';
import { modalities } from '../cms/views.ts';
import type { Logger } from '../server/logger.ts';
import { countries, languages, timeZones } from '../text/places.ts';
import type { ApplicationState } from './account.ts';

/** What somebody typed, as they typed it: so that nothing is lost when something is wrong with it. */
export interface Typed {
  name: string;
  headline: string;
  biography: string;
  /** Slugs. */
  specialities: string[];
  /** BCP 47 tags. */
  languages: string[];
  country: string;
  time_zone: string;
  years_of_experience: string;
  /** Dollars a minute, as typed; nothing where that way isn't offered. */
  rates: Record<(typeof modalities)[number], string>;
}

export interface Submission {
  typed: Typed;
  portrait: File | null;
  documents: File[];
}

export type Field = keyof Typed | 'portrait' | 'documents';
export type FieldErrors = Partial<Record<Field, string>>;

export type Submitted =
  | { ok: true }
  | { ok: false; errors: FieldErrors }
  /** Nothing is wrong with it, but it can't be taken now, or not again. */
  | { ok: false; problem: 'ended' | 'unavailable' | 'already' };

const pictureTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/avif'];
const documentTypes = ['application/pdf', 'image/jpeg', 'image/png'];
export const accepted = { portrait: pictureTypes.join(','), documents: documentTypes.join(',') };
export const mostDocuments = 5;
/** 4 MiB each. */
const fileBytes = 4 * 1024 * 1024;

export const untyped: Typed = {
  name: '',
  headline: '',
  biography: '',
  specialities: [],
  languages: [],
  country: '',
  time_zone: '',
  years_of_experience: '',
  rates: { video: '', voice: '', chat: '' },
};

/** Reads the form. An empty file field comes as a file without name and content. */
export function readSubmission(form: FormData): Submission {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' ? value.replace(/\r\n/g, '\n').trim() : '';
  };
  const list = (name: string) =>
    form.getAll(name).flatMap((value) => (typeof value === 'string' && value !== '' ? [value] : []));
  const files = (name: string) =>
    form.getAll(name).flatMap((value) => (typeof value !== 'string' && value.size > 0 ? [value] : []));
  return {
    typed: {
      name: text('name'),
      headline: text('headline'),
      biography: text('biography'),
      specialities: list('specialities'),
      languages: list('languages'),
      country: text('country'),
      time_zone: text('time_zone'),
      years_of_experience: text('years_of_experience'),
      rates: { video: text('rate_video'), voice: text('rate_voice'), chat: text('rate_chat') },
    },
    portrait: files('portrait')[0] ?? null,
    documents: files('documents'),
  };
}

/** Cents of “3.99” or “$3”; nothing when it is no such sum. */
export function centsOf(typed: string): number | undefined {
  const match = /^\$?\s*(\d{1,3})(?:[.,](\d{2}))?$/.exec(typed);
  return match ? Number(match[1]) * 100 + Number(match[2] ?? 0) : undefined;
}

/** What is wrong with an application, in words for whoever wrote it. The CMS has the last word. */
export function checkSubmission({ typed, portrait, documents }: Submission): FieldErrors {
  const errors: FieldErrors = {};
  const need = (field: Field, wrong: boolean, message: string) => {
    if (wrong && !errors[field]) errors[field] = message;
  };
  need('name', typed.name === '', 'Tell us the name that clients will see.');
  need('name', typed.name.length > 80, 'That is longer than 80 characters.');
  need('headline', typed.headline === '', 'Write one line about your readings.');
  need(
    'headline',
    typed.headline.length > 140,
    `That is ${typed.headline.length} characters; 140 is the most.`,
  );
  need('biography', typed.biography.length < 100, 'Write at least a few sentences: 100 characters or more.');
  need('biography', typed.biography.length > 5_000, 'That is longer than 5,000 characters.');
  need('specialities', typed.specialities.length === 0, 'Choose at least one.');
  need('specialities', typed.specialities.length > 5, 'Choose five at most: what you do best.');
  need('languages', typed.languages.length === 0, 'Choose at least one.');
  need(
    'languages',
    typed.languages.some((tag) => !languages.some(({ value }) => value === tag)),
    'Choose from the list.',
  );
  need(
    'country',
    !countries.some(({ value }) => value === typed.country),
    'Choose the country that you live in.',
  );
  need('time_zone', !timeZones.includes(typed.time_zone), 'Choose your time zone from the list.');
  need(
    'years_of_experience',
    !/^\d{1,2}$/.test(typed.years_of_experience) || Number(typed.years_of_experience) > 80,
    'Give a whole number of years, 0 to 80.',
  );
  const offered = modalities.filter((one) => typed.rates[one] !== '');
  need('rates', offered.length === 0, 'Offer at least one way of talking.');
  need(
    'rates',
    offered.some((one) => {
      const cents = centsOf(typed.rates[one]);
      return cents === undefined || cents < 50 || cents > 10_000;
    }),
    'Give each rate in dollars a minute, from 0.50 to 100.00, such as 3.99. Leave out what you don’t offer.',
  );
  need('portrait', portrait === null, 'Choose a picture of yourself.');
  if (portrait) {
    need(
      'portrait',
      !pictureTypes.includes(portrait.type),
      'The picture is to be a JPEG, PNG, WebP or AVIF.',
    );
    need('portrait', portrait.size > fileBytes, 'The picture is larger than 4 MB.');
  }
  need('documents', documents.length === 0, 'Add at least one document that shows who you are.');
  need('documents', documents.length > mostDocuments, `Add ${mostDocuments} documents at most.`);
  need(
    'documents',
    documents.some(({ type }) => !documentTypes.includes(type)),
    'Each document is to be a PDF, JPEG or PNG.',
  );
  need(
    'documents',
    documents.some(({ size }) => size > fileBytes),
    'One of them is larger than 4 MB.',
  );
  return errors;
}

const timeoutMs = 20_000;

interface Sending {
  cmsUrl: string;
  token: string;
  submission: Submission;
  requestId: string;
  log: Logger;
}

const refused = z.object({
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});

/** Sends an application to the CMS in the person's name. */
export async function submitApplication({
  cmsUrl,
  token,
  submission,
  requestId,
  log,
}: Sending): Promise<Submitted> {
  try {
    const response = await fetch(`${cmsUrl}/api/reader-applications/submit`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, accept: 'application/json', 'x-request-id': requestId },
      body: formOf(submission),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok) return { ok: true };
    if (response.status === 409) return { ok: false, problem: 'already' };
    const told = refused.safeParse(body).data?.errors ?? [];
    const errors: FieldErrors = {};
    for (const { field, message } of told) {
      const known = fieldOf(field);
      if (known && !errors[known]) errors[known] = message;
    }
    if (Object.keys(errors).length > 0) return { ok: false, errors };
    log.warn({ request_id: requestId, status: response.status }, 'the CMS did not take an application');
  } catch (error) {
    log.warn({ request_id: requestId, err: error }, 'an application could not be sent');
  }
  return { ok: false, problem: 'unavailable' };
}

/** The field that the CMS speaks of: `rates.video_cents_per_minute` is told beside the rates. */
function fieldOf(name: string): Field | undefined {
  const [first = ''] = name.split(/[.[]/);
  return [...Object.keys(untyped), 'portrait', 'documents'].find((field) => field === first) as
    | Field
    | undefined;
}

function formOf({ typed, portrait, documents }: Submission): FormData {
  const form = new FormData();
  for (const name of [
    'name',
    'headline',
    'biography',
    'country',
    'time_zone',
    'years_of_experience',
  ] as const)
    form.set(name, typed[name]);
  for (const slug of typed.specialities) form.append('specialities', slug);
  for (const tag of typed.languages) form.append('languages', tag);
  for (const modality of modalities) {
    const cents = centsOf(typed.rates[modality]);
    if (cents !== undefined) form.set(`${modality}_cents_per_minute`, String(cents));
  }
  if (portrait) form.set('portrait', portrait, portrait.name);
  for (const document of documents) form.append('documents', document, document.name);
  return form;
}

const found = z.object({
  docs: z.array(
    z.object({
      status: z.enum(['submitted', 'approved', 'declined']),
      reason: z.string().nullish(),
      createdAt: z.string(),
      updatedAt: z.string(),
    }),
  ),
});

/** How an application stands, of what the CMS answers; undefined when that can't be read. */
export function readApplication(body: unknown): ApplicationState | undefined {
  const parsed = found.safeParse(body);
  if (!parsed.success) return undefined;
  const [last] = parsed.data.docs;
  if (!last) return { state: 'none' };
  switch (last.status) {
    case 'submitted':
      return { state: 'submitted', at: last.createdAt };
    case 'approved':
      return { state: 'approved', at: last.updatedAt };
    case 'declined':
      return { state: 'declined', at: last.updatedAt, reason: last.reason ?? '' };
  }
}
