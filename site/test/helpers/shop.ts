import type { IncomingMessage, ServerResponse } from 'node:http';
import { createGoods, type Goods } from './goods.ts';
import { startUpstream, type Upstream } from './upstream.ts';

// The shop's top-ups as docs/service-calls.md tells them, with people told apart by their customer token.

export interface ShopTopUp {
  id: string;
  owner: string;
  state: 'open' | 'processing' | 'paid' | 'credited' | 'refunded' | 'disputed' | 'expired' | 'failed';
  amount_cents: number;
  credited_cents: number;
  refunded_cents: number;
  created_at_ms: number;
  checkout_url: string | null;
  card: { brand: string; last4: string } | null;
  failure: { code: string; message: string } | null;
}

export interface Shop extends Upstream {
  topUps: Map<string, ShopTopUp>;
  goods: Goods;
  /** What it says instead of what it does. */
  answers: (method: string, path: string) => { status: number; body: unknown } | undefined;
  /** Idempotency keys with what was asked under each. */
  keys: Map<string, { body: string; id: string }>;
  /** What is charged on a kept card says no with this code. */
  declines: string | null;
  cards: { id: string; brand: string; last4: string; exp_month: number; exp_year: number }[];
  automatic: typeof automatic | null;
  /** Customer tokens that are taken no more. */
  stale: Set<string>;
}

const limits = { least_cents: 500, most_cents: 50_000 };
const packs = [
  { id: 'pack-25', title: '$25', amount_cents: 2_500 },
  { id: 'pack-50', title: '$50', amount_cents: 5_000 },
  { id: 'pack-100', title: '$100', amount_cents: 10_000 },
];

const automatic = {
  on: true,
  card_id: 'pm_1',
  card: 'Visa ending in 4242',
  amount_cents: 2_500,
  threshold_cents: 1_000,
  ceiling_cents: 20_000,
  failures: 0,
  off_reason: null as 'failures' | 'card_gone' | null,
  last_failure: null as { code: string; message: string } | null,
  month_cents: 0,
};

export async function startShop(): Promise<Shop> {
  let tokens = 0;
  /** Whose access token a customer token was given for. */
  const owners = new Map<string, string>();

  const upstream = await startUpstream((request, response, body) => serve(request, response, body));
  const shop: Shop = Object.assign(upstream, {
    topUps: new Map<string, ShopTopUp>(),
    goods: createGoods(),
    answers: () => undefined,
    keys: new Map<string, { body: string; id: string }>(),
    declines: null,
    cards: [],
    automatic: null,
    stale: new Set<string>(),
  });

  function serve(request: IncomingMessage, response: ServerResponse, body: string) {
    const method = request.method ?? '';
    const url = new URL(request.url ?? '/', 'http://shop');
    const answer = (status: number, value: unknown) =>
      void response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(status === 204 ? undefined : JSON.stringify(value));
    const refuse = (status: number, code: string, more = {}) => answer(status, { status, code, ...more });
    if (url.pathname === '/ready') return answer(200, { status: 'ready' });
    const other = shop.answers(method, url.pathname);
    if (other) return answer(other.status, other.body);

    const bearer = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    if (url.pathname === '/auth/customer/soulseer') {
      if (!bearer) return refuse(401, 'not_signed_in');
      tokens += 1;
      const token = `customer-${tokens}`;
      owners.set(token, subjectOf(bearer));
      return answer(200, { token });
    }
    const owner = owners.get(bearer);
    if (!bearer || (owner && !shop.stale.has(bearer))) {
      const key = request.headers['idempotency-key'];
      const said = shop.goods.serve(method, url.pathname, body, owner, String(key));
      if (said) return answer(said.status, said.body);
    }
    if (!owner || shop.stale.has(bearer)) return refuse(401, 'not_signed_in');

    const own = [...shop.topUps.values()].filter((one) => one.owner === owner);
    const view = ({ owner: _, ...rest }: ShopTopUp) => rest;
    const asked = `${method} ${url.pathname}`;
    if (asked === 'GET /store/top-ups/options') return answer(200, { currency: 'usd', ...limits, packs });
    if (url.pathname === '/store/automatic-top-up') {
      if (method === 'DELETE') {
        if (shop.automatic) shop.automatic = { ...shop.automatic, on: false };
        return answer(204, null);
      }
      if (method === 'PUT') {
        const {
          consent,
          time_zone: _,
          ...set
        } = JSON.parse(body) as { consent?: boolean; time_zone: string };
        if (consent !== true) return refuse(400, 'invalid_request');
        shop.automatic = { ...automatic, ...set };
      }
      return answer(200, { automatic: shop.automatic });
    }
    if (asked === 'GET /store/cards') return answer(200, { cards: shop.cards });
    if (asked === 'POST /store/cards')
      return (JSON.parse(body) as { consent?: boolean }).consent === true
        ? answer(201, { url: 'https://pay.example.test/c/pay/card_1' })
        : refuse(400, 'invalid_request');
    if (method === 'DELETE' && url.pathname.startsWith('/store/cards/')) {
      shop.cards = shop.cards.filter(({ id }) => !url.pathname.endsWith(`/${id}`));
      return answer(204, null);
    }
    if (method === 'GET' && url.pathname.startsWith('/store/top-ups/')) {
      const found = own.find(({ id }) => url.pathname.endsWith(`/${id}`));
      return found ? answer(200, view(found)) : refuse(404, 'not_found');
    }
    if (method === 'POST' && url.pathname.startsWith('/store/top-ups')) {
      const key = request.headers['idempotency-key'];
      if (typeof key !== 'string' || !/^[A-Za-z0-9_-]{8,100}$/.test(key)) return refuse(400, 'key_missing');
      const kept = shop.keys.get(`${owner} ${key}`);
      if (kept && kept.body !== body) return refuse(409, 'key_reused');
      if (kept) return answer(200, view(shop.topUps.get(kept.id) as ShopTopUp));
      const given = JSON.parse(body) as { amount_cents?: number; pack?: string; card_id?: string };
      const pack = packs.find(({ id }) => id === given.pack);
      if (given.pack && !pack) return refuse(400, 'unknown_pack');
      const amount = pack?.amount_cents ?? given.amount_cents ?? 0;
      if (amount < limits.least_cents || amount > limits.most_cents)
        return refuse(400, 'amount_out_of_limits', limits);
      const oneTap = url.pathname.endsWith('/one-tap');
      const card = shop.cards.find(({ id }) => id === given.card_id);
      if (oneTap && !card) return refuse(404, 'not_found');
      if (oneTap && shop.declines) return refuse(402, shop.declines);
      const id = `topup_${shop.topUps.size + 1}`;
      const made: ShopTopUp = {
        id,
        owner,
        state: oneTap ? 'credited' : 'open',
        amount_cents: amount,
        credited_cents: oneTap ? amount : 0,
        refunded_cents: 0,
        created_at_ms: 1_790_000_000_000,
        checkout_url: oneTap ? null : `http://pay.example.test/c/pay/${id}`,
        card: card ? { brand: card.brand, last4: card.last4 } : null,
        failure: null,
      };
      shop.topUps.set(id, made);
      shop.keys.set(`${owner} ${key}`, { body, id });
      return answer(201, view(made));
    }
    return refuse(404, 'not_found');
  }

  return shop;
}

/** Who an access token of the sandbox's issuer is about. */
function subjectOf(token: string): string {
  const payload = token.split('.')[1] ?? '';
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub;
}
