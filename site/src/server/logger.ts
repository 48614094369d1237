import { type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger };

/** JSON lines on stdout: `time`, `level`, `program`, `message`, and what belongs to the line. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: { program: 'site' },
    messageKey: 'message',
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
