import type { Payload } from 'payload';
import { withLock } from '../database/withLock.ts';

/**
 * Applies what is missing. Payload itself takes no lock, so a start beside another one waits here until that has finished,
 * and then finds nothing to do.
 * @returns names of the migrations that were applied now.
 */
export async function migrate(payload: Payload): Promise<string[]> {
  return withLock(payload, 'migrate', async () => {
    const before = await appliedMigrations(payload);
    await payload.db.migrate();
    const after = await appliedMigrations(payload);
    return after.filter((name) => !before.includes(name));
  });
}

async function appliedMigrations(payload: Payload): Promise<string[]> {
  const table = await payload.db.pool.query(`select to_regclass('payload_migrations') as name`);
  if (!table.rows[0]?.name) return [];
  const applied = await payload.db.pool.query('select name from payload_migrations order by name');
  return applied.rows.map(({ name }: { name: string }) => name);
}
