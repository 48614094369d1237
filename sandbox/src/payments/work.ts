/** One request's work: the transaction, the time, who asked; and the objects that it reads, locks and writes. */

import type pg from 'pg';
import { missing } from './errors.ts';
import type { Kind, Kinds } from './types.ts';

export interface Work {
  db: pg.PoolClient;
  /** Seconds since 1970, the same all through the request. */
  now: number;
  /** What an event says of its cause: nothing for what people do on pages here. */
  request: { id: string | null; idempotency_key: string | null };
  settings: Settings;
}

export interface Settings {
  /** Public origin of this service. */
  origin: string;
  endpoints: Endpoint[];
  /** How long the world takes for what it does by itself, in milliseconds. */
  laterMs: number;
}

/** A webhook endpoint; its address is its name. */
export interface Endpoint {
  url: string;
  secret: string;
  /** Types of events it is sent; all when left out. */
  events?: string[] | undefined;
}

export interface Stored<K extends Kind> {
  id: string;
  body: Kinds[K]['body'];
  hidden: Kinds[K]['hidden'];
}

/** What Stripe calls the kinds in messages. */
const NAMES: Record<Kind, string> = {
  customer: 'customer',
  payment_method: 'PaymentMethod',
  payment_intent: 'payment_intent',
  setup_intent: 'setupintent',
  charge: 'charge',
  refund: 'refund',
  dispute: 'dispute',
  session: 'checkout.session',
};

export async function find<K extends Kind>(
  { db }: Pick<Work, 'db'>,
  kind: K,
  id: string,
  lock = false,
): Promise<Stored<K> | undefined> {
  const { rows } = await db.query<Stored<K>>(
    `SELECT id, body, hidden FROM payments.objects WHERE id = $1 AND kind = $2 AND NOT deleted ${lock ? 'FOR UPDATE' : ''}`,
    [id, kind],
  );
  return rows[0];
}

/** As `find`, or throws `resource_missing`: 404 for the path's own object, 400 with the parameter's name for others. */
export async function get<K extends Kind>(
  work: Pick<Work, 'db'>,
  kind: K,
  id: string,
  { param, lock = false }: { param?: string; lock?: boolean } = {},
): Promise<Stored<K>> {
  const found = await find(work, kind, id, lock);
  if (!found) throw missing(NAMES[kind], id, param ?? PATH_PARAMS[kind], param ? 400 : 404);
  return found;
}

/** The parameter that Stripe names when the path leads nowhere. */
const PATH_PARAMS: Record<Kind, string> = {
  customer: 'id',
  payment_method: 'payment_method',
  payment_intent: 'intent',
  setup_intent: 'intent',
  charge: 'id',
  refund: 'id',
  dispute: 'id',
  session: 'session',
};

export async function insert<K extends Kind>(
  { db, now }: Work,
  kind: K,
  body: Kinds[K]['body'],
  hidden: Kinds[K]['hidden'],
): Promise<Stored<K>> {
  await db.query(
    'INSERT INTO payments.objects (id, kind, created, body, hidden) VALUES ($1, $2, $3, $4, $5)',
    [body.id, kind, now, JSON.stringify(body), JSON.stringify(hidden)],
  );
  return { id: body.id, body, hidden };
}

/** Writes an object back that this transaction has locked. */
export async function save<K extends Kind>({ db }: Work, { id, body, hidden }: Stored<K>): Promise<void> {
  await db.query('UPDATE payments.objects SET body = $2, hidden = $3 WHERE id = $1', [
    id,
    JSON.stringify(body),
    JSON.stringify(hidden),
  ]);
}

/** Every object of a kind whose `field` is `value`, the newest first. */
export async function findBy<K extends Kind>(
  { db }: Pick<Work, 'db'>,
  kind: K,
  field: 'charge' | 'customer' | 'payment_intent',
  value: string,
): Promise<Stored<K>[]> {
  const { rows } = await db.query<Stored<K>>(
    `SELECT id, body, hidden FROM payments.objects WHERE body ->> '${field}' = $1 AND kind = $2 AND NOT deleted ORDER BY seq DESC`,
    [value, kind],
  );
  return rows;
}
