/** What commerce tells the ledger of cards and orders: "Money of the shop" in docs/service-calls.md. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { sql } from 'kysely';
import { z } from 'zod';
import { problem } from '../../contract/http.ts';
import {
  disputeClosed,
  disputeOpened,
  type MoneyRefusal,
  moneyId,
  moneyMoved,
  moneyProblem,
  type OrderStanding,
  orderAuthorised,
  orderPart,
  orderStanding,
  ordersListed,
  ordersPage,
  paymentStanding,
  paymentsCompared,
  paymentsToCompare,
  refundMade,
  refundReserved,
  topUpCaptured,
  walletsLow,
  walletsToWatch,
} from '../../contract/money.ts';
import { type Wallet, wallet } from '../../contract/wallet.ts';
import type { Database } from '../database.ts';
import { sendProblem } from '../problems.ts';
import {
  type CardResult,
  closeDispute,
  disputePayment,
  failRefund,
  findPayments,
  postRefund,
  refundableOf,
  releaseHold,
  reserveRefund,
  topUp,
} from './cards.ts';
import { budgetKeys, type Executor, type Ledger, retryDeadlock } from './ledger.ts';

/** A thousand ids as long as they may be. */
const MOST_COMPARED_BYTES = 160 * 1024;

const REFUSALS: Record<MoneyRefusal, [status: 404 | 409, title: string]> = {
  unknown_payment: [404, 'The ledger knows no such payment'],
  unknown_dispute: [404, 'The ledger knows no such dispute'],
  unknown_refund: [404, 'The ledger has posted no such refund'],
  unknown_hold: [404, 'The ledger knows no such hold'],
  wrong_person: [409, 'That payment is another person’s'],
  key_reused: [409, 'That key was used for something else'],
  not_refundable: [409, 'So much of the payment can’t be given back'],
  more_than_captured: [409, 'That is more than was captured'],
  insufficient_balance: [409, 'There is not enough money in the wallet'],
  balance_too_high: [409, 'That is more than an account can hold'],
  spending_limit: [409, 'A spending limit is in the way'],
  spending_paused: [409, 'The person has paused all spending'],
  bad_end: [409, 'The end is in the past'],
  hold_closed: [409, 'That was posted or released already'],
  hold_ended: [409, 'The time to post that is over'],
  hold_not_posted: [409, 'Nothing was captured that could be refunded'],
  more_than_held: [409, 'That is more than was reserved'],
  more_than_posted: [409, 'That is more than was captured and not yet refunded'],
};

/** Money moves: each call counts once, however often its bytes come. */
const WRITES = { access: { services: ['commerce'], once: true } } as const;
const READS = { access: { services: ['commerce'] } } as const;
const tags = ['Money of the shop'];
const refusals = { 400: problem, 401: problem, 404: moneyProblem, 409: moneyProblem };
const written = { 200: moneyMoved, ...refusals };

const keyOnly = z.object({ key: moneyId });
const holdOnly = z.object({ hold_id: moneyId });

const stateOfHold = (closed: boolean, posted_cents: number): OrderStanding['state'] =>
  !closed ? 'held' : posted_cents > 0 ? 'posted' : 'released';

/** The hold of an order, beside those of refunds. */
const orderHold = (id: string) => `order:${id}`;

