import type pg from 'pg';

/**
 * Fills the CMS's own tables up to so many published readers with some hundred reviews each, and as many articles, copied from
 * those of the demo world under other names: in sets, since one at a time through the admin would take hours. Nobody is
 * told, and the ratings are reckoned as `cms/src/reviews/rating.ts` does.
 */
export async function growTo(
  cms: pg.Client,
  readers: number,
): Promise<{ readers: number; reviews: number; articles: number }> {
  await cms.query('BEGIN');
  await cms.query(
    `INSERT INTO readers (name, headline, portrait_id, biography, years_of_experience, rates_video_cents_per_minute,
       rates_voice_cents_per_minute, rates_chat_cents_per_minute, time_zone, country, slug, featured, _status)
     SELECT name || ' ' || n, headline, portrait_id, biography, n % 40, 200 + n % 400, 150 + n % 350, 99 + n % 300, time_zone,
       country, 'bench-reader-' || n, false, 'published'
     FROM generate_series((SELECT count(*) + 1 FROM readers), $1::int) AS n
     JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS at, count(*) OVER () AS of FROM readers
           WHERE _status = 'published' AND slug NOT LIKE 'bench-%') AS model ON model.at = n % model.of`,
    [readers],
  );
  const fresh = `SELECT id, substring(slug from 14)::int AS n FROM readers WHERE slug LIKE 'bench-reader-%'
    AND NOT EXISTS (SELECT 1 FROM readers_rels WHERE parent_id = readers.id)`;
  await cms.query(
    `CREATE TEMP TABLE fresh ON COMMIT DROP AS ${fresh};
     INSERT INTO readers_languages ("order", parent_id, value)
       SELECT place, id, (CASE place WHEN 1 THEN 'en' ELSE (ARRAY['es', 'fr', 'de', 'pt', 'pl', 'hi', 'ja'])[1 + n % 7] END)::enum_readers_languages
       FROM fresh, generate_series(1, 2) AS place;
     INSERT INTO readers_rels ("order", parent_id, path, specialities_id)
       SELECT place, fresh.id, 'specialities', s.id FROM fresh, generate_series(1, 2) AS place
       JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS at, count(*) OVER () AS of FROM specialities) AS s ON true
       WHERE s.at = (fresh.n * place + place) % s.of;
     INSERT INTO reviews (stars, text, reader_id, author_id, written_at, session_id, state)
       SELECT 1 + (fresh.n * 7 + k * 3) % 5, repeat('Calm, clear, and on time. ', 1 + k % 8), fresh.id,
         (SELECT id FROM people WHERE role = 'client' ORDER BY id LIMIT 1), now() - (k * interval '7 hours'),
         gen_random_uuid()::text, 'shown'
       FROM fresh, generate_series(1, 106) AS k;
     INSERT INTO ratings (reader_id, count, one, two, three, four, five, average, weighted)
       SELECT reader_id, count(*), count(*) FILTER (WHERE stars = 1), count(*) FILTER (WHERE stars = 2),
         count(*) FILTER (WHERE stars = 3), count(*) FILTER (WHERE stars = 4), count(*) FILTER (WHERE stars = 5),
         round(avg(stars), 4), round((sum(stars) + 32) / (count(*) + 8), 4)
       FROM reviews JOIN fresh ON fresh.id = reader_id GROUP BY reader_id;
     INSERT INTO articles (title, summary, cover_id, body, slug, category_id, author_name, published_at, _status)
       SELECT title || ' ' || n, summary, cover_id, body, 'bench-article-' || n, category_id, author_name,
         published_at - n * interval '1 hour', 'published'
       FROM fresh JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS at, count(*) OVER () AS of FROM articles
         WHERE _status = 'published' AND slug NOT LIKE 'bench-%') AS model ON model.at = n % model.of`,
  );
  await cms.query('COMMIT');
  await cms.query('VACUUM ANALYZE');
  // What has been written goes to the disk now, and not while somebody measures.
  await cms.query('CHECKPOINT');
  const { rows } = await cms.query(
    `SELECT (SELECT count(*)::int FROM readers WHERE _status = 'published') AS readers,
       (SELECT count(*)::int FROM reviews) AS reviews, (SELECT count(*)::int FROM articles) AS articles`,
  );
  return rows[0];
}
