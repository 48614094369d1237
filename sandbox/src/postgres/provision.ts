/** Makes each program's role and database, and shuts every other role out of it. Safe to run again at any time. */

import pg from 'pg';
import { type ProvisionEnvironment, provisionEnvironment, readEnvironment } from '../environment.ts';
import { createLog } from '../log.ts';

export interface DatabasePlan {
  name: string;
  /** Owns the database and everything in it; migrates. */
  owner: { role: string; password: string };
  /** May connect and use what the owner grants it, and nothing else. */
  guest?: { role: string; password: string };
}

/** The platform's databases. realtime has two roles, since an owner could give itself any right back. */
export function platformPlan(environment: ProvisionEnvironment): DatabasePlan[] {
  return [
    { name: 'cms', owner: { role: 'cms', password: environment.CMS_DB_PASSWORD } },
    { name: 'commerce', owner: { role: 'commerce', password: environment.COMMERCE_DB_PASSWORD } },
    {
      name: 'realtime',
      owner: { role: 'realtime_owner', password: environment.REALTIME_OWNER_DB_PASSWORD },
      guest: { role: 'realtime', password: environment.REALTIME_DB_PASSWORD },
    },
    { name: 'site', owner: { role: 'site', password: environment.SITE_DB_PASSWORD } },
    { name: 'sandbox', owner: { role: 'sandbox', password: environment.SANDBOX_DB_PASSWORD } },
  ];
}

/** Brings the cluster at `adminUrl` (a superuser's address) to `plans`; passwords are set anew each time. */
export async function provision(adminUrl: string, plans: DatabasePlan[]): Promise<void> {
  await withClient(adminUrl, async (admin) => {
    // Two runs at once wait for each other; and a failed statement with a password in it stays out of the server's log.
    await admin.query(`SELECT pg_advisory_lock(hashtext('soulseer.provision'))`);
    await admin.query('SET log_min_error_statement = panic');
    for (const plan of plans) {
      for (const login of [plan.owner, plan.guest]) {
        if (login) await ensureRole(admin, login.role, login.password);
      }
      await ensureDatabase(admin, plan);
      await withClient(addressOf(adminUrl, plan.name), (client) => closeSchema(client, plan));
    }
    await admin.query('REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC');
  });
}

async function ensureRole(admin: pg.Client, role: string, password: string): Promise<void> {
  const { rowCount } = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  const verb = rowCount ? 'ALTER' : 'CREATE';
  await admin.query(
    `${verb} ROLE ${pg.escapeIdentifier(role)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${pg.escapeLiteral(password)}`,
  );
}

async function ensureDatabase(admin: pg.Client, { name, owner, guest }: DatabasePlan): Promise<void> {
  const database = pg.escapeIdentifier(name);
  const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  if (!rowCount) await admin.query(`CREATE DATABASE ${database} OWNER ${pg.escapeIdentifier(owner.role)}`);
  await admin.query(`ALTER DATABASE ${database} OWNER TO ${pg.escapeIdentifier(owner.role)}`);
  await admin.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  if (guest) {
    await admin.query(`REVOKE ALL ON DATABASE ${database} FROM ${pg.escapeIdentifier(guest.role)}`);
    await admin.query(`GRANT CONNECT ON DATABASE ${database} TO ${pg.escapeIdentifier(guest.role)}`);
  }
}

async function closeSchema(client: pg.Client, { guest }: DatabasePlan): Promise<void> {
  await client.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
  if (guest) await client.query(`GRANT USAGE ON SCHEMA public TO ${pg.escapeIdentifier(guest.role)}`);
}

function addressOf(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

if (import.meta.main) {
  const environment = readEnvironment('provision', provisionEnvironment);
  const log = createLog('provision', environment.LOG_LEVEL);
  const plans = platformPlan(environment);
  try {
    await provision(environment.ADMIN_DATABASE_URL, plans);
    log.info('roles and databases are in place', { databases: plans.map(({ name }) => name) });
  } catch (error) {
    log.error('could not provision', { error: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
  }
}
