/** Refusals in Stripe's form: https://docs.stripe.com/api/errors */

import type { PaymentError, PaymentIntent, SetupIntent } from './types.ts';

export interface ErrorBody {
  type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';
  code?: string;
  decline_code?: string;
  doc_url?: string;
  message: string;
  param?: string;
  charge?: string;
  payment_intent?: PaymentIntent;
  payment_method?: unknown;
  setup_intent?: SetupIntent;
}

/**
 * A request that is refused. Thrown, it undoes what the request did; answered by a handler, what was done stays (a
 * declined card leaves a failed charge). `kept` says whether an idempotency key remembers the refusal: Stripe forgets
 * those of requests that never began to run.
 */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly body: ErrorBody;
  readonly kept: boolean;

  constructor(status: number, body: ErrorBody, kept = true) {
    super(body.message);
    this.status = status;
    this.body = body.code ? { ...body, doc_url: docUrl(body.code) } : body;
    this.kept = kept;
  }
}

export function docUrl(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`;
}

/** 400 for a parameter that can't be; an idempotency key does not remember it. */
export function badParameter(message: string, param?: string, code?: string): ApiError {
  return new ApiError(
    400,
    { type: 'invalid_request_error', ...(code ? { code } : {}), message, ...(param ? { param } : {}) },
    false,
  );
}

/** 400 for what the present state does not allow. */
export function refused(code: string | undefined, message: string, more: Partial<ErrorBody> = {}): ApiError {
  return new ApiError(400, { type: 'invalid_request_error', ...(code ? { code } : {}), message, ...more });
}

/** Stripe says 404 when the path names what is not there, 400 when a parameter does. */
export function missing(kind: string, id: string, param: string, status: 400 | 404 = 400): ApiError {
  return new ApiError(status, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param,
  });
}

/** 402: the bank said no. */
export function cardError(error: PaymentError, more: Partial<ErrorBody> = {}): ApiError {
  const { payment_method, ...body } = error;
  return new ApiError(402, { ...body, ...(payment_method ? { payment_method } : {}), ...more });
}
