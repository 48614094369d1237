import type { Request, RequestHandler, Response } from 'express';
import { describeError, type Log } from '../log';
import { isUnavailable } from '../payments/stripe';
import { caught } from './caught';
import { sendProblem } from './problem';

/** Handlers that may ask Stripe; nothing that they answer is kept by anybody on the way. */
export function askingStripe(log: Log) {
  /** Says plainly when Stripe can't be reached (503); nothing was charged then that isn't found again. */
  return (work: (request: Request, response: Response) => Promise<unknown>): RequestHandler =>
    caught(async (request, response) => {
      response.setHeader('cache-control', 'no-store');
      try {
        await work(request, response);
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        log.warn('Stripe could not be reached', describeError(error));
        sendProblem(
          response,
          503,
          'payments_unavailable',
          'Payments can’t be reached at the moment. Nothing was charged; try again soon.',
        );
      }
    });
}
