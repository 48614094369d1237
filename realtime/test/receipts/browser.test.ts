/** The verifier as a page loads it: bundled without anything of Node, in a real Chromium. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Verdict } from '../../contract/verify-receipt.ts';
import { makeReceiptKey, openReceiptKeys, type ReceiptKeys } from '../../src/receipts/keys.ts';
import { signReceipt } from '../../src/receipts/sign.ts';

declare global {
  var verifyReceipt: typeof import('../../contract/verify-receipt.ts').verifyReceipt;
}

let server: Server;
let browser: Browser;
let page: Page;
let keys: ReceiptKeys;
let text: string;

beforeAll(async () => {
  // Bundled for a browser: whatever it needs of Node would fail here.
  const { outputFiles } = await build({
    stdin: {
      contents: `import { verifyReceipt } from './contract/verify-receipt.ts'; globalThis.verifyReceipt = verifyReceipt;`,
      resolveDir: join(import.meta.dirname, '../..'),
    },
    bundle: true,
    platform: 'browser',
    format: 'esm',
    write: false,
  });
  const script = outputFiles[0]?.text ?? '';
  expect(script.length).toBeLessThan(20_000);
  server = createServer((request, response) => {
    const isScript = request.url === '/verify.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.setHeader('content-security-policy', "default-src 'none'; script-src 'self'");
    response.end(isScript ? script : '<!doctype html><script type="module" src="/verify.js"></script>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  browser = await chromium.launch({
    ...(process.env.CHROMIUM_PATH ? { executablePath: process.env.CHROMIUM_PATH } : {}),
    args: ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => typeof globalThis.verifyReceipt === 'function');

  keys = await openReceiptKeys(JSON.stringify([await makeReceiptKey('2026-11')]));
  const parts = [279, 280, 279];
  text = await signReceipt(
    {
      session_id: '0197c3a0-0000-7000-8000-000000000001',
      client: 'c',
      reader: 'r',
      currency: 'USD',
      rate_cents: 399,
      share: 7_000,
      active_ms: 125_000,
      ended_at: '2026-11-18T12:02:05.000Z',
      stop_reason: 'client',
    },
    parts.map((reader_cents, index) => ({
      number: index + 1,
      due_at: '2026-11-18T12:00:10.000Z',
      charged_at: '2026-11-18T12:00:11.000Z',
      amount_cents: 399,
      reader_cents,
      platform_cents: 399 - reader_cents,
      transfer: `session:x:minute:${index + 1}`,
      given_back_by: null,
      presence: { client_ms: 60_000, reader_ms: 60_000 },
    })),
    keys.signer,
  );
}, 60_000);
afterAll(async () => {
  await browser?.close();
  server?.close();
});

const verify = (receipt: string): Promise<Verdict> =>
  page.evaluate(([given, published]) => globalThis.verifyReceipt(given, published), [
    receipt,
    keys.published,
  ] as const);

test('RCP-4: a page checks a receipt by itself', async () => {
  expect(await verify(text)).toMatchObject({ ok: true, receipt: { totals: { charged_minutes: 3 } } });
});

test('RCP-4: in a browser too every single changed byte is refused', async () => {
  const accepted = await page.evaluate(
    async ([given, published]) => {
      const bytes = new TextEncoder().encode(given);
      const seen: number[] = [];
      for (let i = 0; i < bytes.length; i += 1) {
        const changed = bytes.slice();
        changed[i] = (changed[i] ?? 0) ^ 1;
        const verdict = await globalThis.verifyReceipt(new TextDecoder('latin1').decode(changed), published);
        if (verdict.ok) seen.push(i);
      }
      return seen;
    },
    [text, keys.published] as const,
  );
  expect(accepted).toEqual([]);
});

test.each([1, 2, 3])('RCP-4: in a browser too a change in minute %i is named', async (number) => {
  const changed = text
    .replace(`"number":${number},`, `"number":${number},`)
    .replaceAll(/"due_at":"[^"]*","given_back_by":null,"hash":"[0-9a-f]*","number":(\d)/g, (line, of) =>
      Number(of) === number ? line.replace('12:00:10', '12:00:20') : line,
    );
  expect(changed).not.toBe(text);
  expect(await verify(changed)).toMatchObject({ ok: false, code: 'minute', minute: number });
});

test('RCP-3: in a browser too a receipt signed with another key is refused', async () => {
  const other = await openReceiptKeys(JSON.stringify([await makeReceiptKey('2026-11')]));
  keys = { ...keys, published: other.published };
  expect(await verify(text)).toMatchObject({ ok: false, code: 'signature' });
});
