import type { Page } from 'playwright';
import { addressOf } from './addresses.ts';

/** From the wallet to the payment page of a top-up of so many dollars. */
export async function beginTopUp(page: Page, dollars: string): Promise<void> {
  await page.goto(`${addressOf('site')}/wallet`);
  await page.getByLabel('Another amount').fill(dollars);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('link', { name: /^Pay \$.* by card/ }).click();
  await page.waitForURL(`${addressOf('payments')}/c/pay/**`);
}

/** All that the payment page asks for; nothing is paid yet. */
export async function writeCard(page: Page, number: string): Promise<void> {
  await page.getByLabel('Card number').fill(number);
  await page.getByLabel(/^Expires/).fill('12 / 34');
  await page.getByLabel('Security code').fill('123');
  await page.getByLabel('Name on the card').fill('A Client');
}

export const pay = (page: Page): Promise<void> => page.getByRole('button', { name: /^Pay \$/ }).click();
