/** The published keys, for anybody; a session's receipt, for those who were in it and for staff. */

import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problem } from '../../contract/http.ts';
import { receiptKeys } from '../../contract/receipt.ts';
import type { Database } from '../database.ts';
import { sendProblem } from '../problems.ts';
import type { ReceiptKeys } from './keys.ts';
import { readReceipt } from './store.ts';

const KEYS_FOR_SECONDS = 3_600;

export function registerReceipts(
  app: FastifyInstance,
  { db, keys }: { db: Database; keys: ReceiptKeys },
): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/.well-known/receipt-keys.json',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['Receipts'],
        summary: 'The keys that receipts are signed with; those no longer used stay',
        response: { 200: receiptKeys },
      },
    },
    async (_request, reply) =>
      reply
        .header('cache-control', `public, max-age=${KEYS_FOR_SECONDS}`)
        // Whoever checks a receipt may do so from any page.
        .header('access-control-allow-origin', '*')
        .send({ keys: keys.published }),
  );

  routes.get(
    '/api/sessions/:id/receipt',
    {
      config: { access: { people: ['client', 'reader', 'admin'] } },
      schema: {
        tags: ['Receipts'],
        summary: 'The signed receipt of a finalised session, as it was signed: docs/receipt.md',
        params: z.object({ id: z.uuid() }),
        response: {
          200: z.string().describe('the receipt: canonical JSON, to the byte'),
          400: problem,
          401: problem,
          403: problem,
          404: problem,
          429: problem,
          503: problem,
        },
      },
    },
    async (request, reply) => {
      const { person_id, role } = request.person;
      const stored = await readReceipt(db, request.params.id);
      const mine =
        stored !== undefined &&
        (role === 'admin' || [stored.client_person_id, stored.reader_person_id].includes(person_id));
      // The same for what is not there and what is somebody else's.
      if (!mine)
        return sendProblem(request, reply, 404, {
          code: 'not_found',
          title: 'There is no receipt of this session for you',
          detail: 'A session has a receipt when it has ended and been settled.',
        });
      return reply
        .header('cache-control', 'private, no-store')
        .type('application/json; charset=utf-8')
        .serializer((payload: unknown) => String(payload))
        .send(stored.receipt);
    },
  );
}
