/** Where receipts are kept: written once, when a session is finalised, and never changed. */

import { sql } from 'kysely';
import type { Executor } from '../ledger/ledger.ts';
import { buildReceipt, type Presence } from './receipt.ts';
import type { Signer } from './sign.ts';

export interface StoredReceipt {
  session_id: string;
  client_person_id: string;
  reader_person_id: string;
  /** The text as it was signed, to the byte. */
  receipt: string;
}

/**
 * Builds, signs and keeps the receipt of a finalised session, in the caller's transaction. Asked again it answers the one that
 * is kept. Throws for a session that is not finalised.
 */
export async function storeReceipt(
  trx: Executor,
  options: { sessionId: string; presence: Presence; signer: Signer; nowMs: number },
): Promise<StoredReceipt> {
  const { sessionId, presence, signer, nowMs } = options;
  const kept = await readReceipt(trx, sessionId);
  if (kept) return kept;
  const receipt = await buildReceipt(trx, sessionId, presence, signer);
  await sql`
    insert into receipts (session_id, client_person_id, reader_person_id, receipt, created_at)
    select m.session_id, split_part(w.name, ':', 2)::uuid, split_part(e.name, ':', 2)::uuid, ${receipt}, ${new Date(nowMs)}
    from meters m join accounts w on w.id = m.wallet_id join accounts e on e.id = m.earnings_id
    where m.session_id = ${sessionId}
    on conflict (session_id) do nothing`.execute(trx);
  const stored = await readReceipt(trx, sessionId);
  if (!stored) throw new Error(`the receipt of session ${sessionId} was not kept`);
  return stored;
}

/** A session's receipt, when it is finalised. Who may read it is for the caller to say. */
export async function readReceipt(db: Executor, sessionId: string): Promise<StoredReceipt | undefined> {
  const { rows } = await sql<StoredReceipt>`
    select session_id, client_person_id, reader_person_id, receipt from receipts where session_id = ${sessionId}::uuid`.execute(
    db,
  );
  return rows[0];
}
