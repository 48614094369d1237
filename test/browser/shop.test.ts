import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressOf } from '../support/addresses.ts';
import { keepScreenshots, openBrowser } from '../support/browser.ts';
import { withDatabase } from '../support/database.ts';
import { payIn } from '../support/money.ts';
import { signInToShop } from '../support/people.ts';

// P1, P2: goods bought on the site by a person, paid on the real payment page or from the wallet, and given back by staff in
// the real admin of the shop.

const site = addressOf('site');
const commerce = addressOf('commerce');
const buyer = 'client2@soulseer.test';

let browser: Browser;
let context: BrowserContext;
let page: Page;
/** Where an order is on the site. */
const bought: { digital?: string; physical?: string } = {};

beforeAll(async () => {
  browser = await openBrowser();
  context = await browser.newContext({ acceptDownloads: true });
  page = await context.newPage();
});
afterAll(() => browser.close());

/** As it is for everybody, and how it looks. */
async function see(name: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    name,
  ).toEqual([]);
  await keepScreenshots(page, `shop-${name}`);
  const [inside, whole] = await page.evaluate(() => [
    document.documentElement.clientWidth,
    document.documentElement.scrollWidth,
  ]);
  expect(whole, `${name} sticks out sideways`).toBeLessThanOrEqual(inside ?? 0);
}

const personOf = (email: string) =>
  withDatabase('commerce', async (db) => {
    const { rows } = await db.query<{ id: string }>(
      'select person_id as id from commerce_person where email = $1',
      [email],
    );
    return rows[0]?.id ?? '';
  });
const balance = (person_id: string) =>
  withDatabase('realtime', async (db) => {
    const { rows } = await db.query<{ cents: string }>(
      'select balance as cents from accounts where name = $1',
      [`wallet:${person_id}`],
    );
    return Number(rows[0]?.cents ?? 0);
  });
const paymentOf = (order: string) =>
  withDatabase('commerce', async (db) => {
    const { rows } = await db.query<{ order_id: string; medusa_payment_id: string; amount_cents: number }>(
      'select order_id, medusa_payment_id, amount_cents from commerce_payment where id = $1',
      [order.split('/').at(-1)],
    );
    if (!rows[0]) throw new Error(`no payment of ${order}`);
    return rows[0];
  });

