/** Tells who wished it that a favourite came online (D3): on their open pages, and by mail. */

import { type SqlBool, sql } from 'kysely';
import type { FavouriteNotice } from '../../contract/favourites.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import { personRoom, type Say } from '../sessions/announce.ts';
import type { Mails } from './mails.ts';

/** Of one reader nobody is told twice within this, however often they come and go. */
export const QUIET_MS = 6 * 60 * 60_000;
/** So many are told in one transaction. */
const MOST_AT_ONCE = 200;

export interface FavouriteNotices {
  /** Keeps a wish unless a newer version is kept. When somebody was told last stays, so that switching off and on tells nobody again. */
  put(notice: FavouriteNotice): Promise<void>;
  /** Tells all who wish it that these readers are online now. What a node was about to tell when it died is not told. */
  online(readerIds: readonly string[]): Promise<void>;
}

interface Told {
  person_id: string;
  reader_id: string;
  name: string;
  slug: string;
}

export interface FavouriteNoticesParts {
  db: Database;
  clock: Clock;
  mails: Pick<Mails, 'queue'>;
  /** Keeps messages in a transaction. */
  say: Say;
}

export function createFavouriteNotices({ db, clock, mails, say }: FavouriteNoticesParts): FavouriteNotices {
  /** The claim and what is told are one transaction; of two at once the second finds nobody left. */
  async function tellSome(readerIds: readonly string[]): Promise<number> {
    const nowMs = clock.now();
    const wanted = sql<SqlBool>`f.notify and (f.told_ms is null or f.told_ms <= ${nowMs - QUIET_MS})`;
    const { count, announce } = await db.transaction().execute(async (tx) => {
      const { rows } = await sql<Told>`
        with due as (
          select f.person_id, f.reader_id, r.name, r.slug
          from favourite_notices f
            join readers r on r.reader_id = f.reader_id and r.published and r.person_id is distinct from f.person_id
            join people reader on reader.person_id = r.person_id and reader.status = 'active' and reader.role = 'reader'
            join people p on p.person_id = f.person_id and p.status = 'active'
          where f.reader_id = any (${readerIds}::text[]) and ${wanted}
          order by f.person_id, f.reader_id limit ${MOST_AT_ONCE} for update of f skip locked
        )
        update favourite_notices f set told_ms = ${nowMs} from due
        where f.person_id = due.person_id and f.reader_id = due.reader_id
        returning due.*`.execute(tx);
      for (const { person_id, reader_id, name, slug } of rows)
        await mails.queue(
          `favourite-online:${person_id}:${reader_id}:${nowMs}`,
          {
            to_person_id: person_id,
            template: 'favourite_online',
            values: { reader_name: name, reader_slug: slug },
          },
          tx,
        );
      const said = rows.map(({ person_id, reader_id, name, slug }) => ({
        room: personRoom(person_id),
        body: { type: 'favourite_online' as const, reader_id, name, slug },
      }));
      const { announce } = await say(tx, said);
      return { count: rows.length, announce };
    });
    announce();
    return count;
  }

  return {
    async put({ person_id, reader_id, version, notify }) {
      await sql`
        insert into favourite_notices as f (person_id, reader_id, version, notify)
        values (${person_id}, ${reader_id}, ${version}, ${notify})
        on conflict (person_id, reader_id) do update set version = excluded.version, notify = excluded.notify
        where f.version < excluded.version`.execute(db);
    },

    async online(readerIds) {
      while (readerIds.length > 0 && (await tellSome(readerIds)) === MOST_AT_ONCE);
    },
  };
}
