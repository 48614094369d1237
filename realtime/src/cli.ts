/** The `soulseer` command: what an operator does by hand or a release does before it starts. */

import { readFile } from 'node:fs/promises';
import { receiptKeys } from '../contract/receipt.ts';
import { openDatabase } from './database.ts';
import { migrateEnvironment, readEnvironment, verifyEnvironment } from './environment.ts';
import { verifyLedger } from './ledger/verify.ts';
import { createLog } from './log.ts';
import { migrate, readMigrations } from './migrate.ts';
import type { ReceiptKey } from './receipts/format.ts';
import { makeReceiptKey } from './receipts/keys.ts';
import { verifyReceipt } from './receipts/verify.ts';

const USAGE = `usage: soulseer <command>

  migrate         bring the database up to date (needs DATABASE_OWNER_URL and DATABASE_URL)
  verify-ledger   prove the whole ledger, and name what is wrong with it (needs DATABASE_URL)
  verify-receipt <file> <keys>
                  check a receipt. <keys> is a file with the published keys, or an address of ours or of them
                  (https://soulseer.example or …/.well-known/receipt-keys.json), the only case in which anybody is asked
  make-receipt-key <key id>
                  make a key for RECEIPT_KEYS
  reconcile       compare Stripe, orders and ledger, and mend what differs: the shop's own, by pnpm soulseer, or
                  node src/reconcile/main.js in its image (needs DATABASE_URL of the shop)
`;

const commands: Record<string, (...args: string[]) => Promise<void>> = {
  async migrate() {
    const environment = readEnvironment(migrateEnvironment);
    const log = createLog(environment.LOG_LEVEL);
    const runningRole = decodeURIComponent(new URL(environment.DATABASE_URL).username);
    try {
      const migrations = await readMigrations();
      const applied = await migrate({ ownerUrl: environment.DATABASE_OWNER_URL, runningRole, migrations });
      // Loaded here alone: it would double the time that the other commands take to start.
      const { migrateJobs } = await import('./jobs/jobs.ts');
      await migrateJobs({ ownerUrl: environment.DATABASE_OWNER_URL, runningRole });
      log.info({ applied }, applied.length > 0 ? 'migrated' : 'nothing to migrate');
    } catch (error) {
      log.fatal({ error: error instanceof Error ? error.message : String(error) }, 'could not migrate');
      process.exitCode = 1;
    }
  },
  async 'verify-ledger'() {
    const environment = readEnvironment(verifyEnvironment);
    const db = openDatabase(environment.DATABASE_URL, createLog(environment.LOG_LEVEL), { patient: true });
    try {
      const proof = await verifyLedger(db);
      for (const { check, subject, detail } of proof.findings)
        console.log(`WRONG  ${check}: ${subject} ${detail}`);
      console.log(
        `${proof.ok ? 'The ledger is whole' : 'The ledger is NOT whole'}: ${proof.accounts} accounts, ${proof.transfers} transfers, ${proof.entries} entries checked in ${proof.milliseconds} ms.`,
      );
      if (!proof.ok) process.exitCode = 1;
    } finally {
      await db.destroy();
    }
  },
  async 'verify-receipt'(file = '', source = '') {
    const text = await readFile(file, 'utf8').catch(fail(`${file} can’t be read`));
    const published = await readKeys(source).catch(fail(`the keys at ${source} can’t be read`));
    if (text === undefined || published === undefined) return;
    const verdict = await verifyReceipt(text, published);
    if (verdict.ok) {
      const { head, totals } = verdict.receipt;
      console.log(
        `The receipt is genuine: session ${head.session_id}, ${totals.charged_minutes} minutes, ${totals.paid_cents} cents.`,
      );
    } else {
      console.log(`The receipt is NOT genuine (${verdict.code}): ${verdict.detail}.`);
      process.exitCode = 1;
    }
  },
  async 'make-receipt-key'(kid = '') {
    console.log(JSON.stringify(await makeReceiptKey(kid)));
  },
};

const KEYS_PATH = '/.well-known/receipt-keys.json';
/** Exit code for input that can't be read (EX_NOINPUT of sysexits.h). */
const EXIT_NO_INPUT = 66;

/** Says in one line what can't be done, and lets the command end. */
function fail(what: string): (error: unknown) => undefined {
  return (error) => {
    process.stderr.write(`${what}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = EXIT_NO_INPUT;
    return undefined;
  };
}

/** The published keys of a file or an address. */
async function readKeys(source: string): Promise<ReceiptKey[]> {
  const address = /^https?:\/\//.test(source) ? new URL(source) : undefined;
  if (!address) return receiptKeys.parse(JSON.parse(await readFile(source, 'utf8'))).keys;
  if (address.pathname === '/') address.pathname = KEYS_PATH;
  const response = await fetch(address, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`it answers ${response.status}`);
  return receiptKeys.parse(await response.json()).keys;
}

/** How many words each command wants after its name. */
const words: Record<string, number> = { 'verify-receipt': 2, 'make-receipt-key': 1 };

const [name = '', ...more] = process.argv.slice(2);
const command =
  Object.hasOwn(commands, name) && more.length === (words[name] ?? 0) ? commands[name] : undefined;
if (command) await command(...more);
else {
  process.stderr.write(USAGE);
  process.exitCode = 64;
}
