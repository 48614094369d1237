/** Where Stripe sends its events: proven over the raw body, kept, and only then acknowledged. */

import { Router } from 'express';
import type Stripe from 'stripe';
import type { Clock } from '../clock';
import type { Inbox } from '../payments/inbox';
import type { StripeClient } from '../payments/stripe';
import { bytesOf, rawBody } from './body';
import { caught } from './caught';
import { sendProblem } from './problem';

/** How old a signature may be, in seconds. */
const TOLERANCE_S = 300;

export function stripeWebhook({
  stripe,
  inbox,
  secrets,
  clock,
}: {
  stripe: Pick<StripeClient, 'webhooks'>;
  inbox: Pick<Inbox, 'take'>;
  /** Of STRIPE_WEBHOOK_SECRET: all are believed. */
  secrets: readonly string[];
  clock: Clock;
}): Router {
  const router = Router();
  router.post(
    '/stripe/webhook',
    rawBody('1mb'),
    caught(async (request, response) => {
      const signature = request.get('stripe-signature') ?? '';
      const event = proven(bytesOf(request.body), signature);
      if (!event)
        return sendProblem(
          response,
          400,
          'signature_wrong',
          'This is not signed as Stripe signs its events.',
        );
      await inbox.take(event);
      response.json({ received: true });
    }),
  );

  function proven(body: Buffer, signature: string): Stripe.Event | undefined {
    for (const secret of secrets) {
      try {
        return stripe.webhooks.constructEvent(body, signature, secret, TOLERANCE_S, undefined, clock.now());
      } catch {
        // Another secret may have signed it.
      }
    }
    return undefined;
  }

  return router;
}
