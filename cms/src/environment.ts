import { z } from 'zod';
import { proxyList, USUAL_PROXIES } from './protection/address.ts';

/** Everything that the CMS is told from outside. Nothing else reads `process.env`. */
export type Environment = z.infer<typeof schema>;

/** Why the environment can't be used: one line a name, all at once. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError';
}

/** Exit code for a wrong configuration (sysexits EX_CONFIG): restarting won't help. */
export const EXIT_CONFIGURATION = 78;

const present = (purpose: string, length = 1) =>
  z
    .string({ error: 'is missing' })
    .min(length, length > 1 ? `is shorter than ${length} characters` : 'is empty')
    .describe(purpose);

/** Kept without a slash at the end, so that it can be compared and joined. */
const address = (purpose: string, protocols = /^https?:$/) =>
  z
    .string({ error: 'is missing' })
    .refine(
      (value) => URL.canParse(value) && protocols.test(new URL(value).protocol),
      'is not an address of the right kind',
    )
    .transform((value) => value.replace(/\/$/, ''))
    .describe(purpose);

const origin = (purpose: string) =>
  address(purpose)
    .refine(
      (value) => !URL.canParse(value) || new URL(value).origin === value.toLowerCase(),
      'is not an origin (no path, no default port)',
    )
    .describe(purpose);

/** One secret or several with commas between, so that a key can be changed without a gap. */
const serviceKey = (purpose: string) =>
  z
    .string({ error: 'is missing' })
    .refine(
      (value) => value.split(',').every((secret) => secret.trim().length >= 32),
      'is shorter than 32 characters, or one of several is',
    )
    .describe(purpose);

