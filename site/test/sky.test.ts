import { describe, expect, it } from 'vitest';
import { place, siderealHours } from '../src/sky/chart.ts';
import { litPath, moonAt } from '../src/sky/moon.ts';

describe('the moon', () => {
  // Instants from published almanacs.
  it.each([
    ['2024-01-25T17:54:00Z', 'Full moon', 1],
    ['2024-04-08T18:21:00Z', 'New moon', 0],
    ['2025-03-14T06:55:00Z', 'Full moon', 1],
    ['2025-03-22T11:29:00Z', 'Last quarter', 0.5],
    ['2025-03-06T16:32:00Z', 'First quarter', 0.5],
    ['2026-08-12T17:37:00Z', 'New moon', 0],
  ])('is at %s: %s', (instant, name, lit) => {
    const moon = moonAt(new Date(instant));
    expect(moon.name).toBe(name);
    expect(moon.lit).toBeGreaterThan(lit - 0.02);
    expect(moon.lit).toBeLessThan(lit + 0.02);
  });

  it.each([
    ['2025-03-02T12:00:00Z', 'Waxing crescent'],
    ['2025-03-10T12:00:00Z', 'Waxing gibbous'],
    ['2025-03-18T12:00:00Z', 'Waning gibbous'],
    ['2025-03-26T12:00:00Z', 'Waning crescent'],
  ])('lies between at %s: %s', (instant, name) => {
    expect(moonAt(new Date(instant)).name).toBe(name);
  });

  it('is lit on the right while it grows, on the left after', () => {
    expect(litPath(0.25, 10)).toMatch(/^M0 -10A10 10 0 0 1 0 10A0 10/);
    expect(litPath(0.75, 10)).toMatch(/^M0 -10A10 10 0 0 0 0 10A0 10/);
    expect(litPath(0.5, 10)).toBe('M0 -10A10 10 0 0 0 0 10A10 10 0 0 0 0 -10Z');
  });
});

describe('the chart', () => {
  it('has the pole in the middle, hour 0 at the top, and hours growing clockwise', () => {
    expect(place(5, 90, 300)).toEqual({ x: 0, y: -0 });
    expect(place(0, -12, 300)).toEqual({ x: 0, y: -300 });
    expect(place(6, -12, 300)).toEqual({ x: 300, y: -0 });
  });

  it('knows the time by the stars: Greenwich, 1 January 2000 at noon, 18.697 hours', () => {
    expect(siderealHours(new Date('2000-01-01T12:00:00Z'))).toBeCloseTo(18.697, 3);
    // Meeus, example 12.a: 10 April 1987 at 0 h, 13 h 10 min 46.4 s.
    expect(siderealHours(new Date('1987-04-10T00:00:00Z'))).toBeCloseTo(13 + 10 / 60 + 46.4 / 3600, 3);
  });
});
