import type { SessionView } from 'realtime/contract';
import { describe, expect, it } from 'vitest';
import {
  activeMs,
  boundOf,
  clockOf,
  earnedCents,
  leftMs,
  partOfMinute,
  warningOf,
} from '../../src/live/reckoning.ts';

const view = (change: Partial<SessionView>): SessionView => ({
  id: '5b0c2a52-7a2b-4c9c-9a51-0a8d7c3b1f10',
  version: 3,
  state: 'active',
  you: 'client',
  server_time_ms: 0,
  client: { person_id: '5b0c2a52-7a2b-4c9c-9a51-0a8d7c3b1f11', name: 'A' },
  reader: { person_id: '5b0c2a52-7a2b-4c9c-9a51-0a8d7c3b1f12', reader_id: '1', name: 'B', slug: 'b' },
  modality: 'video',
  rate_cents: 399,
  maximum_minutes: 60,
  created_ms: 0,
  accepted: true,
  in: { client: true, reader: true },
  deadline_ms: null,
  pause: null,
  pauses: 0,
  active_ms: 0,
  running_since_ms: 0,
  paid_minutes: 0,
  cost_cents: 0,
  minutes_left: 3,
  balance_cents: 1_300,
  end: null,
  given_back: [],
  summary: null,
  ...change,
});

describe('time in the room (S4)', () => {
  it('runs while the clock runs, and never backwards', () => {
    expect(activeMs(view({ active_ms: 30_000, running_since_ms: 1_000 }), 6_000)).toBe(35_000);
    expect(activeMs(view({ active_ms: 30_000, running_since_ms: 9_000 }), 6_000)).toBe(30_000);
    expect(activeMs(view({ active_ms: 30_000, running_since_ms: null }), 6_000)).toBe(30_000);
  });

  it.each([
    [0, '0:00'],
    [9_999, '0:09'],
    [245_000, '4:05'],
    [3_845_000, '1:04:05'],
  ])('%i ms is %s', (ms, text) => expect(clockOf(ms)).toBe(text));

  it('fills the present minute', () => {
    expect(partOfMinute(0)).toBe(0);
    expect(partOfMinute(90_000)).toBe(0.5);
  });
});

describe('how long the money lasts (W9, example 7 of money.md)', () => {
  it('counts the paid minute to its end and what can still be paid', () => {
    expect(leftMs(view({}), 0)).toBe(180_000);
    expect(leftMs(view({ paid_minutes: 1, minutes_left: 2 }), 10_000)).toBe(170_000);
    expect(leftMs(view({ paid_minutes: 3, minutes_left: 0 }), 150_000)).toBe(30_000);
    expect(leftMs(view({ paid_minutes: 3, minutes_left: 0 }), 999_000)).toBe(0);
    expect(leftMs(view({ minutes_left: null, you: 'reader' }), 0)).toBeNull();
  });

  it.each([
    [181_000, null],
    [180_000, 3],
    [121_000, 3],
    [120_000, 2],
    [60_001, 2],
    [60_000, 1],
    [0, 1],
  ])('with %i ms left the warning is %s', (left, warning) => {
    expect(warningOf(view({ paid_minutes: 4, minutes_left: 0 }), 240_000 - left)).toBe(warning);
  });

  it('tells what ends it: the maximum can be raised, a wallet filled, a limit waited for', () => {
    expect(boundOf(view({}))).toBe('money');
    expect(boundOf(view({ maximum_minutes: 3 }))).toBe('maximum');
    expect(boundOf(view({ minutes_left: 1 }))).toBe('limit');
    expect(boundOf(view({ minutes_left: null, balance_cents: null }))).toBeNull();
  });
});

it('S7: the reader’s part is rounded over the whole, as in the examples of money.md', () => {
  expect([1, 2, 3].map((minutes) => earnedCents(minutes, 399))).toEqual([279, 559, 838]);
  expect([1, 2, 3].map((minutes) => earnedCents(minutes, 1))).toEqual([1, 1, 2]);
  expect(earnedCents(0, 399)).toBe(0);
});
