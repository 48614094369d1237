import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DatabasePlan, platformPlan, provision } from '../src/postgres/provision.ts';
import { adminUrl, databaseUrl, query, randomName } from './support/database.ts';

// The real plan under names of our own, since other tests share the cluster.
const prefix = randomName('provision');
const passwords = {
  CMS_DB_PASSWORD: `it's "odd"`,
  COMMERCE_DB_PASSWORD: 'commerce-secret',
  REALTIME_OWNER_DB_PASSWORD: 'owner-secret',
  REALTIME_DB_PASSWORD: 'realtime-secret',
  SITE_DB_PASSWORD: 'site-secret',
  SANDBOX_DB_PASSWORD: 'sandbox-secret',
};
const named = (login: { role: string; password: string }) => ({ ...login, role: `${prefix}_${login.role}` });
const plans: DatabasePlan[] = platformPlan({
  ...passwords,
  ADMIN_DATABASE_URL: adminUrl(),
  SOULSEER_ENV: 'development',
  LOG_LEVEL: 'silent',
}).map(({ name, owner, guest }) => ({
  name: `${prefix}_${name}`,
  owner: named(owner),
  ...(guest ? { guest: named(guest) } : {}),
}));

function as(role: string, database: string, password: string): string {
  return databaseUrl(`${prefix}_${database}`, {
    name: `${prefix}_${role}`,
    password: encodeURIComponent(password),
  });
}

beforeAll(async () => {
  // Twice, one after the other and two at once: it must be safe to repeat.
  await provision(adminUrl(), plans);
  await Promise.all([provision(adminUrl(), plans), provision(adminUrl(), plans)]);
});

afterAll(async () => {
  for (const { name } of plans) await query(adminUrl(), `DROP DATABASE IF EXISTS ${name}`);
  for (const { owner, guest } of plans) {
    await query(adminUrl(), `DROP ROLE IF EXISTS ${owner.role}`);
    if (guest) await query(adminUrl(), `DROP ROLE IF EXISTS ${guest.role}`);
  }
});

describe('provisioning', () => {
  it('lets each owner make tables in its own database', async () => {
    for (const [role, password] of [
      ['cms', passwords.CMS_DB_PASSWORD],
      ['commerce', passwords.COMMERCE_DB_PASSWORD],
      ['site', passwords.SITE_DB_PASSWORD],
      ['sandbox', passwords.SANDBOX_DB_PASSWORD],
    ] as const) {
      await query(as(role, role, password), 'CREATE TABLE mine (value int)');
    }
    await query(
      as('realtime_owner', 'realtime', passwords.REALTIME_OWNER_DB_PASSWORD),
      'CREATE TABLE mine (value int)',
    );
  });

  it('shuts every role out of the others’ databases', async () => {
    const roles = [
      ['cms', 'cms', passwords.CMS_DB_PASSWORD],
      ['commerce', 'commerce', passwords.COMMERCE_DB_PASSWORD],
      ['realtime', 'realtime', passwords.REALTIME_DB_PASSWORD],
      ['realtime_owner', 'realtime', passwords.REALTIME_OWNER_DB_PASSWORD],
      ['site', 'site', passwords.SITE_DB_PASSWORD],
      ['sandbox', 'sandbox', passwords.SANDBOX_DB_PASSWORD],
    ] as const;
    for (const [role, own, password] of roles) {
      for (const other of ['cms', 'commerce', 'realtime', 'site', 'sandbox'].filter((name) => name !== own)) {
        await expect(query(as(role, other, password), 'SELECT 1'), `${role} in ${other}`).rejects.toThrow(
          /permission denied for database/,
        );
      }
    }
  });

  it('refuses a wrong password', async () => {
    await expect(query(as('cms', 'cms', 'wrong'), 'SELECT 1')).rejects.toThrow(
      /password authentication failed/,
    );
  });

  it('lets the role that runs realtime connect, and make, read or take nothing', async () => {
    const url = as('realtime', 'realtime', passwords.REALTIME_DB_PASSWORD);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await expect(query(url, 'CREATE TABLE mine_too (value int)')).rejects.toThrow(
      /permission denied for schema public/,
    );
    await expect(query(url, 'CREATE SCHEMA other')).rejects.toThrow(/permission denied for database/);
    await expect(query(url, 'CREATE TEMPORARY TABLE passing (value int)')).rejects.toThrow(
      /permission denied/,
    );
    await expect(query(url, 'SELECT * FROM mine')).rejects.toThrow(/permission denied for table mine/);
    await expect(query(url, 'DROP TABLE mine')).rejects.toThrow(/must be owner of table mine/);
    await expect(query(url, `SET ROLE ${prefix}_realtime_owner`)).rejects.toThrow(
      /permission denied to set role/,
    );
  });

  it('makes no role that could make roles or databases', async () => {
    const rows = await query<{ risky: boolean }>(
      adminUrl(),
      'SELECT (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls) AS risky FROM pg_roles WHERE rolname LIKE $1',
      [`${prefix}%`],
    );
    expect(rows).toHaveLength(6);
    expect(rows.every(({ risky }) => !risky)).toBe(true);
  });
});
