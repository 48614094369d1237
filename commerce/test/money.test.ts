import { describe, expect, test } from 'vitest';
import { toCents, toMajorUnits } from '../src/money';

describe('money', () => {
  test.each([
    [0, 0],
    [1, 0.01],
    [29, 0.29],
    [1999, 19.99],
    [3450, 34.5],
    [100, 1],
    [-1999, -19.99],
    [90_071_992_547_409, 900_719_925_474.09],
  ])('%i cents are %d', (cents, amount) => {
    expect(toMajorUnits(cents)).toBe(amount);
    expect(toCents(amount)).toBe(cents);
  });

  test('every amount up to 20 000.00 goes there and back, and reads as it is written', () => {
    for (let cents = 0; cents <= 2_000_000; cents++) {
      const amount = toMajorUnits(cents);
      if (toCents(amount) !== cents || amount !== Number((cents / 100).toFixed(2)))
        expect.fail(`${cents} cents became ${amount}`);
    }
  });

  test('minus nothing is nothing', () => {
    expect(toMajorUnits(-0)).toBe(0);
    expect(toCents(-0)).toBe(0);
  });

  test.each([0.5, 19.99, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    '%d is no whole number of cents',
    (cents) => {
      expect(() => toMajorUnits(cents)).toThrow(RangeError);
    },
  );

  test.each([0.001, 1.005, 19.999, Number.NaN, Number.POSITIVE_INFINITY, 1e17])(
    '%d has no whole number of cents',
    (amount) => {
      expect(() => toCents(amount)).toThrow(RangeError);
    },
  );
});
