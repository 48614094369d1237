import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OF_ACCOUNT } from '../../src/access.ts';
import { proxiesOf, USUAL_PROXIES } from '../../src/identity/address.ts';
import { createLimits, type Limits } from '../../src/identity/limits.ts';
import { createLog } from '../../src/log.ts';
import { query } from '../support/cluster.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { freePort } from '../support/process.ts';
import { startRedis } from '../support/redis.ts';
import { createServer, NOW, type TestServer } from '../support/server.ts';

const THREE = { name: 'three', perMinute: 3 };
let database: TestDatabase;
const opened: Limits[] = [];
let now = NOW;
const clock = { now: () => now };
const said: string[] = [];

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(async () => {
  await Promise.all(opened.map((limits) => limits.close()));
  await database.drop();
});

function open(options: { databaseUrl?: string; redisUrl?: string } = {}): Limits {
  const log = createLog('warn', { write: (line) => said.push(line) });
  const limits = createLimits({ databaseUrl: database.url, clock, log, ...options });
  opened.push(limits);
  return limits;
}
const isOver = async (limits: Limits, key: string) => (await limits.count(THREE, key)) !== undefined;

describe('O3: a limit', () => {
  it('counts for all nodes together, whoever asks whom, also at once', async () => {
    const nodes = [open(), open()] as const;
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => isOver(nodes[(index % 2) as 0 | 1], 'a')),
    );
    expect(answers.filter((over) => !over)).toHaveLength(3);
    expect(await isOver(nodes[0], 'b')).toBe(false);
    expect(await nodes[1].count(THREE, 'a')).toBeGreaterThan(0);
    expect(await nodes[1].count(THREE, 'a')).toBeLessThanOrEqual(60);
    expect(await nodes[1].count({ name: 'other', perMinute: 1 }, 'a')).toBeUndefined();
  });

  it('counts over Redis likewise', async () => {
    const redis = await startRedis();
    const nodes = [open({ redisUrl: redis.url }), open({ redisUrl: redis.url })] as const;
    // Until they are connected each would count for itself.
    await expect
      .poll(async () => {
        now += 5_001;
        const before = said.length;
        await Promise.all(nodes.map((node) => node.count({ name: 'warm', perMinute: 1_000 }, 'x')));
        return said.length - before;
      })
      .toBe(0);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => isOver(nodes[(index % 2) as 0 | 1], 'a')),
    );
    expect(answers.filter((over) => !over)).toHaveLength(3);
    await redis.stop();
    // The store is away: it goes on, each for itself.
    now += 5_001;
    for (let i = 0; i < 3; i += 1) expect(await isOver(nodes[0], 'c')).toBe(false);
    expect(await isOver(nodes[0], 'c')).toBe(true);
    expect(await isOver(nodes[1], 'c')).toBe(false);
    expect(said.join('')).toContain('counted by this process alone');
  });

  it('is held by each process alone while the database is away, without waiting each time', async () => {
    const limits = open({ databaseUrl: `postgres://nobody:x@127.0.0.1:${await freePort()}/nowhere` });
    const before = said.length;
    const began = performance.now();
    for (let i = 0; i < 200; i += 1) await limits.count({ name: 'many', perMinute: 1_000 }, 'a');
    // 200 waits for a store that is silent would be 100 s.
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(said.length - before).toBe(1);
    for (let i = 0; i < 3; i += 1) expect(await isOver(limits, 'a')).toBe(false);
    expect(await isOver(limits, 'a')).toBe(true);
  });

  it('comes back to the database when that is back', async () => {
    const [here, there] = [open(), open()];
    await query(database.ownerUrl, 'ALTER TABLE rate_limits RENAME TO away');
    for (let i = 0; i < 4; i += 1) await here.count(THREE, 'back');
    await query(database.ownerUrl, 'ALTER TABLE away RENAME TO rate_limits');
    now += 5_001;
    for (let i = 0; i < 3; i += 1) expect(await isOver(i % 2 ? here : there, 'back')).toBe(false);
    expect(await isOver(here, 'back')).toBe(true);
  });

  it('forgets what is over', async () => {
    const limits = open();
    await limits.count(THREE, 'old');
    await query(database.ownerUrl, 'UPDATE rate_limits SET expire = 1');
    expect(await limits.sweep()).toBeGreaterThan(0);
    expect(await query(database.url, 'SELECT 1 FROM rate_limits')).toEqual([]);
  });
});

