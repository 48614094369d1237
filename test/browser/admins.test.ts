import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addressOf } from '../support/addresses.ts';
import { errorsDuring, keepScreenshots, openBrowser } from '../support/browser.ts';
import { signInToCms } from '../support/people.ts';

const PASSWORD = 'soulseer';
const cms = addressOf('cms');
const commerce = addressOf('commerce');

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

describe('the CMS admin', () => {
  test('opens, and staff edit a reader, which the site then shows', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const errors = await errorsDuring(context, async () => {
      await page.goto(`${cms}/admin/login`);
      await keepScreenshots(page, 'cms-login');
      await signInToCms(page, 'admin@soulseer.test');
      await page.waitForURL(`${cms}/admin`);
      await keepScreenshots(page, 'cms-dashboard');
      await page.goto(`${cms}/admin/collections/readers`);
      await page.locator('table tbody tr').first().waitFor();
      await keepScreenshots(page, 'cms-readers');

      const slug = 'test-of-the-admin';
      const { docs } = (await (await fetch(`${cms}/api/readers?limit=1&sort=slug`)).json()) as {
        docs: { id: number; slug: string; headline: string }[];
      };
      const reader = docs[0];
      if (!reader) throw new Error('the seed left no reader');
      await page.goto(`${cms}/admin/collections/readers/${reader.id}`);
      const headline = page.locator('#field-headline');
      await headline.waitFor();
      await keepScreenshots(page, 'cms-reader');
      await headline.fill(`A headline from ${slug}`);
      await page.getByRole('button', { name: /publish changes/i }).click();
      await vi.waitFor(
        async () =>
          expect(await (await fetch(`${addressOf('site')}/readers/${reader.slug}`)).text()).toContain(slug),
        { timeout: 45_000, interval: 1_000 },
      );
      // Put back, so that what others look at is the demo world.
      await headline.fill(reader.headline);
      await page.getByRole('button', { name: /publish changes/i }).click();
      await vi.waitFor(
        async () => {
          const now = (await (await fetch(`${cms}/api/readers/${reader.id}`)).json()) as { headline: string };
          expect(now.headline).toBe(reader.headline);
        },
        { timeout: 15_000, interval: 500 },
      );
    });
    expect(errors).toEqual([]);
    await context.close();
  });

  test('shows a reader their own profile and nobody else’s', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await signInToCms(page, 'reader@soulseer.test');
    await page.waitForURL(`${cms}/admin`);
    await page.goto(`${cms}/admin/collections/readers`);
    await page.locator('table tbody tr').first().waitFor();
    expect(await page.locator('table tbody tr').count()).toBe(1);
    await context.close();
  });

  test.each([
    ['client@soulseer.test', 'for readers and staff'],
    ['suspended@soulseer.test', 'suspended'],
  ])('A4: lets %s not in, and says why', async (email, why) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await signInToCms(page, email);
    await page.waitForURL(`${cms}/admin/login?refused=*`);
    await page.getByRole('alert').filter({ hasText: why }).waitFor();
    await page.goto(`${cms}/admin/collections/readers`);
    await page.waitForURL(`${cms}/admin/login?**`);
    expect(await page.locator('table tbody tr').count()).toBe(0);
    await context.close();
  });

  test('A2: signing out ends the session here and at the issuer', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await signInToCms(page, 'reader@soulseer.test');
    await page.waitForURL(`${cms}/admin`);
    await page.goto(`${cms}/admin/logout`);
    await page.getByRole('button', { name: 'Sign out of SoulSeer' }).click();
    await page.waitForURL(`${cms}/admin/login**`);
    await page.getByRole('link', { name: 'Sign in with SoulSeer' }).click();
    // The issuer asks again who it is.
    await page.getByRole('button', { name: 'reader@soulseer.test' }).waitFor();
    await context.close();
  });
});

