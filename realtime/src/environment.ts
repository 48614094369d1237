/** Every name that realtime reads from its environment, checked as a whole before anything else happens. */

import { z } from 'zod';
import { proxiesOf, USUAL_PROXIES } from './identity/address.ts';
import { parseReceiptKeys } from './receipts/keys.ts';

/** Exit code for a wrong environment (EX_CONFIG of sysexits.h). */
export const EXIT_ENVIRONMENT = 78;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const postgresUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// address' })
  .refine((value) => URL.parse(value)?.username !== '', 'names no user')
  .refine(
    (value) => URL.parse(value)?.pathname !== '' && URL.parse(value)?.pathname !== '/',
    'names no database',
  );
const redisUrl = z.url({ protocol: /^rediss?$/, error: 'is not a redis:// address' });
const origin = z
  .url({ protocol: /^https?$/, error: 'is not an http(s) address' })
  .refine(
    (value) => URL.parse(value)?.origin === value,
    'must be an origin: no path and no slash at the end',
  );

const text = z.string().min(1);
/** One secret or several with commas between, so that a key can be changed without a gap. */
const serviceKey = z
  .string()
  .refine(
    (value) => value.split(',').every((secret) => secret.trim().length >= 32),
    'must be 32 characters or more, each of them where several stand with commas between',
  );

const place = {
  SOULSEER_ENV: z
    .enum(['development', 'production'], { error: 'must be development or production' })
    .describe('which kind of place this is; production refuses secrets and addresses of the sandbox'),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` })
    .default('info')
    .describe('the least level of log line that is written'),
};

/** App id and certificate alike. */
const agora = z
  .string()
  .regex(/^[0-9a-f]{32}$/i, 'must be 32 hexadecimal digits')
  .optional();

export const serveEnvironment = z.object({
  ...place,
  HOST: z.string().default('127.0.0.1').describe('the address to listen on'),
  PORT: z.coerce
    .number({ error: 'is not a number' })
    .int()
    .min(0)
    .max(65_535)
    .describe('the port to listen on'),
  DATABASE_URL: postgresUrl.describe('the database, as the role that runs'),
  SITE_URL: origin.describe('the public origin of the site'),
  CMS_URL: origin.describe('the origin of the CMS, which tells who somebody is'),
  OIDC_ISSUER: z
    .url({ protocol: /^https?$/, error: 'is not an http(s) address' })
    .describe('the issuer of access tokens, exactly as it stands in them'),
  OIDC_AUDIENCE: text.describe('the audience of access tokens'),
  OIDC_CLAIMS_NAMESPACE: z
    .string()
    .optional()
    .describe('what the issuer puts before the names of claims such as email, where it does'),
  SERVICE_KEY_CMS_TO_REALTIME: serviceKey.describe('the key by which the CMS signs its calls to realtime'),
  SERVICE_KEY_COMMERCE_TO_REALTIME: serviceKey.describe(
    'the key by which the shop signs its calls to realtime',
  ),
  SERVICE_KEY_SITE_TO_REALTIME: serviceKey.describe('the key by which the site signs its calls to realtime'),
  SERVICE_KEY_REALTIME_TO_CMS: serviceKey.describe('the key by which realtime signs its calls to the CMS'),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'is not an smtp:// or smtps:// address' })
    .describe('the mail server'),
  MAIL_FROM: z
    .string()
    .regex(
      /^[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>$|^[^<>@\s]+@[^<>@\s]+$/,
      'is not a sender such as SoulSeer <hello@soulseer.example>',
    )
    .describe('the sender of mails'),
  TRUSTED_PROXIES: z
    .string()
    .default(USUAL_PROXIES)
    .refine(
      (value) => proxiesOf(value) !== undefined,
      'is not a comma list of addresses and ranges, such as 10.0.0.0/8,2001:db8::1',
    )
    .describe('the proxies whose X-Forwarded-For is believed'),
  RECEIPT_KEYS: z
    .string()
    .superRefine((value, context) => {
      const parsed = parseReceiptKeys(value);
      if ('wrong' in parsed) context.addIssue({ code: 'custom', message: parsed.wrong });
    })
    .describe('the keys that receipts are signed with: a JSON list of JWKs, the first private one signs'),
  REDIS_URL: redisUrl
    .optional()
    .describe('the Redis over which several nodes speak and count requests, instead of over the database'),
  AGORA_APP_ID: agora.describe('Agora’s app id; without it rooms meet peer to peer'),
  AGORA_APP_CERTIFICATE: agora.describe('Agora’s app certificate'),
  ICE_SERVERS: z
    .string()
    .default('')
    .transform((value) => value.split(',').filter((url) => url !== ''))
    .refine(
      (urls) => urls.every((url) => /^(stun|turns?):[^\s]+$/.test(url)),
      'is not a comma list of stun:, turn: and turns: addresses',
    )
    .describe('the STUN and TURN servers of rooms that meet peer to peer'),
  TURN_SECRET: z
    .string()
    .min(16, 'is shorter than 16 characters')
    .optional()
    .describe('the secret shared with the TURN servers'),
});

export const migrateEnvironment = z.object({
  ...place,
  DATABASE_OWNER_URL: postgresUrl.describe('the database, as the role that owns it and migrates'),
  DATABASE_URL: postgresUrl.describe('the database, as the role that runs and is granted its rights'),
});

/** Those of the service that the seed needs as well. */
export const seedEnvironment = serveEnvironment.pick({
  SOULSEER_ENV: true,
  LOG_LEVEL: true,
  DATABASE_URL: true,
  OIDC_ISSUER: true,
  RECEIPT_KEYS: true,
});

export const verifyEnvironment = z.object({
  ...place,
  DATABASE_URL: postgresUrl.describe('the database, as the role that runs'),
});

/** What browsers open. */
const PUBLIC = ['SITE_URL', 'OIDC_ISSUER'];
/** What drivers read out of an address's query instead of the address itself. */
const OVERRIDES = ['host', 'hostaddr', 'port', 'user', 'password'];

export type Checked<T> = { values: T } | { problem: string };

/** Checks `source` against `schema`: the values, or one message that names everything missing or wrong, a line each. */
export function checkEnvironment<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  source: Record<string, string | undefined>,
): Checked<z.infer<z.ZodObject<Shape>>> {
  const names = Object.keys(schema.shape);
  // A name set to nothing is as good as missing.
  const given = Object.fromEntries(
    names.map((name) => [name, source[name] === '' ? undefined : source[name]]),
  );
  const result = schema.safeParse(given);

  const wrong = new Map<string, string>();
  for (const { path, message } of result.error?.issues ?? []) {
    const name = String(path[0]);
    if (!wrong.has(name)) wrong.set(name, given[name] === undefined ? 'is missing' : message);
  }
  if (given.SOULSEER_ENV === 'production') {
    for (const name of names) {
      const refusal = refusedInProduction(name, given[name] ?? '');
      if (refusal && !wrong.has(name)) wrong.set(name, refusal);
    }
  }
  if (result.success && wrong.size === 0) return { values: result.data };

  const lines = names
    .filter((name) => wrong.has(name))
    .map((name) => `  ${name}: ${wrong.get(name)}. It is ${(schema.shape[name] as z.ZodType).description}.`);
  return { problem: `realtime can't start, its environment is wrong:\n${lines.join('\n')}` };
}

