/** What cards do to the ledger: top-ups that pay debts first, refunds in two steps or after the fact, disputes. Amounts in cents. */

import { sql } from 'kysely';
import type { Executor, Ledger, Leg, PostResult, RefusalCode } from './ledger.ts';

/** The ledger's side of a card payment of `person`. `id` names the payment, refund or dispute at the card company. */
export interface CardEvent {
  person: string;
  id: string;
  amount_cents: number;
}

/** A refund of a payment of `person`, or a dispute about it. `id` is its own key or that of the card company. */
export interface PaymentEvent extends CardEvent {
  payment_id: string;
}

/** What became of a card payment, and what its person has. `disputed`: open or lost. */
export interface Payment {
  payment_id: string;
  person: string;
  credited_cents: number;
  refunded_cents: number;
  reserved_cents: number;
  disputed_cents: number;
}

/** What the ledger itself doesn't know of: payments and disputes. */
export type CardRefusal = {
  code:
    | RefusalCode
    | 'unknown_payment'
    | 'unknown_dispute'
    | 'unknown_refund'
    | 'wrong_person'
    | 'not_refundable'
    | 'more_than_captured';
  refundable_cents?: number;
};
export type CardResult = PostResult | { ok: false; refused: CardRefusal };

const refuse = (code: CardRefusal['code'], more: Omit<CardRefusal, 'code'> = {}) => ({
  ok: false as const,
  refused: { code, ...more },
});

/** What the ledger knows of these payments, in no order. */
export async function findPayments(db: Executor, ids: string[]): Promise<Payment[]> {
  const { rows } = await sql<Record<'payment_id' | 'person', string> & Record<string, string>>`
    select * from card_payments(${ids}::text[])`.execute(db);
  return rows.map(({ payment_id, person, ...cents }) => ({
    payment_id,
    person,
    credited_cents: Number(cents['credited']),
    refunded_cents: Number(cents['refunded']),
    reserved_cents: Number(cents['reserved']),
    disputed_cents: Number(cents['disputed']),
  }));
}

/** LED-24: what of a payment could be reserved for a refund, when its person's wallet has `walletCents`. */
export function refundableOf(payment: Payment, walletCents: number): number {
  const { credited_cents, refunded_cents, reserved_cents, disputed_cents } = payment;
  return Math.max(
    0,
    Math.min(credited_cents - refunded_cents - reserved_cents - disputed_cents, walletCents),
  );
}

/** Locks what a person has and owes, so that what is read holds until the caller's transaction ends. */
async function standing(db: Executor, person: string): Promise<{ wallet: number; debt: number }> {
  const { rows } = await sql<{ kind: string; balance: string }>`
    select kind::text, balance from ledger_lock_person(${person})`.execute(db);
  const of = (kind: string) => Number(rows.find((row) => row.kind === kind)?.balance ?? 0);
  return { wallet: of('wallet'), debt: -of('debt') };
}

const leg = (account: string, amount_cents: number): Leg[] =>
  amount_cents === 0 ? [] : [{ account, amount_cents }];

/**
 * What a key has written already, if it has: the legs were decided then and are not decided anew. Under the same key another
 * event is refused (LED-7); the legs follow from what was there, so it is the event that is compared.
 */
async function written(
  db: Executor,
  kinds: string[],
  key: string,
  event: object,
): Promise<PostResult | undefined> {
  const { rows } = await sql<{ id: string; same: boolean }>`
    select id, kind::text = any (${kinds}::text[]) and details @> ${JSON.stringify(event)}::jsonb as same
    from transfers where key = ${key}`.execute(db);
  const [transfer] = rows;
  if (!transfer) return undefined;
  if (!transfer.same) return { ok: false, refused: { code: 'key_reused', subject: key, key } };
  return { ok: true, transfers: [{ id: Number(transfer.id), key, replayed: true }] };
}

/** The event's payment, or why it isn't one. Its person's wallet is locked. */
async function paymentOf(
  db: Executor,
  { payment_id, person }: Pick<PaymentEvent, 'payment_id' | 'person'>,
): Promise<{ ok: true; payment: Payment } | { ok: false; refused: CardRefusal }> {
  const [payment] = await findPayments(db, [payment_id]);
  if (!payment) return refuse('unknown_payment');
  return payment.person === person ? { ok: true, payment } : refuse('wrong_person');
}

