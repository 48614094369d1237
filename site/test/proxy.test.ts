import { afterEach, describe, expect, it } from 'vitest';
import { passOn } from '../src/server/proxy.ts';
import { deadAddress, startUpstream, type Upstream } from './helpers/upstream.ts';

const requestId = 'test-request-1';
let upstream: Upstream | undefined;

afterEach(async () => {
  await upstream?.[Symbol.asyncDispose]();
  upstream = undefined;
});

async function pass(path: string, init: RequestInit = {}): Promise<Response> {
  upstream ??= await startUpstream((_, response) => response.end('{}'));
  return passOn(new Request(`http://site.test${path}`, init), { realtimeUrl: upstream.url, requestId });
}

describe('/api', () => {
  it('passes on path, query, method, body and the request id, and the answer back', async () => {
    upstream = await startUpstream((_, response, body) => {
      response.writeHead(201, { 'content-type': 'application/json', etag: '"1"' });
      response.end(JSON.stringify({ got: body }));
    });
    const response = await pass('/api/reports?kind=csp', {
      method: 'POST',
      headers: { 'content-type': 'application/reports+json', 'idempotency-key': 'k' },
      body: '[1]',
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('etag')).toBe('"1"');
    expect(await response.json()).toEqual({ got: '[1]' });
    expect(upstream.requests[0]).toMatchObject({
      method: 'POST',
      url: '/api/reports?kind=csp',
      headers: {
        'x-request-id': requestId,
        'content-type': 'application/reports+json',
        'idempotency-key': 'k',
      },
    });
  });

  it('keeps cookies, authority and what belongs to one connection to itself, in both directions', async () => {
    upstream = await startUpstream((_, response) => {
      response.writeHead(200, {
        'set-cookie': 'a=1',
        'keep-alive': 'timeout=1',
        server: 'x',
        'x-powered-by': 'y',
        'x-request-id': 'theirs',
      });
      response.end('{}');
    });
    const response = await pass('/api/time', {
      headers: {
        cookie: 'secret=1',
        authorization: 'Bearer x',
        'x-forwarded-host': 'elsewhere.test',
        te: 'trailers',
        forwarded: 'for=1',
      },
    });
    for (const name of ['cookie', 'authorization', 'x-forwarded-host', 'te', 'forwarded']) {
      expect(upstream.requests[0]?.headers).not.toHaveProperty(name);
    }
    for (const name of ['set-cookie', 'keep-alive', 'server', 'x-powered-by', 'x-request-id'])
      expect(response.headers.has(name)).toBe(false);
  });

  it('adds the access token of whoever asks, and lets nobody keep the answer', async () => {
    upstream = await startUpstream((_, response) => {
      response.writeHead(200, { 'cache-control': 'public, max-age=60' });
      response.end('{}');
    });
    const headers = { authorization: 'Bearer forged' };
    const request = new Request('http://site.test/api/wallet', { headers });
    const response = await passOn(request, { realtimeUrl: upstream.url, requestId, accessToken: 'token-1' });
    expect(upstream.requests[0]?.headers.authorization).toBe('Bearer token-1');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('tolerates a trailing slash', async () => {
    expect((await pass('/api/time/')).status).toBe(200);
    expect(upstream?.requests[0]?.url).toBe('/api/time');
  });

  it.each([
    '/api',
    '/api/',
    '/api/unknown',
    '/api/timetable',
    '/api/time/../nothing',
    '/api/readersx',
    '/service/sign-outs/1',
    '/api/%2e%2e/metrics',
    '/api/TIME',
    '/api/time/..%2f..%2fready',
    '/api/time/..%2F..%2Fready',
    '/api/time%2fnow',
    '/api/time/..%5c..%5Cready',
    '/api/time/%2e%2e%2fready',
    '/api/time/x%2E%2ex',
  ])('does not pass on %s', async (path) => {
    const response = await pass(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toMatch('application/problem+json');
    expect(await response.json()).toMatchObject({
      code: 'not_found',
      status: 404,
      instance: `urn:request:${requestId}`,
    });
    expect(upstream?.requests).toEqual([]);
  });

  it('gives back errors and redirects of realtime as they are', async () => {
    upstream = await startUpstream((_, response) =>
      response.writeHead(302, { location: '/elsewhere' }).end(),
    );
    const response = await pass('/api/time');
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('/elsewhere');
  });

  it('gives a stream on as it comes', async () => {
    let more = () => {};
    upstream = await startUpstream((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('first');
      more = () => response.end('second');
    });
    const reader = (await pass('/api/time')).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('first');
    more();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('second');
  });

  it('says so when realtime is not there', async () => {
    const response = await passOn(new Request('http://site.test/api/time'), {
      realtimeUrl: await deadAddress(),
      requestId,
    });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.json()).toMatchObject({ code: 'realtime_unavailable' });
  });
});
