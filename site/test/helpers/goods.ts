// The shop's goods as docs/service-calls.md tells them, under "The shop": a small world with carts and orders in memory.

export interface Said {
  status: number;
  body: unknown;
}

const picture = (name: string) => ({ url: `http://localhost:9/media/shop/${name}.avif`, alt: `A ${name}` });
const product = (
  handle: string,
  title: string,
  price_cents: number,
  in_stock: number | null,
  more: object = {},
) => ({
  id: `prod_${handle}`,
  handle,
  title,
  subtitle: `About ${title}`,
  description: 'Something to have.',
  kind: in_stock === null ? 'digital' : 'physical',
  reader_slug: null,
  categories: [{ slug: 'things', name: 'Things' }],
  pictures: [picture(handle)],
  created_at_ms: 1_790_000_000_000,
  variants: [{ id: `variant_${handle.replaceAll('-', '')}`, title: 'Standard', price_cents, in_stock }],
  ...more,
});

export const products = [
  product('moon-guide', 'Moon guide', 1_999, null, {
    reader_slug: 'amara-okafor',
    categories: [{ slug: 'books', name: 'Books' }],
  }),
  product('river-tarot', 'River tarot <b>deck</b>', 3_450, 3),
  product('gone-candle', 'Gone candle', 1_200, 0),
  ...Array.from({ length: 13 }, (_, index) => product(`card-${index}`, `Card ${index}`, 300 + index, 9)),
];

interface Cart {
  id: string;
  owner: string | undefined;
  items: Map<string, number>;
  address: Record<string, unknown> | undefined;
}

export interface Goods {
  carts: Map<string, Cart>;
  orders: Map<string, { owner: string; view: Record<string, unknown> }>;
  /** What an order by wallet is refused with. */
  refuses: string | null;
  serve(
    method: string,
    path: string,
    body: string,
    owner: string | undefined,
    key: string | undefined,
  ): Said | undefined;
}

