/// <reference lib="dom" />

import { randomBytes } from 'node:crypto';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addressOf } from '../support/addresses.ts';
import { sendApplication } from '../support/application.ts';
import { openBrowser } from '../support/browser.ts';
import { withDatabase } from '../support/database.ts';
import { payIn } from '../support/money.ts';
import { askAs, createAccount, signIn, signInToCms, signInToShop } from '../support/people.ts';
import { accessTokenOf } from '../support/tokens.ts';

// Script in every field that a client or a reader can write, through the doors that they have; then every page on which it is
// shown: to them, to each other, to visitors, and to staff in both places where staff work. Nothing runs, nothing breaks, and
// the words stand there as they were written.

const [site, cms, commerce] = [addressOf('site'), addressOf('cms'), addressOf('commerce')];
const identity = addressOf('identity');
vi.setConfig({ testTimeout: 240_000 });

const tag = randomBytes(3).toString('hex');
/** Breaks out of attributes, text, scripts, comments and templates, each by another way. */
const hostile = (field: string, more = '') =>
  `${field} ${tag} "'><script>ran=1</script><img src=x onerror=ran=1><svg/onload=ran=1></title></textarea></script><!--{{7*7}}\${7*7}${more}`;
const short = (field: string) => `${field} ${tag} <img src=x onerror=ran=1>"'`;

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

const faults: string[] = [];

