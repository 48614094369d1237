import { type Logger, pino } from 'pino';

export type { Logger };

/** Lines are written together: after so many characters, after so long, when something is wrong, and at the end. */
const together = 32_768;
const togetherMs = 100;
const { warn } = pino.levels.values as { warn: number };

const stdout = pino.destination({ dest: 1, sync: true });
let waiting = '';

function flushSync(): void {
  if (waiting) stdout.write(waiting);
  waiting = '';
}

function write(line: string): void {
  waiting += line;
  if (waiting.length >= together) flushSync();
}
setInterval(flushSync, togetherMs).unref();
process.once('exit', flushSync);

/** JSON lines on stdout: `time`, `level`, `program`, `message`, and what belongs to the line. */
export function createLogger(level: string): Logger {
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
          if (severity >= warn) flushSync();
        },
      },
    },
    { write },
  );
}

/**
 * The line of a request that was answered with a kept page, as `log.info` would write it: there may be twenty thousand a
 * second, and pino takes ten times as long for each.
 */
export function logKept(
  log: Logger,
  { request_id, method, path, status }: { request_id: string; method: string; path: string; status: number },
): void {
  if (!log.isLevelEnabled('info')) return;
  write(
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
