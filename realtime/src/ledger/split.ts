/** The reader's part and the platform's, exact to the cent over the whole. */

/** The reader's part of 10 000 unless agreed otherwise. */
export const READER_SHARE = 7_000;

/** What the reader has in all after `minutes` charged minutes: R(n) of money.md. Cents, rounded half up. */
export function readerCents(minutes: number, rateCents: number, share: number): number {
  return Math.floor((minutes * rateCents * share + 5_000) / 10_000);
}

/** The two parts of the `minute`-th minute (from 1), in cents. */
export function splitMinute(
  minute: number,
  rateCents: number,
  share: number,
): { reader: number; platform: number } {
  const reader = readerCents(minute, rateCents, share) - readerCents(minute - 1, rateCents, share);
  return { reader, platform: rateCents - reader };
}

/** The two parts of one payment, a gift or a paid reply, in cents. */
export function splitPayment(cents: number, share = READER_SHARE): { reader: number; platform: number } {
  const reader = readerCents(1, cents, share);
  return { reader, platform: cents - reader };
}
