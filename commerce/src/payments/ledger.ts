/** realtime's ledger, as docs/service-calls.md has it ("Money of the shop"): signed calls, each safe to be made again. */

import { z } from 'zod';
import type { Clock } from '../clock';
import { signRequest } from '../identity/signature';

const TIMEOUT_MS = 10_000;

const written = z.object({
  transfer_id: z.int(),
  replayed: z.boolean(),
  balance_cents: z.int(),
  debt_cents: z.int(),
});
const paymentState = z.object({
  person_id: z.uuid(),
  credited_cents: z.int(),
  refunded_cents: z.int(),
  reserved_cents: z.int(),
  disputed_cents: z.int(),
  refundable_cents: z.int(),
  balance_cents: z.int(),
  debt_cents: z.int(),
});
const compared = z.object({
  payments: z.array(
    z.object({
      payment_id: z.string(),
      person_id: z.uuid(),
      credited_cents: z.int(),
      refunded_cents: z.int(),
      disputed_cents: z.int(),
    }),
  ),
});
const low = z.object({ low: z.array(z.object({ person_id: z.uuid(), balance_cents: z.int() })) });
const holdStanding = z.object({
  person_id: z.uuid(),
  state: z.enum(['held', 'posted', 'released']),
  posted_cents: z.int(),
  refunded_cents: z.int(),
});
const holdsPage = z.object({
  holds: z.array(holdStanding.extend({ hold_id: z.string() })),
  next_after: z.string().nullable(),
});
const refusalBody = z.looseObject({ code: z.string() });

export type PaymentState = z.infer<typeof paymentState>;
export type HoldStanding = z.infer<typeof holdStanding>;
export type ListedHold = z.infer<typeof holdsPage>['holds'][number];
export type ComparedPayment = z.infer<typeof compared>['payments'][number];

/** The ledger says no, and why; the figures are in whole cents. */
export interface LedgerRefusal {
  ok: false;
  code: string;
  figures: Record<string, number>;
}
export type Written = { ok: true } | LedgerRefusal;

/** realtime can't be reached, or answered as it never does. */
export class LedgerUnreachable extends Error {
  override readonly name = 'LedgerUnreachable';
}

export interface Ledger {
  credit(payment_id: string, person_id: string, amount_cents: number): Promise<Written>;
  /** Nothing when the ledger knows no such payment. */
  payment(payment_id: string): Promise<PaymentState | undefined>;
  /** Which of at most 1 000 wallets have less than they should. */
  low(wallets: readonly { person_id: string; below_cents: number }[]): Promise<{ person_id: string }[]>;
  /** Of at most 1 000. */
  compare(payment_ids: readonly string[]): Promise<ComparedPayment[]>;
  reserveRefund(key: string, refund: RefundOf & { ends_at_ms: number }): Promise<Written>;
  postRefund(key: string, refund: RefundOf): Promise<Written>;
  /** It was posted, and has failed since. */
  failRefund(key: string, refund: RefundOf): Promise<Written>;
  releaseRefund(key: string): Promise<Written>;
  openDispute(dispute_id: string, refund: RefundOf): Promise<Written>;
  closeDispute(
    dispute_id: string,
    closed: { person_id: string; amount_cents: number; won: boolean },
  ): Promise<Written>;
  /** Holds money of a wallet for an order: a spending, so limits bind. */
  hold(
    id: string,
    held: { person_id: string; amount_cents: number; ends_at_ms: number; details: object },
  ): Promise<Written>;
  /** Nothing when the ledger knows no such hold. */
  holdStanding(id: string): Promise<HoldStanding | undefined>;
  /** All that the ledger knows of orders by wallet. */
  holds(): AsyncIterable<ListedHold>;
  postHold(id: string, amount_cents: number): Promise<Written>;
  releaseHold(id: string): Promise<Written>;
  /** Gives back of a posted hold, into the wallet. */
  refundHold(id: string, key: string, amount_cents: number): Promise<Written>;
  /** Any of the calls that come out of the outbox. */
  put(path: string, body: unknown): Promise<Written>;
}

interface RefundOf {
  person_id: string;
  payment_id: string;
  amount_cents: number;
}

