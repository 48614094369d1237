/** What parameters may be, with Stripe's words for those that may not. */

import { z } from 'zod';
import { badParameter } from './errors.ts';
import { CURRENCIES } from './money.ts';

/** Stripe's own limit of a string. */
const LONGEST = 5_000;

function because(message: string, code?: string) {
  return { error: message, params: { code } };
}

/** A string that says something. */
export const text = z
  .string()
  .max(LONGEST)
  .refine((value) => value !== '', because('', 'parameter_invalid_empty'));

/** A string; the empty one takes away what was there. */
export const clearable = z
  .string()
  .max(LONGEST)
  .transform((value) => (value === '' ? null : value));

export const integer = z
  .string()
  .refine((value) => /^-?\d{1,15}$/.test(value), because('Invalid integer', 'parameter_invalid_integer'))
  .transform(Number);

export const positive = integer.refine(
  (value) => value > 0,
  because('Invalid positive integer', 'parameter_invalid_integer'),
);

export const amount = positive.refine(
  (value) => value <= 99_999_999,
  because('Amount must be no more than $999,999.99', 'amount_too_large'),
);

export const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

export const currency = z
  .string()
  .transform((value) => value.toLowerCase())
  .refine((value) => value in CURRENCIES, because('Invalid currency'));

export const email = z.string().refine((value) => /^[^@\s]+@[^@\s]+$/.test(value), {
  error: 'Invalid email address',
  params: { code: 'email_invalid' },
});

/** An address, where `{CHECKOUT_SESSION_ID}` and the like may stand. */
export const address = z.string().refine(
  (value) => {
    const protocol = URL.parse(value)?.protocol;
    return protocol === 'http:' || protocol === 'https:';
  },
  because('Not a valid URL', 'url_invalid'),
);

/** Up to 50 keys of 40 characters, values of 500; an empty value takes the key away. */
export const metadata = z.union([
  z.literal('').transform(() => 'none' as const),
  z
    .record(z.string().max(40), z.string().max(500))
    .refine((value) => Object.keys(value).length <= 50, because('Metadata can hold 50 keys')),
]);
export type MetadataChange = z.infer<typeof metadata>;

/** A list, sent as `name[0]`, `name[1]` or `name[]`. */
export function list<Item extends z.ZodType>(item: Item) {
  return z.preprocess((value) => {
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    return entries.every(([key]) => /^\d+$/.test(key))
      ? entries.sort(([one], [other]) => Number(one) - Number(other)).map(([, entry]) => entry)
      : value;
  }, z.array(item).max(100));
}

/** Of the kinds of payment methods that a call allows, cards are the one there is here. */
export const allowedTypes = list(text).refine(
  (types) => types.includes('card'),
  because('This sandbox takes cards only, so `card` must be among the allowed types'),
);

export const postalAddress = z.strictObject({
  city: clearable.optional(),
  country: clearable.optional(),
  line1: clearable.optional(),
  line2: clearable.optional(),
  postal_code: clearable.optional(),
  state: clearable.optional(),
});

export const created = z.union([
  integer.transform((at) => ({ gte: at, lte: at })),
  z.strictObject({
    gt: integer.optional(),
    gte: integer.optional(),
    lt: integer.optional(),
    lte: integer.optional(),
  }),
]);

/** The parameters of every list. */
export const page = {
  limit: integer
    .refine((value) => value >= 1 && value <= 100, because('This value must be from 1 to 100'))
    .optional(),
  starting_after: text.optional(),
  ending_before: text.optional(),
};

/** Checks `given`, or throws the 400 that Stripe would answer. */
export function readParams<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const result = schema.safeParse(given, { reportInput: true });
  if (result.success) return result.data;
  throw toError(result.error.issues[0]);
}

function toError(issue: z.core.$ZodIssue | undefined): Error {
  if (!issue) return badParameter('Invalid request.');
  // Of a choice of shapes, the one that went furthest says most.
  if (issue.code === 'invalid_union') {
    const deepest = issue.errors
      .map(([first]) => first)
      .filter((first) => first !== undefined)
      .sort((one, other) => other.path.length - one.path.length)[0];
    if (deepest) return toError({ ...deepest, path: [...issue.path, ...deepest.path] });
  }
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  const param = path.map((key, index) => (index === 0 ? String(key) : `[${String(key)}]`)).join('');

  if (issue.code === 'unrecognized_keys') {
    return badParameter(`Received unknown parameter: ${param}`, param, 'parameter_unknown');
  }
  if (issue.input === undefined) {
    return badParameter(`Missing required param: ${param}.`, param, 'parameter_missing');
  }
  if (issue.code === 'invalid_value') {
    return badParameter(`Invalid ${param}: must be one of ${issue.values.join(', ')}`, param);
  }
  if (issue.code === 'custom') {
    const code = (issue.params as { code?: string } | undefined)?.code;
    return badParameter(
      code === 'parameter_invalid_empty'
        ? `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however '${param}' cannot be unset.`
        : `${issue.message}: ${String(issue.input)}`,
      param,
      code,
    );
  }
  return badParameter(`Invalid ${param}: ${issue.message}`, param);
}

/** What becomes of metadata when `change` comes. */
export function changedMetadata(
  before: Record<string, string>,
  change: MetadataChange | undefined,
): Record<string, string> {
  if (change === undefined) return before;
  if (change === 'none') return {};
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== ''));
}
