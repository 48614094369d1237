/** `pnpm --filter cms migration <name>`: writes a migration from the last one's schema to that of the collections now. */
import { createMigration } from './createMigration.ts';

const [name] = process.argv.slice(2);
if (!name || !/^[a-z][a-z0-9_]*$/.test(name)) {
  process.stderr.write(
    'Give the migration a name in small letters: pnpm --filter cms migration add_reviews\n',
  );
  process.exit(64);
}
await createMigration(name);
process.exit(0);
