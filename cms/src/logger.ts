import { type Logger, pino } from 'pino';

/** One JSON line an event on standard output: time, level (a word), program, message. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: { program: 'cms' },
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: ['*.password', '*.token', '*.cookie', '*.authorization', 'err.config'],
      censor: '[hidden]',
    },
    hooks: {
      // Payload passes `{ msg }`; our lines call it `message`.
      logMethod(args, method) {
        const [first] = args as unknown[];
        if (isRecord(first) && 'msg' in first) {
          const { msg, ...rest } = first;
          return method.apply(this, [rest, String(msg)] as Parameters<typeof method>);
        }
        return method.apply(this, args);
      },
    },
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Error);
}
