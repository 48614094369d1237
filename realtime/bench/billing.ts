// pnpm bench billing: sessions charged per second by the tick, by one transaction a session as most systems do it, and by
// COPY of as many rows into the same indexed tables, with every constraint, index, check and budget in place and durable
// commits. The floor (tick_vs_copy) is COPY, over as many connections as the ticks have, of all seven rows that a tick writes
// for a session: a transfer and three entries into the tables themselves, two balances and a meter as new rows of like
// tables. Beside it, only what the tick inserts (tick_vs_copy_inserts): the transfer and the entries, over as many
// connections, and one tick after another against a COPY over one.
import { execFileSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { ratio, rounded, show, spread } from '../../bench/figures.ts';
import { writeTable } from '../../bench/table.ts';
import { catchUp } from '../src/billing/loop.ts';
import type { Tables } from '../src/database.ts';
import { readerCents } from '../src/ledger/split.ts';
import { createBench, race } from './support.ts';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,100000' },
    rounds: { type: 'string' },
    tick: { type: 'string' },
    now: { type: 'string' },
  },
});
const RATE = 399;
const SHARE = 7_000;
const START = 1_800_000_000_000;
const MINUTE = 60_000;
/** More minutes and entries than the ticks of a run reach: what a floor writes is numbered from here. */
const LATER = 1_000_000;

/** Charges all that is due, as the loop does, or by one tick after another. */
async function chargeAll(db: Kysely<Tables>, now: number, lanes?: number): Promise<number> {
  const { charged, stuck } = await catchUp(db, { now: () => now }, lanes);
  if (stuck.length > 0) throw new Error(`${stuck.length} meters can't be charged`);
  return charged.length;
}

const open = (url: string) => {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  // The server closes what is left of it when the database is dropped.
  pool.on('error', () => undefined);
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
};

// A process that does nothing but tick, so that its memory is the tick's.
if (options.tick) {
  const db = open(options.tick);
  const began = performance.now();
  const sessions = await chargeAll(db, Number(options.now));
  console.log(
    JSON.stringify({
      sessions,
      seconds: (performance.now() - began) / 1_000,
      megabytes: process.resourceUsage().maxRSS / 1_024,
    }),
  );
  await db.destroy();
  process.exit();
}

/** People with day and week limits, and their sessions. Those after `sessions` are for the plain way alone. */
async function fill(client: pg.Client, sessions: number, plain: number): Promise<void> {
  const all = sessions + plain;
  await client.query(`
    INSERT INTO accounts (kind, name) SELECT 'wallet', 'wallet:' || gen_random_uuid() FROM generate_series(1, ${all});
    INSERT INTO accounts (kind, name) SELECT 'earnings', 'earnings:' || gen_random_uuid() FROM generate_series(1, ${all});
    INSERT INTO budgets (account_id, key, whole_account, time_window, time_zone, limit_cents, starts_at, ends_at)
    SELECT id, split_part(name, ':', 2) || ':' || w, true, w, 'UTC', 500000000, to_timestamp(0), '2100-01-01'
    FROM accounts, unnest(ARRAY['day', 'week']) w WHERE kind = 'wallet';
    UPDATE accounts SET balance = 900000000, spend_ceiling = 500000000, ceiling_until = '2100-01-01' WHERE kind = 'wallet';
    UPDATE accounts SET balance = -900000000::bigint * ${all} WHERE name = 'card_clearing:0'`);
  // Or the next would be planned for tables that are nearly empty.
  await client.query('ANALYZE accounts');
  await client.query(`
    INSERT INTO meters (session_id, wallet_id, earnings_id, rate_cents, share, maximum_minutes, running, running_since_ms, next_at_ms)
    SELECT uuidv7(), w.id, e.id, ${RATE}, ${SHARE}, 100000, true, ${START} + w.n % 50000,
      ${START} + w.n % 50000 + 10000 + CASE WHEN w.n > ${sessions} THEN 1000000000000 ELSE 0 END
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM accounts WHERE kind = 'wallet') w
    -- Who reads for whom follows no order, as in life.
    JOIN (SELECT id, row_number() OVER (ORDER BY md5(name)) AS n FROM accounts WHERE kind = 'earnings') e USING (n)`);
  await client.query(`
    CREATE TABLE accounts_floor (LIKE accounts INCLUDING ALL EXCLUDING IDENTITY);
    CREATE TABLE meters_floor (LIKE meters INCLUDING ALL)`);
  await client.query('VACUUM ANALYZE');
}

