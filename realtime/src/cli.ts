/** The `soulseer` command: what an operator does by hand or a release does before it starts. */

import { migrateEnvironment, readEnvironment } from './environment.ts';
import { createLog } from './log.ts';
import { migrate, readMigrations } from './migrate.ts';

const USAGE = `usage: soulseer <command>

  migrate   bring the database up to date (needs DATABASE_OWNER_URL and DATABASE_URL)
`;

const commands: Record<string, () => Promise<void>> = {
  async migrate() {
    const environment = readEnvironment(migrateEnvironment);
    const log = createLog(environment.LOG_LEVEL);
    const runningRole = decodeURIComponent(new URL(environment.DATABASE_URL).username);
    try {
      const migrations = await readMigrations();
      const applied = await migrate({ ownerUrl: environment.DATABASE_OWNER_URL, runningRole, migrations });
      log.info({ applied }, applied.length > 0 ? 'migrated' : 'nothing to migrate');
    } catch (error) {
      log.fatal({ error: error instanceof Error ? error.message : String(error) }, 'could not migrate');
      process.exitCode = 1;
    }
  },
};

const [name = '', ...more] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) && more.length === 0 ? commands[name] : undefined;
if (command) await command();
else {
  process.stderr.write(USAGE);
  process.exitCode = 64;
}
