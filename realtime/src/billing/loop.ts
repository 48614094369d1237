/**
 * Ticks by a plain timer under an advisory lock, so that of many nodes one works and the others stand by. Nothing depends on
 * it running once or on time: the tick charges whatever is due, however late.
 */

import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import type { Executor } from '../ledger/ledger.ts';
import type { Metrics } from '../operations/metrics.ts';
import { batchFor, type Charged, chargeDue, countDue, tick } from './tick.ts';

export interface Caught {
  charged: Charged[];
  /** Sessions whose meters the database refused; the others were charged. */
  stuck: { session_id: string; error: string }[];
}

/**
 * Ticks at once, each on a connection of its own: Postgres writes with one processor a connection. They leave each other's
 * meters alone, as the ticks of several nodes do.
 */
const LANES = 2;
/** So few are charged by one before another could begin. */
const FEW = 200;

/**
 * Charges all that is due now. One meter that can't be charged doesn't keep the others from it; what falls due meanwhile is
 * for the next turn.
 */
export async function catchUp(db: Executor, clock: Clock, most = LANES): Promise<Caught> {
  const due = await countDue(db, clock);
  const lanes = due > FEW ? most : 1;
  const batch = batchFor(due, lanes);
  const charged: Charged[] = [];
  async function lane(): Promise<void> {
    while (charged.length < due) {
      const told = await tick(db, clock, batch);
      for (const one of told) charged.push(one);
      if (told.length < batch) return;
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
  if (failures.length === 0) return { charged, stuck: [] };
  // A lost server is not a meter's fault; that is for the next turn.
  const lost = failures.find((error) => !isRefusal(error));
  if (lost !== undefined) throw lost;
  const one = await oneByOne(db, clock);
  return { charged: [...charged, ...one.charged], stuck: one.stuck };
}

/** Class 22, 23 and P0: the data was refused. */
const isRefusal = (error: unknown) => /^(22|23|P0)/.test((error as { code?: string }).code ?? '');

async function oneByOne(db: Executor, clock: Clock): Promise<Caught> {
  const nowMs = clock.now();
  const { rows } = await sql<{ session_id: string }>`
    select session_id from meters where running and next_at_ms <= ${nowMs} order by wallet_id`.execute(db);
  const caught: Caught = { charged: [], stuck: [] };
  for (const { session_id } of rows) {
    try {
      const one = await chargeDue(db, session_id, nowMs);
      if (one) caught.charged.push(one);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      caught.stuck.push({ session_id, error: error instanceof Error ? error.message : String(error) });
    }
  }
  return caught;
}

/** One turn, if no other node is at it. The lock is the connection's, so a killed node lets go of it; the ticks have others. */
async function turn(db: Database, clock: Clock): Promise<Caught | undefined> {
  return db.connection().execute(async (connection) => {
    const { rows } = await sql<{
      mine: boolean;
    }>`select pg_try_advisory_lock(hashtext('billing.loop')) as mine`.execute(connection);
    if (!rows[0]?.mine) return undefined;
    try {
      return await catchUp(db, clock);
    } finally {
      await sql`select pg_advisory_unlock(hashtext('billing.loop'))`.execute(connection);
    }
  });
}

export interface BillingLoop {
  /** Does a turn soon: what a scheduler's job calls. Resolves when it is done; never rejects. */
  wake(): Promise<void>;
  stop(): Promise<void>;
}

/** What is counted of each turn. */
type BillingMetrics = Pick<Metrics, 'chargedMinutes' | 'billingLateness' | 'billingTurn' | 'billingErrors'>;

/**
 * Ticks every `everyMs`, one turn at a time, and hands on what was charged and stopped. What `tell` does may fail or be cut
 * short by a crash: whoever has to act on it also sweeps.
 */
export function startBillingLoop(options: {
  db: Database;
  clock: Clock;
  log: Logger;
  metrics: BillingMetrics;
  tell: (charged: Charged[]) => Promise<void>;
  everyMs?: number;
}): BillingLoop {
  const { db, clock, log, metrics, tell, everyMs = 1_000 } = options;
  let running: Promise<void> | undefined;
  // Told in order, and apart: billing waits for nobody who listens.
  let telling = Promise.resolve();

  async function once(): Promise<void> {
    const done = metrics.billingTurn.startTimer();
    try {
      const caught = await turn(db, clock);
      if (!caught) return;
      for (const { minutes, late_ms } of caught.charged) {
        metrics.chargedMinutes.inc(minutes);
        metrics.billingLateness.observe(late_ms / 1_000);
      }
      if (caught.stuck.length > 0) {
        metrics.billingErrors.inc({ what: 'stuck' }, caught.stuck.length);
        log.error({ stuck: caught.stuck }, 'meters that can not be charged');
      }
      if (caught.charged.length > 0) telling = telling.then(() => tellSafely(caught.charged));
    } catch (error) {
      metrics.billingErrors.inc({ what: 'turn' });
      log.warn({ error: error instanceof Error ? error.message : String(error) }, 'could not tick');
    } finally {
      done();
    }
  }

  async function tellSafely(charged: Charged[]): Promise<void> {
    try {
      await tell(charged);
    } catch (error) {
      metrics.billingErrors.inc({ what: 'told' });
      log.error({ err: error }, 'what was charged could not be told');
    }
  }

  const wake = () => {
    // A turn charges all that is due, so a second one at the same time has nothing to do.
    running ??= once().finally(() => {
      running = undefined;
    });
    return running;
  };
  const timer = setInterval(wake, everyMs);
  void wake();
  return {
    wake,
    async stop() {
      clearInterval(timer);
      await running;
      await telling;
    },
  };
}
