import { format } from 'node:util';
import { logger as frameworkLogger } from '@medusajs/framework/logger';
import type { Logger } from '@medusajs/framework/types';
import { describeError, type Log } from './log';

/**
 * Leads whatever Medusa and its libraries write into our log.
 * Parts of the framework import its logger directly instead of asking the container, so the methods of that one
 * object are replaced rather than a second logger configured. What it tells at `info` is of use only to somebody who
 * looks for a fault in it, so that goes to `debug`.
 */
export function captureMedusaLog(log: Log): void {
  Object.assign(frameworkLogger, medusaLogger(log));
  console.log = console.info = (...parts: unknown[]) => log.debug(format(...parts));
  console.debug = (...parts: unknown[]) => log.debug(format(...parts));
  console.error = (...parts: unknown[]) => log.error(format(...parts));
  console.warn = (...parts: unknown[]) => {
    const text = format(...parts);
    // Medusa sets up a session store in memory behind ours (http/session.ts), which is never reached.
    if (!text.includes('connect.session() MemoryStore')) log.warn(text);
  };
}

function medusaLogger(log: Log): Logger {
  const started = new Map<string, number>();
  const end = (write: Log['info'], id: string, message: string) => {
    const since = started.get(id);
    started.delete(id);
    const fields = since === undefined ? {} : { duration_ms: Date.now() - since };
    write(message, fields);
    return fields;
  };
  const error = (what: unknown, thrown?: unknown) => {
    if (typeof what === 'string') log.error(what, thrown === undefined ? {} : describeError(thrown));
    else log.error(what instanceof Error ? what.message : String(what), describeError(what));
  };
  return {
    panic: (data) => {
      log.error(format(data));
      process.exit(1);
    },
    // Requests are logged by http/access-log.ts, so Medusa is told that nobody listens at its `http` level.
    shouldLog: (level) =>
      (level === 'debug' || level === 'info' || level === 'warn' || level === 'error') && log.enabled(level),
    setLogLevel: () => {},
    unsetLogLevel: () => {},
    activity: (message) => {
      const id = crypto.randomUUID();
      started.set(id, Date.now());
      log.debug(message);
      return id;
    },
    progress: (_id, message) => log.debug(message),
    failure: (id, message) => end(log.error, id, message),
    success: (id, message) => end(log.debug, id, message),
    error,
    silly: (message) => log.debug(message),
    verbose: (message) => log.debug(message),
    debug: (message) => log.debug(format(message)),
    http: (message) => log.debug(message),
    info: (message) => log.debug(message),
    warn: (message) => log.warn(message),
    log: (...parts) => log.debug(format(...parts)),
  };
}
