import type { ClientBase } from 'pg';

/**
 * Fingerprints of work that is done, kept in the database that it was done to, so that doing it again can be skipped
 * without loading Medusa, which takes many seconds.
 */
export type StampName = 'migrate' | 'seed';

/** Makes the table of stamps if there is none. */
export async function createStamps(client: ClientBase): Promise<void> {
  await client.query(`create table if not exists commerce_stamp (
    name text primary key,
    fingerprint text not null,
    result jsonb not null default '{}',
    stamped_at timestamptz not null default now()
  )`);
}

/** What was stored with the stamp if its fingerprint is still this one, else undefined. */
export async function readStamp(client: ClientBase, name: StampName, fingerprint: string): Promise<unknown> {
  const known = await client.query<{ found: boolean }>(
    `select to_regclass('commerce_stamp') is not null as found`,
  );
  if (!known.rows[0]?.found) return undefined;
  const { rows } = await client.query<{ result: unknown }>(
    'select result from commerce_stamp where name = $1 and fingerprint = $2',
    [name, fingerprint],
  );
  return rows[0]?.result;
}

/** Remembers that the work is done for this fingerprint. */
export async function writeStamp(
  client: ClientBase,
  name: StampName,
  fingerprint: string,
  result: object = {},
): Promise<void> {
  await client.query(
    `insert into commerce_stamp (name, fingerprint, result) values ($1, $2, $3)
     on conflict (name) do update set fingerprint = excluded.fingerprint, result = excluded.result, stamped_at = now()`,
    [name, fingerprint, JSON.stringify(result)],
  );
}
