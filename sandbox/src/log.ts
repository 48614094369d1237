/** JSON log lines on standard output, the same shape in every service of the sandbox. */

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Fields = Record<string, unknown>;

export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** Makes the log of one program; lines below `threshold` are dropped, `silent` drops all. */
export function createLog(program: string, threshold: LogLevel): Log {
  const write =
    (level: LogLevel) =>
    (message: string, fields: Fields = {}) => {
      if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(threshold)) return;
      const line = { time: new Date().toISOString(), level, program, message, ...fields };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** What of an error is worth a log line: never the request, which may hold a token. */
export function errorFields(error: unknown): Fields {
  if (!(error instanceof Error)) return { error: String(error) };
  return { error: error.message, stack: error.stack };
}

/** Sends what libraries print with `console` through the log, so that every line stays JSON. */
export function captureConsole(log: Log): void {
  const text = (parts: unknown[]) =>
    parts.map((part) => (part instanceof Error ? part.stack : String(part))).join(' ');
  console.log = (...parts: unknown[]) => log.info(text(parts));
  console.info = (...parts: unknown[]) => log.info(text(parts));
  console.warn = (...parts: unknown[]) => log.warn(text(parts));
  console.error = (...parts: unknown[]) => log.error(text(parts));
}
