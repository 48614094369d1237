/** The bank's 3-D Secure challenge: the person passes it or not, and the payment or the card goes on from there. */

import { timingSafeEqual } from 'node:crypto';
import { complete, type PageOutcome, successUrl } from './checkout.ts';
import { docUrl } from './errors.ts';
import { attempt, fail } from './intents.ts';
import { attemptSetup, failSetup } from './setup-intents.ts';
import type { PaymentIntent, SetupIntent } from './types.ts';
import { find, get, type Stored, type Work } from './work.ts';

const NOT_AUTHENTICATED =
  'We are unable to authenticate your payment method. Please choose a different payment method and try again.';

/** What the page shows; nothing when the challenge is over or the token is not its own. */
export async function findChallenge(
  work: Pick<Work, 'db'>,
  intentId: string,
  token: string,
): Promise<{ intent: PaymentIntent | SetupIntent; last4: string; session: string | undefined } | undefined> {
  const intent = await findIntent(work, intentId);
  const challenge = intent?.hidden.challenge;
  if (!intent || !challenge || !same(challenge.token, token)) return undefined;
  const method = await find(work, 'payment_method', challenge.payment_method);
  return {
    intent: intent.body,
    last4: method?.body.card?.last4 ?? '',
    session: intent.hidden.session,
  };
}

async function findIntent(
  work: Pick<Work, 'db'>,
  id: string,
  lock = false,
): Promise<Stored<'payment_intent'> | Stored<'setup_intent'> | undefined> {
  return (await find(work, 'payment_intent', id, lock)) ?? (await find(work, 'setup_intent', id, lock));
}

export type ChallengeOutcome = PageOutcome | { back: string } | { over: 'challenge' };

/** Goes on after the challenge. Where a Checkout Session waits for it, that is locked first, as everywhere. */
export async function finishChallenge(
  work: Work,
  intentId: string,
  token: string,
  passed: boolean,
): Promise<ChallengeOutcome> {
  const seen = await findIntent(work, intentId);
  const session = seen?.hidden.session
    ? await get(work, 'session', seen.hidden.session, { lock: true })
    : undefined;
  if (session?.body.status === 'complete') return { done: successUrl(session.body) };
  if (session && (session.body.status !== 'open' || session.body.expires_at <= work.now)) {
    return { over: 'expired' };
  }
  const intent = await findIntent(work, intentId, true);
  const challenge = intent?.hidden.challenge;
  if (!intent || !challenge || !same(challenge.token, token)) return { over: 'challenge' };
  const { return_url } = challenge;
  const method = await get(work, 'payment_method', challenge.payment_method, { lock: true });

  if (isPayment(intent)) {
    const outcome = passed
      ? await attempt(work, intent, method, {
          returnUrl: return_url,
          challengeIsRefusal: false,
          authenticated: true,
        })
      : {
          declined: await fail(
            work,
            intent,
            method,
            { code: 'payment_intent_authentication_failure', message: NOT_AUTHENTICATED },
            false,
          ),
        };
    if (session && outcome === 'paid') {
      await complete(work, session, method, intent.body.status === 'succeeded');
      return { done: successUrl(session.body) };
    }
    if (session && typeof outcome === 'object') return { declined: outcome.declined };
    return { back: backTo(return_url, 'payment_intent', intent.body, outcome === 'paid') };
  }

  const outcome = passed
    ? await attemptSetup(work, intent, method, { returnUrl: return_url, authenticated: true })
    : {
        declined: await failSetup(work, intent, method, {
          type: 'invalid_request_error',
          code: 'setup_intent_authentication_failure',
          doc_url: docUrl('setup_intent_authentication_failure'),
          message: NOT_AUTHENTICATED,
        }),
      };
  if (session && outcome === 'kept') {
    await complete(work, session, method, false);
    return { done: successUrl(session.body) };
  }
  if (session && typeof outcome === 'object') return { declined: outcome.declined };
  return { back: backTo(return_url, 'setup_intent', intent.body, outcome === 'kept') };
}

function isPayment(
  intent: Stored<'payment_intent'> | Stored<'setup_intent'>,
): intent is Stored<'payment_intent'> {
  return intent.body.object === 'payment_intent';
}

function backTo(
  returnUrl: string | null,
  kind: 'payment_intent' | 'setup_intent',
  intent: PaymentIntent | SetupIntent,
  succeeded: boolean,
): string {
  if (!returnUrl) return '';
  const url = new URL(returnUrl);
  url.searchParams.set(kind, intent.id);
  url.searchParams.set(`${kind}_client_secret`, intent.client_secret ?? '');
  url.searchParams.set('redirect_status', succeeded ? 'succeeded' : 'failed');
  return url.href;
}

function same(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
