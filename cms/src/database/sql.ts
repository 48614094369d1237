import { type MigrateUpArgs, sql } from '@payloadcms/db-postgres';
import {
  commitTransaction,
  initTransaction,
  killTransaction,
  type Payload,
  type PayloadRequest,
} from 'payload';

export { sql };

/** A database or a transaction that takes statements. */
export type Db = Pick<MigrateUpArgs['db'], 'execute'>;
type Statement = Parameters<Db['execute']>[0];

/** What a statement answers. `Row` is what the statement says; nothing checks it. */
export async function rowsOf<Row>(db: Db, statement: Statement): Promise<Row[]> {
  return (await db.execute(statement)).rows as Row[];
}

/** The database itself, outside of any transaction. */
export function databaseOf(payload: Payload): Db {
  return payload.db.drizzle as unknown as Db;
}

/** The transaction in which a hook is called: what is written there stands or falls with the change. */
export async function transactionOf({ payload, transactionID }: PayloadRequest): Promise<Db> {
  const id = await transactionID;
  const session = id === undefined ? undefined : payload.db.sessions?.[id];
  if (!session) throw new Error('this belongs into a transaction, and there is none');
  return session.db as unknown as Db;
}

/** All of `work` or nothing of it. */
export function inTransaction<T>(payload: Payload, work: (db: Db) => Promise<T>): Promise<T> {
  return payload.db.drizzle.transaction((db) => work(db as unknown as Db));
}

/** The same for Payload's own operations, which take part when they are given `req`, and statements beside them. */
export async function inPayloadTransaction<T>(req: PayloadRequest, work: (db: Db) => Promise<T>): Promise<T> {
  await initTransaction(req);
  try {
    const result = await work(await transactionOf(req));
    await commitTransaction(req);
    return result;
  } catch (error) {
    await killTransaction(req);
    throw error;
  }
}
