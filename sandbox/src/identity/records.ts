/** Keeps all that the provider remembers (sessions, grants, codes, tokens) in Postgres, so that it survives a restart. */

import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type pg from 'pg';

/** Makes the tables. Safe when several start at once. */
export async function migrate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('sandbox.identity'))`);
    await client.query(`
      CREATE TABLE IF NOT EXISTS identity_records (
        model       text NOT NULL,
        id          text NOT NULL,
        payload     jsonb NOT NULL,
        grant_id    text,
        user_code   text,
        uid         text,
        expires_at  timestamptz,
        consumed_at timestamptz,
        PRIMARY KEY (model, id)
      );
      CREATE INDEX IF NOT EXISTS identity_records_grant ON identity_records (grant_id);
      CREATE INDEX IF NOT EXISTS identity_records_user_code ON identity_records (user_code);
      CREATE INDEX IF NOT EXISTS identity_records_uid ON identity_records (uid);
      CREATE INDEX IF NOT EXISTS identity_records_expiry ON identity_records (expires_at);
      CREATE TABLE IF NOT EXISTS identity_keys (
        name  text PRIMARY KEY,
        value jsonb NOT NULL
      );
      CREATE TABLE IF NOT EXISTS identity_accounts (
        sub           text PRIMARY KEY,
        email         text NOT NULL UNIQUE,
        display_name  text NOT NULL,
        password_hash text NOT NULL,
        created_at    timestamptz NOT NULL DEFAULT now()
      );
    `);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

/** Deletes what has expired. */
export async function sweep(pool: pg.Pool): Promise<void> {
  await pool.query('DELETE FROM identity_records WHERE expires_at < now()');
}

interface Row {
  payload: AdapterPayload;
  consumed_at: Date | null;
}

/** The provider's adapter for one of its models. */
export function createRecords(pool: pg.Pool, model: string): Adapter {
  const find = async (column: 'id' | 'uid' | 'user_code', value: string) => {
    const { rows } = await pool.query<Row>(
      `SELECT payload, consumed_at FROM identity_records
       WHERE model = $1 AND ${column} = $2 AND (expires_at IS NULL OR expires_at > now())`,
      [model, value],
    );
    const row = rows[0];
    if (!row) return undefined;
    return row.consumed_at
      ? { ...row.payload, consumed: Math.floor(row.consumed_at.getTime() / 1000) }
      : row.payload;
  };

  return {
    async upsert(id, payload, expiresIn) {
      await pool.query(
        `INSERT INTO identity_records (model, id, payload, grant_id, user_code, uid, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))
         ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id,
           user_code = excluded.user_code, uid = excluded.uid, expires_at = excluded.expires_at`,
        [
          model,
          id,
          payload,
          payload.grantId ?? null,
          payload.userCode ?? null,
          payload.uid ?? null,
          expiresIn ?? null,
        ],
      );
    },
    find: (id) => find('id', id),
    findByUid: (uid) => find('uid', uid),
    findByUserCode: (userCode) => find('user_code', userCode),
    async consume(id) {
      const { rowCount } = await pool.query(
        'UPDATE identity_records SET consumed_at = now() WHERE model = $1 AND id = $2 AND consumed_at IS NULL',
        [model, id],
      );
      // The provider looks and then consumes; of two requests at once only the first may go on.
      if (rowCount === 0) throw new errors.InvalidGrant('already used');
    },
    async destroy(id) {
      await pool.query('DELETE FROM identity_records WHERE model = $1 AND id = $2', [model, id]);
    },
    async revokeByGrantId(grantId) {
      await pool.query('DELETE FROM identity_records WHERE model = $1 AND grant_id = $2', [model, grantId]);
    },
  };
}
