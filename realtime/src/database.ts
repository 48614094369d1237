/** The connection pool, and the tables as Kysely knows them. */

import { type Generated, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';

export interface BrowserReportsTable {
  id: Generated<string>;
  received_at: Date;
  kind: string;
  page_url: string;
  subject: string | null;
  blocked_url: string | null;
  source_url: string | null;
  line_number: number | null;
  column_number: number | null;
  disposition: 'enforce' | 'report' | null;
}

export interface MigrationsTable {
  number: number;
  name: string;
  checksum: string;
  applied_at: Generated<Date>;
}

export interface PeopleTable {
  person_id: string;
  version: number;
  issuer: string;
  subject: string;
  email: string | null;
  email_verified: boolean;
  display_name: string;
  role: 'client' | 'reader' | 'admin';
  status: 'active' | 'suspended';
  updated_at: Date;
}

export interface ReadersTable {
  reader_id: string;
  version: number;
  person_id: string | null;
  slug: string;
  name: string;
  published: boolean;
  time_zone: string;
  video_cents: number | null;
  voice_cents: number | null;
  chat_cents: number | null;
  updated_at: Date;
}

export interface ServiceNoncesTable {
  nonce: string;
  seen_at: Date;
}

export interface AuditLogTable {
  id: Generated<string>;
  event_id: string;
  source: 'realtime' | 'cms' | 'commerce' | 'site';
  happened_at: Date;
  recorded_at: Date;
  actor_person_id: string | null;
  action: string;
  subject: string | null;
  outcome: 'done' | 'refused' | 'failed';
  reason: string | null;
  address: string | null;
  details: unknown;
}

export interface MailsTable {
  id: Generated<string>;
  key: string;
  to_person_id: string;
  template: string;
  contents: unknown;
  queued_at: Date;
  next_attempt_at: Date;
  attempts: Generated<number>;
  last_error: string | null;
  sent_at: Date | null;
  given_up_at: Date | null;
}

export interface Tables {
  mails: MailsTable;
  audit_log: AuditLogTable;
  browser_reports: BrowserReportsTable;
  people: PeopleTable;
  readers: ReadersTable;
  service_nonces: ServiceNoncesTable;
  schema_migrations: MigrationsTable;
}

export type Database = Kysely<Tables>;

/**
 * Opens a pool on `url`. It connects when first asked, and again after the server was away. A `patient` one waits for
 * long statements, and for its turn: an operator's command, not a request.
 */
export function openDatabase(url: string, log: Logger, { patient = false } = {}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'realtime',
    max: 20,
    // A server that has gone silent must not hold a request for ever.
    ...(patient
      ? { connectionTimeoutMillis: 60_000 }
      : {
          connectionTimeoutMillis: 3_000,
          query_timeout: 10_000,
          statement_timeout: 10_000,
          idle_in_transaction_session_timeout: 10_000,
        }),
  });
  const lost = (error: Error) => log.warn({ error: error.message }, 'a database connection was lost');
  pool.on('error', lost);
  // One that breaks while it is lent out says so itself; unheard, that would end the process.
  pool.on('connect', (client) => client.on('error', lost));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}
