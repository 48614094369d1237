import { describe, expect, test } from 'vitest';
import { addressOf } from '../support/addresses.ts';
import { accessTokenOf } from '../support/tokens.ts';

// What every program answers to what it can't use. Each has further tests of its own; these go through the real doors.

interface Problem {
  status: number;
  type: string;
  code: unknown;
  text: string;
}

async function ask(address: string, init: RequestInit = {}): Promise<Problem> {
  const response = await fetch(address, { redirect: 'manual', ...init });
  const text = await response.text();
  const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
  let code: unknown;
  if (type === 'application/problem+json') code = (JSON.parse(text) as { code: unknown }).code;
  return { status: response.status, type, code, text };
}

/** JSON from a program's own pages. The shop asks who comes before it reads a body, so there it is a client's. */
const json = async (body: string, origin: string): Promise<RequestInit> => ({
  method: 'POST',
  headers: {
    'content-type': 'application/json',
    ...(origin === addressOf('commerce') && {
      authorization: `Bearer ${await accessTokenOf('client@soulseer.test')}`,
    }),
    origin,
  },
  body,
});
const MEBIBYTE = JSON.stringify({ text: 'x'.repeat(1_048_576) });

describe('wrong type in a query', () => {
  test.each([
    ['realtime', '/api/time?client_time_ms=noon'],
    ['site', '/api/time?client_time_ms=noon'],
    ['cms', '/api/readers?limit=many'],
  ] as const)('%s %s names it', async (program, path) => {
    const problem = await ask(addressOf(program) + path);
    expect(problem).toMatchObject({ status: 400, type: 'application/problem+json' });
    expect(problem.code).toBe(program === 'cms' ? 'invalid_query' : 'invalid_request');
    expect(problem.text).toContain(program === 'cms' ? 'limit' : 'client_time_ms');
  });

  test('a page of the site says what is wrong and how to go on', async () => {
    const page = await ask(`${addressOf('site')}/readers?page=first`);
    expect(page).toMatchObject({ status: 400, type: 'text/html' });
    expect(page.text).toContain('href="/readers"');
  });
});

describe('unknown route', () => {
  test.each([
    ['realtime', '/api/nothing'],
    ['site', '/api/nothing'],
    ['cms', '/api/nothing'],
    ['commerce', '/nothing'],
  ] as const)('%s %s', async (program, path) => {
    const problem = await ask(addressOf(program) + path);
    expect(problem).toMatchObject({ status: 404, type: 'application/problem+json', code: 'not_found' });
  });

  test('a page that there isn’t is a page', async () => {
    expect(await ask(`${addressOf('site')}/nothing`)).toMatchObject({ status: 404, type: 'text/html' });
  });
});

describe('a body of 1 MiB to a JSON route', () => {
  test.each([
    ['realtime', '/api/reports'],
    ['site', '/api/reports'],
    ['cms', '/api/readers'],
    ['commerce', '/auth/customer/soulseer'],
  ] as const)('%s %s', async (program, path) => {
    const problem = await ask(addressOf(program) + path, await json(MEBIBYTE, addressOf(program)));
    expect(problem).toMatchObject({ status: 413, type: 'application/problem+json', code: 'body_too_large' });
  });
});

describe('JSON that isn’t', () => {
  test.each([
    ['realtime', '/api/reports'],
    ['site', '/api/reports'],
    ['commerce', '/auth/customer/soulseer'],
  ] as const)('%s %s', async (program, path) => {
    const problem = await ask(addressOf(program) + path, await json('{ "half', addressOf(program)));
    expect(problem).toMatchObject({ status: 400, type: 'application/problem+json', code: 'invalid_json' });
  });
});

describe('every program', () => {
  test.each(['site', 'cms', 'commerce', 'realtime'] as const)(
    '%s says that it lives and is ready',
    async (program) => {
      expect(await ask(`${addressOf(program)}/health`)).toMatchObject({ status: 200 });
      const ready = await ask(`${addressOf(program)}/ready`);
      expect(ready.status).toBe(200);
      expect(JSON.parse(ready.text)).toMatchObject({ status: 'ready' });
    },
  );

  test.each(['site', 'cms', 'commerce', 'realtime'] as const)(
    '%s answers the request id that it was given',
    async (program) => {
      const given = await fetch(`${addressOf(program)}/health`, {
        headers: { 'x-request-id': 'given-by-the-test' },
      });
      expect(given.headers.get('x-request-id')).toBe('given-by-the-test');
      const bad = await fetch(`${addressOf(program)}/health`, { headers: { 'x-request-id': 'x y' } });
      expect(bad.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});

describe('what every answer tells a browser (O3)', () => {
  test.each([
    ['site', '/'],
    ['site', '/api/nothing'],
    ['site', '/favicon.svg'],
    ['cms', '/admin/login'],
    ['cms', '/api/readers?limit=1'],
    ['commerce', '/app'],
    ['commerce', '/store/products'],
    ['realtime', '/docs'],
    ['realtime', '/api/nothing'],
    ['realtime', '/ready'],
  ] as const)('%s %s', async (program, path) => {
    const { headers } = await fetch(addressOf(program) + path, { redirect: 'manual' });
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': expect.stringMatching(/^(no-referrer|same-origin|strict-origin-when-cross-origin)$/),
      'cross-origin-opener-policy': 'same-origin',
    });
  });
});