export function createGoods(): Goods {
  const keys = new Map<string, string>();
  const refuse = (status: number, code: string): Said => ({ status, body: { status, code } });
  const byVariant = (id: string) => products.find(({ variants }) => variants[0]?.id === id);

  function view(cart: Cart) {
    const items = [...cart.items].flatMap(([variant_id, quantity]) => {
      const found = byVariant(variant_id);
      const unit_cents = found?.variants[0]?.price_cents ?? 0;
      return found
        ? [
            {
              id: `cali_${found.handle}`,
              variant_id,
              handle: found.handle,
              title: found.title,
              kind: found.kind,
              picture: found.pictures[0]?.url ?? null,
              quantity,
              unit_cents,
              total_cents: unit_cents * quantity,
            },
          ]
        : [];
    });
    const needs_delivery = items.some(({ kind }) => kind === 'physical');
    const shipping_cents = needs_delivery && cart.address ? 695 : 0;
    const items_cents = items.reduce((sum, { total_cents }) => sum + total_cents, 0);
    const options = [{ id: 'so_1', name: 'Tracked parcel', price_cents: 695 }];
    return {
      id: cart.id,
      items,
      items_cents,
      shipping_cents,
      tax_cents: 0,
      total_cents: items_cents + shipping_cents,
      needs_delivery,
      delivery: cart.address ? { address: cart.address, option: 'so_1', name: 'Tracked parcel' } : null,
      options: cart.address ? options : [],
      countries: ['de', 'ie', 'us'],
    };
  }

  const goods: Goods = {
    carts: new Map(),
    orders: new Map(),
    refuses: null,
    serve(method, path, text, owner, key) {
      if (!path.startsWith('/store/shop/')) return undefined;
      const asked = text ? JSON.parse(text) : {};
      const [what = '', id = '', act = '', last = ''] = path.slice('/store/shop/'.length).split('/');
      if (what === 'products')
        return {
          status: 200,
          body: {
            categories: [
              { slug: 'books', name: 'Books', description: 'To read.' },
              { slug: 'things', name: 'Things', description: 'To hold.' },
            ],
            products,
          },
        };
      if (what === 'orders') {
        if (!owner) return refuse(401, 'not_signed_in');
        const own = [...goods.orders.values()].filter((one) => one.owner === owner).map((one) => one.view);
        if (!id) return { status: 200, body: { orders: own, next_before: null } };
        const found = own.find((one) => one.id === id);
        if (!found) return refuse(404, 'not_found');
        if (act !== 'downloads') return { status: 200, body: found };
        return found.state === 'refunded'
          ? refuse(410, 'download_taken_back')
          : { status: 200, body: { url: `http://localhost:9/private/${last}?signed`, ends_in_s: 300 } };
      }
      if (method === 'POST' && !id) {
        const made: Cart = {
          id: `cart_${goods.carts.size + 1}`,
          owner,
          items: new Map([[asked.variant_id, asked.quantity]]),
          address: undefined,
        };
        goods.carts.set(made.id, made);
        return { status: 201, body: view(made) };
      }
      const mine = [...goods.carts.values()].find((one) => owner && one.owner === owner);
      if (id === 'mine') return mine ? { status: 200, body: view(mine) } : refuse(404, 'not_found');
      const cart = goods.carts.get(id);
      if (act === 'claim') {
        if (cart && !cart.owner && !mine) cart.owner = owner;
        const theirs = mine ?? (cart?.owner === owner ? cart : undefined);
        return theirs ? { status: 200, body: view(theirs) } : refuse(404, 'not_found');
      }
      if (!cart || (cart.owner && cart.owner !== owner)) return refuse(404, 'not_found');
      if (act === 'items' && !last) {
        const stock = byVariant(asked.variant_id)?.variants[0]?.in_stock;
        const quantity = (cart.items.get(asked.variant_id) ?? 0) + asked.quantity;
        if (typeof stock === 'number' && quantity > stock) return refuse(409, 'not_enough_stock');
        cart.items.set(asked.variant_id, quantity);
      } else if (act === 'items') {
        const variant = [...cart.items.keys()].find((one) => `cali_${byVariant(one)?.handle}` === last);
        if (!variant) return refuse(404, 'not_found');
        if (asked.quantity === 0) cart.items.delete(variant);
        else cart.items.set(variant, asked.quantity);
      } else if (act === 'delivery') cart.address = asked.address;
      else if (act === 'pay' && owner) {
        const known = keys.get(key ?? '');
        if (known) return { status: 200, body: goods.orders.get(known)?.view };
        if (asked.total_cents !== view(cart).total_cents) return refuse(409, 'total_changed');
        const refused = asked.way === 'wallet' ? goods.refuses : null;
        const card = asked.way === 'card';
        const made = {
          id: `order_${String(goods.orders.size + 1).padStart(32, '0')}`,
          number: card || refused ? null : 7,
          state: refused ? 'failed' : card ? 'open' : 'paid',
          way: asked.way,
          created_at_ms: 1_790_000_000_000,
          total_cents: asked.total_cents,
          refunded_cents: 0,
          checkout_url: card ? 'http://pay.example.test/c/pay/1' : null,
          card: null,
          failure: refused ? { code: refused, message: '' } : null,
          order:
            card || refused
              ? null
              : {
                  items: view(cart).items.map(
                    ({ title, handle, picture: shown, quantity, total_cents, kind }) => ({
                      title,
                      handle,
                      picture: shown,
                      quantity,
                      total_cents,
                      downloads:
                        kind === 'digital'
                          ? {
                              files: [{ id: 'file_1', name: 'moon.pdf', bytes: 1_400_000 }],
                              left: 20,
                              taken_back: false,
                            }
                          : null,
                    }),
                  ),
                  shipping_cents: 0,
                  tax_cents: 0,
                  address: null,
                  sending: 'nothing_to_send',
                },
        };
        goods.orders.set(made.id, { owner, view: made });
        keys.set(key ?? '', made.id);
        if (made.state === 'paid') goods.carts.delete(cart.id);
        return { status: 201, body: made };
      }
      return { status: 200, body: view(cart) };
    },
  };
  return goods;
}
