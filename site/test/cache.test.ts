import { describe, expect, it } from 'vitest';
import { createCache } from '../src/cms/cache.ts';
import { startUpstream } from './helpers/upstream.ts';

const ages = { max_age: 15_000, stale_while_revalidate: 45_000, stale_if_error: 600_000 };

/** A cache over a real server that counts, with a clock that the test turns. */
async function setUp(maxEntries = 10) {
  const state = { now: 0, broken: false, count: 0 };
  const upstream = await startUpstream((_, response) => {
    state.count += 1;
    response.statusCode = state.broken ? 503 : 200;
    response.end(String(state.count));
  });
  const cache = createCache(ages, maxEntries, () => state.now);
  const read = (key = 'home') =>
    cache.read(key, async () => {
      const response = await fetch(upstream.url);
      if (!response.ok) throw new Error(`answered ${response.status}`);
      return response.text();
    });
  /** Waits until as many requests have been answered. */
  const asked = (times: number) => expect.poll(() => upstream.requests.length).toBe(times);
  return { state, upstream, cache, read, asked };
}

describe('cache', () => {
  it('asks once for what is fresh, however many want it', async () => {
    const { upstream, read, state } = await setUp();
    await using _ = upstream;
    expect(await Promise.all([read(), read(), read()])).toEqual(['1', '1', '1']);
    state.now = 14_999;
    expect(await read()).toBe('1');
    expect(upstream.requests).toHaveLength(1);
  });

  it('gives the older value at once and reads anew behind it', async () => {
    const { upstream, read, state, asked } = await setUp();
    await using _ = upstream;
    await read();
    state.now = 20_000;
    expect(await read()).toBe('1');
    await asked(2);
    await expect.poll(() => read()).toBe('2');
  });

  it('waits for the new value when the older one is too old', async () => {
    const { upstream, read, state } = await setUp();
    await using _ = upstream;
    await read();
    state.now = 61_000;
    expect(await read()).toBe('2');
  });

  it('outlives an outage for ten minutes, and no longer', async () => {
    const { upstream, read, state } = await setUp();
    await using _ = upstream;
    await read();
    state.broken = true;
    state.now = 300_000;
    expect(await read()).toBe('1');
    state.now = 615_000;
    expect(await read()).toBe('1');
    state.now = 616_000;
    await expect(read()).rejects.toThrow('answered 503');
    state.broken = false;
    expect(await read()).toMatch(/^\d$/);
  });

  it('leaves what has just failed in peace for two seconds while there is something to give', async () => {
    const { upstream, read, state } = await setUp();
    await using _ = upstream;
    await read();
    state.broken = true;
    state.now = 100_000;
    await read();
    expect(upstream.requests).toHaveLength(2);
    state.now = 101_999;
    expect(await read()).toBe('1');
    expect(upstream.requests).toHaveLength(2);
    state.now = 102_001;
    expect(await read()).toBe('1');
    expect(upstream.requests).toHaveLength(3);
  });

  it('fails when there is nothing older, and asks again the next time', async () => {
    const { upstream, read, state } = await setUp();
    await using _ = upstream;
    state.broken = true;
    await expect(read()).rejects.toThrow('answered 503');
    state.broken = false;
    expect(await read()).toBe('2');
  });

  it('forgets what was read longest ago when it is full', async () => {
    const { upstream, read } = await setUp(2);
    await using _ = upstream;
    for (const key of ['a', 'b', 'c']) await read(key);
    expect(await read('b')).toBe('2');
    expect(await read('c')).toBe('3');
    expect(await read('a')).toBe('4');
  });
});
