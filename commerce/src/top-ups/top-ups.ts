/** Top-ups as a person meets them: begun on Stripe's page or with a saved card, looked at, listed. */

import { createHash, randomUUID } from 'node:crypto';
import type { MedusaContainer } from '@medusajs/framework/types';
import type { Pool } from 'pg';
import Stripe from 'stripe';
import type { Orders } from '../payments/orders';
import type { Settle } from '../payments/settle';
import {
  createStore,
  NOT_CHARGED,
  type Payment,
  type PaymentStateName,
  type Store,
  withCustomerLock,
  withPaymentLock,
} from '../payments/store';
import { isRefusal, PAYMENT_KEY, type StripeClient } from '../payments/stripe';
import { packs, TOP_UP_CURRENCY } from './catalogue';
import { TOP_UP_LEAST_CENTS, TOP_UP_MOST_CENTS } from './limits';

/** What was asked for: an amount, or a pack by its id. */
export type Wanted = { amount_cents: number } | { pack: string };

/** A top-up as it is told (docs/service-calls.md). */
export interface TopUp {
  id: string;
  state: Exclude<PaymentStateName, 'new'>;
  amount_cents: number;
  credited_cents: number;
  refunded_cents: number;
  created_at_ms: number;
  checkout_url: string | null;
  card: { brand: string; last4: string } | null;
  failure: { code: string; message: string } | null;
}

export interface Card {
  id: string;
  brand: string;
  last4: string;
  exp_month: number;
  exp_year: number;
}

export type Refusal = {
  ok: false;
  code:
    | 'unknown_pack'
    | 'amount_out_of_limits'
    | 'key_reused'
    | 'unknown_card'
    | 'card_declined'
    | 'card_needs_confirmation';
  /** What the bank said. */
  detail?: string;
};
export type Begun = { ok: true; top_up: TopUp; made: boolean } | Refusal;

export interface TopUps {
  options(): Promise<{
    currency: string;
    least_cents: number;
    most_cents: number;
    packs: { id: string; title: string; amount_cents: number }[];
  }>;
  /** Whether this key of the person's has made one already, which therefore is none more. */
  isKnown(person_id: string, key: string): Promise<boolean>;
  start(person_id: string, key: string, wanted: Wanted, return_path: string): Promise<Begun>;
  oneTap(person_id: string, key: string, wanted: Wanted, card_id: string): Promise<Begun>;
  /** Charges the kept card of a payment that is recorded, once; a card that is gone is a refusal like the bank's. */
  chargeRecorded(payment: Payment): Promise<Payment>;
  /** As it is now, settled on the way where Stripe and the ledger can be reached. */
  look(person_id: string, id: string): Promise<TopUp | undefined>;
  list(
    person_id: string,
    page: { limit: number; before: string | undefined },
  ): Promise<{ top_ups: TopUp[]; next_before: string | null }>;
  cards(person_id: string): Promise<Card[]>;
  /** Stripe's page on which a card is kept without paying, for a person who has consented to that. */
  keepCard(person_id: string): Promise<{ url: string }>;
  forgetCard(person_id: string, card_id: string): Promise<void>;
  /** Who the person is at Stripe, made known there when they aren't yet. */
  customer(person_id: string): Promise<string>;
  /** For settle.ts: what became of a saved card's payment whose process ended before it knew. */
  recover(store: Store, payment: Payment): Promise<void>;
}

/** A payment with a saved card is asked about by the sweeper this long after it was begun, in seconds. */
const RECOVER_AFTER_S = 60;

