import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Receipt, ReceiptKey } from '../../src/receipts/format.ts';
import { canonical, hashOf } from '../../src/receipts/hash.ts';
import { buildReceipt } from '../../src/receipts/receipt.ts';
import { createSigner, type Signer } from '../../src/receipts/sign.ts';
import { verifyReceipt } from '../../src/receipts/verify.ts';
import { createMoney, type Money } from '../support/money.ts';

let money: Money;
let signer: Signer;
let text: string;
let folder: string;

async function newSigner(kid: string): Promise<Signer> {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as {
    privateKey: Parameters<typeof crypto.subtle.exportKey>[1];
  };
  const jwk = await crypto.subtle.exportKey('jwk', pair.privateKey);
  return createSigner({ kty: 'OKP', crv: 'Ed25519', kid, x: String(jwk.x), d: String(jwk.d) });
}

const presence = (minute: number) => ({ client_ms: 60_000 - minute, reader_ms: 60_000 });

beforeAll(async () => {
  money = await createMoney();
  signer = await newSigner('2026-11');
  folder = await mkdtemp(join(tmpdir(), 'soulseer-receipt-'));
  // Five minutes charged, the last two beyond what both were present for.
  const [client, reader] = [await money.person(10_000), await money.person()];
  const session = await money.session({ client, reader });
  await session.start(0);
  await session.tick(241);
  await session.pause(250, 170);
  await session.stop(600, 'grace_expired');
  await session.finalise();
  text = await buildReceipt(money.db, session.id, presence, signer);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await money.close();
});

const keys = (): ReceiptKey[] => [signer.publicKey];

test('RCP-1: a line for each charged minute, from the ledger', () => {
  const { head, minutes } = JSON.parse(text) as Receipt;
  expect(head).toMatchObject({
    rate_cents: 399,
    share: 7_000,
    active_ms: 170_000,
    stop_reason: 'grace_expired',
    ended_at: new Date(money.at(600)).toISOString(),
  });
  expect(
    minutes.map(({ number, reader_cents, given_back_by }) => [number, reader_cents, given_back_by !== null]),
  ).toEqual([
    [1, 279, false],
    [2, 280, false],
    [3, 279, false],
    [4, 279, true],
    [5, 280, true],
  ]);
  expect(minutes[2]).toMatchObject({
    due_at: new Date(money.at(120)).toISOString(),
    charged_at: new Date(money.at(241)).toISOString(),
    amount_cents: 399,
    platform_cents: 120,
    transfer: `session:${head.session_id}:minute:3`,
    presence: { client_ms: 59_997, reader_ms: 60_000 },
  });
});

test('RCP-1: a session that is not finalised has no receipt', async () => {
  const session = await money.session({ client: await money.person(10_000), reader: await money.person() });
  await session.start(0);
  await session.stop(30);
  await expect(buildReceipt(money.db, session.id, presence, signer)).rejects.toThrow('not finalised');
});

