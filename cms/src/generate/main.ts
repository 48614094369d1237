/** `pnpm --filter cms generate`: rewrites what is made from the collections: payload-types.ts and the admin's import map. */
import { generateImportMap, getPayload } from 'payload';
import { generateTypes } from 'payload/node';
import { createConfig } from '../config.ts';
import { UNUSED_ENVIRONMENT } from '../environment.ts';

const config = await createConfig(UNUSED_ENVIRONMENT);
// The database adapter says what type ids have, and does so when Payload is started; it need not be connected.
await getPayload({ config, disableDBConnect: true, disableOnInit: true });
await generateTypes(config, { log: false });
await generateImportMap(config, { force: true, log: false });
process.exit(0);
