/** The address that browsers send their reports to. */

import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { MOST_REPORTS, problem, reports } from '../../contract/http.ts';
import type { BrowserReports } from './reports.ts';

const MOST_BYTES = 64 * 1024;
/** Calls a minute from one address; a browser gathers its reports for about a minute. */
const MOST_CALLS_PER_MINUTE = 60;

export async function registerReports(app: FastifyInstance, browserReports: BrowserReports): Promise<void> {
  await app.register(async (scope) => {
    // JSON under two other names, here only.
    const parse = scope.getDefaultJsonParser('error', 'error');
    scope.addContentTypeParser(
      ['application/reports+json', 'application/csp-report'],
      { parseAs: 'string' },
      parse,
    );

    scope.withTypeProvider<ZodTypeProvider>().post(
      '/api/reports',
      {
        // So that one address can't fill the table.
        config: { access: 'anyone', limit: { name: 'reports', perMinute: MOST_CALLS_PER_MINUTE } },
        bodyLimit: MOST_BYTES,
        schema: {
          tags: ['Reports'],
          summary: 'Takes what a browser reports (Reporting API and CSP reports)',
          description: `At most ${MOST_REPORTS} reports and 64 KiB a call, ${MOST_CALLS_PER_MINUTE} calls a minute from one address. Kept for 30 days without query strings or personal data.`,
          consumes: ['application/reports+json', 'application/csp-report', 'application/json'],
          body: reports,
          response: {
            204: z.undefined().describe('Kept'),
            400: problem,
            413: problem,
            415: problem,
            429: problem,
          },
        },
      },
      async (request, reply) => {
        await browserReports.record(request.body);
        return reply.code(204).send();
      },
    );
  });
}
