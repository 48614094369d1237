/** What a reader has earned (W10): by day, by week and by session. Amounts in cents. */

import { sql } from 'kysely';
import type { Earnings } from '../../contract/wallet.ts';
import type { Executor } from './ledger.ts';

export interface EarningsQuery {
  person: string;
  by: 'day' | 'week' | 'session';
  from_ms: number;
  to_ms: number;
  time_zone: string;
  /** By session: the last row of the page before. */
  before?: { at_ms: number; session_id: string } | undefined;
  limit: number;
}

type Sums = Record<
  'minutes' | 'minutes_cents' | 'gifts_cents' | 'other_cents' | 'given_back_cents' | 'total_cents',
  string
>;
type Row = Sums & { starts_on: string | null; session_id: string | null; starts_ms: string; ends_ms: string };

/** Postgres knows no such time zone. */
const UNKNOWN_TIME_ZONE = '22023';

/** Rows, the newest first; undefined when there is no such time zone. Payouts are no earnings and not in it. */
export async function readEarnings(
  db: Executor,
  query: EarningsQuery,
): Promise<Pick<Earnings, 'rows' | 'next'> | undefined> {
  const { person, by, from_ms, to_ms, time_zone, before, limit } = query;
  const ms = (moment: ReturnType<typeof sql>) => sql`(extract(epoch from ${moment}) * 1000)::bigint`;
  const earned = sql`
    select e.amount, t.kind, coalesce(o.kind, t.kind) as of_kind, t.effective_at as at,
      date_trunc(${by === 'week' ? 'week' : 'day'}, t.effective_at at time zone ${time_zone}) as local,
      coalesce(substring(coalesce(o.key, t.key) from '^session:([0-9a-f-]{36}):'), t.details ->> 'session_id', o.details ->> 'session_id') as session_id
    from accounts a
    join entries e on e.account_id = a.id
    join transfers t on t.id = e.transfer_id
    left join transfers o on o.id = t.reverses
    where a.name = ${`earnings:${person}`} and a.kind = 'earnings' and t.kind <> 'payout'
      and t.effective_at >= ${new Date(from_ms)} and t.effective_at < ${new Date(to_ms)}`;
  const sums = sql`
    count(*) filter (where kind = 'minute') - count(*) filter (where kind = 'reversal' and of_kind = 'minute') as minutes,
    coalesce(sum(amount) filter (where kind = 'minute'), 0) as minutes_cents,
    coalesce(sum(amount) filter (where kind in ('gift', 'tip')), 0) as gifts_cents,
    coalesce(sum(amount) filter (where kind not in ('minute', 'gift', 'tip', 'reversal')), 0) as other_cents,
    coalesce(sum(amount) filter (where kind = 'reversal'), 0) as given_back_cents,
    sum(amount) as total_cents`;
  const length = by === 'week' ? sql`interval '1 week'` : sql`interval '1 day'`;
  const statement =
    by === 'session'
      ? sql<Row>`
        select null as starts_on, session_id, ${ms(sql`min(at)`)} as starts_ms, ${ms(sql`max(at)`)} as ends_ms, ${sums}
        from (${earned}) x where session_id is not null group by session_id
        having ${before ? sql`(${ms(sql`max(at)`)}, session_id) < (${before.at_ms}::bigint, ${before.session_id})` : sql`true`}
        order by ends_ms desc, session_id desc limit ${limit + 1}`
      : sql<Row>`
        select to_char(local, 'YYYY-MM-DD') as starts_on, null as session_id, ${ms(sql`local at time zone ${time_zone}`)} as starts_ms,
          ${ms(sql`(local + ${length}) at time zone ${time_zone}`)} as ends_ms, ${sums}
        from (${earned}) x group by local order by local desc`;
  try {
    // Where there are no rows, nothing else looks at it.
    await sql`select now() at time zone ${time_zone}`.execute(db);
    const { rows } = await statement.execute(db);
    const page = by === 'session' ? rows.slice(0, limit) : rows;
    const last = page.at(-1);
    return {
      rows: page.map((row) => ({
        starts_on: row.starts_on,
        starts_at_ms: Number(row.starts_ms),
        ends_at_ms: Number(row.ends_ms),
        session_id: row.session_id,
        minutes: Number(row.minutes),
        minutes_cents: Number(row.minutes_cents),
        gifts_cents: Number(row.gifts_cents),
        other_cents: Number(row.other_cents),
        given_back_cents: Number(row.given_back_cents),
        total_cents: Number(row.total_cents),
      })),
      next: rows.length > page.length && last ? `${last.ends_ms}_${last.session_id}` : null,
    };
  } catch (error) {
    if ((error as { code?: string }).code === UNKNOWN_TIME_ZONE) return undefined;
    throw error;
  }
}
