/** Amounts are whole numbers of a currency's smallest unit. */

import { badParameter } from './errors.ts';

interface Currency {
  /** Digits behind the point. */
  digits: 0 | 2;
  /** Least that a card is charged, in the smallest unit. */
  least: number;
}

/** The currencies known here, with Stripe's minimums. */
export const CURRENCIES: Readonly<Record<string, Currency>> = {
  usd: { digits: 2, least: 50 },
  eur: { digits: 2, least: 50 },
  gbp: { digits: 2, least: 30 },
  cad: { digits: 2, least: 50 },
  aud: { digits: 2, least: 50 },
  nzd: { digits: 2, least: 50 },
  chf: { digits: 2, least: 50 },
  jpy: { digits: 0, least: 50 },
};

/** `formatMoney(1250, 'usd')` → `$12.50`. */
export function formatMoney(amount: number, currency: string): string {
  const digits = CURRENCIES[currency]?.digits ?? 2;
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount / 10 ** digits);
}

/** Throws `amount_too_small` when a card would not be charged so little. */
export function checkLeast(amount: number, currency: string, what: string, param?: string): void {
  const least = CURRENCIES[currency]?.least ?? 50;
  if (amount < least) {
    throw badParameter(
      `${what} must be at least ${formatMoney(least, currency)} ${currency}`,
      param,
      'amount_too_small',
    );
  }
}

/** `parseMoney('12.50', 'usd')` → 1250; nothing for what is no amount of that currency. */
export function parseMoney(text: string, currency: string): number | undefined {
  const digits = CURRENCIES[currency]?.digits ?? 2;
  const match = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(text.trim());
  if (!match) return undefined;
  const [, whole = '', part = ''] = match;
  if (part.length > digits) return undefined;
  return Number(whole + part.padEnd(digits, '0'));
}