/** A window that notes whatever of ours runs, is tried, or breaks. */
async function openWindow(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(60_000);
  await context.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(globalThis, { seen });
    document.addEventListener(
      'securitypolicyviolation',
      ({ violatedDirective, blockedURI, sample, lineNumber, sourceFile }) => {
        // In the shop's admin zod tries whether it may compile, takes no for an answer, and checks without.
        if (blockedURI === 'eval' && sourceFile.startsWith(`${location.origin}/app/assets/`)) return;
        seen.push(`${violatedDirective} ${blockedURI} ${sample} ${lineNumber}`);
      },
    );
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`));
  page.on('dialog', (dialog) => {
    faults.push(`${page.url()}: a dialog, ${dialog.message()}`);
    void dialog.dismiss();
  });
  return page;
}

/** Nothing of what was written has become part of the page it stands in. */
async function isHarmless(page: Page): Promise<void> {
  const found = await page.evaluate(() => ({
    ran: 'ran' in globalThis,
    blocked: (globalThis as unknown as { seen: string[] }).seen,
    elements: [...document.querySelectorAll('[onerror], [onload], img[src="x"], script')]
      .filter((one) => one.tagName !== 'SCRIPT' || one.textContent === 'ran=1')
      .map((one) => one.outerHTML),
    links: [...document.querySelectorAll('a[href], form[action]')]
      .map((one) => one.getAttribute('href') ?? one.getAttribute('action') ?? '')
      .filter((to) => /^\s*(javascript|data|vbscript):/i.test(to)),
  }));
  expect({ at: page.url(), ...found }).toEqual({
    at: page.url(),
    ran: false,
    blocked: [],
    elements: [],
    links: [],
  });
}

/** Looks at a page on which these words stand, as they were written. */
async function look(page: Page, url: string, ...words: string[]): Promise<void> {
  if (page.url() !== url) await page.goto(url);
  for (const one of words)
    await vi.waitFor(
      async () => {
        const said = await page.evaluate(() =>
          [
            // biome-ignore lint/performance/useDomNodeTextContent: what is seen, not what scripts and data say.
            document.body.innerText,
            ...[...document.querySelectorAll('input, textarea')].map(
              (one) => (one as HTMLInputElement).value,
            ),
          ].join('\n'),
        );
        expect(said.replace(/\s+/g, ' '), `${one} at ${page.url()}`).toContain(one);
      },
      { timeout: 30_000, interval: 500 },
    );
  await isHarmless(page);
}

async function staffAtCms(): Promise<Page> {
  const page = await openWindow();
  await signInToCms(page, 'admin@soulseer.test');
  await page.waitForURL(`${cms}/admin`);
  return page;
}

async function openAs(email: string, path: string): Promise<Page> {
  const page = await openWindow();
  await signIn(page, email, path);
  return page;
}

/** The CMS as staff, by its REST. */
async function asStaff<T>(path: string, method = 'GET', body?: object): Promise<T> {
  const answer = await fetch(`${cms}/api${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await accessTokenOf('admin@soulseer.test')}`,
      'content-type': 'application/json',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  expect(answer.status, await answer.clone().text()).toBeLessThan(300);
  return (await answer.json()) as T;
}

test('what a reader writes: from the application to the page, the desk and the room', async () => {
  const written = {
    account: short('Account'),
    name: short('Name'),
    headline: short('Headline'),
    biography: hostile('Biography', ' javascript:ran=1'),
    document: `identity ${tag} <img src=x onerror=ran=1>.pdf`,
  };
  const reader = await openWindow();
  await reader.goto(`${site}/auth/sign-in?return_to=/become-a-reader`);
  await createAccount(reader, 'Hostile', written.account);
  await reader.waitForURL(`${site}/become-a-reader`);
  await sendApplication(reader, {
    ...written,
    biography: `${written.biography}\n\n${'A second part of it. '.repeat(6)}`,
    portrait: `${short('portrait')}.jpg`,
  });
  await isHarmless(reader);

  // Staff look at it, in the list and by itself, and decide.
  const staff = await staffAtCms();
  await look(staff, `${cms}/admin/collections/reader-applications`, written.name);
  const { docs: applications } = await asStaff<{ docs: { id: number }[] }>(
    '/reader-applications?sort=-createdAt&limit=1&depth=0',
  );
  const application = `${cms}/admin/collections/reader-applications/${applications[0]?.id}`;
  await look(staff, application, written.name, written.headline, written.biography);
  await staff.getByRole('button', { name: 'Approve' }).click();
  await staff.getByText('is a reader now').waitFor();
  await isHarmless(staff);

  const { docs: readers } = await asStaff<{ docs: { id: number; slug: string; name: string }[] }>(
    '/readers?sort=-createdAt&limit=1&depth=0',
  );
  const profile = readers[0];
  if (profile?.name !== written.name) throw new Error(`the newest reader is ${profile?.name}`);
  try {
    expect(profile.slug).toMatch(/^[a-z0-9-]+$/);
    for (const [where, ...words] of [
      [`readers/${profile.id}`, written.name, written.headline, written.biography],
      [`readers?search=${tag}`, written.name],
      [`people?search=${tag}`, written.account],
      ['media', ''],
    ] as const)
      await look(staff, `${cms}/admin/collections/${where}`, ...words);

    // Visitors find them: by the list, by search, on the page, in what search engines and others are told.
    const visitor = await openWindow();
    const page = `${site}/readers/${profile.slug}`;
    await look(visitor, page, written.name, written.headline, written.biography);
    await look(visitor, `${site}/readers?q=${encodeURIComponent(written.name)}`, written.name);
    const answer = await visitor.request.get(page, { headers: { accept: 'text/html' } });
    const html = await answer.text();
    const told = [...html.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/gs)];
    expect(told.length).toBeGreaterThan(0);
    for (const [, json = ''] of told) expect(JSON.parse(json)).toEqual(expect.anything());
    const picture = /<meta property="og:image" content="([^"]+)"/.exec(html)?.[1] ?? '';
    expect((await visitor.request.get(picture)).headers()['content-type']).toMatch(/^image\//);
    const map = await (await visitor.request.get(`${site}/sitemap.xml`)).text();
    expect(map).toContain(`/readers/${profile.slug}`);
    expect(map).not.toMatch(/<img|onerror=/);

    await readTogether(reader, profile, written.account, staff);
  } finally {
    await asStaff(`/readers/${profile.id}`, 'PATCH', { _status: 'draft' });
  }
  expect(faults).toEqual([]);
});

/** A reading by chat with somebody who is no better, and what is left of it. */
async function readTogether(
  reader: Page,
  { slug, name }: { slug: string; name: string },
  account: string,
  staff: Page,
): Promise<void> {
  const words = {
    client: short('Client'),
    asked: hostile('Question'),
    answered: hostile('Answer'),
    note: hostile('Note'),
    reason: hostile('Reason').slice(0, 200),
  };
  const client = await openWindow();
  await client.goto(`${site}/auth/sign-in?return_to=/dashboard`);
  await createAccount(client, 'Hostile', words.client);
  await client.waitForURL(`${site}/dashboard`);
  const { person_id } = await askAs<{ person_id: string }>(client, '/api/me');
  await payIn(person_id, 5_000);

  await vi.waitFor(
    async () => {
      await reader.goto(`${site}/dashboard`);
      expect(await reader.getByRole('radio', { name: /^Online/ }).count()).toBe(1);
    },
    { timeout: 60_000, interval: 1_000 },
  );
  await look(reader, `${site}/dashboard`);
  await reader.getByRole('radio', { name: /^Online/ }).check();
  await reader.getByText('Clients see: Online').waitFor();

  await look(client, `${site}/readers/${slug}`, name);
  await client.getByRole('button', { name: 'Keep as a favourite' }).click();
  await client.getByRole('button', { name: 'One of your favourites' }).waitFor();
  await client.getByRole('radio', { name: /Chat/ }).check();
  await client.getByRole('button', { name: /^Ask .* for a reading$/ }).click();
  await client.waitForURL(`${site}/readings/*`);
  const room = client.url();
  await client.getByRole('checkbox', { name: /^I agree to pay/ }).check();
  await client.getByRole('button', { name: 'Come in' }).click();
  await look(reader, reader.url(), words.client);
  await reader.getByRole('button', { name: 'Accept' }).click();
  await reader.waitForURL(room);
  await reader.getByRole('button', { name: 'Come in' }).click();
  for (const page of [reader, client]) await page.locator('.room[data-state=active]').waitFor();
  for (const [page, said] of [
    [client, words.asked],
    [reader, words.answered],
  ] as const) {
    await page.getByRole('textbox', { name: /^Message to/ }).fill(said);
    await page.getByRole('textbox', { name: /^Message to/ }).press('Enter');
  }
  for (const page of [reader, client]) await look(page, room, words.asked, words.answered);

  // Staff see who is in it, and end it, with a reason that both are told.
  const desk = await openAs('admin@soulseer.test', '/admin/dashboard');
  await look(desk, `${site}/admin/dashboard`, words.client, name);
  const row = desk.locator('li, tr').filter({ hasText: words.client }).last();
  await row.locator('summary').click();
  await row.locator('[name=reason]').fill(words.reason);
  await row.locator('form button').click();
  await desk.waitForLoadState();
  await isHarmless(desk);
  for (const page of [reader, client]) {
    const note = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Your note' }) });
    await note.getByRole('textbox').fill(words.note);
    await note.getByText('Saved', { exact: false }).waitFor();
    await page.reload();
  }
  await look(client, room, words.asked, words.answered, words.note, words.reason);
  await look(reader, room, words.asked, words.answered, words.note);
  for (const [page, others] of [
    [client, name],
    [reader, words.client],
  ] as const)
    await look(page, `${site}/readings`, others);
  await look(client, `${site}/dashboard`, name);
  await look(reader, `${site}/dashboard`);
  await look(client, `${site}/wallet`);
  await look(staff, `${cms}/admin/collections/people?search=${tag}`, words.client, account);
}

test('what a client writes for everybody: a review and a flag', async () => {
  const client = await openAs('client2@soulseer.test', '/readings');
  const link = client.getByRole('link', { name: /^(Write a|Change your) review/ }).last();
  await link.click();
  const words = hostile('Review');
  await client.getByRole('radio', { name: /^4 stars/ }).check();
  await client.getByLabel('In your words').fill(words);
  await client.locator('form:has([name=stars]) button[type=submit]').click();
  await client.getByText(/is public now/).waitFor();
  await isHarmless(client);
  await client.getByRole('link', { name: /^See it on/ }).click();
  await client.locator('#reviews').waitFor();
  const page = client.url().replace(/#.*/, '');
  await look(client, client.url(), words);
  const visitor = await openWindow();
  await look(visitor, page, words);

  const flag = hostile('Flag');
  const review = client.locator('.review').filter({ hasText: words });
  await review.locator('summary').last().click();
  await review.getByRole('textbox').fill(flag);
  await review.getByRole('button', { name: 'Tell our staff' }).click();
  await client.getByText('Thank you. Our staff will look at it.').waitFor();
  const staff = await staffAtCms();
  const { totalDocs } = await asStaff<{ totalDocs: number }>(
    `/review-flags?where[reason][contains]=${encodeURIComponent('onerror=ran=1')}`,
  );
  expect(totalDocs).toBeGreaterThan(0);
  for (const collection of ['reviews', 'review-flags'] as const) {
    await look(staff, `${cms}/admin/collections/${collection}`);
    const { docs } = await asStaff<{ docs: { id: number; reason?: string }[] }>(
      `/${collection}?sort=-id&limit=1&depth=0`,
    );
    await look(staff, `${cms}/admin/collections/${collection}/${docs[0]?.id}`, docs[0]?.reason ?? '');
  }
  expect(faults).toEqual([]);
});

