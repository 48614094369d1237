import type { APIRoute } from 'astro';
import { z } from 'zod';
import { type Problem, problemResponse, problems } from '../../server/problem.ts';
import { cardName, chargeUnheard, topUpTrouble } from '../../text/wallet.ts';

// Money by one press, for the room of a reading: a kept card and a pack, without leaving.

const headers = { 'cache-control': 'no-store' };
const wanted = z.strictObject({ card: z.string().min(1).max(100), pack: z.string().min(1).max(100) });
const keyShape = /^[A-Za-z0-9_-]{8,100}$/;

/** Kept cards, the newest first, and the packs. Without a card there is nothing to press. */
export const GET: APIRoute = async ({ locals }) => {
  const { visitor, topUps, request_id } = locals;
  if (visitor.state !== 'somebody') return problemResponse(problems.not_signed_in, request_id);
  const [cards, options] = await Promise.all([
    topUps.cards(visitor, request_id),
    topUps.options(visitor, request_id),
  ]);
  if (!cards.ok || !options.ok)
    return problemResponse(problems.payments_unavailable, request_id, { 'retry-after': '5' });
  return Response.json(
    {
      cards: cards.value.map((card) => ({ id: card.id, name: cardName(card) })),
      packs: options.value.packs.map(({ id, amount_cents }) => ({ id, amount_cents })),
    },
    { headers },
  );
};

/** Charges the card once for each `Idempotency-Key`. What is refused was not charged; of a 5xx nobody knows yet. */
export const POST: APIRoute = async ({ request, locals }) => {
  const { visitor, topUps, request_id } = locals;
  if (visitor.state !== 'somebody') return problemResponse(problems.not_signed_in, request_id);
  const body = wanted.safeParse(await request.json().catch(() => null)).data;
  const key = request.headers.get('idempotency-key') ?? '';
  if (!body || !keyShape.test(key)) return problemResponse(problems.unreadable_form, request_id);
  const charged = await topUps.charge(visitor, body.card, { pack: body.pack }, key, request_id);
  if (charged.ok) {
    const { state, amount_cents } = charged.value;
    return Response.json({ state, amount_cents }, { status: 201, headers });
  }
  const { status, code, figures } = charged.refused;
  const problem: Problem = {
    status,
    code,
    title: status >= 500 ? 'There is no answer yet' : 'Nothing was charged',
    detail: status >= 500 ? chargeUnheard : topUpTrouble(code, figures),
  };
  return problemResponse(problem, request_id);
};
