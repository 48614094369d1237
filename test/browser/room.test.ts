/// <reference lib="dom" />

import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { SessionView } from '../../realtime/contract/session.ts';
import { verifyReceipt } from '../../realtime/contract/verify-receipt.ts';
import { addressOf } from '../support/addresses.ts';
import { keepScreenshots, openBrowser } from '../support/browser.ts';
import { payIn } from '../support/money.ts';
import { askAs, balanceOf, sessionOf as sessionAs } from '../support/people.ts';

// Two people in two real windows, from the first word to the receipt, with the minutes of a real clock.

const site = addressOf('site');
// Minutes are waited for, and every state is looked at by axe.
vi.setConfig({ testTimeout: 240_000 });
/** A machine that does much else is slow to begin with. */
const patience = { timeout: 60_000, interval: 500 };
const until = (check: () => unknown) => vi.waitFor(check, patience);

let browser: Browser;
let client: Page;
let reader: Page;
let slug = '';
let roomUrl = '';
const faults: string[] = [];

/** A window of its own, in which every peer connection can be looked at. */
async function openWindow(from: Browser): Promise<{ context: BrowserContext; page: Page }> {
  const context = await from.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(60_000);
  await context.addInitScript(() => {
    const peers: RTCPeerConnection[] = [];
    Object.assign(globalThis, { peers });
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        peers.push(this);
      }
    };
  });
  return { context, page: await context.newPage() };
}