test('what a client writes to have something sent: the checkout, the order, and the shop’s admin', async () => {
  const words = {
    name: short('Buyer'),
    to: short('To'),
    street: short('Street'),
    town: short('Town'),
    code: '<b>"\'',
  };
  const client = await openWindow();
  const shop = '/shop?kind=physical&sort=price';
  await client.goto(`${site}/auth/sign-in?return_to=${encodeURIComponent(shop)}`);
  await createAccount(client, 'Hostile', words.name);
  await client.waitForURL(`${site}${shop}`);
  const { person_id } = await askAs<{ person_id: string }>(client, '/api/me');
  await payIn(person_id, 20_000);
  await client.getByRole('article').first().getByRole('link').click();
  await client.getByRole('button', { name: 'Put into the cart' }).click();
  await client.waitForURL(`${site}/cart`);
  await client.getByRole('link', { name: 'To the checkout' }).click();
  for (const [label, value] of [
    ['Name', words.to],
    ['Street and number', words.street],
    ['Postal code', words.code],
    ['Town', words.town],
  ] as const)
    await client.getByLabel(label, { exact: true }).fill(value);
  await client.getByLabel('Country').selectOption('ie');
  await client.getByRole('button', { name: 'Go on' }).click();
  const pay = client.getByRole('button', { name: /^Pay \$[\d.]+ from your wallet$/ });
  await pay.waitFor();
  const address = [words.to, words.street, words.code, words.town];
  await look(client, client.url(), ...address);
  await pay.click();
  await client.waitForURL(`${site}/orders/**`);
  await client.getByRole('heading', { name: 'Being packed' }).waitFor();
  await look(client, client.url(), ...address);
  await look(client, `${site}/orders`);

  const order = await withDatabase('commerce', async (db) => {
    const { rows } = await db.query<{ order_id: string }>(
      'select order_id from commerce_payment where person_id = $1 and order_id is not null',
      [person_id],
    );
    return rows[0]?.order_id;
  });
  const staff = await openWindow();
  await signInToShop(staff, 'admin@soulseer.test');
  await look(staff, `${commerce}/app/orders`);
  await look(staff, `${commerce}/app/orders/${order}`, ...address);
  await look(staff, `${commerce}/app/customers?q=${encodeURIComponent(words.name)}`, words.name);
  expect(faults).toEqual([]);
});

