import { type Db, rowsOf, sql } from '../database/sql.ts';

export type Destination = 'realtime' | 'commerce' | 'site';

/** What is told, and where it is told to. Of one document the newest state alone waits to be sent. */
export type Message =
  | {
      kind: 'person' | 'reader' | 'content';
      key: string;
      payload: object;
      number: number;
      to: readonly Destination[];
    }
  | { kind: 'mail' | 'audit'; key: string; payload: object };

/** The end of each insert into the outbox: an older state changes nothing, and what is due first stays so. */
export const NEWEST_STAYS = sql`
  on conflict (destination, kind, key) do update
  set number = excluded.number, payload = excluded.payload,
      priority = least(outbox.priority, excluded.priority), attempts = 0, next_attempt_at = now()
  where outbox.number < excluded.number`;

/** What changed comes before what is only sent again. */
export const PRIORITY = { change: 0, resend: 1 } as const;

/**
 * The number of the next outbox row. Take it while the changed document's row is locked: then a later state of one document
 * always has the greater number.
 */
export async function nextNumber(db: Db): Promise<number> {
  const [row] = await rowsOf<{ number: string }>(db, sql`select nextval('outbox_number') as number`);
  return Number(row?.number);
}

/** Writes what is to be told into the outbox, in the transaction `db` of the change itself. The sender wakes when that commits. */
export async function tell(db: Db, message: Message): Promise<void> {
  const { kind, key, payload } = message;
  const number = 'number' in message ? message.number : await nextNumber(db);
  const to: readonly Destination[] = 'to' in message ? message.to : ['realtime'];
  for (const destination of to) {
    await db.execute(sql`
      insert into outbox (destination, kind, key, number, payload, priority)
      values (${destination}, ${kind}, ${key}, ${number}, ${JSON.stringify(payload)}::jsonb, ${PRIORITY.change})
      ${NEWEST_STAYS}`);
  }
  await wakeSenders(db);
}

/** Heard by every node's sender once the transaction is committed, and not before. */
export async function wakeSenders(db: Db): Promise<void> {
  await db.execute(sql`notify outbox`);
}