const schema = z.object({
  SOULSEER_ENV: z
    .enum(['development', 'production'], { error: "must be 'development' or 'production'" })
    .describe('whether this is a real installation; production refuses sandbox secrets and addresses'),
  HOST: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
  PORT: z.coerce
    .number({ error: 'is not a port' })
    .int()
    .min(0)
    .max(65535)
    .default(4322)
    .describe('port to listen on'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { error: 'is not a log level' })
    .default('info')
    .describe('least level that is logged'),
  DATABASE_URL: address("Postgres address of the CMS's own database", /^postgres(ql)?:$/),
  PAYLOAD_SECRET: present('signs sign-in cookies, at least 16 characters', 16),
  CMS_URL: origin('public origin of the CMS'),
  SITE_URL: origin('public origin of the site, which may call the API'),
  REALTIME_URL: address('where realtime is told of people and readers, of mails and acts'),
  COMMERCE_URL: address('where the shop is told of people'),
  S3_ENDPOINT: address('storage for pictures'),
  S3_REGION: present('region of the storage'),
  S3_ACCESS_KEY_ID: present('key of the storage'),
  S3_SECRET_ACCESS_KEY: present('secret of the storage'),
  S3_MEDIA_BUCKET: present('bucket of public pictures'),
  MEDIA_URL: address('public address below which that bucket can be read'),
  S3_PRIVATE_BUCKET: present('bucket of documents that nobody reads but staff'),
  OIDC_ISSUER: z
    .string({ error: 'is missing' })
    .refine(
      (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
      'is not an address of the right kind',
    )
    .describe('issuer of tokens, exactly as it stands in them'),
  OIDC_AUDIENCE: present('audience of access tokens'),
  OIDC_CLIENT_ID: present("the CMS's client at the issuer"),
  OIDC_CLIENT_SECRET: present('its secret'),
  OIDC_CLAIMS_NAMESPACE: z
    .string()
    .optional()
    .describe('what the issuer puts before the names of claims such as email, where it does'),
  SERVICE_KEY_CMS_TO_REALTIME: serviceKey('signs calls to realtime'),
  SERVICE_KEY_CMS_TO_COMMERCE: serviceKey('signs calls to the shop'),
  SERVICE_KEY_CMS_TO_SITE: serviceKey('signs calls to the site'),
  SERVICE_KEY_REALTIME_TO_CMS: serviceKey('by which realtime signs its calls'),
  SERVICE_KEY_SITE_TO_CMS: serviceKey('by which the site signs its calls'),
  SERVICE_KEY_COMMERCE_TO_CMS: serviceKey('by which the shop signs its calls'),
  TRUSTED_PROXIES: z
    .string()
    .default(USUAL_PROXIES.join(','))
    .transform((value, context) => {
      const list = proxyList(value);
      if (list) return list;
      context.addIssue({ code: 'custom', message: 'is no list of addresses or networks' });
      return z.NEVER;
    })
    .describe('addresses and networks whose X-Forwarded-For is believed, with commas between'),
});

type Name = keyof Environment;
/** Each of them, or each of several in one with commas between. */
const SECRETS: readonly Name[] = [
  'PAYLOAD_SECRET',
  'S3_ACCESS_KEY_ID',
  'S3_SECRET_ACCESS_KEY',
  'OIDC_CLIENT_SECRET',
  'SERVICE_KEY_CMS_TO_REALTIME',
  'SERVICE_KEY_CMS_TO_COMMERCE',
  'SERVICE_KEY_CMS_TO_SITE',
  'SERVICE_KEY_REALTIME_TO_CMS',
  'SERVICE_KEY_SITE_TO_CMS',
  'SERVICE_KEY_COMMERCE_TO_CMS',
];
const ADDRESSES: readonly Name[] = [
  'DATABASE_URL',
  'CMS_URL',
  'SITE_URL',
  'REALTIME_URL',
  'COMMERCE_URL',
  'S3_ENDPOINT',
  'MEDIA_URL',
  'OIDC_ISSUER',
];
/** What browsers open. */
const PUBLIC: readonly Name[] = ['CMS_URL', 'SITE_URL', 'MEDIA_URL', 'OIDC_ISSUER'];
/** What drivers read out of an address's query instead of the address itself. */
const OVERRIDES = ['host', 'hostaddr', 'port', 'user', 'password'];

/**
 * Checks the whole environment.
 * @throws EnvironmentError naming everything that is missing or wrong, and what each is for.
 */
export function readEnvironment(source: Record<string, string | undefined>): Environment {
  // An empty value is what a forgotten line in an env file gives: the same as none.
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  const problems = new Map<string, string>();
  for (const issue of result.error?.issues ?? []) {
    const name = String(issue.path[0]);
    if (!problems.has(name)) problems.set(name, issue.message);
  }
  if (given.SOULSEER_ENV === 'production') {
    for (const [name, reason] of forbiddenInProduction(given))
      if (!problems.has(name)) problems.set(name, reason);
  }
  if (result.success && problems.size === 0) return result.data;

  const lines = [...problems].map(
    ([name, reason]) => `  ${name} ${reason}: ${schema.shape[name as Name].description}`,
  );
  throw new EnvironmentError(`cms cannot start, its environment is not right:\n${lines.join('\n')}`);
}

function forbiddenInProduction(given: Record<string, string | undefined>): [string, string][] {
  const found: [string, string][] = [];
  for (const name of SECRETS) {
    if (given[name]?.split(',').some((secret) => secret.trim().startsWith('sandbox')))
      found.push([name, 'is a sandbox secret, which production refuses']);
  }
  for (const name of ADDRESSES) {
    const url = URL.parse(given[name] ?? '');
    const reason = url && forbiddenAddress(name, url);
    if (reason) found.push([name, reason]);
  }
  return found;
}

function forbiddenAddress(name: Name, url: URL): string | undefined {
  const override = OVERRIDES.find((one) => url.searchParams.has(one));
  if (override) return `says "${override}" in its query, which production refuses`;
  // The password in a database's address is a secret as well.
  if (decode(url.password).startsWith('sandbox')) return 'holds a sandbox password, which production refuses';
  if (isThisMachine(url.hostname)) return 'points at this very machine, which production refuses';
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

/** Reads this process's environment, or says what is wrong with it and ends the process with code 78. */
export function environmentOrExit(): Environment {
  try {
    return readEnvironment(process.env);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CONFIGURATION);
  }
}

/** Stands in where no address is ever used: while Next builds, and while types or migrations are generated. */
export const UNUSED_ENVIRONMENT: Environment = {
  SOULSEER_ENV: 'development',
  HOST: '127.0.0.1',
  PORT: 4322,
  LOG_LEVEL: 'error',
  DATABASE_URL: 'postgres://unused.invalid/unused',
  PAYLOAD_SECRET: 'unused-while-building',
  CMS_URL: 'http://unused.invalid',
  SITE_URL: 'http://unused.invalid',
  S3_ENDPOINT: 'http://unused.invalid',
  S3_REGION: 'unused',
  S3_ACCESS_KEY_ID: 'unused',
  S3_SECRET_ACCESS_KEY: 'unused',
  S3_MEDIA_BUCKET: 'unused',
  MEDIA_URL: 'http://unused.invalid',
  S3_PRIVATE_BUCKET: 'unused',
  REALTIME_URL: 'http://unused.invalid',
  COMMERCE_URL: 'http://unused.invalid',
  OIDC_ISSUER: 'http://unused.invalid',
  OIDC_AUDIENCE: 'unused',
  OIDC_CLIENT_ID: 'unused',
  OIDC_CLIENT_SECRET: 'unused',
  SERVICE_KEY_CMS_TO_REALTIME: 'unused-while-building',
  SERVICE_KEY_CMS_TO_COMMERCE: 'unused-while-building',
  SERVICE_KEY_CMS_TO_SITE: 'unused-while-building',
  SERVICE_KEY_REALTIME_TO_CMS: 'unused-while-building',
  SERVICE_KEY_SITE_TO_CMS: 'unused-while-building',
  SERVICE_KEY_COMMERCE_TO_CMS: 'unused-while-building',
  TRUSTED_PROXIES: [],
};
