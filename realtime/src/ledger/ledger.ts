/**
 * The ledger: accounts, transfers, holds and budgets. It knows no session. Everything is written by the functions of the
 * database (`ledger_post` and its kind), which belong to the owner; this is their typed front. Amounts are whole cents.
 */

import { type Kysely, sql, type Transaction } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Tables } from '../database.ts';

/** A pool, or the caller's transaction. */
export type Executor = Kysely<Tables> | Transaction<Tables>;

export interface Leg {
  /** `wallet:{person}`, `earnings:{person}`, `debt:{person}`, `revenue`, `card_clearing`, `promotions`, `disputes`, `payouts`. */
  account: string;
  /** What is added to the account; negative takes. */
  amount_cents: number;
}

export type SpendingKind = 'gift' | 'tip' | 'purchase';
export type OtherKind =
  | 'top_up'
  | 'promotion'
  | 'card_refund'
  | 'refund_failed'
  | 'dispute_open'
  | 'dispute_won'
  | 'dispute_lost'
  | 'payout';

interface Keyed {
  /** The caller's idempotency key, unique over all time. */
  key: string;
  /** Whatever the caller wants to find again beside the transfer. */
  details?: Record<string, unknown>;
}

/** A payment from one wallet. `budgets` are the keys it counts on: see `budgetKeys`. */
export interface Spending extends Keyed {
  kind: SpendingKind;
  legs: Leg[];
  budgets: string[];
}

export type Command =
  | Spending
  | (Keyed & { kind: OtherKind; legs: Leg[] })
  | (Keyed & { kind: 'reversal'; reverses: string })
  | (Keyed & {
      kind: 'reserve';
      hold: string;
      from: string;
      amount_cents: number;
      ends_at_ms: number;
      budgets: string[];
    })
  | (Keyed & { kind: 'refund_reserve'; hold: string; from: string; amount_cents: number; ends_at_ms: number })
  | (Keyed & { kind: 'settle'; hold: string; legs: Leg[] })
  | (Keyed & { kind: 'release'; hold: string })
  | (Keyed & { kind: 'order_refund'; hold: string; amount_cents: number });

export type RefusalCode =
  | 'insufficient_balance'
  | 'balance_too_high'
  | 'spending_limit'
  | 'spending_paused'
  | 'missing_budget_keys'
  | 'key_reused'
  | 'bad_key'
  | 'bad_kind'
  | 'bad_legs'
  | 'bad_amount'
  | 'bad_account'
  | 'bad_direction'
  | 'bad_end'
  | 'unbalanced'
  | 'same_account_twice'
  | 'one_payer_only'
  | 'unknown_account'
  | 'unknown_transfer'
  | 'not_reversible'
  | 'already_reversed'
  | 'hold_exists'
  | 'unknown_hold'
  | 'hold_closed'
  | 'hold_ended'
  | 'hold_not_posted'
  | 'more_than_held'
  | 'more_than_posted'
  | 'bad_time_zone'
  | 'bad_window';

export interface Refusal {
  code: RefusalCode;
  /** The account, key or hold that it is about. */
  subject: string;
  key?: string;
}

export interface Written {
  id: number;
  key: string;
  /** The key was there already, with the same content: this is the first call's answer. */
  replayed: boolean;
}

export type PostResult = { ok: true; transfers: Written[] } | { ok: false; refused: Refusal };

export interface Budget {
  key: string;
  limit_cents: number | null;
  /** A raise (null: no limit) that comes true at `next_limit_at_ms`. */
  next_limit_cents: number | null;
  next_limit_at_ms: number | null;
}

export interface Ledger {
  /** The moment at which it would write now. */
  now(): Date;
  /** Opens `wallet:…`, `earnings:…` or `debt:…`, once however often it is asked. Answers its id. */
  open(account: string): Promise<number>;
  /** Does all of the commands or none. An expected refusal is a result; a broken database throws. */
  post(...commands: Command[]): Promise<PostResult>;
  /** Balance in cents; `revenue` and `card_clearing` are the sums of their parts. 0 for what was never opened. */
  balance(account: string): Promise<number>;
  /** Sets a limit on `{person}:day`, `{person}:week` or a session's key; null takes it away. Lower at once, higher after 24 h. */
  setBudget(budget: {
    account: string;
    key: string;
    limit_cents: number | null;
    time_zone: string;
  }): Promise<{ ok: true; budget: Budget } | { ok: false; refused: Refusal }>;
  /** Stops all spending at once, until `until_ms` (not before 24 h) or until 24 h after it is taken back (`on: false`). */
  setPause(pause: {
    account: string;
    on: boolean;
    until_ms?: number;
  }): Promise<{ ok: true; budget: Budget } | { ok: false; refused: Refusal }>;
  /** Releases the holds whose time is over, at most `batch`. Answers how many. */
  releaseEndedHolds(batch?: number): Promise<number>;
  /** The same ledger inside the caller's transaction. */
  within(transaction: Executor): Ledger;
}

/** The keys that a spending from a person's wallet has to name, and any of its own. */
export function budgetKeys(person: string, ...more: string[]): string[] {
  return [`${person}:day`, `${person}:week`, ...more];
}

const DEADLOCK = '40P01';
const ATTEMPTS = 3;

