/**
 * Our own copy of people, as the CMS tells of them. Roles and status are asked here, never of a token or a session, so that
 * taking one away works at once.
 */

import type { Pool } from 'pg';
import { CmsUnreachable } from './ask-cms';
import { type DirectoryPerson, type KnownPerson, type PersonSeen, userIdOf } from './person';

/** Kept, or older than what is kept already; or another person has that issuer and subject. */
export type Kept = { ok: true } | { ok: false; code: 'subject_taken' };

export interface Directory {
  /** Keeps a person unless a newer version is kept. Whoever is no active admin has no staff session any more. */
  keep(person: DirectoryPerson): Promise<Kept>;
  /** The person with this id. */
  byId(person_id: string): Promise<KnownPerson | undefined>;
  /** The person of an issuer's subject; one that is not known yet is asked of the CMS. Throws `CmsUnreachable`. */
  find(seen: PersonSeen): Promise<KnownPerson>;
}

const UNIQUE_VIOLATION = '23505';
const KNOWN = 'select person_id, role, status, display_name from commerce_person';

export function createDirectory({
  pool,
  askCms,
}: {
  pool: Pool;
  askCms: (seen: PersonSeen) => Promise<DirectoryPerson>;
}): Directory {
  /** Questions under way: the first requests of one person share one. */
  const asking = new Map<string, Promise<KnownPerson>>();

  async function bySubject({ issuer, subject }: PersonSeen): Promise<KnownPerson | undefined> {
    const { rows } = await pool.query<KnownPerson>(`${KNOWN} where issuer = $1 and subject = $2`, [
      issuer,
      subject,
    ]);
    return rows[0];
  }

  /**
   * The first two versions of one person may meet in the index of issuer and subject, before either sees the other's row as
   * the one to replace; so what is taken is tried once more, when the row is there.
   */
  async function keep(person: DirectoryPerson): Promise<Kept> {
    const kept = await write(person);
    return kept.ok ? kept : write(person);
  }

  async function write(person: DirectoryPerson): Promise<Kept> {
    try {
      // One statement, so that no session outlives the role for a moment.
      await pool.query(
        `with kept as (
           insert into commerce_person as known
             (person_id, version, issuer, subject, email, email_verified, display_name, role, status)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (person_id) do update set version = excluded.version, issuer = excluded.issuer,
             subject = excluded.subject, email = excluded.email, email_verified = excluded.email_verified,
             display_name = excluded.display_name, role = excluded.role, status = excluded.status,
             updated_at = now()
           where known.version < excluded.version
           returning role, status
         )
         delete from http_session
         where sess #>> '{auth_context,actor_id}' = $10
           and exists (select from kept where role <> 'admin' or status <> 'active')`,
        [
          person.person_id,
          person.version,
          person.issuer,
          person.subject,
          person.email,
          person.email_verified,
          person.display_name,
          person.role,
          person.status,
          userIdOf(person.person_id),
        ],
      );
      return { ok: true };
    } catch (error) {
      if ((error as { code?: unknown }).code === UNIQUE_VIOLATION)
        return { ok: false, code: 'subject_taken' };
      throw error;
    }
  }

  async function ask(seen: PersonSeen): Promise<KnownPerson> {
    await keep(await askCms(seen));
    const made = await bySubject(seen);
    if (!made) throw new CmsUnreachable('the CMS told of a person whose id is another’s here');
    return made;
  }

  return {
    keep,
    async byId(person_id) {
      const { rows } = await pool.query<KnownPerson>(`${KNOWN} where person_id = $1`, [person_id]);
      return rows[0];
    },
    async find(seen) {
      const known = await bySubject(seen);
      if (known) return known;
      const key = JSON.stringify([seen.issuer, seen.subject]);
      const question = asking.get(key) ?? ask(seen).finally(() => asking.delete(key));
      asking.set(key, question);
      return question;
    },
  };
}
