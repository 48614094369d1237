/** A process of its own that sends what stands in the outbox, as the CMS does: the tests kill it. */
import { getPayload } from 'payload';
import { createConfig } from '../../src/config.ts';
import { startSender } from '../../src/directory/sender.ts';
import { readEnvironment } from '../../src/environment.ts';
import { createLogger } from '../../src/logger.ts';

const environment = readEnvironment(process.env);
const payload = await getPayload({ config: createConfig(environment) });
startSender({ payload, environment, logger: createLogger('silent') });
