/**
 * Stripe's events: each is one row before it is acknowledged, and worked at until it is done. An event says only that
 * something has changed; what, is asked of Stripe (settle.ts), so their order and number don't matter.
 */

import type { Pool } from 'pg';
import type Stripe from 'stripe';
import { z } from 'zod';
import type { Log } from '../log';
import type { Jobs } from './jobs';
import { messageOf, type Settle } from './settle';

/** Tries over some three hours before staff have to look. */
const MOST_ATTEMPTS = 20;
const MOST_RETRY_S = 600;
/** How long a try may take before another node begins one, in seconds. */
const LEASE_S = 120;

/** What is shown of an event to staff. */
export interface InboxEvent {
  id: string;
  type: string;
  state: 'waiting' | 'done' | 'dead';
  attempts: number;
  last_error: string | null;
  received_at: Date;
}

export interface Inbox {
  /** Keeps an event that is proven to be Stripe's, once. */
  take(event: Stripe.Event): Promise<void>;
  /** Works at one event if it is due. Never throws: what fails is tried again. */
  work(id: string): Promise<void>;
  /** Works at what is due and no job has woken us for. */
  sweep(): Promise<number>;
  list(state: InboxEvent['state']): Promise<InboxEvent[]>;
  /** Lets a dead event be tried again. @returns whether there was one */
  retry(id: string): Promise<boolean>;
}

const paymentOf = z.object({ payment_intent: z.union([z.string(), z.object({ id: z.string() })]).nullish() });

export function createInbox({
  pool,
  settle,
  jobs,
  log,
}: {
  pool: Pool;
  settle: Pick<Settle, 'settlePayment' | 'settleCheckout'>;
  /** There once they are started. */
  jobs: () => Pick<Jobs, 'wake'>;
  log: Log;
}): Inbox {
  async function handle(event: Stripe.Event): Promise<void> {
    const { type } = event;
    const object = event.data.object as { id?: string };
    if (type.startsWith('checkout.session.')) {
      if (object.id) await settle.settleCheckout(object.id);
      return;
    }
    if (type.startsWith('payment_intent.')) {
      if (object.id) await settle.settlePayment(object.id);
      return;
    }
    if (!/^(charge|refund)\./.test(type)) return;
    const { payment_intent } = paymentOf.parse(object);
    const id = typeof payment_intent === 'string' ? payment_intent : payment_intent?.id;
    if (id) await settle.settlePayment(id);
  }

  async function work(id: string): Promise<void> {
    const { rows } = await pool.query<{ body: Stripe.Event; attempts: number }>(
      `update commerce_stripe_event set attempts = attempts + 1, due_at = now() + make_interval(secs => $2)
       where id = $1 and state = 'waiting' and due_at <= now() returning body, attempts`,
      [id, LEASE_S],
    );
    const [claimed] = rows;
    if (!claimed) return;
    try {
      await handle(claimed.body);
      await pool.query(
        `update commerce_stripe_event set state = 'done', done_at = now(), last_error = null where id = $1`,
        [id],
      );
    } catch (error) {
      const { attempts } = claimed;
      const dead = attempts >= MOST_ATTEMPTS;
      const wait_s = Math.min(2 ** (attempts - 1), MOST_RETRY_S);
      await pool.query(
        `update commerce_stripe_event set state = $2, last_error = $3, due_at = now() + make_interval(secs => $4)
         where id = $1`,
        [id, dead ? 'dead' : 'waiting', messageOf(error), wait_s],
      );
      log[dead ? 'error' : 'warn']('an event of Stripe’s could not be worked at', {
        event_id: id,
        attempts,
        error: messageOf(error),
      });
      if (!dead) jobs().wake(id, wait_s * 1_000);
    }
  }

  return {
    async take(event) {
      const { rowCount } = await pool.query(
        `insert into commerce_stripe_event (id, type, body) values ($1, $2, $3) on conflict (id) do nothing`,
        [event.id, event.type, JSON.stringify(event)],
      );
      if (rowCount) jobs().wake(event.id);
    },
    work,
    async sweep() {
      const { rows } = await pool.query<{ id: string }>(
        `select id from commerce_stripe_event where state = 'waiting' and due_at <= now() order by due_at limit 50`,
      );
      for (const { id } of rows) await work(id);
      return rows.length;
    },
    async list(state) {
      const { rows } = await pool.query<InboxEvent>(
        `select id, type, state, attempts, last_error, received_at from commerce_stripe_event
         where state = $1 order by received_at desc limit 200`,
        [state],
      );
      return rows;
    },
    async retry(id) {
      const { rowCount } = await pool.query(
        `update commerce_stripe_event set state = 'waiting', attempts = 0, due_at = now() where id = $1 and state = 'dead'`,
        [id],
      );
      if (rowCount) jobs().wake(id);
      return rowCount === 1;
    },
  };
}
