// pnpm bench reconcile: how long the reconciler takes over 10 000 payments by card and as many orders by wallet, of each of which
// one in a hundred has to be mended.
// Stripe's API and realtime's ledger answer over HTTP on this machine, page by page as they do; our records and the
// columns of Medusa's tables that are asked for are in Postgres. Needs TEST_POSTGRES_URL of a superuser.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { Client, Pool } from 'pg';
import { createPayments } from '../src/migrate/payments';
import { createShop } from '../src/migrate/shop';
import { createLedger } from '../src/payments/ledger';
import { createReconciler } from '../src/payments/reconcile';
import { createStripe } from '../src/payments/stripe';

const WHOLE = 10_000;
const { values: options } = parseArgs({
  options: { payments: { type: 'string', default: String(WHOLE) } },
});
const COUNT = Number(options.payments);
const MOST_S = 60;
/** Each so-manieth payment is one that the ledger does not know yet. */
const LOST_EVERY = 100;
const AMOUNT = 2_500;

const log = { debug() {}, info() {}, warn() {}, error() {}, enabled: () => false };
const clock = { now: Date.now };

async function main(): Promise<void> {
  const { TEST_POSTGRES_URL } = process.env;
  if (!TEST_POSTGRES_URL)
    throw new Error('TEST_POSTGRES_URL is not set: the bench needs a Postgres superuser.');
  const name = `bench_reconcile_${randomUUID().slice(0, 8)}`;
  const superuser = new Client({ connectionString: TEST_POSTGRES_URL });
  await superuser.connect();
  await superuser.query(`create database ${name}`);
  const url = new URL(TEST_POSTGRES_URL);
  url.pathname = name;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await createPayments(client);
  await createShop(client);
  await client.query(`
    create table "order" (id text primary key, metadata jsonb, deleted_at timestamptz, canceled_at timestamptz);
    create table capture (id text primary key, payment_id text, amount numeric, deleted_at timestamptz);
    create table refund (id text primary key, payment_id text, amount numeric, deleted_at timestamptz);
    create table payment (id text primary key, payment_collection_id text, deleted_at timestamptz, canceled_at timestamptz);
    create table order_payment_collection (order_id text, payment_collection_id text, deleted_at timestamptz);
    create index on payment (payment_collection_id) where deleted_at is null;
    create index on order_payment_collection (order_id) where deleted_at is null;
    create index on capture (payment_id) where deleted_at is null;
    create index on refund (payment_id) where deleted_at is null;`);
  const person = randomUUID();
  await client.query(
    `insert into commerce_payment (id, person_id, way, amount_cents, return_path, idempotency_key, request_hash, state, order_id,
       medusa_payment_id, payment_intent_id, captured_cents, credited_cents)
     select 'topup_' || n, $1, 'checkout', ${AMOUNT}, '/wallet', 'key-' || n, 'h', 'credited', 'order_' || n, 'pay_' || n, 'pi_' || n,
       ${AMOUNT}, ${AMOUNT} from generate_series(1, $2::int) as n`,
    [person, COUNT],
  );
  // Those that are lost are posted in the ledger, and we know nothing of it yet.
  await client.query(
    `insert into commerce_payment (id, person_id, purpose, way, amount_cents, return_path, idempotency_key, request_hash, state,
       order_id, medusa_payment_id, hold_id, captured_cents, credited_cents)
     select 'wallet_' || n, $1, 'goods', 'wallet', ${AMOUNT}, '/orders', 'wallet-' || n, 'h',
       case when n % ${LOST_EVERY} = 0 then 'paid' else 'credited' end, 'order_w' || n, 'pay_w' || n, 'hold_' || n,
       case when n % ${LOST_EVERY} = 0 then 0 else ${AMOUNT} end, case when n % ${LOST_EVERY} = 0 then 0 else ${AMOUNT} end
     from generate_series(1, $2::int) as n`,
    [person, COUNT],
  );
  for (const [name, payment] of [
    ['', 'topup_'],
    ['w', 'wallet_'],
  ]) {
    await client.query(
      `insert into "order" (id, metadata) select 'order_${name}' || n, jsonb_build_object('payment', '${payment}' || n)
       from generate_series(1, $1::int) as n`,
      [COUNT],
    );
    await client.query(
      `insert into payment (id, payment_collection_id) select 'pay_${name}' || n, 'paycol_${name}' || n
       from generate_series(1, $1::int) as n`,
      [COUNT],
    );
    await client.query(
      `insert into order_payment_collection (order_id, payment_collection_id) select 'order_${name}' || n, 'paycol_${name}' || n
       from generate_series(1, $1::int) as n`,
      [COUNT],
    );
    await client.query(
      `insert into capture (id, payment_id, amount) select 'cap_${name}' || n, 'pay_${name}' || n, ${AMOUNT} / 100.0
       from generate_series(1, $1::int) as n`,
      [COUNT],
    );
  }
  await client.query('analyze');

  const intentOf = (n: number) => ({
    id: `pi_${n}`,
    object: 'payment_intent',
    amount: AMOUNT,
    amount_received: AMOUNT,
    status: 'succeeded',
    metadata: { soulseer_payment: `topup_${n}` },
    latest_charge: { id: `ch_${n}`, object: 'charge', amount_refunded: 0, disputed: false },
  });
  const unknown = new Set<string>();
  for (let n = LOST_EVERY; n <= COUNT; n += LOST_EVERY) unknown.add(`pi_${n}`);
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const asked = new URL(request.url ?? '', 'http://localhost');
    response.setHeader('content-type', 'application/json');
    if (asked.pathname === '/service/payments/compare') {
      const { payment_ids } = JSON.parse(Buffer.concat(chunks).toString()) as { payment_ids: string[] };
      const payments = payment_ids
        .filter((id) => !unknown.has(id))
        .map((payment_id) => ({
          payment_id,
          person_id: person,
          credited_cents: AMOUNT,
          refunded_cents: 0,
          disputed_cents: 0,
        }));
      return response.end(JSON.stringify({ payments }));
    }
    const hold = (n: number) => ({
      hold_id: `hold_${n}`,
      person_id: person,
      state: 'posted',
      posted_cents: AMOUNT,
      refunded_cents: 0,
    });
    if (asked.pathname === '/service/holds') {
      const after = Number(asked.searchParams.get('after'));
      const to = Math.min(COUNT, after + Number(asked.searchParams.get('limit')));
      const holds = Array.from({ length: to - after }, (_, at) => hold(after + at + 1));
      return response.end(JSON.stringify({ holds, next_after: to < COUNT ? String(to) : null }));
    }
    const held = /^\/service\/holds\/hold_(\d+)$/.exec(asked.pathname);
    if (held) return response.end(JSON.stringify(hold(Number(held[1]))));
    const one = /^\/v1\/payment_intents\/pi_(\d+)$/.exec(asked.pathname);
    if (one) return response.end(JSON.stringify(intentOf(Number(one[1]))));
    const after = Number(asked.searchParams.get('starting_after')?.slice(3) ?? 0);
    const limit = Number(asked.searchParams.get('limit') ?? 10);
    const data = Array.from({ length: Math.min(limit, COUNT - after) }, (_, at) => intentOf(after + at + 1));
    return response.end(
      JSON.stringify({
        object: 'list',
        data,
        has_more: after + data.length < COUNT,
        url: '/v1/payment_intents',
      }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pool = new Pool({ connectionString: url.href });
  const reconciler = createReconciler({
    pool,
    stripe: createStripe({ secretKey: 'sandbox-secret-key-of-a-bench', apiUrl: address }),
    ledger: createLedger({
      realtimeUrl: address,
      secret: 'sandbox-key-of-a-bench-to-realtime',
      clock,
    }),
    // What settling itself costs is not asked here: it tells the ledger, or sees what the ledger has.
    settle: {
      async settle(id) {
        unknown.delete(`pi_${id.slice('topup_'.length)}`);
        await pool.query(
          `update commerce_payment set captured_cents = amount_cents, state = 'credited' where id = $1 and way = 'wallet'`,
          [id],
        );
        return undefined as never;
      },
      clear: async () => 0,
    },
    clock,
    log,
  });
  try {
    const report = await reconciler.reconcile();
    const seconds = report.milliseconds / 1_000;
    if (
      report.payments !== COUNT ||
      report.holds !== COUNT ||
      report.left.length > 0 ||
      report.mended.length !== 2 * Math.floor(COUNT / LOST_EVERY)
    )
      throw new Error(
        `not what was to be found: ${JSON.stringify({ ...report, left: report.left.slice(0, 5) })}`,
      );
    const rows = [
      ['payments by card', 'orders by wallet', 'mended', 'left', 'seconds', 'a second'],
      [
        ...[report.payments, report.holds, report.mended.length, report.left.length].map(String),
        seconds.toFixed(2),
        String(Math.round((report.payments + report.holds) / seconds)),
      ],
    ];
    if (COUNT === WHOLE) process.send?.({ title: 'Reconciling: Stripe, orders and ledger', rows });
    else console.log(rows.map((row) => row.join('  ')).join('\n'));
    console.log(
      JSON.stringify({
        bench: 'reconcile',
        ratios: { within_a_minute: MOST_S / seconds },
        figures: { payments: report.payments, holds: report.holds, mended: report.mended.length, seconds },
      }),
    );
    if (seconds > MOST_S) process.exitCode = 1;
  } finally {
    await pool.end();
    await client.end();
    server.closeAllConnections();
    server.close();
    await superuser.query(`drop database ${name} with (force)`);
    await superuser.end();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
