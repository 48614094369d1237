/** The one place that asks what time it is; tests give another. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export const clock: Clock = { now: () => Date.now() };
