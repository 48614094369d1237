/**
 * Our own copy of people and readers, as the CMS tells them. Roles and status are asked here, never of a token, so that
 * taking one away works at once.
 */

import type { Transaction } from 'kysely';
import type { DirectoryPerson, DirectoryReader, PersonSeen, Role } from '../../contract/directory.ts';
import type { Clock } from '../clock.ts';
import type { Database, Tables } from '../database.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Bus } from '../sockets/bus.ts';

/** The topic on which every node hears of a change, after it was committed. */
export const PERSON_TOPIC = 'person';

/** What is said there. */
export interface PersonChanged {
  person_id: string;
  role: Role;
  status: 'active' | 'suspended';
}

/** A person of the directory, with the time zone of their reader's page where they have one. */
export interface KnownPerson {
  person_id: string;
  role: Role;
  status: 'active' | 'suspended';
  display_name: string;
  time_zone: string | null;
}

/** Kept, or older than what is kept already; or two documents claim the same person. */
export type PutResult =
  | { ok: true; changed: boolean }
  | { ok: false; code: 'subject_taken' | 'person_taken' };

export interface Directory {
  /** Keeps a person unless a newer version is kept; with the person, their accounts in the ledger. */
  putPerson(person: DirectoryPerson): Promise<PutResult>;
  /** Keeps a reader unless a newer version is kept. */
  putReader(reader: DirectoryReader): Promise<PutResult>;
  /** The person of an issuer's subject; one that is not known yet is asked of the CMS. Throws `CmsUnreachable`. */
  find(seen: PersonSeen): Promise<KnownPerson>;
}

export interface DirectoryParts {
  db: Database;
  clock: Clock;
  ledger: Ledger;
  bus: Pick<Bus, 'publish'>;
  /** Asks the CMS for a person, who is made there when new. */
  askCms: (seen: PersonSeen) => Promise<DirectoryPerson>;
  /** Told when a change could not be passed on; whoever depends on it also sweeps. */
  failed: (error: unknown) => void;
}

const UNIQUE_VIOLATION = '23505';

export function createDirectory({ db, clock, ledger, bus, askCms, failed }: DirectoryParts): Directory {
  /** Questions under way: the first requests of one person share one. */
  const asking = new Map<string, Promise<void>>();

  async function writePerson(tx: Transaction<Tables>, person: DirectoryPerson): Promise<boolean> {
    const written = await tx
      .insertInto('people')
      .values({ ...person, updated_at: new Date(clock.now()) })
      .onConflict((conflict) =>
        conflict
          .column('person_id')
          .doUpdateSet((row) => ({
            version: row.ref('excluded.version'),
            issuer: row.ref('excluded.issuer'),
            subject: row.ref('excluded.subject'),
            email: row.ref('excluded.email'),
            email_verified: row.ref('excluded.email_verified'),
            display_name: row.ref('excluded.display_name'),
            role: row.ref('excluded.role'),
            status: row.ref('excluded.status'),
            updated_at: row.ref('excluded.updated_at'),
          }))
          .whereRef('people.version', '<', 'excluded.version'),
      )
      .returning('person_id')
      .executeTakeFirst();
    if (!written) return false;
    const books = ledger.within(tx);
    await books.open(`wallet:${person.person_id}`);
    if (person.role === 'reader') await books.open(`earnings:${person.person_id}`);
    return true;
  }

  async function putPerson(person: DirectoryPerson): Promise<PutResult> {
    const result = await refuseTaken('subject_taken', () =>
      db.transaction().execute((tx) => writePerson(tx, person)),
    );
    if (result.ok && result.changed) {
      const { person_id, role, status } = person;
      const message: PersonChanged = { person_id, role, status };
      // Not waited for: a bus that is away must not keep the CMS waiting, and this process has heard already.
      bus.publish(PERSON_TOPIC, message).catch(failed);
    }
    return result;
  }

  async function lookUp({ issuer, subject }: PersonSeen): Promise<KnownPerson | undefined> {
    return db
      .selectFrom('people')
      .leftJoin('readers', 'readers.person_id', 'people.person_id')
      .select([
        'people.person_id',
        'people.role',
        'people.status',
        'people.display_name',
        'readers.time_zone',
      ])
      .where('issuer', '=', issuer)
      .where('subject', '=', subject)
      .executeTakeFirst();
  }

  return {
    putPerson,

    putReader: ({ rates, ...reader }) =>
      refuseTaken('person_taken', async () => {
        const written = await db
          .insertInto('readers')
          .values({ ...reader, ...rates, updated_at: new Date(clock.now()) })
          .onConflict((conflict) =>
            conflict
              .column('reader_id')
              .doUpdateSet((row) => ({
                version: row.ref('excluded.version'),
                person_id: row.ref('excluded.person_id'),
                slug: row.ref('excluded.slug'),
                name: row.ref('excluded.name'),
                published: row.ref('excluded.published'),
                time_zone: row.ref('excluded.time_zone'),
                video_cents: row.ref('excluded.video_cents'),
                voice_cents: row.ref('excluded.voice_cents'),
                chat_cents: row.ref('excluded.chat_cents'),
                updated_at: row.ref('excluded.updated_at'),
              }))
              .whereRef('readers.version', '<', 'excluded.version'),
          )
          .returning('reader_id')
          .executeTakeFirst();
        return written !== undefined;
      }),

    async find(seen) {
      const known = await lookUp(seen);
      if (known) return known;
      const key = JSON.stringify([seen.issuer, seen.subject]);
      let question = asking.get(key);
      if (!question) {
        question = askCms(seen)
          .then(async (person) => {
            if (person.issuer !== seen.issuer || person.subject !== seen.subject)
              throw new CmsUnreachable('the CMS answered with another person');
            await putPerson(person);
          })
          .finally(() => asking.delete(key));
        asking.set(key, question);
      }
      await question;
      const made = await lookUp(seen);
      if (!made) throw new CmsUnreachable('the CMS told of a person whose id is another’s here');
      return made;
    },
  };
}

/** The CMS can't tell us who somebody is. */
export class CmsUnreachable extends Error {
  override name = 'CmsUnreachable';
}

/**
 * Says so when another has what is to be unique. The first two versions of one person may meet in that index too, before
 * either sees the other's row as the one to replace; so it is tried once more, when the row is there.
 */
async function refuseTaken(
  code: 'subject_taken' | 'person_taken',
  write: () => Promise<boolean>,
): Promise<PutResult> {
  const attempt = async (): Promise<PutResult> => {
    try {
      return { ok: true, changed: await write() };
    } catch (error) {
      if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) return { ok: false, code };
      throw error;
    }
  };
  const result = await attempt();
  return result.ok ? result : attempt();
}
