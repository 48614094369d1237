import { afterAll, beforeAll, expect, test } from 'vitest';
import { createServer, type SignedIn, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await createServer();
});
afterAll(() => server.close());

const walletOf = async (who?: SignedIn) => {
  const response = await server.app.inject({ url: '/api/wallet', ...(who ? { headers: who.headers } : {}) });
  return [response.statusCode, response.json()] as [number, Record<string, unknown>];
};
const topUp = (who: SignedIn, cents: number) =>
  server.ledger.post({
    kind: 'top_up',
    key: `top-up:${who.person_id}:${cents}`,
    legs: [
      { account: 'card_clearing', amount_cents: -cents },
      { account: `wallet:${who.person_id}`, amount_cents: cents },
    ],
  });

test('W7: each person sees their own wallet, and nobody without an account any', async () => {
  const [one, other] = [await server.signIn(), await server.signIn()];
  expect(await walletOf(one)).toEqual([200, { balance_cents: 0, debt_cents: 0 }]);
  await topUp(one, 2_500);
  expect(await walletOf(one)).toEqual([200, { balance_cents: 2_500, debt_cents: 0 }]);
  expect(await walletOf(other)).toEqual([200, { balance_cents: 0, debt_cents: 0 }]);
  const [status, refused] = await walletOf();
  expect([status, refused.code]).toEqual([401, 'not_signed_in']);
});

test('LED-17: what a dispute took beyond the wallet is told as debt', async () => {
  const one = await server.signIn();
  await topUp(one, 1_000);
  await server.ledger.open(`debt:${one.person_id}`);
  await server.ledger.post({
    kind: 'dispute_open',
    key: `dispute:${one.person_id}`,
    legs: [
      { account: `wallet:${one.person_id}`, amount_cents: -1_000 },
      { account: `debt:${one.person_id}`, amount_cents: -500 },
      { account: 'disputes', amount_cents: 1_500 },
    ],
  });
  expect(await walletOf(one)).toEqual([200, { balance_cents: 0, debt_cents: 500 }]);
});
