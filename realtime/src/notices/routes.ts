/** Where programs ask for a mail to be sent. */

import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problem } from '../../contract/http.ts';
import { mailKey, mailRequest } from '../../contract/mails.ts';
import type { Mails } from './mails.ts';

export function registerMails(app: FastifyInstance, mails: Mails): void {
  app.withTypeProvider<ZodTypeProvider>().put(
    '/service/mails/:key',
    {
      config: { access: { services: ['cms', 'commerce'] } },
      schema: {
        tags: ['Mails'],
        summary: 'Queues a mail to a person, once for each key',
        params: z.object({ key: mailKey }),
        body: mailRequest,
        response: {
          204: z.undefined().describe('Queued, now or before'),
          400: problem,
          401: problem,
          429: problem,
        },
      },
    },
    async (request, reply) => {
      await mails.queue(request.params.key, request.body);
      return reply.code(204).send();
    },
  );
}
