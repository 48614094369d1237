/** Somebody's automatic top-up, looked at, switched on and off: docs/service-calls.md, "Automatic top-up". */

import { type Response, Router } from 'express';
import { z } from 'zod';
import { isUnavailable } from '../payments/stripe';
import { type AutomaticRefusal, type AutomaticTopUps, CEILING_MOST_CENTS } from '../top-ups/automatic';
import { TOP_UP_LEAST_CENTS, TOP_UP_MOST_CENTS } from '../top-ups/limits';
import { jsonOf, rawBody } from './body';
import { caught } from './caught';
import { sendProblem } from './problem';

const PATH = '/store/automatic-top-up';
const wanted = z.strictObject({
  card_id: z.string().regex(/^[A-Za-z0-9_]{1,100}$/),
  amount_cents: z.int().min(1).max(99_999_999),
  threshold_cents: z.int().min(100).max(TOP_UP_MOST_CENTS),
  ceiling_cents: z.int().min(1).max(CEILING_MOST_CENTS),
  time_zone: z.string().max(64),
  /** Given by the person's own hand: they agree to be charged while they are away. */
  consent: z.literal(true),
});

const SHOWN: Record<AutomaticRefusal['code'], { status: number; detail: string }> = {
  unknown_card: { status: 404, detail: 'That card is not saved here any more.' },
  amount_out_of_limits: { status: 400, detail: 'The amount is not within the limits of one top-up.' },
  ceiling_too_low: { status: 400, detail: 'The monthly ceiling must be at least one top-up.' },
  bad_time_zone: { status: 400, detail: 'There is no such time zone.' },
};

export function automaticTopUpRoutes({ automatic }: { automatic: AutomaticTopUps }): Router {
  const router = Router();
  const person = (response: Response) => z.uuid().parse(response.locals.person_id);

  router.get(
    PATH,
    caught(async (_request, response) => {
      response.setHeader('cache-control', 'no-store');
      response.json({ automatic: (await automatic.get(person(response))) ?? null });
    }),
  );
  router.put(
    PATH,
    rawBody('4kb'),
    caught(async (request, response) => {
      response.setHeader('cache-control', 'no-store');
      const { data: body } = wanted.safeParse(jsonOf(request.body));
      if (!body)
        return sendProblem(
          response,
          400,
          'invalid_request',
          'The body is no automatic top-up with its consent.',
        );
      const { consent: _, ...settings } = body;
      const set = await automatic.set(person(response), settings).catch((error: unknown) => {
        if (!isUnavailable(error)) throw error;
        return undefined;
      });
      if (!set)
        return sendProblem(
          response,
          503,
          'payments_unavailable',
          'Payments can’t be reached at the moment. Nothing was changed; try again soon.',
        );
      if (set.ok) return response.json({ automatic: set.automatic });
      const { status, detail } = SHOWN[set.code];
      const figures: Record<string, number> =
        set.code === 'amount_out_of_limits'
          ? { least_cents: TOP_UP_LEAST_CENTS, most_cents: TOP_UP_MOST_CENTS }
          : {};
      return sendProblem(response, status, set.code, detail, figures);
    }),
  );
  router.delete(
    PATH,
    caught(async (_request, response) => {
      await automatic.off(person(response));
      response.status(204).end();
    }),
  );
  return router;
}
