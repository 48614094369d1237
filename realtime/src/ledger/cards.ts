/** What cards do to the ledger: top-ups that pay debts first, refunds in two steps, disputes. Amounts in cents. */

import { sql } from 'kysely';
import type { Executor, Ledger, Leg, OtherKind, PostResult } from './ledger.ts';

/** The ledger's side of a card payment of `person`. `id` names the payment, refund or dispute at the card company. */
export interface CardEvent {
  person: string;
  id: string;
  amount_cents: number;
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
  kind: OtherKind,
  key: string,
  { person, amount_cents }: CardEvent,
): Promise<PostResult | undefined> {
  const { rows } = await sql<{ id: string; same: boolean }>`
    select id, kind::text = ${kind} and details @> ${JSON.stringify({ person, amount_cents })}::jsonb as same
    from transfers where key = ${key}`.execute(db);
  const [transfer] = rows;
  if (!transfer) return undefined;
  if (!transfer.same) return { ok: false, refused: { code: 'key_reused', subject: key, key } };
  return { ok: true, transfers: [{ id: Number(transfer.id), key, replayed: true }] };
}

/** Credits what was captured; a debt is paid first. Call in a transaction. */
export async function topUp(db: Executor, ledger: Ledger, event: CardEvent): Promise<PostResult> {
  const { person, id, amount_cents } = event;
  const key = `payment:${id}`;
  const { debt } = await standing(db, person);
  const before = await written(db, 'top_up', key, event);
  if (before) return before;
  const paid = Math.min(debt, amount_cents);
  return ledger.within(db).post({
    kind: 'top_up',
    key,
    details: { person, amount_cents },
    legs: [
      { account: 'card_clearing', amount_cents: -amount_cents },
      ...leg(`debt:${person}`, paid),
      ...leg(`wallet:${person}`, amount_cents - paid),
    ],
  });
}

/** Takes what the wallet has of a disputed payment; the rest becomes debt. Call in a transaction. */
export async function openDispute(db: Executor, ledger: Ledger, event: CardEvent): Promise<PostResult> {
  const { person, id, amount_cents } = event;
  const key = `dispute:${id}:open`;
  const { wallet } = await standing(db, person);
  const before = await written(db, 'dispute_open', key, event);
  if (before) return before;
  const taken = Math.min(wallet, amount_cents);
  return ledger.within(db).post({
    kind: 'dispute_open',
    key,
    details: { person, amount_cents },
    legs: [
      ...leg(`wallet:${person}`, -taken),
      ...leg(`debt:${person}`, taken - amount_cents),
      { account: 'disputes', amount_cents },
    ],
  });
}

/** Gives all of a won dispute back, to what is still owed first; a lost one goes back to the card. Call in a transaction. */
export async function closeDispute(
  db: Executor,
  ledger: Ledger,
  event: CardEvent,
  won: boolean,
): Promise<PostResult> {
  const { person, id, amount_cents } = event;
  const kind = won ? 'dispute_won' : 'dispute_lost';
  const details = { person, amount_cents };
  const key = `dispute:${id}:close`;
  const { debt } = await standing(db, person);
  const before = await written(db, kind, key, event);
  if (before) return before;
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
