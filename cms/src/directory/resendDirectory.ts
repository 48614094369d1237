import type { Payload } from 'payload';
import { databaseOf, inTransaction, rowsOf, sql } from '../database/sql.ts';
import { tellFavourites } from './favourites.ts';
import { PRIORITY } from './outbox.ts';
import { tellPeople } from './people.ts';
import { tellReaders } from './readers.ts';

const AT_ONCE = 200;

/** Puts all people and readers into the outbox, and who wants to be told of them, with new versions. What changes meanwhile goes first. */
export async function resendDirectory(payload: Payload): Promise<{ people: number; readers: number }> {
  const idsOf = async (table: 'people' | 'readers' | 'favourites') =>
    (
      await rowsOf<{ id: number }>(
        databaseOf(payload),
        sql`select id from ${sql.identifier(table)} order by id`,
      )
    ).map(({ id }) => id);
  const [people, readers, favourites] = [
    await idsOf('people'),
    await idsOf('readers'),
    await idsOf('favourites'),
  ];
  for (const ids of batches(people))
    await inTransaction(payload, (db) => tellPeople(db, ids, PRIORITY.resend));
  for (const ids of batches(readers))
    await inTransaction(payload, (db) => tellReaders(db, ids, PRIORITY.resend));
  for (const ids of batches(favourites))
    await inTransaction(payload, (db) => tellFavourites(db, ids, { priority: PRIORITY.resend }));
  return { people: people.length, readers: readers.length };
}

function* batches(ids: readonly number[]): Generator<readonly number[]> {
  for (let start = 0; start < ids.length; start += AT_ONCE) yield ids.slice(start, start + AT_ONCE);
}
