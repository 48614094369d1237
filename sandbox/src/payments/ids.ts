/** Ids as Stripe makes them: a prefix that names the kind, and letters and digits that nobody guesses. */

import { randomBytes } from 'node:crypto';

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    // Of 256 values the last 8 would favour some letters.
    for (const byte of randomBytes(length)) if (byte < 248) text += LETTERS[byte % 62];
  }
  return text.slice(0, length);
}

/** `newId('pi')` → `pi_3Qk…`. */
export function newId(prefix: string, length = 24): string {
  return `${prefix}_${randomText(length)}`;
}
