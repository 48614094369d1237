import { isIP } from 'node:net';
import { z } from 'zod';

/** Exit code for a wrong configuration (`EX_CONFIG` of sysexits). */
const EXIT_CONFIGURATION = 78;

/** What a name is for, and whether production may be given a value out of the sandbox. */
interface Entry {
  purpose: string;
  schema: z.ZodType<string | undefined>;
  secret?: boolean;
  address?: boolean;
  /** An address that browsers open. */
  public?: boolean;
  /** There is none in production. */
  sandbox?: boolean;
}

/** What drivers read out of an address's query instead of the address itself. */
const OVERRIDES = ['host', 'hostaddr', 'port', 'user', 'password'];

const text = z.string().trim().min(1, 'is empty');
const postgresUrl = z
  .string()
  .refine((it) => hasHost(it, /^postgres(ql)?:$/), 'is not a postgres:// address');
const redisUrl = z.string().refine((it) => hasHost(it, /^rediss?:$/), 'is not a redis:// address');
const origin = z
  .string()
  .refine(isOrigin, 'is not an origin such as https://example.org (no path, no slash at the end)');
const httpUrl = z
  .string()
  .refine(isHttpUrl, 'is not an http:// or https:// address without a slash at the end');
const port = z
  .string()
  .regex(/^\d{1,5}$/, 'is not a port number')
  .refine(isPort, 'is not a port number');
const longSecret = z.string().min(16, 'is shorter than 16 characters');
/** The issuer exactly as in its tokens: Auth0 ends it with a slash. */
const issuer = z.string().refine(isIssuer, 'is not an http:// or https:// address without a query');
/** One secret or several with commas between, each long enough. */
const serviceKey = z
  .string()
  .refine((it) => secretsIn(it).length > 0, 'is empty')
  .refine((it) => secretsIn(it).every((one) => one.length >= 32), 'has a secret shorter than 32 characters');

const entries = {
  SOULSEER_ENV: { purpose: 'development or production', schema: z.enum(['development', 'production']) },
  HOST: { purpose: 'address to listen on', schema: text.default('127.0.0.1') },
  PORT: { purpose: 'port to listen on', schema: port },
  LOG_LEVEL: {
    purpose: 'least important log level that is written',
    schema: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  },
  DATABASE_URL: {
    purpose: 'Postgres database of the shop',
    schema: postgresUrl,
    address: true,
  },
  REDIS_URL: {
    purpose: 'Redis for events, workflows, cache and locks, where there are several nodes (optional)',
    schema: redisUrl.optional(),
    address: true,
  },
  JWT_SECRET: { purpose: 'signs access tokens', schema: longSecret, secret: true },
  COOKIE_SECRET: { purpose: 'signs session cookies', schema: longSecret, secret: true },
  COMMERCE_URL: { purpose: 'public origin of this program', schema: origin, address: true, public: true },
  SITE_URL: {
    purpose: 'public origin of the site, which may call the store API',
    schema: origin,
    address: true,
    public: true,
  },
  CMS_URL: {
    purpose: 'origin of the CMS, which knows who somebody is',
    schema: origin,
    address: true,
  },
  REALTIME_URL: {
    purpose: 'origin of realtime, which keeps money and the audit log',
    schema: origin,
    address: true,
  },
  OIDC_ISSUER: {
    purpose: 'issuer of access tokens, exactly as it stands in them',
    schema: issuer,
    address: true,
    public: true,
  },
  OIDC_AUDIENCE: { purpose: 'audience of access tokens', schema: text },
  OIDC_CLIENT_ID: { purpose: 'this program at the issuer, for staff to sign in', schema: text },
  OIDC_CLIENT_SECRET: { purpose: 'its secret there', schema: longSecret, secret: true },
  OIDC_CLAIMS_NAMESPACE: {
    purpose: 'what stands before the names of our own claims, as Auth0 wants it (optional)',
    schema: text.optional(),
  },
  SERVICE_KEY_CMS_TO_COMMERCE: {
    purpose: 'signs what the CMS tells of people; several with commas between while it is changed',
    schema: serviceKey,
    secret: true,
  },
  SERVICE_KEY_COMMERCE_TO_CMS: {
    purpose: 'signs our questions to the CMS; the first of several signs',
    schema: serviceKey,
    secret: true,
  },
  SERVICE_KEY_COMMERCE_TO_REALTIME: {
    purpose: 'signs our calls to realtime; the first of several signs',
    schema: serviceKey,
    secret: true,
  },
  STRIPE_SECRET_KEY: { purpose: 'secret key of the Stripe account', schema: longSecret, secret: true },
  STRIPE_WEBHOOK_SECRET: {
    purpose: 'signs what Stripe sends to /stripe/webhook; several with commas between while it is changed',
    schema: longSecret,
    secret: true,
  },
  STRIPE_API_URL: {
    purpose: 'a stand-in for Stripe’s API, never in production (optional)',
    schema: origin.optional(),
    sandbox: true,
  },
  TRUSTED_PROXIES: {
    purpose: 'the proxies whose X-Forwarded-For is believed; this machine and private networks unless said',
    schema: z
      .string()
      .refine(isProxyList, 'is not a comma list of addresses and ranges, such as 10.0.0.0/8,2001:db8::1')
      .default('loopback,linklocal,uniquelocal'),
  },
  S3_ENDPOINT: { purpose: 'address of the S3 storage', schema: httpUrl, address: true },
  S3_REGION: { purpose: 'region of the S3 storage', schema: text },
  S3_ACCESS_KEY_ID: { purpose: 'key id for the S3 storage', schema: text, secret: true },
  S3_SECRET_ACCESS_KEY: { purpose: 'key for the S3 storage', schema: text, secret: true },
  S3_MEDIA_BUCKET: { purpose: 'bucket for public pictures', schema: text },
  S3_PRIVATE_BUCKET: {
    purpose: 'bucket for files that are sold, which nobody reads but by a signed link',
    schema: text,
  },
  MEDIA_URL: { purpose: 'public address of that bucket', schema: httpUrl, address: true, public: true },
} satisfies Record<string, Entry>;

