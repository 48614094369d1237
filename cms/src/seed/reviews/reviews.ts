import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Payload } from 'payload';
import { z } from 'zod';
import { databaseOf, rowsOf, sql } from '../../database/sql.ts';
import type { AskReviewRight } from '../../reviews/reviewRight.ts';
import { answerReview, writeReview } from '../../reviews/write.ts';

const HOUR_MS = 3_600_000;
const text = z.string().min(1);

const world = z.strictObject({
  reviews: z.array(
    z.strictObject({
      session: text,
      client: text,
      reader: text,
      stars: z.int().min(1).max(5),
      text,
      answer: text.nullable(),
      hours_after: z.int().min(0),
    }),
  ),
});
const played = z.record(z.string(), z.uuid());

export type ReviewsWorld = z.infer<typeof world>['reviews'];
/** Which session each key of the past became. */
export type PlayedSessions = z.infer<typeof played>;

/** What `reviews.json` of a world says, and `played.json`, which realtime's seed left there. */
export async function readReviews(
  folder: string,
): Promise<{ reviews: ReviewsWorld; sessions: PlayedSessions }> {
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(path.join(folder, name), 'utf8'));
  return { ...world.parse(await read('reviews.json')), sessions: played.parse(await read('played.json')) };
}

type Options = { reviews: ReviewsWorld; sessions: PlayedSessions; issuer: string; ask: AskReviewRight };

/**
 * Writes reviews of a world as their clients would: each after realtime has said that it may be. What is there stays.
 * @returns how many were written, and how many realtime said no to.
 */
export async function seedReviews(
  payload: Payload,
  { reviews, sessions, issuer, ask }: Options,
): Promise<{ written: number; refused: number }> {
  const people = await rowsOf<{ id: number; person_id: string; subject: string }>(
    databaseOf(payload),
    sql`select id, person_id, subject from people where issuer = ${issuer}`,
  );
  const personOf = (subject: string) => {
    const person = people.find((one) => one.subject === subject);
    if (!person) throw new Error(`the CMS doesn't know ${subject}`);
    return person;
  };
  const result = { written: 0, refused: 0 };
  for (const { session, client, reader, stars, text, answer, hours_after } of reviews) {
    const session_id = sessions[session];
    if (!session_id) continue;
    const writer = personOf(client);
    const right = await ask(session_id, writer.person_id);
    if (right === 'unavailable') throw new Error('realtime can’t be asked who may review');
    const nowMs = (right === 'none' ? 0 : (right.ended_at_ms ?? 0)) + hours_after * HOUR_MS;
    const review = { session_id, stars, text };
    const done = await writeReview(review, { payload, writer, ask: async () => right, nowMs });
    if (!done.ok) {
      result.refused += 1;
      continue;
    }
    if (done.made) result.written += 1;
    if (answer)
      await answerReview(done.id, answer, { payload, reader: personOf(reader).id, nowMs: nowMs + HOUR_MS });
  }
  return result;
}
