import { randomBytes } from 'node:crypto';
import type { Browser, Page } from 'playwright';
import { expect } from 'vitest';
import type { SessionView } from '../../realtime/contract/session.ts';
import { addressOf } from './addresses.ts';
import { payIn } from './money.ts';

const PATIENCE_MS = 60_000;

/** A window of somebody's own on the site. */
async function openWindow(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(PATIENCE_MS);
  return context.newPage();
}

/** What a page is told when it asks the site as itself. */
export async function askAs<Answer>(page: Page, path: string): Promise<Answer> {
  const answer = await page.request.get(`${addressOf('site')}${path}`);
  expect(answer.status(), await answer.text()).toBe(200);
  return (await answer.json()) as Answer;
}

export const sessionOf = (page: Page, id: string) => askAs<SessionView>(page, `/api/sessions/${id}`);
export const balanceOf = async (page: Page) =>
  (await askAs<{ balance_cents: number }>(page, '/api/wallet')).balance_cents;

/** On the issuer's page, which a page has been led to: makes an account for somebody new, called `what` and a tag unless they have a name. */
export async function createAccount(
  page: Page,
  what: string,
  givenName?: string,
): Promise<{ name: string; email: string }> {
  const tag = randomBytes(4).toString('hex');
  const [name, email] = [givenName ?? `${what} ${tag}`, `${what.toLowerCase()}-${tag}@example.com`];
  await page.getByText('Create an account', { exact: true }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.locator('form[action$="/create"] input[name=email]').fill(email);
  await page.locator('form[action$="/create"] input[name=password]').fill('a fine password');
  await page.getByRole('button', { name: 'Create account and sign in' }).click();
  return { name, email };
}

/** Signs somebody of the demo world in at the site, which leads to `path`. */
export async function signIn(page: Page, email: string, path: string): Promise<void> {
  await page.goto(`${addressOf('site')}/auth/sign-in?return_to=${encodeURIComponent(path)}`);
  await page.getByRole('button', { name: email }).click();
  await page.waitForURL(`${addressOf('site')}${path}`);
}

/** A2: into an admin by the issuer's own page, as everywhere. */
async function signInFrom(login: string, page: Page, email: string): Promise<void> {
  await page.goto(login);
  await page.getByRole('link', { name: 'Sign in with SoulSeer' }).click();
  await page.waitForURL(`${addressOf('identity')}/**`);
  await page.getByRole('button', { name: email }).click();
}

/** Into the CMS admin; who is let in has its dashboard before them then. */
export const signInToCms = (page: Page, email: string) =>
  signInFrom(`${addressOf('cms')}/admin/login`, page, email);

/** Into the shop's admin, until it is open. */
export async function signInToShop(page: Page, email: string): Promise<void> {
  await signInFrom(`${addressOf('commerce')}/app/login`, page, email);
  await page.waitForURL(/\/app\/(orders|products)/);
}

/** Somebody who has just made an account, with so many cents in the wallet. */
export async function newClient(browser: Browser, cents: number): Promise<Page> {
  const page = await openWindow(browser);
  await page.goto(`${addressOf('site')}/dashboard`);
  await createAccount(page, 'Visitor');
  await page.waitForURL(`${addressOf('site')}/dashboard`);
  const { person_id } = await askAs<{ person_id: string }>(page, '/api/me');
  if (cents > 0) await payIn(person_id, cents);
  return page;
}

/** A reader of the demo world at the desk, with nothing left open from before. */
export async function readerAtDesk(browser: Browser, email: string): Promise<{ page: Page; slug: string }> {
  const site = addressOf('site');
  const page = await openWindow(browser);
  await page.goto(`${site}/dashboard`);
  await page.getByRole('button', { name: email }).click();
  await page.waitForURL(`${site}/dashboard`);
  const link = await page.getByRole('link', { name: 'See your page' }).getAttribute('href');
  const { sessions } = await askAs<{ sessions: SessionView[] }>(page, '/api/sessions?state=open');
  for (const { id } of sessions)
    await page.request.post(`${site}/api/sessions/${id}/end`, { headers: { origin: site } });
  return { page, slug: link?.split('/').at(-1) ?? '' };
}
