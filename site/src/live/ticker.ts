/** Calls `work` every `everyMs`; gives the end of it. */
export type Ticker = (everyMs: number, work: () => void) => () => void;

export const plainTicker: Ticker = (everyMs, work) => {
  const timer = setInterval(work, everyMs);
  return () => clearInterval(timer);
};

/** In a worker, whose timers aren't slowed down when the page is in the background. */
export const steadyTicker: Ticker = (everyMs, work) => {
  const worker = new Worker(new URL('./ticker-worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('message', work);
  // Where it can't be loaded a slow timer is better than none.
  let instead: (() => void) | undefined;
  worker.addEventListener('error', () => {
    instead ??= plainTicker(everyMs, work);
  });
  worker.postMessage(everyMs);
  return () => {
    worker.terminate();
    instead?.();
  };
};
