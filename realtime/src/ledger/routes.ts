/** What people see of the ledger: their wallet and what happened to it (W7), their limits (W8), a reader's earnings (W10). */

import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { problem } from '../../contract/http.ts';
import {
  earnings,
  earningsQuery,
  MOST_EARNINGS_MS,
  wallet,
  walletEntries,
  walletEntriesQuery,
  walletLimits,
  walletLimitsQuery,
  walletLimitsRequest,
} from '../../contract/wallet.ts';
import type { SpendingLimits } from '../billing/spending-limits.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import { sendProblem } from '../problems.ts';
import { readEarnings } from './earnings.ts';
import type { Ledger } from './ledger.ts';
import { csvStatement, readStatement } from './statement.ts';

const DAY_MS = 86_400_000;
const PEOPLE = { people: ['client', 'reader', 'admin'] } as const;
const refusals = { 400: problem, 401: problem, 403: problem, 429: problem, 503: problem };
const tags = ['Wallet'];

export function registerWallet(
  app: FastifyInstance,
  { db, clock, ledger, limits }: { db: Database; clock: Clock; ledger: Ledger; limits: SpendingLimits },
): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/api/wallet',
    {
      config: { access: PEOPLE },
      schema: { tags, summary: 'What is in one’s own wallet', response: { 200: wallet, ...refusals } },
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

  routes.get(
    '/api/wallet/entries',
    {
      // A file of them is some work.
      config: { access: PEOPLE, limit: { name: 'wallet_entries', perMinute: 120 } },
      schema: {
        tags,
        summary: 'What happened to one’s own wallet, the newest first; as a file with `format=csv`',
        querystring: walletEntriesQuery,
        response: { 200: walletEntries, ...refusals },
      },
    },
    async (request, reply) => {
      const { before, limit, kind: kinds, from_ms, to_ms, format } = request.query;
      const query = {
        person: request.person.person_id,
        before: before === undefined ? undefined : Number(before),
        kinds,
        from_ms,
        to_ms,
      };
      reply.header('cache-control', 'no-store').header('vary', 'accept');
      const csv = format === undefined ? wantsCsv(request.headers.accept) : format === 'csv';
      if (!csv) return reply.send(await readStatement(db, query, limit));
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="soulseer-wallet.csv"')
        .header('x-content-type-options', 'nosniff')
        .send(Readable.from(csvStatement(db, query)) as never);
    },
  );

  async function answerLimits(request: FastifyRequest, reply: FastifyReply, zone: string) {
    const found = await limits.read(request.person.person_id, zone);
    if (!found) return badTimeZone(request, reply);
    return reply.header('cache-control', 'no-store').send(found);
  }

  routes.get(
    '/api/wallet/limits',
    {
      config: { access: PEOPLE },
      schema: {
        tags,
        summary: 'One’s own limits on spending: those that bind, and raises that wait',
        querystring: walletLimitsQuery,
        response: { 200: walletLimits, ...refusals },
      },
    },
    async (request, reply) => answerLimits(request, reply, request.query.time_zone),
  );

  routes.put(
    '/api/wallet/limits',
    {
      config: { access: PEOPLE, limit: { name: 'wallet_limits', perMinute: 60 } },
      schema: {
        tags,
        summary: 'Sets limits of one’s own: lower at once, higher after 24 hours',
        body: walletLimitsRequest,
        response: { 200: walletLimits, ...refusals },
      },
    },
    async (request, reply) => {
      const { time_zone } = request.body;
      const result = await limits.set(request.person.person_id, request.body);
      if (result.ok) return answerLimits(request, reply, time_zone);
      if (result.refused.code === 'bad_time_zone') return badTimeZone(request, reply);
      throw new Error(`limits were refused: ${result.refused.code} ${result.refused.subject}`);
    },
  );

  routes.get(
    '/api/earnings',
    {
      config: { access: { people: ['reader'] } },
      schema: {
        tags,
        summary: 'What a reader has earned, by day, week or session',
        querystring: earningsQuery,
        response: { 200: earnings, ...refusals },
      },
    },
    async (request, reply) => {
      const { person_id, time_zone: own } = request.person;
      const { by, time_zone = own ?? 'UTC', before, limit } = request.query;
      const to_ms = request.query.to_ms ?? clock.now() + 1;
      const from_ms = request.query.from_ms ?? Math.max(0, to_ms - 30 * DAY_MS);
      if (from_ms > to_ms || to_ms - from_ms > MOST_EARNINGS_MS)
        return invalid(request, reply, 'from_ms', 'must be before to_ms, by 400 days at most');
      const [at_ms, session_id] = before?.split('_') ?? [];
      const [found, balance_cents] = await Promise.all([
        readEarnings(db, {
          person: person_id,
          by,
          from_ms,
          to_ms,
          time_zone,
          before: session_id ? { at_ms: Number(at_ms), session_id } : undefined,
          limit,
        }),
        ledger.balance(`earnings:${person_id}`),
      ]);
      if (!found) return badTimeZone(request, reply);
      return reply.header('cache-control', 'no-store').send({ balance_cents, time_zone, ...found });
    },
  );
}

/** Whether a file is what the caller asks for first. */
function wantsCsv(accept = ''): boolean {
  const [first = ''] = accept.split(',');
  return first.trim().split(';', 1)[0] === 'text/csv';
}

const badTimeZone = (request: FastifyRequest, reply: FastifyReply) =>
  invalid(request, reply, 'time_zone', 'is no time zone');

function invalid(request: FastifyRequest, reply: FastifyReply, field: string, message: string) {
  return sendProblem(request, reply, 400, {
    code: 'invalid_request',
    title: 'The request is not as it should be',
    detail: `${field}: ${message}`,
    errors: [{ field, message }],
  });
}
