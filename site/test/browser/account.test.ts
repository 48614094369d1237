import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../src/server/routes.ts';
import { openChromium } from '../helpers/chromium.ts';

// Accounts in a real browser, against the running platform with its demo people.

const { TEST_SITE_URL } = process.env;
if (!TEST_SITE_URL)
  throw new Error('TEST_SITE_URL is missing: the address of a running site with the demo world');
const site = new URL(TEST_SITE_URL).origin;

let browser: Browser;
beforeAll(async () => {
  browser = await openChromium();
});
afterAll(() => browser?.close());

async function signIn(page: Page, persona: string, path = '/dashboard'): Promise<void> {
  await page.goto(`${site}${path}`);
  await page.locator('input[name=email][type=email]').first().fill(`${persona}@soulseer.test`);
  await page.locator('input[name=password]').first().fill('soulseer');
  await page.locator('form[action$="/sign-in"] button').click();
  await page.waitForURL((url) => url.origin === site);
}

/** A page that keeps account of what goes wrong on it, the policy's refusals among them. */
async function open(): Promise<{ context: BrowserContext; page: Page; faults: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  return { context, page, faults };
}

const homes = {
  client: '/dashboard',
  client2: '/dashboard',
  reader: '/dashboard',
  reader2: '/dashboard',
  admin: '/admin/dashboard',
};

describe('signing in (A2, A5)', () => {
  it.each(Object.entries(homes))(
    '%s lands on %s, open to everybody and within the policy, and can leave again',
    async (persona, home) => {
      const { context, page, faults } = await open();
      await signIn(page, persona);
      expect(page.url()).toBe(`${site}${home}`);
      for (const width of [390, 1280]) {
        await page.setViewportSize({ width, height: 860 });
        const { violations } = await new AxeBuilder({ page })
          .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
          .analyze();
        expect(violations.map(({ id }) => id)).toEqual([]);
        expect(
          await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          ),
        ).toBeLessThanOrEqual(0);
      }
      // The viewer's time zone is the one that a script writes.
      for (const cookie of await context.cookies(site))
        if (cookie.name.includes('soulseer') && cookie.name !== 'soulseer_zone')
          expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
      await page.getByLabel(/^Account of/).click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL(`${site}/`);
      await page.goto(`${site}/dashboard`);
      expect(new URL(page.url()).origin).not.toBe(site);
      expect(faults).toEqual([]);
      await context.close();
    },
  );

  it('A1: tells somebody who is suspended', async () => {
    const { context, page } = await open();
    await signIn(page, 'suspended');
    expect(await page.locator('h1').textContent()).toBe('Your account is suspended');
    await context.close();
  });

  it('A4: keeps clients and readers out of the staff’s place, on a page that helps on', async () => {
    for (const persona of ['client', 'reader']) {
      const { context, page } = await open();
      await signIn(page, persona);
      const response = await page.goto(`${site}/admin/dashboard`);
      expect(response?.status()).toBe(403);
      await page.getByRole('link', { name: 'Your dashboard' }).click();
      await page.waitForURL(`${site}/dashboard`);
      await context.close();
    }
  });

  it('goes on without JavaScript', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await signIn(page, 'client2');
    await page.getByLabel(/^Account of/).click();
    expect(await page.getByRole('link', { name: 'Dashboard' }).isVisible()).toBe(true);
    expect(await page.getByRole('button', { name: 'Sign out' }).isVisible()).toBe(true);
    await context.close();
  });
});

/** Where pages lie whose pattern has a place to fill. What isn't here is looked at as a page that isn't there. */
const filled: Record<string, string> = {
  '/readers/[slug]': '/readers/amara-okafor',
  '/articles/[slug]': '/articles/the-longest-night',
  '/guides/[slug]': '/guides/what-tarot-is',
  '/[page]': '/about',
};
/** What leads away, or shows another page in its place. */
const elsewhere = /^\/(auth\/|accounts\/|500$)/;

/** Every page that a pattern of the site stands for, from the table of routes itself, and whom it is for. */
const pages = Object.entries(routes)
  .filter(([pattern, { json, access }]) => !json && access.GET && !elsewhere.test(pattern))
  .map(([pattern, { access }]) => ({
    path: filled[pattern] ?? pattern.replace(/\[[^\]]+\]/g, 'none'),
    open: access.GET === 'anyone',
  }));

describe('every page with its policy on (O3)', () => {
  it.each(['nobody', 'client', 'reader', 'admin'])('breaks it nowhere for %s', async (persona) => {
    const { context, page, faults } = await open();
    if (persona !== 'nobody') await signIn(page, persona);
    const own: typeof pages = [];
    if (persona === 'client' || persona === 'reader') {
      // A reading of theirs, from the demo world's past.
      const { sessions } = (await (await page.request.get(`${site}/api/sessions?limit=1`)).json()) as {
        sessions: [{ id: string }];
      };
      own.push({ path: `/readings/${sessions[0].id}`, open: false });
    }
    for (const { path, open } of [...pages, ...own]) {
      // What everybody may see is the same for all but its header, which the client has too.
      if (persona === 'nobody' ? !open : open && persona !== 'client') continue;
      const response = await page.goto(`${site}${path}`, { waitUntil: 'load' });
      if (new URL(page.url()).origin === site && response?.ok())
        expect(response.headers()['content-security-policy'], path).toMatch(/default-src 'none'/);
      const policy = faults.filter((fault) => /Content Security Policy|refused to/i.test(fault));
      expect(policy, path).toEqual([]);
    }
    await context.close();
  });
});