/** The other rows that a tick writes, for the floor that writes as many. */
const REST = [
  [
    'accounts_floor',
    'id, balance, spent, overdrawn, version, kind, name',
    "(SELECT * FROM accounts WHERE kind IN ('wallet', 'earnings')) a",
  ],
  [
    'meters_floor',
    'session_id, wallet_id, earnings_id, running_since_ms, next_at_ms, rate_cents, share, maximum_minutes, paid_minutes, running',
    'meters',
  ],
] as const;

interface Plain {
  session_id: string;
  wallet_id: string;
  earnings_id: string;
  paid: number;
}

/** One transaction a session: lock and read, write, commit; every statement prepared. */
async function chargePlain(client: pg.Client, session: Plain, revenueId: string): Promise<void> {
  const ask = (name: string, text: string, values: unknown[]) => client.query({ name, text, values });
  await ask('begin', 'BEGIN', []);
  const {
    rows: [meter],
  } = await ask('meter', 'SELECT * FROM meters WHERE session_id = $1 FOR UPDATE', [session.session_id]);
  const accounts = [session.wallet_id, session.earnings_id, revenueId];
  const { rows } = await ask(
    'accounts',
    'SELECT id, balance, spent, spend_ceiling, version FROM accounts WHERE id = ANY ($1::bigint[]) ORDER BY kind, id FOR UPDATE',
    [accounts],
  );
  const minute = meter.paid_minutes + 1;
  const part = readerCents(minute, RATE, SHARE) - readerCents(minute - 1, RATE, SHARE);
  const amounts = [-RATE, part, RATE - part];
  const of = (id: string) => rows.find((row) => row.id === id);
  if (
    Number(of(session.wallet_id).balance) < RATE ||
    Number(of(session.wallet_id).spent) + RATE > Number(of(session.wallet_id).spend_ceiling)
  )
    throw new Error('can not pay');
  const {
    rows: [transfer],
  } = await ask(
    'transfer',
    `INSERT INTO transfers (created_at, effective_at, kind, key) VALUES (now(), now(), 'minute', $1) RETURNING id`,
    [`session:${session.session_id}:minute:${minute}`],
  );
  const entry = accounts.flatMap((id, index) => [
    id,
    Number(of(id).balance) + (amounts[index] ?? 0),
    of(id).version + 1,
    amounts[index],
  ]);
  await ask(
    'entries',
    `INSERT INTO entries (transfer_id, account_id, balance_after, version, amount)
    VALUES ($1, $2, $3, $4, $5), ($1, $6, $7, $8, $9), ($1, $10, $11, $12, $13)`,
    [transfer.id, ...entry],
  );
  for (const [index, id] of accounts.entries()) {
    await ask(
      'balance',
      'UPDATE accounts SET balance = balance + $2, version = version + 1, spent = spent + $3 WHERE id = $1',
      [id, amounts[index], index === 0 ? RATE : 0],
    );
  }
  await ask('advance', 'UPDATE meters SET paid_minutes = paid_minutes + 1 WHERE session_id = $1', [
    session.session_id,
  ]);
  await ask('commit', 'COMMIT', []);
}

