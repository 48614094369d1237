import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { logRequests } from './requestLog.ts';

const PATIENCE_MS = 10_000;

/**
 * On SIGTERM or SIGINT: no new connections, what is under way is finished (10 s at most), `close` is called, exit 0.
 * Next would do likewise but without a limit, and end with 143. `main.ts` tells it to leave signals to us.
 */
export function stopGracefully(
  logger: Logger,
  { servers, underWay }: ReturnType<typeof logRequests>,
  close: () => Promise<void>,
): void {
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping');
    for (const server of servers) {
      server.close();
      server.closeIdleConnections();
    }
    const deadline = Date.now() + PATIENCE_MS;
    while (underWay.size > 0 && Date.now() < deadline) await sleep(20);
    if (underWay.size > 0) logger.warn({ unfinished: underWay.size }, 'stopping without waiting any longer');
    await close().catch((error: unknown) => logger.warn({ err: error }, 'closing failed'));
    logger.info('stopped');
    process.exit(0);
  };
  process.on('SIGTERM', (signal) => void stop(signal));
  process.on('SIGINT', (signal) => void stop(signal));
}
