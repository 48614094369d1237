import { AsyncLocalStorage } from 'node:async_hooks';

const levels = { debug: 10, info: 20, warn: 30, error: 40 } as const;

/** How much a line matters. */
export type LogLevel = keyof typeof levels;
/** Further members of a line; never secrets, cookies or tokens. */
export type LogFields = Record<string, unknown>;
/** Writes one JSON line. */
export type Log = Record<LogLevel, (message: string, fields?: LogFields) => void> & {
  enabled(level: LogLevel): boolean;
};

/** The request on whose behalf code runs, so that its id stands on every line without being handed around. */
export const requestContext = new AsyncLocalStorage<{ request_id: string }>();

/** Makes a log of JSON lines; `write` gets each line with its line break. */
export function createLog(least: LogLevel, write: (line: string) => void): Log {
  const enabled = (level: LogLevel) => levels[level] >= levels[least];
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (!enabled(level)) return;
      const line = { time: new Date().toISOString(), level, program: 'commerce', message };
      write(`${JSON.stringify({ ...line, ...requestContext.getStore(), ...fields })}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), enabled };
}

/** What is worth writing of something thrown. */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error) };
  const cause = error.cause === undefined ? {} : { cause: String(error.cause) };
  return { error: error.message, stack: error.stack, ...cause };
}
