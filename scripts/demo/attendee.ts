/// <reference lib="dom" />
import type { Browser, Page } from 'playwright';
import { Failure } from '../platform/failure.ts';

/** A machine that does much else is slow to answer. */
export const PATIENCE_MS = 60_000;

/** A window of somebody's own, whose peer connections can be looked at. */
export async function openWindow(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(PATIENCE_MS);
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
  return context.newPage();
}

/** What a page is told when it asks the API as itself. */
export async function ask<Answer>(page: Page, site: string, address: string): Promise<Answer> {
  const response = await page.request.get(`${site}${address}`);
  if (!response.ok()) throw new Failure(`${address}: ${response.status()} ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** Waits until `check` is true. */
export async function until(
  what: string,
  check: () => Promise<boolean>,
  withinMs = PATIENCE_MS,
): Promise<void> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; ) {
    if (await check().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  throw new Failure(`${what}: still not so after ${withinMs / 1_000} s`);
}

/** Frames of the other one's picture that were decoded, and bytes of their voice that arrived, by `getStats`. */
export function received(page: Page): Promise<{ frames: number; audio_bytes: number }> {
  return page.evaluate(async () => {
    const { peers } = globalThis as unknown as { peers: RTCPeerConnection[] };
    const sum = { frames: 0, audio_bytes: 0 };
    for (const peer of peers) {
      for (const [, one] of (await peer.getStats()) as unknown as Map<string, Record<string, unknown>>) {
        if (one.type !== 'inbound-rtp') continue;
        if (one.kind === 'video') sum.frames += Number(one.framesDecoded ?? 0);
        else sum.audio_bytes += Number(one.bytesReceived ?? 0);
      }
    }
    return sum;
  });
}

/** Waits until picture and voice of the other one arrive, and answers what has. */
export async function hearsAndSees(page: Page) {
  let got = { frames: 0, audio_bytes: 0 };
  await until('picture and voice arrive', async () => {
    got = await received(page);
    return got.frames > 10 && got.audio_bytes > 1_000;
  });
  return got;
}

/** Writes into the room's chat. */
export async function write(page: Page, text: string): Promise<void> {
  await openChat(page);
  const box = page.getByRole('textbox', { name: /^Message to/ });
  await box.fill(text);
  await box.press('Enter');
}

export async function read(page: Page, text: string): Promise<void> {
  await openChat(page);
  await page.getByText(text).waitFor();
}

async function openChat(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: /^Messages/ });
  if ((await button.getAttribute('aria-expanded')) === 'false') await button.click();
}
