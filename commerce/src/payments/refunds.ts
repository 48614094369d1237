/** Refunds of top-ups as staff ask for them: recorded first, then brought to their end by converge.ts, whoever lives on. */

import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { transaction } from '../database';
import type { Settle } from './settle';
import { createStore, type Payment, type Refund } from './store';

export interface RefundWanted {
  amount_cents: number;
  note: string | null;
  reason_id: string | null;
  /** Medusa's user. */
  created_by: string;
}

/**
 * The same refund of the same person while the first is under way, or within so many seconds after, is that one said again:
 * a button pressed twice, or an answer that got lost. Medusa's admin sends no idempotency key.
 */
const SAID_AGAIN_SECONDS = 30;

/** `made`; or no, and why; or recorded, and made by itself as soon as what is away is back. */
export type RefundOutcome =
  | { outcome: 'made'; refund: Refund }
  | { outcome: 'refused'; refund: Refund }
  | { outcome: 'pending'; refund: Refund };

export interface Refunds {
  /** Our payment that stands behind one of Medusa's, or behind an order. */
  paymentOf(by: { medusa_payment_id: string } | { order_id: string }): Promise<Payment | undefined>;
  ask(payment: Payment, wanted: RefundWanted): Promise<RefundOutcome>;
  of(payment_id: string): Promise<Refund[]>;
}

export function createRefunds({ pool, settle }: { pool: Pool; settle: Pick<Settle, 'settle'> }): Refunds {
  /** Answers the id of the refund. One that is recorded the sweeper finishes, also when we end right here. */
  const record = (
    { id: payment_id }: Payment,
    { amount_cents, note, reason_id, created_by }: RefundWanted,
  ): Promise<string> =>
    transaction(pool, async (db) => {
      await db.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`refunds ${payment_id}`]);
      const { rows } = await db.query<{ id: string }>(
        `select id from commerce_refund
         where payment_id = $1 and amount_cents = $2 and note is not distinct from $3
           and reason_id is not distinct from $4 and created_by = $5 and state <> 'refused' and not failed_late
           and (state <> 'booked' or coalesce(booked_at, created_at) > now() - make_interval(secs => $6))
         limit 1`,
        [payment_id, amount_cents, note, reason_id, created_by, SAID_AGAIN_SECONDS],
      );
      if (rows[0]) return rows[0].id;
      const id = `refund_${randomUUID().replaceAll('-', '')}`;
      await db.query(
        `with due as (update commerce_payment set settle_at = now() where id = $2)
         insert into commerce_refund (id, payment_id, amount_cents, state, note, reason_id, created_by)
         values ($1, $2, $3, 'wanted', $4, $5, $6)`,
        [id, payment_id, amount_cents, note, reason_id, created_by],
      );
      return id;
    });

  return {
    async paymentOf(by) {
      const [[column, value] = ['', '']] = Object.entries(by);
      const { rows } = await pool.query<Payment>(`select * from commerce_payment where ${column} = $1`, [
        value,
      ]);
      return rows[0];
    },

    async ask(payment, wanted) {
      const id = await record(payment, wanted);
      await settle.settle(payment.id).catch(() => {});
      const refund = (await createStore(pool).refunds(payment.id)).find((one) => one.id === id);
      if (!refund) throw new Error(`The refund ${id} was recorded and is not there.`);
      if (refund.state === 'refused') return { outcome: 'refused', refund };
      return { outcome: refund.state === 'booked' ? 'made' : 'pending', refund };
    },

    of: (payment_id) => createStore(pool).refunds(payment_id),
  };
}
