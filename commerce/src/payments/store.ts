/** Our own record of payments, refunds and disputes: made before Stripe is asked, so that nothing is told by Stripe alone. */

import type { Pool, PoolClient } from 'pg';

export interface Payment {
  id: string;
  person_id: string;
  /** What it pays for: money in the wallet, or goods. */
  purpose: 'top_up' | 'goods';
  way: 'checkout' | 'saved_card' | 'wallet';
  /** W9: begun by nobody's hand. */
  automatic: boolean;
  amount_cents: number;
  pack: string | null;
  return_path: string;
  idempotency_key: string;
  /** Of what was asked under that key. */
  request_hash: string;
  state: PaymentStateName;
  cart_id: string | null;
  order_id: string | null;
  medusa_payment_id: string | null;
  checkout_session_id: string | null;
  checkout_url: string | null;
  payment_intent_id: string | null;
  payment_method_id: string | null;
  /** The ledger's hold of an order that a wallet pays. */
  hold_id: string | null;
  /** Why an order was given up before anything was charged. */
  ended_code: string | null;
  /** The mail that thanks for an order is on its way. */
  thanked: boolean;
  captured_cents: number;
  /** What the ledger has been told of. */
  credited_cents: number;
  refunded_cents: number;
  disputed_cents: number;
  card_brand: string | null;
  card_last4: string | null;
  failure_code: string | null;
  failure_message: string | null;
  created_at: Date;
  settle_attempts: number;
}

/** Why a payment failed whose process ended before Stripe was asked. It says nothing about the card. */
export const NOT_CHARGED = 'not_charged';

/** `new`: Stripe has not been asked yet. The rest as docs/service-calls.md tells them. */
export type PaymentStateName =
  | 'new'
  | 'open'
  | 'processing'
  | 'paid'
  | 'credited'
  | 'refunded'
  | 'disputed'
  | 'expired'
  | 'failed';

/**
 * `wanted` → `reserved` (in the ledger) → `sent` (Stripe has it) → `posted` (in the ledger) → `booked` (in Medusa's order);
 * or `refused`, with everything given back.
 */
export type RefundStateName = 'wanted' | 'reserved' | 'sent' | 'posted' | 'booked' | 'refused';

export interface Refund {
  id: string;
  payment_id: string;
  amount_cents: number;
  state: RefundStateName;
  stripe_refund_id: string | null;
  refused_code: string | null;
  refused_detail: string | null;
  refundable_cents: number | null;
  note: string | null;
  reason_id: string | null;
  created_by: string | null;
  created_at: Date;
  /** It failed at Stripe after the ledger had posted it, and the ledger has undone it. */
  failed_late: boolean;
}

export interface Dispute {
  id: string;
  payment_id: string;
  amount_cents: number;
  told: 'open' | 'won' | 'lost';
}

export type Queryable = Pick<PoolClient, 'query'>;
type Change<T> = Partial<Omit<T, 'id'>>;

/** Columns are ours, never a caller's. */
function assignments(change: object): { sql: string; values: unknown[] } {
  const entries = Object.entries(change).filter(([, value]) => value !== undefined);
  return {
    sql: entries.map(([name], index) => `${name} = $${index + 2}`).join(', '),
    values: entries.map(([, value]) => value),
  };
}

async function change(db: Queryable, table: string, id: string, fields: object): Promise<void> {
  const { sql, values } = assignments(fields);
  if (sql) await db.query(`update ${table} set ${sql} where id = $1`, [id, ...values]);
}

export interface Store {
  payment(id: string): Promise<Payment | undefined>;
  change(id: string, fields: Change<Payment>): Promise<void>;
  refunds(payment_id: string): Promise<Refund[]>;
  /** Does nothing when it is there already. */
  addRefund(
    refund: Pick<Refund, 'id' | 'payment_id' | 'amount_cents' | 'state'> & Change<Refund>,
  ): Promise<void>;
  changeRefund(id: string, fields: Change<Refund>): Promise<void>;
  /** Who the person is at Stripe. */
  stripeCustomer(person_id: string): Promise<string | undefined>;
  disputes(payment_id: string): Promise<Dispute[]>;
  keepDispute(dispute: Dispute): Promise<void>;
}

