import { describe, expect, it } from 'vitest';
import { dateIn, nextDate, startOfDay, timeText, zoneOf } from '../src/text/times.ts';

describe('times', () => {
  it('are told by the viewer’s clocks, and by UTC where the zone is none', () => {
    const ms = Date.UTC(2026, 10, 24, 23, 30);
    expect(timeText(ms, zoneOf('Europe/Berlin'))).toBe('25 Nov 2026, 00:30');
    expect(timeText(ms, zoneOf('America/New_York'), 'time')).toBe('18:30');
    for (const none of [undefined, '', 'Mars/Base', '<script>', 'x'.repeat(100)])
      expect(zoneOf(none)).toBe('UTC');
    expect(dateIn(ms, 'Europe/Berlin')).toBe('2026-11-25');
  });

  it.each([
    ['2026-11-24', 'UTC', '2026-11-24T00:00:00.000Z'],
    ['2026-11-24', 'Asia/Kathmandu', '2026-11-23T18:15:00.000Z'],
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
    ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
    ['2026-11-02', 'America/New_York', '2026-11-02T05:00:00.000Z'],
    // There the clocks skip midnight.
    ['2024-09-08', 'America/Santiago', '2024-09-08T04:00:00.000Z'],
  ])('%s in %s begins at %s', (date, zone, begins) => {
    expect(new Date(startOfDay(date, zone) ?? 0).toISOString()).toBe(begins);
  });

  it.each(['2026-02-30', '2026-13-01', 'today', '', '2026-1-1'])('%s is no day', (date) => {
    expect(startOfDay(date, 'UTC')).toBeUndefined();
  });

  it('know the day after, over months, years and clocks', () => {
    expect(nextDate('2026-12-31')).toBe('2027-01-01');
    expect(nextDate('2028-02-28')).toBe('2028-02-29');
    expect(nextDate('2026-03-29')).toBe('2026-03-30');
  });
});
