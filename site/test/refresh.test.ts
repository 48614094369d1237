import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runSite } from './helpers/built-site.ts';
import { type Platform, startPlatform } from './helpers/platform.ts';
import type { Visitor } from './helpers/visitor.ts';

// Access tokens of five seconds, so that they end while one waits.

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ accessTokenSeconds: 5 });
});
afterAll(() => platform?.[Symbol.asyncDispose]());
beforeEach(() => {
  platform.issuer.away = false;
  platform.issuer.slowMs = 0;
});

const refreshes = () => platform.issuer.grants.filter((grant) => grant === 'refresh_token').length;
const wallet = (visitor: Visitor, site = platform.url) => visitor.ask(`${site}/api/wallet`);
const bearers = () =>
  platform.realtime.requests.flatMap(({ url, headers }) =>
    url === '/api/wallet' ? [headers.authorization] : [],
  );

describe('an access token that has ended (A2)', () => {
  it('is refreshed unseen, once, while 20 requests run at once on two nodes', async () => {
    const { visitor } = await platform.signIn('client');
    await wallet(visitor);
    const before = bearers().at(-1);
    const other = await runSite(platform.build.main, { ...platform.environment, PORT: '0' });
    try {
      const cookie = `soulseer=${visitor.jar(platform.url).get('soulseer')}`;
      await setTimeout(5_500);
      platform.issuer.slowMs = 500;
      const began = refreshes();
      const from = bearers().length;
      const nodes = [platform.url, other.url.replace('127.0.0.1', 'localhost')];
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          fetch(`${nodes[index % 2]}/api/wallet`, { headers: { cookie } }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
      expect(refreshes() - began).toBe(1);
      const used = new Set(bearers().slice(from));
      expect(used.size).toBe(1);
      expect(used.has(before)).toBe(false);
    } finally {
      await other.stop('SIGTERM');
    }
  });

  it('is refreshed ahead of its end, and the refresh token changes each time', async () => {
    const { visitor } = await platform.signIn('client');
    for (let round = 0; round < 2; round += 1) {
      const began = refreshes();
      await setTimeout(4_300);
      expect((await wallet(visitor)).status).toBe(200);
      expect(refreshes() - began).toBe(1);
    }
  });

  it('is used to its end while the issuer is away; then it is 503, and all is well when it is back', async () => {
    const { visitor } = await platform.signIn('client2');
    expect((await wallet(visitor)).status).toBe(200);
    platform.issuer.away = true;
    await setTimeout(5_200);
    const late = await wallet(visitor);
    expect(late.status).toBe(503);
    expect(JSON.parse(late.html)).toMatchObject({ code: 'identity_unavailable' });
    // Still signed in: pages that need no token are there.
    expect((await visitor.ask(`${platform.url}/dashboard`)).status).toBe(200);
    platform.issuer.away = false;
    await expect.poll(async () => (await wallet(visitor)).status, { timeout: 15_000 }).toBe(200);
  });

  it('whose refresh token somebody else has used ends the session, cleanly', async () => {
    const { visitor } = await platform.signIn('reader');
    // What a thief of the database with the secret could do: the session goes back to a token that was used already.
    const [old] = await platform.database.query<{ id_hash: Buffer; payload: Buffer }>(
      'SELECT id_hash, payload FROM sessions ORDER BY created_at DESC LIMIT 1',
    );
    await setTimeout(5_200);
    expect((await wallet(visitor)).status).toBe(200);
    await platform.database.query('UPDATE sessions SET payload = $2 WHERE id_hash = $1', [
      old?.id_hash,
      old?.payload,
    ]);
    const ended = await wallet(visitor);
    expect(ended.status).toBe(401);
    expect(
      await platform.database.query('SELECT 1 FROM sessions WHERE id_hash = $1', [old?.id_hash]),
    ).toEqual([]);
    expect((await visitor.ask(`${platform.url}/dashboard`)).status).toBe(303);
    await expect
      .poll(() => platform.accepted.map(({ body }) => body))
      .toContainEqual(expect.objectContaining({ action: 'session_ended', reason: 'refresh_token_refused' }));
  });
});
