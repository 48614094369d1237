/** Tells on the terminal what runs, how far it is, and how long each step took. */
export interface Steps {
  /** Runs `work` as a step; it may tell how far it is. */
  run<T>(title: string, work: (progress: (text: string) => void) => Promise<T>): Promise<T>;
  /** A line between the steps. */
  say(line: string): void;
  /** Clears the line of what is running. */
  end(): void;
}

const PROGRESS_EVERY_MS = 10_000;

/** @param output where to write; on a terminal its last line shows what is running now. */
export function createSteps(output: NodeJS.WriteStream = process.stdout): Steps {
  const running = new Map<string, { started: number; progress: string; told: number }>();
  const live = output.isTTY === true;
  let painted = false;

  function clear(): void {
    if (painted) output.write('\r\x1b[2K');
    painted = false;
  }

  function paint(): void {
    if (!live) return;
    clear();
    if (running.size === 0) return;
    const parts = [...running].map(([title, { started, progress }]) => {
      const seconds = Math.round((Date.now() - started) / 1_000);
      return `${title}${progress ? ` (${progress})` : ''} ${seconds} s`;
    });
    output.write(`  ${parts.join(' · ')}`.slice(0, (output.columns || 80) - 1));
    painted = true;
  }

  function say(line: string): void {
    clear();
    output.write(`${line}\n`);
    paint();
  }

  const ticker = live ? setInterval(paint, 1_000) : undefined;
  ticker?.unref();

  async function run<T>(title: string, work: (progress: (text: string) => void) => Promise<T>): Promise<T> {
    const step = { started: Date.now(), progress: '', told: Date.now() };
    running.set(title, step);
    if (live) paint();
    else say(`  · ${title} …`);
    try {
      const result = await work((text) => {
        step.progress = text;
        if (live) paint();
        else if (Date.now() - step.told > PROGRESS_EVERY_MS) {
          step.told = Date.now();
          say(`  · ${title} … ${text}`);
        }
      });
      running.delete(title);
      say(`  ✓ ${title.padEnd(46)} ${((Date.now() - step.started) / 1_000).toFixed(1).padStart(6)} s`);
      return result;
    } catch (error) {
      running.delete(title);
      say(`  ✗ ${title.padEnd(46)} ${((Date.now() - step.started) / 1_000).toFixed(1).padStart(6)} s`);
      throw error;
    }
  }

  return {
    run,
    say,
    end() {
      clearInterval(ticker);
      clear();
    },
  };
}