async function measure(sessions: number, rounds: number) {
  const plainSessions = 1_600;
  const bench = await createBench('billing', { writes: true });
  const admin = new pg.Client({ connectionString: bench.adminUrl });
  await admin.connect();
  const db = open(bench.url);
  const clients = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const client = new pg.Client({ connectionString: bench.adminUrl });
      await client.connect();
      return client;
    }),
  );
  try {
    await fill(admin, sessions, plainSessions);
    const { rows: plain } = await admin.query<Plain>(
      `SELECT session_id, wallet_id, earnings_id FROM meters WHERE next_at_ms > ${START + 100_000_000}`,
    );
    // Generous to the plain way: each connection has a platform account of its own.
    const { rows: revenue } = await admin.query<{ id: string }>(
      `SELECT id FROM accounts WHERE kind = 'revenue' ORDER BY id LIMIT 8`,
    );
    let now = START + MINUTE;
    const perSecond = (count: number, began: number) => count / ((performance.now() - began) / 1_000);
    const plainWay = async (connections: number, count: number) => {
      const queue = plain.slice(0, count);
      const began = performance.now();
      await Promise.all(
        clients.slice(0, connections).map(async (client, index) => {
          for (let session = queue.pop(); session; session = queue.pop())
            await chargePlain(client, session, revenue[index]?.id ?? '');
        }),
      );
      return perSecond(count, began);
    };
    let floorRound = 0;
    /** COPY of what a tick writes, over so many connections at once. */
    const floor = async (connections: number, { all = false } = {}) => {
      floorRound += 1;
      // The rows of the last tick, as if they were a later one's: keys and counts that are new and land in the indexes where
      // a tick's do, ids that come next.
      const { rows: parts } = await admin.query(`
        WITH t AS MATERIALIZED (
          SELECT t.*, nextval('transfers_id_seq') AS new_id, ntile(${connections}) OVER (ORDER BY id) AS part
          FROM (SELECT * FROM transfers WHERE kind = 'minute' AND split_part(key, ':', 4)::integer < ${LATER} ORDER BY id DESC LIMIT ${sessions}) t
        )
        SELECT part, string_agg(concat_ws(E'\\t', new_id, created_at, effective_at, kind, left(key, 52) || ${LATER} * ${floorRound} + split_part(key, ':', 4)::integer), E'\\n' ORDER BY new_id) AS transfers,
          (SELECT string_agg(concat_ws(E'\\t', new_id, account_id, balance_after, version + ${LATER} * ${floorRound}, amount), E'\\n' ORDER BY new_id, amount)
            FROM t u JOIN entries e ON e.transfer_id = u.id WHERE u.part = t.part) AS entries
        FROM t GROUP BY part ORDER BY part`);
      const writes: [string, Buffer][][] = parts.map(({ transfers, entries }) => [
        [
          'COPY transfers (id, created_at, effective_at, kind, key) FROM STDIN',
          Buffer.from(`${transfers}\n`),
        ],
        [
          'COPY entries (transfer_id, account_id, balance_after, version, amount) FROM STDIN',
          Buffer.from(`${entries}\n`),
        ],
      ]);
      // What the tick writes beside them: two balances and a meter for each session, here as new rows of like tables.
      if (all) {
        await admin.query('TRUNCATE accounts_floor, meters_floor');
        for (const [table, columns, source] of REST) {
          const { rows: rest } = await admin.query(
            `SELECT string_agg(line, E'\\n') AS lines FROM (
              SELECT line, ntile(${connections}) OVER () AS part
              FROM (SELECT concat_ws(E'\\t', ${columns}) AS line FROM ${source} ORDER BY 1 LIMIT ${table === 'meters_floor' ? sessions : 2 * sessions}) l
            ) t GROUP BY part ORDER BY part`,
          );
          for (const [index, { lines }] of rest.entries())
            writes[index]?.push([`COPY ${table} (${columns}) FROM STDIN`, Buffer.from(`${lines}\n`)]);
        }
      }
      const began = performance.now();
      await Promise.all(
        writes.map(async (write, index) => {
          const client = clients[index] as pg.Client;
          await client.query('BEGIN');
          for (const [text, lines] of write)
            await pipeline(Readable.from([lines]), client.query(copyFrom(text)));
          await client.query('COMMIT');
        }),
      );
      return perSecond(sessions, began);
    };
    const ours = async (lanes?: number) => {
      now += MINUTE;
      const began = performance.now();
      const charged = await chargeAll(db, now, lanes);
      const result = perSecond(charged, began);
      if (charged !== sessions) throw new Error(`charged ${charged} of ${sessions}`);
      return result;
    };
    await ours();
    const results = await race(rounds, {
      tick: () => ours(),
      tick_1: () => ours(1),
      plain_1: () => plainWay(1, 300),
      plain_8: () => plainWay(8, plainSessions),
      copy: () => floor(2, { all: true }),
      copy_inserts: () => floor(2),
      copy_inserts_1: () => floor(1),
    });
    now += MINUTE;
    const alone = JSON.parse(
      execFileSync(process.execPath, [import.meta.filename, '--tick', bench.url, '--now', String(now)], {
        encoding: 'utf8',
      }),
    ) as { seconds: number; megabytes: number };
    return { results, alone };
  } finally {
    await Promise.all([admin, ...clients].map((client) => client.end()));
    await db.destroy();
    await bench.drop();
  }
}