const seedEntries = {
  SEED_PUBLISHABLE_KEY: {
    purpose: 'publishable key that the site will use (optional, made if missing)',
    schema: z
      .string()
      .regex(/^pk_[0-9a-f]{64}$/, 'is not pk_ with 64 lower-case hexadecimal digits')
      .optional(),
  },
} satisfies Record<string, Entry>;

type Checked<T extends Record<string, Entry>> = { [K in keyof T]: z.infer<T[K]['schema']> };

/** The checked environment of the server and of the migration. */
export type Environment = Checked<typeof entries>;
/** The checked environment of the seed: the server's and its own names. */
export type SeedEnvironment = Environment & Checked<typeof seedEntries>;

/** Every name that is missing or wrong, one line each, in one message. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';

  constructor(readonly problems: readonly string[]) {
    super(`The environment of commerce is not complete:\n${problems.map((line) => `  ${line}`).join('\n')}`);
  }
}

/**
 * Checks the server's whole environment.
 * @throws {EnvironmentError} naming everything that is missing or wrong, at once.
 */
export function checkEnvironment(source: NodeJS.ProcessEnv): Environment {
  return check(entries, source);
}

/**
 * Checks the seed's whole environment.
 * @throws {EnvironmentError} as above, and when `SOULSEER_ENV` is production: a shop's real data is not to be seeded.
 */
export function checkSeedEnvironment(source: NodeJS.ProcessEnv): SeedEnvironment {
  if (source.SOULSEER_ENV === 'production') {
    throw new EnvironmentError(['SOULSEER_ENV: the seed is demo data and is never put into production']);
  }
  return check({ ...entries, ...seedEntries }, source);
}

/** Runs a check of the environment, and ends the process with code 78 and the whole message when it fails. */
export function orExit<T>(checkIt: () => T): T {
  try {
    return checkIt();
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CONFIGURATION);
  }
}

function check<T extends Record<string, Entry>>(names: T, source: NodeJS.ProcessEnv): Checked<T> {
  const problems: string[] = [];
  const values: Record<string, string | undefined> = {};
  for (const [name, entry] of Object.entries<Entry>(names)) {
    // An empty value is how compose files and shells spell "not set".
    const given = source[name] === '' ? undefined : source[name];
    const result = entry.schema.safeParse(given);
    if (!result.success) {
      const what = given === undefined ? 'is missing' : (result.error.issues[0]?.message ?? 'is wrong');
      problems.push(`${name}: ${what} (${entry.purpose})`);
      continue;
    }
    values[name] = result.data;
    if (source.SOULSEER_ENV !== 'production' || result.data === undefined) continue;
    const refusal = refusedInProduction(entry, result.data);
    if (refusal) problems.push(`${name}: ${refusal} (${entry.purpose})`);
  }
  if (problems.length > 0) throw new EnvironmentError(problems);
  return values as Checked<T>;
}

/** Why production refuses a value, or nothing. */
function refusedInProduction(entry: Entry, value: string): string | undefined {
  if (entry.sandbox) return 'is for the sandbox alone, refused in production';
  if (entry.secret && secretsIn(value).some((one) => one.startsWith('sandbox')))
    return 'is a sandbox secret, refused in production';
  if (!entry.address) return undefined;
  const url = new URL(value);
  const override = OVERRIDES.find((one) => url.searchParams.has(one));
  if (override) return `says "${override}" in its query, refused in production`;
  if (decode(url.password).startsWith('sandbox')) return 'holds a sandbox secret, refused in production';
  if (isThisMachine(url.hostname)) return 'is an address of this machine, refused in production';
  if (entry.public && url.protocol !== 'https:') return 'must be https in production';
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

function hasHost(value: string, protocol: RegExp): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol: given, host } = new URL(value);
  return protocol.test(given) && URL.canParse(`http://${host}`);
}

function isHttpUrl(value: string): boolean {
  return /^https?:\/\//.test(value) && URL.canParse(value) && !value.endsWith('/');
}

function isIssuer(value: string): boolean {
  return /^https?:\/\//.test(value) && URL.canParse(value) && !/[?#\s]/.test(value);
}

function secretsIn(value: string): string[] {
  return value
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
}

function isProxyList(value: string): boolean {
  return value.split(',').every((part) => {
    const [address = '', bits = '0', more] = part.trim().split('/');
    const most = isIP(address) === 6 ? 128 : 32;
    return isIP(address) !== 0 && more === undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
  });
}

function isOrigin(value: string): boolean {
  return isHttpUrl(value) && new URL(value).origin === value;
}

function isPort(value: string): boolean {
  return Number(value) >= 1 && Number(value) <= 65_535;
}