describe('P1 a guest becomes a buyer', () => {
  test('finds something to download, signs in with the cart, pays by card, and has the file', async () => {
    await page.goto(`${site}/shop`);
    await see('window');
    await page.getByLabel('Kind').selectOption('digital');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.waitForURL('**/shop?*kind=digital*');
    await page.getByRole('article').first().getByRole('link').click();
    await page.getByRole('button', { name: 'Put into the cart' }).waitFor();
    await see('product');
    await page.getByRole('button', { name: 'Put into the cart' }).click();
    await page.waitForURL(`${site}/cart`);
    expect(await page.getByRole('link', { name: 'Cart, 1 thing' }).isVisible()).toBe(true);
    await see('cart');
    await page.getByRole('link', { name: 'To the checkout' }).click();
    await page.waitForURL(`${addressOf('identity')}/**`);
    await page.getByRole('button', { name: buyer }).click();
    await page.waitForURL(`${site}/checkout`);
    await see('checkout-pay');
    await page.getByRole('button', { name: /^Pay \$[\d.]+ by card$/ }).click();
    await page.waitForURL(`${site}/orders/**`);
    await see('order-open');
    await page.getByRole('link', { name: /^Pay \$[\d.]+ by card$/ }).click();
    for (const [label, value] of [
      ['Email', buyer],
      ['Card number', '4242424242424242'],
      ['Expires (month / year)', `12 / ${new Date().getFullYear() + 2}`],
      ['Security code', '123'],
      ['Name on the card', 'Casey Client'],
    ] as const) {
      const field = page.getByLabel(label, { exact: true });
      if (await field.count()) await field.fill(value);
    }
    await page.getByRole('button', { name: /^Pay \$/ }).click();
    await page.waitForURL(`${site}/orders/**`);
    await page.getByRole('heading', { name: 'Thank you' }).waitFor({ timeout: 30_000 });
    bought.digital = page.url();
    await see('order-digital');
    expect(await page.getByRole('link', { name: /^Cart/ }).count()).toBe(0);

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('a[href*="/downloads/"]').first().click(),
    ]);
    expect(new URL(download.url()).origin).toBe(addressOf('storage'));
    const file = await readFile(await download.path());
    expect(['%PDF', 'RIFF']).toContain(file.subarray(0, 4).toString('latin1'));
  }, 150_000);

  test('has something sent, and pays for it from the wallet', async () => {
    const person = await personOf(buyer);
    await payIn(person, 20_000);
    const before = await balance(person);
    await page.goto(`${site}/shop?kind=physical&sort=price`);
    await page.getByRole('article').first().getByRole('link').click();
    await page.getByRole('button', { name: 'Put into the cart' }).click();
    await page.waitForURL(`${site}/cart`);
    await page.getByRole('link', { name: 'To the checkout' }).click();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('Write the street and number.').waitFor();
    await see('checkout-address');
    for (const [label, value] of [
      ['Name', 'Casey Client'],
      ['Street and number', '12 Quay Street'],
      ['Postal code', 'H91'],
      ['Town', 'Galway'],
    ] as const)
      await page.getByLabel(label, { exact: true }).fill(value);
    await page.getByLabel('Country').selectOption('ie');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('12 Quay Street').waitFor();
    await see('checkout-both');
    await page.getByRole('button', { name: /^Pay \$[\d.]+ from your wallet$/ }).click();
    await page.waitForURL(`${site}/orders/**`, { timeout: 30_000 });
    await page.getByRole('heading', { name: 'Being packed' }).waitFor({ timeout: 30_000 });
    bought.physical = page.url();
    await see('order-physical');
    const { amount_cents } = await paymentOf(bought.physical);
    expect(await balance(person)).toBe(before - amount_cents);
    await page.goto(`${site}/orders`);
    await see('orders');
  }, 120_000);
});

describe('P1 P2 staff give it back', () => {
  test('in the shop’s admin: to the card and into the wallet; the download is gone', async () => {
    const { digital = '', physical = '' } = bought;
    const person = await personOf(buyer);
    const before = await balance(person);
    const desk = await browser.newContext();
    const staff = await desk.newPage();
    await signInToShop(staff, 'admin@soulseer.test');
    for (const order of [digital, physical]) {
      const { order_id, medusa_payment_id } = await paymentOf(order);
      await staff.goto(`${commerce}/app/orders/${order_id}`);
      const widget = staff.getByRole('region', { name: 'Payment and downloads' });
      await widget.waitFor({ timeout: 30_000 });
      await keepScreenshots(staff, `shop-admin-${order === digital ? 'digital' : 'physical'}`);
      await staff.goto(`${commerce}/app/orders/${order_id}/refund?paymentId=${medusa_payment_id}`);
      const refunded = staff.waitForResponse(
        (answer) => answer.url().includes('/refund') && answer.request().method() === 'POST',
      );
      await staff.getByRole('button', { name: 'Save' }).click();
      expect((await refunded).status()).toBe(200);
    }
    await desk.close();

    const { amount_cents } = await paymentOf(physical);
    expect(await balance(person)).toBe(before + amount_cents);
    await page.goto(digital);
    await page.getByRole('heading', { name: 'Given back' }).waitFor();
    await see('order-refunded');
    expect(await page.locator('a[href*="/downloads/"]').count()).toBe(0);
    const [file] = await withDatabase('commerce', async (db) => {
      const { rows } = await db.query<{ id: string }>(
        `select f.id from commerce_file f join commerce_entitlement e on e.product_id = f.product_id
         where e.payment_id = $1 and f.removed_at is null`,
        [digital.split('/').at(-1)],
      );
      return rows;
    });
    await page.goto(`${digital}/downloads/${file?.id}`);
    await page.getByRole('alert').getByText('can’t be downloaded any more').waitFor();
    await page.goto(physical);
    await page.getByText('went back into your wallet').waitFor();
  }, 150_000);
});
