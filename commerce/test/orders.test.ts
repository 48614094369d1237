import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { DEEP } from './support/depth';
import { openPaidShop, type PaidShop, sessionOf } from './support/payments';
import { openStorage, type Storage } from './support/programs';
import { openRealtime, type Realtime } from './support/realtime';

/** P1, P2: goods out of carts, paid by card or wallet, with realtime's own ledger and the payments sandbox. */

const pictures = { 'moon.avif': Buffer.from('moon') };
const picture = [{ file: 'moon.avif', alt: 'A moon' }];
const product = (handle: string, price_cents: number, stock: number | null) => ({
  handle,
  title: handle,
  subtitle: '',
  description: 'A thing.',
  kind: stock === null ? 'digital' : 'physical',
  categories: ['things'],
  price_cents,
  pictures: picture,
  weight_grams: stock === null ? null : 100,
  stock,
  reader_slug: null,
});
const world = {
  categories: [{ slug: 'things', name: 'Things', description: '' }],
  products: [
    product('moon-guide', 1_999, null),
    product('sun-guide', 2_001, null),
    product('river-tarot', 3_450, 50),
    product('last-candle', 1_200, 1),
  ],
};
const ADDRESS = {
  name: 'Nora Bellweather',
  address_1: '12 Quay Street',
  city: 'Galway',
  postal_code: 'H91',
  country_code: 'ie',
};
const SHIPPING = 695;

let paid: PaidShop;
let realtime: Realtime;
let storage: Storage;
let staff: Awaited<ReturnType<PaidShop['staff']>>;
let variants: Record<string, string>;
let products: Record<string, string>;

type Somebody = Awaited<ReturnType<PaidShop['somebody']>>;
interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many forms, asked for by path.
  body: any;
}
interface Cart {
  id: string;
  total_cents: number;
}

