/** Builds a finalised session's receipt from what the ledger has. */

import { sql } from 'kysely';
import type { Executor } from '../ledger/ledger.ts';
import type { ReceiptHead } from './format.ts';
import { type Signer, signReceipt } from './sign.ts';

/** How long client and reader were present in a paid minute, ms; the session's presence record knows. */
export type Presence = (minute: number) => { client_ms: number; reader_ms: number };

interface HeadRow {
  client: string;
  reader: string;
  rate_cents: number;
  share: number;
  active_ms: string;
  stopped_at_ms: string;
  stop_reason: string;
  finalised: boolean;
}

interface MinuteRow {
  number: number;
  due_at: Date;
  charged_at: Date;
  transfer: string;
  given_back_by: string | null;
  amount_cents: number;
  reader_cents: number;
  platform_cents: number;
}

/** The signed text. Throws for a session that has not been finalised: its minutes may still change. */
export async function buildReceipt(
  db: Executor,
  sessionId: string,
  presence: Presence,
  signer: Signer,
): Promise<string> {
  const {
    rows: [row],
  } = await sql<HeadRow>`
    select split_part(w.name, ':', 2) as client, split_part(e.name, ':', 2) as reader, m.*
    from meters m join accounts w on w.id = m.wallet_id join accounts e on e.id = m.earnings_id
    where m.session_id = ${sessionId}`.execute(db);
  if (!row?.finalised) throw new Error(`session ${sessionId} is not finalised`);
  const head: ReceiptHead = {
    session_id: sessionId,
    client: row.client,
    reader: row.reader,
    currency: 'USD',
    rate_cents: row.rate_cents,
    share: row.share,
    active_ms: Number(row.active_ms),
    ended_at: new Date(Number(row.stopped_at_ms)).toISOString(),
    stop_reason: row.stop_reason,
  };
  const { rows } = await sql<MinuteRow>`
    select k.number, t.effective_at as due_at, t.created_at as charged_at, t.key as transfer, r.key as given_back_by,
      -sum(e.amount) filter (where a.kind = 'wallet')::integer as amount_cents,
      sum(e.amount) filter (where a.kind = 'earnings')::integer as reader_cents,
      sum(e.amount) filter (where a.kind = 'revenue')::integer as platform_cents
    from meters m, generate_series(1, m.paid_minutes) k (number)
    join transfers t on t.key = 'session:' || ${sessionId}::text || ':minute:' || k.number
    left join transfers r on r.reverses = t.id
    join entries e on e.transfer_id = t.id join accounts a on a.id = e.account_id
    where m.session_id = ${sessionId}
    group by k.number, t.id, r.id order by k.number`.execute(db);
  const lines = rows.map((minute) => ({
    ...minute,
    due_at: minute.due_at.toISOString(),
    charged_at: minute.charged_at.toISOString(),
    presence: presence(minute.number),
  }));
  return signReceipt(head, lines, signer);
}
