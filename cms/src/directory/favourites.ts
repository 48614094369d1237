import { type Db, sql } from '../database/sql.ts';
import { NEWEST_STAYS, PRIORITY, wakeSenders } from './outbox.ts';

/** Tells realtime who wants to be told when these readers come online (D3), under the lock of the favourites' rows. */
export async function tellFavourites(
  db: Db,
  ids: readonly number[],
  { dropped = false, priority = PRIORITY.change as number } = {},
): Promise<void> {
  if (ids.length === 0) return;
  await db.execute(sql`
    with locked as (
      select * from favourites where id in (${sql.join([...ids], sql`, `)}) order by id for update
    ), f as (
      select p.person_id, locked.reader_id::text as reader_id, nextval('outbox_number') as number,
             coalesce(locked.notify, false) and not ${dropped} as notify
      from locked join people p on p.id = locked.person_id
    )
    insert into outbox (destination, kind, key, number, payload, priority)
    select 'realtime', 'favourite', f.person_id || '/' || f.reader_id, f.number,
           jsonb_build_object('person_id', f.person_id, 'reader_id', f.reader_id, 'version', f.number, 'notify', f.notify),
           ${priority}
    from f
    ${NEWEST_STAYS}`);
  await wakeSenders(db);
}
