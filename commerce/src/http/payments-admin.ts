/** What staff do with payments in the admin beyond what Medusa has: refunds of top-ups, the wallet behind them, Stripe's events. */

import type { MedusaContainer } from '@medusajs/framework/types';
import { ContainerRegistrationKeys } from '@medusajs/framework/utils';
import { type NextFunction, type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { userIdOf } from '../identity/person';
import { toCents } from '../money';
import type { Inbox } from '../payments/inbox';
import type { Ledger } from '../payments/ledger';
import type { Reconciler } from '../payments/reconcile';
import type { RefundOutcome, Refunds } from '../payments/refunds';
import type { Payment } from '../payments/store';
import { jsonOf, rawBody } from './body';
import { caught } from './caught';
import { notFound, sendProblem } from './problem';

/** As Medusa's own route takes it; the amount is in dollars. */
const refundBody = z.strictObject({
  amount: z.number().positive().max(999_999).optional(),
  refund_reason_id: z.string().max(100).nullish(),
  note: z.string().max(500).nullish(),
});
const eventState = z.enum(['waiting', 'done', 'dead']).default('dead');

const dollars = (cents: number) => `$${(cents / 100).toFixed(2)}`;

export function paymentsAdmin({
  refunds,
  inbox,
  ledger,
  reconciler,
  container,
}: {
  refunds: Refunds;
  inbox: Pick<Inbox, 'list' | 'retry'>;
  ledger: Pick<Ledger, 'payment'>;
  reconciler: Pick<Reconciler, 'ask' | 'latest'>;
  container: Promise<MedusaContainer>;
}): Router {
  const router = Router();

  /** Before Medusa's route of the same name, which has no part in what a top-up's refund needs. Others go on to it. */
  const refund = caught(async (request, response, next) => {
    const medusa_payment_id = String(request.params.id);
    const payment = await refunds.paymentOf({ medusa_payment_id });
    if (!payment) return next();
    return new Promise<unknown>((resolve, reject) => {
      rawBody('16kb')(request, response, (error?: unknown) => {
        if (error) return reject(error instanceof Error ? error : new Error('the body can’t be read'));
        answer(request, response, payment).then(resolve, reject);
      });
    });
  });

  async function answer(
    request: Request,
    response: Response,
    payment: NonNullable<Awaited<ReturnType<Refunds['paymentOf']>>>,
  ): Promise<unknown> {
    const { data: body } = refundBody.safeParse(jsonOf(request.body) ?? {});
    const amount_cents = body && centsOf(body.amount, payment.captured_cents - payment.refunded_cents);
    if (!body || amount_cents === undefined || amount_cents <= 0)
      return sendProblem(
        response,
        400,
        'invalid_request',
        'The amount of the refund is not one in whole cents.',
      );
    const asked = await refunds.ask(payment, {
      amount_cents,
      note: body.note ?? null,
      reason_id: body.refund_reason_id ?? null,
      created_by: userIdOf(z.uuid().parse(response.locals.person_id)),
    });
    if (asked.outcome !== 'made') return refuse(response, asked, amount_cents, payment.purpose);
    const query = (await container).resolve(ContainerRegistrationKeys.QUERY);
    const { data } = await query.graph({
      entity: 'payment',
      fields: ['*', 'captures.*', 'refunds.*', 'refunds.refund_reason.*'],
      filters: { id: payment.medusa_payment_id ?? '' },
    });
    return response.json({ payment: data[0] });
  }

  function refuse(
    response: Response,
    { outcome, refund }: RefundOutcome,
    amount_cents: number,
    purpose: Payment['purpose'],
  ): unknown {
    if (outcome === 'pending')
      return sendProblem(
        response,
        503,
        'refund_pending',
        'The refund is recorded, and is made by itself as soon as Stripe and the ledger can be reached. Don’t ask for it again.',
      );
    if (refund.refused_code === 'not_refundable') {
      const refundable_cents = refund.refundable_cents ?? 0;
      return sendProblem(
        response,
        409,
        'not_refundable',
        `${dollars(amount_cents)} can’t be given back: of this ${purpose === 'goods' ? 'order' : 'top-up'} ${dollars(refundable_cents)} are ${purpose === 'goods' ? '' : 'unspent and '}not refunded yet.`,
        { refundable_cents },
      );
    }
    return sendProblem(
      response,
      409,
      refund.refused_code ?? 'refused',
      `The refund was not made${purpose === 'goods' ? '' : ', and the money is in the wallet again'}. ${refund.refused_detail ?? ''}`.trim(),
    );
  }

  router.post('/admin/payments/:id/refund', (request: Request, response: Response, next: NextFunction) =>
    refund(request, response, next),
  );

  /** For the widget on an order: 404 for an order that is no top-up. */
  router.get(
    '/admin/top-ups/:order_id',
    caught(async (request, response, next) => {
      const payment = await refunds.paymentOf({ order_id: String(request.params.order_id) });
      if (payment?.purpose !== 'top_up') return notFound(request, response, next);
      const { payment_intent_id } = payment;
      const wallet = payment_intent_id
        ? await ledger.payment(payment_intent_id).catch(() => undefined)
        : undefined;
      return response.json({
        top_up: {
          id: payment.id,
          state: payment.state,
          person_id: payment.person_id,
          payment_intent_id,
          amount_cents: payment.amount_cents,
          credited_cents: payment.credited_cents,
          refunded_cents: payment.refunded_cents,
          disputed_cents: payment.disputed_cents,
        },
        // Nothing when the ledger can't be asked at the moment.
        wallet: wallet ?? null,
        refunds: (await refunds.of(payment.id)).map((one) => ({
          id: one.id,
          amount_cents: one.amount_cents,
          state: one.state,
          refused_code: one.refused_code,
          failed_late: one.failed_late,
        })),
      });
    }),
  );

  router.get(
    '/admin/stripe-events',
    caught(async (request, response) => {
      const state = eventState.safeParse(request.query.state).data;
      if (!state) return sendProblem(response, 400, 'invalid_request', 'state is waiting, done or dead.');
      return response.json({ events: await inbox.list(state) });
    }),
  );
  router.post(
    '/admin/stripe-events/:id/retry',
    caught(async (request, response, next) =>
      (await inbox.retry(String(request.params.id)))
        ? response.json({ retried: true })
        : notFound(request, response, next),
    ),
  );

  router.get(
    '/admin/reconciliations',
    caught(async (_request, response) => response.json({ reconciliations: await reconciler.latest() })),
  );
  router.post(
    '/admin/reconciliations',
    caught(async (_request, response) => response.status(202).json({ id: await reconciler.ask() })),
  );
  return router;
}

/** Whole cents of dollars; nothing for a fraction of a cent. */
function centsOf(amount: number | undefined, all_cents: number): number | undefined {
  if (amount === undefined) return all_cents;
  try {
    return toCents(amount);
  } catch {
    return undefined;
  }
}
