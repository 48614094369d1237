import { randomUUID } from 'node:crypto';
import type { Payload } from 'payload';
import { type DirectoryPerson, directoryPerson, type PersonSeen } from 'realtime/contract';
import { type Db, databaseOf, inTransaction, rowsOf, sql } from '../database/sql.ts';
import { NEWEST_STAYS, PRIORITY, wakeSenders } from './outbox.ts';

/** Shown until the person or their issuer says a name. */
export const NAME_UNKNOWN = 'New here';

type Row = Omit<DirectoryPerson, 'version'> & { id: number; version: string | number };

const COLUMNS = sql.raw(
  'id, person_id, version, issuer, subject, email, coalesce(email_verified, false) as email_verified, display_name, role, status',
);

/**
 * The person of an issuer's subject, made when new, however many ask at once. What is given completes what is missing, and a
 * verified email address replaces the present one; role and status are never touched.
 */
export async function seePerson(payload: Payload, seen: PersonSeen): Promise<DirectoryPerson> {
  const known = await find(databaseOf(payload), seen);
  if (known && !hasNews(known, seen)) return tidy(known);
  return inTransaction(payload, async (db) => {
    const [made] = await rowsOf<{ id: number }>(
      db,
      sql`insert into people (person_id, issuer, subject, email, email_verified, display_name, role, status, version)
          values (${randomUUID()}, ${seen.issuer}, ${seen.subject}, ${seen.email ?? null},
                  ${seen.email !== undefined && seen.email_verified === true}, ${seen.display_name ?? NAME_UNKNOWN},
                  'client', 'active', 1)
          on conflict (issuer, subject) do nothing
          returning id`,
    );
    if (made) return one(await tellPeople(db, [made.id]));
    // Somebody else made it, or it was there: under its lock, since another may bring news as well.
    const present = await find(db, seen, true);
    if (!present) throw new Error('a person that was there is gone');
    if (!hasNews(present, seen)) return tidy(present);
    const { email, email_verified, display_name } = withNews(present, seen);
    await db.execute(sql`
      update people set email = ${email}, email_verified = ${email_verified}, display_name = ${display_name}, updated_at = now()
      where id = ${present.id}`);
    return one(await tellPeople(db, [present.id]));
  });
}

/**
 * Gives people a new version and tells everybody of their state. It locks their rows, so that versions of one person follow
 * its changes; call it in the transaction of the change.
 */
export async function tellPeople(
  db: Db,
  ids: readonly number[],
  priority: number = PRIORITY.change,
): Promise<DirectoryPerson[]> {
  if (ids.length === 0) return [];
  const rows = await rowsOf<Row>(
    db,
    sql`with locked as (
          select id from people where id in (${sql.join([...ids], sql`, `)}) order by id for update
        ), told as (
          update people set version = nextval('outbox_number') from locked where people.id = locked.id
          returning people.*
        ), sent as (
          insert into outbox (destination, kind, key, number, payload, priority)
          select destination, 'person', person_id, version,
                 jsonb_build_object('person_id', person_id, 'version', version, 'issuer', issuer, 'subject', subject,
                   'email', email, 'email_verified', coalesce(email_verified, false), 'display_name', display_name,
                   'role', role, 'status', status),
                 ${priority}
          from told cross join unnest(array['realtime', 'commerce', 'site']) as destination
          order by person_id, destination
          ${NEWEST_STAYS}
        )
        select ${COLUMNS} from told order by id`,
  );
  await wakeSenders(db);
  return rows.map(tidy);
}

async function find(db: Db, { issuer, subject }: PersonSeen, locked = false): Promise<Row | undefined> {
  const [row] = await rowsOf<Row>(
    db,
    sql`select ${COLUMNS} from people where issuer = ${issuer} and subject = ${subject}
        ${locked ? sql`for update` : sql``}`,
  );
  return row;
}

type Told = Pick<DirectoryPerson, 'email' | 'email_verified' | 'display_name'>;

/** What of a person is told anew. An address that nobody verified replaces none. */
export function withNews(present: Told, seen: PersonSeen): Told {
  const verified = seen.email !== undefined && seen.email_verified === true;
  const takesEmail = seen.email !== undefined && (present.email === null || verified);
  return {
    email: takesEmail ? (seen.email as string) : present.email,
    email_verified: takesEmail ? verified : present.email_verified,
    display_name:
      present.display_name === NAME_UNKNOWN && seen.display_name ? seen.display_name : present.display_name,
  };
}

function hasNews(present: Told, seen: PersonSeen): boolean {
  const next = withNews(present, seen);
  return (
    next.email !== present.email ||
    next.email_verified !== present.email_verified ||
    next.display_name !== present.display_name
  );
}

function tidy(row: Row): DirectoryPerson {
  return directoryPerson.parse({ ...row, version: Number(row.version) });
}

function one<T>(list: T[]): T {
  const [first] = list;
  if (first === undefined) throw new Error('the database answered nothing');
  return first;
}
