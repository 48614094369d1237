/** A person's own money, as they see it. Amounts are whole US cents, times milliseconds since 1970. */

import { z } from 'zod';
import { queryInteger } from './http.ts';

export const wallet = z
  .object({
    balance_cents: z.int().min(0).describe('what can be spent now; what is held has moved out already'),
    debt_cents: z.int().min(0).describe('what the next top-ups pay first'),
  })
  .meta({ id: 'Wallet' });
export type Wallet = z.infer<typeof wallet>;

/** What can happen to a wallet. */
export const entryKind = z
  .enum([
    'top_up',
    'promotion',
    'minute',
    'gift',
    'tip',
    'purchase',
    'reserve',
    'settle',
    'release',
    'order_refund',
    'refund_reserve',
    'refund_settle',
    'refund_release',
    'card_refund',
    'refund_failed',
    'dispute_open',
    'dispute_won',
    'reversal',
  ])
  .describe(
    '`reserve`: money set aside for an order; `settle` and `release`: what of it came back; `reversal`: something was taken back, see `of_kind`',
  );
export type EntryKind = z.infer<typeof entryKind>;

/** The largest page of entries. */
export const MOST_ENTRIES = 200;
const DIGITS = /^[1-9]\d{0,9}$/;
const moment = queryInteger.pipe(z.int().min(0).max(8_000_000_000_000));

export const walletEntriesQuery = z.object({
  before: z.string().regex(DIGITS).optional().describe('`next` of the page before'),
  limit: queryInteger.pipe(z.int().min(1).max(MOST_ENTRIES)).default(50),
  kind: z
    .string()
    .max(400)
    .transform((value) => value.split(','))
    .pipe(z.array(entryKind))
    .optional()
    .describe('kinds, with commas between'),
  from_ms: moment.optional().describe('from this moment on'),
  to_ms: moment.optional().describe('before this moment'),
  format: z.enum(['json', 'csv']).optional().describe('`csv` (or Accept: text/csv): all of it, as a file'),
});

export const walletEntry = z
  .object({
    number: z.int().describe('the wallet’s own count, from 1 without a gap'),
    at_ms: z.int(),
    kind: entryKind,
    of_kind: z.string().nullable().describe('of a `reversal`: what was taken back'),
    amount_cents: z.int().describe('negative: taken from the wallet'),
    balance_after_cents: z.int(),
    session_id: z.uuid().nullable(),
    minute: z.int().nullable().describe('of the session, from 1'),
    reader: z.object({ name: z.string(), slug: z.string() }).nullable().describe('who was paid, where known'),
    payment_id: z.string().nullable().describe('the card payment that it is about'),
    details: z.record(z.string(), z.json()).nullable().describe('of an order: what the shop says of it'),
  })
  .meta({ id: 'WalletEntry' });
export type WalletEntry = z.infer<typeof walletEntry>;

export const walletEntries = z
  .object({ entries: z.array(walletEntry).describe('the newest first'), next: z.string().nullable() })
  .meta({ id: 'WalletEntries' });
export type WalletEntries = z.infer<typeof walletEntries>;

const timeZone = z.string().min(1).max(64);
const limitCents = z.int().min(0).max(999_999_999).nullable();
const coming = z
  .object({ limit_cents: limitCents, at_ms: z.int() })
  .nullable()
  .describe('a raise that waits: it comes true then');
const windowLimit = z.object({
  limit_cents: limitCents.describe('null: none'),
  coming,
  spent_cents: z.int().describe('in the present window'),
  ends_at_ms: z.int().describe('when the next window begins'),
  time_zone: timeZone.describe('in which the window is a day or a week'),
});

/** W8: what binds a person's spending now, and what will. */
export const walletLimits = z
  .object({
    day: windowLimit,
    week: windowLimit,
    session: z.object({ limit_cents: limitCents, coming }),
    pause: z.object({
      on: z.boolean(),
      until_ms: z.int().nullable().describe('when it ends by itself; null: when it is taken back'),
    }),
  })
  .meta({ id: 'WalletLimits' });
export type WalletLimits = z.infer<typeof walletLimits>;

export const walletLimitsQuery = z.object({
  time_zone: timeZone.default('UTC').describe('for windows that have no limit yet'),
});

/** What is left out stays as it is. Lower holds at once, higher and none (null) after 24 hours. */
export const walletLimitsRequest = z
  .strictObject({
    time_zone: timeZone.describe('the person’s, as the browser names it'),
    day_cents: limitCents.optional(),
    week_cents: limitCents.optional(),
    session_cents: limitCents.optional().describe('most that one session may cost'),
    pause: z
      .strictObject({
        on: z.boolean().describe('false: it ends after 24 hours'),
        until_ms: z.int().min(0).max(8_000_000_000_000).optional(),
      })
      .optional(),
  })
  .meta({ id: 'WalletLimitsRequest' });
export type WalletLimitsRequest = z.infer<typeof walletLimitsRequest>;

/** The longest stretch that earnings are told of at once. */
export const MOST_EARNINGS_MS = 400 * 86_400_000;

export const earningsQuery = z.object({
  by: z.enum(['day', 'week', 'session']).default('day'),
  from_ms: moment.optional().describe('30 days before `to_ms`, unless said otherwise'),
  to_ms: moment.optional().describe('now, unless said otherwise'),
  time_zone: timeZone.optional().describe('the reader’s own, unless said otherwise'),
  before: z
    .string()
    .regex(/^\d{1,13}_[0-9a-f-]{36}$/)
    .optional()
    .describe('by session: `next` of the page before'),
  limit: queryInteger.pipe(z.int().min(1).max(MOST_ENTRIES)).default(50).describe('by session: rows a page'),
});

export const earningsRow = z
  .object({
    starts_on: z.iso.date().nullable().describe('the day, or the week’s Monday'),
    starts_at_ms: z.int().describe('of a session: its first charge'),
    ends_at_ms: z.int().describe('of a session: its last charge'),
    session_id: z.uuid().nullable(),
    minutes: z.int().describe('charged, less those given back'),
    minutes_cents: z.int(),
    gifts_cents: z.int().describe('gifts and tips'),
    other_cents: z.int(),
    given_back_cents: z.int().describe('what was taken back; not above zero'),
    total_cents: z.int(),
  })
  .meta({ id: 'EarningsRow' });

/** W10: what a reader has earned. */
export const earnings = z
  .object({
    balance_cents: z.int().describe('earned and not paid out'),
    time_zone: timeZone,
    rows: z.array(earningsRow).describe('the newest first; days and weeks without earnings are left out'),
    next: z.string().nullable(),
  })
  .meta({ id: 'Earnings' });
export type Earnings = z.infer<typeof earnings>;
