import type { Endpoint, PayloadHandler, PayloadRequest } from 'payload';
import { z } from 'zod';
import { activePerson } from '../access/person.ts';
import { problem } from '../api/problem.ts';
import { databaseOf, rowsOf, sql } from '../database/sql.ts';
import type { Person } from '../payload-types.ts';
import { LIMITS, overLimit } from '../protection/limits.ts';
import type { AskReviewRight } from '../reviews/reviewRight.ts';
import {
  answerReview,
  editableUntil,
  flagReview,
  MOST_CHARACTERS,
  type RefusedAnswer,
  type RefusedReview,
  writeReview,
} from '../reviews/write.ts';
import { tooMany } from './tooMany.ts';

const REFUSALS: Record<RefusedReview | RefusedAnswer, [status: number, detail: string]> = {
  not_found: [404, 'There is nothing of that id.'],
  not_the_client: [403, 'Only the client of a reading reviews it.'],
  not_finalized: [409, 'The reading is not finished yet.'],
  too_few_minutes: [409, 'A reading is reviewed after four paid minutes.'],
  reader_gone: [409, 'The reader is not with us any more.'],
  edit_time_over: [409, 'A review can be changed for seven days.'],
  realtime_unavailable: [503, 'Whether you may review it can’t be asked now. Try again in a moment.'],
  not_the_reader: [403, 'Only the reader of whom it speaks answers a review.'],
  already_answered: [409, 'It has been answered. An answer stays as it is.'],
};

/** Text as people type it: one kind of line end, no more than three lines apart, and nothing that can't be kept. */
const words = (what: string, most = MOST_CHARACTERS) =>
  z
    .string({ error: `Write ${what}.` })
    .max(most * 4, `It is longer than ${most} characters.`)
    .transform((value) =>
      value
        .replace(/\r\n?/g, '\n')
        .replace(/\n{3,}/g, '\n\n')
        .trim(),
    )
    .refine((value) => value.length > 0, `Write ${what}.`)
    .refine((value) => value.length <= most, `It is longer than ${most} characters.`)
    .refine(
      (value) => !value.includes('\0') && value.isWellFormed(),
      'It has characters that can’t be kept.',
    );

const review = z.object({
  session_id: z.uuid({ error: 'Name the reading.' }),
  stars: z
    .int({ error: 'Give one to five stars.' })
    .min(1, 'Give one to five stars.')
    .max(5, 'Give one to five stars.'),
  text: words('a few words'),
});
const answer = z.object({ text: words('an answer') });
const flag = z.object({ reason: words('a reason', 500) });
const sessionIds = z
  .string()
  .transform((value) => value.split(',').filter(Boolean))
  .pipe(z.array(z.uuid()).min(1).max(50));

/** Writing, answering and flagging reviews (S13), and one's own of some sessions. */
export function reviewEndpoints({ ask, now }: { ask: AskReviewRight; now: () => number }): Endpoint[] {
  const write = forPeople(async (req, person) => {
    const asked = await read(req, review);
    if (!asked.ok) return asked.response;
    const wait = await overLimit(databaseOf(req.payload), LIMITS.review, person.person_id);
    if (wait) return tooMany(wait);
    const result = await writeReview(asked.value, {
      payload: req.payload,
      writer: person,
      ask,
      nowMs: now(),
    });
    if (!result.ok) return refuse(result.code);
    const { id, made, editable_until_ms } = result;
    return Response.json({ id, editable_until_ms }, { status: made ? 201 : 200, headers: noStore });
  });

  const respond = forPeople(async (req, person) => {
    const id = idOf(req);
    const asked = await read(req, answer);
    if (!asked.ok) return asked.response;
    if (!id) return refuse('not_found');
    const { payload } = req;
    const result = await answerReview(id, asked.value.text, { payload, reader: person.id, nowMs: now() });
    return result.ok ? new Response(null, { status: 204, headers: noStore }) : refuse(result.code);
  });

  const report = forPeople(async (req, person) => {
    const id = idOf(req);
    const asked = await read(req, flag);
    if (!asked.ok) return asked.response;
    if (!id) return refuse('not_found');
    const { payload } = req;
    const wait = await overLimit(databaseOf(payload), LIMITS.flag, person.person_id);
    if (wait) return tooMany(wait);
    const result = await flagReview(id, asked.value.reason, { payload, person: person.id });
    return result.ok ? new Response(null, { status: 204, headers: noStore }) : refuse(result.code);
  });

  const mine = forPeople(async (req, person) => {
    const asked = sessionIds.safeParse(
      new URL(req.url ?? '', 'http://cms').searchParams.get('session_ids') ?? '',
    );
    if (!asked.success)
      return problem(400, 'invalid_request', 'Name one to fifty readings in “session_ids”.');
    const ids = sql.join(
      asked.data.map((id) => sql`${id}`),
      sql`, `,
    );
    const rows = await rowsOf<Own>(
      databaseOf(req.payload),
      sql`select id, session_id, stars::int as stars, text, answer, state, written_at from reviews
          where author_id = ${person.id} and session_id in (${ids})`,
    );
    const reviews = rows.map(({ written_at, ...own }) => ({
      ...own,
      editable_until_ms: editableUntil(written_at),
    }));
    return Response.json({ reviews }, { headers: noStore });
  });

  return [
    { method: 'post', path: '/write', handler: write },
    { method: 'get', path: '/mine', handler: mine },
    { method: 'post', path: '/:id/answer', handler: respond },
    { method: 'post', path: '/:id/flag', handler: report },
  ];
}

type Own = {
  id: number;
  session_id: string;
  stars: number;
  text: string;
  answer: string | null;
  state: 'shown' | 'hidden';
  written_at: string;
};

const noStore = { 'cache-control': 'no-store' };

function forPeople(handler: (req: PayloadRequest, person: Person) => Promise<Response>): PayloadHandler {
  return (req) => {
    const person = activePerson(req);
    return person ? handler(req, person) : problem(401, 'not_signed_in', 'Sign in first.');
  };
}

async function read<T>(
  req: PayloadRequest,
  schema: z.ZodType<T>,
): Promise<{ ok: true; value: T } | { ok: false; response: Response }> {
  const body: unknown = await req.json?.().catch(() => undefined);
  const { data, error } = schema.safeParse(body);
  if (data !== undefined) return { ok: true, value: data };
  const errors = error?.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return {
    ok: false,
    response: problem(400, 'invalid_request', errors?.[0]?.message ?? 'Not right yet.', errors),
  };
}

function refuse(code: keyof typeof REFUSALS): Response {
  const [status, detail] = REFUSALS[code];
  return problem(status, code, detail);
}

function idOf({ routeParams }: PayloadRequest): number | undefined {
  const id = String(routeParams?.id ?? '');
  return /^[1-9]\d{0,8}$/.test(id) ? Number(id) : undefined;
}
