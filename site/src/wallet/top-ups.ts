import { z } from 'zod';
import { type Answer, call, refusedWith } from '../calls.ts';
import type { Identity } from '../identity/identity.ts';
import type { Session } from '../identity/sessions.ts';
import type { Logger } from '../server/logger.ts';
import type { AutomaticSettings } from './automatic.ts';

// What the shop knows of money on its way into a wallet: docs/service-calls.md, “Top-ups”.

const cents = z.int().min(0);

const options = z.object({
  least_cents: cents,
  most_cents: cents,
  packs: z.array(z.object({ id: z.string().min(1), title: z.string(), amount_cents: cents })),
});
export type TopUpOptions = z.infer<typeof options>;

/** The payment page, which is somebody else's: only an address that a browser goes to, and no script. */
const address = z.url({ protocol: /^https?$/ });

const topUp = z.object({
  id: z.string().min(1),
  state: z.enum(['open', 'processing', 'paid', 'credited', 'refunded', 'disputed', 'expired', 'failed']),
  amount_cents: cents,
  credited_cents: cents,
  refunded_cents: cents,
  created_at_ms: z.int(),
  checkout_url: address.nullish().transform((url) => url ?? null),
  card: z
    .object({ brand: z.string(), last4: z.string() })
    .nullish()
    .transform((card) => card ?? null),
  failure: z
    .object({ code: z.string(), message: z.string() })
    .nullish()
    .transform((failure) => failure ?? null),
});
export type TopUp = z.infer<typeof topUp>;

const cards = z.object({
  cards: z.array(
    z.object({
      id: z.string().min(1),
      brand: z.string(),
      last4: z.string(),
      exp_month: z.int(),
      exp_year: z.int(),
    }),
  ),
});
export type SavedCard = z.infer<typeof cards>['cards'][number];

const automatic = z.object({
  on: z.boolean(),
  card_id: z.string(),
  card: z.string(),
  amount_cents: cents,
  threshold_cents: cents,
  ceiling_cents: cents,
  failures: z.int(),
  off_reason: z.enum(['failures', 'card_gone']).nullable(),
  last_failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  month_cents: cents,
});
export type Automatic = z.infer<typeof automatic>;

/** How much, as somebody chose it. */
export type Wanted = { amount_cents: number } | { pack: string };

export interface TopUps {
  /** What can be chosen from. */
  options(session: Session, requestId: string): Promise<Answer<TopUpOptions>>;
  /** Begins one, once for each key; the payment page comes with it. No money moves by this. */
  begin(session: Session, wanted: Wanted, key: string, requestId: string): Promise<Answer<TopUp>>;
  /** Charges a card that was kept with consent, once for each key. */
  charge(
    session: Session,
    cardId: string,
    wanted: Wanted,
    key: string,
    requestId: string,
  ): Promise<Answer<TopUp>>;
  /** One as it is now: what was paid is credited on the way. */
  one(session: Session, id: string, requestId: string): Promise<Answer<TopUp>>;
  cards(session: Session, requestId: string): Promise<Answer<SavedCard[]>>;
  forgetCard(session: Session, cardId: string, requestId: string): Promise<Answer<null>>;
  /** How money comes by itself (W9); null when it was never set up. */
  automatic(session: Session, requestId: string): Promise<Answer<Automatic | null>>;
  /** Switches it on, by the hand of somebody who consents to be charged so. */
  setAutomatic(
    session: Session,
    settings: AutomaticSettings,
    requestId: string,
  ): Promise<Answer<Automatic | null>>;
  automaticOff(session: Session, requestId: string): Promise<Answer<null>>;
}

interface Options {
  commerceUrl: string;
  identity: Pick<Identity, 'accessToken'>;
  log: Logger;
  clock?: () => number;
}

/** Stripe is asked on the way, so it may take a while. */
const timeoutMs = 15_000;
/** Medusa's tokens are good for a quarter of an hour; one is kept for so long, in milliseconds. */
const tokenMs = 10 * 60_000;
const mostTokens = 2_000;

/** Asks the shop in a person's name, by the customer's token that it gives for their access token. */
export function createTopUps({ commerceUrl, identity, log, clock = Date.now }: Options): TopUps {
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

  interface Asked<T> {
    method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
    path: string;
    body?: unknown;
    key?: string;
    answer: z.ZodType<T>;
  }

  /** As a customer; once more with a new token when the old one is refused. */
  async function ask<T>(session: Session, requestId: string, asked: Asked<T>): Promise<Answer<T>> {
    const { path, key, ...rest } = asked;
    for (let again = false; ; again = true) {
      const customer = await customerToken(session, requestId);
      if (!customer.ok) return customer;
      const answered = await call({
        ...rest,
        url: `${commerceUrl}${path}`,
        token: customer.value,
        requestId,
        headers: key ? { 'idempotency-key': key } : {},
        timeoutMs,
        log,
      });
      if (answered.ok || answered.refused.status !== 401 || again) return answered;
      tokens.delete(session.id_hash.toString('hex'));
    }
  }

  return {
    options: (session, requestId) =>
      ask(session, requestId, { path: '/store/top-ups/options', answer: options }),

    begin: (session, wanted, key, requestId) =>
      ask(session, requestId, { method: 'POST', path: '/store/top-ups', body: wanted, key, answer: topUp }),

    charge: (session, cardId, wanted, key, requestId) =>
      ask(session, requestId, {
        method: 'POST',
        path: '/store/top-ups/one-tap',
        body: { card_id: cardId, ...wanted },
        key,
        answer: topUp,
      }),

    one: (session, id, requestId) =>
      ask(session, requestId, { path: `/store/top-ups/${encodeURIComponent(id)}`, answer: topUp }),

    async cards(session, requestId) {
      const answer = await ask(session, requestId, { path: '/store/cards', answer: cards });
      return answer.ok ? { ok: true, value: answer.value.cards } : answer;
    },

    forgetCard: (session, cardId, requestId) =>
      ask(session, requestId, {
        method: 'DELETE',
        path: `/store/cards/${encodeURIComponent(cardId)}`,
        answer: z.null(),
      }),

    async automatic(session, requestId) {
      return unwrapped(await ask(session, requestId, { path: automaticPath, answer: automaticAnswer }));
    },

    async setAutomatic(session, settings, requestId) {
      const body = { ...settings, consent: true };
      return unwrapped(
        await ask(session, requestId, { method: 'PUT', path: automaticPath, body, answer: automaticAnswer }),
      );
    },

    automaticOff: (session, requestId) =>
      ask(session, requestId, { method: 'DELETE', path: automaticPath, answer: z.null() }),
  };
}

const automaticPath = '/store/automatic-top-up';
const automaticAnswer = z.object({ automatic: automatic.nullable() });
const unwrapped = (answer: Answer<z.infer<typeof automaticAnswer>>): Answer<Automatic | null> =>
  answer.ok ? { ok: true, value: answer.value.automatic } : answer;
