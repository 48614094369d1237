import { z } from 'zod';
import type { Problem } from './problem.ts';

const MAX_LIMIT = 1000;

const wholeNumber = (max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .refine((value) => !/^\d+$/.test(value) || Number(value) <= max, `must be at most ${max}`);
const flag = z.enum(['true', 'false', '1', '0'], { error: "must be 'true' or 'false'" });

/** What Payload would silently take for something else. Everything that isn't named here is Payload's to judge. */
const schema = z.looseObject({
  limit: wholeNumber(MAX_LIMIT).optional(),
  page: wholeNumber(1_000_000).optional(),
  depth: wholeNumber(4).optional(),
  draft: flag.optional(),
  pagination: flag.optional(),
  trash: flag.optional(),
  sort: z
    .string()
    .regex(/^-?[\w.]+(,-?[\w.]+)*$/, 'must be names of fields, each with a minus for descending')
    .optional(),
  where: z.undefined({ error: 'must name a field, such as where[slug][equals]=luna' }).optional(),
});

/** What is wrong with a query string; empty when it can be used. A parameter without a value counts as not given. */
export function queryProblems(search: string): NonNullable<Problem['errors']> {
  const given = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(search)) if (value !== '') given.set(name, value);
  const { error } = schema.safeParse(Object.fromEntries(given));
  return (error?.issues ?? []).map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
}
