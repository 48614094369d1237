/** A plain timer for work that only has to be done now and then. */

import type { Logger } from 'pino';

/** Runs `work` now and every `everyMs`, one at a time; a failure is logged and tried again at the next turn. */
export function startSweeper(options: {
  name: string;
  everyMs: number;
  work: () => Promise<number>;
  log: Logger;
}): { stop: () => Promise<void> } {
  const { name, everyMs, work, log } = options;
  let running = Promise.resolve();
  const turn = () => {
    running = running.then(async () => {
      try {
        const swept = await work();
        if (swept > 0) log.info({ sweeper: name, swept }, 'swept');
      } catch (error) {
        log.warn(
          { sweeper: name, error: error instanceof Error ? error.message : String(error) },
          'could not sweep',
        );
      }
    });
  };
  turn();
  const timer = setInterval(turn, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
