import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PRIOR } from '../src/reviews/rating.ts';
import { browse, json } from './support/browsing.ts';
import { testEnvironment } from './support/environment.ts';
import { type Issuer, startIssuer } from './support/issuer.ts';
import { type SeededCms, startSeededCms } from './support/seeded.ts';
import { type Sessions, startSessions } from './support/sessions.ts';

let issuer: Issuer;
let cms: SeededCms;
let sessions: Sessions;
let web: ReturnType<typeof browse>;
let staff: Record<string, string>;
let reader: number;
const tokens: Record<string, Record<string, string>> = {};
const WHO = ['client', 'client2', 'reader', 'reader2'] as const;

beforeAll(async () => {
  issuer = await startIssuer();
  sessions = await startSessions(testEnvironment.SERVICE_KEY_CMS_TO_REALTIME);
  cms = await startSeededCms({ OIDC_ISSUER: issuer.url, REALTIME_URL: sessions.url });
  web = browse(cms, issuer);
  staff = await web.asPerson('admin@soulseer.test');
  for (const who of WHO)
    tokens[who] = { authorization: `Bearer ${(await issuer.tokens(`${who}@soulseer.test`)).access}` };
  reader = await cms.idOf('readers', 'rhea-sun');
});
afterAll(async () => {
  await cms?.close();
  await sessions?.close();
  await issuer?.close();
});

const rows = async (sql: string, values: unknown[] = []) =>
  (await cms.payload.db.pool.query(sql, values)).rows;
const write = (who: string, body: unknown) => web.call('/reviews/write', json(body, tokens[who]));
const post = (who: string, path: string, body: unknown) =>
  web.call(`/reviews/${path}`, json(body, tokens[who]));
const decide = (id: number, state: string) => web.call(`/reviews/${id}`, json({ state }, staff, 'PATCH'));

/** A session that somebody had with Rhea, and what realtime says of their right. */
async function session(
  who: string,
  why_not: 'not_the_client' | 'not_finalized' | 'too_few_minutes' | null = null,
) {
  const id = randomUUID();
  const [person] = await rows('select person_id from people where email = $1', [`${who}@soulseer.test`]);
  sessions.rights.set(`${id}/${person.person_id}`, {
    may_review: why_not === null,
    why_not,
    reader_id: String(reader),
    paid_minutes: why_not === 'too_few_minutes' ? 3 : 4,
    ended_at_ms: 1_700_000_000_000,
  });
  return id;
}
async function reviewed(who: string, stars: number, text = 'Clear and kind.') {
  const session_id = await session(who);
  const { body, status } = await write(who, { session_id, stars, text });
  expect(status).toBe(201);
  return { id: body.id as number, session_id };
}
const ofReader = async () =>
  (await web.call(`/reviews?depth=0&limit=100&where[reader][equals]=${reader}`)).body.docs;
const rating = async () =>
  (await web.call(`/ratings?depth=0&where[reader][equals]=${reader}`)).body.docs[0] as
    | { count: number; average: number; weighted: number; five: number }
    | undefined;
/** What the stored figures are to be, reckoned by hand. */
function reckoned(stars: number[]) {
  const sum = stars.reduce((all, one) => all + one, 0);
  return {
    count: stars.length,
    average: Math.round((sum / stars.length) * 1e4) / 1e4,
    weighted: Math.round(((sum + PRIOR.reviews * PRIOR.stars) / (stars.length + PRIOR.reviews)) * 1e4) / 1e4,
    five: stars.filter((one) => one === 5).length,
  };
}

