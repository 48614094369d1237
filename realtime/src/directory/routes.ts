/** Where the CMS tells us of people and readers, and where somebody finds out who they are here. */

import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { directoryPerson, directoryReader, me } from '../../contract/directory.ts';
import { problem } from '../../contract/http.ts';
import { sendProblem, wrongId } from '../problems.ts';
import type { Directory, PutResult } from './directory.ts';

const TITLES: Record<Extract<PutResult, { ok: false }>['code'], string> = {
  subject_taken: 'Another person has this issuer and subject here',
  person_taken: 'Another reader has this person here',
};

const refusals = { 400: problem, 401: problem, 409: problem, 429: problem };

export function registerDirectory(app: FastifyInstance, directory: Directory): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.put(
    '/service/directory/people/:person_id',
    {
      config: { access: { services: ['cms'] } },
      schema: {
        tags: ['Directory'],
        summary: 'Keeps a person; a version older than the one kept is ignored',
        params: z.object({ person_id: z.uuid() }),
        body: directoryPerson,
        response: { 204: z.undefined().describe('Kept, or older than what is kept'), ...refusals },
      },
    },
    async (request, reply) => {
      if (request.body.person_id !== request.params.person_id)
        return sendProblem(request, reply, 400, wrongId('person_id'));
      const result = await directory.putPerson(request.body);
      if (!result.ok)
        return sendProblem(request, reply, 409, { code: result.code, title: TITLES[result.code] });
      return reply.code(204).send();
    },
  );

  routes.put(
    '/service/directory/readers/:reader_id',
    {
      config: { access: { services: ['cms'] } },
      schema: {
        tags: ['Directory'],
        summary: 'Keeps a reader; a version older than the one kept is ignored',
        params: z.object({ reader_id: directoryReader.shape.reader_id }),
        body: directoryReader,
        response: { 204: z.undefined().describe('Kept, or older than what is kept'), ...refusals },
      },
    },
    async (request, reply) => {
      if (request.body.reader_id !== request.params.reader_id)
        return sendProblem(request, reply, 400, wrongId('reader_id'));
      const result = await directory.putReader(request.body);
      if (!result.ok)
        return sendProblem(request, reply, 409, { code: result.code, title: TITLES[result.code] });
      return reply.code(204).send();
    },
  );

  routes.get(
    '/api/me',
    {
      config: { access: { people: ['client', 'reader', 'admin'] } },
      schema: {
        tags: ['Directory'],
        summary: 'Who the caller is here',
        response: { 200: me, 401: problem, 403: problem, 429: problem, 503: problem },
      },
    },
    async (request, reply) => {
      const { person_id, role, display_name, time_zone = null } = request.person;
      return reply.header('cache-control', 'no-store').send({ person_id, role, display_name, time_zone });
    },
  );
}
