import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readEnvironment as readCms } from '../../cms/src/environment.ts';
import { checkEnvironment as checkCommerce } from '../../commerce/src/environment.ts';
import {
  checkEnvironment as checkRealtime,
  migrateEnvironment,
  serveEnvironment,
} from '../../realtime/src/environment.ts';
import { portsFrom, ROOT } from '../../scripts/platform/layout.ts';
import { describePrograms } from '../../scripts/platform/programs.ts';
import { readEnvironment as readSite } from '../../site/src/server/environment.ts';

// No container engine runs where these tests do: what is proven is that compose parses, that what it hands to each
// program is what that program accepts in production, and that every name is explained in .env.example.

interface Service {
  build?: { context: string; dockerfile: string };
  environment?: Record<string, string>;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
}

const read = (name: string) => readFileSync(path.join(ROOT, name), 'utf8');
const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
};
const example = read('.env.example');

const receiptKeys = (kid: string) =>
  JSON.stringify([{ kty: 'OKP', crv: 'Ed25519', kid, x: 'x'.repeat(43), d: 'd'.repeat(43) }]);

/** What somebody would fill in. */
const filled: Record<string, string> = Object.fromEntries(
  [...example.matchAll(/^([A-Z0-9_]+)=(.*)$/gm)].map(([, name = '', value]) => [
    name,
    value ||
      (name === 'RECEIPT_KEYS' ? receiptKeys('2026-11') : 'filled-in-by-somebody-with-32-characters-or-more'),
  ]),
);

/** As compose does: `${NAME}`, `${NAME:?}`, `${NAME:-default}`. */
function interpolate(text: string): string {
  return text.replace(/\$\{([A-Z0-9_]+)(?::-([^}]*)|:\?)?\}/g, (_, name: string, fallback?: string) => {
    const value = filled[name] ?? fallback;
    if (value === undefined) throw new Error(`${name} is in docker-compose.yml but not in .env.example`);
    return value;
  });
}

function environmentOf(name: string): Record<string, string> {
  const environment = services[name]?.environment ?? {};
  return Object.fromEntries(
    Object.entries(environment).map(([key, value]) => [key, interpolate(String(value))]),
  );
}

/** Throws what each program says of an environment. */
const programs: Record<string, (environment: Record<string, string>) => void> = {
  site: readSite,
  'site-migrate': readSite,
  cms: readCms,
  'cms-migrate': readCms,
  commerce: checkCommerce,
  'commerce-migrate': checkCommerce,
  realtime: (environment) => {
    const checked = checkRealtime(serveEnvironment, environment);
    if ('problem' in checked) throw new Error(checked.problem);
  },
  'realtime-migrate': (environment) => {
    const checked = checkRealtime(migrateEnvironment, environment);
    if ('problem' in checked) throw new Error(checked.problem);
  },
};

describe('docker-compose.yml', () => {
  test.each(Object.keys(programs))('hands %s an environment that it accepts in production', (name) => {
    const environment = environmentOf(name);
    expect(environment.SOULSEER_ENV).toBe('production');
    programs[name]?.(environment);
  });

  test.each(Object.keys(programs))('hands %s no name less than it needs', (name) => {
    const environment = environmentOf(name);
    const optional = [
      'HOST',
      'LOG_LEVEL',
      'PORT',
      'REDIS_URL',
      'OIDC_CLAIMS_NAMESPACE',
      'CMS_PUBLIC_URL',
      'COMMERCE_PUBLIC_URL',
      'TRUSTED_PROXIES',
      'SOCKET_URL',
      'AGORA_APP_ID',
      'AGORA_APP_CERTIFICATE',
      'ICE_SERVERS',
      'TURN_SECRET',
    ];
    for (const key of Object.keys(environment).filter((key) => !optional.includes(key))) {
      const { [key]: _, ...rest } = environment;
      expect(() => programs[name]?.(rest), key).toThrow(key);
    }
  });

  test('only what has a health check counts as up', () => {
    for (const [name, { healthcheck, depends_on = {} }] of Object.entries(services)) {
      if (!name.endsWith('-migrate')) expect(healthcheck?.test.length, name).toBeGreaterThan(0);
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect(Object.keys(services)).toContain(other);
        expect(condition).toBe(
          other.endsWith('-migrate') ? 'service_completed_successfully' : 'service_healthy',
        );
      }
    }
  });

  test('names files that there are, and images that are not built as root', () => {
    for (const { build, volumes = [] } of Object.values(services)) {
      for (const volume of volumes.filter((volume) => volume.startsWith('./'))) {
        expect(existsSync(path.join(ROOT, volume.split(':')[0] ?? '')), volume).toBe(true);
      }
      if (!build) continue;
      const dockerfile = read(build.dockerfile);
      expect(dockerfile).toMatch(/^USER node$/m);
      expect(dockerfile.match(/^FROM /gm)).toHaveLength(2);
    }
  });
});

