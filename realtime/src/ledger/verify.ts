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
  'the guards stand': sql<Finding>`
    select g.name as subject, 'the trigger is missing or switched off' as detail
    from (values ('entries_check'), ('entries_append_only'), ('transfers_append_only'), ('accounts_stay')) g (name)
    where not exists (select from pg_trigger t where t.tgname = g.name and t.tgenabled in ('O', 'A'))`,
};

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
      const findings: Finding[] = [];
      for (const [check, query] of Object.entries(checks)) {
        const { rows } = await sql<Finding>`select * from (${query}) f limit ${sql.lit(MOST)}`.execute(tx);
        findings.push(...rows.map(({ subject, detail }) => ({ check, subject, detail })));
      }
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
