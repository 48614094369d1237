import { randomUUID } from 'node:crypto';
import { entryKind, type WalletEntry, type WalletLimits } from 'realtime/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { movementWords } from '../src/text/wallet.ts';
import { type Platform, startPlatform } from './helpers/platform.ts';
import { type Seen, Visitor } from './helpers/visitor.ts';

let platform: Platform;
let client: Visitor;
let other: Visitor;

beforeAll(async () => {
  platform = await startPlatform();
  client = (await platform.signIn('client')).visitor;
  other = (await platform.signIn('client2')).visitor;
});
afterAll(() => platform?.[Symbol.asyncDispose]());
afterEach(() => {
  platform.shop.answers = () => undefined;
  platform.shop.cards = [];
  platform.shop.declines = null;
  delete platform.answers.realtime;
});

const open = (path = '/wallet', who = client) => who.ask(`${platform.url}${path}`);
const post = (fields: Record<string, string>, who = client) =>
  who.ask(`${platform.url}/wallet`, { method: 'POST', body: new URLSearchParams(fields) });
const follow = (seen: Seen, who = client) =>
  who.ask(new URL(seen.headers.get('location') ?? '', platform.url).href);
/** What is on the page for people, without markup. */
const words = ({ html }: Seen) =>
  html
    .slice(html.indexOf('<main'), html.indexOf('</main'))
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
const keyOf = ({ html }: Seen) => /name="key" value="([^"]+)"/.exec(html)?.[1] ?? '';
const topUpOf = (seen: Seen) => /top_up=([^#&]+)/.exec(seen.headers.get('location') ?? '')?.[1] ?? '';

/** Begins a top-up as the page does, and gives its id. */
async function begin(fields: Record<string, string> = { pack: 'pack-50' }, who = client): Promise<string> {
  const seen = await post({ do: 'top_up', key: randomUUID(), ...fields }, who);
  expect(seen.status).toBe(303);
  return topUpOf(seen);
}

/** Changes how a top-up stands at the shop, and gives what its page says. */
async function standing(change: Record<string, unknown>, query = ''): Promise<Seen> {
  const id = await begin();
  Object.assign(platform.shop.topUps.get(id) ?? {}, change);
  return open(`/wallet?top_up=${id}${query}`);
}

describe('a top-up (W5)', () => {
  it('is chosen as a pack, and asked about once more before anything is charged', async () => {
    const page = await open();
    expect(page.status).toBe(200);
    expect(words(page)).toContain('$24.50 to spend on readings');
    for (const pack of ['$25', '$50', '$100']) expect(words(page)).toContain(pack);
    const begun = await post({ do: 'top_up', key: keyOf(page), pack: 'pack-25' });
    expect(begun.status).toBe(303);
    const asked = await follow(begun);
    expect(words(asked)).toContain('Add $25.00 to your wallet?');
    expect(words(asked)).toContain('Until you pay there, nothing is charged');
    const id = topUpOf(begun);
    expect(asked.html).toContain(`href="http://pay.example.test/c/pay/${id}"`);
    expect(platform.shop.topUps.get(id)).toMatchObject({ state: 'open', amount_cents: 2_500 });
  });

  it.each([
    ['40', 4_000],
    ['12.5', 1_250],
    ['$ 5.00', 500],
    ['7,25', 725],
    ['500', 50_000],
  ])('takes any amount: “%s”', async (amount, cents) => {
    expect(platform.shop.topUps.get(await begin({ amount }))?.amount_cents).toBe(cents);
  });

  it.each([
    ['', 'Write an amount'],
    ['forty', 'Write an amount'],
    ['-5', 'Write an amount'],
    ['1e3', 'Write an amount'],
    ['5.001', 'Write an amount'],
    ['99999999999999', 'Write an amount'],
    ['4.99', 'Choose an amount from $5.00 to $500.00.'],
    ['500.01', 'Choose an amount from $5.00 to $500.00.'],
    ['"><script>alert(1)</script>', 'Write an amount'],
  ])('refuses “%s”, and leaves what was typed', async (amount, word) => {
    const before = platform.shop.topUps.size;
    const seen = await post({ do: 'top_up', key: randomUUID(), amount });
    expect(seen.status).toBe(422);
    expect(words(seen)).toContain(word);
    const typed = / name="amount"[^>]* value(?:="([^"]*)")? aria/.exec(seen.html)?.[1] ?? '';
    expect(typed.replaceAll('&quot;', '"')).toBe(amount);
    expect(platform.shop.topUps.size).toBe(before);
  });

  it('W2: is one however often its button is pressed, and another for another choice on the same page', async () => {
    const key = keyOf(await open());
    const many = await Promise.all(
      Array.from({ length: 6 }, () => post({ do: 'top_up', key, pack: 'pack-50' })),
    );
    expect(new Set(many.map(topUpOf)).size).toBe(1);
    const another = await post({ do: 'top_up', key, amount: '60' });
    expect(topUpOf(another)).not.toBe(topUpOf(many[0] as Seen));
    expect(another.status).toBe(303);
    // Somebody else with the same key has one of their own.
    expect(topUpOf(await post({ do: 'top_up', key, pack: 'pack-50' }, other))).not.toBe(
      topUpOf(many[0] as Seen),
    );
  });

  it.each(['', 'x', 'a'.repeat(500)])('without a good key (“%s”) is not begun', async (key) => {
    const before = platform.shop.topUps.size;
    const seen = await post({ do: 'top_up', key, pack: 'pack-50' });
    expect(seen.status).toBe(422);
    expect(words(seen)).toContain('Nothing was charged');
    expect(platform.shop.topUps.size).toBe(before);
  });

  it('of somebody else is as one that isn’t there', async () => {
    const id = await begin();
    const seen = await open(`/wallet?top_up=${id}`, other);
    expect(words(seen)).toContain('That payment isn’t one of yours');
    expect(seen.html).not.toContain('pay.example.test');
    expect((await open(`/wallet/top-ups/${id}`, other)).status).toBe(404);
    const own = await open(`/wallet/top-ups/${id}`);
    expect(JSON.parse(own.html)).toEqual({ state: 'open' });
    expect(own.headers.get('cache-control')).toMatch(/no-store/);
  });

  it.each(['../../admin', '%2e%2e%2fcards', 'a/b', '?x=1'])(
    'asked by the id %s asks for nothing else',
    async (id) => {
      const seen = await open(`/wallet?top_up=${encodeURIComponent(id)}`);
      expect(words(seen)).toContain('That payment isn’t one of yours');
      const paths = platform.shop.requests.map(({ url }) => url).filter((url) => url.startsWith('/store/'));
      for (const path of paths) expect(path).toMatch(/^\/store\/(automatic-top-up|top-ups(\/[^/]+)?|cards)$/);
    },
  );
});

describe('the page that people come back to (W5)', () => {
  it.each([
    ['went back', {}, '&cancelled=1', 'You came back without paying'],
    [
      'were declined',
      { failure: { code: 'card_declined', message: 'Your card was declined' } },
      '',
      'Your card was declined. Nothing was charged.',
    ],
    ['let it run out', { state: 'expired', checkout_url: null }, '', 'Nothing was charged; begin again'],
    ['have it back', { state: 'refunded', checkout_url: null }, '', '$50.00 went back to your card'],
    ['took it back at the bank', { state: 'disputed', checkout_url: null }, '', 'disputed at your bank'],
    [
      'were refused on a kept card',
      {
        state: 'failed',
        checkout_url: null,
        failure: { code: 'insufficient_funds', message: 'Your card has insufficient funds.' },
      },
      '',
      'Your card has insufficient funds. Nothing was charged.',
    ],
  ])('tells those who %s', async (_, change, query, word) => {
    const seen = await standing(change, query);
    expect(seen.status).toBe(200);
    expect(words(seen)).toContain(word);
  });

  it.each(['processing', 'paid'])(
    'looks again by itself while it is %s, with and without a script',
    async (state) => {
      const seen = await standing({ state, checkout_url: null });
      expect(seen.html).toMatch(/<noscript><meta http-equiv="refresh" content="3"/);
      expect(seen.html).toMatch(/data-pending="topup_\d+"/);
      expect(seen.html).not.toContain('pay.example.test');
    },
  );

  it('has the new balance when the money is there: the shop is asked first', async () => {
    const id = await begin();
    let credited = false;
    platform.answers.realtime = (path) =>
      path === '/api/wallet'
        ? { status: 200, body: { balance_cents: credited ? 7_450 : 2_450, debt_cents: 0 } }
        : undefined;
    platform.shop.answers = (_, path) => {
      if (path === `/store/top-ups/${id}`) {
        credited = true;
        Object.assign(platform.shop.topUps.get(id) ?? {}, {
          state: 'credited',
          credited_cents: 5_000,
          checkout_url: null,
          card: { brand: 'visa', last4: '4242' },
        });
      }
      return undefined;
    };
    const seen = await open(`/wallet?top_up=${id}`);
    expect(words(seen)).toContain('$74.50 to spend on readings');
    expect(words(seen)).toContain('$50.00 is in your wallet Paid by Visa ending in 4242.');
    expect(seen.html).not.toContain('http-equiv="refresh"');
  });

  it('leads to no address that isn’t one of the web', async () => {
    const seen = await standing({ checkout_url: 'javascript:alert(1)' });
    expect(seen.html).not.toContain('javascript:');
    expect(words(seen)).toContain('can’t be looked up just now');
  });

  it('shows what a bank says as words', async () => {
    const seen = await standing({ failure: { code: 'x', message: '<img src=x onerror=alert(1)>' } });
    expect(seen.html).not.toContain('<img src=x');
  });
});

describe('a kept card', () => {
  const card = { id: 'pm_1', brand: 'visa', last4: '4242', exp_month: 3, exp_year: 2031 };

  it('is charged by the button that names card and sum, once', async () => {
    platform.shop.cards = [card];
    const page = await open(`/wallet?top_up=${await begin()}`);
    expect(words(page)).toContain('Pay $50.00 with Visa ending in 4242');
    const fields = { do: 'charge', key: keyOf(page), amount: '50.00', card: 'pm_1', top_up: 'topup_1' };
    const charged = await Promise.all([post(fields), post(fields), post(fields)]);
    expect(new Set(charged.map(topUpOf)).size).toBe(1);
    const seen = await follow(charged[0] as Seen);
    expect(words(seen)).toContain('$50.00 is in your wallet');
  });

  it.each([
    ['card_declined', 'That card was declined. Nothing was charged'],
    ['card_needs_confirmation', 'Your bank wants to ask you first. Nothing was charged yet'],
  ])('that says %s is told, with the payment page still there', async (code, word) => {
    platform.shop.cards = [card];
    platform.shop.declines = code;
    const id = await begin();
    const seen = await post({ do: 'charge', key: randomUUID(), amount: '50', card: 'pm_1', top_up: id });
    expect(seen.status).toBe(422);
    expect(words(seen)).toContain(word);
    expect(seen.html).toContain(`pay.example.test/c/pay/${id}`);
  });

  it('of somebody else, or none, is not charged', async () => {
    const seen = await post({ do: 'charge', key: randomUUID(), amount: '50', card: 'pm_2', top_up: '' });
    expect(seen.status).toBe(422);
    expect(words(seen)).toContain('Nothing was charged');
  });

  it('can be kept without paying, by the hand of somebody who agrees', async () => {
    expect(words(await open())).toContain('I allow SoulSeer to keep my card');
    const unsaid = await post({ do: 'keep_card' });
    expect(unsaid.status).toBe(422);
    expect(words(unsaid)).toContain('Without your consent no card is kept');
    expect(unsaid.html).not.toContain('pay.example.test');
    const asked = await post({ do: 'keep_card', consent: 'yes' });
    expect(asked.status).toBe(200);
    expect(asked.html).toContain('href="https://pay.example.test/c/pay/card_1"');
    // Whoever only writes the address has kept none.
    expect(words(await open('/wallet?card=kept'))).not.toContain('Your card is kept');
    platform.shop.cards = [card];
    expect(words(await open('/wallet?card=kept'))).toContain('Your card is kept. Nothing was charged');
    platform.shop.answers = (method, path) =>
      method === 'POST' && path === '/store/cards'
        ? { status: 503, body: { code: 'payments_unavailable' } }
        : undefined;
    expect((await post({ do: 'keep_card', consent: 'yes' })).status).toBe(503);
  });

  it('is forgotten when asked to', async () => {
    platform.shop.cards = [card];
    expect(words(await open())).toContain('Visa ending in 4242 until 03/2031');
    expect((await post({ do: 'forget_card', card: 'pm_1' })).status).toBe(303);
    expect(words(await open())).not.toContain('4242');
  });
});

describe('in the room: money by one press', () => {
  const card = { id: 'pm_1', brand: 'visa', last4: '4242', exp_month: 3, exp_year: 2031 };
  const press = async (key: string | null, body: unknown) => {
    const seen = await client.ask(`${platform.url}/wallet/one-tap`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...(key === null ? {} : { 'idempotency-key': key }) },
    });
    return { status: seen.status, body: JSON.parse(seen.html) as Record<string, unknown> };
  };

  it('offers the kept cards and the packs, and charges once for each press', async () => {
    platform.shop.cards = [card];
    const offer = JSON.parse((await open('/wallet/one-tap')).html) as object;
    expect(offer).toMatchObject({ cards: [{ id: 'pm_1', name: 'Visa ending in 4242' }] });
    const key = randomUUID();
    const made = platform.shop.topUps.size;
    const answers = await Promise.all([1, 2, 3].map(() => press(key, { card: 'pm_1', pack: 'pack-25' })));
    for (const answer of answers)
      expect(answer).toEqual({ status: 201, body: { state: 'credited', amount_cents: 2_500 } });
    expect(platform.shop.topUps.size).toBe(made + 1);
    expect(await press(key, { card: 'pm_1', pack: 'pack-50' })).toMatchObject({
      status: 409,
      body: { code: 'key_reused' },
    });
  });

  it('says that nobody knows yet where no answer came, and the same press goes on with the same charge', async () => {
    platform.shop.cards = [card];
    const away = () => ({ status: 503, body: { code: 'payments_unavailable' } });
    platform.shop.answers = (method, path) =>
      method === 'POST' && path.endsWith('one-tap') ? away() : undefined;
    const unheard = await press(randomUUID(), { card: 'pm_1', pack: 'pack-25' });
    expect(unheard).toMatchObject({ status: 503, body: { title: 'There is no answer yet' } });
    const key = randomUUID();
    const seen = await post({ do: 'charge', key, amount: '50', card: 'pm_1', top_up: await begin() });
    expect([seen.status, keyOf(seen)]).toEqual([503, key]);
    expect(words(seen)).toContain('you are charged once at most');
    platform.shop.answers = () => undefined;
  });

  it('says why nothing was charged', async () => {
    platform.shop.cards = [card];
    platform.shop.declines = 'card_declined';
    expect(await press(randomUUID(), { card: 'pm_1', pack: 'pack-25' })).toMatchObject({
      status: 402,
      body: { code: 'card_declined', detail: expect.stringContaining('Nothing was charged') },
    });
    platform.shop.declines = null;
    for (const [key, body] of [
      [null, { card: 'pm_1', pack: 'pack-25' }],
      [randomUUID(), { card: 'pm_1', pack: 'pack-25', amount_cents: 1 }],
      [randomUUID(), { card: '', pack: 'pack-25' }],
      [randomUUID(), null],
    ] as const)
      expect((await press(key, body)).status).toBe(400);
  });
});

