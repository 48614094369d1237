import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Platform, startPlatform } from './helpers/platform.ts';
import { type Seen, Visitor } from './helpers/visitor.ts';

// P1, P2 on the pages, with a shop that follows the contract; the real one is in test/browser/shop.test.ts.

let platform: Platform;
let client: Visitor;

beforeAll(async () => {
  platform = await startPlatform();
  client = (await platform.signIn('client')).visitor;
});
afterAll(() => platform?.[Symbol.asyncDispose]());
afterEach(() => {
  platform.shop.answers = () => undefined;
  platform.shop.goods.refuses = null;
});

const words = ({ html }: Seen) =>
  html
    .slice(html.indexOf('<main'), html.indexOf('</main'))
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
const open = (path: string, who = new Visitor()) => who.ask(`${platform.url}${path}`);
const post = (who: Visitor, path: string, fields: Record<string, string>) =>
  who.ask(`${platform.url}${path}`, { method: 'POST', body: new URLSearchParams(fields) });
const add = (who: Visitor, handle: string, quantity = '1') =>
  post(who, `/shop/${handle}`, { variant: `variant_${handle.replaceAll('-', '')}`, quantity });
const inHead = ({ html }: Seen) => /aria-label="Cart, ([^"]+)"/.exec(html)?.[1];
const keyOf = ({ html }: Seen) => /name="key" value="([^"]+)"/.exec(html)?.[1] ?? '';
const shown = (seen: Seen) => [...seen.html.matchAll(/href="\/shop\/([a-z0-9-]+)"/g)].map(([, slug]) => slug);

describe('P1 the shop window', () => {
  it('shows everything by pages, and what a reader wrote as they wrote it', async () => {
    const seen = await open('/shop');
    expect(seen.status).toBe(200);
    expect(shown(seen)).toHaveLength(12);
    expect(seen.html).toContain('River tarot &lt;b&gt;deck&lt;/b&gt;');
    expect(words(seen)).toContain('16 things');
    expect(words(seen)).toContain('Sold out');
    expect(shown(await open('/shop?page=2'))).toHaveLength(4);
    expect((await open('/shop?page=3')).status).toBe(404);
  });

  it.each([
    ['q=riwer', ['river-tarot']],
    ['category=books', ['moon-guide']],
    ['kind=digital', ['moon-guide']],
    ['reader=amara-okafor', ['moon-guide']],
    ['most=10&category=things&sort=dearest&q=card%2012', ['card-12']],
    ['q=nothing-like-it', []],
  ])('?%s finds what fits', async (query, handles) => {
    expect(shown(await open(`/shop?${query}`))).toEqual(handles);
  });

  it('sorts by price', async () => {
    const [first] = shown(await open('/shop?sort=price'));
    const [dearest] = shown(await open('/shop?sort=dearest'));
    expect([first, dearest]).toEqual(['card-0', 'river-tarot']);
  });

  it.each(['page=0', 'kind=both', 'most=free', 'q=a&q=b', 'category=..', 'sort=random'])(
    '?%s is told to be wrong',
    async (query) => {
      expect((await open(`/shop?${query}`)).status).toBe(400);
    },
  );

  it('a product that isn’t there is not there; the older name of the shop leads to it', async () => {
    expect((await open('/shop/nothing')).status).toBe(404);
    const old = await open('/shop/products');
    expect([old.status, old.headers.get('location')]).toEqual([301, '/shop']);
  });
});

describe('P1 a cart', () => {
  it('is a guest’s, counted in every page’s head, and comes along through the sign-in', async () => {
    const guest = new Visitor();
    const added = await add(guest, 'moon-guide');
    expect([added.status, added.headers.get('location')]).toEqual([303, '/cart']);
    expect(added.headers.get('set-cookie')).toMatch(/soulseer-cart=cart_\d+\.1;.*HttpOnly;.*SameSite=Lax/);
    await add(guest, 'river-tarot', '2');
    const cart = await open('/cart', guest);
    expect(words(cart)).toContain('$88.99');
    expect(inHead(cart)).toBe('3 things');
    const home = await open('/shop', guest);
    expect(inHead(home)).toBe('3 things');
    expect(home.headers.get('cache-control')).toBe('private, no-store');
    expect(inHead(await open('/cart'))).toBeUndefined();

    const more = await add(guest, 'river-tarot', '2');
    expect(more.status).toBe(422);
    expect(words(more)).toContain('There aren’t so many of it left.');
    expect((await add(guest, 'river-tarot', 'many')).status).toBe(400);
    expect((await post(guest, '/shop/moon-guide', { variant: 'variant_rivertarot' })).status).toBe(400);

    expect((await open('/checkout', guest)).headers.get('location')).toMatch(/^\/auth\/sign-in/);
    const { visitor } = await platform.signIn('client2', guest);
    const checkout = await open('/checkout', visitor);
    expect(words(checkout)).toContain('Where should it go?');
    expect(inHead(checkout)).toBe('3 things');
    const changed = await post(visitor, '/cart', { item: 'cali_river-tarot', quantity: '1' });
    expect(changed.status).toBe(303);
    await post(visitor, '/cart', { do: 'remove', item: 'cali_moon-guide' });
    expect(words(await open('/cart', visitor))).toContain('$34.50');
    // Signed out, or elsewhere, nobody has it.
    const [id] = (guest.jar(platform.url).get('soulseer-cart') ?? '').split('.');
    const thief = new Visitor();
    thief.jar(platform.url).set('soulseer-cart', `${id}.1`);
    expect(words(await open('/cart', thief))).toContain('Your cart is empty');
  });
});