export function registerMoney(
  app: FastifyInstance,
  {
    db,
    ledger,
    tell,
  }: {
    db: Database;
    ledger: Ledger;
    /** Tells a person's pages what the wallet has now. */
    tell: (person: string, wallet: Wallet) => void;
  },
): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  async function standing(person: string): Promise<Wallet> {
    const [balance_cents, debt] = await Promise.all([
      ledger.balance(`wallet:${person}`),
      ledger.balance(`debt:${person}`),
    ]);
    return { balance_cents, debt_cents: Math.max(0, -debt) };
  }

  /** Does the work in a transaction of its own and answers what it moved, or why it didn't. */
  async function move(
    request: FastifyRequest,
    reply: FastifyReply,
    person: string | undefined,
    work: (tx: Executor) => Promise<CardResult>,
    refusedWith: (code: string) => Promise<object> = async () => ({}),
  ): Promise<FastifyReply> {
    if (person === undefined) return refuse(request, reply, 'unknown_hold');
    const result = await retryDeadlock(db, () => db.transaction().execute(work));
    if (!result.ok) {
      const { code } = result.refused;
      const told = {
        ...('refundable_cents' in result.refused
          ? { refundable_cents: result.refused.refundable_cents }
          : {}),
        ...(await refusedWith(code)),
      };
      if (!(code in REFUSALS)) throw new Error(`the ledger refused ${request.routeOptions.url}: ${code}`);
      return refuse(request, reply, code as MoneyRefusal, told);
    }
    const [transfer] = result.transfers;
    if (!transfer) throw new Error('money moved without a transfer');
    const now = await standing(person);
    if (!transfer.replayed) tell(person, now);
    return reply.header('cache-control', 'no-store').send({
      transfer_id: transfer.id,
      replayed: transfer.replayed,
      ...now,
    });
  }

  function refuse(
    request: FastifyRequest,
    reply: FastifyReply,
    code: MoneyRefusal,
    more: Record<string, unknown> = {},
  ): FastifyReply {
    const [status, title] = REFUSALS[code];
    const told = { code, title, ...more };
    return sendProblem(request, reply, status, told);
  }

  /** Orders by wallet, in the order of their holds' accounts. */
  async function listOrders(after: string, limit: number) {
    const { rows } = await sql<{
      account: string;
      hold_id: string;
      person_id: string;
      closed: boolean;
      posted: string;
      refunded: string;
    }>`
      select h.account_id as account, substr(a.name, ${`hold:${orderHold('')}`.length + 1}::int) as hold_id,
        split_part(w.name, ':', 2) as person_id, h.closed_by is not null as closed,
        h.posted_cents as posted, h.refunded_cents as refunded
      from holds h join accounts a on a.id = h.account_id join accounts w on w.id = h.payer_id
      where h.account_id > ${after}::bigint and starts_with(a.name, ${`hold:${orderHold('')}`})
      order by h.account_id limit ${limit}`.execute(db);
    return rows.map(({ account, hold_id, person_id, closed, posted, refunded }) => ({
      account,
      hold_id,
      person_id,
      state: stateOfHold(closed, Number(posted)),
      posted_cents: Number(posted),
      refunded_cents: Number(refunded),
    }));
  }

  /** Whose hold it is, what became of it, and what of it was posted and not given back yet. */
  async function holdOf(name: string) {
    const { rows } = await sql<{
      account: string;
      person: string;
      closed: boolean;
      posted: string;
      left: string;
    }>`
      select h.account_id as account, split_part(w.name, ':', 2) as person, h.closed_by is not null as closed,
        h.posted_cents as posted, h.posted_cents - h.refunded_cents as left
      from accounts a join holds h on h.account_id = a.id join accounts w on w.id = h.payer_id
      where a.name = ${`hold:${name}`}`.execute(db);
    const [row] = rows;
    if (!row) return undefined;
    const posted = Number(row.posted);
    return { ...row, posted, left: Number(row.left), state: stateOfHold(row.closed, posted) };
  }

  routes.put(
    '/service/payments/:payment_id',
    {
      config: WRITES,
      schema: {
        tags,
        summary: 'A top-up was captured: credits the wallet, a debt first',
        params: z.object({ payment_id: moneyId }),
        body: topUpCaptured,
        response: written,
      },
    },
    async (request, reply) => {
      const { person_id: person, amount_cents } = request.body;
      return move(request, reply, person, (tx) =>
        topUp(tx, ledger, { person, id: request.params.payment_id, amount_cents }),
      );
    },
  );

  routes.get(
    '/service/payments/:payment_id',
    {
      config: READS,
      schema: {
        tags,
        summary: 'What became of a card payment, and what of it can still be given back',
        params: z.object({ payment_id: moneyId }),
        response: { 200: paymentStanding, ...refusals },
      },
    },
    async (request, reply) => {
      const [payment] = await findPayments(db, [request.params.payment_id]);
      if (!payment) return refuse(request, reply, 'unknown_payment');
      const { person, credited_cents, refunded_cents, reserved_cents, disputed_cents } = payment;
      const money = await standing(person);
      return reply.header('cache-control', 'no-store').send({
        person_id: person,
        credited_cents,
        refunded_cents,
        reserved_cents,
        disputed_cents,
        refundable_cents: refundableOf(payment, money.balance_cents),
        ...money,
      });
    },
  );

  routes.post(
    '/service/payments/compare',
    {
      config: READS,
      bodyLimit: MOST_COMPARED_BYTES,
      schema: {
        tags,
        summary: 'What became of these card payments, for the reconciler',
        body: paymentsToCompare,
        response: { 200: paymentsCompared, ...refusals },
      },
    },
    async (request, reply) => {
      const found = await findPayments(db, [...new Set(request.body.payment_ids)]);
      return reply.header('cache-control', 'no-store').send({
        payments: found.map(({ payment_id, person, credited_cents, refunded_cents, disputed_cents }) => ({
          payment_id,
          person_id: person,
          credited_cents,
          refunded_cents,
          disputed_cents,
        })),
      });
    },
  );

  routes.put(
    '/service/refunds/:key',
    {
      config: WRITES,
      schema: {
        tags,
        summary: 'Reserves money of a top-up for a refund to its card',
        params: keyOnly,
        body: refundReserved,
        response: written,
      },
    },
    async (request, reply) => {
      const { person_id: person, ...event } = request.body;
      return move(request, reply, person, (tx) =>
        reserveRefund(tx, ledger, { person, id: request.params.key, ...event }),
      );
    },
  );

  routes.put(
    '/service/refunds/:key/post',
    {
      config: WRITES,
      schema: {
        tags,
        summary: 'The card was refunded: posts what was reserved for it, or takes it from wallet and debt',
        params: keyOnly,
        body: refundMade,
        response: written,
      },
    },
    async (request, reply) => {
      const { person_id: person, ...event } = request.body;
      return move(request, reply, person, (tx) =>
        postRefund(tx, ledger, { person, id: request.params.key, ...event }),
      );
    },
  );

  routes.put(
    '/service/refunds/:key/fail',
    {
      config: WRITES,
      schema: {
        tags,
        summary: 'A refund that was posted has failed since: its money is the person’s again',
        params: keyOnly,
        body: refundMade,
        response: written,
      },
    },
    async (request, reply) => {
      const { person_id: person, ...event } = request.body;
      return move(request, reply, person, (tx) =>
        failRefund(tx, ledger, { person, id: request.params.key, ...event }),
      );
    },
  );

  routes.put(
    '/service/refunds/:key/release',
    {
      config: WRITES,
      schema: {
        tags,
        summary: 'The card was not refunded: the reserve goes back to the wallet',
        params: keyOnly,
        response: written,
      },
    },
    async (request, reply) => {
      const name = `refund:${request.params.key}`;
      const hold = await holdOf(name);
      return move(request, reply, hold?.person, (tx) => releaseHold(tx, ledger, name, `${name}:release`));
    },
  );

  routes.put(
    '/service/disputes/:dispute_id',
    {
      config: WRITES,
      schema: {
        tags,
        summary: 'A dispute was opened: the wallet’s part to `disputes`, the rest becomes debt',
        params: z.object({ dispute_id: moneyId }),
        body: disputeOpened,
        response: written,
      },
    },
    async (request, reply) => {
      const { person_id: person, ...event } = request.body;
      return move(request, reply, person, (tx) =>
        disputePayment(tx, ledger, { person, id: request.params.dispute_id, ...event }),
      );
    },
  );

  routes.put(
    '/service/disputes/:dispute_id/close',
    {
      config: WRITES,
      schema: {
        tags,
        summary: 'A dispute was won, and all goes back; or lost',
        params: z.object({ dispute_id: moneyId }),
        body: disputeClosed,
        response: written,
      },
    },
    async (request, reply) => {
      const { person_id: person, amount_cents, won } = request.body;
      return move(request, reply, person, (tx) =>
        closeDispute(tx, ledger, { person, id: request.params.dispute_id, amount_cents }, won),
      );
    },
  );

  routes.put(
    '/service/holds/:hold_id',
    {
      config: WRITES,
      schema: {
        tags,
        summary: 'A wallet order was authorised: a spending, so limits bind',
        params: holdOnly,
        body: orderAuthorised,
        response: written,
      },
    },
    async (request, reply) => {
      const { person_id: person, amount_cents, ends_at_ms, details } = request.body;
      const hold = orderHold(request.params.hold_id);
      await ledger.open(`wallet:${person}`);
      return move(
        request,
        reply,
        person,
        (tx) =>
          ledger.within(tx).post({
            kind: 'reserve',
            key: `${hold}:hold`,
            hold,
            from: `wallet:${person}`,
            amount_cents,
            ends_at_ms,
            budgets: budgetKeys(person),
            details,
          }),
        async (code) =>
          code === 'insufficient_balance' ? { available_cents: (await standing(person)).balance_cents } : {},
      );
    },
  );

  routes.get(
    '/service/holds/:hold_id',
    {
      config: READS,
      schema: {
        tags,
        summary: 'What became of a wallet order',
        params: holdOnly,
        response: { 200: orderStanding, ...refusals },
      },
    },
    async (request, reply) => {
      const hold = await holdOf(orderHold(request.params.hold_id));
      if (!hold) return refuse(request, reply, 'unknown_hold');
      const { person, state, posted, left } = hold;
      return reply
        .header('cache-control', 'no-store')
        .send({ person_id: person, state, posted_cents: posted, refunded_cents: posted - left });
    },
  );

  routes.get(
    '/service/holds',
    {
      config: READS,
      schema: {
        tags,
        summary: 'What became of all wallet orders, page by page, for the reconciler',
        querystring: ordersPage,
        response: { 200: ordersListed, ...refusals },
      },
    },
    async (request, reply) => {
      const { after = '0', limit } = request.query;
      const page = await listOrders(after, limit + 1);
      const shown = page.slice(0, limit);
      return reply.header('cache-control', 'no-store').send({
        holds: shown.map(({ account: _, ...hold }) => hold),
        next_after: page.length > limit ? (shown.at(-1)?.account ?? null) : null,
      });
    },
  );

  routes.put(
    '/service/holds/:hold_id/post',
    {
      config: WRITES,
      schema: {
        tags,
        summary: 'A wallet order was captured: to `revenue`, the rest goes back',
        params: holdOnly,
        body: orderPart,
        response: written,
      },
    },
    async (request, reply) => {
      const name = orderHold(request.params.hold_id);
      const hold = await holdOf(name);
      const { amount_cents } = request.body;
      return move(request, reply, hold?.person, (tx) =>
        ledger.within(tx).post({
          kind: 'settle',
          key: `${name}:post`,
          hold: name,
          legs: [{ account: 'revenue', amount_cents }],
        }),
      );
    },
  );

  routes.put(
    '/service/holds/:hold_id/release',
    {
      config: WRITES,
      schema: {
        tags,
        summary: 'A wallet order was cancelled: the money goes back',
        params: holdOnly,
        response: written,
      },
    },
    async (request, reply) => {
      const name = orderHold(request.params.hold_id);
      const hold = await holdOf(name);
      return move(request, reply, hold?.person, (tx) => releaseHold(tx, ledger, name, `${name}:release`));
    },
  );

  routes.put(
    '/service/holds/:hold_id/refunds/:key',
    {
      config: WRITES,
      schema: {
        tags,
        summary: 'A captured wallet order was refunded, whole or in part',
        params: z.object({ hold_id: moneyId, key: moneyId }),
        body: orderPart,
        response: written,
      },
    },
    async (request, reply) => {
      const name = orderHold(request.params.hold_id);
      const hold = await holdOf(name);
      const { amount_cents } = request.body;
      return move(
        request,
        reply,
        hold?.person,
        (tx) =>
          ledger.within(tx).post({
            kind: 'order_refund',
            // Two ids of 120 characters would be too long for a key.
            key: `hold:${hold?.account}:refund:${request.params.key}`,
            hold: name,
            amount_cents,
          }),
        async (code) =>
          code === 'more_than_posted' ? { refundable_cents: (await holdOf(name))?.left ?? 0 } : {},
      );
    },
  );

  routes.post(
    '/service/wallets/low',
    {
      config: READS,
      bodyLimit: MOST_COMPARED_BYTES,
      schema: {
        tags,
        summary: 'Which of these wallets have less than they should, for automatic top-ups',
        body: walletsToWatch,
        response: { 200: walletsLow, ...refusals },
      },
    },
    async (request, reply) => {
      const { wallets } = request.body;
      const { rows } = await sql<{ person_id: string; balance: string }>`
        select w.person_id, coalesce(a.balance, 0) as balance
        from unnest(${wallets.map(({ person_id }) => person_id)}::uuid[],
          ${wallets.map(({ below_cents }) => below_cents)}::integer[]) as w (person_id, below_cents)
        left join accounts a on a.name = 'wallet:' || w.person_id
        where coalesce(a.balance, 0) < w.below_cents`.execute(db);
      return reply.header('cache-control', 'no-store').send({
        low: rows.map(({ person_id, balance }) => ({ person_id, balance_cents: Number(balance) })),
      });
    },
  );

  routes.get(
    '/service/wallets/:person_id',
    {
      config: READS,
      schema: {
        tags,
        summary: 'What a person has and owes',
        params: z.object({ person_id: z.uuid() }),
        response: { 200: wallet, ...refusals },
      },
    },
    async (request, reply) =>
      reply.header('cache-control', 'no-store').send(await standing(request.params.person_id)),
  );
}
