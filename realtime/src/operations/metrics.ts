/** What Prometheus is told. Not passed on by the site. */

import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

export interface Metrics {
  registry: Registry;
  httpDuration: Histogram<'method' | 'route' | 'status'>;
  browserReports: Counter<'kind'>;
  chargedMinutes: Counter;
  /** From the moment at which a minute could be charged to its charge. */
  billingLateness: Histogram;
  billingTurn: Histogram;
  /** `stuck`: a meter that the database refuses; `turn`: a turn that failed; `told`: what was charged could not be told. */
  billingErrors: Counter<'what'>;
}

/** Makes the program's metrics, in a registry of its own so that tests can have many. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    httpDuration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from a request’s arrival to the end of its answer',
      // The pattern of the route, never the address: ids would make a series each.
      labelNames: ['method', 'route', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    browserReports: new Counter({
      name: 'browser_reports_total',
      help: 'Reports received from browsers, by kind',
      labelNames: ['kind'],
      registers,
    }),
    chargedMinutes: new Counter({
      name: 'billing_charged_minutes_total',
      help: 'Minutes of sessions that were charged',
      registers,
    }),
    billingLateness: new Histogram({
      name: 'billing_lateness_seconds',
      help: 'Time from the moment at which a minute could be charged to its charge, one observation a session and turn',
      buckets: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300],
      registers,
    }),
    billingTurn: new Histogram({
      name: 'billing_turn_seconds',
      help: 'Time that a turn of billing takes',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    billingErrors: new Counter({
      name: 'billing_errors_total',
      help: 'Meters that could not be charged, turns that failed, charges that could not be told',
      labelNames: ['what'],
      registers,
    }),
  };
}

export function registerMetrics(app: FastifyInstance, { registry, httpDuration }: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    httpDuration.observe(
      { method: request.method, route, status: reply.statusCode },
      reply.elapsedTime / 1000,
    );
  });

  app.get(
    '/metrics',
    { config: { access: 'anyone', limit: false }, schema: { hide: true } },
    async (_request, reply) => {
      return reply
        .type(registry.contentType)
        .header('cache-control', 'no-store')
        .send(await registry.metrics());
    },
  );
}