/** As `checkEnvironment` on the process's own, and ends the process with code 78 when something is wrong. */
export function readEnvironment<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
): z.infer<z.ZodObject<Shape>> {
  const result = checkEnvironment(schema, process.env);
  if ('values' in result) return result.values;
  process.stderr.write(`${result.problem}\n`);
  process.exit(EXIT_ENVIRONMENT);
}

/** Why production refuses the value of a name, or nothing. */
function refusedInProduction(name: string, value: string): string | undefined {
  // Of several secrets with commas between, any.
  if (value.split(',').some((one) => one.trim().startsWith('sandbox')))
    return 'is a secret of the sandbox, which production refuses';
  if (name === 'RECEIPT_KEYS' && /"kid"\s*:\s*"sandbox/.test(value))
    return 'holds a key of the sandbox, which production refuses';
  const url = value.includes('://') ? URL.parse(value) : null;
  if (!url) return undefined;
  const override = OVERRIDES.find((one) => url.searchParams.has(one));
  if (override) return `says "${override}" in its query, which production refuses`;
  if (decode(url.password).startsWith('sandbox'))
    return 'holds a secret of the sandbox, which production refuses';
  if (isThisMachine(url.hostname)) return 'is an address of this machine, which production refuses';
  if (PUBLIC.includes(name) && url.protocol !== 'https:') return 'must be https in production';
  return undefined;
}

/** Whether a host is this machine, however it is written; what can't be read as a host, such as a socket, counts too. */
function isThisMachine(hostname: string): boolean {
  // Read again as http, for which alone URL knows that 127.1 is 127.0.0.1.
  const host = URL.parse(`http://${hostname}`)?.hostname.replace(/\.$/, '');
  return (
    host === undefined ||
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    /^(127(\.\d{1,3}){3}|0\.0\.0\.0)$/.test(host) ||
    // ::, ::1, and 0.0.0.0 and 127.0.0.0/8 as IPv6 maps them.
    /^\[::(1|ffff:(0:0|7f[0-9a-f]{2}:[0-9a-f]{1,4}))?\]$/.test(host)
  );
}

/** As drivers read it: what is no percent-encoding stays as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
