/** Structured log lines on standard output. */

import { type DestinationStream, type Logger, pino } from 'pino';

/** Makes the program's log; `destination` is standard output unless a test wants to read along. */
export function createLog(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      messageKey: 'message',
      base: { program: 'realtime' },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      // Nothing of ours logs a request whole; this is for the day that somebody does.
      redact: {
        paths: ['', 'headers', '*.headers', '*'].flatMap((at) => [
          `${at && `${at}.`}authorization`,
          `${at && `${at}.`}cookie`,
          `${at}["set-cookie"]`,
        ]),
        censor: '[redacted]',
      },
    },
    // Written at once, so that the line that tells of a crash is never lost.
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
}
