/** What is looked for again and again, by every node, whether or not anybody has told it that there is something. */

import { describeError, type Log } from '../log';

const EVERY_MS = 1_000;

export interface Sweeper {
  start(): void;
  /** Waits for the rounds that are under way. */
  stop(): Promise<void>;
}

/** Each has its own rounds: a long one (an hour's reconciliation, a bank that doesn't answer) keeps no other waiting. */
export function createSweeper(sweeps: Record<string, { sweep(): Promise<unknown> }>, log: Log): Sweeper {
  const timers = new Map<string, NodeJS.Timeout>();
  const rounds = new Map<string, Promise<unknown>>();
  let stopping = false;

  function later(name: string, one: { sweep(): Promise<unknown> }): void {
    if (stopping) return;
    const round = () =>
      one
        .sweep()
        .catch((error: unknown) => log.warn('a sweep has failed', { sweep: name, ...describeError(error) }))
        .finally(() => later(name, one));
    timers.set(
      name,
      setTimeout(() => rounds.set(name, round()), EVERY_MS),
    );
  }

  return {
    start() {
      for (const [name, one] of Object.entries(sweeps)) later(name, one);
    },
    async stop() {
      stopping = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(rounds.values());
    },
  };
}
