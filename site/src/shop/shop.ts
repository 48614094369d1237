import { z } from 'zod';
import type { Answer } from '../calls.ts';
import { createCache } from '../cms/cache.ts';
import type { CustomerAsker } from '../commerce.ts';
import type { Session } from '../identity/sessions.ts';

// What commerce tells of goods: docs/service-calls.md, “The shop”.

const cents = z.int().min(0);
const address = z.url({ protocol: /^https?$/ });
const kind = z.enum(['digital', 'physical']);

const product = z.object({
  id: z.string(),
  handle: z.string(),
  title: z.string(),
  subtitle: z.string(),
  description: z.string(),
  kind,
  reader_slug: z.string().nullable(),
  categories: z.array(z.object({ slug: z.string(), name: z.string() })),
  pictures: z.array(z.object({ url: address, alt: z.string() })),
  created_at_ms: z.int(),
  variants: z
    .array(
      z.object({
        id: z.string(),
        title: z.string(),
        price_cents: cents,
        in_stock: z.int().min(0).nullable(),
      }),
    )
    .min(1),
});
export type Product = z.infer<typeof product>;

const shopWindow = z.object({
  categories: z.array(z.object({ slug: z.string(), name: z.string(), description: z.string() })),
  products: z.array(product),
});
export type ShopWindow = z.infer<typeof shopWindow>;

const postal = z.object({
  name: z.string(),
  address_1: z.string(),
  address_2: z.string().nullable(),
  city: z.string(),
  postal_code: z.string(),
  province: z.string().nullable(),
  country_code: z.string(),
});
export type PostalAddress = z.infer<typeof postal>;

const cart = z.object({
  id: z.string(),
  items: z.array(
    z.object({
      id: z.string(),
      variant_id: z.string(),
      handle: z.string(),
      title: z.string(),
      kind,
      picture: address.nullable(),
      quantity: z.int().min(1),
      unit_cents: cents,
      total_cents: cents,
    }),
  ),
  items_cents: cents,
  shipping_cents: cents,
  tax_cents: cents,
  total_cents: cents,
  needs_delivery: z.boolean(),
  delivery: z.object({ address: postal, option: z.string(), name: z.string() }).nullable(),
  options: z.array(z.object({ id: z.string(), name: z.string(), price_cents: cents })),
  countries: z.array(z.string()),
});
export type Cart = z.infer<typeof cart>;

