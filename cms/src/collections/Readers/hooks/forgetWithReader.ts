import type { CollectionBeforeDeleteHook } from 'payload';
import { sql, transactionOf } from '../../../database/sql.ts';

/** What hangs on a reader goes with them: who kept them in mind, what was said of them, and what it came to. */
export const forgetWithReader: CollectionBeforeDeleteHook = async ({ id, req }) => {
  const db = await transactionOf(req);
  await db.execute(sql`delete from favourites where reader_id = ${id}`);
  await db.execute(
    sql`delete from review_flags where review_id in (select id from reviews where reader_id = ${id})`,
  );
  await db.execute(sql`delete from reviews where reader_id = ${id}`);
  await db.execute(sql`delete from ratings where reader_id = ${id}`);
};
