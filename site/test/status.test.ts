import { describe, expect, it } from 'vitest';
import { createStatus } from '../src/status.ts';
import { deadAddress, startUpstream } from './helpers/upstream.ts';

describe('status of the other programs', () => {
  it('tells ready from starting, and asks at most once a second', async () => {
    await using ready = await startUpstream((_, response) => response.end('{}'));
    await using notReady = await startUpstream((_, response) => response.writeHead(503).end('{}'));
    const status = createStatus({
      CMS_URL: ready.url,
      COMMERCE_URL: notReady.url,
      REALTIME_URL: await deadAddress(),
    });
    const expected = {
      cms: { state: 'ready' },
      commerce: { state: 'starting' },
      realtime: { state: 'starting' },
    };
    expect(await status.all('request-0001')).toEqual(expected);
    expect(await status.all()).toEqual(expected);
    expect(ready.requests).toHaveLength(1);
    expect(ready.requests[0]).toMatchObject({ url: '/ready', headers: { 'x-request-id': 'request-0001' } });
  });

  it('calls down what was ready and no longer answers', async () => {
    const upstream = await startUpstream((_, response) => response.end('{}'));
    const status = createStatus({
      CMS_URL: upstream.url,
      COMMERCE_URL: upstream.url,
      REALTIME_URL: upstream.url,
    });
    await expect.poll(() => status.of('cms')).toEqual({ state: 'ready' });
    await upstream[Symbol.asyncDispose]();
    await expect.poll(() => status.of('cms')).toEqual({ state: 'down' });
  });

  it('calls down also what was ready and says that it is not', async () => {
    let code = 200;
    await using upstream = await startUpstream((_, response) => response.writeHead(code).end('{}'));
    const status = createStatus({
      CMS_URL: upstream.url,
      COMMERCE_URL: upstream.url,
      REALTIME_URL: upstream.url,
    });
    await expect.poll(() => status.of('cms')).toEqual({ state: 'ready' });
    code = 503;
    await expect.poll(() => status.of('cms')).toEqual({ state: 'down' });
    code = 200;
    await expect.poll(() => status.of('cms')).toEqual({ state: 'ready' });
  });

  it('gives up after a second', async () => {
    await using silent = await startUpstream(() => {});
    const status = createStatus({ CMS_URL: silent.url, COMMERCE_URL: silent.url, REALTIME_URL: silent.url });
    const started = performance.now();
    expect(await status.of('cms')).toEqual({ state: 'starting' });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
