/**
 * What tests do to the sandbox, over HTTP with the secret key: what happens at Stripe's side without a call of ours
 * (refunds from the dashboard, disputes), and what becomes of deliveries.
 */

import { z } from 'zod';
import { finishChallenge } from './challenges.ts';
import { submitSession } from './checkout.ts';
import type { Attempt, Deliverer } from './deliveries.ts';
import * as disputes from './disputes.ts';
import { badParameter, missing } from './errors.ts';
import { email, flag, integer, list, page, text } from './params.ts';
import * as refunds from './refunds.ts';
import { type Route, route } from './routes.ts';
import type { Work } from './work.ts';

/** What people and tests cause has no request of the API behind it. */
export function fromOutside(work: Work): Work {
  return { ...work, request: { id: null, idempotency_key: null } };
}

export interface Switches {
  /** New deliveries wait until they are released. */
  hold: boolean;
  /** New deliveries are sent so much later, in milliseconds. */
  delay_ms: number;
  /** Each new event is sent so many times. */
  copies: number;
}

export async function readSwitches({ db }: Pick<Work, 'db'>): Promise<Switches> {
  const { rows } = await db.query<Switches>('SELECT hold, delay_ms, copies FROM payments.switches');
  if (!rows[0]) throw new Error('the switches are gone');
  return rows[0];
}

export async function setSwitches(work: Pick<Work, 'db'>, change: Partial<Switches>): Promise<Switches> {
  const { hold, delay_ms, copies } = { ...(await readSwitches(work)), ...change };
  await work.db.query('UPDATE payments.switches SET hold = $1, delay_ms = $2, copies = $3', [
    hold,
    delay_ms,
    copies,
  ]);
  return { hold, delay_ms, copies };
}

export const ORDERS = ['as_made', 'reversed', 'shuffled'] as const;
export type Order = (typeof ORDERS)[number];

/** The ids of held deliveries in the order to send them; a `seed` shuffles the same way each time. */
export async function heldInOrder(
  { db }: Pick<Work, 'db'>,
  order: Order,
  seed: number,
  only?: string[],
): Promise<string[]> {
  const { rows } = await db.query<{ id: string; event_id: string }>(
    'SELECT id, event_id FROM payments.deliveries WHERE held AND delivered_at IS NULL ORDER BY id',
  );
  if (only) {
    // An event named twice is sent once: there is one delivery of it.
    return only.flatMap((event) => rows.filter((row) => row.event_id === event).map(({ id }) => id));
  }
  const ids = rows.map(({ id }) => id);
  if (order === 'reversed') return ids.reverse();
  return order === 'shuffled' ? shuffle(ids, seed) : ids;
}

function shuffle<Item>(items: Item[], seed: number): Item[] {
  let state = seed >>> 0;
  // mulberry32: small, and the same everywhere.
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const mixed = [...items];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    const [one, two] = [mixed[at], mixed[other]];
    if (one !== undefined && two !== undefined) [mixed[at], mixed[other]] = [two, one];
  }
  return mixed;
}

/** Puts an event down to be sent again, `times` times, whether it was taken before or not. */
export async function resend(
  { db, settings }: Work,
  event: string,
  { times = 1, delay_ms = 0, endpoint }: { times?: number; delay_ms?: number; endpoint?: string | undefined },
): Promise<{ event: string; deliveries: number }> {
  const urls = settings.endpoints.map(({ url }) => url);
  if (endpoint && !urls.includes(endpoint)) throw badParameter('No such endpoint.', 'endpoint');
  const { rowCount } = await db.query('SELECT 1 FROM payments.events WHERE id = $1', [event]);
  if (!rowCount) throw missing('event', event, 'id', 404);
  const { rowCount: deliveries } = await db.query(
    `INSERT INTO payments.deliveries (event_id, endpoint, next_at)
     SELECT $1, endpoint, now() + make_interval(secs => $3)
     FROM unnest($2::text[]) AS endpoint, generate_series(1, $4)`,
    [event, endpoint ? [endpoint] : urls, delay_ms / 1_000, times],
  );
  return { event, deliveries: deliveries ?? 0 };
}

const count = integer.refine((value) => value >= 1 && value <= 10, {
  error: 'This value must be from 1 to 10',
});
const delay = integer.refine((value) => value >= 0 && value <= 3_600_000, {
  error: 'This value must be from 0 to 3600000',
});

