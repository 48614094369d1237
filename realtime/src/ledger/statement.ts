/** What happened to a wallet (W7), newest first: what each movement was for, in terms that a page can put into words. */

import { sql } from 'kysely';
import type { EntryKind, WalletEntries, WalletEntry } from '../../contract/wallet.ts';
import type { Executor } from './ledger.ts';

export interface StatementQuery {
  person: string;
  /** Only entries with a lower number. */
  before?: number | undefined;
  kinds?: EntryKind[] | undefined;
  from_ms?: number | undefined;
  to_ms?: number | undefined;
}

interface Row {
  number: number;
  at_ms: string;
  kind: EntryKind;
  of_kind: string | null;
  amount: number;
  balance_after: string;
  key: string;
  of_key: string | null;
  details: Record<string, unknown> | null;
  of_details: Record<string, unknown> | null;
  reader: string | null;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** A session's minute says which it is in its key (BIL-3). */
const MINUTE = /^session:([0-9a-f-]{36}):minute:(\d+)/;
/** Whose details are the shop's words for its client, and not ours for us. */
const OF_ORDERS: ReadonlySet<string> = new Set(['reserve', 'settle', 'release', 'order_refund', 'purchase']);

/** One page of a wallet's entries. */
export async function readStatement(
  db: Executor,
  query: StatementQuery,
  limit: number,
): Promise<WalletEntries> {
  const { person, before, kinds, from_ms, to_ms } = query;
  const moment = (ms: number) => new Date(ms);
  const { rows } = await sql<Row>`
    select e.version as number, (extract(epoch from t.effective_at) * 1000)::bigint as at_ms, t.kind, e.amount, e.balance_after,
      t.key, t.details, case when t.kind = 'reversal' then o.kind end as of_kind, o.key as of_key, o.details as of_details, l.reader
    from accounts a
    join entries e on e.account_id = a.id
    join transfers t on t.id = e.transfer_id
    -- Whom it paid, and the reserve that it ends or gives back.
    left join lateral (
      select max(split_part(la.name, ':', 2)) filter (where la.kind = 'earnings') as reader, max(h.transfer_id) as reserve_id
      from entries le join accounts la on la.id = le.account_id left join holds h on h.account_id = le.account_id
      where le.transfer_id = t.id
    ) l on true
    left join transfers o on o.id = coalesce(t.reverses, nullif(l.reserve_id, t.id))
    where a.name = ${`wallet:${person}`} and a.kind = 'wallet'
      and ${before === undefined ? sql`true` : sql`e.version < ${before}::bigint`}
      and ${kinds ? sql`t.kind::text = any (${kinds}::text[])` : sql`true`}
      and ${from_ms === undefined ? sql`true` : sql`t.effective_at >= ${moment(from_ms)}`}
      and ${to_ms === undefined ? sql`true` : sql`t.effective_at < ${moment(to_ms)}`}
    order by e.version desc limit ${limit + 1}`.execute(db);
  const page = rows.slice(0, limit);
  const names = await readersOf(
    db,
    page.flatMap(({ reader }) => (reader && UUID.test(reader) ? [reader] : [])),
  );
  const entries = page.map((row) => toEntry(row, names));
  return { entries, next: rows.length > limit ? String(entries.at(-1)?.number) : null };
}

type Named = { name: string; slug: string };

async function readersOf(db: Executor, people: string[]): Promise<Map<string, Named>> {
  if (people.length === 0) return new Map();
  const { rows } = await sql<Named & { person_id: string }>`
    select person_id, name, slug from readers where person_id = any (${[...new Set(people)]}::uuid[])`.execute(
    db,
  );
  return new Map(rows.map(({ person_id, name, slug }) => [person_id, { name, slug }]));
}

function toEntry(row: Row, names: Map<string, Named>): WalletEntry {
  const minute = MINUTE.exec(row.key) ?? MINUTE.exec(row.of_key ?? '');
  const detail = (name: string) => {
    const value = row.details?.[name] ?? row.of_details?.[name];
    return typeof value === 'string' ? value : null;
  };
  const named = detail('session_id');
  return {
    number: row.number,
    at_ms: Number(row.at_ms),
    kind: row.kind,
    of_kind: row.of_kind,
    amount_cents: row.amount,
    balance_after_cents: Number(row.balance_after),
    session_id: minute?.[1] ?? (named && UUID.test(named) ? named : null),
    minute: minute ? Number(minute[2]) : null,
    reader: (row.reader && names.get(row.reader)) || null,
    payment_id: detail('payment_id'),
    details: OF_ORDERS.has(row.kind) ? ((row.of_details ?? row.details) as WalletEntry['details']) : null,
  };
}

const HEAD = [
  'number',
  'time',
  'kind',
  'taken_back',
  'amount_cents',
  'balance_after_cents',
  'reader',
  'session',
  'minute',
  'payment',
  'details',
];
/** Entries that are read at once for a file. */
const CHUNK = 1_000;

/** All of a wallet's entries as CSV (RFC 4180), a piece at a time, the newest first. What comes meanwhile is not in it. */
export async function* csvStatement(db: Executor, query: StatementQuery): AsyncGenerator<string> {
  // The mark tells spreadsheets that it is UTF-8.
  yield `\uFEFF${HEAD.join(',')}\r\n`;
  let before = query.before;
  for (;;) {
    const { entries, next } = await readStatement(db, { ...query, before }, CHUNK);
    if (entries.length > 0) yield entries.map((entry) => `${toCsv(entry)}\r\n`).join('');
    if (next === null) return;
    before = Number(next);
  }
}

function toCsv(entry: WalletEntry): string {
  const cells: (string | number | null)[] = [
    entry.number,
    new Date(entry.at_ms).toISOString(),
    entry.kind,
    entry.of_kind,
    entry.amount_cents,
    entry.balance_after_cents,
    entry.reader?.name ?? null,
    entry.session_id,
    entry.minute,
    entry.payment_id,
    entry.details && Object.keys(entry.details).length > 0 ? JSON.stringify(entry.details) : null,
  ];
  return cells.map(cell).join(',');
}

/** A spreadsheet takes text that begins so for a formula; with an apostrophe before it, it is text. Numbers of ours are not. */
function cell(value: string | number | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  const safe = /^[=+\-@\t\r\n]/.test(value.trimStart()) || /^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
