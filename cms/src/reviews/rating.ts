import { type Db, sql } from '../database/sql.ts';

/**
 * What is taken for granted of a reader before anybody has said a word: so many reviews of so many stars. With it a single
 * five doesn't stand before fifty of 4.9 (docs/decisions/0017-ratings-apart-from-readers.md).
 */
export const PRIOR = { reviews: 8, stars: 4 } as const;

/**
 * Reckons a reader's figures anew from the reviews that are shown, in the transaction of a change to one of them. Who changes
 * another review of that reader meanwhile waits, and reckons with this one.
 */
export async function rateReader(db: Db, reader: number): Promise<void> {
  // Not `for update`: a new review holds its reader by its foreign key, and two of them would wait for each other.
  await db.execute(sql`select 1 from readers where id = ${reader} for no key update`);
  await db.execute(sql`
    insert into ratings (reader_id, count, one, two, three, four, five, average, weighted)
    select ${reader}, count(*), count(*) filter (where stars = 1), count(*) filter (where stars = 2),
           count(*) filter (where stars = 3), count(*) filter (where stars = 4), count(*) filter (where stars = 5),
           round(avg(stars), 4), round((sum(stars) + ${PRIOR.reviews * PRIOR.stars}::int) / (count(*) + ${PRIOR.reviews}::int), 4)
    from reviews where reader_id = ${reader} and state = 'shown' having count(*) > 0
    on conflict (reader_id) do update
    set count = excluded.count, one = excluded.one, two = excluded.two, three = excluded.three, four = excluded.four,
        five = excluded.five, average = excluded.average, weighted = excluded.weighted, updated_at = now()`);
  await db.execute(sql`
    delete from ratings where reader_id = ${reader}
      and not exists (select 1 from reviews where reader_id = ${reader} and state = 'shown')`);
}