export function controlRoutes(deliverer: Pick<Deliverer, 'release'>): Route[] {
  return [
    route('GET', '/sandbox/switches', z.strictObject({}), readSwitches),
    route(
      'POST',
      '/sandbox/switches',
      z.strictObject({ hold: flag.optional(), delay_ms: delay.optional(), copies: count.optional() }),
      (work, params) =>
        setSwitches(
          work,
          Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)),
        ),
    ),
    route(
      'GET',
      '/sandbox/deliveries',
      z.strictObject({
        event: text.optional(),
        state: z.enum(['delivered', 'held', 'pending']).optional(),
        limit: page.limit,
      }),
      async ({ db }, { event, state, limit }) => {
        const { rows } = await db.query(
          `SELECT delivery.id::int, event_id AS event, event.type, endpoint, attempts, last_status, last_error,
             CASE WHEN delivered_at IS NOT NULL THEN 'delivered' WHEN held THEN 'held' ELSE 'pending' END AS state
           FROM payments.deliveries AS delivery JOIN payments.events AS event ON event.id = event_id
           WHERE ($1::text IS NULL OR event_id = $1)
             AND ($2::text IS NULL
               OR $2 = CASE WHEN delivered_at IS NOT NULL THEN 'delivered' WHEN held THEN 'held' ELSE 'pending' END)
           ORDER BY delivery.id DESC LIMIT $3`,
          [event ?? null, state ?? null, limit ?? 100],
        );
        return { object: 'list', data: rows, has_more: false, url: '/sandbox/deliveries' };
      },
    ),
    route(
      'POST',
      '/sandbox/deliveries/release',
      z.strictObject({
        order: z.enum(ORDERS).default('as_made'),
        seed: integer.optional(),
        events: list(text).optional(),
      }),
      async (work, { order, seed, events }): Promise<{ object: 'list'; data: Attempt[] }> => {
        const ids = await heldInOrder(work, order, seed ?? 1, events);
        return { object: 'list', data: await deliverer.release(ids) };
      },
    ),
    route(
      'POST',
      '/sandbox/events/:id/resend',
      z.strictObject({ times: count.optional(), delay_ms: delay.optional(), endpoint: text.optional() }),
      (work, { times, delay_ms, endpoint }, [id]) =>
        resend(work, id, {
          ...(times === undefined ? {} : { times }),
          ...(delay_ms === undefined ? {} : { delay_ms }),
          endpoint,
        }),
    ),
    // As a person on the hosted page: the same functions, without the page.
    route(
      'POST',
      '/sandbox/checkout/sessions/:id/pay',
      z.strictObject({
        card: z.union([
          z.strictObject({ saved: text }),
          z.strictObject({ number: text, exp_month: integer, exp_year: integer, cvc: text }),
        ]),
        email: email.optional(),
        name: text.optional(),
        save: flag.default(false),
        challenge: z.enum(['fail', 'pass']).optional(),
      }),
      async (work, { card, email, name, save, challenge }, [id]) => {
        const outcome = await submitSession(fromOutside(work), id, {
          card,
          email: email ?? null,
          name: name ?? null,
          save,
        });
        if (!('challenge' in outcome) || challenge === undefined) return outcome;
        const url = new URL(outcome.challenge);
        return finishChallenge(
          fromOutside(work),
          url.pathname.split('/').at(-1) ?? '',
          url.searchParams.get('token') ?? '',
          challenge === 'pass',
        );
      },
    ),
    route('POST', '/sandbox/refunds', refunds.createParams, (work, params) =>
      refunds.createRefund(fromOutside(work), params),
    ),
    route(
      'POST',
      '/sandbox/refunds/:id/fail',
      z.strictObject({ reason: z.enum(refunds.FAILURE_REASONS).default('unknown') }),
      (work, { reason }, [id]) => refunds.failRefund(fromOutside(work), id, reason),
    ),
    route('POST', '/sandbox/disputes', disputes.openParams, (work, params) =>
      disputes.openDispute(fromOutside(work), params),
    ),
    route(
      'POST',
      '/sandbox/disputes/:id/decide',
      z.strictObject({ outcome: z.enum(['lost', 'won']) }),
      (work, { outcome }, [id]) => disputes.decideDispute(fromOutside(work), id, outcome),
    ),
  ];
}
