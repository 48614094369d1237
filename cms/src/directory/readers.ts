import { type DirectoryReader, directoryReader } from 'realtime/contract';
import { type Db, sql } from '../database/sql.ts';
import { type Destination, NEWEST_STAYS, nextNumber, PRIORITY, tell, wakeSenders } from './outbox.ts';

const TO: readonly Destination[] = ['realtime', 'site'];

/** A cent field that is empty, or out of what is sold, is not offered. */
const rates = sql`jsonb_build_object(
  'video_cents', r.rates_video_cents_per_minute::int, 'voice_cents', r.rates_voice_cents_per_minute::int,
  'chat_cents', r.rates_chat_cents_per_minute::int)`;

/**
 * Tells of readers' public state, under the lock of their rows. What was never published and lacks what a reader has is
 * nobody's business yet, and is left out.
 */
export async function tellReaders(
  db: Db,
  ids: readonly number[],
  priority: number = PRIORITY.change,
): Promise<void> {
  if (ids.length === 0) return;
  await db.execute(sql`
    with locked as (
      select * from readers where id in (${sql.join([...ids], sql`, `)}) order by id for update
    ), r as (
      select locked.*, nextval('outbox_number') as number from locked
      where coalesce(name, '') <> '' and coalesce(slug, '') <> '' and coalesce(time_zone, '') <> ''
    )
    insert into outbox (destination, kind, key, number, payload, priority)
    select destination, 'reader', r.id::text, r.number,
           jsonb_build_object('reader_id', r.id::text, 'version', r.number,
             'person_id', (select person_id from people where people.id = r.person_id),
             'slug', r.slug, 'name', r.name, 'published', r._status = 'published', 'time_zone', r.time_zone,
             'rates', ${rates}),
           ${priority}
    from r cross join unnest(array['realtime', 'site']) as destination
    order by r.id, destination
    ${NEWEST_STAYS}`);
  await wakeSenders(db);
}

type Deleted = { id: number; slug?: string | null; name?: string | null; time_zone?: string | null };

/** Tells that a reader is no more. Call it where the row has been deleted already: that is its lock. */
export async function tellReaderGone(db: Db, { id, slug, name, time_zone }: Deleted): Promise<void> {
  if (!slug || !name || !time_zone) return;
  const number = await nextNumber(db);
  const payload: DirectoryReader = directoryReader.parse({
    reader_id: String(id),
    version: number,
    person_id: null,
    slug,
    name,
    published: false,
    time_zone,
    rates: { video_cents: null, voice_cents: null, chat_cents: null },
  });
  await tell(db, { kind: 'reader', key: String(id), payload, number, to: TO });
}
