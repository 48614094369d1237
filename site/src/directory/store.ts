import type { DirectoryPerson, DirectoryReader } from 'realtime/contract';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/database.ts';

/** Whatever runs a statement: a pool, or one connection in a transaction. */
type Queryable = Pick<Database, 'query'>;

/** Keeps a person unless a newer version is kept already, and gives what is kept. The row stays locked until the end of the transaction. */
export async function rememberPerson(
  client: Queryable,
  { person_id, version, display_name, role, status }: DirectoryPerson,
): Promise<Pick<DirectoryPerson, 'role' | 'status'>> {
  await client.query(
    `INSERT INTO people (person_id, version, display_name, role, status) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (person_id) DO UPDATE SET version = excluded.version, display_name = excluded.display_name,
       role = excluded.role, status = excluded.status, updated_at = now()
     WHERE people.version < excluded.version`,
    [person_id, version, display_name, role, status],
  );
  const { rows } = await client.query<Pick<DirectoryPerson, 'role' | 'status'>>(
    'SELECT role, status FROM people WHERE person_id = $1',
    [person_id],
  );
  const kept = rows[0];
  if (!kept) throw new Error(`person ${person_id} was not kept`);
  return kept;
}

export interface Directory {
  /** Takes a person as the CMS tells it: an older version than the one kept is ignored. A suspension ends their sessions. */
  person(person: DirectoryPerson): Promise<void>;
  /** Likewise a reader; whoever has read something of the CMS forgets it, on every node. */
  reader(reader: DirectoryReader): Promise<void>;
  /** Whoever has read something of the CMS forgets it, on every node. */
  contentChanged(): Promise<void>;
  /** The address of a reader's own page, when it is published. */
  readerSlug(personId: string): Promise<string | null>;
}

/** The channel on which nodes tell each other that something in the directory has changed. */
export const directoryChannel = 'site_directory';

/** People and readers as the CMS tells them, in the site's own database. */
export function createDirectory(db: Database): Directory {
  return {
    person: (person) =>
      inTransaction(db, async (client) => {
        const kept = await rememberPerson(client, person);
        if (kept.status !== 'suspended') return;
        // The tokens go at once. The row stays for a day, so that whoever comes with it is told why.
        await client.query(
          'UPDATE sessions SET payload = NULL, seen_at = now() WHERE person_id = $1 AND payload IS NOT NULL',
          [person.person_id],
        );
      }),

    async reader({ reader_id, version, person_id, slug, published }) {
      await inTransaction(db, async (client) => {
        await client.query(
          `INSERT INTO readers (reader_id, version, person_id, slug, published) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (reader_id) DO UPDATE SET version = excluded.version, person_id = excluded.person_id,
             slug = excluded.slug, published = excluded.published, updated_at = now()
           WHERE readers.version < excluded.version`,
          [reader_id, version, person_id, slug, published],
        );
        await client.query(`SELECT pg_notify('${directoryChannel}', 'reader')`);
      });
    },

    async contentChanged() {
      await db.query(`SELECT pg_notify('${directoryChannel}', 'content')`);
    },

    async readerSlug(personId) {
      const { rows } = await db.query<{ slug: string }>(
        'SELECT slug FROM readers WHERE person_id = $1 AND published ORDER BY updated_at DESC LIMIT 1',
        [personId],
      );
      return rows[0]?.slug ?? null;
    },
  };
}
