import { isIP } from 'node:net';
import { z } from 'zod';

/** Names and addresses of this machine, as `URL` writes them: also the unspecified ones, and IPv4 mapped to IPv6. */
const thisMachine =
  /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\]|\[::ffff:(7f[\da-f]{2}:[\da-f]{1,4}|0:0)\])$/;

const origin = z.url({ protocol: /^https?$/, error: 'is not an http(s) address' }).refine(
  (value) => {
    const url = new URL(value);
    return url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  },
  { error: 'is to be an origin only, such as https://example.org, without a path' },
);

const postgresUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// address' })
  .refine((value) => URL.parse(value)?.username !== '', { error: 'names no user' })
  .refine((value) => (URL.parse(value)?.pathname ?? '').length > 1, { error: 'names no database' });

/** One secret, or several with commas between: the first is used, all are believed. */
const secrets = z
  .string()
  .transform((value) =>
    value
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
  )
  .refine((list) => list.length > 0 && list.every((one) => one.length >= 32), {
    error: 'is too short: each secret has at least 32 characters',
  });

/** Addresses or networks with commas between, such as `10.0.0.0/8, 2001:db8::1`. */
const networks = z
  .string()
  .default('')
  .transform((value) =>
    value
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
  )
  .refine((list) => list.every(isNetwork), {
    error: 'is to be IP addresses or networks with commas between',
  });

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** What each name is for, told to whoever has to set it. */
const purposes = {
  SOULSEER_ENV: 'development or production',
  HOST: 'address to listen on',
  PORT: 'port to listen on',
  LOG_LEVEL: 'how much is logged',
  SITE_URL: "the site's own public origin",
  CMS_URL: 'where readers, articles and pages come from',
  COMMERCE_URL: 'where the shop is',
  CMS_PUBLIC_URL: 'where people open the CMS admin, when that is elsewhere than CMS_URL',
  COMMERCE_PUBLIC_URL: 'where people open the shop admin, when that is elsewhere than COMMERCE_URL',
  REALTIME_URL: 'where /api is passed on to',
  MEDIA_URL: 'public origin of pictures',
  SOCKET_URL: 'where browsers open the socket, when that is not /socket of SITE_URL',
  AGORA_APP_ID: "lets the room's page speak with Agora, when realtime meets there",
  DATABASE_URL: "the site's own database",
  REDIS_URL: 'where limits are counted, instead of in the database',
  SESSION_SECRET: 'encrypts the sessions of browsers',
  OIDC_ISSUER: 'who signs people in, exactly as it stands in tokens',
  OIDC_AUDIENCE: 'whom access tokens are meant for',
  OIDC_CLIENT_ID: "the site's client at the issuer",
  OIDC_CLIENT_SECRET: 'its secret',
  OIDC_CLAIMS_NAMESPACE: 'what stands before claims of ours, where the issuer wants that',
  SERVICE_KEY_CMS_TO_SITE: 'the CMS signs its calls here with it',
  SERVICE_KEY_SITE_TO_CMS: 'signs calls to the CMS',
  SERVICE_KEY_SITE_TO_REALTIME: 'signs calls to realtime',
  TRUSTED_PROXIES: 'whose X-Forwarded-For is believed',
} as const;

const shape = z.object({
  SOULSEER_ENV: z.enum(['development', 'production']),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  SITE_URL: origin,
  CMS_URL: origin,
  COMMERCE_URL: origin,
  CMS_PUBLIC_URL: origin.optional(),
  COMMERCE_PUBLIC_URL: origin.optional(),
  REALTIME_URL: origin,
  MEDIA_URL: origin,
  SOCKET_URL: z.url({ protocol: /^wss?$/, error: 'is not a ws:// or wss:// address' }).optional(),
  AGORA_APP_ID: z.string().optional(),
  DATABASE_URL: postgresUrl,
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'is not a redis:// address' }).optional(),
  SESSION_SECRET: secrets,
  OIDC_ISSUER: z.url({ protocol: /^https?$/, error: 'is not an http(s) address' }),
  OIDC_AUDIENCE: z.string().min(1),
  OIDC_CLIENT_ID: z.string().min(1),
  OIDC_CLIENT_SECRET: z.string().min(1),
  OIDC_CLAIMS_NAMESPACE: z.url({ error: 'is not an address such as https://example.org/' }).optional(),
  SERVICE_KEY_CMS_TO_SITE: secrets,
  SERVICE_KEY_SITE_TO_CMS: secrets,
  SERVICE_KEY_SITE_TO_REALTIME: secrets,
  TRUSTED_PROXIES: networks,
});

