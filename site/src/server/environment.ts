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

/** What each name is for, told to whoever has to set it. */
const purposes = {
  SOULSEER_ENV: 'development or production',
  HOST: 'address to listen on',
  PORT: 'port to listen on',
  LOG_LEVEL: 'how much is logged',
  SITE_URL: "the site's own public origin",
  CMS_URL: 'where readers, articles and pages come from',
  COMMERCE_URL: 'where the shop is',
  REALTIME_URL: 'where /api is passed on to',
  MEDIA_URL: 'public origin of pictures',
} as const;

const shape = z.object({
  SOULSEER_ENV: z.enum(['development', 'production']),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  SITE_URL: origin,
  CMS_URL: origin,
  COMMERCE_URL: origin,
  REALTIME_URL: origin,
  MEDIA_URL: origin,
});

/** The site's whole environment, checked. Addresses are origins without a trailing slash. */
export type Environment = z.infer<typeof shape>;

type Name = keyof Environment;
const addresses = [
  'SITE_URL',
  'CMS_URL',
  'COMMERCE_URL',
  'REALTIME_URL',
  'MEDIA_URL',
] as const satisfies Name[];
const secure = ['SITE_URL', 'MEDIA_URL'] as const satisfies Name[];

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
    for (const name of addresses) {
      const value = values[name];
      if (value === undefined || problems.has(name)) continue;
      const { hostname, protocol } = new URL(value);
      if (thisMachine.test(hostname.replace(/\.+$/, '')))
        problems.set(name, 'is an address of this machine, which production refuses');
      else if (protocol !== 'https:' && secure.some((other) => other === name)) {
        problems.set(name, 'is to be https in production');
      }
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
  for (const name of addresses) environment[name] = new URL(environment[name]).origin;
  return environment;
}

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `is to be one of: ${issue.values.join(', ')}`;
  if (issue.path[0] === 'PORT') return 'is to be a whole number from 0 to 65535';
  return issue.message;
}
