import { createConfig } from './config.ts';
import { environmentOrExit, UNUSED_ENVIRONMENT } from './environment.ts';

// Next loads this file while building too, when there is no environment and no address is used.
const building = process.env.NEXT_PHASE === 'phase-production-build';

export default createConfig(building ? UNUSED_ENVIRONMENT : environmentOrExit());