describe('automatic top-up (W9)', () => {
  const card = { id: 'pm_1', brand: 'visa', last4: '4242', exp_month: 3, exp_year: 2031 };
  const set = (fields: Record<string, string>) =>
    client.ask(`${platform.url}/wallet/automatic`, { method: 'POST', body: new URLSearchParams(fields) });
  const good = { do: 'on', threshold: '10', amount: '25', ceiling: '200', card: 'pm_1', consent: 'yes' };

  it('is switched on with consent alone and with figures that fit, shown, and switched off', async () => {
    platform.shop.automatic = null;
    platform.shop.cards = [];
    expect(words(await open('/wallet/automatic'))).toContain('Keep a card first');
    platform.shop.cards = [card];
    for (const [change, word] of [
      [{ consent: '' }, 'Without your consent'],
      [{ ceiling: '24' }, 'at least what is added each time'],
      [{ threshold: 'much' }, 'from $1 to $500'],
      [{ amount: '' }, 'Write an amount in dollars'],
    ] as const) {
      const seen = await set({ ...good, ...change });
      expect([seen.status, platform.shop.automatic]).toEqual([422, null]);
      expect(words(seen)).toContain(word);
    }
    expect((await set(good)).status).toBe(303);
    expect(platform.shop.automatic).toMatchObject({
      amount_cents: 2_500,
      threshold_cents: 1_000,
      card_id: 'pm_1',
    });
    expect(words(await open('/wallet/automatic'))).toContain('$25.00 is added by Visa ending in 4242');
    expect(words(await open())).toContain('when there is less than $10.00 in your wallet');
    expect((await set({ do: 'off' })).status).toBe(303);
    expect(words(await open('/wallet/automatic'))).toContain('Nothing is charged by itself.');
    expect((await set({ do: 'anything' })).status).toBe(400);
  });

  it('that has switched itself off is said on the wallet’s page, the bank’s words as words', async () => {
    await set(good);
    const message = '<img src=x onerror=alert(1)>';
    Object.assign(platform.shop.automatic ?? {}, {
      on: false,
      failures: 3,
      off_reason: 'failures',
      last_failure: { code: 'x', message },
    });
    for (const seen of [await open(), await open('/wallet/automatic')]) {
      expect(words(seen)).toContain('It has switched itself off');
      expect(seen.html).not.toContain('<img src=x');
    }
    platform.shop.automatic = null;
  });
});

