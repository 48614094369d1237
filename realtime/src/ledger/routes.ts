/** What people see of the ledger: their own wallet (W7). */

import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { problem } from '../../contract/http.ts';
import { wallet } from '../../contract/wallet.ts';
import type { Ledger } from './ledger.ts';

export function registerWallet(app: FastifyInstance, ledger: Ledger): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/wallet',
    {
      config: { access: { people: ['client', 'reader', 'admin'] } },
      schema: {
        tags: ['Wallet'],
        summary: 'What is in one’s own wallet',
        response: { 200: wallet, 401: problem, 403: problem, 429: problem, 503: problem },
      },
    },
    async (request, reply) => {
      const { person_id } = request.person;
      const [balance_cents, debt] = await Promise.all([
        ledger.balance(`wallet:${person_id}`),
        ledger.balance(`debt:${person_id}`),
      ]);
      return reply
        .header('cache-control', 'no-store')
        .send({ balance_cents, debt_cents: Math.max(0, -debt) });
    },
  );
}
