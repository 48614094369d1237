/** Proves the whole ledger from its rows, and names what is wrong. Reads only; one snapshot for all of it. */

import { sql } from 'kysely';
import type { Executor } from './ledger.ts';

export interface Finding {
  check: string;
  /** What it is about: an account, a transfer, a trigger. */
  subject: string;
  detail: string;
}

export interface Proof {
  ok: boolean;
  findings: Finding[];
  accounts: number;
  transfers: number;
  entries: number;
  milliseconds: number;
}

/** Findings of one kind that are told; more would say nothing new. */
const MOST = 20;

/**
 * Every movement that a wallet's limits count, from the entries: what was spent, and with a minus what was given back of it. With
 * when it was written, when that was counted which it gives back, and the budgets beside the wallet's own that counted it.
 */
const moves = sql`
  (with given as (
    select t.id, coalesce(h.reserve_id, t.reverses) as of_id
    from transfers t
    left join lateral (
      select ho.transfer_id as reserve_id from entries he join holds ho on ho.account_id = he.account_id
      where he.transfer_id = coalesce(t.reverses, t.id) limit 1
    ) h on true
    where t.kind in ('reversal', 'settle', 'release', 'order_refund')
  )
  select e.account_id, - e.amount as cents, t.created_at as at, t.created_at as counted_at, t.budgets
  from transfers t join transfer_kinds k on k.kind = t.kind and k.spends
  join entries e on e.transfer_id = t.id join accounts a on a.id = e.account_id and a.kind = 'wallet'
  union all
  select e.account_id, - e.amount, t.created_at, o.created_at, o.budgets
  from given g join transfers t on t.id = g.id join transfers o on o.id = g.of_id join transfer_kinds k on k.kind = o.kind and k.spends
  join entries e on e.transfer_id = t.id join accounts a on a.id = e.account_id and a.kind = 'wallet')`;

