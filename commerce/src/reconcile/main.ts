import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { Reconciliation } from '../payments/reconcile';

/** How long the shop may take, in milliseconds, and how often it is looked at. */
const MOST_MS = 15 * 60_000;
const LOOK_EVERY_MS = 500;
const EXIT_CONFIGURATION = 78;

/**
 * `soulseer reconcile`: has the running shop compare Stripe, orders and ledger, mend what it can, and says what it found.
 * Needs DATABASE_URL of the shop. Ends with 0 when all agrees, with 1 when something is left for people or it failed.
 */
async function main(): Promise<number> {
  const { DATABASE_URL } = process.env;
  if (!DATABASE_URL) {
    process.stderr.write('DATABASE_URL: is missing (Postgres database of the shop)\n');
    return EXIT_CONFIGURATION;
  }
  const client = new Client({ connectionString: DATABASE_URL });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      'insert into commerce_reconciliation default values returning id',
    );
    const id = rows[0]?.id;
    // Counted rather than timed: no clock is asked.
    for (let looks = 0; looks < MOST_MS / LOOK_EVERY_MS; looks += 1) {
      const { rows: done } = await client.query<Pick<Reconciliation, 'report' | 'error'>>(
        'select report, error from commerce_reconciliation where id = $1 and finished_at is not null',
        [id],
      );
      if (done[0]) return say(done[0]);
      await pause(LOOK_EVERY_MS);
    }
    process.stderr.write('The shop did not reconcile. Does it run?\n');
    return 1;
  } finally {
    await client.end();
  }
}

function say({ report, error }: Pick<Reconciliation, 'report' | 'error'>): number {
  if (!report) {
    process.stderr.write(`The shop could not reconcile: ${error}\n`);
    return 1;
  }
  const { payments, captured_cents, holds, mended, left, milliseconds } = report;
  for (const { code, payment, detail } of mended)
    process.stdout.write(`MENDED  ${code}: ${payment} ${detail}\n`);
  for (const { code, payment, detail } of left)
    process.stdout.write(`WRONG   ${code}: ${payment} ${detail}\n`);
  process.stdout.write(
    `${left.length === 0 ? 'Stripe, orders and ledger agree' : 'Stripe, orders and ledger do NOT agree'}: ${payments} payments, ${captured_cents} cents captured, ${holds} orders by wallet, ${mended.length} mended, ${left.length} left, in ${milliseconds} ms.\n`,
  );
  return left.length === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `The reconciliation failed: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exit(1);
  },
);