const rows = [
  [
    'sessions',
    'tick, 2 side by side /s',
    'one tick after another /s',
    'plain, 1 connection /s',
    'plain, 8 /s',
    'COPY of all rows, 2 connections /s',
    'COPY of what is inserted, 2 connections /s',
    'the same, 1 connection /s',
    'tick ÷ plain 1',
    'tick ÷ plain 8',
    'tick ÷ COPY',
    'tick ÷ COPY of what is inserted, 2 each',
    'the same, 1 each',
    'alone: s, MB',
  ],
];
const ratios: Record<string, number> = {};
const figures: Record<string, number> = {};
for (const size of options.sizes.split(',').map(Number)) {
  const { results, alone } = await measure(size, Number(options.rounds ?? (size >= 100_000 ? 3 : 11)));
  const of = (name: keyof typeof results, tick: 'tick' | 'tick_1' = 'tick') =>
    ratio(results[tick], results[name]);
  const rate = (name: keyof typeof results) => show(spread(results[name]), 0);
  rows.push([
    String(size),
    rate('tick'),
    rate('tick_1'),
    rate('plain_1'),
    rate('plain_8'),
    rate('copy'),
    rate('copy_inserts'),
    rate('copy_inserts_1'),
    show(of('plain_1'), 1),
    show(of('plain_8'), 1),
    show(of('copy')),
    show(of('copy_inserts')),
    show(of('copy_inserts_1', 'tick_1')),
    `${alone.seconds.toFixed(1)}, ${alone.megabytes.toFixed(0)}`,
  ]);
  const suffix = size === 10_000 ? '' : `_${size}`;
  ratios[`tick_vs_plain_1${suffix}`] = rounded(of('plain_1').median);
  ratios[`tick_vs_plain_8${suffix}`] = rounded(of('plain_8').median);
  ratios[`tick_vs_copy${suffix}`] = rounded(of('copy').median);
  ratios[`tick_vs_copy_inserts${suffix}`] = rounded(of('copy_inserts').median);
  ratios[`tick_vs_copy_inserts_one_each${suffix}`] = rounded(of('copy_inserts_1', 'tick_1').median);
  figures[`sessions_per_second_${size}`] = Math.round(spread(results.tick).median);
  figures[`seconds_${size}`] = rounded(alone.seconds);
  figures[`megabytes_${size}`] = Math.round(alone.megabytes);
}
writeTable('billing', 'Billing: charging every active session once', rows);
console.log(JSON.stringify({ bench: 'billing', ratios, figures }));
