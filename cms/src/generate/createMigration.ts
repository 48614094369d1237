import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { getPayload } from 'payload';
import { createConfig } from '../config.ts';
import { UNUSED_ENVIRONMENT } from '../environment.ts';

/**
 * Writes a migration; asks on the terminal where a rename can't be told from a removal. Without a change it ends the
 * process and writes nothing.
 */
export async function createMigration(name: string): Promise<void> {
  const payload = await getPayload({
    config: createConfig(UNUSED_ENVIRONMENT),
    disableDBConnect: true,
    disableOnInit: true,
  });
  const folder = payload.db.migrationDir;
  await payload.db.createMigration({ migrationName: name, payload, skipEmpty: true });
  // The runner reads the folder, so Payload's index is only one more thing to keep in step.
  await rm(path.join(folder, 'index.ts'), { force: true });
  for (const file of await readdir(folder)) {
    if (file.endsWith(`_${name}.ts`)) await writeTypeImports(path.join(folder, file));
  }
}

/** Payload's template imports types as values, which only a bundler forgives; Node runs these files as they are. */
async function writeTypeImports(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  await writeFile(
    file,
    text
      .replace('{ MigrateUpArgs, MigrateDownArgs, sql }', '{ type MigrateDownArgs, type MigrateUpArgs, sql }')
      .replaceAll('{ db, payload, req }', '{ db }'),
  );
}
