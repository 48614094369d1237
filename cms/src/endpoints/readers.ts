import type { Endpoint } from 'payload';
import { databaseOf, rowsOf, sql } from '../database/sql.ts';

interface Summary {
  readers: number;
  /** The most spoken first. */
  languages: string[];
  lowest_cents_per_minute: number | null;
}

/** `GET /api/readers/summary`, for anybody: what all published readers come to. The database reckons it, so that nobody reads them all. */
export const readersSummary: Endpoint = {
  method: 'get',
  path: '/summary',
  handler: async ({ payload }) => {
    const [summary] = await rowsOf<Summary>(
      databaseOf(payload),
      sql`select count(*)::int as readers,
            min(least(rates_video_cents_per_minute, rates_voice_cents_per_minute, rates_chat_cents_per_minute))::int
              as lowest_cents_per_minute,
            (select coalesce(json_agg(value order by speakers desc, value), '[]') from (
               select value::text, count(*) as speakers from readers_languages
               join readers on readers.id = parent_id where _status = 'published' group by value) as spoken) as languages
          from readers where _status = 'published'`,
    );
    return Response.json(summary);
  },
};
