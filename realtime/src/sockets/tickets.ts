/** Tickets: who opens a socket, said once. And sign-outs, after which no older ticket is good. */

import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Role } from '../../contract/directory.ts';
import type { SignOut, SocketTicket } from '../../contract/socket.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';

export const TICKET_LIFE_MS = 30_000;

/** Whom a socket belongs to. */
export interface SocketPerson {
  person_id: string;
  role: Role;
  display_name: string;
}

export type Redeemed =
  | { ok: true; person: SocketPerson; issued_at_ms: number }
  | { ok: false; code: 'ticket_refused' | 'account_suspended' };

export interface Tickets {
  issue(person_id: string): Promise<SocketTicket>;
  /** Uses a ticket up. Of any number of callers, on any nodes, one gets the person. */
  redeem(ticket: string): Promise<Redeemed>;
  /** Ends all tickets of a person from before. Older sign-outs than the one kept change nothing. */
  signOut(given: SignOut): Promise<void>;
  /** Deletes tickets that nobody used in time, and answers how many. */
  sweep(): Promise<number>;
}

export function createTickets({ db, clock }: { db: Database; clock: Clock }): Tickets {
  return {
    async issue(person_id) {
      const ticket = randomBytes(32).toString('base64url');
      const now = clock.now();
      await sql`INSERT INTO socket_tickets (ticket_hash, person_id, issued_at_ms)
        VALUES (${hashOf(ticket)}, ${person_id}, ${now})`.execute(db);
      return { ticket, expires_at_ms: now + TICKET_LIFE_MS };
    },
    async redeem(ticket) {
      if (!/^[A-Za-z0-9_-]{43}$/.test(ticket)) return { ok: false, code: 'ticket_refused' };
      const { rows } = await sql<{
        person_id: string;
        role: Role;
        status: 'active' | 'suspended';
        display_name: string;
        issued_at_ms: string;
        signed_out_ms: string | null;
      }>`
        WITH used AS (DELETE FROM socket_tickets WHERE ticket_hash = ${hashOf(ticket)} RETURNING person_id, issued_at_ms)
        SELECT p.person_id, p.role, p.status, p.display_name, used.issued_at_ms, s.at_ms AS signed_out_ms
        FROM used JOIN people p USING (person_id) LEFT JOIN socket_sign_outs s USING (person_id)`.execute(db);
      const [row] = rows;
      if (!row) return { ok: false, code: 'ticket_refused' };
      const { person_id, role, display_name } = row;
      const issued_at_ms = Number(row.issued_at_ms);
      const signedOut = row.signed_out_ms !== null && Number(row.signed_out_ms) >= issued_at_ms;
      if (signedOut || clock.now() >= issued_at_ms + TICKET_LIFE_MS)
        return { ok: false, code: 'ticket_refused' };
      if (row.status !== 'active') return { ok: false, code: 'account_suspended' };
      return { ok: true, person: { person_id, role, display_name }, issued_at_ms };
    },
    async signOut({ person_id, at_ms }) {
      await sql`INSERT INTO socket_sign_outs AS s (person_id, at_ms) VALUES (${person_id}, ${at_ms})
        ON CONFLICT (person_id) DO UPDATE SET at_ms = excluded.at_ms WHERE s.at_ms < excluded.at_ms`.execute(
        db,
      );
    },
    async sweep() {
      const { numAffectedRows } =
        await sql`DELETE FROM socket_tickets WHERE issued_at_ms <= ${clock.now() - TICKET_LIFE_MS}`.execute(
          db,
        );
      return Number(numAffectedRows ?? 0);
    },
  };
}

const hashOf = (ticket: string): Buffer => createHash('sha256').update(ticket).digest();
