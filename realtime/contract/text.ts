/** Text and JSON that a database can keep: Postgres knows no NUL, and nobody half a character. */

import { z } from 'zod';

/** 1 to `most` characters, whole ones. */
export function text(most: number) {
  return z
    .string()
    .min(1)
    .max(most)
    .refine((value) => !value.includes('\0') && value.isWellFormed(), 'has characters that can’t be kept');
}

/** An object of at most `most` characters as JSON. */
export function wholeJson(most: number) {
  return z
    .record(z.string(), z.json())
    .refine((value) => JSON.stringify(value).length <= most, `must be at most ${most} characters as JSON`)
    .refine(
      // JSON.stringify escapes NUL and halves of a character, and nothing else in this way.
      (value) => !/\\u(0000|d[89a-f])/i.test(JSON.stringify(value)),
      'has characters that can’t be kept',
    );
}
