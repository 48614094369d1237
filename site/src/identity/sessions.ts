import { createHash, randomBytes } from 'node:crypto';
import type { DirectoryPerson, Role } from 'realtime/contract';
import { type Database, inTransaction } from '../database/database.ts';
import { rememberPerson } from '../directory/store.ts';
import type { Seal } from './seal.ts';

/** Ended when nobody has come with it for so long … */
const idle = `interval '7 days'`;
/** … or so long after it began, whatever happens. Seconds, as the cookie is told. */
export const sessionSeconds = 30 * 24 * 60 * 60;
/** How long it is known why a session ended. */
const remembered = `interval '1 day'`;

/** What the issuer gave. Never leaves the server. */
export interface Tokens {
  access_token: string;
  /** Milliseconds since 1970. */
  issued_at_ms: number;
  expires_at_ms: number;
  refresh_token: string | null;
  id_token: string | null;
}

export interface Person {
  person_id: string;
  display_name: string;
  role: Role;
}

/** A browser that is signed in. */
export interface Session {
  id_hash: Buffer;
  person: Person;
}

/** Who a request comes from. `unknown`: there is a cookie, and the database can't be asked. */
export type Visitor =
  | { state: 'nobody' }
  | { state: 'unknown' }
  | { state: 'suspended' }
  | ({ state: 'somebody' } & Session);

export interface Sessions {
  /** A session with an id that has never been used, or nothing when the person is suspended. The id goes to the browser only. */
  begin(person: DirectoryPerson, tokens: Tokens): Promise<string | null>;
  /** Whose session it is, by the copy of the directory that is kept here. */
  find(id: string): Promise<Visitor>;
  /** Ends one session and gives the tokens that were in it. */
  end(idHash: Buffer): Promise<Tokens | null>;
  tokens(idHash: Buffer): Promise<Tokens | null>;
  /**
   * Changes the tokens of a session while no other node can: `change` gets what is there now, and gives what is to be
   * kept, `end` to end the session, or `keep` to leave it. Gives what is there afterwards, or nothing.
   */
  exchange(idHash: Buffer, change: (now: Tokens) => Promise<Tokens | 'keep' | 'end'>): Promise<Tokens | null>;
  /** Deletes what has ended. */
  sweep(): Promise<void>;
}

const wellFormed = /^[A-Za-z0-9_-]{43}$/;
const hashOf = (id: string): Buffer => createHash('sha256').update(id).digest();

/** Browser sessions in Postgres: read on every request, so that an end is an end on every node. */
export function createSessions({ db, seal }: { db: Database; seal: Seal }): Sessions {
  const purpose = (idHash: Buffer) => `session ${idHash.toString('hex')}`;
  const close = (tokens: Tokens, idHash: Buffer) => seal.close(tokens, purpose(idHash));
  const open = (payload: Buffer | null | undefined, idHash: Buffer) =>
    payload ? ((seal.open(payload, purpose(idHash)) as Tokens | undefined) ?? null) : null;

  return {
    begin(person, tokens) {
      const id = randomBytes(32).toString('base64url');
      const idHash = hashOf(id);
      return inTransaction(db, async (client) => {
        // Locks the person's row: a suspension that comes at the same time is before or after, never beside.
        const kept = await rememberPerson(client, person);
        if (kept.status !== 'active') return null;
        await client.query(
          `INSERT INTO sessions (id_hash, person_id, payload, expires_at)
           VALUES ($1, $2, $3, now() + make_interval(secs => $4))`,
          [idHash, person.person_id, close(tokens, idHash), sessionSeconds],
        );
        return id;
      });
    },

    async find(id) {
      if (!wellFormed.test(id)) return { state: 'nobody' };
      const idHash = hashOf(id);
      const { rows } = await db.query<Person & { suspended: boolean; stale: boolean }>(
        `SELECT s.person_id, p.display_name, p.role, s.payload IS NULL OR p.status = 'suspended' AS suspended,
                s.seen_at < now() - interval '1 minute' AS stale
         FROM sessions s JOIN people p USING (person_id)
         WHERE s.id_hash = $1 AND s.expires_at > now() AND s.seen_at > now() - ${idle}`,
        [idHash],
      );
      const row = rows[0];
      if (!row) return { state: 'nobody' };
      if (row.suspended) return { state: 'suspended' };
      if (row.stale) {
        // Not while somebody refreshes its tokens: it will be seen again.
        await db.query(
          `UPDATE sessions SET seen_at = now()
           WHERE id_hash = (SELECT id_hash FROM sessions WHERE id_hash = $1 FOR UPDATE SKIP LOCKED)`,
          [idHash],
        );
      }
      const { person_id, display_name, role } = row;
      return { state: 'somebody', id_hash: idHash, person: { person_id, display_name, role } };
    },

    async end(idHash) {
      const { rows } = await db.query<{ payload: Buffer | null }>(
        'DELETE FROM sessions WHERE id_hash = $1 RETURNING payload',
        [idHash],
      );
      return open(rows[0]?.payload, idHash);
    },

    async tokens(idHash) {
      const { rows } = await db.query<{ payload: Buffer | null }>(
        'SELECT payload FROM sessions WHERE id_hash = $1 AND expires_at > now()',
        [idHash],
      );
      return open(rows[0]?.payload, idHash);
    },

    exchange: (idHash, change) =>
      inTransaction(db, async (client) => {
        const { rows } = await client.query<{ payload: Buffer | null }>(
          'SELECT payload FROM sessions WHERE id_hash = $1 AND expires_at > now() FOR UPDATE',
          [idHash],
        );
        const now = open(rows[0]?.payload, idHash);
        if (!now) return null;
        const next = await change(now);
        if (next === 'keep') return now;
        if (next === 'end') {
          await client.query('DELETE FROM sessions WHERE id_hash = $1', [idHash]);
          return null;
        }
        await client.query('UPDATE sessions SET payload = $2, seen_at = now() WHERE id_hash = $1', [
          idHash,
          close(next, idHash),
        ]);
        return next;
      }),

    async sweep() {
      await db.query(
        `DELETE FROM sessions WHERE expires_at < now() OR seen_at < now() - ${idle}
           OR (payload IS NULL AND seen_at < now() - ${remembered})`,
      );
    },
  };
}
