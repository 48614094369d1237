/** `pnpm --filter cms directory:resend`: tells everybody of all people and readers again, after what is new. */
import { getPayload } from 'payload';
import { createConfig } from '../config.ts';
import { resendDirectory } from '../directory/resendDirectory.ts';
import { environmentOrExit } from '../environment.ts';

const payload = await getPayload({ config: createConfig(environmentOrExit()), disableOnInit: true });
const { people, readers } = await resendDirectory(payload);
payload.logger.info({ people, readers }, 'put into the outbox; the running CMS sends it');
await payload.destroy();
process.exit(0);
