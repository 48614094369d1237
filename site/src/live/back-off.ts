import { CLOSE_CODES, type CloseReason } from 'realtime/contract/socket-protocol';

/** The longest pause before another try, in milliseconds. */
const longestMs = 10_000;

/**
 * How long to wait before connecting again: at random, so that a thousand pages whose server has stopped don't come back in
 * one moment. The first try comes within half a second, since who isn't heard for 15 s has left the room.
 *
 * @param failed tries that have failed since the last good connection.
 * @param random from 0 to 1.
 */
export function pauseBefore(failed: number, random: number): number {
  if (failed === 0) return Math.round(500 * random);
  const most = Math.min(longestMs, 500 * 2 ** failed);
  return Math.round(most * (0.5 + random / 2));
}

const reasons = new Map(
  Object.entries(CLOSE_CODES).map(([reason, { code, again }]) => [
    code as number,
    { reason: reason as CloseReason, again: again as boolean },
  ]),
);

/** What a close code says; whatever isn't ours (1006: the line was cut) is a loss, and one connects again. */
export const closedBy = (code: number): { reason: CloseReason | 'lost'; again: boolean } =>
  reasons.get(code) ?? { reason: 'lost', again: true };
