/** People who look around without an account, and clients who fill their wallets meanwhile. */

import { randomUUID } from 'node:crypto';
import type { Addresses, Person } from './people.ts';
import { openWindow } from './window.ts';

/** Between two pages of one visitor: from this to three times this. */
const READS_MS = 2_000;
const WORDS = ['tarot', 'dream', 'angel', 'medum', 'astrology', 'love', 'crystal', 'amara', 'moon', 'career'];

export interface Visits {
  pages: number[];
  failed: string[];
}

/** Goes from page to page until `isOver`. */
export async function visit({ site }: Addresses, visits: Visits, isOver: () => boolean): Promise<void> {
  const window = openWindow();
  const any = <T>(all: readonly T[]): T => all[Math.floor(Math.random() * all.length)] as T;
  const pages = [
    '/',
    '/readers',
    '/articles',
    '/guides',
    '/faq',
    '/shop',
    '/readers?sort=rating',
    () => `/readers?q=${any(WORDS)}`,
    () => `/readers?page=${1 + Math.floor(Math.random() * 3)}`,
  ];
  let links: string[] = [];
  while (!isOver()) {
    const page = any<string | (() => string)>([...pages, ...links.slice(0, 3)]);
    const path = typeof page === 'string' ? page : page();
    try {
      const { status, took_ms, text } = await window.get(`${site}${path}`);
      if (status === 200) visits.pages.push(took_ms);
      else visits.failed.push(`${path}: ${status}`);
      links = [...text.matchAll(/href="(\/(?:readers|articles|guides|shop)\/[a-z0-9-]+)"/g)]
        .map(([, href]) => href ?? '')
        .toSorted(() => Math.random() - 0.5);
    } catch (error) {
      visits.failed.push(`${path}: ${(error as Error).message}`);
    }
    await new Promise((resolve) => setTimeout(resolve, READS_MS * (1 + 2 * Math.random())));
  }
}

/** A top-up by card on the payment page, there and back; answers how long it took. */
export async function topUp({ site }: Addresses, { window, name }: Person, dollars: number): Promise<number> {
  const began = performance.now();
  const balance = async () =>
    (await window.ask<{ balance_cents: number }>('GET', `${site}/api/wallet`)).balance_cents;
  const asked = await window.submit(`${site}/wallet`, {
    do: 'top_up',
    key: randomUUID(),
    amount: String(dollars),
  });
  const page = /href="([^"]*\/c\/pay\/[^"]+)"/.exec(asked.text)?.[1];
  if (!page) throw new Error(`the wallet has no way to the payment page: ${asked.status} ${asked.url}`);
  const before = await balance();
  const paid = await window.submit(page.replaceAll('&amp;', '&'), {
    card_number: '4242424242424242',
    expiry: '12 / 34',
    cvc: '123',
    name,
  });
  if (!paid.url.startsWith(`${site}/wallet`))
    throw new Error(`the payment page led to ${paid.url}: ${paid.status}`);
  const after = await balance();
  // A minute may have been charged meanwhile.
  if (after <= before) throw new Error(`${before} cents became ${after} by a top-up`);
  return performance.now() - began;
}
