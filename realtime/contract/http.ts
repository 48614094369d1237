/** What goes over HTTP between realtime and those that call it. Times are milliseconds since 1970 unless named otherwise. */

import { z } from 'zod';

/** RFC 9457. `code` is stable: programs decide by it, people read `title` and `detail`. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'An error, as RFC 9457 has it' });
export type Problem = z.infer<typeof problem>;

export const health = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });
export type Health = z.infer<typeof health>;

export const readiness = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    checks: z.record(z.string(), z.string()).describe('`ok`, or why not, for each thing that is needed'),
  })
  .meta({ id: 'Readiness' });
export type Readiness = z.infer<typeof readiness>;

/** A query value is text: empty is as good as absent, and only plain digits are an integer. */
export const queryInteger = z.preprocess(
  (value) =>
    typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value === '' ? undefined : value,
  z.int(),
);

export const timeQuery = z.object({
  client_time_ms: queryInteger.describe('the caller’s own clock when it asked'),
});

export const time = z
  .object({
    server_time_ms: z.int().describe('the server’s clock when it answered'),
    client_time_ms: z.int().describe('as it was sent, so that the caller can tell its answers apart'),
  })
  .meta({ id: 'Time' });
export type Time = z.infer<typeof time>;

/** Most reports that one call may hold; browsers send them in handfuls. */
export const MOST_REPORTS = 20;

const url = z.string().max(8_192);
const place = z.int().min(0).max(2_147_483_647).nullish();

/** The older form, one report a call, as `report-uri` has browsers send it (application/csp-report). */
export const cspReport = z
  .object({
    'csp-report': z.looseObject({
      'document-uri': url,
      'effective-directive': z.string().max(1_024).optional(),
      'violated-directive': z.string().max(1_024).optional(),
      'blocked-uri': url.optional(),
      'source-file': url.nullish(),
      'line-number': place,
      'column-number': place,
      disposition: z.enum(['enforce', 'report']).optional(),
    }),
  })
  .meta({ id: 'CspReport' });

/** The Reporting API's form (application/reports+json). What a kind of report has beyond this is let go of. */
export const report = z
  .looseObject({
    type: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be a kind of report'),
    url,
    body: z
      .looseObject({
        effectiveDirective: z.string().max(1_024).optional(),
        id: z.string().max(1_024).optional(),
        reason: z.string().max(1_024).optional(),
        featureId: z.string().max(1_024).optional(),
        policyId: z.string().max(1_024).optional(),
        blockedURL: url.nullish(),
        sourceFile: url.nullish(),
        lineNumber: place,
        columnNumber: place,
        disposition: z.enum(['enforce', 'report']).optional(),
      })
      .nullish(),
  })
  .meta({ id: 'BrowserReport' });

export const reports = z
  .union([z.array(report).min(1).max(MOST_REPORTS), report, cspReport])
  .meta({ id: 'BrowserReports', description: `At most ${MOST_REPORTS} reports` });
export type Report = z.infer<typeof report>;
export type CspReport = z.infer<typeof cspReport>;
export type Reports = z.infer<typeof reports>;
