/** Events: written with what they tell of, in the same transaction, and put down for each endpoint that wants them. */

import { newId } from './ids.ts';
import type { Event, EventType } from './types.ts';
import type { Work } from './work.ts';

/** The version of the API that everything here is in; the SDK of the tests pins the same. */
export const API_VERSION = '2026-10-28.endive';

/** `before` holds those attributes that were otherwise: Stripe tells them with `*.updated` and the like. */
export async function record(
  { db, now, request, settings }: Work,
  type: EventType,
  object: { id: string },
  before?: Record<string, unknown>,
): Promise<void> {
  const endpoints = settings.endpoints.filter(({ events }) => !events || events.includes(type));
  const event: Event = {
    id: newId('evt'),
    object: 'event',
    api_version: API_VERSION,
    created: now,
    data: { object, ...(before ? { previous_attributes: before } : {}) },
    livemode: false,
    pending_webhooks: endpoints.length,
    request,
    type,
  };
  await db.query('INSERT INTO payments.events (id, type, created, body) VALUES ($1, $2, $3, $4)', [
    event.id,
    type,
    now,
    JSON.stringify(event),
  ]);
  if (endpoints.length === 0) return;
  await db.query(
    `INSERT INTO payments.deliveries (event_id, endpoint, held, next_at)
     SELECT $1, endpoint, hold, now() + make_interval(secs => delay_ms / 1000.0)
     FROM payments.switches, unnest($2::text[]) AS endpoint, generate_series(1, copies)`,
    [event.id, endpoints.map(({ url }) => url)],
  );
}

/** The attributes of `before` that are otherwise in `after`. */
export function changes(before: object, after: object): Record<string, unknown> {
  const now = after as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(before).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(now[name])),
  );
}