describe('when something is away', () => {
  const away = { status: 503, body: { status: 503, code: 'payments_unavailable' } };

  it('the shop: what is in the wallet is still shown, and it says that nothing was charged', async () => {
    platform.shop.answers = () => away;
    const page = await open();
    expect(page.status).toBe(200);
    expect(words(page)).toContain('$24.50');
    expect(words(page)).toContain('Money can’t be added just now');
    const tried = await post({ do: 'top_up', key: randomUUID(), pack: 'pack-50' });
    expect(tried.status).toBe(503);
    expect(words(tried)).toContain('Nothing was charged');
    expect(words(await open('/wallet?top_up=topup_1'))).toContain(
      'If you have paid, the money will be in your wallet',
    );
    const asked = await open('/wallet/top-ups/topup_1');
    expect(asked.status).toBe(503);
    expect(JSON.parse(asked.html)).toMatchObject({ code: 'payments_unavailable' });
  });

  it.each([
    ['an answer that is none', { status: 200, body: { hello: 1 } }],
    ['a fault', { status: 500, body: 'x' }],
    ['a negative amount', { status: 200, body: { least_cents: -1, most_cents: 1, packs: [] } }],
  ])('the shop with %s is taken as away', async (_, answer) => {
    platform.shop.answers = (_method, path) => (path === '/store/top-ups/options' ? answer : undefined);
    expect(words(await open())).toContain('Money can’t be added just now');
  });

  it('realtime: says so, and money can still be added', async () => {
    platform.answers.realtime = () => ({ status: 503, body: { code: 'unwell' } });
    const page = await open();
    expect(words(page)).toContain('Your balance can’t be shown just now. It is safe');
    expect(words(page)).toContain('Another amount');
  });

  it('too many tries in an hour are told as that', async () => {
    platform.shop.answers = (method) =>
      method === 'POST' ? { status: 429, body: { status: 429, code: 'too_many_requests' } } : undefined;
    // The customer's token may have to be asked for anew; what matters is what is said.
    const seen = await post({ do: 'top_up', key: randomUUID(), pack: 'pack-50' });
    expect(seen.status).toBe(429);
    expect(words(seen)).toContain('Nothing was charged; wait a while');
  });

  it('a customer token that is taken no more is asked for anew, once', async () => {
    await open();
    const before = platform.shop.requests.filter(({ url }) => url === '/auth/customer/soulseer').length;
    for (const { headers } of platform.shop.requests)
      platform.shop.stale.add(headers.authorization?.replace('Bearer ', '') ?? '');
    expect(words(await open())).toContain('Another amount');
    const after = platform.shop.requests.filter(({ url }) => url === '/auth/customer/soulseer').length;
    expect(after).toBeGreaterThan(before);
    expect(after).toBeLessThanOrEqual(before + 3);
  });

  it('a form that is none, and a debt, are told', async () => {
    const seen = await client.ask(`${platform.url}/wallet`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(seen.status).toBe(400);
    expect((await post({ do: 'nothing' })).status).toBe(400);
    platform.answers.realtime = (path) =>
      path === '/api/wallet' ? { status: 200, body: { balance_cents: 0, debt_cents: 1_234 } } : undefined;
    expect(words(await open())).toContain('$12.34 is owed');
  });
});

const entry = (number: number, more: Partial<WalletEntry> = {}): WalletEntry => ({
  number,
  at_ms: Date.UTC(2026, 10, 24, 23, 30),
  kind: 'minute',
  of_kind: null,
  amount_cents: -399,
  balance_after_cents: 2_450,
  session_id: null,
  minute: number,
  reader: { name: 'Amara <b>Okafor</b>', slug: 'amara-okafor' },
  payment_id: null,
  details: null,
  ...more,
});

describe('movements (W7)', () => {
  /** What realtime was asked last, while it answers this. */
  function answering(entries: WalletEntry[], next: string | null = null) {
    const asked: URLSearchParams[] = [];
    platform.answers.realtime = (path, { query }) => {
      if (path !== '/api/wallet/entries') return undefined;
      asked.push(query);
      return { status: 200, body: { entries, next } };
    };
    return asked;
  }

  it('say what each was for, which way it went and what was left', async () => {
    answering([
      entry(3),
      entry(2, { kind: 'reversal', of_kind: 'minute', amount_cents: 399, balance_after_cents: 5_000 }),
      entry(1, { kind: 'top_up', amount_cents: 5_000, reader: null, minute: null }),
    ]);
    const seen = await open();
    expect(words(seen)).toMatch(
      /Minute 3 with Amara &lt;b&gt;Okafor&lt;\/b&gt; 24 Nov 2026, 23:30 −\$3.99 leaving \$24.50/,
    );
    expect(words(seen)).toMatch(/Minute 2 with .*, given back .* \+\$3.99/);
    expect(words(seen)).toMatch(/Added by card .* \+\$50.00/);
    expect(seen.html).not.toContain('<b>Okafor');
  });

  it('have words of their own for whatever can happen to a wallet', () => {
    const all = entryKind.options.map((kind) => movementWords(entry(1, { kind, of_kind: 'minute' })));
    expect(new Set(all).size).toBe(all.length);
    for (const said of all) expect(said).toMatch(/^[A-Z][^_]{5,}$/);
    expect(movementWords(entry(4, { reader: null }))).toBe('Minute 4 with a reader');
    expect(movementWords(entry(4, { kind: 'reversal', of_kind: null }))).toBe('Put right');
  });

  it('are narrowed by the address, in the time zone that the browser told', async () => {
    const asked = answering([]);
    client.jar(platform.url).set('soulseer_zone', 'America/New_York');
    const seen = await open('/wallet?kind=back&from=2026-11-01&to=2026-11-01&before=40');
    expect(Object.fromEntries(asked.at(-1) ?? [])).toEqual({
      limit: '20',
      kind: 'reversal,refund_reserve,refund_settle,refund_release,card_refund,refund_failed,dispute_open,dispute_won',
      // The clocks are set back on that day, so it has 25 hours.
      from_ms: String(Date.UTC(2026, 10, 1, 4)),
      to_ms: String(Date.UTC(2026, 10, 2, 5)),
      before: '40',
    });
    expect(words(seen)).toContain('Nothing of that kind in that time.');
    expect(seen.html).toContain('value="2026-11-01"');
    client.jar(platform.url).delete('soulseer_zone');
  });

  it.each([
    ['kind=toString', {}],
    ['from=2026-02-30', {}],
    ['to=tomorrow', {}],
    ['from=-1&to=99999-01-01', {}],
    ['before=0', {}],
    ['before=1;drop', {}],
    ['from=0001-01-01', {}],
  ])('leave out what can’t be used: %s', async (search) => {
    const asked = answering([entry(1)]);
    const seen = await open(`/wallet?${search}`);
    expect(seen.status).toBe(200);
    expect(words(seen)).toContain('Something in the address couldn’t be used');
    expect(Object.fromEntries(asked.at(-1) ?? [])).toEqual({ limit: '20' });
  });

  it('lead on to earlier ones and back, filters kept, and to a file of the same', async () => {
    answering([entry(21)], '21');
    const seen = await open('/wallet?kind=readings&from=2026-11-01');
    expect(seen.html).toMatch(
      /href="\/wallet\?kind=readings&(amp;)?from=2026-11-01&(amp;)?before=21#movements"/,
    );
    expect(seen.html).toMatch(
      /href="\/api\/wallet\/entries\?format=csv&(amp;|#38;)?kind=minute&(amp;|#38;)?from_ms=\d+"/,
    );
    const later = await open('/wallet?kind=readings&from=2026-11-01&before=21');
    expect(words(later)).toContain('Newest');
  });

  it('are told to be empty, or away, as what they are', async () => {
    answering([]);
    expect(words(await open())).toContain('Nothing has moved yet');
    platform.answers.realtime = (path) =>
      path === '/api/wallet/entries'
        ? { status: 200, body: { entries: [{ nonsense: true }], next: null } }
        : undefined;
    expect(words(await open())).toContain('Your movements can’t be shown just now');
  });

  it('come as a file through the site, under its owner’s name alone', async () => {
    const path = '/api/wallet/entries?format=csv';
    expect((await new Visitor().ask(`${platform.url}${path}`)).status).toBe(401);
    const seen = await open(path);
    expect(seen.status).toBe(200);
    expect(seen.headers.get('cache-control')).toMatch(/no-store/);
  });
});

describe('limits (W8)', () => {
  const none = { limit_cents: null, coming: null };
  const window = { ...none, spent_cents: 1_299, ends_at_ms: Date.UTC(2026, 10, 25), time_zone: 'UTC' };
  let limits: WalletLimits;
  let asked: { method: string; body: unknown; zone: string | null }[];

  function answering(given: Partial<WalletLimits> = {}) {
    limits = { day: window, week: window, session: none, pause: { on: false, until_ms: null }, ...given };
    asked = [];
    platform.answers.realtime = (path, { method, query, body }) => {
      if (path !== '/api/wallet/limits') return undefined;
      asked.push({ method, body: body && JSON.parse(body), zone: query.get('time_zone') });
      return { status: 200, body: limits };
    };
  }
  const set = (fields: Record<string, string>, who = client) =>
    who.ask(`${platform.url}/wallet/limits`, { method: 'POST', body: new URLSearchParams(fields) });
  const changes = () => asked.filter(({ method }) => method === 'PUT').map(({ body }) => body);

  it('are shown with what was spent, what is to come, and none', async () => {
    answering({
      day: {
        ...window,
        limit_cents: 5_000,
        coming: { limit_cents: 9_000, at_ms: Date.UTC(2026, 10, 26, 8) },
      },
      week: {
        ...window,
        limit_cents: 20_000,
        coming: { limit_cents: null, at_ms: Date.UTC(2026, 10, 27, 8) },
      },
    });
    const seen = await open('/wallet/limits');
    expect(words(seen)).toMatch(
      /In a day \$50.00 a day .*\$12.99 spent today.*\$90.00 from 26 Nov 2026, 08:00/,
    );
    expect(words(seen)).toMatch(/In a week \$200.00 a week .* No limit from 27 Nov 2026, 08:00/);
    expect(words(seen)).toMatch(/In one reading No limit/);
    expect(words(seen)).toContain('only after 24 hours');
  });

  it.each([
    [
      { set: 'day', amount: '40' },
      { time_zone: 'Europe/Berlin', day_cents: 4_000 },
    ],
    [
      { set: 'week', amount: '0' },
      { time_zone: 'Europe/Berlin', week_cents: 0 },
    ],
    [
      { set: 'session', amount: '12.50' },
      { time_zone: 'Europe/Berlin', session_cents: 1_250 },
    ],
    [
      { set: 'day', amount: '40', remove: 'yes' },
      { time_zone: 'Europe/Berlin', day_cents: null },
    ],
    [
      { set: 'pause', pause: 'open' },
      { time_zone: 'Europe/Berlin', pause: { on: true } },
    ],
    [
      { set: 'pause', pause: 'off' },
      { time_zone: 'Europe/Berlin', pause: { on: false } },
    ],
  ])('%j sets that alone', async (fields, change) => {
    answering();
    const seen = await set({ ...fields, time_zone: 'Europe/Berlin' });
    expect(seen.status).toBe(303);
    expect(seen.headers.get('location')).toBe(`/wallet/limits?set=${fields.set}`);
    expect(changes()).toEqual([change]);
  });

  it('a pause of a week ends by itself', async () => {
    answering();
    const before = Date.now();
    await set({ set: 'pause', pause: 'week', time_zone: 'UTC' });
    const [change] = changes() as { pause: { on: boolean; until_ms: number } }[];
    expect(change?.pause.on).toBe(true);
    expect(change?.pause.until_ms).toBeGreaterThanOrEqual(before + 7 * 86_400_000);
    expect(change?.pause.until_ms).toBeLessThanOrEqual(Date.now() + 7 * 86_400_000);
  });

  it('tell when what was set takes effect', async () => {
    answering({ day: { ...window, limit_cents: 5_000 } });
    expect(words(await open('/wallet/limits?set=day'))).toContain('Set, and in force now.');
    answering({
      day: {
        ...window,
        limit_cents: 5_000,
        coming: { limit_cents: 9_000, at_ms: Date.UTC(2026, 10, 26, 8) },
      },
    });
    expect(words(await open('/wallet/limits?set=day'))).toMatch(
      /Kept. .* changes on 26 Nov 2026, 08:00 ?; until then the old one holds/,
    );
    answering({ pause: { on: true, until_ms: null } });
    const paused = words(await open('/wallet/limits?set=pause'));
    expect(paused).toContain('Paused. Nothing can be spent');
    expect(paused).toContain('Take it back, from in 24 hours on');
  });

  it.each(['', 'much', '-1', '10000000', '1.234', '<script>'])('“%s” is no limit', async (amount) => {
    answering();
    const seen = await set({ set: 'week', amount, time_zone: 'UTC' });
    expect(seen.status).toBe(422);
    expect(words(seen)).toContain('Write an amount in dollars');
    expect(changes()).toEqual([]);
  });

  it.each([{ set: 'month', amount: '4' }, { set: 'pause', pause: 'constructor' }, { set: '' }, {}])(
    '%j is no form of ours',
    async (fields) => {
      answering();
      expect((await set(fields as Record<string, string>)).status).toBe(400);
      expect(changes()).toEqual([]);
    },
  );

  it.each(['Nowhere/Land', 'x'.repeat(500), ''])(
    'a time zone that is none (%s) is UTC',
    async (time_zone) => {
      answering();
      await set({ set: 'day', amount: '4', time_zone });
      expect(changes()).toEqual([{ time_zone: 'UTC', day_cents: 400 }]);
    },
  );

  it('that can’t be read or set are told, and hold all the same', async () => {
    platform.answers.realtime = () => ({ status: 503, body: { code: 'unwell' } });
    const seen = await open('/wallet/limits');
    expect(words(seen)).toContain('They hold all the same');
    const tried = await set({ set: 'day', amount: '4', time_zone: 'UTC' });
    expect(tried.status).toBe(503);
    expect(words(tried)).toContain('Nothing was changed');
  });
});

it('no token of anybody ever reaches the browser', () => {
  for (const { text } of [...client.answers, ...other.answers])
    expect(text).not.toMatch(/customer-\d+|eyJ[\w-]{20,}/);
});