/** On one connection, which may hold a payment's lock. */
export function createStore(db: Queryable): Store {
  return {
    async payment(id) {
      const { rows } = await db.query<Payment>('select * from commerce_payment where id = $1', [id]);
      return rows[0];
    },
    change: (id, fields) => change(db, 'commerce_payment', id, fields),
    async refunds(payment_id) {
      const { rows } = await db.query<Refund>(
        'select * from commerce_refund where payment_id = $1 order by created_at, id',
        [payment_id],
      );
      return rows;
    },
    async addRefund(refund) {
      const names = Object.keys(refund);
      await db.query(
        `insert into commerce_refund (${names.join(', ')})
         values (${names.map((_, index) => `$${index + 1}`).join(', ')}) on conflict (id) do nothing`,
        Object.values(refund),
      );
    },
    async changeRefund(id, fields) {
      if (fields.state === 'booked')
        await db.query('update commerce_refund set booked_at = now() where id = $1', [id]);
      await change(db, 'commerce_refund', id, fields);
    },
    async stripeCustomer(person_id) {
      const { rows } = await db.query<{ stripe_customer_id: string }>(
        'select stripe_customer_id from commerce_stripe_customer where person_id = $1',
        [person_id],
      );
      return rows[0]?.stripe_customer_id;
    },
    async disputes(payment_id) {
      const { rows } = await db.query<Dispute>('select * from commerce_dispute where payment_id = $1', [
        payment_id,
      ]);
      return rows;
    },
    async keepDispute({ id, payment_id, amount_cents, told }) {
      await db.query(
        `insert into commerce_dispute (id, payment_id, amount_cents, told) values ($1, $2, $3, $4)
         on conflict (id) do update set told = excluded.told`,
        [id, payment_id, amount_cents, told],
      );
    },
  };
}

/** Runs `work` while nobody else works at this payment, on any node. The lock ends with the process. */
export const withPaymentLock = <T>(
  pool: Pool,
  id: string,
  work: (db: PoolClient) => Promise<T>,
): Promise<T> => withLock(pool, `payment ${id}`, work);

/** Runs `work` while nobody else makes this person known at Stripe, which refuses a key that is under way (409). */
export const withCustomerLock = <T>(
  pool: Pool,
  person_id: string,
  work: (db: PoolClient) => Promise<T>,
): Promise<T> => withLock(pool, `customer ${person_id}`, work);

async function withLock<T>(pool: Pool, name: string, work: (db: PoolClient) => Promise<T>): Promise<T> {
  const db = await pool.connect();
  let broken: Error | undefined;
  try {
    await db.query(`select pg_advisory_lock(hashtextextended($1, 0))`, [name]);
    try {
      return await work(db);
    } finally {
      // A connection that can't let go of the lock must not go back into the pool with it.
      await db.query(`select pg_advisory_unlock(hashtextextended($1, 0))`, [name]).catch((error: Error) => {
        broken = error;
      });
    }
  } catch (error) {
    if (isLockTimeout(error)) throw new Error('It is being worked at by somebody else.', { cause: error });
    throw error;
  } finally {
    db.release(broken);
  }
}

/** Runs `work` while nobody else makes an order of this cart. Two payments of it may: one makes the order, the other finds it. */
export async function withCartLock<T>(
  db: Queryable,
  { cart_id }: Pick<Payment, 'cart_id'>,
  work: () => Promise<T>,
): Promise<T> {
  const lock = [`cart ${cart_id}`];
  await db.query('select pg_advisory_lock(hashtextextended($1, 0))', lock);
  try {
    return await work();
  } finally {
    await db.query('select pg_advisory_unlock(hashtextextended($1, 0))', lock);
  }
}

function isLockTimeout(error: unknown): boolean {
  return (error as { code?: unknown }).code === '55P03';
}