describe('the shop admin', () => {
  test('opens, lists the products, and shows one', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const errors = await errorsDuring(context, async () => {
      await page.goto(`${commerce}/app/login`);
      const signIn = page.getByRole('link', { name: 'Sign in with SoulSeer' });
      await signIn.waitFor();
      expect(await page.locator('input').count()).toBe(0);
      await keepScreenshots(page, 'commerce-login');
      await signIn.click();
      await page.waitForURL(`${addressOf('identity')}/**`);
      const form = page.locator('form[action$="/sign-in"]');
      await form.locator('input[name=email]').fill('admin@soulseer.test');
      await form.locator('input[name=password]').fill(PASSWORD);
      await form.locator('button').click();
      await page.waitForURL(/\/app\/(orders|products)/);
      await page.goto(`${commerce}/app/products`);
      await page.locator('table tbody tr').first().waitFor();
      await keepScreenshots(page, 'commerce-products');
      await page.locator('table tbody tr').first().click();
      await page.waitForURL(/\/app\/products\/prod_/);
      await page.getByText('Variants').first().waitFor();
      await keepScreenshots(page, 'commerce-product');
    });
    expect(errors).toEqual([]);
    await context.close();
  });

  test('the store API lists thirty products with prices to whoever has the publishable key', async () => {
    const secrets = JSON.parse(
      readFileSync(path.join(process.env.SOULSEER_HOME ?? '', 'secrets.json'), 'utf8'),
    ) as {
      commerce_publishable_key: string;
    };
    const headers = { 'x-publishable-api-key': secrets.commerce_publishable_key };
    const { regions } = (await (await fetch(`${commerce}/store/regions`, { headers })).json()) as {
      regions: { id: string }[];
    };
    const query = `limit=50&region_id=${regions[0]?.id}&fields=title,*variants.calculated_price`;
    const answer = await fetch(`${commerce}/store/products?${query}`, { headers });
    expect(answer.status).toBe(200);
    const { products } = (await answer.json()) as {
      products: { title: string; variants: { calculated_price: { calculated_amount: number } }[] }[];
    };
    expect(products).toHaveLength(30);
    for (const { title, variants } of products) {
      expect(variants[0]?.calculated_price.calculated_amount, title).toBeGreaterThan(0);
    }
    expect((await fetch(`${commerce}/store/products`)).status).toBe(400);
    const other = { 'x-publishable-api-key': `pk_${'0'.repeat(64)}` };
    expect((await fetch(`${commerce}/store/products`, { headers: other })).status).toBe(400);
  });
});

describe('the sandbox', () => {
  test('identity lists the demo accounts on its sign-in page', async () => {
    const discovery = await fetch(`${addressOf('identity')}/.well-known/openid-configuration`);
    const { authorization_endpoint } = (await discovery.json()) as { authorization_endpoint: string };
    const request = new URLSearchParams({
      client_id: 'soulseer-site',
      redirect_uri: `${addressOf('site')}/auth/callback`,
      response_type: 'code',
      scope: 'openid email profile',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    const page = await browser.newPage();
    await page.goto(`${authorization_endpoint}?${request}`);
    const text = await page.locator('main').textContent();
    for (const name of ['client', 'client2', 'reader', 'reader2', 'admin', 'suspended']) {
      expect(text).toContain(`${name}@soulseer.test`);
    }
    await keepScreenshots(page, 'identity');
    await page.close();
  });

  test('a picture can be read by everybody, storage itself by nobody without a signature', async () => {
    const { docs } = (await (await fetch(`${cms}/api/readers?limit=1&depth=1`)).json()) as {
      docs: { portrait: { url: string; sizes: { card: { url: string } } } }[];
    };
    const { portrait } = docs[0] ?? {};
    for (const url of [portrait?.url ?? '', portrait?.sizes.card.url ?? '']) {
      expect(new URL(url).origin).toBe(addressOf('media'));
      const picture = await fetch(url);
      expect(picture.status).toBe(200);
      expect(picture.headers.get('content-type')).toBe('image/avif');
      const unsigned = await fetch(`${addressOf('storage')}/media${new URL(url).pathname}`);
      expect(unsigned.status).toBe(403);
    }
  });
});