test('RCP-2: canonical JSON as RFC 8785 has it, and SHA-256 over it', async () => {
  // The example of RFC 8785, section 3.2.2 and 3.2.3.
  const value = JSON.parse(
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
  );
  expect(canonical(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
  expect(await hashOf({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  const { head, minutes } = JSON.parse(text) as Receipt;
  expect(minutes[0]?.previous).toBe(await hashOf(head));
  expect(minutes.slice(1).map(({ previous }) => previous)).toEqual(
    minutes.slice(0, -1).map(({ hash }) => hash),
  );
});

test('RCP-3: signed under a key id; an old key stays good, another or an unknown one is refused', async () => {
  const other = await newSigner('2026-12');
  expect(await verifyReceipt(text, [other.publicKey, signer.publicKey])).toMatchObject({ ok: true });
  expect(await verifyReceipt(`${text}\n`, keys())).toMatchObject({ ok: true });
  expect(await verifyReceipt(text, [other.publicKey])).toMatchObject({ ok: false, code: 'unknown_key' });
  expect(await verifyReceipt(text, [{ ...other.publicKey, kid: '2026-11' }])).toMatchObject({
    ok: false,
    code: 'signature',
  });
});

test('RCP-4: every single changed byte is refused', async () => {
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += 1) {
    const changed = Buffer.from(bytes);
    changed[i] = (changed[i] ?? 0) ^ 1;
    const verdict = await verifyReceipt(changed.toString('latin1'), keys());
    if (verdict.ok)
      throw new Error(`byte ${i} (${text.slice(Math.max(0, i - 20), i + 20)}) changed and nobody saw`);
  }
});

test.each([1, 2, 3, 4, 5])('RCP-4: a change in minute %i is named, whatever it is', async (number) => {
  const change = async (edit: (minute: Receipt['minutes'][number]) => void) => {
    const receipt = JSON.parse(text) as Receipt;
    const minute = receipt.minutes[number - 1];
    if (!minute) throw new Error('no such minute');
    edit(minute);
    return verifyReceipt(canonical(receipt), keys());
  };
  const expected = { ok: false, code: 'minute', minute: number };
  expect(await change((minute) => (minute.amount_cents = 398))).toMatchObject(expected);
  expect(await change((minute) => (minute.due_at = '2026-01-01T00:00:00.000Z'))).toMatchObject(expected);
  expect(await change((minute) => (minute.presence.client_ms = 1))).toMatchObject(expected);
  expect(await change((minute) => (minute.given_back_by = 'x'))).toMatchObject(expected);
  // Also when its own hash is made to fit: the next line, or the signature, knows better.
  const receipt = JSON.parse(text) as Receipt;
  const minute = receipt.minutes[number - 1];
  if (!minute) throw new Error('no such minute');
  minute.charged_at = '2026-01-01T00:00:00.000Z';
  const { hash: _, ...line } = minute;
  minute.hash = await hashOf(line);
  expect(await verifyReceipt(canonical(receipt), keys())).toMatchObject(
    number < 5 ? expected : { ok: false, code: 'signature' },
  );
});

test('RCP-4: a minute that is left out or moved is named', async () => {
  const receipt = JSON.parse(text) as Receipt;
  const without = { ...receipt, minutes: receipt.minutes.toSpliced(2, 1) };
  expect(await verifyReceipt(canonical(without), keys())).toMatchObject({ code: 'minute', minute: 3 });
  expect(
    await verifyReceipt(canonical({ ...receipt, minutes: receipt.minutes.slice(0, 4) }), keys()),
  ).toMatchObject({ ok: false });
});

test('RCP-4: nonsense is malformed, not a crash', async () => {
  for (const nonsense of ['', '{}', 'null', '[]', '{"format":"soulseer-receipt-1"}', `${text}x`]) {
    expect(await verifyReceipt(nonsense, keys())).toMatchObject({ ok: false, code: 'malformed' });
  }
  expect(await verifyReceipt(text.replace('{', '{ '), keys())).toMatchObject({
    ok: false,
    code: 'not_canonical',
  });
});

test('RCP-5: totals are what the lines say', async () => {
  const receipt = JSON.parse(text) as Receipt;
  expect(receipt.totals).toEqual({
    charged_minutes: 3,
    given_back_minutes: 2,
    paid_cents: 1_197,
    reader_cents: 838,
    platform_cents: 359,
  });
  receipt.totals.paid_cents = 1;
  expect(await verifyReceipt(canonical(receipt), keys())).toMatchObject({ ok: false, code: 'totals' });
});

test('RCP-4: the command checks a file with nothing but the published keys', async () => {
  const run = promisify(execFile);
  const [file, published] = [join(folder, 'receipt.json'), join(folder, 'receipt-keys.json')];
  await writeFile(published, JSON.stringify({ keys: keys() }));
  await writeFile(file, text);
  const check = () =>
    run(
      process.execPath,
      [join(import.meta.dirname, '../../src/cli.ts'), 'verify-receipt', file, published],
      { env: { PATH: process.env['PATH'] } },
    );
  expect((await check()).stdout).toMatch(/genuine.*3 minutes, 1197 cents/);
  await writeFile(file, text.replace('"number":2,', '"number":9,'));
  await expect(check()).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/NOT genuine.*minute 2/),
  });
});

test('RCP-4: the command asks for keys only where an address is given, and says what it can’t read', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.statusCode = request.url === '/.well-known/receipt-keys.json' ? 200 : 404;
    response.end(JSON.stringify({ keys: keys() }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const file = join(folder, 'again.json');
  await writeFile(file, text);
  const check = (...args: string[]) =>
    promisify(execFile)(
      process.execPath,
      [join(import.meta.dirname, '../../src/cli.ts'), 'verify-receipt', ...args],
      { env: { PATH: process.env.PATH } },
    );
  expect((await check(file, origin)).stdout).toMatch(/genuine/);
  expect(asked).toEqual(['/.well-known/receipt-keys.json']);
  await expect(check(file, `${origin}/other`)).rejects.toMatchObject({
    code: 66,
    stderr: expect.stringContaining('it answers 404'),
  });
  await expect(check(file, join(folder, 'none.json'))).rejects.toMatchObject({ code: 66 });
  server.close();
}, 60_000);
