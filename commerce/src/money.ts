/**
 * Money between SoulSeer and Medusa. SoulSeer counts integer cents; Medusa takes and gives major units (dollars) as
 * numbers. This is the only place that converts, and it never rounds: what isn't a whole number of cents is refused.
 */

/**
 * @param cents whole cents of a currency with two decimals
 * @returns the same amount in major units, as the double nearest to its decimal notation (1999 → 19.99)
 * @throws RangeError unless `cents` is a safe integer
 */
export function toMajorUnits(cents: number): number {
  if (!Number.isSafeInteger(cents)) throw new RangeError(`not a whole number of cents: ${cents}`);
  // Division is correctly rounded, so this is the very double that the literal `19.99` is. `+ 0` turns -0 into 0.
  return cents / 100 + 0;
}

/**
 * @param amount major units as Medusa gives them (19.99)
 * @returns the same amount in whole cents
 * @throws RangeError when the amount has a fraction of a cent, or is too large to be exact
 */
export function toCents(amount: number): number {
  const cents = Math.round(amount * 100) + 0;
  if (!Number.isSafeInteger(cents) || cents / 100 !== amount) {
    throw new RangeError(`not a whole number of cents: ${amount}`);
  }
  return cents;
}
