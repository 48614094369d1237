/** How good a connection is, judged by what `RTCPeerConnection.getStats` counts. */

import type { Quality } from './media.ts';

/** What is counted since the connection began. */
export interface Counted {
  received: number;
  lost: number;
  /** The last round trip, in seconds, where it is known. */
  round_trip: number | null;
}

export function countedIn(report: Iterable<[string, Record<string, unknown>]>): Counted {
  const counted: Counted = { received: 0, lost: 0, round_trip: null };
  for (const [, one] of report) {
    if (one.type === 'inbound-rtp') {
      counted.received += Number(one.packetsReceived ?? 0);
      counted.lost += Number(one.packetsLost ?? 0);
    }
    // How the other end hears us.
    const trip = one.type === 'candidate-pair' && one.nominated ? one.currentRoundTripTime : undefined;
    if (typeof trip === 'number') counted.round_trip = Math.max(counted.round_trip ?? 0, trip);
  }
  return counted;
}

/** Of what came between two counts; nothing to judge by where nothing came. */
export function qualityOf(before: Counted, after: Counted): Quality | null {
  const received = after.received - before.received;
  const lost = Math.max(0, after.lost - before.lost);
  const trip = after.round_trip ?? 0;
  if (received <= 0) return after.round_trip === null ? null : trip > 0.5 ? 'poor' : 'good';
  const share = lost / (lost + received);
  if (share > 0.08 || trip > 0.5) return 'poor';
  return share > 0.02 || trip > 0.25 ? 'fair' : 'good';
}
