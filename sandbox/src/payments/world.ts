/** What happens by itself: sessions expire, cards are disputed, refunds end, old idempotency keys are forgotten. */

import type pg from 'pg';
import { errorFields, type Log } from '../log.ts';
import { KEY_LIFE } from './api.ts';
import { cardOf } from './cards.ts';
import { expire } from './checkout.ts';
import { transaction } from './database.ts';
import { openDispute } from './disputes.ts';
import { ApiError } from './errors.ts';
import type { LaterAct } from './later.ts';
import { failRefund, finishRefund } from './refunds.ts';
import { find, get, type Settings, type Work } from './work.ts';

const ACTS: Record<LaterAct, (work: Work, target: string) => Promise<unknown>> = {
  async dispute(work, charge) {
    const { hidden } = await get(work, 'charge', charge);
    const { dispute } = cardOf(hidden.card);
    if (!dispute) return;
    await openDispute(work, {
      charge,
      reason: dispute.reason as Parameters<typeof openDispute>[1]['reason'],
      inquiry: dispute.inquiry ?? false,
    });
  },
  fail_refund: (work, refund) => failRefund(work, refund, 'expired_or_canceled_card'),
  finish_refund: finishRefund,
};

/** Lets time pass once: does all that is due. Safe when several do. */
export async function passTime(pool: pg.Pool, settings: Settings): Promise<void> {
  const working = <Result>(work: (work: Work) => Promise<Result>) =>
    transaction(pool, (db) =>
      work({
        db,
        now: Math.floor(Date.now() / 1_000),
        request: { id: null, idempotency_key: null },
        settings,
      }),
    );

  for (let done = false; !done; ) {
    done = await working(async (work) => {
      const { rows } = await work.db.query<{ id: string; act: LaterAct; target: string }>(
        `DELETE FROM payments.later WHERE id = (
           SELECT id FROM payments.later WHERE due_at <= now() ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id, act, target`,
      );
      const [row] = rows;
      if (!row) return true;
      await work.db.query('SAVEPOINT act');
      try {
        await ACTS[row.act](work, row.target);
      } catch (error) {
        // What was due is not possible any more, such as the dispute of a payment that was refunded.
        if (!(error instanceof ApiError)) throw error;
        await work.db.query('ROLLBACK TO SAVEPOINT act');
      }
      return false;
    });
  }

  const { rows: expired } = await pool.query<{ id: string }>(
    `SELECT id FROM payments.objects WHERE kind = 'session' AND body ->> 'status' = 'open'
       AND (body ->> 'expires_at')::bigint <= extract(epoch FROM now()) LIMIT 100`,
  );
  for (const { id } of expired) {
    await working(async (work) => {
      const session = await find(work, 'session', id, true);
      if (session?.body.status === 'open' && session.body.expires_at <= work.now) {
        await expire(work, session);
      }
    });
  }
  await pool.query(`DELETE FROM payments.idempotency WHERE created_at < now() - interval '${KEY_LIFE}'`);
}

/** Lets time pass every `everyMs`; answers how to stop. */
export function startWorld({
  pool,
  settings,
  log,
  everyMs,
  onWrite,
}: {
  pool: pg.Pool;
  settings: Settings;
  log: Log;
  everyMs: number;
  onWrite: () => void;
}): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let passing: Promise<void> = Promise.resolve();

  const next = () => {
    timer = setTimeout(() => {
      passing = passTime(pool, settings)
        .then(onWrite)
        .catch((error: unknown) => log.warn('time did not pass', errorFields(error)))
        .finally(() => {
          if (!stopped) next();
        });
    }, everyMs);
  };
  next();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await passing;
  };
}
