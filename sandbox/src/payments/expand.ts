/** `expand[]`: ids replaced by the objects that they name, and lists shown that are left out otherwise. */

import { badParameter } from './errors.ts';
import type { Kind, Kinds } from './types.ts';
import { findBy, type Work } from './work.ts';

const DEEPEST = 4;

/** Which attributes hold the id of what. */
const IDS: Record<string, Record<string, Kind>> = {
  charge: { customer: 'customer', payment_intent: 'payment_intent' },
  'checkout.session': {
    customer: 'customer',
    payment_intent: 'payment_intent',
    setup_intent: 'setup_intent',
  },
  dispute: { charge: 'charge', payment_intent: 'payment_intent' },
  payment_intent: { customer: 'customer', latest_charge: 'charge', payment_method: 'payment_method' },
  payment_method: { customer: 'customer' },
  refund: {
    charge: 'charge',
    customer: 'customer',
    payment_intent: 'payment_intent',
    payment_method: 'payment_method',
  },
  setup_intent: { customer: 'customer', payment_method: 'payment_method' },
};
/** Expandable at Stripe, and always null here. */
const ALWAYS_NULL = new Set([
  'application',
  'balance_transaction',
  'failure_balance_transaction',
  'invoice',
  'latest_attempt',
  'mandate',
  'on_behalf_of',
  'review',
  'subscription',
  'transfer',
]);

type Shown = Record<string, unknown>;

/** Expands `answer` in place along each path, such as `data.payment_intent.latest_charge`. */
export async function expand(work: Pick<Work, 'db'>, answer: unknown, paths: string[]): Promise<void> {
  for (const path of paths) {
    const names = path.split('.');
    if (names.length > DEEPEST + 1) {
      throw badParameter(`You cannot expand more than ${DEEPEST} levels of a property (${path}).`, 'expand');
    }
    await walk(work, isShown(answer) ? [answer] : [], names, path);
  }
}

function isShown(value: unknown): value is Shown {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function walk(work: Pick<Work, 'db'>, from: Shown[], names: string[], path: string): Promise<void> {
  const [name, ...rest] = names;
  if (name === undefined || from.length === 0) return;
  const [first] = from;
  if (first?.object === 'list' && name === 'data') {
    return walk(
      work,
      from.flatMap(({ data }) => (Array.isArray(data) ? data.filter(isShown) : [])),
      rest,
      path,
    );
  }
  const kind = String(first?.object);
  if (kind === 'charge' && name === 'refunds') {
    for (const charge of from) charge.refunds = await refundsOf(work, String(charge.id));
  } else if (kind === 'checkout.session' && name === 'line_items') {
    for (const session of from) session.line_items = await lineItemsOf(work, String(session.id));
  } else if (IDS[kind]?.[name]) {
    await fill(work, from, name);
  } else if (!ALWAYS_NULL.has(name)) {
    throw badParameter(`This property cannot be expanded (${path}).`, 'expand');
  }
  return walk(work, from.map((object) => object[name]).filter(isShown), rest, path);
}

async function fill({ db }: Pick<Work, 'db'>, from: Shown[], name: string): Promise<void> {
  const ids = [...new Set(from.map((object) => object[name]).filter((id) => typeof id === 'string'))];
  if (ids.length === 0) return;
  const { rows } = await db.query<{ id: string; kind: Kind; deleted: boolean; body: Kinds[Kind]['body'] }>(
    'SELECT id, kind, deleted, body FROM payments.objects WHERE id = ANY($1)',
    [ids],
  );
  const found = new Map(
    rows.map(({ id, kind, deleted, body }) => [id, deleted ? { id, object: kind, deleted } : body]),
  );
  for (const object of from) {
    const id = object[name];
    // A copy for each: further paths may be expanded in one and not in the other.
    if (typeof id === 'string' && found.has(id)) object[name] = { ...found.get(id) };
  }
}

async function refundsOf(work: Pick<Work, 'db'>, charge: string): Promise<Shown> {
  const refunds = (await findBy(work, 'refund', 'charge', charge)).map(({ body }) => body);
  return {
    object: 'list',
    data: refunds.slice(0, 10),
    has_more: refunds.length > 10,
    url: `/v1/charges/${charge}/refunds`,
  };
}

async function lineItemsOf({ db }: Pick<Work, 'db'>, session: string): Promise<Shown> {
  const { rows } = await db.query<{ items: unknown[] }>(
    `SELECT hidden -> 'line_items' AS items FROM payments.objects WHERE id = $1 AND kind = 'session'`,
    [session],
  );
  const items = rows[0]?.items ?? [];
  return {
    object: 'list',
    data: items.slice(0, 10),
    has_more: items.length > 10,
    url: `/v1/checkout/sessions/${session}/line_items`,
  };
}
