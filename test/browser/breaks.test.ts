import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addressOf, isReady } from '../support/addresses.ts';
import { openBrowser } from '../support/browser.ts';
import { beginTopUp, pay, writeCard } from '../support/cards.ts';
import { balanceOf, newClient, readerAtDesk, sessionOf } from '../support/people.ts';

// The ways in which the main job breaks, each by what really happens: a killed process, a cut line, a closed window. One reading
// goes on through all of it until its money ends; beside it, others break in ways of their own.

const site = addressOf('site');
const HOME = process.env.SOULSEER_HOME ?? '';
const CHAT_CENTS = 747;
/** Enough for three minutes of a chat, and a little. */
const MONEY = 800;
vi.setConfig({ testTimeout: 120_000 });
const until = (check: () => unknown, timeout = 60_000) => vi.waitFor(check, { timeout, interval: 300 });

interface Reading {
  client: Page;
  reader: Page;
  id: string;
}

let browser: Browser;
let long: Reading;
const readers: { page: Page; slug: string }[] = [];

const pidOf = (program: string) =>
  (JSON.parse(readFileSync(path.join(HOME, 'processes.json'), 'utf8')) as Record<string, number>)[program] ??
  0;

async function isBack(program: 'cms' | 'commerce' | 'realtime', before: number): Promise<void> {
  await until(async () => {
    expect(pidOf(program)).not.toBe(before);
    expect(await isReady(addressOf(program))).toBe(true);
  }, 90_000);
}

/** A client asks for a chat. */
async function askFor(client: Page, { page, slug }: { page: Page; slug: string }): Promise<Reading> {
  await page.goto(`${site}/dashboard`);
  await page.getByRole('radio', { name: /^Online/ }).check();
  await page.getByText('Clients see: Online').waitFor();
  await client.goto(`${site}/readers/${slug}`);
  await client.getByRole('radio', { name: /Chat/ }).check();
  await client.getByRole('button', { name: /^Ask .* for a reading$/ }).click();
  await client.waitForURL(`${site}/readings/*`);
  const id = new URL(client.url()).pathname.split('/').at(-1) ?? '';
  await client.getByRole('checkbox', { name: /^I agree to pay/ }).check();
  await client.getByRole('button', { name: 'Come in' }).click();
  return { client, reader: page, id };
}

const isActive = (page: Page) => page.locator('.room[data-state=active]').waitFor();

/** … and the reader comes. */
async function meet(client: Page, desk: { page: Page; slug: string }): Promise<Reading> {
  const reading = await askFor(client, desk);
  await desk.page.getByRole('button', { name: 'Accept' }).click();
  await desk.page.waitForURL(`${site}/readings/${reading.id}`);
  await desk.page.getByRole('button', { name: 'Come in' }).click();
  await Promise.all([isActive(client), isActive(desk.page)]);
  return reading;
}

async function press(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End the reading' }).click();
}

/** What is written at one end is read at the other, both ways. */
async function speak({ client, reader }: Reading, text: string): Promise<void> {
  for (const [from, to, what] of [
    [client, reader, `${text}?`],
    [reader, client, `${text}.`],
  ] as const) {
    const box = from.getByRole('textbox', { name: /^Message to/ });
    await box.fill(what);
    await box.press('Enter');
    await to.getByText(what, { exact: true }).waitFor();
  }
}

/** It is over for both: what was charged is what was owed, and both hold a receipt that is right. */
async function settled({ client, reader, id }: Reading, before: number) {
  await until(async () => expect((await sessionOf(client, id)).state).toBe('finalized'));
  const session = await sessionOf(client, id);
  const { summary, rate_cents } = session;
  if (!summary) throw new Error('there is no summary');
  const owed = summary.active_ms < 10_000 ? 0 : Math.ceil(summary.active_ms / 60_000);
  expect(summary).toMatchObject({ owed_minutes: owed, charged_minutes: owed, paid_cents: owed * rate_cents });
  expect(before - (await balanceOf(client))).toBe(owed * rate_cents);
  for (const page of [client, reader]) await page.locator('[data-verdict=ok]').waitFor();
  return session;
}

