/// <reference lib="dom" />

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addressOf } from '../support/addresses.ts';
import { keepScreenshots, openBrowser } from '../support/browser.ts';
import { beginTopUp, pay, writeCard } from '../support/cards.ts';
import { askLedger, spend } from '../support/money.ts';
import { createAccount, signInToShop } from '../support/people.ts';
import { secretOf } from '../support/tokens.ts';

// Money in and back, as people see it: the wallet, the payment page, the bank's question, and the shop's real admin. After each
// step Stripe, the order and the ledger are asked, and have to agree.

const site = addressOf('site');
const commerce = addressOf('commerce');
const payments = addressOf('payments');
vi.setConfig({ testTimeout: 120_000 });
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 45_000, interval: 300 });

const CARDS = {
  good: '4242424242424242',
  declined: '4000000000000002',
  poor: '4000000000009995',
  asks: '4000002760003184',
};

let browser: Browser;
let person: { context: BrowserContext; page: Page; person_id: string };
let admin: Page;
const faults: string[] = [];

/** Of Medusa's admin the faults are its own: it throws what a form is refused. */
async function openWindow(isOurs = true): Promise<{ context: BrowserContext; page: Page }> {
  // Colours that are on their way are no colours to judge.
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(45_000);
  context.on('page', (page) => {
    if (!isOurs) return;
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) faults.push(message.text());
    });
  });
  return { context, page: await context.newPage() };
}

/** Somebody who has never been here, with an empty wallet. */
async function comeNew(): Promise<typeof person> {
  const { context, page } = await openWindow();
  await page.goto(`${site}/auth/sign-in?return_to=/wallet`);
  await createAccount(page, 'Client');
  await page.waitForURL(`${site}/wallet`);
  const me = await page.request.get(`${site}/api/me`);
  return { context, page, person_id: ((await me.json()) as { person_id: string }).person_id };
}

