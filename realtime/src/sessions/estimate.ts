/** How long somebody in line will wait, by how long this reader's sessions have been. Pure. */

/** Fewer than this say nothing about the next. */
const LEAST_TO_JUDGE_BY = 3;

function median(lengths: number[]): number {
  const sorted = [...lengths].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/**
 * The rest of the present session, judged by those that lasted longer than it has, and a usual one for each that is ahead.
 * Null when there is nothing honest to say: too few sessions, or none that was ever this long.
 */
export function estimateWait(lengthsMs: number[], elapsedMs: number | null, ahead: number): number | null {
  if (lengthsMs.length < LEAST_TO_JUDGE_BY) return null;
  let rest = 0;
  if (elapsedMs !== null) {
    const longer = lengthsMs.filter((length) => length > elapsedMs);
    if (longer.length === 0) return null;
    rest = median(longer) - elapsedMs;
  }
  return Math.round(rest + ahead * median(lengthsMs));
}