describe('P1 the checkout', () => {
  const address = {
    do: 'deliver',
    name: 'Nora Bellweather',
    address_1: '12 Quay Street',
    city: 'Galway',
    postal_code: 'H91',
    country_code: 'ie',
  };

  it('asks where to, says what is missing beside its field, and shows the whole sum before anything is taken', async () => {
    const { visitor } = await platform.signIn('reader');
    await add(visitor, 'river-tarot');
    const wrong = await post(visitor, '/checkout', { ...address, city: '', country_code: '' });
    expect(wrong.status).toBe(422);
    expect(words(wrong)).toContain('Write the town.');
    expect(words(wrong)).toContain('Choose the country.');
    expect(wrong.html).toContain('value="12 Quay Street"');
    expect((await post(visitor, '/checkout', address)).headers.get('location')).toBe('/checkout#pay');
    const page = await open('/checkout', visitor);
    for (const said of [
      '12 Quay Street',
      'Ireland',
      '$6.95',
      'Pay $41.45 by card',
      'There is $24.50 in your wallet.',
    ])
      expect(words(page)).toContain(said);
    // There isn't enough.
    expect(page.html).toMatch(/value="wallet" disabled/);
    const stale = await post(visitor, '/checkout', { do: 'pay', way: 'card', key: keyOf(page), total: '1' });
    expect(stale.status).toBe(422);
    expect(words(stale)).toContain('has changed since you looked');
    const paid = await post(visitor, '/checkout', {
      do: 'pay',
      way: 'card',
      key: keyOf(page),
      total: '4145',
    });
    expect(paid.status).toBe(303);
    const order = await open(paid.headers.get('location') ?? '', visitor);
    expect(words(order)).toContain('This order waits to be paid');
    expect(order.html).toContain('href="http://pay.example.test/c/pay/1"');
  });

  it.each([
    ['insufficient_balance', 'There isn’t enough in your wallet'],
    ['spending_limit', 'over a limit that you have set for yourself'],
    ['spending_paused', 'You have paused all spending'],
    ['sold_out', 'Somebody else was quicker'],
  ])('says plainly when the wallet refuses: %s', async (code, said) => {
    platform.shop.goods.refuses = code;
    await add(client, 'moon-guide');
    const page = await open('/checkout', client);
    const total = /name="total" value="(\d+)"/.exec(page.html)?.[1] ?? '';
    const seen = await post(client, '/checkout', { do: 'pay', way: 'wallet', key: keyOf(page), total });
    expect(seen.status).toBe(422);
    expect(words(seen)).toContain(said);
    expect(words(seen)).toMatch(/Nothing was taken/);
    await post(client, '/cart', { do: 'remove', item: 'cali_moon-guide' });
  });

  it('from the wallet: an order, once for each press, with its download; taken back when refunded', async () => {
    await add(client, 'moon-guide');
    const page = await open('/checkout', client);
    const form = { do: 'pay', way: 'wallet', key: keyOf(page), total: '1999' };
    const paid = await post(client, '/checkout', form);
    const at = paid.headers.get('location') ?? '';
    expect(at).toMatch(/^\/orders\/order_0+\d+$/);
    const order = await open(at, client);
    for (const said of [
      'Thank you',
      'Paid from your wallet: $19.99.',
      'moon.pdf',
      '1.4 MB',
      '20 downloads left',
    ])
      expect(words(order)).toContain(said);
    expect(inHead(order)).toBeUndefined();
    expect(words(await open('/orders', client))).toContain('Order 7');
    const link = await open(`${at}/downloads/file_1`, client);
    expect([link.status, link.headers.get('location')]).toEqual([
      303,
      'http://localhost:9/private/file_1?signed',
    ]);
    expect(link.headers.get('cache-control')).toBe('private, no-store');
    const { visitor: other } = await platform.signIn('reader2');
    expect((await open(at, other)).status).toBe(404);
    expect((await open(`${at}/downloads/file_1`, other)).headers.get('location')).toBe(
      `${at}?download=failed`,
    );
    const kept = platform.shop.goods.orders.get(at.slice('/orders/'.length));
    Object.assign(kept?.view ?? {}, { state: 'refunded', refunded_cents: 1_999 });
    const refused = await open(`${at}/downloads/file_1`, client);
    expect(refused.headers.get('location')).toBe(`${at}?download=taken-back`);
    expect(words(await open(`${at}?download=taken-back`, client))).toContain('can’t be downloaded any more');
  });

  it('while the shop is away: what was seen is still shown, and nothing is said to be taken', async () => {
    await open('/shop');
    platform.shop.answers = () => ({ status: 503, body: {} });
    expect((await open('/shop')).status).toBe(200);
    await platform.restart('SIGTERM');
    const away = await open('/shop');
    expect(away.status).toBe(503);
    expect(words(away)).toContain('The shop isn’t answering just now.');
    expect((await open('/shop/moon-guide')).status).toBe(503);
    expect((await open('/orders', client)).status).toBe(503);
  });
});