function watch(page: Page, who: string): void {
  page.on('pageerror', (error) => faults.push(`${who}: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy|Permissions policy/i.test(message.text()))
      faults.push(`${who}: ${message.text()}`);
  });
}

async function signIn(page: Page, email: string, path: string): Promise<void> {
  await page.goto(`${site}${path}`);
  await page.getByRole('button', { name: email }).click();
  await page.waitForURL((url) => url.origin === site && !url.pathname.startsWith('/auth/'));
}

const sessionOf = (page: Page) => sessionAs(page, roomUrl.split('/').at(-1) ?? '');

/** Frames that have been decoded of the other one's picture, by `getStats`. */
const framesIn = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const { peers } = globalThis as unknown as { peers: RTCPeerConnection[] };
    let frames = 0;
    for (const peer of peers) {
      if (peer.connectionState !== 'connected') continue;
      for (const [, one] of (await peer.getStats()) as unknown as Map<string, Record<string, unknown>>)
        if (one.type === 'inbound-rtp' && one.kind === 'video')
          frames = Math.max(frames, Number(one.framesDecoded ?? 0));
    }
    return frames;
  });

/** On a page that may just have been loaded again, too. */
async function framesGrow(page: Page): Promise<void> {
  await until(async () => expect(await framesIn(page)).toBeGreaterThan(0));
  const before = await framesIn(page);
  await until(async () => expect(await framesIn(page)).toBeGreaterThan(before + 3));
}

const state = (page: Page) => page.locator('.room').getAttribute('data-state');
const isActive = (page: Page) => until(async () => expect(await state(page)).toBe('active'));

/**
 * Not in a room with moving pictures: axe keeps a page busy for so long that nobody hears of it any more.
 * Within the window at both widths, and open to everybody by axe; how it looks is kept for those who want to see.
 */
async function lookAt(page: Page, name: string): Promise<void> {
  const size = page.viewportSize();
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
    if (width === 390) {
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
        .analyze();
      expect(violations.map(({ id, nodes }) => `${name} at ${width}: ${id} ${nodes[0]?.html}`)).toEqual([]);
    }
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
      `${name} at ${width}`,
    ).toBeLessThanOrEqual(0);
  }
  const part = /^(start|desk)/.exec(name)?.[0];
  if (process.env.SOULSEER_LOOK)
    await keepScreenshots(page, `room-${name}`, part && `.${part} > :last-child`);
  if (size) await page.setViewportSize(size);
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: /^Message to/ }).fill(text);
  await page.getByRole('textbox', { name: /^Message to/ }).press('Enter');
}
const chatButton = (page: Page) => page.getByRole('button', { name: /^Messages/ });
async function openChat(page: Page): Promise<void> {
  if ((await chatButton(page).getAttribute('aria-expanded')) === 'false') await chatButton(page).click();
}

/** The reader is at the desk, and the client asks on the reader's page. */
async function askFor(way: 'Video' | 'Voice' | 'Chat'): Promise<void> {
  await reader.goto(`${site}/dashboard`);
  await reader.getByRole('radio', { name: /^Online/ }).check();
  await client.goto(`${site}/readers/${slug}`);
  await client.getByRole('radio', { name: new RegExp(way) }).check();
  await client.getByRole('button', { name: /^Ask .* for a reading$/ }).click();
  await client.waitForURL(`${site}/readings/*`);
  roomUrl = client.url();
}

beforeAll(async () => {
  browser = await openBrowser([
    // Few frames, since both windows draw and code them on one machine.
    '--use-fake-device-for-media-stream=fps=5',
    '--use-fake-ui-for-media-stream',
    '--autoplay-policy=user-gesture-required',
  ]);
  client = (await openWindow(browser)).page;
  reader = (await openWindow(browser)).page;
  watch(client, 'client');
  watch(reader, 'reader');
  await signIn(reader, 'reader@soulseer.test', '/dashboard');
  slug =
    (await reader.getByRole('link', { name: 'See your page' }).getAttribute('href'))?.split('/').at(-1) ?? '';
  await signIn(client, 'client@soulseer.test', `/auth/sign-in?return_to=/readers/${slug}`);
  // What a test before has left open.
  for (const page of [client, reader]) {
    const { sessions } = await askAs<{ sessions: SessionView[] }>(page, '/api/sessions?state=open');
    for (const { id } of sessions)
      await page.request.post(`${site}/api/sessions/${id}/end`, { headers: { origin: site } });
  }
  const { person_id } = await askAs<{ person_id: string }>(client, '/api/me');
  await payIn(person_id, 6_000);
}, 120_000);
afterAll(() => browser?.close());

describe('beginning', () => {
  test('S3: whoever isn’t signed in is led there; one’s own page offers nothing to oneself', async () => {
    const { page, context } = await openWindow(browser);
    await page.goto(`${site}/readers/${slug}`);
    const href = await page.getByRole('link', { name: 'Sign in to begin' }).getAttribute('href');
    expect(href).toContain(encodeURIComponent(`/readers/${slug}`));
    await lookAt(page, 'start-nobody');
    await context.close();
    await reader.goto(`${site}/readers/${slug}`);
    await reader.getByText('This is your own page').waitFor();
    expect(await reader.getByRole('button', { name: /^Ask/ }).count()).toBe(0);
    await reader.goto(`${site}/dashboard`);
  });

  test('S3: the reader’s page shows by itself that the reader has come, and gone again', async () => {
    const panel = client.locator('.start');
    await reader.getByRole('radio', { name: /^Offline/ }).check();
    await until(async () => expect(await panel.getAttribute('data-status')).toBe('offline'));
    await lookAt(client, 'start-offline');
    await reader.getByRole('radio', { name: /^Online/ }).check();
    await until(async () => expect(await panel.getAttribute('data-status')).toBe('online'));
    await client.getByRole('button', { name: /^Ask/ }).waitFor();
    await lookAt(client, 'start-online');
    await lookAt(reader, 'desk-online');
  });

  test('S3: too little in the wallet is said beforehand, with the way to fill it', async () => {
    const { page, context } = await openWindow(browser);
    await signIn(page, 'client2@soulseer.test', `/auth/sign-in?return_to=/readers/${slug}`);
    if ((await balanceOf(page)) === 0) {
      await page.getByRole('link', { name: 'Top up your wallet' }).waitFor();
      expect(await page.getByRole('link', { name: 'Top up your wallet' }).getAttribute('href')).toBe(
        `/wallet?reader=${slug}`,
      );
      await lookAt(page, 'start-poor');
    }
    await context.close();
  });

  test('SES-3: a request rings at the desk with its countdown; a no leads back', async () => {
    await askFor('Video');
    const asked = reader.getByRole('alertdialog');
    await asked.waitFor();
    expect(await reader.getByRole('timer').first().textContent()).toMatch(/^0:[0-5]\d$/);
    await lookAt(reader, 'desk-asked');
    await reader.getByRole('button', { name: 'Not now' }).click();
    await client.getByRole('heading', { level: 1, name: /couldn’t take it just now/ }).waitFor();
    expect(await client.getByText('Nothing was charged').count()).toBe(1);
    await lookAt(client, 'declined');
    await asked.waitFor({ state: 'detached' });
  });
});

describe('a reading by video', () => {
  let before = 0;

  test('S10: before coming in, one sees oneself, agrees to the price, and knows who is waited for', async () => {
    before = await balanceOf(client);
    await askFor('Video');
    await client.locator('.mirror video').waitFor();
    await client.getByRole('button', { name: 'Come in' }).click();
    await client.getByText('Agree to the price first.').waitFor();
    await until(async () =>
      expect(await client.getByRole('meter').getAttribute('aria-valuetext')).toMatch(/We hear you|Quiet/),
    );
    await lookAt(client, 'threshold-client');
    await client.getByRole('checkbox', { name: /^I agree to pay/ }).check();
    await client.getByRole('button', { name: 'Come in' }).click();
    await client.getByRole('heading', { level: 1, name: /^Waiting for/ }).waitFor();

    await reader.getByRole('button', { name: 'Accept' }).click();
    await reader.waitForURL(roomUrl);
    await reader.getByRole('button', { name: 'Come in' }).waitFor();
    await lookAt(reader, 'threshold-reader');
    await reader.getByRole('button', { name: 'Come in' }).click();
    await Promise.all([isActive(client), isActive(reader)]);
  });

  test('S9: frames arrive on both sides', async () => {
    await Promise.all([framesGrow(client), framesGrow(reader)]);
    for (const page of [client, reader]) await page.locator('.others video').waitFor();
  });

  test('S10: who switches the camera and the microphone off isn’t seen and heard, and is again', async () => {
    await reader.getByRole('button', { name: 'Switch your camera off' }).click();
    await reader.getByRole('button', { name: 'Switch your microphone off' }).click();
    await client.getByText(/’s camera is off/).waitFor();
    await until(async () => expect(await client.locator('.plate').textContent()).toContain('microphone off'));
    await reader.getByRole('button', { name: 'Switch your camera on' }).click();
    await reader.getByRole('button', { name: 'Switch your microphone on' }).click();
    await framesGrow(client);
    await until(async () =>
      expect(await client.locator('.plate').textContent()).not.toContain('microphone off'),
    );
  });

  test('S10, S11: what is written arrives both ways, and that somebody is writing', async () => {
    await openChat(client);
    await say(client, 'Good evening');
    await reader.getByRole('button', { name: 'Messages, 1 new' }).click();
    await reader.getByText('Good evening').waitFor();
    await say(reader, 'Welcome.\nShall we begin?');
    await client.getByText('Shall we begin?').waitFor();
    await client.getByRole('textbox', { name: /^Message to/ }).pressSequentially('And');
    await reader.getByText(/is writing/).waitFor();
    await client.getByRole('textbox', { name: /^Message to/ }).fill('');
  });

  test('S5: a reload comes back into the same room by itself, and the clock goes on', async () => {
    await client.reload();
    await isActive(client);
    await Promise.all([framesGrow(client), framesGrow(reader)]);
    await openChat(client);
    await client.getByText('Shall we begin?').waitFor();
  });

  test('S5, SES-6: away for 20 s the clock stops, the other one is told until when; back, it goes on', async () => {
    const { pauses } = await sessionOf(client);
    await client.context().setOffline(true);
    await client.getByText('Your connection is gone.').waitFor();
    await reader.getByText(/’s connection is lost/).waitFor();
    const left = reader.locator('.notices [role=timer]');
    await until(async () => expect(await left.textContent()).toMatch(/^4:\d\d$/));
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    await client.context().setOffline(false);
    await Promise.all([isActive(client), isActive(reader)]);
    await Promise.all([framesGrow(client), framesGrow(reader)]);
    await say(reader, 'There you are again');
    await openChat(client);
    await client.getByText('There you are again').waitFor();
    expect(await sessionOf(client)).toMatchObject({ state: 'active', pauses: (pauses ?? 0) + 1 });
  });

  test('BIL-2, BIL-3, S4, S8: each minute that began is paid once, and the receipt proves it in the browser', async () => {
    await vi.waitFor(async () => expect((await sessionOf(client)).paid_minutes).toBeGreaterThanOrEqual(2), {
      timeout: 90_000,
      interval: 1_000,
    });
    const { rate_cents } = await sessionOf(client);
    await until(async () => {
      const told = await client.locator('.room-ledger dd').first().textContent();
      expect(Number(told?.replace(/[^\d]/g, ''))).toBeGreaterThanOrEqual(2 * rate_cents);
    });
    await client.getByRole('button', { name: 'End', exact: true }).click();
    await client.getByRole('dialog').getByRole('button', { name: 'End the reading' }).click();
    await client.getByRole('heading', { level: 1, name: 'You ended it' }).waitFor();
    await reader.getByRole('heading', { level: 1, name: /ended it$/ }).waitFor();
    for (const page of [client, reader]) await page.locator('[data-verdict=ok]').waitFor();

    const session = await sessionOf(client);
    const { summary } = session;
    if (!summary) throw new Error('there is no summary');
    const owed = summary.active_ms < 10_000 ? 0 : Math.ceil(summary.active_ms / 60_000);
    expect(summary).toMatchObject({ owed_minutes: owed, charged_minutes: owed, missing_minutes: 0 });
    expect(summary.paid_cents).toBe(owed * rate_cents);
    expect(summary.reader_cents).toBe(Math.floor((owed * rate_cents * 7_000 + 5_000) / 10_000));
    expect(before - (await balanceOf(client))).toBe(owed * rate_cents);

    const [download] = await Promise.all([
      client.waitForEvent('download'),
      client.getByRole('link', { name: 'Download the receipt' }).click(),
    ]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    const { keys } = await askAs<{ keys: Parameters<typeof verifyReceipt>[1] }>(
      client,
      '/.well-known/receipt-keys.json',
    );
    const verdict = await verifyReceipt(Buffer.concat(chunks).toString(), keys);
    expect(verdict).toMatchObject({ ok: true, receipt: { totals: { paid_cents: owed * rate_cents } } });
    await lookAt(client, 'ending-client');
    await lookAt(reader, 'ending-reader');
  });
});

test('no page threw, and none asked for what its policies forbid (O3)', () => {
  expect(faults).toEqual([]);
});
