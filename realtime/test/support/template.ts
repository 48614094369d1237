/** Once a run: the two roles of realtime as they are in production, and a migrated database to copy for each test file. */

import type { TestProject } from 'vitest/node';
import { migrateJobs } from '../../src/jobs/jobs.ts';
import { migrate, readMigrations } from '../../src/migrate.ts';
import { adminUrl, databaseUrl, query, randomName } from './cluster.ts';

export interface Template {
  name: string;
  owner: string;
  runner: string;
  password: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    realtimeTemplate: Template;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const name = randomName('realtime_template');
  const template: Template = { name, owner: `${name}_owner`, runner: `${name}_runner`, password: 'test' };
  for (const role of [template.owner, template.runner]) {
    await query(adminUrl(), `CREATE ROLE ${role} LOGIN PASSWORD '${template.password}'`);
  }
  await query(adminUrl(), `CREATE DATABASE ${name} OWNER ${template.owner}`);
  await query(
    databaseUrl(name),
    `REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO ${template.runner}`,
  );
  await migrate({
    ownerUrl: databaseUrl(name, template.owner, template.password),
    runningRole: template.runner,
    migrations: await readMigrations(),
  });
  await migrateJobs({
    ownerUrl: databaseUrl(name, template.owner, template.password),
    runningRole: template.runner,
  });
  project.provide('realtimeTemplate', template);

  return async () => {
    await query(adminUrl(), `DROP DATABASE ${name}`);
    for (const role of [template.owner, template.runner]) await query(adminUrl(), `DROP ROLE ${role}`);
  };
}
