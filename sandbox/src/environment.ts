/** Every name that a service of the sandbox reads from its environment, and what it is for. */

import { z } from 'zod';
import { LOG_LEVELS } from './log.ts';

/** Exit code for a wrong environment (EX_CONFIG of sysexits.h). */
export const EXIT_ENVIRONMENT = 78;

const port = z.coerce.number({ error: 'is not a number' }).int().min(1).max(65_535);
const secret = z.string().min(1);
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// address' });
const origin = z
  .url({ protocol: /^https?$/, error: 'is not an http(s) address' })
  .refine(
    (value) => URL.parse(value)?.origin === value,
    'must be an origin: no path and no slash at the end',
  );

function json<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'is not valid JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

const common = {
  // The sandbox plays the outside world on one machine; production has the real one.
  SOULSEER_ENV: z
    .literal('development', { error: 'must be development: the sandbox never runs in production' })
    .describe('which kind of place this is'),
  HOST: z.string().default('127.0.0.1').describe('address to listen on'),
  PORT: port.describe('port to listen on'),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info').describe('least level of log line that is written'),
};

export const postgresEnvironment = z.object({
  ...common,
  DATA_DIR: z.string().describe('folder of the Postgres cluster, made when absent'),
  POSTGRES_PASSWORD: secret.describe('password of the superuser `postgres`'),
});

export const provisionEnvironment = z.object({
  SOULSEER_ENV: common.SOULSEER_ENV,
  LOG_LEVEL: common.LOG_LEVEL,
  ADMIN_DATABASE_URL: postgresUrl.describe('superuser address of the cluster to provision'),
  CMS_DB_PASSWORD: secret.describe('password of the role cms'),
  COMMERCE_DB_PASSWORD: secret.describe('password of the role commerce'),
  REALTIME_OWNER_DB_PASSWORD: secret.describe('password of the role realtime_owner, which migrates'),
  REALTIME_DB_PASSWORD: secret.describe('password of the role realtime, which runs'),
  SITE_DB_PASSWORD: secret.describe('password of the role site'),
  SANDBOX_DB_PASSWORD: secret.describe('password of the role sandbox'),
});
export type ProvisionEnvironment = z.infer<typeof provisionEnvironment>;

const clientList = z
  .array(
    z.object({
      client_id: z.string().min(1),
      client_secret: z.string().min(1),
      redirect_uris: z.array(z.url()).min(1),
      post_logout_redirect_uris: z.array(z.url()).default([]),
    }),
  )
  .min(1);

export const identityEnvironment = z.object({
  ...common,
  ISSUER: origin.describe('public origin of this service, the issuer of every token'),
  DATABASE_URL: postgresUrl.describe(
    'Postgres database that keeps sessions, grants, tokens, keys and new accounts',
  ),
  AUDIENCE: z.url().describe('the one audience of every access token'),
  CLIENTS: json(clientList).describe(
    'JSON list of {client_id, client_secret, redirect_uris, post_logout_redirect_uris}',
  ),
  ACCOUNTS_FILE: z
    .string()
    .describe('JSON list of {email, display_name, role}, or the world file whose `people` is such a list'),
  DEMO_PASSWORD: secret.describe('password of every demo account'),
  ACCESS_TOKEN_SECONDS: z.coerce
    .number()
    .int()
    .min(5)
    .default(600)
    .describe('life of an access token, in seconds'),
});
export type IdentityEnvironment = z.infer<typeof identityEnvironment>;

const endpointList = z.array(
  z.object({ url: z.url(), secret: z.string().min(1), events: z.array(z.string()).optional() }),
);

export const paymentsEnvironment = z.object({
  ...common,
  ORIGIN: origin.describe('public origin of this service, in the addresses of its pages'),
  DATABASE_URL: postgresUrl.describe('Postgres database, where the schema payments is made'),
  STRIPE_SECRET_KEY: secret.describe('the secret key that the API takes'),
  WEBHOOK_ENDPOINTS: json(endpointList).describe(
    'JSON list of {url, secret, events?}: who is sent events, signed with which secret',
  ),
  RETRY_MS: z.coerce
    .number()
    .int()
    .min(10)
    .default(1_000)
    .describe('pause before a delivery is tried again, in milliseconds; it doubles each time'),
  LATER_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(5_000)
    .describe('how long disputes and slow refunds take to come by themselves, in milliseconds'),
});
export type PaymentsEnvironment = z.infer<typeof paymentsEnvironment>;

export const storageEnvironment = z.object({
  ...common,
  MEDIA_PORT: port.describe('port of the public, read-only door to the bucket media'),
  DATA_DIR: z.string().describe('folder of the objects, made when absent'),
  S3_ACCESS_KEY_ID: secret.describe('access key that may use the S3 port'),
  S3_SECRET_ACCESS_KEY: secret.describe('its secret'),
});
export type StorageEnvironment = z.infer<typeof storageEnvironment>;

export const mailEnvironment = z.object({
  ...common,
  SMTP_PORT: port.describe('port that accepts mail'),
  DATA_DIR: z.string().describe('folder of the messages, made when absent'),
});
export type MailEnvironment = z.infer<typeof mailEnvironment>;

/** Checks `source` against `schema` and answers the values, or one message that names everything missing or wrong. */
export function checkEnvironment<Shape extends z.ZodRawShape>(
  program: string,
  schema: z.ZodObject<Shape>,
  source: NodeJS.ProcessEnv,
): { values: z.infer<z.ZodObject<Shape>> } | { problem: string } {
  // A name set to nothing is as good as missing.
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return { values: result.data };

  const lines = new Map<string, string>();
  for (const issue of result.error.issues) {
    const name = String(issue.path[0]);
    if (lines.has(name)) continue;
    const where = issue.path.slice(1).join('.');
    const wrong = name in given ? `${issue.message}${where ? ` (at ${where})` : ''}` : 'is missing';
    const purpose = (schema.shape[name] as z.ZodType | undefined)?.description ?? '';
    lines.set(name, `  ${name}: ${wrong}. It is ${purpose}.`);
  }
  return { problem: `${program} can't start, its environment is wrong:\n${[...lines.values()].join('\n')}` };
}

/** As `checkEnvironment`, and ends the process with code 78 when something is wrong. */
export function readEnvironment<Shape extends z.ZodRawShape>(program: string, schema: z.ZodObject<Shape>) {
  const result = checkEnvironment(program, schema, process.env);
  if ('values' in result) return result.values;
  process.stderr.write(`${result.problem}\n`);
  process.exit(EXIT_ENVIRONMENT);
}
