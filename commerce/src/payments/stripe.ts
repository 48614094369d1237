/** The one place that opens Stripe's SDK, and what its errors mean to us. */

import Stripe from 'stripe';

export type StripeClient = InstanceType<typeof Stripe>;

const TIMEOUT_MS = 15_000;

/** `apiUrl` is the sandbox's stand-in; without it, Stripe's own API. The version is the SDK's. */
export function createStripe({
  secretKey,
  apiUrl,
}: {
  secretKey: string;
  apiUrl?: string | undefined;
}): StripeClient {
  const standIn = apiUrl ? new URL(apiUrl) : undefined;
  return new Stripe(secretKey, {
    // With an idempotency key on each writing call, trying again is safe.
    maxNetworkRetries: 1,
    timeout: TIMEOUT_MS,
    telemetry: false,
    ...(standIn
      ? {
          host: standIn.hostname,
          port: standIn.port || (standIn.protocol === 'https:' ? '443' : '80'),
          protocol: standIn.protocol === 'https:' ? ('https' as const) : ('http' as const),
        }
      : {}),
  });
}

/** Stripe has refused for good: asking again would be refused again. */
export function isRefusal(error: unknown): error is Stripe.errors.StripeError {
  return (
    error instanceof Stripe.errors.StripeCardError ||
    (error instanceof Stripe.errors.StripeInvalidRequestError && error.statusCode !== 409)
  );
}

/** What names our record on whatever Stripe makes for it; written with the secret key alone. */
export const PAYMENT_KEY = 'soulseer_payment';
/** What names our refund on Stripe's. One that was made in Stripe's dashboard has none. */
export const REFUND_KEY = 'soulseer_refund';

const UNREACHED = new Set(['StripeConnectionError', 'StripeAPIError', 'StripeRateLimitError']);

/** Stripe did not answer, or can't. What Medusa's workflows throw is a copy of the error, so its type is asked by name. */
export function isUnavailable(error: unknown): boolean {
  const { type } = (error ?? {}) as { type?: unknown };
  return typeof type === 'string' && UNREACHED.has(type);
}