/** The site's whole environment, checked. Addresses are origins without a trailing slash. */
export type Environment = z.infer<typeof shape>;

type Name = keyof Environment;
const origins = [
  'SITE_URL',
  'CMS_URL',
  'COMMERCE_URL',
  'REALTIME_URL',
  'MEDIA_URL',
] as const satisfies Name[];
/** What production refuses when it is an address of this machine. */
const addresses = [
  ...origins,
  'CMS_PUBLIC_URL',
  'COMMERCE_PUBLIC_URL',
  'SOCKET_URL',
  'DATABASE_URL',
  'REDIS_URL',
  'OIDC_ISSUER',
] as const satisfies Name[];
const secure = [
  'SITE_URL',
  'MEDIA_URL',
  'CMS_PUBLIC_URL',
  'COMMERCE_PUBLIC_URL',
  'SOCKET_URL',
  'OIDC_ISSUER',
] as const satisfies Name[];
const secret = [
  'SESSION_SECRET',
  'OIDC_CLIENT_SECRET',
  'SERVICE_KEY_CMS_TO_SITE',
  'SERVICE_KEY_SITE_TO_CMS',
  'SERVICE_KEY_SITE_TO_REALTIME',
] as const satisfies Name[];
/** What drivers read out of an address's query instead of the address itself. */
const overrides = ['host', 'hostaddr', 'port', 'user', 'password'];

/** Names everything that is missing or wrong, one line each. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/**
 * Checks the environment, all of it, before anything starts.
 *
 * @throws {EnvironmentError} naming every value that is missing or wrong, and what it is for.
 */
export function readEnvironment(source: Record<string, string | undefined>): Environment {
  const problems = new Map<Name, string>();
  const values = Object.fromEntries(Object.keys(purposes).map((name) => [name, source[name] || undefined]));
  const parsed = shape.safeParse(values);
  for (const issue of parsed.error?.issues ?? []) {
    const name = issue.path[0] as Name;
    if (!problems.has(name)) problems.set(name, values[name] === undefined ? 'is missing' : sentence(issue));
  }
  if (values.SOULSEER_ENV === 'production') {
    for (const name of secret) {
      if (!problems.has(name) && isOfSandbox(values[name] ?? ''))
        problems.set(name, 'is a secret of the sandbox, which production refuses');
    }
    for (const name of addresses) {
      const refusal = refusedAddress(
        values[name] ?? '',
        secure.some((other) => other === name),
      );
      if (refusal && !problems.has(name)) problems.set(name, refusal);
    }
  }
  if (!parsed.success || problems.size > 0) {
    const width = Math.max(...[...problems.keys()].map((name) => name.length));
    const lines = [...problems].map(
      ([name, wrong]) => `  ${name.padEnd(width)}  ${wrong} (${purposes[name]})`,
    );
    throw new EnvironmentError(`site can't start, its environment is not complete:\n${lines.join('\n')}`);
  }
  const environment = parsed.data;
  for (const name of origins) environment[name] = new URL(environment[name]).origin;
  return environment;
}

const isOfSandbox = (value: string): boolean =>
  value.split(',').some((one) => one.trim().startsWith('sandbox'));

/** Why production refuses an address, or nothing. */
function refusedAddress(value: string, mustBeSecure: boolean): string | undefined {
  const url = URL.parse(value);
  if (!url) return undefined;
  const override = overrides.find((one) => url.searchParams.has(one));
  if (override) return `says “${override}” in its query, which production refuses`;
  if (decode(url.password).startsWith('sandbox'))
    return 'holds a secret of the sandbox, which production refuses';
  // Read again as http, for which alone URL knows that 127.1 is 127.0.0.1.
  const host = URL.parse(`http://${url.hostname}`)?.hostname.replace(/\.+$/, '');
  if (host === undefined || thisMachine.test(host))
    return 'is an address of this machine, which production refuses';
  if (mustBeSecure && !/^(https|wss):$/.test(url.protocol))
    return `is to be ${url.protocol === 'ws:' ? 'wss' : 'https'} in production`;
  return undefined;
}

/** As drivers read it: what is no percent-encoding stays as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `is to be one of: ${issue.values.join(', ')}`;
  if (issue.path[0] === 'PORT') return 'is to be a whole number from 0 to 65535';
  return issue.message;
}

/** Where browsers open the socket: realtime stands behind the site's own address unless said otherwise. */
export const socketUrl = ({ SOCKET_URL, SITE_URL }: Pick<Environment, 'SOCKET_URL' | 'SITE_URL'>): string =>
  SOCKET_URL ?? `${SITE_URL.replace(/^http/, 'ws')}/socket`;
