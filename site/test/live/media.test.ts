import { describe, expect, it } from 'vitest';
import { faultOf } from '../../src/live/media/devices.ts';
import { originOf } from '../../src/live/media/peer.ts';
import { type Counted, countedIn, qualityOf } from '../../src/live/media/quality.ts';
import { type ChatLine, mergedLines } from '../../src/live/room.ts';

describe('the quality of a connection (S10)', () => {
  const at = (received: number, lost: number, round_trip: number | null = 0.05): Counted => ({
    received,
    lost,
    round_trip,
  });

  it.each([
    [at(0, 0), at(100, 0), 'good'],
    [at(100, 50), at(200, 50), 'good'],
    [at(0, 0), at(97, 3), 'fair'],
    [at(0, 0), at(100, 0, 0.3), 'fair'],
    [at(0, 0), at(90, 10), 'poor'],
    [at(0, 0), at(100, 0, 0.8), 'poor'],
    [at(100, 0), at(100, 0, null), null],
    [at(100, 0), at(100, 0, 0.9), 'poor'],
    // A packet that came late after all isn't lost: the count may go back.
    [at(100, 5), at(200, 4), 'good'],
  ])('%o then %o is %s', (before, after, quality) => expect(qualityOf(before, after)).toBe(quality));

  it('adds up all that comes in, and takes the trip of the pair in use', () => {
    const report = new Map<string, Record<string, unknown>>([
      ['a', { type: 'inbound-rtp', packetsReceived: 10, packetsLost: 1 }],
      ['v', { type: 'inbound-rtp', packetsReceived: 90, packetsLost: 2 }],
      ['o', { type: 'outbound-rtp', packetsSent: 500 }],
      ['p', { type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 }],
      ['q', { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.2 }],
    ]);
    expect(countedIn(report)).toEqual({ received: 100, lost: 3, round_trip: 0.2 });
    expect(countedIn([])).toEqual({ received: 0, lost: 0, round_trip: null });
  });
});

it('tells a new page’s connection from the one before by the session in its description', () => {
  const sdp = 'v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\n';
  expect(originOf(sdp)).toEqual({ session: '4611731400430051336', version: '2' });
  expect(originOf('')).toEqual({ session: '', version: '' });
});

it.each([
  ['NotAllowedError', 'denied'],
  ['NotFoundError', 'missing'],
  ['OverconstrainedError', 'missing'],
  ['NotReadableError', 'busy'],
  ['TypeError', 'failed'],
])('%s is a device that is %s', (name, fault) => {
  expect(faultOf(Object.assign(new Error('x'), { name }))).toBe(fault);
  expect(faultOf(undefined)).toBe('failed');
});

it('keeps each message once and in order, and what is known of it last', () => {
  const line = (key: string, at_ms: number, state: ChatLine['state'] = 'sent'): ChatLine => ({
    key,
    at_ms,
    state,
    side: 'client',
    text: key,
  });
  const merged = mergedLines(
    [line('a', 1), line('c', 9, 'sending')],
    [line('b', 2), line('c', 3), line('a', 1)],
  );
  expect(merged.map(({ key, state }) => `${key} ${state}`)).toEqual(['a sent', 'b sent', 'c sent']);
});
