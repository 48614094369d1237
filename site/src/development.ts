import { readEnvironment } from './server/environment.ts';
import { createLogger, toStdout } from './server/logger.ts';
import { requestId } from './server/request-id.ts';
import { createServices } from './services.ts';

// What `main.ts` puts together, for `astro dev`, which has a server of its own. Not part of a build.
const environment = readEnvironment({ PORT: '0', ...process.env });
const log = createLogger(environment.LOG_LEVEL, toStdout());
const { forPages } = createServices(environment, log);

export async function locals(request: Request): Promise<App.Locals> {
  const request_id = requestId(request.headers.get('x-request-id') ?? undefined);
  const { pathname, search } = new URL(request.url);
  return {
    ...forPages,
    adult: forPages.age.isAdult(request.headers.get('cookie') ?? undefined),
    visitor: await forPages.identity.visitor(request.headers.get('cookie') ?? undefined),
    address: '127.0.0.1',
    target: `${pathname}${search}`,
    request_id,
    log: log.child({ request_id }),
  };
}
