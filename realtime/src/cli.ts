/** The `soulseer` command: what an operator does by hand or a release does before it starts. */

import { readFile } from 'node:fs/promises';
import { openDatabase } from './database.ts';
import { migrateEnvironment, readEnvironment, verifyEnvironment } from './environment.ts';
import { verifyLedger } from './ledger/verify.ts';
import { createLog } from './log.ts';
import { migrate, readMigrations } from './migrate.ts';
import type { ReceiptKey } from './receipts/format.ts';
import { verifyReceipt } from './receipts/verify.ts';

const USAGE = `usage: soulseer <command>

  migrate         bring the database up to date (needs DATABASE_OWNER_URL and DATABASE_URL)
  verify-ledger   prove the whole ledger, and name what is wrong with it (needs DATABASE_URL)
  verify-receipt <file> <keys>
                  check a receipt with nothing but the file and the published keys (receipt-keys.json)
`;

const commands: Record<string, (...args: string[]) => Promise<void>> = {
  async migrate() {
    const environment = readEnvironment(migrateEnvironment);
    const log = createLog(environment.LOG_LEVEL);
    const runningRole = decodeURIComponent(new URL(environment.DATABASE_URL).username);
    try {
      const migrations = await readMigrations();
      const applied = await migrate({ ownerUrl: environment.DATABASE_OWNER_URL, runningRole, migrations });
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
  async 'verify-receipt'(file = '', keysFile = '') {
    const { keys } = JSON.parse(await readFile(keysFile, 'utf8')) as { keys: ReceiptKey[] };
    const verdict = await verifyReceipt(await readFile(file, 'utf8'), keys);
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
};

/** How many words each command wants after its name. */
const words: Record<string, number> = { 'verify-receipt': 2 };

const [name = '', ...more] = process.argv.slice(2);
const command =
  Object.hasOwn(commands, name) && more.length === (words[name] ?? 0) ? commands[name] : undefined;
if (command) await command(...more);
else {
  process.stderr.write(USAGE);
  process.exitCode = 64;
}
