// pnpm bench ledger: single transfers per second at 1, 8 and 32 clients, against the statements of pgbench's TPC-B-like
// script sent through pg in the same way, and into one platform account against into many accounts. Durable commits.
import { parseArgs } from 'node:util';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { ratio, rounded, show, spread } from '../../bench/figures.ts';
import { writeTable } from '../../bench/table.ts';
import type { Tables } from '../src/database.ts';
import { budgetKeys, createLedger, type Ledger } from '../src/ledger/ledger.ts';
import { createBench, race, run } from './support.ts';

const { values: options } = parseArgs({
  options: {
    clients: { type: 'string', default: '1,8,32' },
    rounds: { type: 'string', default: '11' },
    seconds: { type: 'string', default: '1.5' },
  },
});
const PEOPLE = 2_000;
/** pgbench wants its scale to be at least the number of clients, or its clients wait for each other's branch. */
const SCALE = 32;
const MAX_CLIENTS = 32;

const bench = await createBench('ledger', { writes: true });
await run(
  bench.adminUrl,
  `
  INSERT INTO accounts (kind, name) SELECT k, k || ':p' || n FROM unnest(ARRAY['wallet', 'earnings']::account_kind[]) k, generate_series(1, ${PEOPLE}) n;
  UPDATE accounts SET balance = 900000000, spend_ceiling = 900000000, ceiling_until = '2100-01-01' WHERE kind = 'wallet';
  UPDATE accounts SET balance = -900000000::bigint * ${PEOPLE} WHERE name = 'card_clearing:0';
  CREATE TABLE pgbench_branches (bid int PRIMARY KEY, bbalance int, filler char(88)) WITH (fillfactor = 100);
  CREATE TABLE pgbench_tellers (tid int PRIMARY KEY, bid int, tbalance int, filler char(84)) WITH (fillfactor = 100);
  CREATE TABLE pgbench_accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84)) WITH (fillfactor = 100);
  CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
  INSERT INTO pgbench_branches SELECT n, 0, '' FROM generate_series(1, ${SCALE}) n;
  INSERT INTO pgbench_tellers SELECT n, (n - 1) / 10 + 1, 0, '' FROM generate_series(1, ${SCALE} * 10) n;
  INSERT INTO pgbench_accounts SELECT n, (n - 1) / 100000 + 1, 0, '' FROM generate_series(1, ${SCALE} * 100000) n`,
);
await run(bench.adminUrl, 'VACUUM ANALYZE');

const pick = (n: number) => 1 + Math.floor(Math.random() * n);
const admins = new pg.Pool({ connectionString: bench.adminUrl, max: MAX_CLIENTS });
const runners = new pg.Pool({ connectionString: bench.url, max: MAX_CLIENTS });
runners.on('error', () => undefined);
const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: runners }) });
// The server closes what is left of them when the database is dropped.
admins.on('error', () => undefined);
const ledger = createLedger({ db, clock: { now: () => Date.now() } });

/** Clients that do `work` one after another for the given time; how many a second all of them did. */
async function rate(clients: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  const until = began + Number(options.seconds) * 1_000;
  let done = 0;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < until) {
        await work();
        done += 1;
      }
    }),
  );
  return done / ((performance.now() - began) / 1_000);
}

/** The statements of pgbench's built-in script, in its order. */
async function tpcb(): Promise<void> {
  const client = await admins.connect();
  const [aid, tid, bid, delta] = [pick(SCALE * 100_000), pick(SCALE * 10), pick(SCALE), pick(10_000) - 5_000];
  await client.query('BEGIN');
  await client.query('UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2', [delta, aid]);
  await client.query('SELECT abalance FROM pgbench_accounts WHERE aid = $1', [aid]);
  await client.query('UPDATE pgbench_tellers SET tbalance = tbalance + $1 WHERE tid = $2', [delta, tid]);
  await client.query('UPDATE pgbench_branches SET bbalance = bbalance + $1 WHERE bid = $2', [delta, bid]);
  await client.query(
    'INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP)',
    [tid, bid, aid, delta],
  );
  await client.query('COMMIT');
  client.release();
}

let number = 0;
async function pay(into: Ledger, to: string): Promise<void> {
  const person = `p${pick(PEOPLE)}`;
  number += 1;
  const result = await into.post({
    kind: 'purchase',
    key: `bench:${process.pid}:${number}`,
    budgets: budgetKeys(person),
    legs: [
      { account: `wallet:${person}`, amount_cents: -1 },
      { account: to, amount_cents: 1 },
    ],
  });
  if (!result.ok) throw new Error(result.refused.code);
}

const rows = [
  [
    'clients',
    'transfers into many /s',
    'into the platform’s account /s',
    'TPC-B-like /s',
    'transfer ÷ TPC-B',
    'one account ÷ many',
  ],
];
const ratios: Record<string, number> = {};
const figures: Record<string, number> = {};
for (const clients of options.clients.split(',').map(Number)) {
  const results = await race(Number(options.rounds), {
    spread: () => rate(clients, () => pay(ledger, `earnings:p${pick(PEOPLE)}`)),
    hot: () => rate(clients, () => pay(ledger, 'revenue')),
    tpcb: () => rate(clients, tpcb),
  });
  const [versus, hot] = [ratio(results.spread, results.tpcb), ratio(results.hot, results.spread)];
  const of = (name: keyof typeof results) => show(spread(results[name]), 0);
  rows.push([String(clients), of('spread'), of('hot'), of('tpcb'), show(versus), show(hot)]);
  const suffix = clients === 8 ? '' : `_${clients}`;
  ratios[`transfer_vs_tpcb${suffix}`] = rounded(versus.median);
  ratios[`hot_vs_spread${suffix}`] = rounded(hot.median);
  figures[`transfers_per_second_${clients}`] = Math.round(spread(results.spread).median);
  figures[`hot_per_second_${clients}`] = Math.round(spread(results.hot).median);
  figures[`tpcb_per_second_${clients}`] = Math.round(spread(results.tpcb).median);
}
await db.destroy();
await admins.end();
await bench.drop();
writeTable('ledger', 'Ledger: single transfers', rows);
console.log(JSON.stringify({ bench: 'ledger', ratios, figures }));
