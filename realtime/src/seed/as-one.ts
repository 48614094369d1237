/**
 * Work on a database that others see whole or not at all: it has one connection and one transaction, in which what would be
 * transactions of its own are savepoints. So nobody's timers meet a session of the past while it is open.
 */

import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  PostgresAdapter,
  PostgresDriver,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import pg from 'pg';
import type { Database, Tables } from '../database.ts';

export interface Whole {
  /** One after another: they share the connection. */
  asOne<T>(work: (db: Database) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export async function openWhole(url: string): Promise<Whole> {
  const client = new pg.Client({ connectionString: url, application_name: 'realtime seed' });
  await client.connect();
  const pool = {
    connect: async () => Object.assign(client, { release: () => undefined }),
    end: async () => undefined,
    options: {},
  };
  const say = (text: string) => async (connection: DatabaseConnection) => {
    await connection.executeQuery(CompiledQuery.raw(text));
  };
  const driver = Object.assign(new PostgresDriver({ pool }), {
    beginTransaction: say('savepoint inner_work'),
    commitTransaction: say('release savepoint inner_work'),
    rollbackTransaction: say('rollback to savepoint inner_work'),
  });
  const db = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (of) => new PostgresIntrospector(of),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  return {
    async asOne(work) {
      await client.query('begin');
      try {
        const result = await work(db);
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback');
        throw error;
      }
    },
    async close() {
      await db.destroy();
      await client.end();
    },
  };
}
