import { z } from 'zod';
import { type Answer, call, refusedWith } from './calls.ts';
import type { Identity } from './identity/identity.ts';
import type { Session } from './identity/sessions.ts';
import type { Logger } from './server/logger.ts';

export interface CommerceAsked<T> {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With its query. */
  path: string;
  body?: unknown;
  /** Idempotency key. */
  key?: string;
  answer: z.ZodType<T>;
}

/** Asks the shop in a person's name, by the customer's token that it gives for their access token; a guest has none. */
export type CustomerAsker = <T>(
  session: Session | undefined,
  requestId: string,
  asked: CommerceAsked<T>,
) => Promise<Answer<T>>;

/** Stripe is asked on the way, so it may take a while. */
const timeoutMs = 15_000;
/** Medusa's tokens are good for a quarter of an hour; one is kept for so long, in milliseconds. */
const tokenMs = 10 * 60_000;
const mostTokens = 2_000;

export function createCustomerAsker({
  commerceUrl,
  identity,
  log,
  clock = Date.now,
}: {
  commerceUrl: string;
  identity: Pick<Identity, 'accessToken'>;
  log: Logger;
  clock?: () => number;
}): CustomerAsker {
  const tokens = new Map<string, { token: string; until: number }>();

  async function customerToken(session: Session, requestId: string): Promise<Answer<string>> {
    const key = session.id_hash.toString('hex');
    const kept = tokens.get(key);
    if (kept && kept.until > clock()) return { ok: true, value: kept.token };
    const access = await identity.accessToken(session);
    if (access.state !== 'good') return refusedWith(access.state === 'ended' ? 'ended' : 'unavailable');
    const answer = await call({
      url: `${commerceUrl}/auth/customer/soulseer`,
      method: 'POST',
      token: access.token,
      requestId,
      body: {},
      answer: z.object({ token: z.string().min(1) }),
      timeoutMs,
      log,
    });
    if (!answer.ok) return answer;
    tokens.delete(key);
    tokens.set(key, { token: answer.value.token, until: clock() + tokenMs });
    const oldest = tokens.keys().next();
    if (tokens.size > mostTokens && !oldest.done) tokens.delete(oldest.value);
    return { ok: true, value: answer.value.token };
  }

  /** Once more with a new token when the old one is refused. */
  return async (session, requestId, { path, key, ...rest }) => {
    for (let again = false; ; again = true) {
      const customer = session ? await customerToken(session, requestId) : undefined;
      if (customer && !customer.ok) return customer;
      const answered = await call({
        ...rest,
        url: `${commerceUrl}${path}`,
        token: customer?.value,
        requestId,
        headers: key ? { 'idempotency-key': key } : {},
        timeoutMs,
        log,
      });
      if (!session || answered.ok || answered.refused.status !== 401 || again) return answered;
      tokens.delete(session.id_hash.toString('hex'));
    }
  };
}
