/** What every service of the sandbox shares: an HTTP door with health, a request line, and a graceful stop. */

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorFields, type Log } from './log.ts';

/** Exit code when a port is taken or a like cause outside (EX_UNAVAILABLE of sysexits.h). */
export const EXIT_UNAVAILABLE = 69;
/** Longest time that a stop waits for requests in flight, in milliseconds. */
const STOP_AFTER_MS = 10_000;

/** A name of a thing the service needs, and a function that throws when it doesn't answer. */
export type Checks = Record<string, () => Promise<unknown>>;

export interface Door {
  host: string;
  port: number;
  log: Log;
  handler: (request: IncomingMessage, response: ServerResponse) => unknown;
  upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  checks?: Checks;
}

export interface OpenDoor {
  port: number;
  close(): Promise<void>;
}

/** The service can't start for a cause outside it that its message names, such as a taken port. */
export class Unavailable extends Error {
  override name = 'Unavailable';
}

/** Answers `value` as JSON that nobody caches. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  type = 'application/json',
): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(response.req.method === 'HEAD' ? undefined : JSON.stringify(value));
}

/** Answers an RFC 9457 problem. */
export function sendProblem(response: ServerResponse, status: number, code: string, title: string): void {
  sendJson(response, status, { type: 'about:blank', title, status, code }, 'application/problem+json');
}

/**
 * Listens, and puts `/health`, `/ready`, a request id and one log line a request around `handler`.
 * Throws `Unavailable` when the port is taken.
 */
export async function openDoor({ host, port, log, handler, upgrade, checks = {} }: Door): Promise<OpenDoor> {
  let stopping = false;

  const server = createServer((request, response) => {
    const started = performance.now();
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const given = request.headers['x-request-id'];
    const requestId = typeof given === 'string' && /^[A-Za-z0-9_-]{8,64}$/.test(given) ? given : randomUUID();
    response.setHeader('x-request-id', requestId);
    response.once('close', () => {
      if (path === '/health' || path === '/ready') return;
      log.info('request', {
        method: request.method,
        path,
        status: response.statusCode,
        duration_ms: Math.round((performance.now() - started) * 10) / 10,
        request_id: requestId,
      });
    });

    void (async () => {
      try {
        if (path === '/health') sendJson(response, 200, { status: 'ok' });
        else if (path === '/ready') await sendReadiness(response, checks, stopping);
        else await handler(request, response);
      } catch (error) {
        log.error('request failed', { request_id: requestId, ...errorFields(error) });
        if (response.headersSent) response.destroy();
        else sendProblem(response, 500, 'internal_error', 'Something went wrong here');
      }
    })();
  });
  if (upgrade) server.on('upgrade', upgrade);

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Unavailable(`port ${port} on ${host} is in use by another program`)
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const boundPort = typeof address === 'object' && address ? address.port : port;
  log.info('listening', { host, port: boundPort });

  return {
    port: boundPort,
    async close() {
      stopping = true;
      await new Promise<void>((resolve) => {
        const force = setTimeout(() => server.closeAllConnections(), STOP_AFTER_MS);
        server.close(() => {
          clearTimeout(force);
          resolve();
        });
        server.closeIdleConnections();
      });
    },
  };
}

async function sendReadiness(response: ServerResponse, checks: Checks, stopping: boolean): Promise<void> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        await check();
        return [name, 'ok'] as const;
      } catch (error) {
        return [name, error instanceof Error ? error.message : 'failed'] as const;
      }
    }),
  );
  const ready = !stopping && results.every(([, result]) => result === 'ok');
  sendJson(response, ready ? 200 : 503, {
    status: ready ? 'ready' : 'not_ready',
    checks: Object.fromEntries(results),
  });
}

/**
 * Runs a service until SIGTERM or SIGINT: `start` answers how to stop it. Exits 0 after a clean stop,
 * 69 when a port is taken, 1 when anything else goes wrong.
 */
export async function runService(log: Log, start: () => Promise<() => Promise<void>>): Promise<void> {
  const crash = (error: unknown) => {
    log.error('crashed', errorFields(error));
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);

  // Signals are heard from the first moment: a stop asked for during the start waits for it, so nothing is orphaned.
  const starting = start();
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log.info('stopping', { signal });
    starting
      .then((stop) => stop())
      .then(() => {
        log.info('stopped');
        process.exit(0);
      }, crash);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);

  try {
    await starting;
  } catch (error) {
    if (error instanceof Unavailable) {
      log.error(error.message);
      process.exit(EXIT_UNAVAILABLE);
    }
    log.error('could not start', errorFields(error));
    process.exit(1);
  }
}