test('what anybody writes into an address', async () => {
  const page = await openWindow();
  const words = encodeURIComponent(hostile('Search'));
  for (const path of [
    `/readers?q=${words}&sort=${words}&page=${words}&speciality=${words}&language=${words}&modality=${words}`,
    `/shop?q=${words}&sort=${words}&page=${words}&category=${words}&reader=${words}`,
    `/articles?page=${words}`,
    `/readers/amara-okafor?reviews=${words}`,
    `/horoscopes/${words}`,
    `/articles/${words}`,
    `/${words}`,
    `/orders/${words}`,
    `/share/readers/${words}/1`,
    `/auth/sign-in?return_to=javascript:ran=1`,
    `/auth/callback?error=${words}&error_description=${words}`,
    `/starting?of=${words}`,
  ]) {
    await page.goto(`${site}${path}`);
    await isHarmless(page);
  }
  // Refused, or at the issuer; never where an address of the visitor's own leads.
  await page.goto(`${site}/auth/sign-in?return_to=${encodeURIComponent('//evil.example/')}`);
  expect(new URL(page.url()).origin).toBe(new URL(identity).origin);

  const client = await openAs('client@soulseer.test', '/dashboard');
  for (const path of [
    `/wallet?top_up=${words}&reader=${words}&kind=${words}&card=${words}`,
    `/readings?page=${words}&state=${words}`,
    `/readings/${words}`,
    `/orders/${words}`,
  ]) {
    await client.goto(`${site}${path}`);
    await isHarmless(client);
  }
  expect(faults).toEqual([]);
});
