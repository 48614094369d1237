/// <reference types="astro/client" />

declare namespace App {
  /** What every page is given: put together in `main.ts`, or by `development.ts` under `astro dev`. */
  interface Locals {
    environment: import('./server/environment.ts').Environment;
    cms: import('./cms/cms.ts').Cms;
    status: import('./status.ts').Status;
    request_id: string;
    log: import('./server/logger.ts').Logger;
    /** Why the request was refused, for the page that says so. */
    refusal?: import('./server/problem.ts').Problem | undefined;
    /** Which program is still starting, for the page that says so. */
    starting?: import('./status.ts').ProgramName | undefined;
  }
}