/** Credits what was captured; a debt is paid first. Call in a transaction. */
export async function topUp(db: Executor, ledger: Ledger, event: CardEvent): Promise<PostResult> {
  const { person, id, amount_cents } = event;
  const key = `payment:${id}`;
  const { debt } = await standing(db, person);
  const details = { person, payment_id: id, amount_cents };
  const before = await written(db, ['top_up'], key, { person, amount_cents });
  if (before) return before;
  const paid = Math.min(debt, amount_cents);
  return ledger.within(db).post({
    kind: 'top_up',
    key,
    details,
    legs: [
      { account: 'card_clearing', amount_cents: -amount_cents },
      ...leg(`debt:${person}`, paid),
      ...leg(`wallet:${person}`, amount_cents - paid),
    ],
  });
}

/** The hold that a refund's money waits on. */
const refundHold = (id: string) => `refund:${id}`;

/** Reserves money of a payment for a refund to its card, past every limit. Call in a transaction. */
export async function reserveRefund(
  db: Executor,
  ledger: Ledger,
  event: PaymentEvent & { ends_at_ms: number },
): Promise<CardResult> {
  const { person, payment_id, id, amount_cents, ends_at_ms } = event;
  const { wallet } = await standing(db, person);
  const found = await paymentOf(db, event);
  if (!found.ok) return found;
  const key = `refund:${id}:reserve`;
  const refundable = refundableOf(found.payment, wallet);
  // What the key has written already the ledger answers by itself, whatever is refundable by now.
  if (amount_cents > refundable && !(await exists(db, key)))
    return refuse('not_refundable', { refundable_cents: refundable });
  return ledger.within(db).post({
    kind: 'refund_reserve',
    key,
    details: { person, payment_id, amount_cents },
    hold: refundHold(id),
    from: `wallet:${person}`,
    amount_cents,
    ends_at_ms,
  });
}

async function exists(db: Executor, key: string): Promise<boolean> {
  const { rows } = await sql`select 1 from transfers where key = ${key}`.execute(db);
  return rows.length > 0;
}

/**
 * The card has been refunded: what was reserved for it is posted. Without a reserve, or when that has ended or is too small, it
 * is taken from the wallet and the rest becomes debt, since the card company asks nobody (LED-25). Call in a transaction.
 */
export async function postRefund(db: Executor, ledger: Ledger, event: PaymentEvent): Promise<CardResult> {
  const { person, payment_id, id, amount_cents } = event;
  const { wallet } = await standing(db, person);
  const details = { person, payment_id, amount_cents };
  const key = `refund:${id}:post`;
  const before = await written(db, ['refund_settle', 'card_refund'], key, details);
  if (before) return before;
  const found = await paymentOf(db, event);
  if (!found.ok) return found;
  if (found.payment.refunded_cents + amount_cents > found.payment.credited_cents)
    return refuse('more_than_captured');
  const { rows } = await sql<{ held: string; open: boolean; ended: boolean; same: boolean }>`
    select a.balance as held, h.closed_by is null as open, h.ends_at <= ${ledger.now()} as ended,
      t.details @> ${JSON.stringify({ person, payment_id })}::jsonb as same
    from accounts a join holds h on h.account_id = a.id join transfers t on t.id = h.transfer_id
    where a.name = ${`hold:${refundHold(id)}`}`.execute(db);
  const [hold] = rows;
  if (hold && !hold.same) return refuse('key_reused');
  const inside = ledger.within(db);
  const held = hold?.open ? Number(hold.held) : 0;
  if (hold?.open && !hold.ended && amount_cents <= held)
    return inside.post({
      kind: 'settle',
      key,
      details,
      hold: refundHold(id),
      legs: [{ account: 'card_clearing', amount_cents }],
    });
  const taken = Math.min(wallet + held, amount_cents);
  const result = await inside.post(
    ...(hold?.open ? [{ kind: 'release' as const, key: `refund:${id}:release`, hold: refundHold(id) }] : []),
    {
      kind: 'card_refund',
      key,
      details,
      legs: [
        ...leg(`wallet:${person}`, -taken),
        ...leg(`debt:${person}`, taken - amount_cents),
        { account: 'card_clearing', amount_cents },
      ],
    },
  );
  return result.ok ? { ok: true, transfers: result.transfers.slice(-1) } : result;
}

/**
 * A refund failed at the card company after it was posted, so its money has come back: it is the person's again, what is still
 * owed first. A new transfer that names the one of the refund; once, and with its amount (LED-33). Call in a transaction.
 */
