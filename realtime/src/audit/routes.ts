/** Where programs tell what staff did, and where admins read it. */

import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { auditEvent, auditPage, auditQuery } from '../../contract/audit.ts';
import { problem } from '../../contract/http.ts';
import type { Audit } from './audit.ts';

export function registerAudit(app: FastifyInstance, audit: Audit): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.put(
    '/service/audit/:event_id',
    {
      config: { access: { services: ['cms', 'commerce', 'site'] } },
      schema: {
        tags: ['Audit'],
        summary: 'Keeps an act or a refusal, once for each id',
        params: z.object({ event_id: z.uuid() }),
        body: auditEvent,
        response: {
          204: z.undefined().describe('Kept, now or before'),
          400: problem,
          401: problem,
          429: problem,
        },
      },
    },
    async (request, reply) => {
      await audit.keep(request.params.event_id, request.caller, request.body);
      return reply.code(204).send();
    },
  );

  routes.get(
    '/api/admin/audit',
    {
      config: { access: { people: ['admin'] } },
      schema: {
        tags: ['Audit'],
        summary: 'What staff did and who was refused, the newest first',
        querystring: auditQuery,
        response: { 200: auditPage, 400: problem, 401: problem, 403: problem, 429: problem, 503: problem },
      },
    },
    async (request, reply) => reply.header('cache-control', 'no-store').send(await audit.read(request.query)),
  );
}
