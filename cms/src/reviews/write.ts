/** Local API without access: nobody may write a review by hand, so the program writes the one whose right it has checked. */
import { createLocalReq, type Payload, ValidationError } from 'payload';
import { type Db, inPayloadTransaction, rowsOf, sql } from '../database/sql.ts';
import type { AskReviewRight } from './reviewRight.ts';

export const MOST_CHARACTERS = 2_000;
/** How long its writer may change a review. */
export const DAYS_TO_EDIT = 7;
const DAY_MS = 86_400_000;

export type Written = { session_id: string; stars: number; text: string };
export type RefusedReview =
  | 'not_found'
  | 'not_the_client'
  | 'not_finalized'
  | 'too_few_minutes'
  | 'reader_gone'
  | 'edit_time_over'
  | 'realtime_unavailable';
export type ReviewResult =
  | { ok: true; id: number; made: boolean; editable_until_ms: number }
  | { ok: false; code: RefusedReview };

type Options = {
  payload: Payload;
  writer: { id: number; person_id: string };
  ask: AskReviewRight;
  /** When it was written. */
  nowMs: number;
};

export const editableUntil = (written_at: string | Date): number =>
  new Date(written_at).getTime() + DAYS_TO_EDIT * DAY_MS;

/**
 * Writes what a client says of a session of theirs (S13), or changes it within seven days; once for each session, however many
 * ask at the same time.
 */
export async function writeReview(review: Written, options: Options): Promise<ReviewResult> {
  const { payload, writer, ask, nowMs } = options;
  const changed = await change(review, options);
  if (changed) return changed;

  const right = await ask(review.session_id, writer.person_id);
  if (right === 'unavailable') return { ok: false, code: 'realtime_unavailable' };
  if (right === 'none') return { ok: false, code: 'not_found' };
  if (!right.may_review) return { ok: false, code: right.why_not ?? 'not_finalized' };
  const reader = /^[1-9]\d{0,8}$/.test(right.reader_id) ? Number(right.reader_id) : 0;
  const req = await createLocalReq({}, payload);
  try {
    return await inPayloadTransaction(req, async (db) => {
      const readers = await rowsOf(db, sql`select 1 from readers where id = ${reader}`);
      if (readers.length === 0) return { ok: false, code: 'reader_gone' };
      const written_at = new Date(nowMs).toISOString();
      const { id } = await payload.create({
        collection: 'reviews',
        data: { ...review, reader, author: writer.id, written_at, state: 'shown', flags_waiting: 0 },
        depth: 0,
        req,
      });
      return { ok: true, id, made: true, editable_until_ms: editableUntil(written_at) };
    });
  } catch (error) {
    // Another request of theirs was quicker: then this one changes what that one wrote.
    const raced =
      error instanceof ValidationError && error.data.errors.some(({ path }) => path === 'session_id');
    const second = raced ? await change(review, options) : undefined;
    if (second) return second;
    throw error;
  }
}

/** Changes the review that somebody wrote of a session; nothing when there is none. */
async function change(
  { session_id, stars, text }: Written,
  { payload, writer, nowMs }: Options,
): Promise<ReviewResult | undefined> {
  const req = await createLocalReq({}, payload);
  return inPayloadTransaction<ReviewResult | undefined>(req, async (db) => {
    const present = await lockReview(db, sql`session_id = ${session_id} and author_id = ${writer.id}`);
    if (!present) return undefined;
    const editable_until_ms = editableUntil(present.written_at);
    if (present.stars === stars && present.text === text)
      return { ok: true, id: present.id, made: false, editable_until_ms };
    if (nowMs > editable_until_ms) return { ok: false, code: 'edit_time_over' };
    await payload.update({
      collection: 'reviews',
      id: present.id,
      data: { stars, text, edited_at: new Date(nowMs).toISOString() },
      depth: 0,
      req,
    });
    return { ok: true, id: present.id, made: false, editable_until_ms };
  });
}

export type RefusedAnswer = 'not_found' | 'not_the_reader' | 'already_answered';

/** The reader answers a review of theirs in public, once. */
export async function answerReview(
  id: number,
  text: string,
  { payload, reader, nowMs }: { payload: Payload; reader: number; nowMs: number },
): Promise<{ ok: true } | { ok: false; code: RefusedAnswer }> {
  const req = await createLocalReq({}, payload);
  return inPayloadTransaction(req, async (db) => {
    const review = await lockReview(db, sql`id = ${id}`);
    if (review?.state !== 'shown') return { ok: false, code: 'not_found' };
    const own = await rowsOf(
      db,
      sql`select 1 from readers where id = ${review.reader_id} and person_id = ${reader}`,
    );
    if (own.length === 0) return { ok: false, code: 'not_the_reader' };
    if (review.answer === text) return { ok: true };
    if (review.answer) return { ok: false, code: 'already_answered' };
    await payload.update({
      collection: 'reviews',
      id,
      data: { answer: text, answered_at: new Date(nowMs).toISOString() },
      depth: 0,
      req,
    });
    return { ok: true };
  });
}

/** Says why a review should not be shown; staff see it. Once a person, however often it is said. */
export async function flagReview(
  id: number,
  reason: string,
  { payload, person }: { payload: Payload; person: number },
): Promise<{ ok: true } | { ok: false; code: 'not_found' }> {
  const req = await createLocalReq({}, payload);
  return inPayloadTransaction(req, async (db) => {
    const review = await lockReview(db, sql`id = ${id}`);
    if (review?.state !== 'shown') return { ok: false, code: 'not_found' };
    const made = await rowsOf(
      db,
      sql`insert into review_flags (review_id, person_id, reason) values (${id}, ${person}, ${reason})
          on conflict (person_id, review_id) do nothing returning id`,
    );
    if (made.length > 0)
      await db.execute(
        sql`update reviews set flags_waiting = flags_waiting + 1, updated_at = now() where id = ${id}`,
      );
    return { ok: true };
  });
}

type Locked = {
  id: number;
  reader_id: number;
  stars: number;
  text: string;
  answer: string | null;
  state: 'shown' | 'hidden';
  written_at: string;
};

async function lockReview(db: Db, which: ReturnType<typeof sql>): Promise<Locked | undefined> {
  const [row] = await rowsOf<Locked>(
    db,
    sql`select id, reader_id, stars::int as stars, text, answer, state, written_at from reviews where ${which} for update`,
  );
  return row;
}