const said = async (answer: Promise<Response>): Promise<Answer> => {
  const { status, ...rest } = await answer.then(async (it) => ({ status: it.status, text: await it.text() }));
  return { status, body: rest.text ? JSON.parse(rest.text) : undefined };
};
const asGuest = (method: string, path: string, body?: object) =>
  said(
    fetch(`${paid.shop.origin}/store/shop${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    }),
  );
const as = (person: Somebody, method: string, path: string, body?: object, key?: string) =>
  said(person.call(method, `/store/shop${path}`, body, key ? { 'idempotency-key': key } : {}));

/** A cart with one of each, and where it goes. */
async function filled(person: Somebody, handles: string[]): Promise<Cart> {
  let cart: Answer | undefined;
  for (const handle of handles) {
    const item = { variant_id: variants[handle], quantity: 1 };
    cart = await (cart
      ? as(person, 'POST', `/carts/${cart.body.id}/items`, item)
      : as(person, 'POST', '/carts', item));
    expect(cart.status, JSON.stringify(cart.body)).toBeLessThan(300);
  }
  if (cart?.body.needs_delivery)
    cart = await as(person, 'POST', `/carts/${cart.body.id}/delivery`, { address: ADDRESS });
  expect(cart?.status, JSON.stringify(cart?.body)).toBeLessThan(300);
  return cart?.body;
}
const pay = (
  person: Somebody,
  { id, total_cents }: Cart,
  way: 'card' | 'wallet',
  key = crypto.randomUUID(),
) => as(person, 'POST', `/carts/${id}/pay`, { way, total_cents }, key);
const look = async (person: Somebody, id: string) => (await as(person, 'GET', `/orders/${id}`)).body;
const balance = ({ person_id }: Somebody) => realtime.balance(`wallet:${person_id}`);
const refund = async (id: string, amount?: number, note?: string) => {
  const { medusa_payment_id } = await paid.orderOf(id);
  return staff.call('POST', `/admin/payments/${medusa_payment_id}/refund`, {
    ...(amount ? { amount } : {}),
    ...(note ? { note } : {}),
  });
};
async function rich(cents: number): Promise<Somebody> {
  const person = await paid.somebody();
  await realtime.give(person.person_id, cents);
  return person;
}
/** Paid by card on Stripe's page, and looked at as the page that people come back to does. */
async function bought(person: Somebody, handles: string[], way: 'card' | 'wallet') {
  const begun = await pay(person, await filled(person, handles), way);
  expect(begun.status, JSON.stringify(begun.body)).toBe(201);
  if (way === 'card') await paid.stripe.pay(sessionOf(begun.body.checkout_url));
  const done = await look(person, begun.body.id);
  expect(done, JSON.stringify(done)).toMatchObject({ state: 'paid' });
  return done;
}
async function upload(handle: string, name: string, content: Buffer) {
  return staff.upload(
    `/admin/shop/products/${products[handle]}/files?name=${encodeURIComponent(name)}`,
    content,
  );
}

beforeAll(async () => {
  paid = await openPaidShop(
    async ({ SERVICE_KEY_COMMERCE_TO_REALTIME = '' }) => {
      realtime = await openRealtime(SERVICE_KEY_COMMERCE_TO_REALTIME);
      storage = await openStorage();
      return { REALTIME_URL: realtime.url, ...storage.environment };
    },
    { world, pictures },
  );
  staff = await paid.staff();
  const { body } = await asGuest('GET', '/products');
  const shown = z
    .array(z.object({ id: z.string(), handle: z.string(), variants: z.array(z.object({ id: z.string() })) }))
    .parse(body.products);
  variants = Object.fromEntries(shown.map((it) => [it.handle, it.variants[0]?.id ?? '']));
  products = Object.fromEntries(shown.map((it) => [it.handle, it.id]));
}, 600_000);
afterAll(async () => {
  await paid?.close();
  await realtime?.close();
  await storage?.close();
});

describe('P1 the window and carts', () => {
  test('wallet credit is neither shown nor to be put in a cart', async () => {
    const { body } = await asGuest('GET', '/products');
    expect(body.products.map((it: { handle: string }) => it.handle).sort()).toEqual(
      world.products.map((it) => it.handle).sort(),
    );
    expect(body.products.find((it: { handle: string }) => it.handle === 'last-candle')).toMatchObject({
      kind: 'physical',
      categories: [{ slug: 'things' }],
      variants: [{ price_cents: 1_200, in_stock: 1 }],
    });
    const { rows } = await paid.shop.database.query<{ id: string }>(
      "select id from product_variant where sku like 'CREDIT-%'",
    );
    expect(rows.length).toBeGreaterThan(1);
    for (const { id } of rows)
      expect((await asGuest('POST', '/carts', { variant_id: id, quantity: 1 })).body.code).toBe(
        'unknown_product',
      );
  });

  test('hostile bodies and more than there is are refused, and change nothing', async () => {
    const guest = await asGuest('POST', '/carts', { variant_id: variants['last-candle'], quantity: 1 });
    const { id } = guest.body;
    for (const body of [
      { variant_id: variants['moon-guide'], quantity: -1 },
      { variant_id: variants['moon-guide'], quantity: 1.5 },
      { variant_id: variants['moon-guide'], quantity: 1, unit_price: 0.01 },
      { variant_id: "x' or 1=1", quantity: 1 },
      { variant_id: variants['moon-guide'], quantity: 1, metadata: {} },
      [],
    ])
      expect((await asGuest('POST', `/carts/${id}/items`, body)).status).toBe(400);
    const two = { variant_id: variants['last-candle'], quantity: 1 };
    expect((await asGuest('POST', `/carts/${id}/items`, two)).body.code).toBe('not_enough_stock');
    const many = { variant_id: variants['river-tarot'], quantity: 20 };
    expect((await asGuest('POST', `/carts/${id}/items`, many)).status).toBe(200);
    expect((await asGuest('POST', `/carts/${id}/items`, { ...many, quantity: 1 })).body.code).toBe(
      'cart_full',
    );
    // Nobody pays twice for one file.
    const file = { variant_id: variants['moon-guide'], quantity: 5 };
    for (const _ of [1, 2]) expect((await asGuest('POST', `/carts/${id}/items`, file)).status).toBe(200);
    const { body } = await asGuest('GET', `/carts/${id}`);
    expect(body.items.map((it: { quantity: number }) => it.quantity).sort()).toEqual([1, 1, 20]);
    const line = body.items.find((it: { quantity: number }) => it.quantity === 20).id;
    const without = await asGuest('POST', `/carts/${id}/items/${line}`, { quantity: 0 });
    expect(without.body).toMatchObject({ total_cents: 1_200 + 1_999 });
  });

  test('a guest’s cart survives the sign-in and is theirs alone from then on', async () => {
    const [one, other] = await Promise.all([paid.somebody(), paid.somebody()]);
    const guest = async (handle: string) =>
      (await asGuest('POST', '/carts', { variant_id: variants[handle], quantity: 1 })).body.id as string;
    const first = await guest('moon-guide');
    expect((await as(one, 'POST', `/carts/${first}/claim`)).body).toMatchObject({ id: first });
    // What was chosen as a guest comes to what is there.
    const second = await guest('river-tarot');
    const merged = await as(one, 'POST', `/carts/${second}/claim`);
    expect(merged.body).toMatchObject({ id: first, total_cents: 1_999 + 3_450 });
    expect((await as(one, 'GET', '/carts/mine')).body).toEqual(merged.body);
    expect((await asGuest('GET', `/carts/${second}`)).status).toBe(404);
    const line = merged.body.items[0].id;
    for (const [method, path, body] of [
      ['GET', `/carts/${first}`],
      ['POST', `/carts/${first}/items`, { variant_id: variants['moon-guide'], quantity: 1 }],
      ['POST', `/carts/${first}/items/${line}`, { quantity: 0 }],
      ['POST', `/carts/${first}/claim`],
      ['POST', `/carts/${first}/delivery`, { address: ADDRESS }],
    ] as const)
      expect((await as(other, method, path, body)).status, path).toBe(404);
    expect((await asGuest('GET', `/carts/${first}`)).status).toBe(404);
    const taken = await pay(other, { id: first, total_cents: 5_449 }, 'wallet');
    expect(taken.body.code).toBe('not_found');
    expect((await as(one, 'GET', '/carts/mine')).body).toEqual(merged.body);
    // A top-up's cart is nobody's basket.
    await one.begin({ amount_cents: 1_000 });
    const { rows } = await paid.shop.database.query<{ id: string }>(
      "select id from cart where metadata ? 'payment' limit 1",
    );
    expect((await as(one, 'GET', `/carts/${rows[0]?.id}`)).status).toBe(404);
  });
});

describe('P1 paid by wallet', () => {
  test('digital and physical: what is shown is what is held and posted, once, with its tax within', async () => {
    const person = await rich(10_000);
    const cart = await filled(person, ['moon-guide', 'river-tarot']);
    const total_cents = 1_999 + 3_450 + SHIPPING;
    expect(cart).toMatchObject({
      total_cents,
      shipping_cents: SHIPPING,
      // 23 % within each price.
      tax_cents: Math.round((total_cents * 23) / 123),
      delivery: { address: ADDRESS },
    });
    const key = crypto.randomUUID();
    const wrong = await pay(person, { ...cart, total_cents: 1 }, 'wallet');
    expect([wrong.status, wrong.body.code]).toEqual([409, 'total_changed']);
    const both = await Promise.all([pay(person, cart, 'wallet', key), pay(person, cart, 'wallet', key)]);
    const order = await look(person, both[0]?.body.id);
    expect(order).toMatchObject({
      state: 'paid',
      way: 'wallet',
      total_cents,
      number: expect.any(Number),
      order: {
        shipping_cents: SHIPPING,
        sending: 'preparing',
        address: { name: 'Nora Bellweather' },
        items: expect.arrayContaining([
          expect.objectContaining({ handle: 'moon-guide', downloads: expect.objectContaining({ left: 20 }) }),
          expect.objectContaining({ handle: 'river-tarot', downloads: null }),
        ]),
      },
    });
    expect(both[1]?.body.id).toBe(order.id);
    expect(await balance(person)).toBe(10_000 - total_cents);
    expect((await pay(person, cart, 'card', key)).body.code).toBe('key_reused');
    expect((await as(person, 'GET', `/carts/${cart.id}`)).status).toBe(404);
    expect((await as(person, 'GET', '/orders')).body).toMatchObject({ orders: [{ id: order.id }] });
    const other = await paid.somebody();
    expect((await as(other, 'GET', `/orders/${order.id}`)).status).toBe(404);
    expect((await as(other, 'GET', '/orders')).body.orders).toEqual([]);
  });

  test('W8: too little money, a limit or a pause of spending is told by its code; nothing is charged and the cart stays', async () => {
    const person = await rich(1_000);
    const cart = await filled(person, ['moon-guide']);
    const poor = await pay(person, cart, 'wallet');
    expect(poor.body).toMatchObject({ state: 'failed', failure: { code: 'insufficient_balance' } });
    await realtime.give(person.person_id, 5_000);
    await realtime.limitDay(person.person_id, 1_998);
    const limited = await pay(person, cart, 'wallet');
    expect(limited.body).toMatchObject({ state: 'failed', failure: { code: 'spending_limit' } });
    await realtime.pauseSpending(person.person_id);
    const paused = await pay(person, cart, 'wallet');
    expect(paused.body).toMatchObject({ state: 'failed', failure: { code: 'spending_paused' } });
    expect(await balance(person)).toBe(6_000);
    expect((await as(person, 'GET', '/orders')).body.orders).toEqual([]);
    // Limits are the wallet's; by card the same cart can still be had.
    const begun = await pay(person, cart, 'card');
    await paid.stripe.pay(sessionOf(begun.body.checkout_url));
    expect(await look(person, begun.body.id)).toMatchObject({ state: 'paid', way: 'card' });
    expect(await balance(person)).toBe(6_000);
  });
});

describe('P1 paid by card', () => {
  test('authorised, ordered, captured: once, whoever calls', async () => {
    const person = await paid.somebody();
    const cart = await filled(person, ['river-tarot']);
    const begun = await pay(person, cart, 'card');
    expect(begun).toMatchObject({ status: 201, body: { state: 'open', number: null, order: null } });
    const session = sessionOf(begun.body.checkout_url);
    const declined = await paid.stripe.pay(session, '4000000000000002');
    expect(declined.declined?.code).toBeDefined();
    expect(await look(person, begun.body.id)).toMatchObject({
      state: 'open',
      failure: { code: expect.any(String) },
    });
    await paid.stripe.pay(session);
    // More than there are connections: whoever holds one waits for no other.
    const looks = await Promise.all(Array.from({ length: 20 }, () => look(person, begun.body.id)));
    expect(new Set(looks.map((it) => it.number)).size).toBe(1);
    expect(looks[0]).toMatchObject({ state: 'paid', total_cents: 3_450 + SHIPPING, card: { last4: '4242' } });
    const intent = await paid.stripe.stripe.paymentIntents.retrieve(await paid.intentOf(begun.body.id));
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 3_450 + SHIPPING });
    const { rows } = await paid.shop.database.query('select order_id from order_cart where cart_id = $1', [
      cart.id,
    ]);
    expect(rows).toHaveLength(1);
    expect(await balance(person)).toBe(0);
  });

  test('a cart that changes ends the page that was opened for it', async () => {
    const person = await paid.somebody();
    const cart = await filled(person, ['moon-guide']);
    const begun = await pay(person, cart, 'card');
    await as(person, 'POST', `/carts/${cart.id}/items`, { variant_id: variants['sun-guide'], quantity: 1 });
    expect(await look(person, begun.body.id)).toMatchObject({ state: 'expired', order: null });
    const again = await pay(person, { ...cart, total_cents: 4_000 }, 'card');
    await paid.stripe.pay(sessionOf(again.body.checkout_url));
    expect(await look(person, again.body.id)).toMatchObject({ state: 'paid', total_cents: 4_000 });
  });

  test('20 buyers for the last piece: one order, nobody else charged', { timeout: 240_000 }, async () => {
    const buyers = await Promise.all(Array.from({ length: 20 }, () => paid.somebody()));
    const byWallet = buyers.slice(0, 14);
    await Promise.all(byWallet.map(({ person_id }) => realtime.give(person_id, 3_000)));
    const carts = await Promise.all(buyers.map((person) => filled(person, ['last-candle'])));
    const total_cents = 1_200 + SHIPPING;
    const outcomes = await Promise.all(
      buyers.map(async (person, index) => {
        const way = index < 14 ? 'wallet' : 'card';
        const begun = await pay(person, carts[index] as Cart, way);
        if (way === 'card') await paid.stripe.pay(sessionOf(begun.body.checkout_url));
        return { person, way, id: begun.body.id as string };
      }),
    );
    for (const { person, id } of outcomes)
      await expect
        .poll(async () => (await look(person, id)).state, { timeout: 60_000 })
        .toMatch(/^(paid|failed|expired)$/);
    const ends = await Promise.all(
      outcomes.map(async (it) => ({ ...it, end: await look(it.person, it.id) })),
    );
    const winners = ends.filter(({ end }) => end.state === 'paid');
    expect(winners).toHaveLength(1);
    for (const { person, way, id, end } of ends) {
      const won = end.state === 'paid';
      if (way === 'wallet') expect(await balance(person)).toBe(3_000 - (won ? total_cents : 0));
      else {
        const intent = await paid.stripe.stripe.paymentIntents.retrieve(await paid.intentOf(id));
        expect([intent.status, intent.amount_received]).toEqual(
          won ? ['succeeded', total_cents] : ['canceled', 0],
        );
      }
    }
    expect(ends.some(({ end }) => end.failure?.code === 'sold_out')).toBe(true);
    const { rows } = await paid.shop.database.query(
      `select i.stocked_quantity::int as stocked, i.reserved_quantity::int as reserved from inventory_level i
       join inventory_item it on it.id = i.inventory_item_id where it.sku = 'LAST-CANDLE'`,
    );
    expect(rows).toEqual([{ stocked: 1, reserved: 1 }]);
  });
});

describe('W6 a process that is killed in the middle', () => {
  /** Where Medusa is, while it makes an order or has it charged, when it waits to write in this table. */
  type Write =
    | 'order_transaction'
    | 'order'
    | 'order_cart'
    | 'reservation_item'
    | 'order_payment_collection'
    | 'payment'
    | 'capture';
  type Point = { at: Write; of: 'insert' | 'update' } | { after_ms: number };
  const WAIT = 7_301_999;
  const KILLS: ['card' | 'wallet', Point][] = [
    ['card', { at: 'payment', of: 'insert' }],
    ['wallet', { at: 'payment', of: 'insert' }],
    ['wallet', { at: 'payment', of: 'update' }],
  ];
  if (DEEP)
    for (const way of ['card', 'wallet'] as const) {
      for (const at of [
        'order',
        'order_cart',
        'reservation_item',
        'order_payment_collection',
        'capture',
      ] as const)
        KILLS.push([way, { at, of: 'insert' }]);
      KILLS.push([way, { at: 'payment', of: 'update' }]);
      for (let after_ms = 100; after_ms <= 1_400; after_ms += 100) KILLS.push([way, { after_ms }]);
    }

  /** Has whoever writes there wait until the process is gone, and what it was about to write with it. */
  async function killedAt({ at }: { at: Write }): Promise<void> {
    const { database } = paid.shop;
    const waiting = () =>
      database.query<{ pid: number }>(
        `select pid from pg_locks where locktype = 'advisory' and objid = $1 and not granted`,
        [WAIT],
      );
    await expect.poll(async () => (await waiting()).rows.length, { timeout: 60_000, interval: 20 }).toBe(1);
    const kill = paid.server().kill();
    const [one] = (await waiting()).rows;
    await kill;
    await database.query('select pg_terminate_backend($1)', [one?.pid]);
    await database.query(`drop trigger wait_for_test on "${at}"`);
    await database.query('select pg_advisory_unlock($1)', [WAIT]);
  }
  async function waitAt({ at, of }: { at: Write; of: 'insert' | 'update' }): Promise<void> {
    const { database } = paid.shop;
    await database.query('select pg_advisory_lock($1)', [WAIT]);
    await database.query(`create or replace function wait_for_test() returns trigger language plpgsql as
      $$ begin perform pg_advisory_xact_lock(${WAIT}); return new; end $$`);
    await database.query(
      `create trigger wait_for_test before ${of} on "${at}" for each row execute function wait_for_test()`,
    );
  }
  const reserved = async () => {
    const { rows } = await paid.shop.database.query<{ reserved: number; rows: number }>(
      `select l.reserved_quantity::int as reserved,
         (select coalesce(sum(quantity), 0)::int from reservation_item r
          where r.inventory_item_id = it.id and r.deleted_at is null) as rows
       from inventory_level l join inventory_item it on it.id = l.inventory_item_id where it.sku = 'RIVER-TAROT'`,
    );
    expect(rows[0]?.reserved).toBe(rows[0]?.rows);
    return rows[0]?.reserved ?? 0;
  };

  test.each(KILLS)(
    'by %s, %j: money, order and stock agree afterwards',
    { timeout: 240_000 },
    async (way, point) => {
      const total = 3_450 + SHIPPING;
      const [person, before] = [await rich(10_000), await reserved()];
      const cart = await filled(person, ['river-tarot']);
      const key = crypto.randomUUID();
      const begun = way === 'card' ? await pay(person, cart, way, key) : undefined;
      if ('at' in point) await waitAt(point);
      if (begun) await paid.stripe.pay(sessionOf(begun.body.checkout_url));
      const asked = (begun ? look(person, begun.body.id) : pay(person, cart, way, key)).catch(
        () => undefined,
      );
      if ('at' in point) await killedAt(point);
      else await new Promise((resolve) => setTimeout(resolve, point.after_ms));
      await paid.restart('kill');
      await asked;
      const again = await pay(person, cart, way, key);
      const { id } = again.body;
      await expect
        .poll(async () => (await look(person, id)).state, { timeout: 90_000 })
        .toMatch(/^(paid|failed)$/);
      const { state } = await look(person, id);
      const isPaid = state === 'paid';
      if (way === 'wallet') expect(await balance(person)).toBe(10_000 - (isPaid ? total : 0));
      else {
        expect(state).toBe('paid');
        const intent = await paid.stripe.stripe.paymentIntents.retrieve(await paid.intentOf(id));
        expect(intent.amount_received).toBe(total);
      }
      const { rows } = await paid.shop.database.query(
        `select o.id, (select round(sum(amount) * 100)::int from order_transaction t where t.order_id = o.id and t.deleted_at is null) as paid
         from "order" o left join order_cart c on c.order_id = o.id
         where (c.cart_id = $1 or o.metadata ->> 'payment' = $2) and o.canceled_at is null and o.deleted_at is null`,
        [cart.id, id],
      );
      expect(rows).toEqual(isPaid ? [{ id: expect.any(String), paid: total }] : []);
      expect(await reserved()).toBe(before + (isPaid ? 1 : 0));
      if (isPaid) return;
      // The cart is there again, and can be paid for.
      const next = await pay(person, cart, way);
      expect(next.body, JSON.stringify(next.body)).toMatchObject({ state: 'paid' });
      expect(await balance(person)).toBe(10_000 - total);
      expect(await reserved()).toBe(before + 1);
    },
  );

  test.each(['card', 'wallet'] as const)(
    'by %s, while Medusa books a refund: it is made and booked once',
    { timeout: 240_000 },
    async (way) => {
      const person = await rich(5_000);
      const order = await bought(person, ['moon-guide'], way);
      const { order_id } = await paid.orderOf(order.id);
      const point = { at: 'order_transaction', of: 'insert' } as const;
      await waitAt(point);
      const asked = refund(order.id, 5).catch(() => undefined);
      await killedAt(point);
      await paid.restart('kill');
      await asked;
      const sums = async () => {
        const { rows } = await paid.shop.database.query(
          `select (select sum(amount * 100)::int from order_transaction where order_id = $1 and deleted_at is null) as order,
             (select coalesce(sum(r.amount * 100), 0)::int from refund r join order_payment_collection l on l.order_id = $1
              join payment p on p.payment_collection_id = l.payment_collection_id
              where r.payment_id = p.id and r.deleted_at is null) as booked`,
          [order_id],
        );
        return rows[0];
      };
      await expect.poll(sums, { timeout: 60_000 }).toEqual({ order: 1_499, booked: 500 });
      expect(await look(person, order.id)).toMatchObject({ state: 'paid', refunded_cents: 500 });
      if (way === 'wallet') expect(await balance(person)).toBe(5_000 - 1_499);
      else {
        const payment_intent = await paid.intentOf(order.id);
        const { data } = await paid.stripe.stripe.refunds.list({ payment_intent });
        expect(data.map(({ amount }) => amount)).toEqual([500]);
      }
      // The rest can go back as ever.
      expect((await refund(order.id)).status).toBe(200);
      expect(await look(person, order.id)).toMatchObject({ state: 'refunded', refunded_cents: 1_999 });
    },
  );
});

describe('P1 refunds in the admin', () => {
  const booked = async (id: string) => {
    const { medusa_payment_id } = await paid.orderOf(id);
    const { rows } = await paid.shop.database.query<{ cents: number }>(
      'select coalesce(round(sum(amount) * 100), 0)::int as cents from refund where payment_id = $1 and deleted_at is null',
      [medusa_payment_id],
    );
    return rows[0]?.cents;
  };

  test('of a wallet order go back into the wallet; of a card order to the card; never more than was paid', async () => {
    const person = await rich(5_000);
    const wallet = await bought(person, ['moon-guide'], 'wallet');
    const card = await bought(person, ['moon-guide'], 'card');
    for (const order of [wallet, card]) {
      const answers = await Promise.all(
        ['one', 'another', 'a third'].map((note) => refund(order.id, 9.99, note)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 409]);
      expect(await booked(order.id)).toBe(1_998);
      expect(await look(person, order.id)).toMatchObject({ state: 'paid', refunded_cents: 1_998 });
      expect((await refund(order.id)).status).toBe(200);
      expect(await look(person, order.id)).toMatchObject({ state: 'refunded', refunded_cents: 1_999 });
      expect((await refund(order.id, 1)).status).toBe(409);
      expect(await booked(order.id)).toBe(1_999);
    }
    expect(await balance(person)).toBe(5_000);
    const charge = await paid.stripe.stripe.paymentIntents.retrieve(await paid.intentOf(card.id), {
      expand: ['latest_charge'],
    });
    expect(charge.latest_charge).toMatchObject({ amount_refunded: 1_999 });
    // Cancelling an order, as Medusa does it, moves no money.
    const kept = await bought(person, ['moon-guide'], 'wallet');
    const { order_id } = await paid.orderOf(kept.id);
    await staff.call('POST', `/admin/orders/${order_id}/cancel`);
    expect(await booked(kept.id)).toBe(0);
    expect(await balance(person)).toBe(5_000 - 1_999);
    expect(await realtime.verify()).toContain('whole');
  });

  test('the reconciler compares orders by wallet with the ledger, mends what it can and reports the rest', async () => {
    const before = await staff.reconcile();
    const person = await rich(5_000);
    const [seen, unbooked] = [
      await bought(person, ['moon-guide'], 'wallet'),
      await bought(person, ['moon-guide'], 'wallet'),
    ];
    // As a process leaves them that ended after the ledger had posted, and before a refund was written down.
    await paid.shop.database.query(
      `update commerce_payment set captured_cents = 0, credited_cents = 0, state = 'paid' where id = $1`,
      [seen.id],
    );
    await paid.shop.database.query(
      `insert into commerce_refund (id, payment_id, amount_cents, state) values ('ref_lost', $1, 500, 'wanted')`,
      [unbooked.id],
    );
    // Somebody who spent at the ledger without any order of ours.
    await realtime.give(person.person_id, 1_000);
    await realtime.spend(person.person_id, 100);
    const report = await staff.reconcile();
    expect(report.mended.map(({ code, payment }) => [code, payment])).toEqual(
      expect.arrayContaining([
        ['not_seen', seen.id],
        ['refund_under_way', unbooked.id],
      ]),
    );
    expect(report.holds).toBeGreaterThan(2);
    const fresh = report.left.filter(({ payment }) => !before.left.some((one) => one.payment === payment));
    expect(fresh).toEqual([
      { code: 'unknown_hold', payment: expect.any(String), detail: expect.any(String) },
    ]);
    expect(await look(person, seen.id)).toMatchObject({ state: 'paid' });
    expect(await look(person, unbooked.id)).toMatchObject({ refunded_cents: 500 });
    expect(await balance(person)).toBe(5_000 + 1_000 - 100 - 2 * 1_999 + 500);
    // Each was thanked for once.
    await expect
      .poll(async () => {
        const { rows } = await realtime.database.query<{ key: string }>(
          'select key from mails where to_person_id = $1 order by key',
          [person.person_id],
        );
        return rows.map(({ key }) => key);
      })
      .toEqual([seen.id, unbooked.id].map((id) => `order-paid:${id}`).sort());
  });

  test('a refund of Stripe’s dashboard is taken over', async () => {
    const person = await paid.somebody();
    const order = await bought(person, ['moon-guide'], 'card');
    await paid.stripe.control('/sandbox/refunds', { payment_intent: await paid.intentOf(order.id) });
    await expect.poll(async () => (await look(person, order.id)).state).toBe('refunded');
    expect(await booked(order.id)).toBe(1_999);
    expect((await staff.reconcile()).left.filter((one) => one.payment === order.id)).toEqual([]);
  });
});

describe('P2 files', () => {
  const PDF = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(6 * 1024 * 1024, 'moon ')]);

  test('come up through the admin as they are, in parts; what they are not is refused', async () => {
    expect((await upload('moon-guide', 'moon.exe', PDF)).status).toBe(415);
    expect((await upload('moon-guide', 'moon.pdf', Buffer.from('<script>alert(1)</script>'))).status).toBe(
      415,
    );
    expect((await upload('moon-guide', '../moon.pdf', PDF)).status).toBe(415);
    expect((await upload('moon-guide', 'moon.pdf', Buffer.alloc(0))).status).toBe(400);
    const made = await upload('moon-guide', 'Moon – guide.pdf', PDF);
    expect(made).toMatchObject({ status: 201, body: { file: { bytes: PDF.length } } });
    const { body } = await staff.call('GET', `/admin/shop/products/${products['moon-guide']}/files`);
    expect(body.files).toHaveLength(1);
  });

  test('a link for the buyer alone, counted, with an end; other people’s, altered, unsigned and refunded are refused', async () => {
    const [person, other] = [await rich(5_000), await rich(5_000)];
    const order = await bought(person, ['moon-guide'], 'wallet');
    const theirs = await bought(other, ['moon-guide'], 'wallet');
    const [file] = order.order.items[0].downloads.files;
    const path = `/orders/${order.id}/downloads/${file.id}`;
    const given = await as(person, 'POST', path);
    expect(given).toMatchObject({ status: 200, body: { ends_in_s: 300, downloads_left: 19 } });
    const got = await fetch(given.body.url);
    expect(
      got.status,
      await got
        .clone()
        .text()
        .then((it) => it.slice(0, 300)),
    ).toBe(200);
    expect(got.headers.get('content-disposition')).toContain('attachment');
    expect(Buffer.from(await got.arrayBuffer()).equals(PDF)).toBe(true);
    const url = new URL(given.body.url);
    expect(url.searchParams.get('X-Amz-Expires')).toBe('300');
    expect((await fetch(`${url.origin}${url.pathname}?X-Amz-Expires=300`)).status).toBe(403);
    const altered = new URL(url);
    altered.searchParams.set('X-Amz-Expires', '3000');
    expect((await fetch(altered)).status).toBe(403);
    expect((await as(other, 'POST', path)).status).toBe(404);
    expect((await as(other, 'POST', `/orders/${theirs.id}/downloads/file_${'0'.repeat(32)}`)).status).toBe(
      404,
    );
    expect((await asGuest('POST', path)).status).toBe(401);
    expect((await look(person, order.id)).order.items[0].downloads).toMatchObject({ left: 19 });

    const rest = await Promise.all(Array.from({ length: 25 }, () => as(person, 'POST', path)));
    expect(rest.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(rest.find(({ status }) => status !== 200)?.body.code).toBe('download_limit');

    expect((await refund(theirs.id)).status).toBe(200);
    const after = await as(other, 'POST', `/orders/${theirs.id}/downloads/${file.id}`);
    expect([after.status, after.body.code]).toEqual([410, 'download_taken_back']);
    expect((await look(other, theirs.id)).order.items[0].downloads).toMatchObject({ taken_back: true });
  });

  test('one line’s can be taken back by staff, and a file that is removed is gone', async () => {
    const person = await rich(5_000);
    const order = await bought(person, ['moon-guide'], 'card');
    const [file] = order.order.items[0].downloads.files;
    const { order_id } = await paid.orderOf(order.id);
    const shown = await staff.call('GET', `/admin/shop/orders/${order_id}`);
    expect(shown.body).toMatchObject({ payment: { way: 'checkout' }, downloads: [{ taken_back: false }] });
    const [line] = shown.body.downloads as unknown as { id: string }[];
    const takeBack = `/admin/shop/orders/${order_id}/downloads/${line?.id}/take-back`;
    expect((await staff.call('POST', takeBack)).status).toBe(200);
    expect((await staff.call('POST', takeBack)).status).toBe(404);
    expect((await as(person, 'POST', `/orders/${order.id}/downloads/${file.id}`)).body.code).toBe(
      'download_taken_back',
    );
    const path = `/admin/shop/products/${products['moon-guide']}/files/${file.id}`;
    expect((await staff.delete(path)).status).toBe(204);
    expect((await staff.delete(path)).status).toBe(404);
  });
});
