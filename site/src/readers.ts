import { z } from 'zod';
import { type Modality, modalities } from './cms/views.ts';

export const sorts = ['featured', 'rating', 'price', 'experience', 'name'] as const;
export type Sort = (typeof sorts)[number];

export const sortWords: Record<Sort, string> = {
  featured: 'Suggested',
  rating: 'Best reviewed',
  price: 'Lowest price',
  experience: 'Most experience',
  name: 'Name',
};

/** Prices that can be chosen as the most that a minute may cost, in cents. */
export const mostRates = [100, 200, 300, 400, 500, 800] as const;

/** The fewest stars on average that can be chosen. */
export const leastRatings = [3, 4, 4.5] as const;

/** What a directory page is asked for. */
export interface ReadersQuery {
  /** Words to search for. */
  q?: string | undefined;
  /** Only those who are online at this moment. */
  online?: 'now' | undefined;
  /** The most that a minute may cost, in cents. */
  most?: number | undefined;
  /** The fewest stars on average. */
  rating?: number | undefined;
  modality?: Modality | undefined;
  speciality?: string | undefined;
  language?: string | undefined;
  sort: Sort;
  page: number;
}

const list = (values: readonly string[]) => values.map((value) => `“${value}”`).join(', ');

const shape = z.object({
  q: z.string().max(80, { error: 'is longer than 80 characters' }).optional(),
  online: z.enum(['now'], { error: 'is to be “now” or nothing' }).optional(),
  most: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, { error: 'is to be a whole number of dollars from 1 to 999' })
    .transform((dollars) => Number(dollars) * 100)
    .optional(),
  rating: z
    .string()
    .regex(/^[1-5](\.5)?$/, { error: 'is to be a number of stars from 1 to 5, such as “4.5”' })
    .transform(Number)
    .refine((stars) => stars <= 5, { error: 'is to be at most 5' })
    .optional(),
  modality: z.enum(modalities, { error: `is to be one of ${list(modalities)}` }).optional(),
  speciality: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, {
      error: 'is to be small letters, digits and hyphens, such as “tarot”',
    })
    .max(80, { error: 'is too long' })
    .optional(),
  language: z
    .string()
    .regex(/^[a-z]{2,3}$/, {
      error: 'is to be a language’s code of two or three small letters, such as “en”',
    })
    .optional(),
  sort: z.enum(sorts, { error: `is to be one of ${list(sorts)}` }).default('featured'),
  page: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, { error: 'is to be a whole number from 1 to 9999' })
    .transform(Number)
    .default(1),
});

const names = Object.keys(shape.shape) as (keyof typeof shape.shape)[];

/** One thing in the address that can't be used. */
export interface QueryFault {
  name: string;
  /** Ends a sentence that begins with the name. */
  wrong: string;
}

export type QueryResult = { ok: true; query: ReadersQuery } | { ok: false; faults: QueryFault[] };

/**
 * Reads the query of a directory page. An empty value is the same as none (forms send those); names that
 * aren't ours are let be, since others add some to links.
 */
export function readQuery(params: URLSearchParams): QueryResult {
  const faults: QueryFault[] = [];
  const given: Record<string, string> = {};
  for (const name of names) {
    const values = params
      .getAll(name)
      .map((value) => value.trim())
      .filter((value) => value !== '');
    if (values.length > 1) faults.push({ name, wrong: 'is given more than once' });
    else if (values[0] !== undefined) given[name] = values[0];
  }
  const parsed = shape.safeParse(given);
  for (const issue of parsed.error?.issues ?? [])
    faults.push({ name: String(issue.path[0]), wrong: issue.message });
  return parsed.success && faults.length === 0 ? { ok: true, query: parsed.data } : { ok: false, faults };
}

/** The address of a directory page: the shortest that means the query with the changes. */
export function readersHref(query: ReadersQuery, change: Partial<ReadersQuery> = {}): string {
  // Another choice begins at its first page again.
  const next: ReadersQuery = { ...query, page: 1, ...change };
  const params = new URLSearchParams();
  if (next.q) params.set('q', next.q);
  if (next.online) params.set('online', next.online);
  if (next.modality) params.set('modality', next.modality);
  if (next.speciality) params.set('speciality', next.speciality);
  if (next.language) params.set('language', next.language);
  if (next.rating) params.set('rating', String(next.rating));
  if (next.most) params.set('most', String(next.most / 100));
  if (next.sort !== 'featured') params.set('sort', next.sort);
  if (next.page > 1) params.set('page', String(next.page));
  const search = params.toString();
  return search ? `/readers?${search}` : '/readers';
}