beforeAll(async () => {
  browser = await openBrowser();
  for (const email of ['reader@soulseer.test', 'reader2@soulseer.test'])
    readers.push(await readerAtDesk(browser, email));
  long = await meet(await newClient(browser, MONEY), readers[0] as (typeof readers)[0]);
}, 120_000);
afterAll(() => browser?.close());

describe('a program is lost while people read', () => {
  test('S5: realtime is killed in the middle: both go on by themselves, and nothing that was written is lost', async () => {
    await speak(long, 'Before');
    const before = pidOf('realtime');
    process.kill(before, 'SIGKILL');
    await isBack('realtime', before);
    await Promise.all([isActive(long.client), isActive(long.reader)]);
    await speak(long, 'Behind');
    for (const page of [long.client, long.reader])
      await until(async () =>
        expect(await page.locator('.lines li p').allTextContents()).toEqual([
          'Before?',
          'Before.',
          'Behind?',
          'Behind.',
        ]),
      );
  });

  test('X1: the CMS stands still: whoever reads the site reads on, and what isn’t known says so', async () => {
    const { page } = readers[1] as (typeof readers)[0];
    const reading = await page.context().newPage();
    const paths = ['/', '/readers', `/readers/${readers[0]?.slug}`, '/articles'];
    for (const path of paths) expect((await reading.goto(`${site}${path}`))?.status(), path).toBe(200);
    const pid = pidOf('cms');
    process.kill(pid, 'SIGSTOP');
    try {
      for (const path of paths) expect((await reading.goto(`${site}${path}`))?.status(), path).toBe(200);
      // Nobody has looked for this before.
      const unknown = await reading.goto(`${site}/readers/nobody-of-that-name`);
      expect(unknown?.status()).toBe(503);
      expect(await reading.getByRole('heading', { level: 1 }).textContent()).not.toBe('');
      await speak(long, 'Without the CMS');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await until(async () =>
      expect((await reading.goto(`${site}/readers/nobody-of-that-name`))?.status()).toBe(404),
    );
    await reading.close();
  });

  test('W6: commerce is away when the card has paid: the money is there once it is back, once', async () => {
    const payer = await newClient(browser, 0);
    await beginTopUp(payer, '20');
    await writeCard(payer, '4242424242424242');
    const pid = pidOf('commerce');
    // It takes no call any more, and then it is gone.
    process.kill(pid, 'SIGSTOP');
    const paid = pay(payer);
    await payer
      .waitForURL((url) => url.origin === site && url.pathname === '/wallet', { waitUntil: 'commit' })
      .catch(() => undefined);
    process.kill(pid, 'SIGKILL');
    await paid.catch(() => undefined);
    await isBack('commerce', pid);
    await until(async () => expect(await balanceOf(payer)).toBe(2_000), 90_000);
    await payer.goto(`${site}/wallet`);
    expect(await payer.getByText('Added by card').count()).toBe(1);
    await payer.context().close();
  });

  test('O2: Postgres is killed: the reading goes on when it is back', async () => {
    const postmaster = Number(
      readFileSync(path.join(HOME, 'data/postgres/postmaster.pid'), 'utf8').split('\n')[0],
    );
    process.kill(postmaster, 'SIGKILL');
    for (const program of ['realtime', 'cms', 'commerce', 'site'] as const)
      await until(async () => expect(await isReady(addressOf(program)), program).toBe(true), 90_000);
    await Promise.all([isActive(long.client), isActive(long.reader)]);
    await speak(long, 'After Postgres');
  });
});

describe('somebody is lost', () => {
  let client: Page;
  let desk: (typeof readers)[0];
  beforeAll(async () => {
    client = await newClient(browser, 5_000);
    desk = readers[1] as (typeof readers)[0];
  });

  test('S5: the client’s tab dies: the reader is told, the clock stops, and a new tab takes it up again', async () => {
    const before = await balanceOf(client);
    const reading = await meet(client, desk);
    const context = client.context();
    // As a crash does it: no page says good-bye.
    const crashed = client.waitForEvent('crash');
    await client.goto('chrome://crash').catch(() => undefined);
    await crashed;
    await reading.reader.getByText(/’s connection is lost/).waitFor();
    client = await context.newPage();
    const lost = await sessionOf(client, reading.id);
    expect(lost).toMatchObject({ state: 'paused', pause: { side: 'client', cause: 'lost' } });
    await client.goto(`${site}/readings/${reading.id}`);
    const agrees = client.getByRole('checkbox', { name: /^I agree to pay/ });
    await client.getByRole('button', { name: 'Come in' }).waitFor();
    if (await agrees.count()) await agrees.check();
    await client.getByRole('button', { name: 'Come in' }).click();
    await Promise.all([isActive(client), isActive(reading.reader)]);
    await speak({ ...reading, client }, 'Here again');
    await press(client);
    expect(await settled({ ...reading, client }, before)).toMatchObject({
      end: { reason: 'ended_by_client' },
      summary: { pauses: 1 },
    });
  });

  let reading: Reading;
  let before = 0;
  test('S5: the reader’s network drops: the client is told and the clock stops; it returns, and both go on', async () => {
    before = await balanceOf(client);
    reading = await meet(client, desk);
    await desk.page.context().setOffline(true);
    await client.getByText(/’s connection is lost/).waitFor();
    expect(await sessionOf(client, reading.id)).toMatchObject({
      state: 'paused',
      pause: { side: 'reader', cause: 'lost' },
    });
    await desk.page.context().setOffline(false);
    await Promise.all([isActive(client), isActive(desk.page)]);
    await speak(reading, 'There again');
  });

  test('S6: both end it at once: it ends once', async () => {
    await speak(reading, 'That will do');
    for (const page of [client, desk.page])
      await page.getByRole('button', { name: 'End', exact: true }).click();
    await Promise.all(
      [client, desk.page].map((page) =>
        page.getByRole('dialog').getByRole('button', { name: 'End the reading' }).click(),
      ),
    );
    const { end, summary } = await settled(reading, before);
    expect(end?.reason).toMatch(/^ended_by_(client|reader)$/);
    expect(summary?.pauses).toBe(1);
  });

  test('SES-3: the reader never comes: nothing is charged, and both are told', async () => {
    const before = await balanceOf(client);
    const { id } = await askFor(client, desk);
    await client
      .getByRole('heading', { level: 1, name: /didn’t answer in time$/ })
      .waitFor({ timeout: 90_000 });
    expect(await sessionOf(client, id)).toMatchObject({ end: { reason: 'not_answered' }, cost_cents: 0 });
    expect(await balanceOf(client)).toBe(before);
  });
});

test('W5: the card is declined: that is said, nothing is charged, and another card does', async () => {
  const payer = await newClient(browser, 0);
  await beginTopUp(payer, '20');
  await writeCard(payer, '4000000000000002');
  await pay(payer);
  await payer.getByRole('alert').filter({ hasText: 'declined' }).waitFor();
  expect(await balanceOf(payer)).toBe(0);
  await writeCard(payer, '4242424242424242');
  await pay(payer);
  await payer.waitForURL((url) => url.origin === site && url.pathname === '/wallet');
  expect(await balanceOf(payer)).toBe(2_000);
  await payer.context().close();
});

test('S4, BIL-5: the money ends in the middle: three minutes are paid, the rest is left, and both hold the receipt', async () => {
  await long.client
    .getByRole('heading', { level: 1, name: 'The money in your wallet was used up' })
    .waitFor({ timeout: 150_000 });
  await long.reader.getByRole('heading', { level: 1, name: 'The client’s money was used up' }).waitFor();
  const { end, summary } = await settled(long, MONEY);
  expect(end).toMatchObject({ reason: 'out_of_money', by: 'system' });
  expect(summary).toMatchObject({ active_ms: 180_000, charged_minutes: 3, paid_cents: CHAT_CENTS });
}, 200_000);
