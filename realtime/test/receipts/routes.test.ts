import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { receiptKeys as published } from '../../contract/receipt.ts';
import { createMeter, finalise, startMeter, stopMeter } from '../../src/billing/meters.ts';
import { chargeDue } from '../../src/billing/tick.ts';
import { makeReceiptKey, openReceiptKeys } from '../../src/receipts/keys.ts';
import { readReceipt, storeReceipt } from '../../src/receipts/store.ts';
import { verifyReceipt } from '../../src/receipts/verify.ts';
import { query } from '../support/cluster.ts';
import { createServer, NOW, type SignedIn, type TestServer } from '../support/server.ts';

let server: TestServer;
let client: SignedIn;
let reader: SignedIn;
const session = randomUUID();

const presence = () => ({ client_ms: 60_000, reader_ms: 60_000 });
const get = (url: string, who?: SignedIn) =>
  server.app.inject({ url, ...(who ? { headers: who.headers } : {}) });
const store = () =>
  server.db
    .transaction()
    .execute((tx) =>
      storeReceipt(tx, { sessionId: session, presence, signer: server.receiptKeys.signer, nowMs: NOW }),
    );

beforeAll(async () => {
  server = await createServer();
  client = await server.signIn();
  reader = await server.signIn({ role: 'reader' });
  await server.ledger.post({
    kind: 'top_up',
    key: `top-up:${client.person_id}`,
    legs: [
      { account: 'card_clearing', amount_cents: -10_000 },
      { account: `wallet:${client.person_id}`, amount_cents: 10_000 },
    ],
  });
  await server.db.transaction().execute(async (tx) => {
    await createMeter(tx, server.ledger, {
      session_id: session,
      client: client.person_id,
      reader: reader.person_id,
      rate_cents: 399,
      maximum_minutes: 60,
    });
    await startMeter(tx, session, NOW);
    await chargeDue(tx, session, NOW + 61_000);
    await stopMeter(tx, session, NOW + 70_000, 'client');
  });
});
afterAll(() => server.close());

test('RCP-6: kept once, when the session is finalised, and never changed', async () => {
  await expect(store()).rejects.toThrow('not finalised');
  expect((await get(`/api/sessions/${session}/receipt`, client)).statusCode).toBe(404);
  await server.db.transaction().execute((tx) => finalise(tx, server.ledger, session));
  const stored = await Promise.all([store(), store(), store()]);
  expect(new Set(stored.map(({ receipt }) => receipt)).size).toBe(1);
  expect(await readReceipt(server.db, session)).toEqual(stored[0]);
  for (const [url, error] of [
    [server.database.url, 'permission denied'],
    [server.database.ownerUrl, 'append-only'],
  ] as const)
    for (const text of [`update receipts set receipt = '{}'`, 'delete from receipts', 'truncate receipts'])
      await expect(query(url, text)).rejects.toThrow(error);
});

test('RCP-6: to those who were in it and to staff, to the byte; to others as if it were not there', async () => {
  const admin = await server.signIn({ role: 'admin' });
  const stored = await readReceipt(server.db, session);
  for (const who of [client, reader, admin]) {
    const answer = await get(`/api/sessions/${session}/receipt`, who);
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe(stored?.receipt);
    expect(answer.headers['content-type']).toContain('application/json');
    expect(answer.headers['cache-control']).toContain('no-store');
  }
  const strangers = [await server.signIn(), await server.signIn({ role: 'reader' })];
  for (const who of strangers) {
    const mine = await get(`/api/sessions/${session}/receipt`, who);
    const none = await get(`/api/sessions/${randomUUID()}/receipt`, who);
    for (const answer of [mine, none])
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'not_found']);
  }
  expect((await get(`/api/sessions/${session}/receipt`)).statusCode).toBe(401);
  expect((await get('/api/sessions/1/receipt', client)).statusCode).toBe(400);
});

test('RCP-3: the keys are published for anybody, without their private parts, and check what was signed', async () => {
  const answer = await get('/.well-known/receipt-keys.json');
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['cache-control']).toBe('public, max-age=3600');
  expect(answer.body).not.toContain('"d"');
  const { keys } = published.parse(answer.json());
  const receipt = (await get(`/api/sessions/${session}/receipt`, client)).body;
  expect(await verifyReceipt(receipt, keys)).toMatchObject({ ok: true });
});

test('RCP-3: the first private key signs; the others stay published', async () => {
  const [old, now, next] = await Promise.all(['2025', '2026', '2027'].map(makeReceiptKey));
  if (!old || !now || !next) throw new Error('no keys');
  const { d: _, ...oldPublic } = old;
  const keys = await openReceiptKeys(JSON.stringify([oldPublic, now, next]));
  expect(keys.signer.keyId).toBe('2026');
  expect(keys.published.map(({ kid }) => kid)).toEqual(['2025', '2026', '2027']);
  expect(keys.published.every((key) => !('d' in key))).toBe(true);
  await expect(openReceiptKeys(JSON.stringify([{ ...now, x: next.x }]))).rejects.toThrow();
  await expect(openReceiptKeys(JSON.stringify([oldPublic]))).rejects.toThrow('no private key');
});
