import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trimUrl } from '../src/reports/trim.ts';
import { query } from './support/cluster.ts';
import { createServer, NOW, type TestServer } from './support/server.ts';

let server: TestServer;
let addresses = 0;

beforeAll(async () => {
  server = await createServer();
});
afterAll(() => server.close());

/** Each call from an address of its own unless one is given, so that the limit is met only where it is meant. */
function post(body: unknown, type = 'application/reports+json', from = freshAddress()) {
  return server.app.inject({
    method: 'POST',
    url: '/api/reports',
    headers: { 'content-type': type, 'x-forwarded-for': from },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

function freshAddress(): string {
  addresses += 1;
  return `203.0.113.${addresses}`;
}

const violation = (more: Record<string, unknown> = {}) => ({
  type: 'csp-violation',
  age: 12,
  url: 'https://soulseer.example/readings/018f2c5e-7b1a-7c3d-9e4f-0123456789ab?token=secret#part',
  user_agent: 'Somebody’s browser',
  body: {
    documentURL: 'https://soulseer.example/readings',
    effectiveDirective: 'script-src-elem',
    blockedURL: 'https://evil.example/x.js?who=me@example.com',
    sourceFile: 'https://soulseer.example/_astro/page.B7x9Qa12345678901.js?v=1',
    lineNumber: 3,
    columnNumber: 14,
    disposition: 'enforce',
    sample: 'private words',
    referrer: 'https://soulseer.example/?q=private',
    ...more,
  },
});

const rows = () =>
  query<Record<string, unknown>>(
    server.database.ownerUrl,
    'SELECT received_at, kind, page_url, subject, blocked_url, source_url, line_number, column_number, disposition FROM browser_reports ORDER BY id',
  );

describe('POST /api/reports', () => {
  it('keeps a report of the Reporting API without query, ids or anything personal', async () => {
    expect((await post([violation()])).statusCode).toBe(204);
    expect(await rows()).toEqual([
      {
        received_at: new Date(NOW),
        kind: 'csp-violation',
        page_url: 'https://soulseer.example/readings/:id',
        subject: 'script-src-elem',
        blocked_url: 'https://evil.example/x.js',
        source_url: 'https://soulseer.example/_astro/page.B7x9Qa12345678901.js',
        line_number: 3,
        column_number: 14,
        disposition: 'enforce',
      },
    ]);
    const all = JSON.stringify(await query(server.database.ownerUrl, 'SELECT * FROM browser_reports'));
    for (const secret of ['token', 'secret', 'browser', 'private', 'example.com', '018f2c5e'])
      expect(all.replace('evil.example', '')).not.toContain(secret);
  });

  it('takes the older form, a single report and plain JSON, with a trailing slash too', async () => {
    const before = (await rows()).length;
    const old = {
      'csp-report': {
        'document-uri': 'https://soulseer.example/',
        'violated-directive': "img-src 'self'",
        'blocked-uri': 'data',
        'line-number': 4,
      },
    };
    expect((await post(old, 'application/csp-report')).statusCode).toBe(204);
    expect((await post(old, 'application/json; charset=utf-8')).statusCode).toBe(204);
    expect(
      (
        await post(
          { type: 'crash', url: 'https://soulseer.example/live', body: { reason: 'oom' } },
          'application/json',
        )
      ).statusCode,
    ).toBe(204);
    const slash = await server.app.inject({
      method: 'POST',
      url: '/api/reports/',
      headers: { 'content-type': 'application/reports+json' },
      body: JSON.stringify([violation()]),
    });
    expect(slash.statusCode).toBe(204);
    const kept = (await rows()).slice(before);
    expect(kept.map(({ kind, subject, blocked_url: blocked }) => [kind, subject, blocked])).toEqual([
      ['csp-violation', 'img-src', 'data'],
      ['csp-violation', 'img-src', 'data'],
      ['crash', 'oom', null],
      ['csp-violation', 'script-src-elem', 'https://evil.example/x.js'],
    ]);
  });

  it.each([
    ['no list and no report', 'text'],
    ['an empty list', []],
    ['more than twenty', Array.from({ length: 21 }, () => violation())],
    ['a kind that is none', [{ ...violation(), type: 'DROP TABLE' }]],
    ['a line that is no number', [violation({ lineNumber: 'three' })]],
    ['a number too large for the table', [violation({ lineNumber: 3e9 })]],
    ['an address of 9 000 letters', [{ ...violation(), url: 'x'.repeat(9_000) }]],
    ['no address', [{ type: 'crash' }]],
    ['a disposition that is none', [violation({ disposition: 'maybe' })]],
    ['one bad report among good ones', [violation(), { type: 5 }]],
  ])('refuses %s and keeps nothing', async (_case, body) => {
    const before = (await rows()).length;
    const response = await post(JSON.stringify(body));
    expect([response.statusCode, response.json().code]).toEqual([400, 'invalid_request']);
    expect(await rows()).toHaveLength(before);
  });

  it('takes twenty, and refuses 64 KiB and a letter', async () => {
    const before = (await rows()).length;
    expect((await post(Array.from({ length: 20 }, () => violation()))).statusCode).toBe(204);
    expect(await rows()).toHaveLength(before + 20);
    const large = await post(`"${'x'.repeat(64 * 1024 - 1)}"`);
    expect([large.statusCode, large.json().code]).toEqual([413, 'body_too_large']);
  });

  it('keeps what a hostile report holds as text, cut to size', async () => {
    const hostile = `'; DROP TABLE browser_reports; --${'y'.repeat(900)}`;
    expect(
      (
        await post([
          violation({ effectiveDirective: hostile, blockedURL: `https://e.example/${'z'.repeat(5_000)}` }),
        ])
      ).statusCode,
    ).toBe(204);
    const last = (await rows()).at(-1);
    expect(last?.subject).toBe("'");
    expect(String(last?.blocked_url)).toHaveLength(300);
  });

  it('does not take reports’ content types elsewhere', async () => {
    const response = await server.app.inject({
      method: 'POST',
      url: '/nowhere',
      headers: { 'content-type': 'application/reports+json' },
      body: '[]',
    });
    expect([404, 415]).toContain(response.statusCode);
  });

  it('limits one address, not its neighbour', async () => {
    let refused = 0;
    for (let call = 0; call < 65; call += 1) {
      const response = await post([violation()], 'application/reports+json', '198.51.100.1');
      if (response.statusCode === 429) {
        refused += 1;
        expect(response.json()).toMatchObject({ code: 'too_many_requests', status: 429 });
        expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
      }
    }
    expect(refused).toBe(5);
    expect((await post([violation()], 'application/reports+json', '198.51.100.2')).statusCode).toBe(204);
  });

  it('is counted by kind, with one name for all that are unknown', async () => {
    await post([
      { ...violation(), type: 'crash' },
      { ...violation(), type: 'made-up-a' },
      { ...violation(), type: 'made-up-b' },
    ]);
    const { body } = await server.app.inject('/metrics');
    expect(body).toMatch(/browser_reports_total\{kind="csp-violation"\} \d+/);
    expect(body).toMatch(/browser_reports_total\{kind="other"\} 2/);
    expect(body).not.toContain('made-up');
  });

  it('is kept for 30 days', async () => {
    const day = 24 * 60 * 60_000;
    // The sweep goes by the database's clock.
    server.clock.set(Date.now() - 31 * day);
    await post([{ ...violation(), type: 'too-old' }]);
    server.clock.set(Date.now() - 29 * day);
    await post([{ ...violation(), type: 'old' }]);
    server.clock.set(NOW);
    expect(await server.browserReports.sweep()).toBeGreaterThanOrEqual(1);
    const kinds = (await rows()).map(({ kind }) => kind);
    expect(kinds).toContain('old');
    expect(kinds).not.toContain('too-old');
  });
});

describe('trimming an address', () => {
  it.each([
    ['https://a.example/readers/luna?x=1#y', 'https://a.example/readers/luna'],
    ['https://user:pass@a.example:8443/x', 'https://a.example:8443/x'],
    ['https://a.example/sessions/12345', 'https://a.example/sessions/:id'],
    ['https://a.example/c/deadbeefdeadbeef01', 'https://a.example/c/:id'],
    ['https://a.example/u/jo@example.com', 'https://a.example/u/:id'],
    ['https://a.example/u/jo%40example.com', 'https://a.example/u/:id'],
    ['https://a.example/t/eyJhbGciOiJSUzI1NiJ9abc1', 'https://a.example/t/:id'],
    ['data:text/html,<secret>', 'data:'],
    ['blob:https://a.example/uuid', 'blob:'],
    ['inline', 'inline'],
    ['not an address at all', 'unknown'],
    ['', 'unknown'],
  ])('%s → %s', (given, kept) => {
    expect(trimUrl(given)).toBe(kept);
  });
});