export async function failRefund(db: Executor, ledger: Ledger, event: PaymentEvent): Promise<CardResult> {
  const { person, payment_id, id, amount_cents } = event;
  const key = `refund:${id}:failed`;
  const refunded = { person, payment_id, amount_cents };
  const { debt } = await standing(db, person);
  const before = await written(db, ['refund_failed'], key, refunded);
  if (before) return before;
  const posted = await written(db, ['refund_settle', 'card_refund'], `refund:${id}:post`, refunded);
  if (!posted) return refuse('unknown_refund');
  if (!posted.ok) return posted;
  const paid = Math.min(debt, amount_cents);
  return ledger.within(db).post({
    kind: 'refund_failed',
    key,
    details: { ...refunded, undoes: posted.transfers[0]?.id },
    legs: [
      { account: 'card_clearing', amount_cents: -amount_cents },
      ...leg(`debt:${person}`, paid),
      ...leg(`wallet:${person}`, amount_cents - paid),
    ],
  });
}

/** A dispute about a payment was opened: it takes what the wallet has, the rest becomes debt. Call in a transaction. */
export async function disputePayment(db: Executor, ledger: Ledger, event: PaymentEvent): Promise<CardResult> {
  await standing(db, event.person);
  const found = await paymentOf(db, event);
  if (!found.ok) return found;
  if (event.amount_cents > found.payment.credited_cents) return refuse('more_than_captured');
  return openDispute(db, ledger, event);
}

/** Takes what the wallet has of a disputed payment; the rest becomes debt. Call in a transaction. */
export async function openDispute(
  db: Executor,
  ledger: Ledger,
  event: CardEvent & { payment_id?: string },
): Promise<PostResult> {
  const { person, id, payment_id, amount_cents } = event;
  const details = { person, amount_cents, ...(payment_id === undefined ? {} : { payment_id }) };
  const key = `dispute:${id}:open`;
  const { wallet } = await standing(db, person);
  const before = await written(db, ['dispute_open'], key, details);
  if (before) return before;
  const taken = Math.min(wallet, amount_cents);
  return ledger.within(db).post({
    kind: 'dispute_open',
    key,
    details,
    legs: [
      ...leg(`wallet:${person}`, -taken),
      ...leg(`debt:${person}`, taken - amount_cents),
      { account: 'disputes', amount_cents },
    ],
  });
}

/**
 * Gives all of a won dispute back, to what is still owed first; a lost one goes back to the card. Once, and with the amount with
 * which it was opened (LED-27). Call in a transaction.
 */
export async function closeDispute(
  db: Executor,
  ledger: Ledger,
  event: CardEvent,
  won: boolean,
): Promise<CardResult> {
  const { person, id, amount_cents } = event;
  const kind = won ? 'dispute_won' : 'dispute_lost';
  const key = `dispute:${id}:close`;
  const { debt } = await standing(db, person);
  const before = await written(db, [kind], key, { person, amount_cents });
  if (before) return before;
  const { rows } = await sql<{ same: boolean; payment_id: string | null }>`
    select details @> ${JSON.stringify({ person, amount_cents })}::jsonb as same, details ->> 'payment_id' as payment_id
    from transfers where key = ${`dispute:${id}:open`} and kind = 'dispute_open'`.execute(db);
  const [opened] = rows;
  if (!opened) return refuse('unknown_dispute');
  if (!opened.same) return refuse('key_reused');
  const details = { person, amount_cents, ...(opened.payment_id ? { payment_id: opened.payment_id } : {}) };
  const taken = { account: 'disputes', amount_cents: -amount_cents };
  if (!won)
    return ledger
      .within(db)
      .post({ kind, key, details, legs: [taken, { account: 'card_clearing', amount_cents }] });
  const paid = Math.min(debt, amount_cents);
  return ledger.within(db).post({
    kind,
    key,
    details,
    legs: [taken, ...leg(`debt:${person}`, paid), ...leg(`wallet:${person}`, amount_cents - paid)],
  });
}

/** Releases a hold; one that its end released already is as good. */
export async function releaseHold(
  db: Executor,
  ledger: Ledger,
  hold: string,
  key: string,
): Promise<PostResult> {
  const result = await ledger.within(db).post({ kind: 'release', key, hold });
  if (result.ok || result.refused.code !== 'hold_closed') return result;
  const { rows } = await sql<{ id: string; key: string }>`
    select t.id, t.key from accounts a join holds h on h.account_id = a.id join transfers t on t.id = h.closed_by
    where a.name = ${`hold:${hold}`} and t.kind in ('release', 'refund_release')`.execute(db);
  const [closed] = rows;
  return closed
    ? { ok: true, transfers: [{ id: Number(closed.id), key: closed.key, replayed: true }] }
    : result;
}