describe('S13: a review', () => {
  test('is written once by the client of a paid session, with no more of them than a first name', async () => {
    const session_id = await session('client');
    const text = '<script>alert(1)</script> Warm.\r\n\r\n\r\n\r\nBye.';
    const made = await Promise.all(
      Array.from({ length: 6 }, () => write('client', { session_id, stars: 5, text })),
    );
    expect(made.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
    const [review, ...others] = await ofReader();
    expect(others).toEqual([]);
    expect(review).toMatchObject({
      stars: 5,
      text: '<script>alert(1)</script> Warm.\n\nBye.',
      author_name: 'Cleo',
      state: 'shown',
    });
    for (const hidden of ['author', 'session_id', 'flags_waiting']) expect(review).not.toHaveProperty(hidden);
    expect(await rating()).toMatchObject(reckoned([5]));
    await web.call(`/reviews/${review.id}`, { method: 'DELETE', headers: staff });
    expect(await rating()).toBeUndefined();
  });

  test.each([
    ['not_the_client', 403],
    ['not_finalized', 409],
    ['too_few_minutes', 409],
  ] as const)('is refused as realtime says: %s', async (why, status) => {
    const session_id = await session('client', why);
    const answer = await write('client', { session_id, stars: 5, text: 'Good.' });
    expect([answer.status, answer.body.code]).toEqual([status, why]);
    expect(await rows('select 1 from reviews where session_id = $1', [session_id])).toEqual([]);
  });

  test('is nobody else’s to write, and of no session that there isn’t', async () => {
    const theirs = await session('client');
    for (const session_id of [theirs, randomUUID()]) {
      const answer = await write('client2', { session_id, stars: 1, text: 'Bad.' });
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    }
    const unsigned = await web.call('/reviews/write', json({ session_id: theirs, stars: 1, text: 'Bad.' }));
    expect([unsigned.status, unsigned.body.code]).toEqual([401, 'not_signed_in']);
  });

  test.each([
    { stars: 0 },
    { stars: 6 },
    { stars: 4.5 },
    { stars: '5' },
    { text: '' },
    { text: ' \n ' },
    { text: 'x'.repeat(2_001) },
    { text: 'a\0b' },
    { text: '\ud800' },
    { text: 7 },
    { session_id: '1 or 1=1' },
  ])('with %j is refused before anybody is asked', async (wrong) => {
    const before = sessions.asked();
    const answer = await write('client', { session_id: randomUUID(), stars: 5, text: 'Good.', ...wrong });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
    expect(sessions.asked()).toBe(before);
  });

  test('of 10 MB is refused', async () => {
    const answer = await write('client', {
      session_id: randomUUID(),
      stars: 5,
      text: 'x'.repeat(10_485_760),
    });
    expect([answer.status, answer.body.code]).toEqual([413, 'body_too_large']);
  });

  test('says that it can’t be checked while realtime is away', async () => {
    await sessions.close();
    const answer = await write('client', { session_id: randomUUID(), stars: 5, text: 'Good.' });
    expect([answer.status, answer.body.code]).toEqual([503, 'realtime_unavailable']);
    const port = Number(new URL(sessions.url).port);
    const again = await startSessions(testEnvironment.SERVICE_KEY_CMS_TO_REALTIME, port);
    for (const [key, right] of sessions.rights) again.rights.set(key, right);
    sessions = again;
  });

  test('is changed by its writer for seven days, and then stands', async () => {
    const { id, session_id } = await reviewed('client', 2, 'It was too short.');
    expect((await write('client', { session_id, stars: 4, text: 'It was short, and good.' })).status).toBe(
      200,
    );
    expect(await rating()).toMatchObject(reckoned([4]));
    const mine = await web.call(`/reviews/mine?session_ids=${session_id},${randomUUID()}`, {
      headers: tokens.client as never,
    });
    expect(mine.body.reviews).toEqual([
      expect.objectContaining({ session_id, stars: 4, text: 'It was short, and good.', state: 'shown' }),
    ]);
    expect(mine.body.reviews[0].editable_until_ms - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
    const others = await web.call(`/reviews/mine?session_ids=${session_id}`, {
      headers: tokens.client2 as never,
    });
    expect(others.body.reviews).toEqual([]);

    await rows(`update reviews set written_at = now() - interval '7 days 1 minute' where id = $1`, [id]);
    const late = await write('client', { session_id, stars: 1, text: 'Changed my mind.' });
    expect([late.status, late.body.code]).toEqual([409, 'edit_time_over']);
    expect(await rating()).toMatchObject(reckoned([4]));
  });

  test('is answered once, in public, by its reader alone', async () => {
    const { id } = await reviewed('client2', 5);
    const asked = async (who: string, text = 'Thank you.', of: number | string = id) => {
      const { status, body } = await post(who, `${of}/answer`, { text });
      return [status, body.code];
    };
    expect(await asked('client2')).toEqual([403, 'not_the_reader']);
    expect(await asked('reader2')).toEqual([403, 'not_the_reader']);
    expect(await asked('reader', 'x'.repeat(2_001))).toEqual([400, 'invalid_request']);
    expect(await asked('reader', 'Thank you.', 999_999)).toEqual([404, 'not_found']);
    expect(await asked('reader', 'Thank you.', '1 or 1')).toEqual([404, 'not_found']);
    const both = await Promise.all([asked('reader', 'Thank you.'), asked('reader', 'Thanks!')]);
    expect(both.map(([status]) => status).sort()).toEqual([204, 409]);
    const [first] = (await ofReader()).filter((one: { id: number }) => one.id === id);
    expect(['Thank you.', 'Thanks!']).toContain(first.answer);
  });

  test('that was flagged is found by staff, who hide it and show it again; hidden, it counts for nothing', async () => {
    const { id } = await reviewed('client', 1, 'Write to me at evil.test');
    const before = (await rating())?.count ?? 0;
    for (const who of ['client2', 'client2', 'reader'])
      expect((await post(who, `${id}/flag`, { reason: 'An advertisement.' })).status).toBe(204);
    expect((await post('client2', `${id}/flag`, { reason: '' })).status).toBe(400);
    const queue = await web.call('/reviews?depth=0&sort=-flags_waiting', { headers: staff });
    expect(queue.body.docs[0]).toMatchObject({ id, flags_waiting: 2 });
    const flags = await web.call(`/review-flags?depth=0&where[review][equals]=${id}`, { headers: staff });
    expect(flags.body.totalDocs).toBe(2);
    expect((await web.call('/review-flags', { headers: tokens.client as never })).status).toBe(403);

    expect((await decide(id, 'hidden')).body.doc).toMatchObject({ state: 'hidden', flags_waiting: 0 });
    expect((await web.call(`/reviews/${id}`)).status).toBe(404);
    expect((await rating())?.count).toBe(before - 1);
    expect((await post('reader', `${id}/answer`, { text: 'No.' })).status).toBe(404);
    expect((await post('reader', `${id}/flag`, { reason: 'Again.' })).status).toBe(404);
    await decide(id, 'shown');
    expect((await rating())?.count).toBe(before);
    const acts = await rows(
      `select 1 from outbox where kind = 'audit' and payload->>'subject' = $1 and payload->>'action' = 'reviews.update'`,
      [`reviews:${id}`],
    );
    expect(acts).toHaveLength(2);
  });

  test('keeps its words, whoever of staff would change them', async () => {
    const { id } = await reviewed('client', 3, 'Middling.');
    await web.call(
      `/reviews/${id}`,
      json({ text: 'Splendid.', stars: 5, answer: 'Bought.' }, staff, 'PATCH'),
    );
    const [kept] = await rows('select text, stars::int, answer from reviews where id = $1', [id]);
    expect(kept).toEqual({ text: 'Middling.', stars: 3, answer: null });
  });

  test('leaves the figures right, however many are written at once', async () => {
    await rows('delete from review_flags');
    await rows('delete from reviews');
    await rows('delete from ratings');
    const stars = Array.from({ length: 24 }, (_, n) => 1 + (n % 5));
    const wanted = await Promise.all(
      stars.map(async (of, n) => ({ of, n, session_id: await session(n % 2 ? 'client' : 'client2') })),
    );
    const made = await Promise.all(
      wanted.map(({ of, n, session_id }) =>
        write(n % 2 ? 'client' : 'client2', { session_id, stars: of, text: `Number ${n}.` }),
      ),
    );
    expect(new Set(made.map(({ status }) => status))).toEqual(new Set([201]));
    expect(await rating()).toMatchObject(reckoned(stars));
  });

  test('goes with its reader', async () => {
    const { status } = await web.call(`/readers/${reader}`, { method: 'DELETE', headers: staff });
    expect(status).toBe(200);
    expect(await rows('select 1 from reviews union all select 1 from ratings')).toEqual([]);
  });
});
