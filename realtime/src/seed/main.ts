/**
 * `pnpm --filter realtime seed <world folder>`: sessions of the past, and in the folder which became which (`played.json`). For
 * development only; production is refused.
 */

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { EXIT_ENVIRONMENT, readEnvironment, seedEnvironment } from '../environment.ts';
import { createLog } from '../log.ts';
import { openReceiptKeys } from '../receipts/keys.ts';
import { openWhole } from './as-one.ts';
import { missingPeople, playedSessions, playPast } from './past.ts';
import { readPast } from './world.ts';

/** The CMS tells of its people by and by. */
const DIRECTORY_WITHIN_MS = 120_000;
const ASK_EVERY_MS = 500;

const report = (line: string) => process.stdout.write(`${line}\n`);
const refuse = (line: string, code: number): never => {
  process.stderr.write(`${line}\n`);
  process.exit(code);
};

const environment = readEnvironment(seedEnvironment);
if (environment.SOULSEER_ENV === 'production')
  refuse('The seed is not for production: it makes up a past.', EXIT_ENVIRONMENT);
const [folder] = process.argv.slice(2);
if (!folder) refuse('Name the folder of the world: pnpm --filter realtime seed <folder>', 64);
// Paths are as the caller typed them, though pnpm runs this in the package's folder.
const from = path.resolve(process.env['INIT_CWD'] ?? process.cwd(), folder as string);

const { signer } = await openReceiptKeys(environment.RECEIPT_KEYS);
const whole = await openWhole(environment.DATABASE_URL);
const parts = {
  whole,
  // Someone who waits wants to see lines of progress, not of the log; faults still show.
  log: createLog('warn'),
  issuer: environment.OIDC_ISSUER,
  signer,
  todayMs: new Date().setUTCHours(0, 0, 0, 0),
};
try {
  const world = await readPast(from);
  const began = performance.now();
  for (let missing = await missingPeople(parts, world); missing.length > 0; ) {
    if (performance.now() - began > DIRECTORY_WITHIN_MS)
      throw new Error(`the directory doesn't know ${missing.join(', ')}: is the CMS seeded and running?`);
    report('waiting for the directory');
    await pause(ASK_EVERY_MS);
    missing = await missingPeople(parts, world);
  }
  const { played, kept, busy } = await playPast(parts, world);
  await writeFile(path.join(from, 'played.json'), JSON.stringify(await playedSessions(parts, world)));
  const seconds = (performance.now() / 1_000).toFixed(1);
  report(`seeded in ${seconds} s: ${played} sessions played, ${kept} as they were, ${busy} left out`);
} catch (error) {
  refuse(`The seed failed: ${error instanceof Error ? error.message : String(error)}`, 1);
} finally {
  await whole.close();
}
