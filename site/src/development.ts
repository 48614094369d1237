import { createCms } from './cms/cms.ts';
import { readEnvironment } from './server/environment.ts';
import { createLogger } from './server/logger.ts';
import { requestId } from './server/request-id.ts';
import { createStatus } from './status.ts';

// What `main.ts` puts together, for `astro dev`, which has a server of its own. Not part of a build.
const environment = readEnvironment({ PORT: '0', ...process.env });
const log = createLogger(environment.LOG_LEVEL);
const cms = createCms({ cmsUrl: environment.CMS_URL, log });
const status = createStatus(environment);

export async function locals(request: Request): Promise<App.Locals> {
  const request_id = requestId(request.headers.get('x-request-id') ?? undefined);
  return { environment, cms, status, request_id, log: log.child({ request_id }) };
}