export function createLedger({ db, clock }: { db: Executor; clock: Clock }): Ledger {
  const now = () => new Date(clock.now());

  async function post(...commands: Command[]): Promise<PostResult> {
    const malformed = commands.map(findMalformed).find((refusal) => refusal !== undefined);
    if (malformed) return { ok: false, refused: malformed };
    if (commands.length === 0) return { ok: true, transfers: [] };
    const payload = JSON.stringify(commands.map(toWire));
    const answer = await retryDeadlock(db, async () => {
      const { rows } = await sql<{ answer: { transfers: Written[] } | { refused: Refusal } }>`
        select ledger_post(${payload}::jsonb, ${now()}::timestamptz) as answer`.execute(db);
      return rows[0]?.answer;
    });
    if (!answer) throw new Error('ledger_post answered nothing');
    return 'refused' in answer
      ? { ok: false, refused: answer.refused }
      : { ok: true, transfers: answer.transfers };
  }

  async function setLimit(
    account: string,
    key: string,
    window: string,
    zone: string,
    limit: number | null,
    until?: number,
  ) {
    const { rows } = await sql<{ answer: Budget | { refused: Refusal } }>`
      select ledger_set_budget(${account}, ${key}, ${window}, ${zone}, ${limit}::bigint, ${now()}::timestamptz,
        ${until === undefined ? null : new Date(until)}::timestamptz) as answer`.execute(db);
    const answer = rows[0]?.answer;
    if (!answer) throw new Error('ledger_set_budget answered nothing');
    return 'refused' in answer
      ? { ok: false as const, refused: answer.refused }
      : { ok: true as const, budget: answer };
  }

  return {
    now,
    async open(account) {
      const { rows } = await sql<{ id: string }>`select ledger_open(${account}) as id`.execute(db);
      return Number(rows[0]?.id);
    },
    post,
    async balance(account) {
      const { rows } = await sql<{ balance: string }>`
        select coalesce(sum(balance), 0) as balance from accounts
        where name = ${account} or (${account} in ('revenue', 'card_clearing') and kind::text = ${account})`.execute(
        db,
      );
      return Number(rows[0]?.balance);
    },
    setBudget: ({ account, key, limit_cents, time_zone }) => {
      const person = account.slice(account.indexOf(':') + 1);
      const window = key === `${person}:day` ? 'day' : key === `${person}:week` ? 'week' : 'none';
      if (limit_cents !== null && !Number.isSafeInteger(limit_cents))
        return Promise.resolve(refuse('bad_amount', key));
      return setLimit(account, key, window, time_zone, limit_cents);
    },
    setPause: ({ account, on, until_ms }) =>
      setLimit(
        account,
        `${account.slice(account.indexOf(':') + 1)}:pause`,
        'none',
        'UTC',
        on ? 0 : null,
        on ? until_ms : undefined,
      ),
    async releaseEndedHolds(batch = 1_000) {
      const { rows } = await sql<{ name: string }>`
        select a.name from holds h join accounts a on a.id = h.account_id
        where h.closed_by is null and h.ends_at <= ${now()} order by h.ends_at limit ${batch}`.execute(db);
      let released = 0;
      for (const { name } of rows) {
        const hold = name.slice('hold:'.length);
        const result = await post({ kind: 'release', key: `hold:${hold}:ended`, hold });
        // Somebody closed it since we looked: just as well.
        if (result.ok) released += 1;
      }
      return released;
    },
    within: (transaction) => createLedger({ db: transaction, clock }),
  };
}

function refuse(code: RefusalCode, subject: string, key?: string): { ok: false; refused: Refusal } {
  return { ok: false, refused: key === undefined ? { code, subject } : { code, subject, key } };
}

/** What JSON would bend on its way: NaN and infinity become null, and text is no number. The rest the database judges. */
function findMalformed(command: Command): Refusal | undefined {
  const key = command.key;
  if (typeof key !== 'string') return { code: 'bad_key', subject: '' };
  const amounts: { account: string; amount_cents: unknown }[] =
    'legs' in command
      ? command.legs
      : 'amount_cents' in command
        ? [{ account: 'from' in command ? command.from : command.hold, amount_cents: command.amount_cents }]
        : [];
  const wrong = amounts.find(({ amount_cents }) => !Number.isSafeInteger(amount_cents));
  return wrong && { code: 'bad_amount', subject: wrong.account, key };
}

/** One way of writing each command, so that the same content has the same hash. */
function toWire(command: Command): Record<string, unknown> {
  const common = { key: command.key, details: command.details };
  const legs =
    'legs' in command
      ? command.legs.map((leg) => [leg.account, leg.amount_cents]).sort(byAccount)
      : undefined;
  const budgets = 'budgets' in command ? [...command.budgets].sort() : undefined;
  switch (command.kind) {
    case 'reversal':
      return { do: 'reverse', ...common, reverses: command.reverses };
    case 'reserve':
    case 'refund_reserve':
      return {
        do: 'reserve',
        ...common,
        hold: command.hold,
        from: command.from,
        cents: command.amount_cents,
        ends_at_ms: command.ends_at_ms,
        exempt: command.kind === 'refund_reserve',
        budgets,
      };
    case 'settle':
      return { do: 'close', ...common, hold: command.hold, legs };
    case 'release':
      return { do: 'close', ...common, hold: command.hold, legs: [] };
    case 'order_refund':
      return { do: 'refund', ...common, hold: command.hold, cents: command.amount_cents };
    default:
      return { do: 'post', ...common, kind: command.kind, legs, budgets };
  }
}

const byAccount = (a: unknown[], b: unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1);

/** Locks are taken in one order, so a deadlock is rare; in a transaction of our own it is safe to try again. */
export async function retryDeadlock<T>(db: Executor, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (db.isTransaction || attempt === ATTEMPTS || (error as { code?: string }).code !== DEADLOCK)
        throw error;
    }
  }
}
