/** The server's clock, for countdowns that don't depend on a phone's. */

import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { problem, time, timeQuery } from '../../contract/http.ts';
import type { Clock } from '../clock.ts';

export function registerTime(app: FastifyInstance, clock: Clock): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/time',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['Time'],
        summary: 'The server’s clock',
        querystring: timeQuery,
        response: { 200: time, 400: problem },
      },
    },
    async (request, reply) =>
      reply
        .header('cache-control', 'no-store')
        .send({ server_time_ms: clock.now(), client_time_ms: request.query.client_time_ms }),
  );
}
