import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { Audit } from '../payments/audit';
import type { Limit, Limits } from './limits';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const person = z.uuid();
/** Of one address, that are audited. */
const REFUSALS: Limit = { name: 'audited refusals', most: 60, seconds: 60 };

/**
 * Has every act of staff in the admin audited, done or not, and whoever tried and may not. What is only looked at is not.
 * Must come after `access`, and before the routes; a refusal of `access` itself is seen since it answers by this response.
 */
export function audited(audit: Audit, limits: Pick<Limits, 'take'>): RequestHandler {
  return (request, response, next) => {
    const { method, path } = request;
    const inAdmin = /^\/admin(\/|$)/i.test(path);
    const address = request.ip ?? null;
    response.once('finish', () => {
      const { statusCode: status } = response;
      const actor_person_id = person.safeParse(response.locals.person_id).data ?? null;
      const acted = inAdmin && !SAFE.has(method);
      const refused = status === 401 || status === 403;
      // Whoever merely isn't signed in has a page ask for nothing.
      if (!acted && !(refused && status === 403)) return;
      const tell = () =>
        audit.tell({
          action: acted ? 'shop.admin' : 'shop.request',
          actor_person_id,
          subject: `${method} ${path}`,
          outcome: status < 400 ? 'done' : status < 500 ? 'refused' : 'failed',
          reason: null,
          address,
          details: { status },
        });
      if (!refused) return void tell();
      // Whoever is refused may ask as often as they like, and fills the log up to here.
      limits.take(REFUSALS, address ?? '').then(
        (wait_s) => (wait_s === undefined ? tell() : undefined),
        () => tell(),
      );
    });
    next();
  };
}