describe('O3: who comes too often', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await createServer((app) => {
      app.get(
        '/twice',
        { config: { access: 'anyone', limit: { name: 'twice', perMinute: 2 } } },
        async ({ ip }) => ip,
      );
      app.get(
        '/twice/mine',
        { config: { access: { people: ['client'] }, limit: { name: 'mine', perMinute: 2 } } },
        async () => 'mine',
      );
    });
  });
  afterAll(() => server.close());
  const ask = (remoteAddress: string, forwarded?: string) =>
    server.app.inject({
      url: '/twice',
      remoteAddress,
      ...(forwarded === undefined ? {} : { headers: { 'x-forwarded-for': forwarded } }),
    });

  it('is told so with 429 and when to come again, and others are not', async () => {
    for (let i = 0; i < 2; i += 1) expect((await ask('192.0.2.1')).statusCode).toBe(200);
    const refused = await ask('192.0.2.1');
    expect([refused.statusCode, refused.json().code]).toEqual([429, 'too_many_requests']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('192.0.2.2')).statusCode).toBe(200);
    expect((await server.app.inject({ url: '/health', remoteAddress: '192.0.2.1' })).statusCode).toBe(200);
  });

  it('is who a known proxy says they are; from elsewhere X-Forwarded-For is a claim', async () => {
    expect((await ask('10.0.0.1', '198.51.100.1')).body).toBe('198.51.100.1');
    // Through two proxies, and with a claim of the browser's own before it.
    expect((await ask('127.0.0.1', '1.2.3.4, 198.51.100.2, 192.168.1.1')).body).toBe('198.51.100.2');
    // Another name each time doesn't help.
    const answers = [];
    for (let i = 0; i < 4; i += 1) answers.push(await ask('203.0.113.9', `198.51.100.${50 + i}`));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 429, 429]);
    expect(answers[0]?.body).toBe('203.0.113.9');
  });

  it('is not a proxy that speaks for itself', async () => {
    for (let i = 0; i < 5; i += 1) expect((await ask('10.0.0.1')).statusCode).toBe(200);
  });

  it('is an account, from whatever address', async () => {
    const [one, other] = [await server.signIn(), await server.signIn()];
    const mine = (headers: Record<string, string>, i: number) =>
      server.app.inject({ url: '/twice/mine', headers, remoteAddress: `198.51.100.${100 + i}` });
    const answers = [];
    for (let i = 0; i < 4; i += 1) answers.push((await mine(one.headers, i)).statusCode);
    expect(answers).toEqual([200, 200, 429, 429]);
    expect((await mine(other.headers, 1)).statusCode).toBe(200);
  });

  it('is counted over all routes of an account', async () => {
    const { headers, person_id } = await server.signIn();
    await query(
      server.database.ownerUrl,
      `INSERT INTO rate_limits VALUES ($1, $2, (extract(epoch FROM now()) * 1000)::bigint + 60000)`,
      [`${OF_ACCOUNT.name}:${person_id}`, OF_ACCOUNT.perMinute - 1],
    );
    expect((await server.app.inject({ url: '/api/me', headers })).statusCode).toBe(200);
    expect((await server.app.inject({ url: '/api/me', headers })).statusCode).toBe(429);
  });

  it('is served as ever when nobody can count', async () => {
    await query(server.database.ownerUrl, 'DROP TABLE rate_limits');
    expect((await ask('192.0.2.77')).statusCode).toBe(200);
  });
});

describe('O3: known proxies', () => {
  it('are this machine and private networks unless something else is said', () => {
    const usual = proxiesOf(USUAL_PROXIES);
    for (const address of [
      '127.0.0.1',
      '::1',
      '10.9.8.7',
      '172.31.0.1',
      '192.168.0.1',
      'fd00::1',
      'fe80::1%eth0',
      '::ffff:10.0.0.1',
    ])
      expect(usual?.(address), address).toBe(true);
    for (const address of [
      '172.32.0.1',
      '8.8.8.8',
      '2001:db8::1',
      '::ffff:8.8.8.8',
      '',
      'nonsense',
      '10.0.0.1, 8.8.8.8',
    ])
      expect(usual?.(address), address).toBe(false);
  });

  it('may be addresses and ranges of both kinds, and nothing else', () => {
    const own = proxiesOf('203.0.113.7, 2001:db8::/32');
    expect(own?.('203.0.113.7')).toBe(true);
    expect(own?.('203.0.113.8')).toBe(false);
    expect(own?.('127.0.0.1')).toBe(false);
    expect(own?.('2001:db8:9::1')).toBe(true);
    for (const wrong of [
      '',
      ',',
      'loopback',
      '10.0.0.0/33',
      '::1/129',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '10.0.0',
      '*',
      '10.0.0.1,',
    ])
      expect(proxiesOf(wrong), wrong).toBeUndefined();
  });
});
