import { connect } from 'node:net';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRealtimeClient, RealtimeProblem } from '../contract/index.ts';
import { readMigrations } from '../src/migrate.ts';
import { adminUrl, query } from './support/cluster.ts';
import { createServer, NOW, type TestServer } from './support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await createServer((app) => {
    app.get('/broken', { config: { access: 'anyone' }, schema: { hide: true } }, async () => {
      throw new Error('password=hunter2');
    });
  });
  await server.app.ready();
});

afterAll(() => server.close());

async function problem(request: InjectOptions | string) {
  const response = await server.app.inject(request);
  expect(response.headers['content-type']).toBe('application/problem+json');
  return {
    status: response.statusCode,
    ...(response.json() as { code: string; title: string; errors?: { field: string; message: string }[] }),
  };
}

describe('health', () => {
  it('is alive, and ready while the database answers', async () => {
    const health = await server.app.inject('/health');
    expect([health.statusCode, health.json(), health.headers['cache-control']]).toEqual([
      200,
      { status: 'ok' },
      'no-store',
    ]);
    const ready = await server.app.inject('/ready/');
    expect([ready.statusCode, ready.json()]).toEqual([
      200,
      { status: 'ready', checks: { database: 'ok', migrations: 'ok' } },
    ]);
  });

  it('is not ready while stopping', async () => {
    server.setStopping(true);
    const ready = await server.app.inject('/ready');
    expect([ready.statusCode, ready.json()]).toEqual([
      503,
      { status: 'not_ready', checks: { process: 'stopping', database: 'ok', migrations: 'ok' } },
    ]);
    server.setStopping(false);
  });

  it('is not ready while a migration has not been run', async () => {
    await query(server.database.ownerUrl, `UPDATE schema_migrations SET checksum = 'other' WHERE number = 1`);
    const ready = await server.app.inject('/ready');
    expect([ready.statusCode, ready.json().checks]).toEqual([
      503,
      { database: 'ok', migrations: '1 not run' },
    ]);
    await query(server.database.ownerUrl, 'ALTER TABLE schema_migrations RENAME TO hidden');
    expect((await server.app.inject('/ready')).json().checks).toEqual({
      database: 'ok',
      migrations: 'never run',
    });
    await query(server.database.ownerUrl, 'ALTER TABLE hidden RENAME TO schema_migrations');
    const [first] = await readMigrations();
    await query(server.database.ownerUrl, 'UPDATE schema_migrations SET checksum = $1 WHERE number = 1', [
      first?.checksum,
    ]);
    expect((await server.app.inject('/ready')).statusCode).toBe(200);
  });

  it('is not ready while the database is away, stays up, tells nothing of it, and is ready again after', async () => {
    const { name } = server.database;
    await query(adminUrl(), `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
    await query(
      adminUrl(),
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
    );
    try {
      const away = await server.app.inject('/ready');
      expect([away.statusCode, away.json()]).toEqual([
        503,
        { status: 'not_ready', checks: { database: 'does not answer' } },
      ]);
      expect((await server.app.inject('/health')).statusCode).toBe(200);
      expect((await server.app.inject('/api/time?client_time_ms=1')).statusCode).toBe(200);
    } finally {
      await query(adminUrl(), `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
    }
    expect((await server.app.inject('/ready')).statusCode).toBe(200);
  });
});

describe('/api/time', () => {
  it('answers the server’s clock and what it was sent, also with a trailing slash', async () => {
    for (const path of ['/api/time?client_time_ms=-12', '/api/time/?client_time_ms=-12']) {
      expect((await server.app.inject(path)).json()).toEqual({ server_time_ms: NOW, client_time_ms: -12 });
    }
  });

  it.each([
    '',
    '?client_time_ms=',
    '?client_time_ms=noon',
    '?client_time_ms=1.5',
    '?client_time_ms=1e3',
    '?client_time_ms=0x10',
    '?client_time_ms=%201',
    '?client_time_ms=1&client_time_ms=2',
    '?client_time_ms=99999999999999999999',
  ])('names the field for "%s"', async (search) => {
    const told = await problem(`/api/time${search}`);
    expect(told).toMatchObject({
      status: 400,
      code: 'invalid_request',
      errors: [{ field: 'client_time_ms', message: expect.any(String) }],
    });
  });
});

