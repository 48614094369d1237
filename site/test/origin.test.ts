import { describe, expect, it } from 'vitest';
import { isOurOwn } from '../src/server/origin.ts';

const site = 'https://soulseer.example';
const ours = (headers: Record<string, string>) => isOurOwn((name) => headers[name], site);

describe('who may change something', () => {
  it('is a page of ours', () => {
    expect(ours({ origin: site, 'sec-fetch-site': 'same-origin' })).toBe(true);
    expect(ours({ origin: site })).toBe(true);
    expect(ours({ 'sec-fetch-site': 'same-origin' })).toBe(true);
  });

  it.each([
    [{}],
    [{ origin: 'null' }],
    [{ origin: 'https://elsewhere.example' }],
    [{ origin: 'http://soulseer.example' }],
    [{ origin: 'https://soulseer.example.evil.test' }],
    [{ origin: 'https://cms.soulseer.example', 'sec-fetch-site': 'same-site' }],
    [{ origin: site, 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'none' }],
    [{ 'sec-fetch-site': 'same-site' }],
  ])('is not %j', (headers) => {
    expect(ours(headers as Record<string, string>)).toBe(false);
  });
});
