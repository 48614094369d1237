/** A program that ticks without a pause, a virtual second at a time, until it is killed. */

import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { tick } from '../../src/billing/tick.ts';
import type { Tables } from '../../src/database.ts';

const pool = new pg.Pool({
  connectionString: process.env['DATABASE_URL'],
  application_name: 'ticker',
  max: 2,
});
const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
let now = Number(process.env['FROM_MS']);
console.log('ticking');
for (;;) {
  // Two at once, as two nodes would.
  await Promise.all([tick(db, { now: () => now }, 50), tick(db, { now: () => now }, 50)]);
  now += 1_000;
}