describe('what is refused', () => {
  it.each([
    ['an unknown route', '/nowhere', 404, 'not_found'],
    ['a wrong method', { method: 'DELETE', url: '/api/time' }, 404, 'not_found'],
    ['an address that can’t be decoded', '/api/%E0%A4%A', 400, 'invalid_url'],
    [
      '1 MiB to a JSON route',
      {
        method: 'POST',
        url: '/api/reports',
        headers: { 'content-type': 'application/json' },
        body: `"${'x'.repeat(1024 * 1024)}"`,
      },
      413,
      'body_too_large',
    ],
    [
      'JSON that is none',
      { method: 'POST', url: '/api/reports', headers: { 'content-type': 'application/json' }, body: '{"a":' },
      400,
      'invalid_json',
    ],
    [
      'no JSON at all',
      { method: 'POST', url: '/api/reports', headers: { 'content-type': 'application/json' } },
      400,
      'invalid_json',
    ],
    [
      'JSON with a forbidden key',
      {
        method: 'POST',
        url: '/api/reports',
        headers: { 'content-type': 'application/json' },
        body: '{"__proto__":{"admin":true}}',
      },
      400,
      'invalid_json',
    ],
    [
      'another content type',
      {
        method: 'POST',
        url: '/api/reports',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'a=b',
      },
      415,
      'unsupported_media_type',
    ],
  ])('%s', async (_case, request, status, code) => {
    const told = await problem(request as InjectOptions | string);
    expect(told).toMatchObject({
      type: 'about:blank',
      status,
      code,
      title: expect.any(String),
      instance: expect.any(String),
    });
  });

  it('an error inside is told without any detail, and logged with the request’s id', async () => {
    const response = await server.app.inject({
      url: '/broken',
      headers: { 'x-request-id': 'broken-request-1' },
    });
    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual({
      type: 'about:blank',
      status: 500,
      code: 'internal_error',
      title: 'Something went wrong here',
      instance: '/broken',
    });
    expect(response.body).not.toContain('hunter2');
    const line = server
      .lines()
      .find(({ message, request_id: id }) => message === 'request failed' && id === 'broken-request-1');
    expect(JSON.stringify(line)).toContain('hunter2');
  });
});

describe('a request', () => {
  it('keeps a good request id and replaces a bad one', async () => {
    const kept = await server.app.inject({ url: '/health', headers: { 'x-request-id': 'a-good_id-1' } });
    expect(kept.headers['x-request-id']).toBe('a-good_id-1');
    for (const bad of ['short', 'has space in it', 'x'.repeat(65), 'line"break']) {
      const made = await server.app.inject({ url: '/health', headers: { 'x-request-id': bad } });
      expect(made.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('is one log line, without query values, cookies or tokens', async () => {
    await server.app.inject({
      url: '/api/time?client_time_ms=77001',
      headers: {
        'x-request-id': 'logged-request',
        authorization: 'Bearer secret-token',
        cookie: 'session=secret-cookie',
      },
    });
    const lines = server.lines().filter(({ request_id: id }) => id === 'logged-request');
    expect(lines).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        level: 'info',
        program: 'realtime',
        message: 'request',
        request_id: 'logged-request',
        method: 'GET',
        path: '/api/time',
        status: 200,
        duration_ms: expect.any(Number),
      },
    ]);
    const all = JSON.stringify(server.lines());
    for (const secret of ['77001', 'secret-token', 'secret-cookie']) expect(all).not.toContain(secret);
  });

  it('is never logged with its headers, even by mistake', () => {
    const secret = 'never-to-be-seen';
    server.app.log.info(
      {
        headers: { authorization: secret, cookie: secret, 'set-cookie': secret },
        req: { headers: { cookie: secret } },
        authorization: secret,
      },
      'a mistake',
    );
    expect(server.lines().at(-1)).toMatchObject({ message: 'a mistake', authorization: '[redacted]' });
    expect(JSON.stringify(server.lines().at(-1))).not.toContain(secret);
  });
});

describe('/metrics', () => {
  it('counts requests by route and status, and tells of the process', async () => {
    await server.app.inject('/api/time?client_time_ms=1');
    const { body, headers } = await server.app.inject('/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toMatch(
      /http_request_duration_seconds_count\{method="GET",route="\/api\/time",status="200"\} [1-9]/,
    );
    expect(body).toContain('process_resident_memory_bytes');
    expect(body).toContain('nodejs_eventloop_lag_seconds');
    await server.app.inject('/some/odd/path/4711');
    expect((await server.app.inject('/metrics')).body).not.toContain('4711');
  });
});

describe('access', () => {
  it('must be declared by every route, or the program does not start', async () => {
    const careless = await createServer((app) => {
      app.get('/open/door', async () => 'oops');
      app.post('/open/window', async () => 'oops');
    });
    await expect(careless.app.ready()).rejects.toThrow(
      /these routes don't say who may call them: GET \/open\/door, HEAD \/open\/door, POST \/open\/window/,
    );
    await careless.close();
  });
});

describe('the contract’s client', () => {
  it('asks the time and readiness, passes the request id on, and throws problems', async () => {
    const baseUrl = await server.app.listen({ host: '127.0.0.1', port: 0 });
    const client = createRealtimeClient({ baseUrl });
    expect(await client.time(5, { requestId: 'from-the-client' })).toEqual({
      server_time_ms: NOW,
      client_time_ms: 5,
    });
    expect(server.lines().some(({ request_id: id }) => id === 'from-the-client')).toBe(true);
    server.setStopping(true);
    expect((await client.ready()).status).toBe('not_ready');
    server.setStopping(false);
    const refusal = await client.time(1.5).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RealtimeProblem);
    expect((refusal as RealtimeProblem).problem).toMatchObject({ code: 'invalid_request', status: 400 });
    const html = createRealtimeClient({
      baseUrl,
      fetch: async () => new Response('<html>', { status: 502 }),
    });
    await expect(html.time(1)).rejects.toMatchObject({ problem: { status: 502, code: 'unexpected_answer' } });
  });

  it('finds a server that withstands what is not HTTP', async () => {
    const address = server.app.server.address();
    if (!address || typeof address === 'string') throw new Error('not listening');
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(address.port, '127.0.0.1', () => socket.write('nonsense\r\n\r\n'));
      let text = '';
      socket.on('data', (chunk) => (text += chunk));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
    expect((await server.app.inject('/health')).statusCode).toBe(200);
  });
});
