/** What the site's server asks for a person about top-ups and cards: docs/service-calls.md, "Top-ups". */

import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Log } from '../log';
import { TOP_UP_LEAST_CENTS, TOP_UP_MOST_CENTS } from '../top-ups/limits';
import type { Begun, Refusal, TopUps } from '../top-ups/top-ups';
import { askingStripe } from './asking-stripe';
import { jsonOf, rawBody } from './body';
import { type Limit, type Limits, tooMany } from './limits';
import { notFound, sendProblem } from './problem';

/** Of one person's new ones. */
const NEW_TOP_UPS: Limit = { name: 'top-ups', most: 120, seconds: 3_600 };
/** Of one person's pages to keep a card on: each may be a try of somebody else's cards. */
const KEPT_CARDS: Limit = { name: 'kept-cards', most: 20, seconds: 3_600 };
const CARD_ID = /^[A-Za-z0-9_]{1,100}$/;
const TOP_UP_ID = /^topup_[0-9a-f]{32}$/;
const KEY = /^[A-Za-z0-9_-]{8,100}$/;

const wanted = {
  amount_cents: z.int().min(1).max(99_999_999).optional(),
  pack: z.string().max(100).optional(),
};
const one = (body: { amount_cents?: number | undefined; pack?: string | undefined }) =>
  (body.amount_cents === undefined) !== (body.pack === undefined);
const startBody = z
  .strictObject({
    ...wanted,
    return_path: z
      .string()
      .regex(/^\/(wallet|readings\/[A-Za-z0-9_-]{1,64})$/)
      .default('/wallet'),
  })
  .refine(one);
const oneTapBody = z.strictObject({ ...wanted, card_id: z.string().regex(CARD_ID) }).refine(one);
const consentBody = z.strictObject({ consent: z.literal(true) });
const listQuery = z.object({
  limit: z
    .string()
    .regex(/^([1-9]|[1-4]\d|50)$/)
    .transform(Number)
    .default(20),
  before: z.string().regex(TOP_UP_ID).optional(),
});

const SHOWN: Record<Refusal['code'], { status: number; detail: string }> = {
  unknown_pack: { status: 400, detail: 'There is no such pack. Choose another, or an amount.' },
  amount_out_of_limits: { status: 400, detail: 'The amount is not within the limits of one top-up.' },
  key_reused: { status: 409, detail: 'This key was used for another top-up.' },
  unknown_card: { status: 404, detail: 'That card is not saved here any more.' },
  card_declined: { status: 402, detail: 'The card was declined. Nothing was charged.' },
  card_needs_confirmation: {
    status: 402,
    detail: 'The bank wants you to confirm this payment on its page. Nothing was charged.',
  },
};

export function topUpRoutes({ topUps, limits, log }: { topUps: TopUps; limits: Limits; log: Log }): Router {
  const router = Router();
  const person = (response: Response) => z.uuid().parse(response.locals.person_id);

  const asking = askingStripe(log);

  async function begin<Body>(
    request: Request,
    response: Response,
    schema: z.ZodType<Body>,
    work: (key: string, body: Body) => Promise<Begun>,
  ): Promise<void> {
    const key = request.get('idempotency-key') ?? '';
    if (!KEY.test(key))
      return sendProblem(
        response,
        400,
        'key_missing',
        'An Idempotency-Key of 8 to 100 characters is needed.',
      );
    const { data: body } = schema.safeParse(jsonOf(request.body));
    if (!body)
      return sendProblem(
        response,
        400,
        'invalid_request',
        'The body is not an amount or a pack to top up by.',
      );
    if (!(await topUps.isKnown(person(response), key))) {
      const wait_s = await limits.take(NEW_TOP_UPS, person(response));
      if (wait_s !== undefined) return tooMany(response, wait_s);
    }
    const begun = await work(key, body);
    if (begun.ok) {
      response.status(begun.made ? 201 : 200).json(begun.top_up);
      return;
    }
    const { status, detail } = SHOWN[begun.code];
    const figures: Record<string, number> =
      begun.code === 'amount_out_of_limits'
        ? { least_cents: TOP_UP_LEAST_CENTS, most_cents: TOP_UP_MOST_CENTS }
        : {};
    sendProblem(response, status, begun.code, begun.detail ?? detail, figures);
  }

  const wantedOf = (body: { amount_cents?: number | undefined; pack?: string | undefined }) =>
    body.pack === undefined ? { amount_cents: body.amount_cents ?? 0 } : { pack: body.pack };

  router.get(
    '/store/top-ups/options',
    asking(async (_request, response) => response.json(await topUps.options())),
  );
  router.post(
    '/store/top-ups/one-tap',
    rawBody('4kb'),
    asking((request, response) =>
      begin(request, response, oneTapBody, (key, body) =>
        topUps.oneTap(person(response), key, wantedOf(body), body.card_id),
      ),
    ),
  );
  router.post(
    '/store/top-ups',
    rawBody('4kb'),
    asking((request, response) =>
      begin(request, response, startBody, (key, body) =>
        topUps.start(person(response), key, wantedOf(body), body.return_path),
      ),
    ),
  );
  router.get(
    '/store/top-ups',
    asking(async (request, response) => {
      const query = listQuery.safeParse(request.query).data;
      if (!query)
        return sendProblem(response, 400, 'invalid_request', 'limit is 1 to 50, before a next_before.');
      return response.json(await topUps.list(person(response), { limit: query.limit, before: query.before }));
    }),
  );
  router.get('/store/top-ups/:id', (request, response, next) =>
    asking(async () => {
      const id = String(request.params.id);
      const found = TOP_UP_ID.test(id) ? await topUps.look(person(response), id) : undefined;
      return found ? response.json(found) : notFound(request, response, next);
    })(request, response, next),
  );
  router.get(
    '/store/cards',
    asking(async (_request, response) => response.json({ cards: await topUps.cards(person(response)) })),
  );
  router.post(
    '/store/cards',
    rawBody('4kb'),
    asking(async (request, response) => {
      if (!consentBody.safeParse(jsonOf(request.body)).success)
        return sendProblem(response, 400, 'invalid_request', 'A card is kept with consent alone.');
      const wait_s = await limits.take(KEPT_CARDS, person(response));
      if (wait_s !== undefined) return tooMany(response, wait_s);
      return response.status(201).json(await topUps.keepCard(person(response)));
    }),
  );
  router.delete(
    '/store/cards/:id',
    asking(async (request, response) => {
      const id = String(request.params.id);
      if (CARD_ID.test(id)) await topUps.forgetCard(person(response), id);
      response.status(204).end();
    }),
  );
  return router;
}