const checks = {
  'the sum of all balances is zero': sql<Finding>`
    select 'accounts' as subject, 'they sum to ' || sum(balance) as detail from accounts having sum(balance) <> 0`,
  'the legs of each transfer sum to zero': sql<Finding>`
    select 'transfer ' || transfer_id as subject, 'its legs sum to ' || sum(amount) as detail
    from entries group by transfer_id having sum(amount) <> 0`,
  'every transfer has legs, and every entry a transfer': sql<Finding>`
    select 'transfer ' || coalesce(t.id, e.transfer_id) as subject,
      case when t.id is null then 'has entries and is none' else 'has ' || coalesce(e.n, 0) || ' legs' end as detail
    from transfers t full join (select transfer_id, count(*) as n from entries group by transfer_id) e on e.transfer_id = t.id
    where t.id is null or coalesce(e.n, 0) < 2`,
  'every balance and count is what the entries say': sql<Finding>`
    select coalesce(a.name, 'account ' || e.account_id) as subject,
      case when a.id is null then 'has entries and is none'
        else 'balance ' || a.balance || ', version ' || a.version || '; entries sum to ' || coalesce(e.total, 0) || ', number ' || coalesce(e.n, 0) end as detail
    from accounts a full join (select account_id, sum(amount) as total, count(*) as n from entries group by account_id) e on e.account_id = a.id
    where a.id is null or a.balance <> coalesce(e.total, 0) or a.version <> coalesce(e.n, 0)`,
  'entries follow one another without a gap': sql<Finding>`
    select coalesce(a.name, 'account ' || e.account_id) as subject,
      'entry ' || e.version || ' says ' || e.balance_before || ' before; entry ' || coalesce(e.last_version, 0) || ' left ' || coalesce(e.last_balance, 0) as detail
    from (
      select account_id, version, balance_before, lag(version) over earlier as last_version, lag(balance_after) over earlier as last_balance
      from entries window earlier as (partition by account_id order by version)
    ) e left join accounts a on a.id = e.account_id
    where e.version <> coalesce(e.last_version, 0) + 1 or e.balance_before <> coalesce(e.last_balance, 0)`,
  'nothing is negative that may not be': sql<Finding>`
    select name as subject, 'stands at ' || balance as detail from accounts
    where (balance < 0 and kind in ('wallet', 'hold', 'disputes', 'payouts')) or (balance > 0 and kind = 'debt')
      or (kind = 'earnings' and balance < -overdrawn)`,
  'a reversal takes back what it names': sql<Finding>`
    select 'transfer ' || r.id as subject, 'does not undo transfer ' || r.reverses as detail
    from transfers r where r.reverses is not null and (
      not exists (select from transfers o where o.id = r.reverses)
      or exists (
        select from (select coalesce(h.payer_id, e.account_id) as account_id, e.amount from entries e left join holds h on h.account_id = e.account_id where e.transfer_id in (r.id, r.reverses)) l
        group by l.account_id having sum(l.amount) <> 0))`,
  'what a wallet has spent is what the entries say': sql<Finding>`
    select a.name as subject, 'says that it spent ' || a.spent || ', the entries ' || coalesce(m.cents, 0) as detail
    from accounts a left join (select account_id, sum(cents) as cents from ${moves} m group by account_id) m on m.account_id = a.id
    where a.spent <> coalesce(m.cents, 0)`,
  // Nodes whose clocks differ may take a spending within a minute of midnight for either day's.
  'what a limit has used is what the entries say': sql<Finding>`
    select key as subject, 'says that ' || used || ' of it are used, the entries ' || told as detail
    from (
      select b.key, a.spent - b.baseline_cents as used, coalesce(sum(m.cents) filter (where least(m.at, m.counted_at) >= b.starts_at), 0) as told,
        coalesce(sum(m.cents) filter (where least(m.at, m.counted_at) >= b.starts_at - interval '1 minute'), 0) as earlier,
        coalesce(sum(m.cents) filter (where least(m.at, m.counted_at) >= b.starts_at + interval '1 minute'), 0) as later
      from budgets b join accounts a on a.id = b.account_id left join ${moves} m on m.account_id = b.account_id
      where b.whole_account group by b.id, a.id
    ) b where used not between least(told, earlier, later) and greatest(told, earlier, later)`,
  // A maximum that was set during a session begins with the minutes before it (BIL-16), which no transfer says.
  'what a budget has used is what the entries say': sql<Finding>`
    select b.key as subject, 'says that ' || b.used_cents || ' of it are used, the entries ' || coalesce(m.cents, 0) as detail
    from budgets b
    left join (select unnest(budgets) as id, sum(cents) as cents from ${moves} m where budgets is not null group by 1) m on m.id = b.id
    left join lateral (
      select count(*) * me.rate_cents as cents from meters me
      join transfers t on t.kind = 'minute' and t.key = any (array(select 'session:' || me.session_id || ':minute:' || n from generate_series(1, me.paid_minutes) n))
      where me.budget_id = b.id and not coalesce(t.budgets @> array[b.id], false) group by me.session_id
    ) before on b.used_cents <> coalesce(m.cents, 0)
    where not b.whole_account and b.used_cents not in (coalesce(m.cents, 0), coalesce(m.cents, 0) + coalesce(before.cents, 0))`,
  'the ceiling of a wallet is that of its limits': sql<Finding>`
    select a.name as subject, 'is held to ' || coalesce(a.spend_ceiling::text, 'nothing') || ' until ' || coalesce(a.ceiling_until::text, 'ever')
      || ', its limits say ' || coalesce(b.ceiling::text, 'nothing') || ' until ' || coalesce(b.until::text, 'ever') as detail
    from accounts a left join (
      select account_id, min(baseline_cents + limit_cents) as ceiling, nullif(min(least(ends_at, next_limit_at)), 'infinity') as until
      from budgets where whole_account group by account_id
    ) b on b.account_id = a.id
    where a.spend_ceiling is distinct from b.ceiling or a.ceiling_until is distinct from b.until`,
  'a hold has what it reserved until it is closed, and nothing after': sql<Finding>`
    select coalesce(a.name, 'hold ' || h.account_id) as subject, case
      when h.account_id is null then 'is no hold of anybody'
      when a.id is null then 'has no account'
      when r.amount is null then 'has no reserve'
      when p.amount is distinct from - r.amount then 'was not reserved by its payer'
      when h.closed_by is null then 'is open with ' || a.balance || ' of ' || r.amount
      else 'is closed by transfer ' || h.closed_by || ' and has ' || a.balance end as detail
    from (select * from accounts where kind = 'hold') a full join holds h on h.account_id = a.id
    left join entries r on r.transfer_id = h.transfer_id and r.account_id = h.account_id
    left join entries p on p.transfer_id = h.transfer_id and p.account_id = h.payer_id
    left join entries c on c.transfer_id = h.closed_by and c.account_id = h.account_id
    where h.account_id is null or a.id is null or r.amount is null or p.amount is distinct from - r.amount
      or a.balance <> case when h.closed_by is null then r.amount else 0 end
      or (h.closed_by is not null and c.amount is distinct from - r.amount)`,
  'what a hold posted and gave back is what the entries say': sql<Finding>`
    select a.name as subject, 'says that ' || h.refunded_cents || ' of ' || h.posted_cents || ' were given back, the entries '
      || case when w.whole then p.cents else coalesce(g.cents, 0) end || ' of ' || coalesce(p.cents, 0) as detail
    from holds h join accounts a on a.id = h.account_id
    left join lateral (
      select sum(e.amount) as cents from transfers t join entries e on e.transfer_id = t.id join accounts ra on ra.id = e.account_id and ra.kind = 'revenue'
      where t.id = h.closed_by and t.kind = 'settle'
    ) p on true
    left join (
      select he.account_id, - sum(e.amount) as cents from transfers t
      join entries he on he.transfer_id = t.id join holds x on x.account_id = he.account_id
      join entries e on e.transfer_id = t.id join accounts ra on ra.id = e.account_id and ra.kind = 'revenue'
      where t.kind = 'order_refund' group by he.account_id
    ) g on g.account_id = h.account_id
    cross join lateral (select exists (select from transfers t where t.reverses = h.closed_by) as whole) w
    where h.posted_cents <> coalesce(p.cents, 0)
      or h.refunded_cents <> case when w.whole then coalesce(p.cents, 0) else coalesce(g.cents, 0) end`,
  'the guards stand': sql<Finding>`
    select g.name as subject, 'the trigger is missing or switched off' as detail
    from (values ('entries_check'), ('entries_append_only'), ('transfers_append_only'), ('accounts_stay')) g (name)
    where not exists (select from pg_trigger t where t.tgname = g.name and t.tgenabled in ('O', 'A'))`,
};

/** Every check as the caller's transaction sees the ledger. */
export async function findWrong(tx: Executor): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [check, query] of Object.entries(checks)) {
    const { rows } = await sql<Finding>`select * from (${query}) f limit ${sql.lit(MOST)}`.execute(tx);
    findings.push(...rows.map(({ subject, detail }) => ({ check, subject, detail })));
  }
  return findings;
}

/** Runs every check in one read-only snapshot. Takes the connection for seconds where there are millions of rows. */
export async function verifyLedger(db: Executor): Promise<Proof> {
  const began = performance.now();
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      await sql`set local statement_timeout = 0`.execute(tx);
      await sql`set local work_mem = '64MB'`.execute(tx);
      const findings = await findWrong(tx);
      const {
        rows: [count],
      } = await sql<{ accounts: string; transfers: string; entries: string }>`
      select (select count(*) from accounts) as accounts, (select count(*) from transfers) as transfers, (select count(*) from entries) as entries`.execute(
        tx,
      );
      return {
        ok: findings.length === 0,
        findings,
        accounts: Number(count?.accounts),
        transfers: Number(count?.transfers),
        entries: Number(count?.entries),
        milliseconds: Math.round(performance.now() - began),
      };
    });
}