const order = z.object({
  id: z.string(),
  number: z.int().nullable(),
  state: z.enum(['open', 'processing', 'paid', 'refunded', 'disputed', 'expired', 'failed']),
  way: z.enum(['card', 'wallet']),
  created_at_ms: z.int(),
  total_cents: cents,
  refunded_cents: cents,
  checkout_url: address.nullable(),
  card: z.object({ brand: z.string(), last4: z.string() }).nullable(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  order: z
    .object({
      items: z.array(
        z.object({
          title: z.string(),
          handle: z.string(),
          picture: address.nullable(),
          quantity: z.int().min(1),
          total_cents: cents,
          downloads: z
            .object({
              files: z.array(z.object({ id: z.string(), name: z.string(), bytes: z.int().min(0) })),
              left: z.int().min(0),
              taken_back: z.boolean(),
            })
            .nullable(),
        }),
      ),
      shipping_cents: cents,
      tax_cents: cents,
      address: postal.nullable(),
      sending: z.enum(['nothing_to_send', 'preparing', 'sent', 'delivered', 'cancelled']),
    })
    .nullable(),
});
export type Order = z.infer<typeof order>;

const orders = z.object({ orders: z.array(order), next_before: z.string().nullable() });
export type Orders = z.infer<typeof orders>;

/** Whoever looks: somebody, or a guest. */
type Who = Session | undefined;

export interface Shop {
  /** All that is sold; what was seen last when the shop doesn't answer, and nothing when nothing was. */
  window(requestId: string): Promise<ShopWindow | undefined>;
  cart(who: Who, id: string, requestId: string): Promise<Answer<Cart>>;
  /** A person's own open cart. */
  ownCart(session: Session, requestId: string): Promise<Answer<Cart>>;
  /** A guest's cart becomes the person's. */
  claim(session: Session, id: string, requestId: string): Promise<Answer<Cart>>;
  /** Into the cart, or into a new one. */
  add(
    who: Who,
    id: string | undefined,
    item: { variant_id: string; quantity: number },
    requestId: string,
  ): Promise<Answer<Cart>>;
  /** A quantity of nothing takes it out. */
  change(who: Who, id: string, itemId: string, quantity: number, requestId: string): Promise<Answer<Cart>>;
  deliver(
    session: Session,
    id: string,
    to: { address: PostalAddress; option?: string },
    requestId: string,
  ): Promise<Answer<Cart>>;
  /** Begins an order, once for each key: by card a page to pay on comes with it, by wallet it is paid, or says why not. */
  pay(
    session: Session,
    id: string,
    wanted: { way: 'card' | 'wallet'; total_cents: number },
    key: string,
    requestId: string,
  ): Promise<Answer<Order>>;
  orders(session: Session, before: string | undefined, requestId: string): Promise<Answer<Orders>>;
  order(session: Session, id: string, requestId: string): Promise<Answer<Order>>;
  /** An address that gives a file for five minutes, counted. */
  download(
    session: Session,
    orderId: string,
    fileId: string,
    requestId: string,
  ): Promise<Answer<{ url: string }>>;
}

export function createShop({ ask }: { ask: CustomerAsker }): Shop {
  // Whether something can be had is asked anew when it is bought; what is shown may be a little old.
  const cache = createCache(
    { max_age: 5_000, stale_while_revalidate: 30_000, stale_if_error: 60 * 60_000 },
    1,
  );
  const at = (id: string) => `/store/shop/carts/${encodeURIComponent(id)}`;

  return {
    async window(requestId) {
      try {
        return await cache.read('window', async () => {
          const answer = await ask(undefined, requestId, {
            path: '/store/shop/products',
            answer: shopWindow,
          });
          if (!answer.ok) throw new Error(`the shop answers ${answer.refused.code}`);
          return answer.value;
        });
      } catch {
        // Told where it was asked.
        return undefined;
      }
    },
    cart: (who, id, requestId) => ask(who, requestId, { path: at(id), answer: cart }),
    ownCart: (session, requestId) =>
      ask(session, requestId, { path: '/store/shop/carts/mine', answer: cart }),
    claim: (session, id, requestId) =>
      ask(session, requestId, { method: 'POST', path: `${at(id)}/claim`, body: {}, answer: cart }),
    add: (who, id, item, requestId) =>
      ask(who, requestId, {
        method: 'POST',
        path: id === undefined ? '/store/shop/carts' : `${at(id)}/items`,
        body: item,
        answer: cart,
      }),
    change: (who, id, itemId, quantity, requestId) =>
      ask(who, requestId, {
        method: 'POST',
        path: `${at(id)}/items/${encodeURIComponent(itemId)}`,
        body: { quantity },
        answer: cart,
      }),
    deliver: (session, id, to, requestId) =>
      ask(session, requestId, { method: 'POST', path: `${at(id)}/delivery`, body: to, answer: cart }),
    pay: (session, id, wanted, key, requestId) =>
      ask(session, requestId, { method: 'POST', path: `${at(id)}/pay`, body: wanted, key, answer: order }),
    orders: (session, before, requestId) =>
      ask(session, requestId, {
        path: `/store/shop/orders${before === undefined ? '' : `?before=${encodeURIComponent(before)}`}`,
        answer: orders,
      }),
    order: (session, id, requestId) =>
      ask(session, requestId, { path: `/store/shop/orders/${encodeURIComponent(id)}`, answer: order }),
    download: (session, orderId, fileId, requestId) =>
      ask(session, requestId, {
        method: 'POST',
        path: `/store/shop/orders/${encodeURIComponent(orderId)}/downloads/${encodeURIComponent(fileId)}`,
        body: {},
        answer: z.object({ url: address }),
      }),
  };
}