/** `secret` is the first of SERVICE_KEY_COMMERCE_TO_REALTIME. Calls throw `LedgerUnreachable` when there is no answer. */
export function createLedger({
  realtimeUrl,
  secret,
  clock,
  fetch = globalThis.fetch,
}: {
  realtimeUrl: string;
  secret: string;
  clock: Clock;
  fetch?: typeof globalThis.fetch;
}): Ledger {
  async function call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ ok: true; body: unknown } | LedgerRefusal> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    let status: number;
    let answer: unknown;
    try {
      const response = await fetch(new URL(path, realtimeUrl), {
        method,
        headers: {
          accept: 'application/json',
          ...(text === undefined ? {} : { 'content-type': 'application/json' }),
          ...signRequest(secret, { method, path, body: text }, clock.now()),
        },
        ...(text === undefined ? {} : { body: text }),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      status = response.status;
      answer = status === 204 ? undefined : await response.json();
    } catch (cause) {
      throw new LedgerUnreachable(`${method} ${path}: no answer`, { cause });
    }
    if (status >= 200 && status < 300) return { ok: true, body: answer };
    const refusal = refusalBody.safeParse(answer).data;
    if ((status === 409 || status === 404) && refusal)
      return { ok: false, code: refusal.code, figures: figuresIn(refusal) };
    throw new LedgerUnreachable(`${method} ${path}: ${status} ${refusal?.code ?? ''}`);
  }

  async function write(path: string, body?: unknown): Promise<Written> {
    const answer = await call('PUT', path, body);
    if (!answer.ok) return answer;
    understood(written, answer.body, path);
    return { ok: true };
  }

  const id = encodeURIComponent;
  return {
    credit: (payment_id, person_id, amount_cents) =>
      write(`/service/payments/${id(payment_id)}`, { person_id, amount_cents }),
    async payment(payment_id) {
      const path = `/service/payments/${id(payment_id)}`;
      const answer = await call('GET', path);
      if (answer.ok) return understood(paymentState, answer.body, path);
      if (answer.code === 'unknown_payment') return undefined;
      throw new LedgerUnreachable(`GET ${path}: ${answer.code}`);
    },
    async low(wallets) {
      if (wallets.length === 0) return [];
      const path = '/service/wallets/low';
      const answer = await call('POST', path, { wallets });
      if (!answer.ok) throw new LedgerUnreachable(`POST ${path}: ${answer.code}`);
      return understood(low, answer.body, path).low;
    },
    async compare(payment_ids) {
      if (payment_ids.length === 0) return [];
      const path = '/service/payments/compare';
      const answer = await call('POST', path, { payment_ids });
      if (!answer.ok) throw new LedgerUnreachable(`POST ${path}: ${answer.code}`);
      return understood(compared, answer.body, path).payments;
    },
    reserveRefund: (key, body) => write(`/service/refunds/${id(key)}`, body),
    postRefund: (key, body) => write(`/service/refunds/${id(key)}/post`, body),
    failRefund: (key, body) => write(`/service/refunds/${id(key)}/fail`, body),
    releaseRefund: (key) => write(`/service/refunds/${id(key)}/release`, {}),
    openDispute: (dispute_id, body) => write(`/service/disputes/${id(dispute_id)}`, body),
    closeDispute: (dispute_id, body) => write(`/service/disputes/${id(dispute_id)}/close`, body),
    hold: (hold_id, body) => write(`/service/holds/${id(hold_id)}`, body),
    async holdStanding(hold_id) {
      const path = `/service/holds/${id(hold_id)}`;
      const answer = await call('GET', path);
      if (answer.ok) return understood(holdStanding, answer.body, path);
      if (answer.code === 'unknown_hold') return undefined;
      throw new LedgerUnreachable(`GET ${path}: ${answer.code}`);
    },
    async *holds() {
      for (let after: string | null = '0'; after !== null; ) {
        const path: string = `/service/holds?after=${id(after)}&limit=1000`;
        const answer = await call('GET', path);
        if (!answer.ok) throw new LedgerUnreachable(`GET ${path}: ${answer.code}`);
        const page = understood(holdsPage, answer.body, path);
        yield* page.holds;
        after = page.next_after;
      }
    },
    postHold: (hold_id, amount_cents) => write(`/service/holds/${id(hold_id)}/post`, { amount_cents }),
    releaseHold: (hold_id) => write(`/service/holds/${id(hold_id)}/release`, {}),
    refundHold: (hold_id, key, amount_cents) =>
      write(`/service/holds/${id(hold_id)}/refunds/${id(key)}`, { amount_cents }),
    async put(path, body) {
      const answer = await call('PUT', path, body);
      return answer.ok ? { ok: true } : answer;
    },
  };
}

function understood<T>(schema: z.ZodType<T>, body: unknown, path: string): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success)
    throw new LedgerUnreachable(`${path}: an answer that is not understood`, { cause: parsed.error });
  return parsed.data;
}

function figuresIn(refusal: Record<string, unknown>): Record<string, number> {
  const named = Object.entries(refusal).filter(
    (entry): entry is [string, number] => entry[0].endsWith('_cents') && typeof entry[1] === 'number',
  );
  return Object.fromEntries(named);
}
