import { constants, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Ports, portsFrom, ROOT } from '../scripts/platform/layout.ts';
import { readOrMakeSecrets, type Secrets } from '../scripts/platform/secrets.ts';
import { freePortBase, launch } from '../scripts/testing/platform.ts';

/** A whole platform of the bench's own. */
export interface World {
  /** Where its data, logs and secrets are. */
  home: string;
  /** By which commands find it. */
  env: Record<string, string>;
  ports: Ports;
  secrets: Secrets;
  /** The address of one of its databases, as superuser. */
  database: (name: string) => string;
  /** The process of each of its programs. */
  pids: () => Record<string, number>;
  stop: () => Promise<void>;
}

/**
 * Starts a platform as `npm start` does, with the demo world and data of its own, on ports of its own; from the builds and
 * pictures that this checkout has, where they are as its sources would give them. `at` is a running one to take instead: its
 * home and its port base, as `folder:port`.
 */
export async function startWorld(at: string | undefined): Promise<World> {
  const [given, port] = at?.split(/:(?=\d+$)/) ?? [];
  const home = given ?? mkdtempSync(path.join(tmpdir(), 'soulseer-bench-'));
  const base = port ? Number(port) : await freePortBase(6_200);
  const ports = portsFrom(base);
  // People of a benchmark say by X-Forwarded-For where they are: limits by address hold for each.
  const env = {
    SOULSEER_HOME: home,
    SOULSEER_PORT_BASE: String(base),
    TRUSTED_PROXIES: '127.0.0.1,::1',
  };
  let stop = async () => {};
  if (!given) {
    for (const name of ['builds', 'world']) {
      const from = path.join(ROOT, '.soulseer', name);
      mkdirSync(path.join(home, name));
      if (existsSync(from))
        cpSync(from, path.join(home, name), {
          recursive: true,
          verbatimSymlinks: true,
          mode: constants.COPYFILE_FICLONE,
        });
    }
    console.error('starting a platform …');
    const platform = launch([], { ...env, LOG_LEVEL: 'info' }, (text) => process.stderr.write(text));
    stop = async () => {
      await platform.interrupt();
      rmSync(home, { recursive: true, force: true });
    };
    await platform.ready.catch(async (error: unknown) => {
      await stop();
      throw error;
    });
  }
  const secrets = readOrMakeSecrets(home);
  return {
    home,
    env,
    ports,
    secrets,
    database: (name) =>
      `postgres://postgres:${secrets.postgres_password}@127.0.0.1:${ports.postgres}/${name}`,
    pids: () => JSON.parse(readFileSync(path.join(home, 'processes.json'), 'utf8')) as Record<string, number>,
    stop,
  };
}