/** Within the window at both widths, and open to everybody; how it looks, in both themes, is kept for who wants to see. */
async function lookAt(page: Page, name: string): Promise<void> {
  const size = page.viewportSize();
  for (const [width, colorScheme] of [
    [1280, 'light'],
    [390, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height: 860 });
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
      .analyze();
    expect(violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]?.html}`)).toEqual([]);
    const over = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    expect(await page.evaluate(over), `${name} at ${width}`).toBeLessThanOrEqual(0);
  }
  if (process.env.SOULSEER_LOOK)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await keepScreenshots(page, `top-up-${name}-${colorScheme}`);
    }
  await page.emulateMedia({ colorScheme: null });
  if (size) await page.setViewportSize(size);
}

const shown = (page: Page) =>
  page
    .locator('[data-balance]')
    .textContent()
    .then((text) => text?.trim());
const stateOf = (page: Page) =>
  page
    .locator('#top-up-state')
    .textContent()
    .then((text) => text?.trim());

async function payWith(page: Page, card: string, keep = false): Promise<void> {
  await writeCard(page, card);
  if (keep) await page.getByRole('checkbox', { name: /Save this card/ }).check();
  await pay(page);
}
/** A top-up from the choice of the amount to the wallet; answers Stripe's id of it. */
async function topUp(page: Page, dollars: string, keep = false): Promise<string> {
  await beginTopUp(page, dollars);
  await payWith(page, CARDS.good, keep);
  await page.waitForURL(`${site}/wallet?top_up=*`);
  expect(await stateOf(page)).toMatch(/is in your wallet$/);
  return newestIntent(person.person_id);
}

/** What the stand-in for Stripe says. */
async function askStripe<T>(path: string): Promise<T> {
  const answer = await fetch(`${payments}/v1/${path}`, {
    headers: { authorization: `Bearer ${secretOf('stripe_secret_key')}` },
  });
  expect(answer.status, path).toBe(200);
  return (await answer.json()) as T;
}
async function newestIntent(person_id: string): Promise<string> {
  const { data } = await askStripe<{ data: { id: string; metadata: Record<string, string> }[] }>(
    'payment_intents?limit=20',
  );
  for (const { id } of data) {
    const known = await askLedger<{ person_id: string }>('GET', `/service/payments/${id}`).catch(() => null);
    if (known?.person_id === person_id) return id;
  }
  throw new Error('Stripe has no such payment');
}

/** What each of the three says was refunded, in cents. */
async function refundedOf(intent: string, order_id: string): Promise<[number, number, number]> {
  const [stripe, ledger, order] = await Promise.all([
    askStripe<{ latest_charge: { amount_refunded: number } }>(
      `payment_intents/${intent}?expand[]=latest_charge`,
    ),
    askLedger<{ refunded_cents: number }>('GET', `/service/payments/${intent}`),
    admin.request
      .get(`${commerce}/admin/orders/${order_id}?fields=*payment_collections.payments.refunds`)
      .then((answer) => answer.json()) as Promise<{
      order: { payment_collections: { payments: { refunds: { amount: number }[] }[] }[] };
    }>,
  ]);
  const booked = order.order.payment_collections
    .flatMap(({ payments }) => payments)
    .flatMap((one) => one.refunds);
  return [
    stripe.latest_charge.amount_refunded,
    ledger.refunded_cents,
    Math.round(booked.reduce((sum, { amount }) => sum + amount * 100, 0)),
  ];
}
const agree = (intent: string, order_id: string, cents: number) =>
  until(async () => expect(await refundedOf(intent, order_id)).toEqual([cents, cents, cents]));

/** The newest order, which is that of the top-up that has just been made. */
async function newestOrder(): Promise<string> {
  const answer = await admin.request.get(`${commerce}/admin/orders?limit=1&order=-created_at&fields=id`);
  return ((await answer.json()) as { orders: { id: string }[] }).orders[0]?.id ?? '';
}
const widget = (name: string) =>
  admin
    .getByRole('region', { name: 'Wallet top-up' })
    .locator('div', { has: admin.getByText(name, { exact: true }) })
    .locator('dd');

beforeAll(async () => {
  browser = await openBrowser();
  person = await comeNew();
  admin = (await openWindow(false)).page;
  await signInToShop(admin, 'admin@soulseer.test');
}, 120_000);
afterAll(() => browser?.close());

describe('W5: money in', () => {
  test('a good card: asked once, paid, and there when the page is, also in a tab that was open', async () => {
    const { page, context } = person;
    await lookAt(page, 'empty');
    const second = await context.newPage();
    await second.goto(`${site}/wallet`);
    expect(await shown(second)).toBe('$0.00');
    await page.getByLabel('Another amount').fill('3');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Choose an amount from $5.00').waitFor();
    await lookAt(page, 'too-little');

    await page.getByLabel('Another amount').fill('40');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Add $40.00 to your wallet?' }).waitFor();
    await lookAt(page, 'asked');
    await page.getByRole('link', { name: 'Pay $40.00 by card' }).click();
    await page.waitForURL(`${payments}/c/pay/**`);
    await lookAt(page, 'payment-page');
    await payWith(page, CARDS.good);
    await page.waitForURL(`${site}/wallet?top_up=*`);
    expect([await stateOf(page), await shown(page)]).toEqual(['$40.00 is in your wallet', '$40.00']);
    await until(async () => expect(await shown(second)).toBe('$40.00'));
    await second.close();
    await lookAt(page, 'credited');
    // Loaded again, nothing is added again.
    await page.reload();
    expect(await shown(page)).toBe('$40.00');
  });

  test('a declined card and one without money: said clearly, nothing charged, another card goes', async () => {
    const { page } = person;
    await beginTopUp(page, '15');
    for (const [card, words] of [
      [CARDS.declined, /declined/i],
      [CARDS.poor, /insufficient funds/i],
    ] as const) {
      await payWith(page, card);
      await page.getByRole('alert').filter({ hasText: words }).waitFor();
    }
    await page.getByRole('link', { name: 'Cancel and go back to SoulSeer' }).click();
    await page.waitForURL(`${site}/wallet?top_up=*`);
    expect(await stateOf(page)).toBe('That card wasn’t accepted');
    await page.getByText(/insufficient funds.* Nothing was charged/i).waitFor();
    expect(await shown(page)).toBe('$40.00');
    await lookAt(page, 'declined');
    await page.getByRole('link', { name: 'Try again' }).click();
    await payWith(page, CARDS.good);
    await page.waitForURL(`${site}/wallet?top_up=*`);
    expect(await shown(page)).toBe('$55.00');
  });

  test('the bank asks: a no charges nothing, a yes is there', async () => {
    const { page } = person;
    await beginTopUp(page, '10');
    await payWith(page, CARDS.asks);
    await page.getByRole('button', { name: 'No, refuse it' }).click();
    await page.waitForURL(`${payments}/c/pay/**`);
    await page.getByRole('alert').waitFor();
    await payWith(page, CARDS.asks);
    await page.getByRole('button', { name: 'Yes, that is me' }).click();
    await page.waitForURL(`${site}/wallet?top_up=*`);
    expect([await stateOf(page), await shown(page)]).toEqual(['$10.00 is in your wallet', '$65.00']);
  });

  test('left halfway: nothing was charged, and the same page goes on; pressed twice: charged once', async () => {
    const { page } = person;
    await beginTopUp(page, '5');
    await page.getByRole('link', { name: 'Cancel and go back to SoulSeer' }).click();
    await page.waitForURL(`${site}/wallet?top_up=*cancelled=1*`);
    expect([await stateOf(page), await shown(page)]).toEqual(['You came back without paying', '$65.00']);
    await lookAt(page, 'left');

    await page.goto(`${site}/wallet`);
    await page.getByLabel('Another amount').fill('5');
    // Both presses before the first is answered.
    await page.getByRole('button', { name: 'Continue' }).dblclick();
    await page.getByRole('link', { name: 'Pay $5.00 by card' }).click();
    await page.waitForURL(`${payments}/c/pay/**`);
    await page.getByLabel('Card number').fill(CARDS.good);
    await page.getByLabel(/^Expires/).fill('12 / 34');
    await page.getByLabel('Security code').fill('123');
    await page.getByLabel('Name on the card').fill('A Client');
    await page.getByRole('button', { name: 'Pay $5.00' }).dblclick();
    await page.waitForURL(`${site}/wallet?top_up=*`);
    expect(await shown(page)).toBe('$70.00');
    const wallet = await askLedger<{ balance_cents: number }>('GET', `/service/wallets/${person.person_id}`);
    expect(wallet.balance_cents).toBe(7_000);
  });
});

describe('W9: money without leaving', () => {
  test('a kept card adds money in the room by one press, and the room shows it at once', async () => {
    const { page } = person;
    await page.goto(`${site}/wallet/automatic`);
    await page.getByRole('heading', { name: 'Keep a card first' }).waitFor();
    await topUp(page, '30', true);
    const { page: reader, context } = await openWindow();
    await reader.goto(`${site}/dashboard`);
    await reader.getByRole('button', { name: 'reader@soulseer.test' }).click();
    await reader.waitForURL(`${site}/dashboard`);
    const open = (await (await reader.request.get(`${site}/api/sessions?state=open`)).json()) as {
      sessions: { id: string }[];
    };
    for (const { id } of open.sessions)
      await reader.request.post(`${site}/api/sessions/${id}/end`, { headers: { origin: site } });
    const slug = (await reader.getByRole('link', { name: 'See your page' }).getAttribute('href')) ?? '';
    await reader.getByRole('radio', { name: /^Online/ }).check();
    await page.goto(`${site}${slug}`);
    await page.getByRole('radio', { name: /Chat/ }).check();
    await page.getByRole('button', { name: /^Ask .* for a reading$/ }).click();
    await page.waitForURL(`${site}/readings/*`);
    await page.getByRole('checkbox', { name: /^I agree to pay/ }).check();
    await page.getByRole('button', { name: 'Come in' }).click();
    await reader.getByRole('button', { name: 'Accept' }).click();
    await reader.waitForURL(`${site}/readings/*`);
    await reader.getByRole('button', { name: 'Come in' }).click();
    await until(async () => expect(await page.locator('.room').getAttribute('data-state')).toBe('active'));

    await page.getByRole('button', { name: 'More time' }).click();
    const dialog = page.getByRole('dialog');
    const before = (await askLedger<{ balance_cents: number }>('GET', `/service/wallets/${person.person_id}`))
      .balance_cents;
    const press = dialog.getByRole('button', { name: /^Add \$\d+ with Visa ending in 4242$/ });
    const dollars = Number(/\$(\d+)/.exec((await press.textContent()) ?? '')?.[1]);
    if (process.env.SOULSEER_LOOK) await keepScreenshots(page, 'top-up-room');
    await press.dblclick();
    await dialog.getByText(`$${dollars}.00 is in your wallet.`).waitFor();
    // A minute may have been charged meanwhile; the card was so once.
    const after = await askLedger<{ balance_cents: number }>('GET', `/service/wallets/${person.person_id}`);
    expect(after.balance_cents).toBeGreaterThan(before);
    expect(after.balance_cents).toBeLessThanOrEqual(before + dollars * 100);
    await until(async () =>
      expect(await page.locator('.room-ledger').textContent()).toContain(
        `$${(after.balance_cents / 100).toFixed(2)}`,
      ),
    );
    await dialog.getByRole('button', { name: 'Back' }).click();
    await page.getByRole('button', { name: 'End', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End the reading' }).click();
    await page.getByRole('heading', { level: 1, name: 'You ended it' }).waitFor();
    await context.close();
  });

  test('automatic top-up: with consent, without any script, and off again; money comes when little is left', async () => {
    const { page, person_id } = person;
    const quiet = await browser.newContext({
      javaScriptEnabled: false,
      storageState: await person.context.storageState(),
    });
    const plain = await quiet.newPage();
    await plain.goto(`${site}/wallet/automatic`);
    await plain.getByLabel('At most in a month').fill('5');
    await plain.getByRole('button', { name: 'Switch it on' }).click();
    await plain.getByText('This has to be at least what is added each time.').waitFor();
    await plain.getByText('Without your consent nothing is charged by itself.').waitFor();
    await plain.getByLabel('At most in a month').fill('40');
    await plain.getByRole('checkbox', { name: /^I allow SoulSeer/ }).check();
    await plain.getByRole('button', { name: 'Switch it on' }).click();
    await plain.getByRole('heading', { name: 'It is on' }).waitFor();
    await quiet.close();

    await page.goto(`${site}/wallet`);
    const wallet = () => askLedger<{ balance_cents: number }>('GET', `/service/wallets/${person_id}`);
    const { balance_cents } = await wallet();
    await spend(person_id, balance_cents - 500);
    await until(async () => expect(await shown(page)).toBe('$30.00'));
    await page.goto(`${site}/wallet/automatic`);
    await page.getByText('This month $25.00 of at most $40.00 came so.').waitFor();
    await lookAt(page, 'automatic-on');
    // The ceiling has no room for another.
    await spend(person_id, 2_500);
    await page.getByRole('button', { name: 'Switch it off' }).click();
    await page.getByText('Nothing is charged by itself any more.').waitFor();
    await lookAt(page, 'automatic-off');
    expect(await wallet()).toMatchObject({ balance_cents: 500 });
    await spend(person_id, 500);
  });
});

describe('W5: money back, in the shop’s admin', () => {
  let intent = '';
  let order_id = '';
  const refundable = () => widget('Can still be refunded').textContent();

  /** Fills in the admin's form of a refund; empty: what it offers. */
  async function refund(dollars: string): Promise<void> {
    await admin.goto(`${commerce}/app/orders/${order_id}`);
    await widget('Can still be refunded').waitFor();
    const { payment_collections } = (
      (await (
        await admin.request.get(`${commerce}/admin/orders/${order_id}?fields=*payment_collections.payments`)
      ).json()) as { order: { payment_collections: { payments: { id: string }[] }[] } }
    ).order;
    await admin.goto(
      `${commerce}/app/orders/${order_id}/refund?paymentId=${payment_collections[0]?.payments[0]?.id}`,
    );
    const dialog = admin.getByRole('dialog');
    await dialog.locator('input[name=amount]').fill(dollars);
    await dialog.getByRole('button', { name: /^(Save|Refund)/ }).click();
  }

  test('a part of it, then more than is unspent (refused with the figure), then the rest', async () => {
    intent = await topUp(person.page, '30');
    order_id = await newestOrder();
    await admin.goto(`${commerce}/app/orders/${order_id}`);
    await until(async () => expect(await refundable()).toBe('$30.00'));
    expect(await widget('Wallet now').textContent()).toBe('$30.00');
    if (process.env.SOULSEER_LOOK) await keepScreenshots(admin, 'top-up-admin-order');

    await refund('10.50');
    await agree(intent, order_id, 1_050);
    await person.page.goto(`${site}/wallet`);
    expect(await shown(person.page)).toBe('$19.50');

    await spend(person.person_id, 1_000);
    await refund('15');
    await admin.getByText('$15.00 can’t be given back: of this top-up $9.50 are unspent').first().waitFor();
    if (process.env.SOULSEER_LOOK) await keepScreenshots(admin, 'top-up-admin-refused');
    await agree(intent, order_id, 1_050);

    await refund('9.50');
    await agree(intent, order_id, 2_000);
    await admin.goto(`${commerce}/app/orders/${order_id}`);
    await until(async () => expect(await refundable()).toBe('$0.00'));
    expect(await widget('Wallet now').textContent()).toBe('$0.00');
    await person.page.reload();
    expect(await shown(person.page)).toBe('$0.00');
  });

  test('refunded at Stripe’s own dashboard, and failed there later: all three follow', async () => {
    intent = await topUp(person.page, '20');
    order_id = await newestOrder();
    const dashboard = await person.context.newPage();
    await dashboard.goto(`${payments}/dashboard/payments/${intent}`);
    await dashboard
      .getByLabel(/^Amount, empty/)
      .first()
      .fill('8');
    await dashboard.getByRole('button', { name: 'Refund', exact: true }).click();
    await agree(intent, order_id, 800);
    await until(async () => expect(await shown(person.page)).toBe('$12.00'));
    await dashboard.getByRole('button', { name: 'Let it fail' }).click();
    await agree(intent, order_id, 0);
    await until(async () => expect(await shown(person.page)).toBe('$20.00'));
    await dashboard.close();
  });

  test('a dispute takes what is there, the rest is owed and told; won, it is back', async () => {
    await spend(person.person_id, 500);
    const dashboard = await person.context.newPage();
    await dashboard.goto(`${payments}/dashboard/payments/${intent}`);
    await dashboard.getByRole('button', { name: 'Open a dispute' }).click();
    const wallet = () =>
      askLedger<{ balance_cents: number; debt_cents: number }>('GET', `/service/wallets/${person.person_id}`);
    await until(async () => expect(await wallet()).toMatchObject({ balance_cents: 0, debt_cents: 500 }));
    await person.page.reload();
    await person.page.getByText('$5.00 is owed').waitFor();
    expect(await stateOf(person.page)).toBe('Your bank has taken this back');
    await lookAt(person.page, 'disputed');
    await admin.goto(`${commerce}/app/orders/${order_id}`);
    await until(async () => expect(await widget('Debt').textContent()).toBe('$5.00'));
    await dashboard.getByRole('button', { name: 'We win' }).click();
    await until(async () => expect(await wallet()).toMatchObject({ balance_cents: 1_500, debt_cents: 0 }));
    await person.page.reload();
    expect([await stateOf(person.page), await shown(person.page)]).toEqual([
      '$20.00 is in your wallet',
      '$15.00',
    ]);
    await dashboard.close();
  });

  test('W6: events that could not be worked at have a page', async () => {
    await admin.goto(`${commerce}/app/stripe-events`);
    await admin.getByText('None: every event has been worked at.').waitFor();
    if (process.env.SOULSEER_LOOK) await keepScreenshots(admin, 'top-up-admin-events');
  });
});

test.each([
  ['reconcile', /\d+ payments, \d+ cents captured, \d+ orders by wallet, \d+ mended, \d+ left/],
  ['verify-ledger', /The ledger is whole/],
])('W6: after all that, soulseer %s finds nothing wrong', async (command, words) => {
  const run = promisify(execFile)(process.execPath, ['scripts/soulseer.ts', command], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  expect(stdout).toMatch(words);
  // What was spent here at realtime itself is no order of the shop's, and is found.
  for (const wrong of stdout.split('\n').filter((line) => line.startsWith('WRONG')))
    expect(wrong).toMatch(/^WRONG {3}unknown_hold: test-/);
});

test('no page threw, and none asked for what its policy forbids (O3)', () => {
  expect(faults).toEqual([]);
});
