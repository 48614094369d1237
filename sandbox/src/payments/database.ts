/** The schema `payments` of the sandbox's database, and transactions over it. */

import pg from 'pg';

/** Longest wait for another request's lock; Stripe gives up too, with `lock_timeout`. */
const LOCK_TIMEOUT_MS = 10_000;

/** Makes the schema. Safe when several start at once. */
export async function migrate(pool: pg.Pool): Promise<void> {
  await transaction(pool, async (db) => {
    await db.query(`SELECT pg_advisory_xact_lock(hashtext('sandbox.payments'))`);
    await db.query(`
      CREATE SCHEMA IF NOT EXISTS payments;
      -- Every object of the API: body is what the API shows, hidden what only we know.
      CREATE TABLE IF NOT EXISTS payments.objects (
        id      text PRIMARY KEY,
        kind    text NOT NULL,
        seq     bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        created bigint NOT NULL,
        deleted boolean NOT NULL DEFAULT false,
        body    json NOT NULL,
        hidden  json NOT NULL
      );
      CREATE INDEX IF NOT EXISTS objects_kind ON payments.objects (kind, seq);
      CREATE INDEX IF NOT EXISTS objects_customer ON payments.objects ((body ->> 'customer'), kind, seq);
      CREATE INDEX IF NOT EXISTS objects_payment_intent ON payments.objects ((body ->> 'payment_intent'), kind, seq);
      CREATE INDEX IF NOT EXISTS objects_charge ON payments.objects ((body ->> 'charge'), kind, seq);
      CREATE INDEX IF NOT EXISTS objects_open_sessions ON payments.objects (((body ->> 'expires_at')::bigint))
        WHERE kind = 'session' AND body ->> 'status' = 'open';

      CREATE TABLE IF NOT EXISTS payments.events (
        id      text PRIMARY KEY,
        seq     bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        type    text NOT NULL,
        created bigint NOT NULL,
        body    json NOT NULL
      );

      -- One row for each sending of an event to an endpoint; gone through until it is answered with 2xx.
      CREATE TABLE IF NOT EXISTS payments.deliveries (
        id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id     text NOT NULL REFERENCES payments.events,
        endpoint     text NOT NULL,
        held         boolean NOT NULL DEFAULT false,
        attempts     int NOT NULL DEFAULT 0,
        next_at      timestamptz NOT NULL DEFAULT now(),
        delivered_at timestamptz,
        last_status  int,
        last_error   text
      );
      CREATE INDEX IF NOT EXISTS deliveries_due ON payments.deliveries (next_at) WHERE delivered_at IS NULL AND NOT held;
      CREATE INDEX IF NOT EXISTS deliveries_held ON payments.deliveries (id) WHERE delivered_at IS NULL AND held;
      CREATE INDEX IF NOT EXISTS deliveries_event ON payments.deliveries (event_id);

      CREATE TABLE IF NOT EXISTS payments.idempotency (
        key         text PRIMARY KEY,
        path        text NOT NULL,
        fingerprint text NOT NULL,
        request_id  text NOT NULL,
        status      int NOT NULL,
        body        json NOT NULL,
        created_at  timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX IF NOT EXISTS idempotency_age ON payments.idempotency (created_at);

      -- What the world does later by itself: disputes, refunds that end.
      CREATE TABLE IF NOT EXISTS payments.later (
        id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        due_at timestamptz NOT NULL,
        act    text NOT NULL,
        target text NOT NULL
      );
      CREATE INDEX IF NOT EXISTS later_due ON payments.later (due_at);

      CREATE TABLE IF NOT EXISTS payments.switches (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        hold     boolean NOT NULL DEFAULT false,
        delay_ms int NOT NULL DEFAULT 0 CHECK (delay_ms >= 0),
        copies   int NOT NULL DEFAULT 1 CHECK (copies BETWEEN 1 AND 10)
      );
      INSERT INTO payments.switches DEFAULT VALUES ON CONFLICT DO NOTHING;
    `);
  });
}

/** Runs `work` in one transaction: all of it or nothing. */
export async function transaction<Result>(
  pool: pg.Pool,
  work: (db: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const db = await pool.connect();
  let broken: Error | undefined;
  try {
    await db.query('BEGIN');
    await db.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    const result = await work(db);
    await db.query('COMMIT');
    return result;
  } catch (error) {
    await db.query('ROLLBACK').catch((lost: Error) => {
      broken = lost;
    });
    throw error;
  } finally {
    db.release(broken);
  }
}

/** Whether Postgres gave up waiting for a lock. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '55P03';
}
