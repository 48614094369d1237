/** What a receipt is. Described for others in docs/receipt.md; a change of meaning is a new `format`. */

export const FORMAT = 'soulseer-receipt-1';

export interface ReceiptHead {
  session_id: string;
  client: string;
  reader: string;
  currency: 'USD';
  rate_cents: number;
  /** The reader's part, of 10 000. */
  share: number;
  active_ms: number;
  ended_at: string;
  stop_reason: string;
}

export interface ReceiptMinute {
  /** From 1. */
  number: number;
  due_at: string;
  charged_at: string;
  amount_cents: number;
  reader_cents: number;
  platform_cents: number;
  transfer: string;
  /** The transfer that gave the minute back, or null. */
  given_back_by: string | null;
  /** How long each was present in the minute, ms. */
  presence: { client_ms: number; reader_ms: number };
  /** SHA-256 (hex) of the line before; for the first of the head. */
  previous: string;
  /** SHA-256 (hex) of this line without `hash`. */
  hash: string;
}

export interface ReceiptTotals {
  charged_minutes: number;
  given_back_minutes: number;
  paid_cents: number;
  reader_cents: number;
  platform_cents: number;
}

export interface Receipt {
  format: typeof FORMAT;
  head: ReceiptHead;
  minutes: ReceiptMinute[];
  totals: ReceiptTotals;
  key_id: string;
  /** Ed25519, base64url, over the canonical JSON of all the rest. */
  signature: string;
}

/** A published key, as in `/.well-known/receipt-keys.json`: `{ "keys": [ … ] }`. */
export interface ReceiptKey {
  kty: 'OKP';
  crv: 'Ed25519';
  kid: string;
  x: string;
}

/** The totals that the lines add up to. */
export function totalsOf(minutes: Omit<ReceiptMinute, 'previous' | 'hash'>[]): ReceiptTotals {
  const kept = minutes.filter(({ given_back_by }) => given_back_by === null);
  const sum = (of: (minute: (typeof kept)[number]) => number) =>
    kept.reduce((total, minute) => total + of(minute), 0);
  return {
    charged_minutes: kept.length,
    given_back_minutes: minutes.length - kept.length,
    paid_cents: sum(({ amount_cents }) => amount_cents),
    reader_cents: sum(({ reader_cents }) => reader_cents),
    platform_cents: sum(({ platform_cents }) => platform_cents),
  };
}