export function createTopUps({
  pool,
  stripe,
  orders,
  settle,
  container,
  siteUrl,
}: {
  pool: Pool;
  stripe: StripeClient;
  orders: Pick<Orders, 'openCart' | 'startPayment'>;
  settle: () => Pick<Settle, 'settle'>;
  container: Promise<MedusaContainer>;
  siteUrl: string;
}): TopUps {
  async function amountOf(wanted: Wanted): Promise<{ amount_cents: number; pack: string | null } | Refusal> {
    if ('pack' in wanted) {
      const pack = (await packs(await container)).find((one) => one.id === wanted.pack);
      return pack ? { amount_cents: pack.amount_cents, pack: pack.id } : { ok: false, code: 'unknown_pack' };
    }
    const { amount_cents } = wanted;
    return amount_cents >= TOP_UP_LEAST_CENTS && amount_cents <= TOP_UP_MOST_CENTS
      ? { amount_cents, pack: null }
      : { ok: false, code: 'amount_out_of_limits' };
  }

  /** Our record of it, made once for each key of a person's. */
  async function record(
    person_id: string,
    key: string,
    asked: { way: Payment['way']; return_path: string; payment_method_id: string | null },
    wanted: Wanted,
  ): Promise<{ ok: true; payment: Payment } | Refusal> {
    const request_hash = createHash('sha256')
      .update(JSON.stringify([asked.way, asked.return_path, asked.payment_method_id, wanted]))
      .digest('hex');
    const find = async () => {
      const { rows } = await pool.query<Payment>(
        'select * from commerce_payment where person_id = $1 and idempotency_key = $2',
        [person_id, key],
      );
      return rows[0];
    };
    const same = (payment: Payment): { ok: true; payment: Payment } | Refusal =>
      payment.request_hash === request_hash ? { ok: true, payment } : { ok: false, code: 'key_reused' };
    const known = await find();
    // What a pack costs may have changed since; the answer to the same key may not.
    if (known) return same(known);
    const amount = await amountOf(wanted);
    if ('ok' in amount) return amount;
    await pool.query(
      `insert into commerce_payment
         (id, person_id, way, amount_cents, pack, return_path, idempotency_key, request_hash, payment_method_id, settle_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9,
         case when $3 = 'saved_card' then now() + make_interval(secs => $10) end)
       on conflict (person_id, idempotency_key) do nothing`,
      [
        `topup_${randomUUID().replaceAll('-', '')}`,
        person_id,
        asked.way,
        amount.amount_cents,
        amount.pack,
        asked.return_path,
        key,
        request_hash,
        asked.payment_method_id,
        RECOVER_AFTER_S,
      ],
    );
    const made = await find();
    if (!made) throw new Error('A payment was recorded and is not there.');
    return same(made);
  }

  const customerOf = (person_id: string) => createStore(pool).stripeCustomer(person_id);

  async function ensureCustomer(person_id: string): Promise<string> {
    const known = await customerOf(person_id);
    if (known) return known;
    return withCustomerLock(pool, person_id, async (db) => {
      const meanwhile = await createStore(db).stripeCustomer(person_id);
      if (meanwhile) return meanwhile;
      const { rows } = await db.query<{ email: string | null; display_name: string }>(
        `select case when email_verified then email end as email, display_name from commerce_person where person_id = $1`,
        [person_id],
      );
      const { email, display_name } = rows[0] ?? {};
      const about = { ...(email ? { email } : {}), ...(display_name ? { name: display_name } : {}) };
      const digest = createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 16);
      const made = await stripe.customers.create(
        { ...about, metadata: { person_id } },
        { idempotencyKey: `customer:${person_id}:${digest}` },
      );
      await db.query(
        'insert into commerce_stripe_customer (person_id, stripe_customer_id) values ($1, $2) on conflict do nothing',
        [person_id, made.id],
      );
      return made.id;
    });
  }

  async function beginOnPage(payment: Payment): Promise<Payment> {
    // Before the lock, which holds a connection: whoever holds one waits for no other.
    const customer = await ensureCustomer(payment.person_id);
    return withPaymentLock(pool, payment.id, async (db) => {
      const store = createStore(db);
      const now = (await store.payment(payment.id)) ?? payment;
      if (now.state !== 'new') return now;
      const cart_id = await orders.openCart(now);
      const back = `${siteUrl}${now.return_path}?top_up=${now.id}`;
      const begun = await orders.startPayment(cart_id, now, {
        reference: now.id,
        title: titleOf(now),
        customer,
        success_url: back,
        cancel_url: `${back}&cancelled=1`,
      });
      if (!begun) throw new Error(`Stripe gave no page for ${now.id}.`);
      await store.change(now.id, {
        cart_id,
        checkout_session_id: begun.checkout_session,
        checkout_url: begun.checkout_url,
        state: 'open',
      });
      return (await store.payment(now.id)) ?? now;
    });
  }

  /** Charges the saved card, once. The bank's no is kept with the record. */
  async function charge(payment: Payment, customer: string): Promise<Payment> {
    return withPaymentLock(pool, payment.id, async (db) => {
      const store = createStore(db);
      const now = (await store.payment(payment.id)) ?? payment;
      if (now.state !== 'new') return now;
      try {
        const intent = await stripe.paymentIntents.create(
          {
            amount: now.amount_cents,
            currency: TOP_UP_CURRENCY,
            customer,
            payment_method: now.payment_method_id ?? '',
            off_session: true,
            confirm: true,
            description: titleOf(now),
            metadata: { [PAYMENT_KEY]: now.id },
          },
          { idempotencyKey: `one-tap:${now.id}` },
        );
        await store.change(now.id, { payment_intent_id: intent.id, state: 'processing' });
      } catch (error) {
        if (!isRefusal(error)) throw error;
        const card = error instanceof Stripe.errors.StripeCardError ? error : undefined;
        await store.change(now.id, {
          payment_intent_id: card?.payment_intent?.id ?? null,
          failure_code: card?.decline_code ?? error.code ?? 'card_declined',
          failure_message: error.message,
          state: 'failed',
        });
        await db.query('update commerce_payment set settle_at = null where id = $1', [now.id]);
      }
      return (await store.payment(now.id)) ?? now;
    });
  }

  /** The wallet is told of it at once; when that can't be, the sweeper does it soon. */
  async function settled(payment: Payment): Promise<Payment> {
    if (payment.state === 'new') return payment;
    return settle()
      .settle(payment.id)
      .catch(() => payment);
  }

  return {
    async options() {
      return {
        currency: TOP_UP_CURRENCY,
        least_cents: TOP_UP_LEAST_CENTS,
        most_cents: TOP_UP_MOST_CENTS,
        packs: await packs(await container),
      };
    },

    async isKnown(person_id, key) {
      const { rows } = await pool.query(
        'select from commerce_payment where person_id = $1 and idempotency_key = $2',
        [person_id, key],
      );
      return rows.length > 0;
    },

    async start(person_id, key, wanted, return_path) {
      const asked = { way: 'checkout', return_path, payment_method_id: null } as const;
      const recorded = await record(person_id, key, asked, wanted);
      if (!recorded.ok) return recorded;
      const made = recorded.payment.state === 'new';
      const payment = made ? await beginOnPage(recorded.payment) : recorded.payment;
      return { ok: true, top_up: toTopUp(payment), made };
    },

    async oneTap(person_id, key, wanted, card_id) {
      const asked = { way: 'saved_card', return_path: '/wallet', payment_method_id: card_id } as const;
      const customer = await customerOf(person_id);
      const theirs = customer === undefined ? [] : await cardsOf(customer);
      if (!customer || !theirs.some((one) => one.id === card_id)) {
        if (!(await this.isKnown(person_id, key))) return { ok: false, code: 'unknown_card' };
      }
      const recorded = await record(person_id, key, asked, wanted);
      if (!recorded.ok) return recorded;
      const made = recorded.payment.state === 'new';
      let payment = made && customer ? await charge(recorded.payment, customer) : recorded.payment;
      if (payment.state === 'failed') {
        const code =
          payment.failure_code === 'authentication_required' ? 'card_needs_confirmation' : 'card_declined';
        return { ok: false, code, detail: payment.failure_message ?? 'The card was declined.' };
      }
      payment = await settled(payment);
      return { ok: true, top_up: toTopUp(payment), made };
    },

    async chargeRecorded(payment) {
      const customer = await customerOf(payment.person_id);
      if (!customer) throw new Error(`The person of ${payment.id} has no cards.`);
      const charged = await charge(payment, customer);
      return charged.state === 'failed' ? charged : settled(charged);
    },

    async look(person_id, id) {
      const { rows } = await pool.query<Payment>(
        `select * from commerce_payment where id = $1 and person_id = $2 and purpose = 'top_up' and state <> 'new'`,
        [id, person_id],
      );
      const [known] = rows;
      if (!known) return undefined;
      return toTopUp(
        await settle()
          .settle(id)
          .catch(async () => (await createStore(pool).payment(id)) ?? known),
      );
    },

    async list(person_id, { limit, before }) {
      const { rows } = await pool.query<Payment>(
        `select * from commerce_payment where person_id = $1 and purpose = 'top_up' and state <> 'new'
           and ($2::text is null
             or (created_at, id) < (select created_at, id from commerce_payment where id = $2 and person_id = $1))
         order by created_at desc, id desc limit $3`,
        [person_id, before ?? null, limit + 1],
      );
      const shown = rows.slice(0, limit);
      return {
        top_ups: shown.map(toTopUp),
        next_before: rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
      };
    },

    customer: ensureCustomer,

    async cards(person_id) {
      const customer = await customerOf(person_id);
      return customer === undefined ? [] : cardsOf(customer);
    },

    async keepCard(person_id) {
      const { url } = await stripe.checkout.sessions.create({
        mode: 'setup',
        ui_mode: 'hosted_page',
        customer: await ensureCustomer(person_id),
        currency: TOP_UP_CURRENCY,
        allowed_payment_method_types: ['card'],
        // They have consented to it on our page; Stripe would offer it on later pages in part only.
        payment_method_data: { allow_redisplay: 'always' },
        success_url: `${siteUrl}/wallet?card=kept`,
        cancel_url: `${siteUrl}/wallet`,
      } as Stripe.Checkout.SessionCreateParams);
      if (!url) throw new Error('Stripe gave no page to keep a card on.');
      return { url };
    },

    async forgetCard(person_id, card_id) {
      const customer = await customerOf(person_id);
      const theirs = customer === undefined ? [] : await cardsOf(customer);
      if (!theirs.some((one) => one.id === card_id)) return;
      // First, so that nothing is charged by itself on a card that its owner has taken away.
      await pool.query(
        `update commerce_automatic_top_up set is_on = false, off_reason = 'card_gone' where person_id = $1 and card_id = $2 and is_on`,
        [person_id, card_id],
      );
      await stripe.paymentMethods.detach(card_id);
    },

    async recover(store, payment) {
      // Nobody was given the address of a page that was not opened to its end; the same key goes on with it.
      if (payment.way !== 'saved_card') return;
      const customer = await store.stripeCustomer(payment.person_id);
      const since = Math.floor(payment.created_at.getTime() / 1_000) - 5;
      if (customer) {
        const made = stripe.paymentIntents.list({ customer, created: { gte: since }, limit: 100 });
        for await (const intent of made) {
          if (intent.metadata[PAYMENT_KEY] !== payment.id) continue;
          return store.change(payment.id, { payment_intent_id: intent.id, state: 'processing' });
        }
      }
      await store.change(payment.id, {
        state: 'failed',
        failure_code: NOT_CHARGED,
        failure_message: 'The card was not asked. Nothing was charged.',
      });
    },
  };

  async function cardsOf(customer: string): Promise<Card[]> {
    const { data } = await stripe.paymentMethods.list({
      customer,
      type: 'card',
      allow_redisplay: 'always',
      limit: 100,
    } as Stripe.PaymentMethodListParams);
    return data.flatMap(({ id, card }) =>
      card
        ? [{ id, brand: card.brand, last4: card.last4, exp_month: card.exp_month, exp_year: card.exp_year }]
        : [],
    );
  }
}

function titleOf({ amount_cents }: Payment): string {
  return `SoulSeer wallet: $${(amount_cents / 100).toFixed(2)}`;
}

function toTopUp(payment: Payment): TopUp {
  const { state, card_brand, card_last4, failure_code, failure_message } = payment;
  return {
    id: payment.id,
    // One that is new is being begun by another request of the same key.
    state: state === 'new' ? 'processing' : state,
    amount_cents: payment.amount_cents,
    credited_cents: payment.credited_cents,
    refunded_cents: payment.refunded_cents,
    created_at_ms: payment.created_at.getTime(),
    checkout_url: state === 'open' ? payment.checkout_url : null,
    card: card_brand && card_last4 ? { brand: card_brand, last4: card_last4 } : null,
    failure: failure_code ? { code: failure_code, message: failure_message ?? '' } : null,
  };
}
