/** Where programs ask for a mail to be sent, and tell who wants to be told of a favourite. */

import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { favouriteNotice } from '../../contract/favourites.ts';
import { problem } from '../../contract/http.ts';
import { mailKey, mailRequest } from '../../contract/mails.ts';
import { sendProblem, wrongId } from '../problems.ts';
import type { FavouriteNotices } from './favourites.ts';
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

export function registerFavouriteNotices(app: FastifyInstance, favourites: FavouriteNotices): void {
  app.withTypeProvider<ZodTypeProvider>().put(
    '/service/favourites/:person_id/:reader_id',
    {
      config: { access: { services: ['cms'] } },
      schema: {
        tags: ['Directory'],
        summary:
          'Keeps whether somebody wants to be told when a reader comes online; an older version is ignored',
        params: favouriteNotice.pick({ person_id: true, reader_id: true }),
        body: favouriteNotice,
        response: {
          204: z.undefined().describe('Kept, or older than what is kept'),
          400: problem,
          401: problem,
          429: problem,
        },
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      for (const field of ['person_id', 'reader_id'] as const)
        if (body[field] !== params[field]) return sendProblem(request, reply, 400, wrongId(field));
      await favourites.put(body);
      return reply.code(204).send();
    },
  );
}
