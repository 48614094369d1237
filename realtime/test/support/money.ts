/** A migrated database with the ledger on it, a clock that is set by hand, and short ways of saying things. */

import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import {
  createMeter,
  type Finalised,
  finalise,
  pauseMeter,
  startMeter,
  stopMeter,
} from '../../src/billing/meters.ts';
import { type Charged, tick } from '../../src/billing/tick.ts';
import { openDatabase, type Tables } from '../../src/database.ts';
import { createLedger, type Ledger } from '../../src/ledger/ledger.ts';
import { createLog } from '../../src/log.ts';
import { databaseUrl } from './cluster.ts';
import { createDatabase, type TestDatabase } from './database.ts';

export const START = Date.UTC(2026, 10, 18, 12);

export interface Money {
  db: Kysely<Tables>;
  database: TestDatabase;
  ledger: Ledger;
  clock: { now(): number; set(ms: number): void };
  /** Seconds after START. */
  at(seconds: number): number;
  /** A person with a wallet of so many cents. */
  person(cents?: number): Promise<string>;
  session(options: { client: string; reader: string; rate?: number; maximum?: number }): Promise<TestSession>;
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** As the role that owns the tables, or as superuser. */
  as(role: 'owner' | 'superuser', text: string, values?: unknown[]): Promise<pg.QueryResultRow[]>;
  close(): Promise<void>;
}

export interface TestSession {
  id: string;
  start(seconds: number): ReturnType<typeof startMeter>;
  pause(seconds: number, activeUntil?: number): ReturnType<typeof pauseMeter>;
  stop(seconds: number, reason?: string, activeUntil?: number): ReturnType<typeof stopMeter>;
  tick(seconds: number): Promise<Charged | undefined>;
  finalise(): Promise<Finalised>;
}

export async function createMoney(): Promise<Money> {
  const database = await createDatabase();
  const db = openDatabase(database.url, createLog('silent', { write: () => undefined }), {
    // Hundreds of calls at once on a busy machine.
    patient: true,
  });
  const admin = new pg.Pool({ connectionString: databaseUrl(database.name), max: 1 });
  const owner = new pg.Pool({ connectionString: database.ownerUrl, max: 1 });
  let now = START;
  const clock = {
    now: () => now,
    set(ms: number) {
      now = ms;
    },
  };
  const ledger = createLedger({ db, clock });
  const at = (seconds: number) => START + Math.round(seconds * 1_000);
  const money: Money = {
    db,
    database,
    ledger,
    clock,
    at,
    async person(cents = 0) {
      const person = randomUUID();
      await ledger.open(`wallet:${person}`);
      await ledger.open(`earnings:${person}`);
      if (cents > 0) {
        const result = await ledger.post({
          kind: 'top_up',
          key: `top-up:${person}`,
          legs: [
            { account: 'card_clearing', amount_cents: -cents },
            { account: `wallet:${person}`, amount_cents: cents },
          ],
        });
        if (!result.ok) throw new Error(result.refused.code);
      }
      return person;
    },
    async session({ client, reader, rate = 399, maximum = 1_000 }) {
      const id = randomUUID();
      const inside = <T>(work: (tx: Kysely<Tables>) => Promise<T>) => db.transaction().execute(work);
      const made = await inside((tx) =>
        createMeter(tx, ledger, {
          session_id: id,
          client,
          reader,
          rate_cents: rate,
          maximum_minutes: maximum,
        }),
      );
      if (!made.ok) throw new Error(made.code);
      /** Sets the clock and does the work in a transaction of its own. */
      const then = <T>(seconds: number, work: (tx: Kysely<Tables>) => Promise<T>) => {
        clock.set(at(seconds));
        return inside(work);
      };
      return {
        id,
        start: (seconds) => then(seconds, (tx) => startMeter(tx, id, at(seconds))),
        pause: (seconds, activeUntil = seconds) =>
          then(seconds, (tx) => pauseMeter(tx, id, at(seconds), at(activeUntil))),
        stop: (seconds, reason = 'client', activeUntil = seconds) =>
          then(seconds, (tx) => stopMeter(tx, id, at(seconds), reason, at(activeUntil))),
        async tick(seconds) {
          clock.set(at(seconds));
          return (await tick(db, clock)).find(({ session_id }) => session_id === id);
        },
        finalise: () => inside((tx) => finalise(tx, ledger, id)),
      };
    },
    query: async (text, values = []) => (await rawQuery(db, text, values)) as never,
    as: async (role, text, values = []) =>
      (await (role === 'owner' ? owner : admin).query(text, values)).rows as pg.QueryResultRow[],
    async close() {
      await db.destroy();
      await owner.end();
      await admin.end();
      await database.drop();
    },
  };
  return money;
}

async function rawQuery(db: Kysely<Tables>, text: string, values: unknown[]): Promise<unknown[]> {
  const parts = text.split(/\$\d+/);
  return (await sql(parts as unknown as TemplateStringsArray, ...values).execute(db)).rows;
}
