import { createServer as createHttpServer } from 'node:http';
import { Registry } from 'prom-client';
import type { Clock } from '../../src/clock.ts';
import { type Database, openDatabase } from '../../src/database.ts';
import { createLog } from '../../src/log.ts';
import { type Bus, createBus } from '../../src/sockets/bus.ts';
import { openEndpoint, type SocketLimits } from '../../src/sockets/endpoint.ts';
import { createHub, type Hub } from '../../src/sockets/hub.ts';
import { createSocketMetrics } from '../../src/sockets/metrics.ts';
import { createTickets, type Tickets } from '../../src/sockets/tickets.ts';

/** The only page that may open a socket. */
export const ORIGIN = 'https://soulseer.test';

export interface TestNode {
  hub: Hub;
  tickets: Tickets;
  bus: Bus;
  db: Database;
  port: number;
  lines: () => Record<string, unknown>[];
  metric: (name: string) => Promise<number>;
  close: () => Promise<void>;
}

/** The sockets of one node: an HTTP server of its own beside others on the same database. */
export async function createNode(options: {
  databaseUrl: string;
  redisUrl?: string;
  clock: Clock;
  limits?: Partial<SocketLimits>;
}): Promise<TestNode> {
  const { databaseUrl, redisUrl, clock, limits = {} } = options;
  const written: string[] = [];
  const log = createLog('info', { write: (line) => written.push(line) });
  const db = openDatabase(databaseUrl, log);
  const bus = createBus({ databaseUrl, redisUrl, log });
  await bus.connected();
  const hub = createHub({ db, bus, clock, log });
  const tickets = createTickets({ db, clock });
  const registry = new Registry();
  const server = createHttpServer((_request, response) => response.writeHead(404).end());
  const endpoint = openEndpoint({
    server,
    hub,
    tickets,
    clock,
    log,
    metrics: createSocketMetrics(registry),
    origin: ORIGIN,
    isProxy: (address) => address === '127.0.0.1',
    limits,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    hub,
    tickets,
    bus,
    db,
    port: address && typeof address === 'object' ? address.port : 0,
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    async metric(name) {
      const { values } = (await registry.getSingleMetric(name)?.get()) ?? { values: [] };
      return values.reduce((sum, { value }) => sum + value, 0);
    },
    async close() {
      await endpoint.close();
      hub.close();
      await new Promise((resolve) => server.close(resolve));
      await bus.close();
      await db.destroy();
    },
  };
}
