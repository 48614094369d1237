/** A person's own limits on their spending (W8), read and set as one. Amounts in cents. */

import { sql } from 'kysely';
import type { WalletLimits, WalletLimitsRequest } from '../../contract/wallet.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import { type Executor, type Ledger, type Refusal, retryDeadlock } from '../ledger/ledger.ts';

interface BudgetRow {
  what: 'day' | 'week' | 'session' | 'pause';
  limit_cents: string | null;
  next_limit_cents: string | null;
  next_at_ms: string | null;
  ends_at_ms: string | null;
  /** What is used in the window that it was in when somebody last spent. */
  used: string;
  time_zone: string;
}

export interface SpendingLimits {
  /** What binds now and what will; windows without a limit are told in `zone`. Undefined: there is no such time zone. */
  read(person: string, zone: string): Promise<WalletLimits | undefined>;
  /** Sets what is named. A raise that waits already is not begun anew. All or nothing. */
  set(person: string, limits: WalletLimitsRequest): Promise<{ ok: true } | { ok: false; refused: Refusal }>;
}

export function createSpendingLimits(parts: { db: Database; clock: Clock; ledger: Ledger }): SpendingLimits {
  const { db, clock, ledger } = parts;

  async function budgetsOf(executor: Executor, person: string): Promise<BudgetRow[]> {
    const ms = (column: string) =>
      sql`case when isfinite(${sql.ref(column)}) then (extract(epoch from ${sql.ref(column)}) * 1000)::bigint end`;
    const { rows } = await sql<BudgetRow>`
      select split_part(b.key, ':', 2) as what, b.limit_cents, b.next_limit_cents, ${ms('b.next_limit_at')} as next_at_ms,
        ${ms('b.ends_at')} as ends_at_ms, a.spent - b.baseline_cents as used, b.time_zone
      from accounts a join budgets b on b.account_id = a.id
      where a.name = ${`wallet:${person}`}
        and b.key = any (${['day', 'week', 'session', 'pause'].map((what) => `${person}:${what}`)}::text[])`.execute(
      executor,
    );
    return rows;
  }

  /** A budget as it stands at `nowMs`: what is written is brought up to date only when somebody spends. */
  function standing(budget: BudgetRow | undefined, nowMs: number) {
    const cents = (value: string | null) => (value === null ? null : Number(value));
    if (!budget) return { limit_cents: null, coming: null };
    const at = cents(budget.next_at_ms);
    if (at !== null && at <= nowMs) return { limit_cents: cents(budget.next_limit_cents), coming: null };
    return {
      limit_cents: cents(budget.limit_cents),
      coming: at === null ? null : { limit_cents: cents(budget.next_limit_cents), at_ms: at },
    };
  }

  async function window(
    person: string,
    what: 'day' | 'week',
    budget: BudgetRow | undefined,
    zone: string,
    nowMs: number,
  ): Promise<WalletLimits['day']> {
    const time_zone = budget?.time_zone ?? zone;
    const running = budget !== undefined && Number(budget.ends_at_ms) > nowMs;
    const now = new Date(nowMs);
    const { rows } = await sql<{ ends_ms: string; spent: string }>`
      select (extract(epoch from (date_trunc(${what}, ${now}::timestamptz at time zone ${time_zone}) + ('1 ' || ${what})::interval) at time zone ${time_zone}) * 1000)::bigint as ends_ms,
        coalesce(${running ? sql`null` : sql`wallet_spent(${person}, date_trunc(${what}, ${now}::timestamptz, ${time_zone}))`}, 0) as spent`.execute(
      db,
    );
    return {
      ...standing(budget, nowMs),
      // Since a limit was set, what counts for it is what the ledger says of it.
      spent_cents: Number(running ? budget.used : rows[0]?.spent),
      ends_at_ms: Number(running ? budget.ends_at_ms : rows[0]?.ends_ms),
      time_zone,
    };
  }

  return {
    async read(person, zone) {
      const nowMs = clock.now();
      const budgets = await budgetsOf(db, person);
      const of = (what: BudgetRow['what']) => budgets.find((budget) => budget.what === what);
      try {
        const [day, week] = await Promise.all([
          window(person, 'day', of('day'), zone, nowMs),
          window(person, 'week', of('week'), zone, nowMs),
        ]);
        const pause = standing(of('pause'), nowMs);
        const on = pause.limit_cents === 0;
        return {
          day,
          week,
          session: standing(of('session'), nowMs),
          pause: { on, until_ms: on ? (pause.coming?.at_ms ?? null) : null },
        };
      } catch (error) {
        // Postgres knows no such time zone.
        if ((error as { code?: string }).code === '22023') return undefined;
        throw error;
      }
    },

    async set(person, limits) {
      const account = `wallet:${person}`;
      await ledger.open(account);
      const { time_zone, pause } = limits;
      const undo = Symbol('refused');
      let refused: Refusal | undefined;
      try {
        await retryDeadlock(db, () =>
          db.transaction().execute(async (tx) => {
            refused = undefined;
            const inside = ledger.within(tx);
            // The session's first: its budgets and meters are locked before any account (LED-12).
            if (limits.session_cents !== undefined)
              refused = await setSessionMaximum(tx, account, time_zone, limits.session_cents);
            const before = await budgetsOf(tx, person);
            const waits = (what: BudgetRow['what'], cents: number | null) => {
              const { coming } = standing(
                before.find((budget) => budget.what === what),
                clock.now(),
              );
              return coming !== null && coming.limit_cents === cents;
            };
            for (const what of ['day', 'week'] as const) {
              const limit_cents = limits[`${what}_cents`];
              if (refused || limit_cents === undefined || waits(what, limit_cents)) continue;
              const result = await inside.setBudget({
                account,
                key: `${person}:${what}`,
                limit_cents,
                time_zone,
              });
              if (!result.ok) refused = result.refused;
            }
            if (!refused && pause && (pause.on || !waits('pause', null))) {
              const result = await inside.setPause({
                account,
                on: pause.on,
                ...(pause.until_ms === undefined ? {} : { until_ms: pause.until_ms }),
              });
              if (!result.ok) refused = result.refused;
            }
            if (refused) throw undo;
          }),
        );
      } catch (error) {
        if (error !== undo) throw error;
      }
      return refused ? { ok: false, refused } : { ok: true };
    },
  };

  async function setSessionMaximum(
    tx: Executor,
    account: string,
    zone: string,
    cents: number | null,
  ): Promise<Refusal | undefined> {
    const person = account.slice('wallet:'.length);
    const present = (await budgetsOf(tx, person)).find(({ what }) => what === 'session');
    const { coming } = standing(present, clock.now());
    if (coming !== null && coming.limit_cents === cents) return undefined;
    const { rows } = await sql<{ answer: { refused?: Refusal } }>`
      select billing_set_session_maximum(${account}, ${zone}, ${cents}::bigint, ${ledger.now()}::timestamptz) as answer`.execute(
      tx,
    );
    return rows[0]?.answer.refused;
  }
}
