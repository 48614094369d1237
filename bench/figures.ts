/** What benchmarks make of what they measured. */

export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Median, least and most. */
export function spread(values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return { median, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
}

/** The ratio of two contenders, round by round. */
export const ratio = (a: number[], b: number[]): Spread =>
  spread(a.map((value, index) => value / (b[index] ?? 1)));

/** A median with its least and its most, as tables say it. */
export const show = ({ median, min, max }: Spread, digits = 2) =>
  `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
export const rounded = (value: number) => Math.round(value * 1_000) / 1_000;

/** The value below which a share `q` of them lies; NaN of none. */
export const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;
