import { type Logger, pino } from 'pino';

export type { Logger };

/** Where lines of the log go. */
export interface Lines {
  write(line: string): void;
  /** Lets go of what is waiting to go together. */
  flush(): void;
}

/** Lines are written together: after so many characters, after so long, when something is wrong, and at the end. */
const mostTogether = 32_768;
const togetherMs = 100;
const { warn } = pino.levels.values as { warn: number };

/** Which of the process's threads writes: a word that they share (`createTurns`). */
export type Turns = Int32Array<SharedArrayBuffer>;

export const createTurns = (): Turns => new Int32Array(new SharedArrayBuffer(4));

/** A thread that was ended in the midst of it never gives its turn back. */
const longestTurnMs = 1_000;

/**
 * Lines on standard output, the last of them as the thread ends. A pipe that is full takes what it is given in parts: so
 * that no line is cut by another, threads take turns.
 */
export function toStdout(turns = createTurns()): Lines {
  const stdout = pino.destination({ dest: 1, sync: true });
  let waiting = '';
  const lines: Lines = {
    write(line) {
      waiting += line;
      if (waiting.length >= mostTogether) lines.flush();
    },
    flush() {
      if (!waiting) return;
      while (Atomics.compareExchange(turns, 0, 0, 1) !== 0)
        if (Atomics.wait(turns, 0, 1, longestTurnMs) === 'timed-out') break;
      try {
        stdout.write(waiting);
        waiting = '';
      } finally {
        Atomics.store(turns, 0, 0);
        Atomics.notify(turns, 0, 1);
      }
    },
  };
  setInterval(lines.flush, togetherMs).unref();
  process.once('exit', lines.flush);
  return lines;
}

/** JSON lines: `time`, `level`, `program`, `message`, and what belongs to the line. */
export function createLogger(level: string, lines: Lines): Logger {
  return pino(
    {
      level,
      base: { program: 'site' },
      messageKey: 'message',
      timestamp,
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(line, log, severity) {
          log.apply(this, line);
          if (severity >= warn) lines.flush();
        },
      },
    },
    { write: lines.write },
  );
}

/**
 * The line of a request that was answered with a kept page, as `log.info` would write it: there may be twenty thousand a
 * second, and pino takes ten times as long for each.
 */
export function logKept(
  log: Logger,
  lines: Lines,
  { request_id, method, path, status }: { request_id: string; method: string; path: string; status: number },
): void {
  if (!log.isLevelEnabled('info')) return;
  lines.write(
    `{"level":"info"${timestamp()},"program":"site","request_id":"${request_id}","method":"${method}","path":${JSON.stringify(path)},"status":${status},"kept":true,"message":"request"}\n`,
  );
}

let at = 0;
let written = '';

/** The time as ISO 8601 has it, written once a millisecond: it is on every line. */
function timestamp(): string {
  const now = Date.now();
  if (now !== at) {
    at = now;
    written = `,"time":"${new Date(now).toISOString()}"`;
  }
  return written;
}