describe('production', () => {
  const sandbox = describePrograms(
    portsFrom(4320),
    new Proxy({} as never, {
      get: (_, name) => (name === 'receipt_keys' ? receiptKeys('sandbox-1') : `sandbox-${'0'.repeat(48)}`),
    }),
  );

  test.each(['site', 'cms', 'commerce', 'realtime'] as const)(
    '%s refuses what the sandbox gives it, naming every name',
    (name) => {
      const environment = sandbox[name].env;
      expect(() => programs[name]?.(environment)).not.toThrow();
      const refused = Object.keys(environment).filter((key) =>
        /_URL$|_ENDPOINT$|_ISSUER$|SECRET|ACCESS_KEY|SERVICE_KEY|RECEIPT_KEYS/.test(key),
      );
      for (const key of refused) {
        expect(() => programs[name]?.({ ...environment, SOULSEER_ENV: 'production' })).toThrow(key);
      }
      expect(refused.length).toBeGreaterThan(1);
    },
  );
});

describe('.env.example', () => {
  test('explains every name that a program is given', () => {
    const given = Object.keys(programs).flatMap((name) => Object.keys(environmentOf(name)));
    for (const name of new Set(given)) expect(example, name).toMatch(new RegExp(`^(# )?${name}=`, 'm'));
  });

  test('holds no secret, and marks what is one', () => {
    for (const name of Object.keys(filled).filter((name) =>
      /PASSWORD|SECRET|ACCESS_KEY|SERVICE_KEY|RECEIPT_KEYS/.test(name),
    )) {
      expect(example).toMatch(new RegExp(`^${name}=$`, 'm'));
    }
  });
});

describe('Procfile', () => {
  const lines = read('Procfile').trim().split('\n');

  test('names scripts that there are, and migrates in its release phase', () => {
    for (const [, program = '', script = ''] of read('Procfile').matchAll(/pnpm --filter (\w+) (\w+)/g)) {
      const { scripts } = JSON.parse(read(`${program}/package.json`)) as { scripts: Record<string, string> };
      expect(scripts[script], `${program} ${script}`).toBeDefined();
    }
    expect(lines[0]).toMatch(/^release: .*realtime migrate.*cms migrate.*commerce migrate.*site migrate/);
  });

  test('gives each program the database that is its own', () => {
    const given = [...read('Procfile').matchAll(/DATABASE_URL=\$(\w+)_DATABASE_URL pnpm --filter (\w+) /g)];
    expect(given).toHaveLength(8);
    for (const [, name = '', program] of given) {
      expect(name.toLowerCase()).toBe(program);
      expect(example).toMatch(new RegExp(`^# ${name}_DATABASE_URL=`, 'm'));
    }
  });
});

describe('documents', () => {
  test('.env.example knows every name that the scripts read', () => {
    const files = readdirSync(path.join(ROOT, 'scripts'), { recursive: true, encoding: 'utf8' });
    const names = files
      .filter((file) => /\.(ts|cjs)$/.test(file))
      .flatMap((file) => [
        ...read(`scripts/${file}`).matchAll(/process\.env\.(SOULSEER_\w+|CHROMIUM_PATH|REDIS_SERVER_PATH)/g),
      ])
      .map(([, name]) => name)
      .filter((name) => name !== 'SOULSEER_LAUNCHER_PID'); // Set by the launcher, for its own processes.
    expect(names.length).toBeGreaterThan(3);
    for (const name of new Set(names)) expect(example).toMatch(new RegExp(`^# ${name}=`, 'm'));
  });

  test.each(['README.md', 'ARCHITECTURE.md'])('every file that %s links to is there', (document) => {
    const links = [...read(document).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link = '']) => link);
    for (const link of links) expect(existsSync(path.join(ROOT, link)), link).toBe(true);
  });
});
