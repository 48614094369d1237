/** `pnpm --filter cms migrate`: brings the database to this version's schema. Safe to run twice, also at the same time. */
import { getPayload } from 'payload';
import { createConfig } from '../config.ts';
import { environmentOrExit } from '../environment.ts';
import { migrate } from './migrate.ts';

const payload = await getPayload({ config: createConfig(environmentOrExit()), disableOnInit: true });
const applied = await migrate(payload);
payload.logger.info({ applied }, applied.length > 0 ? 'migrated' : 'the database is up to date');
await payload.destroy();
process.exit(0);
